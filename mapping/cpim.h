/* SPDX-License-Identifier: MIT */
/* The message/cpim wrapper (RFC 3862): header fields of its own around one MIME entity. */
#ifndef TOMBOLO_CPIM_H
#define TOMBOLO_CPIM_H

#include "mapping/base/arena.h"
#include "mapping/imdn.h"
#include "mapping/values.h"

enum { MAP_CPIM_FIELDS = 64 }; /* message fields; more: not read */

/* From and To are not read: whom a message is from is what the SIP request's own checks have found out. */
struct map_cpim {
	struct str subject, subject_lang; /* the first one */
	int64_t stamp_ms; /* DateTime; 0: none */
	struct map_imdn_wish wish; /* of the imdn namespace, whatever prefix it has */
	struct s_body inner; /* the wrapped entity */
};
/* REASON_BAD_CONTENT: no such wrapper, or it requires what we do not know (its Require). Strings borrow from
 * `bytes` or live in `a`. */
enum reason map_cpim_read(struct arena *a, struct str bytes, struct map_cpim *out);

/* What is written: the wrapper for `inner` with its wish. from and to: the parties as people. unix_ms: when. */
struct map_cpim_order {
	const struct s_uri *from, *to;
	int64_t unix_ms;
	struct map_imdn_wish wish; /* id: imdn.Message-ID; an IMDN itself has one and wishes for nothing */
	bool notification; /* inner is an IMDN (RFC 5438 7.2.1.1) */
};
struct s_body map_cpim_write(struct arena *a, const struct map_cpim_order *order, const struct s_body *inner);

#endif

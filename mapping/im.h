/* SPDX-License-Identifier: MIT */
/* What an instant message body is, by content type, not by method. */
#ifndef TOMBOLO_IM_H
#define TOMBOLO_IM_H

#include "mapping/base/arena.h"
#include "mapping/imdn.h"
#include "mapping/profile.h"
#include "mapping/typing.h"
#include "mapping/values.h"

enum { MAP_IM_DEPTH = 4 }; /* wrappers and multiparts inside each other; deeper: unsupported */

enum map_im_kind {
	MAP_IM_TEXT,
	MAP_IM_TYPING,
	MAP_IM_REPORT, /* an IMDN about a message of ours */
	MAP_IM_NOTHING, /* to be answered 2xx and ignored: an empty body, a Microsoft delivery report, conversation info */
	MAP_IM_UNSUPPORTED, /* 415 */
	MAP_IM_KINDS
};
struct map_im {
	enum map_im_kind kind;
	struct str text; /* UTF-8, LF; kind TEXT, never empty */
	struct str subject, lang; /* kind TEXT: said inside of the body; empty: not said there */
	int64_t stamp_ms; /* kind TEXT: when it was written, said inside of the body; Unix, 0: not said */
	struct map_imdn_wish wish; /* kind TEXT */
	struct map_imdn report; /* kind REPORT, never of status NONE */
	enum map_typing typing; /* kind TYPING */
	unsigned refresh_s;
	struct str
		offer; /* kind UNSUPPORTED: what a person wanted to hand over ("a file"); empty: nothing anybody misses */
};
/* Of several parts that say the same the plain one is taken: nothing of it is lost. REASON_NONE, or REASON_BAD_CONTENT /
 * REASON_BAD_CHARSET with kind UNSUPPORTED. */
enum reason map_im_s2x(struct arena *a, const struct s_body *body, struct map_im *out);

/* What an XMPP message says in plain text; empty: nothing. A correction (XEP-0308) is a text that says so, a reaction
 * (XEP-0444) without a body of its own one short line; one that was taken back says nothing. */
struct str map_im_words(struct arena *a, const struct x_message *m);
/* The text of an XMPP message as a body: text/plain; charset=UTF-8, CRLF. */
struct s_body map_im_x2s(struct arena *a, const struct x_message *m);
/* The content types we take, for Accept and a=accept-types. Rich Text and multipart/related are read, too, but not asked
 * for: who can, shall write plain text. */
extern const struct str map_im_accept;

#endif

/* SPDX-License-Identifier: MIT */
/* Errors between the two languages: RFC 7247 section 7, with overrides for peers that take some answers for more than
 * they say. */
#ifndef TOMBOLO_ERROR_H
#define TOMBOLO_ERROR_H

#include "mapping/base/arena.h"
#include "mapping/profile.h"
#include "mapping/reason.h"
#include "mapping/status.h"
#include "mapping/values.h"

/* A local reason in the other language. `words` (may be empty) is put behind the sentence. Strings are static or borrow
 * from words' arena. In SIP an unknown outcome is told by the words, "May Have Arrived". */
struct x_error map_error_x(struct arena *a, enum reason why, struct str words);
struct s_result map_error_s(enum reason why);

/* s2x: what a SIP outcome is in XMPP (RFC 7247 7.2). r->why is not REASON_NONE; local reasons keep their own row.
 * The text: our sentence, then in brackets the status and what the peer said. gone_to is still a URI. */
struct x_error map_error_s2x(struct arena *a, const struct s_result *r);
/* x2s: what a stanza error is in SIP (RFC 7247 7.1). full: it is about a full JID. Never 408 (RFC 4320), never 503 for one
 * user, never a challenge. */
struct s_result map_error_x2s(const struct x_error *e, bool full, const struct map_profile *profile);

/* The default error type of a condition (RFC 6120 8.3.3); "cancel" for an unknown one. */
struct str map_error_type(struct str condition);

#endif

/* SPDX-License-Identifier: MIT */
/* One list of reasons and the two error tables of RFC 7247 section 7, with the overrides of wire-lync.md 7.1. */
#ifndef TOMBOLO_ERROR_H
#define TOMBOLO_ERROR_H

#include "mapping/profile.h"
#include "mapping/values.h"

/* A row for each enum reason. */
struct map_reason {
	struct str word; /* in the log: "link-down" */
	struct str condition; /* what an XMPP user gets */
	int status; /* what a SIP user gets */
	unsigned retry_after_s; /* goes with a 503; else 0 */
	struct str sentence; /* for people */
};
const struct map_reason *map_reason(enum reason why); /* never NULL */

/* A local reason in the other language. `words` (may be empty) is put behind the sentence. Strings are static or borrow
 * from words' arena. */
struct x_error map_error_x(struct arena *a, enum reason why, struct str words);
struct s_result map_error_s(enum reason why);

/* s2x: what a SIP outcome is in XMPP (A21). r->why is not REASON_NONE. 5 local reasons keep their own row. */
struct x_error map_error_s2x(struct arena *a, const struct s_result *r);
/* x2s: what a stanza error is in SIP (A20). full: the error is about a full JID. Never 408 (RFC 4320), never 503 for one
 * user, never a challenge. */
struct s_result map_error_x2s(const struct x_error *e, bool full, const struct map_profile *profile);

/* The default error type of a condition (A22); "cancel" for an unknown one. */
struct str map_error_type(struct str condition);
/* The standard reason phrase of a status; never empty. */
struct str map_status_phrase(int status);

#endif

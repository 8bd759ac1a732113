/* SPDX-License-Identifier: MIT */
/* What a message's headers say, read when somebody asks (RFC 3261 section 20, RFC 6665, RFC 3325). Results live as long
 * as the message; see message.h. */
#ifndef TOMBOLO_HEADER_VALUES_H
#define TOMBOLO_HEADER_VALUES_H

#include "sipside/syntax/message.h"

/* -- Header values */
/* The first line of this header, unfolded; empty: none. */
struct str sipside_msg_text(const struct sipside_msg *m, enum sipside_header id);
struct str sipside_msg_named(const struct sipside_msg *m, struct str name); /* any header by its name */
/* Walks the values of a header over lines and commas, bytes kept; *at starts as {0}. false: no more. 500 values, empty
 * ones included, are all that is looked at: no peer of good faith sends as many, and each walk stays short. */
enum { WALK_MAX_STEPS = 500 };
struct sipside_walk {
	unsigned line;
	struct str rest;
	unsigned steps;
};
bool sipside_msg_each(const struct sipside_msg *m, enum sipside_header id, struct sipside_walk *at, struct str *value);
/* Is this token among the header's values (parameters aside, case aside)? Supported, Require, Allow, Accept. */
bool sipside_msg_has(const struct sipside_msg *m, enum sipside_header id, struct str token);
/* One value of an address header. false: malformed. */
bool sipside_msg_party(const struct sipside_msg *m, struct str value, struct sipside_party *out);
bool sipside_msg_uri(const struct sipside_msg *m, struct str value, struct sipside_uri *out);
bool sipside_msg_contact(const struct sipside_msg *m, struct sipside_party *out); /* the first; false: none or bad */
/* Record-Route or Route values, in the order they stand, each as it came: count, with *values in the turn's arena. */
unsigned sipside_msg_routes(const struct sipside_msg *m, enum sipside_header id, struct str **values);

/* -- Numbers and words. Optional headers that are malformed count as absent. */
int sipside_msg_expires(const struct sipside_msg *m); /* s; -1: none. Beyond INT_MAX: INT_MAX */
unsigned sipside_msg_min_expires(const struct sipside_msg *m); /* s; 0: none */
unsigned sipside_msg_retry_after(const struct sipside_msg *m); /* s; 0: none */
int64_t sipside_msg_date(const struct sipside_msg *m); /* Unix ms; 0: none */
struct s_body sipside_msg_body(const struct sipside_msg *m);
struct sipside_event {
	struct str package, id;
};
bool sipside_msg_event(const struct sipside_msg *m, struct sipside_event *out); /* false: none or malformed */
struct sipside_substate {
	enum s_substate state;
	enum s_subreason reason;
	int expires_s; /* -1: none */
	unsigned retry_after_s;
};
bool sipside_msg_substate(const struct sipside_msg *m, struct sipside_substate *out); /* false: none or malformed */

/* The same 16 hex digits for every re-send of this request: Call-ID, CSeq, From tag (turn's arena). */
struct str sipside_msg_key(const struct sipside_msg *m);
/* Call-ID, From tag and CSeq as one number: merged requests (RFC 3261 8.2.2.2). */
uint64_t sipside_msg_merge_key(const struct sipside_msg *m);

#endif

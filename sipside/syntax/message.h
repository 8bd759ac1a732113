/* SPDX-License-Identifier: MIT */
/* One received message: our scanner's lines, and what sofia-sip's header codecs make of the structured ones.
 * Read-only and borrowed: the message, all it points to and all its accessors return are valid until the callback it was
 * handed to returns; who keeps, copies. Accessors take their memory from the turn's arena. */
#ifndef TOMBOLO_MESSAGE_H
#define TOMBOLO_MESSAGE_H

#include "mapping/base/env.h"
#include "sipside/syntax/scan.h"

/* A URI as it came and as it is compared. */
struct sipside_uri {
	struct str raw; /* the bytes, without angle brackets */
	struct str scheme; /* lower case: sip, sips, tel, ... */
	struct s_uri as; /* user decoded, host lower case, gruu; sip and sips only */
	uint16_t port; /* 0: none */
	struct str transport, maddr; /* parameters; empty: none */
	bool lr;
	bool escaped_headers; /* has ?headers (RFC 3261 19.1.5 forbids them in a Request-URI) */
};

/* From, To, one Contact, Route, Record-Route or P-Asserted-Identity value. */
struct sipside_party {
	struct str raw; /* the whole value as it came, parameters such as epid included */
	struct str display; /* unquoted */
	struct sipside_uri uri;
	struct str tag; /* empty: none */
	int expires_s; /* Contact parameter; -1: none */
};

/* The topmost Via. */
struct sipside_via {
	struct str raw; /* this value only, as it came */
	struct str transport; /* as it came: UDP, tcp, ... */
	struct str host; /* sent-by */
	uint16_t port; /* 0: none */
	struct str branch; /* empty: none */
	bool rport; /* asks for it (RFC 3581) */
};

struct sipside_msg {
	const struct env *env;
	struct str bytes; /* the whole message, surplus behind the body cut off */
	struct scan scan;
	bool is_request;
	enum s_method method; /* the request's own; of a response: CSeq's */
	struct str method_word;
	struct sipside_uri uri; /* Request-URI */
	int status;
	struct str phrase;
	struct sipside_via via;
	struct sipside_party from, to;
	struct str call_id;
	uint32_t cseq;
	int max_forwards; /* -1: none */
	struct str body; /* Content-Length applied */
	struct sofia *sofia; /* where sofia's codecs allocate */
};

/* Reads one message; m is the caller's. Returns
 *    0  good
 *  4xx or 5xx  a request that is to be refused with this status (400, 413, 505, ...): only m->scan is sure to be set, and
 *     via, from, to, call_id where they can be read; *why says what is wrong
 *   -1  nothing that could be answered (a malformed response, no start line): drop it
 * In all cases sipside_msg_finish() follows. */
int sipside_msg_parse(const struct env *env, struct str bytes, struct sipside_msg *m, const char **why);
void sipside_msg_finish(struct sipside_msg *m);

/* -- Header values */
/* The first line of this header, unfolded; empty: none. */
struct str sipside_msg_text(const struct sipside_msg *m, enum sipside_header id);
struct str sipside_msg_named(const struct sipside_msg *m, struct str name); /* any header by its name */
/* Walks all values of a header over lines and commas, bytes kept; *at starts as {0}. false: no more. */
struct sipside_walk {
	unsigned line;
	struct str rest;
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

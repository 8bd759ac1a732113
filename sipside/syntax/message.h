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
	struct str transport; /* UDP, TCP, ...: known ones in upper case however they came */
	struct str host; /* sent-by */
	uint16_t port; /* 0: none */
	struct str branch; /* empty: none */
	bool rport; /* asks for it (RFC 3581) */
	bool alias; /* offers its connection for requests to its sent-by (RFC 5923) */
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

#endif

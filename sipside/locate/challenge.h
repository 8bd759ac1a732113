/* SPDX-License-Identifier: MIT */
/* A 401 or 407 to a request of ours and the answer to it (RFC 3261 22): once for each nonce. A second challenge is
 * answered only where it says that the nonce was merely too old; else the credentials are wrong. */
#ifndef TOMBOLO_CHALLENGE_H
#define TOMBOLO_CHALLENGE_H

#include "sipside/locate/route.h"
#include "sipside/syntax/header_values.h"
#include "sipside/syntax/writer.h"

enum { CHALLENGES_MAX = 4 }; /* for one request: a proxy's and the server's, each stale once */
struct challenge {
	struct str line, proxy_line; /* Authorization, Proxy-Authorization; owned */
	unsigned count; /* answers given */
	uint32_t cseq; /* the one to send now; 0: what the headers say */
};

/* true: there is an answer, send again. r: whose user and password; NULL: none. */
bool challenge_take(struct challenge *c, const struct route *r, const struct sipside_outgoing *request,
	const struct sipside_msg *m);
/* The request's headers with the answers and the new CSeq (RFC 3261 22.2), in the turn's arena. */
struct str challenge_headers(const struct challenge *c, struct arena *turn, struct str headers);
/* What the headers say. */
uint32_t challenge_cseq(struct str headers);
void challenge_finish(struct challenge *c);

#endif

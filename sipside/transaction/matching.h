/* SPDX-License-Identifier: MIT */
/* Which transaction a message belongs to (RFC 3261 17.1.3, 17.2.3), as one keyed hash: 64 bits that no sender can
 * steer, so equal keys are the same transaction. */
#ifndef TOMBOLO_MATCHING_H
#define TOMBOLO_MATCHING_H

#include "sipside/syntax/message.h"

#define MATCHING_COOKIE "z9hG4bK"

/* The server transaction of m as if its method were `method`: an ACK or CANCEL looks for S_INVITE. Without a branch of
 * RFC 3261 kind the whole of what RFC 2543 peers keep equal counts: Request-URI, Call-ID, CSeq, From tag, top Via. */
uint64_t matching_server_key(const struct sipside_msg *m, enum s_method method);
/* branch: of our own making. */
uint64_t matching_client_key(struct str branch, enum s_method method);
/* The branch in the Via of a request of ours that came back perhaps cut off; empty: none. */
struct str matching_own_branch(struct str request);

#endif

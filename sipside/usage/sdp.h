/* SPDX-License-Identifier: MIT */
/* As much of SDP as an IM session has (wire-level marker of MS-SDP 3.1.5.3): an m-line "message" or "x-ms-message" that
 * moves nothing. The answer repeats every m-line of the offer, those we do not take with port 0 (RFC 3264 6). */
#ifndef TOMBOLO_SDP_H
#define TOMBOLO_SDP_H

#include "mapping/base/env.h"

struct sdp_self {
	struct str host; /* our address: numeric or a name */
	uint16_t port;
	struct str party; /* who the session is for: "sip:ann@a.example"; an offer says "null" */
};
/* Has the description an m-line that we take? */
bool sdp_is_usable(struct str offer);
/* In the turn's arena. offer empty: ours is the offer then. */
struct str sdp_write(const struct env *env, struct str offer, const struct sdp_self *self);

#endif

/* SPDX-License-Identifier: MIT */
/* The list of local reasons: the row of each is all there is to it. The sentences are read by people who know nothing of
 * SIP or XMPP: what happened, whether the message may have arrived, what to do. */
#ifndef TOMBOLO_REASON_H
#define TOMBOLO_REASON_H

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

#endif

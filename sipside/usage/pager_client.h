/* SPDX-License-Identifier: MIT */
/* MESSAGE outside any dialog (RFC 3428). To one URI at most one is under way, the others wait (section 8). */
#ifndef TOMBOLO_PAGER_CLIENT_H
#define TOMBOLO_PAGER_CLIENT_H

#include "sipside/usage/usage.h"

enum { PAGER_LANE_MAX = 100, PAGER_LANES_MAX = 10000 };

/* REASON_NONE, and done comes; else it never does: REASON_NO_ROUTE, REASON_BAD_ADDRESS, REASON_QUEUE_FULL (too many wait
 * for this URI), REASON_TOO_MANY (too many URIs at once), REASON_SHUTTING_DOWN. */
enum reason pager_send(
	struct usages *all, struct sipside_domain *d, const struct s_request *r, sipside_done *done, void *arg);
void pager_destroy_all(struct usages *all); /* those that wait end with REASON_SHUTTING_DOWN */

#endif

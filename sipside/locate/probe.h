/* SPDX-License-Identifier: MIT */
/* OPTIONS to one route: any answer says that the peer is there (RFC 3261 11). */
#ifndef TOMBOLO_PROBE_H
#define TOMBOLO_PROBE_H

#include "sipside/locate/attempt.h"

/* REASON_NONE, and done comes once; REASON_NO_ROUTE: the domain has no route of this name. */
enum reason probe_send(struct sipside_domain *d, struct str route, sipside_done *done, void *arg);

#endif

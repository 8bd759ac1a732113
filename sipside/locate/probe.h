/* SPDX-License-Identifier: MIT */
/* OPTIONS to one route: any answer says that the peer is there (RFC 3261 11). */
#ifndef TOMBOLO_PROBE_H
#define TOMBOLO_PROBE_H

#include "sipside/locate/attempt.h"

struct probe;
/* done comes once, never before this has returned. */
struct probe *probe_start(struct sipside_domain *d, struct route *r, sipside_done *done, void *arg);
void probe_forget(struct probe *p); /* an open one: no callback any more */
/* By the route's name. REASON_NONE, and done comes once; REASON_NO_ROUTE: the domain has none of this name. */
enum reason probe_send(struct sipside_domain *d, struct str route, sipside_done *done, void *arg);

#endif

/* SPDX-License-Identifier: MIT */
/* Whether each route works, found out before a message has to: OPTIONS (RFC 3261 11) every 30 s to a route that is up,
 * every 5 s to one that is down, and within a second once a request of ours stays without any answer. */
#ifndef TOMBOLO_HEALTH_H
#define TOMBOLO_HEALTH_H

#include "sipside/locate/domains.h"

enum {
	HEALTH_UP_MS = 30000, /* less a tenth at random: routes of many bridges fall out of step */
	HEALTH_DOWN_MS = 5000,
	HEALTH_ANSWER_MS = 2500, /* UDP: sent at 0, 0.5 and 1.5 s */
	HEALTH_SILENCE_MS = 1000, /* a request without an answer: a probe is due */
	HEALTH_PACE_MS = 50, /* between the first probes at start */
};

/* Begins to watch every route of the configuration; after a new configuration, again. */
void health_start(struct locate *l);
void health_stop(struct locate *l); /* no probe is open afterwards */
/* A request goes out by this route; an answer came; it was lost in a way that makes one ask. Cheap; NULL routes too. */
void health_asked(struct locate *l, struct route *r);
void health_heard(struct locate *l, struct route *r);
void health_suspect(struct locate *l, struct route *r);

#endif

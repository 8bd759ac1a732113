/* SPDX-License-Identifier: MIT */
/* RFC 3263: from a host to the addresses to try, in order.
 *
 *   numeric host, or a name with a port, or one of `hosts` and /etc/hosts    its addresses
 *   name with a transport                                                    SRV, else its addresses
 *   name alone                                 NAPTR, else SRV for each transport we speak, else its addresses, UDP */
#ifndef TOMBOLO_LOCATING_H
#define TOMBOLO_LOCATING_H

#include "sipside/locate/domains.h"

enum { LOCATED_MAX = 8 };
struct located {
	unsigned count;
	struct located_at {
		union resolver_address address; /* with its port */
		enum sipside_transport transport;
	} at[LOCATED_MAX];
};

struct locating_walk;
enum locating_step { LOCATING_IDLE, LOCATING_NAPTR, LOCATING_SRV, LOCATING_TARGET, LOCATING_HOST };

/* One look-up; embedded in who wants to know, who sets done and arg. */
struct locating {
	struct resolver_query query;
	struct locate *locate;
	struct sipside_address host; /* borrowed from locating_start to the end of the look-up */
	struct locating_walk *walk; /* of SRV and NAPTR records; NULL: none needed */
	enum locating_step step;
	struct located found;
	void (*done)(void *arg);
	void *arg;
};

/* any_transport: the URI names none. true: `found` is there, perhaps empty; false: done(arg) will be called, once. */
bool locating_start(struct locating *g, struct locate *l, const struct sipside_address *host, bool any_transport);
void locating_cancel(struct locating *g); /* idle ones too */
struct sipside_target locating_target(const struct locating *g, unsigned at);

/* RFC 2782: by priority; among equals at random by weight. random() is asked once for each record of a group. */
void locating_order(struct resolver_record *records, unsigned count, const struct env *env);

#endif

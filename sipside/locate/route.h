/* SPDX-License-Identifier: MIT */
/* What is known of one configured route, and what that makes of it. Pure but for the event a change is worth.
 *
 *   UNKNOWN --answer--> UP --no answer to OPTIONS, refused, 503 with Retry-After--> DOWN --answer--> UP
 *
 * A route that is DOWN stands behind those that are not. It is CLOSED, not tried at all, while its server asked us to
 * wait (RFC 3261 21.5.4), and while a server that used to answer OPTIONS has fallen silent: over UDP nothing else could
 * tell a lost request from a slow one, and its sender would wait 32 s to be told that nobody knows. A server that never
 * answered an OPTIONS may just not know the method; it is still tried when there is nothing better. */
#ifndef TOMBOLO_ROUTE_H
#define TOMBOLO_ROUTE_H

#include "mapping/base/env.h"
#include "sipside/sipside.h"

enum {
	ROUTE_HOLD_MS = 10000, /* down: not tried before, while another one can be */
	ROUTE_WAIT_MAX_S = 300, /* of Retry-After; a longer one is cut, a mistaken one must not cost a day */
};
enum route_state { ROUTE_UNKNOWN, ROUTE_UP, ROUTE_DOWN };
enum route_choice { ROUTE_GOOD, ROUTE_LAST_RESORT, ROUTE_CLOSED };
struct health;

struct route {
	struct str name;
	struct sipside_address to;
	int priority;
	struct str user, password; /* digest; empty: a challenge is a failure */
	struct health *health; /* who probes it (health.h); NULL: nobody */
	enum route_state state;
	enum reason why; /* down: the reason */
	bool knows_options; /* it has answered one */
	bool silent; /* down: an OPTIONS had no answer */
	uint64_t again_ms; /* down: no more than the last resort before */
	uint64_t wait_ms; /* 503: closed before */
	uint64_t heard_ms; /* the last answer */
};

enum route_choice route_choose(const struct route *r, uint64_t now_ms);
/* An answer came, to an OPTIONS or another request. true: the state changed. */
bool route_answered(struct route *r, bool options, uint64_t now_ms);
/* It cannot be used: why; retry_after_s of a 503, else 0. true: the state changed. */
bool route_failed(struct route *r, enum reason why, unsigned retry_after_s, uint64_t now_ms);
/* What was known of a route stays known when the configuration is read again. */
void route_inherit(struct route *r, const struct route *older);
/* Is this where the route leads? Hosts are compared as they are written. */
bool route_leads_to(const struct route *r, const struct sipside_address *to);
uint16_t address_port(const struct sipside_address *to); /* or the default of its transport */

#endif

/* SPDX-License-Identifier: MIT */
/* Who may get one request, in order: the addresses of its next hop, or those of one route after the other. */
#ifndef TOMBOLO_CANDIDATES_H
#define TOMBOLO_CANDIDATES_H

#include "sipside/locate/locating.h"

struct candidates {
	struct sipside_domain *domain;
	struct domain_rows *rows; /* the configuration the request began with */
	struct route *only; /* this route and no other; NULL: any */
	struct sipside_address hop; /* host is owned; from the next hop's URI */
	struct locating locating; /* of the host in hand; locating.found is what was found */
	uint32_t tried; /* routes, a bit each */
	struct route *route; /* in hand, or the one that leads to the next hop in hand; NULL: none */
	unsigned at; /* the next of locating.found */
	bool has_hop; /* the next hop is still to be tried */
	bool hop_open; /* its URI names no transport and no port (RFC 3263 4.1) */
	bool on_hop; /* the next hop is in hand, not a route */
};

/* next_hop: a URI, or empty: the domain's routes. located(arg) follows where candidates_locate() returned false. */
void candidates_init(struct candidates *c, struct sipside_domain *d, struct str next_hop, struct route *only,
	void (*located)(void *arg), void *arg);
void candidates_finish(struct candidates *c);
/* Takes the next hop or the next route in hand. false: there is none left. */
bool candidates_next_host(struct candidates *c);
/* Looks the host in hand up. true: the addresses are there, perhaps none. */
bool candidates_locate(struct candidates *c);
/* To be called once the addresses are there: a next hop that has one is the one to ask, no route stands in for it. */
void candidates_located(struct candidates *c);
/* The next address of the host in hand. false: no more. */
bool candidates_take(struct candidates *c, struct sipside_target *to);
/* Is there anybody after the one in hand? */
bool candidates_left(const struct candidates *c);
const struct sipside_address *candidates_host(const struct candidates *c); /* in hand */
/* Is the host in hand known not to answer? Only a next hop can be: such a route is not taken in hand. */
bool candidates_is_dead(const struct candidates *c);
/* Why no route was tried, in words; turn's arena. */
struct str candidates_why_none(const struct candidates *c);

#endif

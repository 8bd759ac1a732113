/* SPDX-License-Identifier: MIT */
#include "sipside/locate/candidates.h"

#include "mapping/base/alloc.h"
#include "mapping/reason.h"
#include "sipside/locate/next_hop.h"

static uint64_t now_of(const struct candidates *c)
{
	return env_now_ms(c->domain->locate->env);
}

void candidates_init(struct candidates *c, struct sipside_domain *d, struct str next_hop, struct route *only,
	void (*located)(void *arg), void *arg)
{
	*c = (struct candidates){ .domain = d, .rows = d->rows, .only = only };
	c->locating.done = located;
	c->locating.arg = arg;
	if (next_hop_read(d, next_hop, &c->hop, &c->hop_open)) {
		c->hop.host = alloc_str(c->hop.host);
		c->has_hop = true;
	}
}

void candidates_finish(struct candidates *c)
{
	locating_cancel(&c->locating);
	alloc_str_free(&c->hop.host);
}

/* The best of those not tried: by priority, those that are down behind the others. */
static struct route *next_route(const struct candidates *c)
{
	struct route *last_resort = NULL;

	for (unsigned i = 0; i < c->rows->routes_count; i++) {
		struct route *r = &c->rows->routes[i];
		enum route_choice choice = route_choose(r, now_of(c));

		if (c->tried & 1u << i || (c->only && c->only != r))
			continue;
		if (choice == ROUTE_GOOD || c->only)
			return r;
		if (choice == ROUTE_LAST_RESORT && !last_resort)
			last_resort = r;
	}
	return last_resort;
}

static struct route *route_to(const struct candidates *c, const struct sipside_address *to)
{
	for (unsigned i = 0; i < c->rows->routes_count; i++)
		if (route_leads_to(&c->rows->routes[i], to))
			return &c->rows->routes[i];
	return NULL;
}

/* An in-dialog request is for one host; only where its name means nothing here do the domain's routes stand in
 * (wire-lync.md 4.4: any front end forwards it). */
bool candidates_next_host(struct candidates *c)
{
	c->at = c->locating.found.count = 0;
	c->on_hop = c->has_hop;
	if (c->has_hop) {
		c->has_hop = false;
		c->route = route_to(c, &c->hop);
		return true;
	}
	c->route = next_route(c);
	if (!c->route)
		return false;
	c->tried |= 1u << (c->route - c->rows->routes);
	return true;
}

const struct sipside_address *candidates_host(const struct candidates *c)
{
	return c->on_hop || !c->route ? &c->hop : &c->route->to;
}

bool candidates_is_dead(const struct candidates *c)
{
	return c->on_hop && c->route && c->route->silent && route_choose(c->route, now_of(c)) == ROUTE_CLOSED;
}

bool candidates_locate(struct candidates *c)
{
	return locating_start(&c->locating, c->domain->locate, candidates_host(c), c->on_hop && c->hop_open);
}

void candidates_located(struct candidates *c)
{
	if (c->on_hop && c->locating.found.count)
		c->tried = UINT32_MAX;
}

bool candidates_take(struct candidates *c, struct sipside_target *to)
{
	if (c->at >= c->locating.found.count)
		return false;
	*to = locating_target(&c->locating, c->at++);
	if (to->transport == SIPSIDE_TLS) /* the name that was looked up, not what SRV made of it (RFC 5922 7.3) */
		to->tls_name = candidates_host(c)->host.p;
	return true;
}

bool candidates_left(const struct candidates *c)
{
	return c->at < c->locating.found.count || (!c->on_hop && next_route(c));
}

struct str candidates_why_none(const struct candidates *c)
{
	struct arena *turn = c->domain->locate->env->turn;

	for (unsigned i = 0; i < c->rows->routes_count; i++) {
		const struct route *r = &c->rows->routes[i];

		if (r->state == ROUTE_DOWN)
			return arena_printf(turn, "every route is down; " STR_FMT ": " STR_FMT, STR_ARG(r->name),
				STR_ARG(map_reason(r->why)->word));
	}
	return STR_NONE;
}

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/route.h"

enum route_choice route_choose(const struct route *r, uint64_t now_ms)
{
	if (r->wait_ms > now_ms)
		return ROUTE_CLOSED;
	if (r->state != ROUTE_DOWN)
		return ROUTE_GOOD;
	if (r->silent && r->knows_options)
		return ROUTE_CLOSED;
	return r->again_ms <= now_ms ? ROUTE_GOOD : ROUTE_LAST_RESORT;
}

bool route_answered(struct route *r, bool options, uint64_t now_ms)
{
	bool changed = r->state != ROUTE_UP;

	r->knows_options |= options;
	r->heard_ms = now_ms;
	if (r->wait_ms > now_ms)
		return false; /* an answer to what was sent before its 503 */
	r->state = ROUTE_UP;
	r->why = REASON_NONE;
	r->silent = false;
	return changed;
}

bool route_failed(struct route *r, enum reason why, unsigned retry_after_s, uint64_t now_ms)
{
	bool changed = r->state != ROUTE_DOWN;

	if (retry_after_s > ROUTE_WAIT_MAX_S)
		retry_after_s = ROUTE_WAIT_MAX_S;
	r->state = ROUTE_DOWN;
	r->why = why;
	r->silent = why == REASON_NO_ANSWER;
	r->again_ms = now_ms + ROUTE_HOLD_MS;
	if (retry_after_s)
		r->wait_ms = now_ms + retry_after_s * 1000ull;
	return changed;
}

void route_inherit(struct route *r, const struct route *older)
{
	r->health = older->health;
	r->state = older->state;
	r->why = older->why;
	r->knows_options = older->knows_options;
	r->silent = older->silent;
	r->again_ms = older->again_ms;
	r->wait_ms = older->wait_ms;
	r->heard_ms = older->heard_ms;
}

uint16_t address_port(const struct sipside_address *to)
{
	return to->port ? to->port : to->transport == SIPSIDE_TLS ? 5061 : 5060;
}

bool route_leads_to(const struct route *r, const struct sipside_address *to)
{
	return r->to.transport == to->transport && address_port(&r->to) == address_port(to) &&
	       str_eq_nocase(r->to.host, to->host);
}

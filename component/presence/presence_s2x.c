/* SPDX-License-Identifier: MIT */
/* The room itself, and SUBSCRIBE outside any dialog: SIP users who want to watch XMPP users. */
#include "component/presence/presence_room.h"
#include "component/presence/contact.h"
#include "component/presence/device_rules.h"
#include "component/presence/watcher.h"
#include "mapping/address.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"

#include <stdlib.h>

/* -- SUBSCRIBE */
static void refuse(struct context *ctx, struct sipside_request *t, const struct s_request *r, struct s_result answer,
	enum reason why)
{
	const struct env *env = ctx->env;

	sipside_answer(t, &answer);
	env_event(env, &(struct event){ .kind = EVENT_REFUSED,
			       .dir = DIR_S2X,
			       .flow = r->flow,
			       .from = map_uri_print(env->turn, &r->from),
			       .to = map_uri_print(env->turn, &r->to),
			       .sip = answer.status,
			       .why = map_reason(why)->word,
			       .detail = STR("subscribe") });
}

void presence_s2x_subscribe(
	void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct context *ctx = context;
	struct routing_verdict v = routing_s2x(ctx->routing, ctx->env->turn, d, &r->from, &r->to);
	int grant_s = device_grant(r->expires_s);

	if (v.why) {
		refuse(ctx, t, r, map_error_s(v.why), v.why);
		return;
	}
	if (grant_s < 0) {
		refuse(ctx, t, r,
			(struct s_result){ .why = REASON_SIP_STATUS,
				.status = 423,
				.min_expires_s = DEVICE_EXPIRES_MIN_S,
				.expires_s = -1 },
			REASON_SIP_STATUS);
		return;
	}
	struct relation *relation = relation_get(ctx->presence, &v.pair);

	if (!relation) {
		refuse(ctx, t, r, map_error_s(REASON_TOO_MANY), REASON_TOO_MANY);
		return;
	}
	watcher_subscribe(relation->watcher ? relation->watcher : watcher_create(relation), t, r, grant_s);
}

/* -- The component link */
/* A relation's turn after its link came up: first the probe, so that the contact knows what is coming. */
static void serve_relation(struct pacer_item *item)
{
	struct relation *r = (struct relation *)((char *)item - offsetof(struct relation, waiting));
	bool probed = r->watcher && watcher_link_up(r->watcher);

	if (r->contact)
		contact_link_up(r->contact, probed);
	relation_settle(r);
}

void presence_link(struct presence *p, struct xmppside_link *link, bool up)
{
	struct relation *r, *tmp;

	if (!up)
		return; /* nothing can be said; it will be said again */
	HASH_ITER (hh, p->table, r, tmp) {
		struct routing_domain *d = routing_by_name(p->ctx->routing, relation_pair(r).contact.host);
		struct presence_lanes *lanes = d && d->link == link ? relation_lanes(r) : NULL;

		if (lanes)
			pacer_add(&lanes->xmpp, &r->waiting);
	}
}

void presence_route_up(struct presence *p, const struct sipside_domain *sip)
{
	struct relation *r, *tmp;

	HASH_ITER (hh, p->table, r, tmp) {
		struct routing_domain *d = routing_by_name(p->ctx->routing, relation_pair(r).contact.host);

		if (r->contact && d && d->sip == sip)
			contact_route_up(r->contact);
	}
}

/* -- The store */
void presence_restore(struct presence *p, const struct store_row *row)
{
	const struct env *env = p->ctx->env;
	struct pair pair = pair_of(env->turn, &row->user, &row->other);
	struct relation *r = relation_get(p, &pair);
	bool used = r != NULL;

	if (r && row->kind == STORE_CONTACT && !r->contact)
		contact_restore(r, row);
	else if (r && row->kind == STORE_WATCHER)
		watcher_restore(r, row->state);
	else if (r && row->kind == STORE_DIALOG)
		used = watcher_restore_device(r, row);
	if (used)
		return;
	env_event(env, &(struct event){ .kind = EVENT_DROPPED,
			       .from = map_uri_print(env->turn, &row->other),
			       .to = map_jid_print(env->turn, &row->user),
			       .why = map_reason(r ? REASON_NO_SESSION : REASON_TOO_MANY)->word,
			       .detail = STR("a stored row cannot be used") });
	if (r)
		store_drop(p->ctx->store, row);
}

/* -- The room */
struct presence *presence_create(struct context *ctx)
{
	unsigned count = routing_count(ctx->routing);
	struct presence *p = alloc_zero(sizeof(*p) + count * sizeof(p->lanes[0]));

	p->ctx = ctx;
	p->lanes_count = count;
	for (unsigned i = 0; i < count; i++) {
		pacer_init(&p->lanes[i].sip, ctx->env, SIP_INTERVAL_MS, contact_serve);
		pacer_init(&p->lanes[i].xmpp, ctx->env, XMPP_INTERVAL_MS, serve_relation);
	}
	return p;
}

void presence_destroy(struct presence *p)
{
	struct relation *r, *tmp;

	if (!p)
		return;
	HASH_ITER (hh, p->table, r, tmp) {
		contact_destroy(r->contact);
		watcher_destroy(r->watcher);
		r->contact = NULL;
		r->watcher = NULL;
		relation_settle(r);
	}
	for (unsigned i = 0; i < p->lanes_count; i++) {
		pacer_finish(&p->lanes[i].sip);
		pacer_finish(&p->lanes[i].xmpp);
	}
	free(p);
}

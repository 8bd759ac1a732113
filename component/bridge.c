/* SPDX-License-Identifier: MIT */
#include "component/bridge.h"
#include "component/chat/chat.h"
#include "component/config/config_sip.h"
#include "component/context.h"
#include "component/limits.h"
#include "component/presence/presence_room.h"
#include "component/routing.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"

#include <stdlib.h>

struct bridge {
	struct context ctx;
	bool ready; /* EVENT_READY was told */
};

static void on_link(void *arg, struct xmppside_link *link, enum reason why, struct str words)
{
	struct bridge *b = arg;
	const struct env *env = b->ctx.env;

	(void)words; /* the link tells its own story in the event stream */
	presence_link(b->ctx.presence, link, why == REASON_NONE);
	if (why == REASON_NONE && !b->ready) {
		b->ready = true;
		env_event(env, &(struct event){ .kind = EVENT_READY, .from = xmppside_component(link) });
	}
}

static bool in_service(void *arg)
{
	struct context *ctx = arg;

	if (ctx->stopping)
		return false;
	for (unsigned i = 0; i < routing_count(ctx->routing); i++)
		if (xmppside_is_up(routing_at(ctx->routing, i)->link))
			return true;
	return false;
}

static void on_route(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words)
{
	struct context *ctx = arg;

	env_event(ctx->env, &(struct event){ .kind = why ? EVENT_ROUTE_DOWN : EVENT_ROUTE_UP,
				    .from = sipside_domain_name(d),
				    .to = route,
				    .why = why ? map_reason(why)->word : STR_NONE,
				    .detail = words });
	if (!why)
		presence_route_up(ctx->presence, d);
}

/* The context is the first member of the bridge, so the two are one argument. */
static const struct xmppside_handlers xmpp_handlers = {
	.link = on_link,
	.message = chat_x2s_message,
	.refused_late = chat_x2s_refused_late,
	.presence = presence_x2s,
};
static const struct sipside_handlers sip_handlers = {
	.message = chat_s2x_message,
	.invite = chat_s2x_invite,
	.subscribe = presence_s2x_subscribe,
	.route = on_route,
	.in_service = in_service,
};

/* The names of our components: one server has each of them once, and all nodes of a cluster share them. */
static struct str installation(struct context *ctx)
{
	struct str names = STR_NONE;

	for (unsigned i = 0; i < ctx->config->domains_count; i++)
		names = arena_printf(ctx->env->turn, STR_FMT STR_FMT " ", STR_ARG(names),
			STR_ARG(ctx->config->domains[i].link.component));
	return names;
}

static enum reason configure_sip(struct context *ctx, struct str *error)
{
	const struct config *c = ctx->config;
	struct sipside_config sip = config_sip(ctx->env->turn, c);

	sip.installation = installation(ctx);
	sip.start = store_starts(ctx->store);
	enum reason why = sipside_configure(ctx->sip, &sip, error);

	for (unsigned i = 0; !why && i < c->domains_count; i++)
		routing_at(ctx->routing, i)->sip = sipside_domain(ctx->sip, c->domains[i].name);
	return why;
}

struct bridge *bridge_create(const struct env *env, const struct config *config, struct store *store, struct str *error)
{
	struct bridge *b = alloc_zero(sizeof(*b));

	b->ctx = (struct context){ .env = env, .config = config, .store = store };
	b->ctx.routing = routing_create(config);
	b->ctx.limits = limits_create(env, config);
	b->ctx.xmpp = xmppside_create(env, &xmpp_handlers, b);
	b->ctx.sip = sipside_create(env, &sip_handlers, b);
	b->ctx.chat = chat_create(&b->ctx);
	b->ctx.presence = presence_create(&b->ctx);
	if (configure_sip(&b->ctx, error)) {
		bridge_destroy(b);
		return NULL;
	}
	return b;
}

static void restore_row(void *arg, const struct store_row *row)
{
	struct context *ctx = arg;

	switch (row->kind) {
	case STORE_CONVERSATION:
		chat_restore(ctx->chat, row);
		break;
	case STORE_CONTACT:
	case STORE_WATCHER:
	case STORE_DIALOG:
		presence_restore(ctx->presence, row);
		break;
	}
	arena_reset(ctx->env->turn); /* no turn ends while the store is loaded */
}

static bool same_link(const struct config_xmpp *a, const struct config_xmpp *b)
{
	return str_eq(a->component, b->component) && str_eq(a->host, b->host) && a->port == b->port;
}

/* One link for each component name, shared by the domains that name the same one. */
static void open_links(struct context *ctx)
{
	for (unsigned i = 0; i < routing_count(ctx->routing); i++) {
		struct routing_domain *d = routing_at(ctx->routing, i);
		const struct config_xmpp *x = &d->config->link;

		for (unsigned k = 0; k < i && !d->link; k++)
			if (same_link(x, &routing_at(ctx->routing, k)->config->link))
				d->link = routing_at(ctx->routing, k)->link;
		if (!d->link)
			d->link = xmppside_open(ctx->xmpp, &(struct xmppside_server){ .host = x->host,
								   .port = x->port,
								   .component = x->component,
								   .secret = x->secret });
	}
}

enum reason bridge_start(struct bridge *b, struct str *error)
{
	enum reason why = store_load(b->ctx.store, restore_row, &b->ctx);

	if (why) {
		*error = STR("the store could not be read");
		return why;
	}
	why = sipside_listen(b->ctx.sip, error);
	if (why)
		return why;
	open_links(&b->ctx);
	return REASON_NONE;
}

enum reason bridge_renew(struct bridge *b, struct str *error)
{
	return sipside_renew(b->ctx.sip, &b->ctx.config->tls, error);
}

bool bridge_drain(struct bridge *b)
{
	b->ctx.stopping = true;
	return chat_in_flight(b->ctx.chat) == 0;
}

/* The sides go first: they end what is open, and the rooms hear of it while they are still there. */
void bridge_destroy(struct bridge *b)
{
	if (!b)
		return;
	b->ctx.stopping = true;
	if (b->ctx.chat)
		chat_give_up(b->ctx.chat);
	xmppside_destroy(b->ctx.xmpp);
	chat_destroy(b->ctx.chat);
	presence_destroy(b->ctx.presence);
	sipside_destroy(b->ctx.sip);
	limits_destroy(b->ctx.limits);
	routing_destroy(b->ctx.routing);
	free(b);
}

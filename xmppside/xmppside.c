/* SPDX-License-Identifier: MIT */
#include "xmppside/xmppside.h"

#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "xmppside/link.h"
#include "xmppside/syntax/stanza_print.h"

struct xmppside *xmppside_create(const struct env *env, const struct xmppside_handlers *handlers, void *arg)
{
	struct xmppside *x = alloc_zero(sizeof(*x));

	x->env = env;
	x->handlers = handlers;
	x->arg = arg;
	xmppside_features_init(&x->features);
	return x;
}

struct xmppside_link *xmppside_open(struct xmppside *x, const struct xmppside_server *server)
{
	return xmppside_link_create(x, server);
}

struct str xmppside_component(const struct xmppside_link *link)
{
	return link->component;
}

bool xmppside_is_up(const struct xmppside_link *link)
{
	return link->state == LINK_UP;
}

enum reason xmppside_deliver(struct xmppside_link *link, const struct x_message *m, xmppside_done *done, void *arg)
{
	if (!xmppside_is_up(link))
		return REASON_LINK_DOWN;
	return xmppside_deliveries_add(&link->deliveries, m, done, arg);
}

void xmppside_signal(struct xmppside_link *link, const struct x_message *m)
{
	struct buf *out = m->received.n ? xmppside_link_out_later(link) : xmppside_link_out(link);

	if (out)
		xmppside_print_message(link->env->turn, out, m);
}

void xmppside_bounce(struct xmppside_link *link, const struct x_message *original, const struct x_error *error)
{
	struct buf *out = xmppside_link_out_later(link);

	if (out)
		xmppside_print_bounce(out, original, error);
}

void xmppside_presence(struct xmppside_link *link, const struct x_presence *p)
{
	struct buf *out = xmppside_link_out(link);

	if (out)
		xmppside_print_presence(link->env->turn, out, p, link->x->features.caps);
}

void xmppside_close(struct xmppside_link *link)
{
	xmppside_link_close(link);
}

void xmppside_destroy(struct xmppside *x)
{
	if (!x)
		return;
	while (x->links)
		xmppside_link_close(x->links);
	xmppside_features_finish(&x->features);
	free(x);
}

/* SPDX-License-Identifier: MIT */
/* The door: one sipside put together from its rooms. Received bytes rise transport -> transaction -> uas -> usage;
 * what is sent goes down usage -> locate -> transaction -> transport. */
#include "sipside/sipside.h"

#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "sipside/locate/health.h"
#include "sipside/locate/probe.h"
#include "sipside/transport/tls_context.h"
#include "sipside/uas/uas.h"
#include "sipside/usage/dialog_line.h"
#include "sipside/usage/notifier.h"
#include "sipside/usage/pager_client.h"
#include "sipside/usage/requests.h"
#include "sipside/usage/send_queue.h"
#include "sipside/usage/session_calling.h"
#include "sipside/usage/subscriber.h"

enum { CONNECT_MS = 3000 }; /* then the next route's turn comes within 4 s */

struct sipside {
	const struct env *env;
	struct sipside_handlers handlers;
	void *arg;
	struct locate locate;
	struct usages usages;
	struct sipside_net *net;
	struct sipside_transactions *transactions;
	struct sipside_uas *uas;
	struct sipside_address *listen; /* as configured; hosts are owned */
	unsigned *listeners; /* the number of each */
	unsigned listen_count, open_count;
	bool configured;
};

/* -- What the rooms below ask and report; arg is the sipside */

static bool peer_allowed(void *arg, const struct sipside_target *from, const struct sipside_msg *m)
{
	struct sipside *s = arg;

	(void)m;
	return locate_peer_allowed(&s->locate, from);
}

static bool serves(void *arg, struct str host)
{
	return locate_serves(&((struct sipside *)arg)->locate, host);
}

static bool in_service(void *arg)
{
	struct sipside *s = arg;

	return !s->handlers.in_service || s->handlers.in_service(s->arg);
}

static bool inside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	return requests_inside(&((struct sipside *)arg)->usages, t, m);
}

static void outside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	requests_outside(&((struct sipside *)arg)->usages, t, m);
}

static bool our_port(void *arg, uint16_t port)
{
	const struct sipside *s = arg;

	return s->net && sipside_transport_has_port(s->net, port);
}

static const struct sipside_uas_handlers uas_handlers = {
	.our_port = our_port,
	.peer_allowed = peer_allowed,
	.serves = serves,
	.in_service = in_service,
	.inside = inside,
	.outside = outside,
};

static void request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	sipside_uas_request(((struct sipside *)arg)->uas, t, m);
}

static void ack(void *arg, const struct sipside_msg *m)
{
	requests_ack(&((struct sipside *)arg)->usages, m);
}

static bool stray_cancel(void *arg, const struct sipside_msg *m)
{
	return requests_stray_cancel(&((struct sipside *)arg)->usages, m);
}

static const struct sipside_transaction_handlers transaction_handlers = {
	.request = request,
	.ack = ack,
	.stray_cancel = stray_cancel,
};

static void received(void *arg, const struct sipside_target *from, struct str bytes)
{
	sipside_transactions_received(((struct sipside *)arg)->transactions, from, bytes);
}

static void undelivered(void *arg, const struct sipside_target *to, struct str bytes)
{
	sipside_transactions_undelivered(((struct sipside *)arg)->transactions, to, bytes);
}

static const struct sipside_transport_handlers transport_handlers = { .received = received,
	.undelivered = undelivered };

static void route_changed(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words)
{
	struct sipside *s = arg;

	if (s->handlers.route)
		s->handlers.route(s->arg, d, route, why, words);
}

/* -- Life */

struct sipside *sipside_create(const struct env *env, const struct sipside_handlers *handlers, void *arg)
{
	struct sipside *s = alloc_zero(sizeof(*s));

	s->env = env;
	s->handlers = *handlers;
	s->arg = arg;
	locate_init(&s->locate, env);
	s->locate.route_changed = route_changed;
	s->locate.arg = s;
	s->usages = (struct usages){ .env = env, .locate = &s->locate, .handlers = &s->handlers, .arg = arg };
	return s;
}

/* Made once, with the first configuration; the node's name and the ports stay until a restart. */
static void build(struct sipside *s, const struct sipside_config *c)
{
	const struct sipside_transport_limits limits = {
		.connections = c->max_connections, .message_bytes = c->max_message_bytes, .connect_ms = CONNECT_MS
	};
	struct own_mark *mark = &s->locate.mark;
	const struct sipside_transaction_config transactions = { .node = c->node };
	const struct sipside_uas_config uas = { .node = c->node, .mark = mark };

	s->locate.node = alloc_str(c->node);
	own_mark_init(mark, c->installation.n ? c->installation : c->node);
	s->locate.agent = alloc_str(
		arena_printf(s->env->turn, "User-Agent: " STR_FMT "\r\n", STR_ARG(own_mark_agent(mark, s->env))));
	if (s->env->loop)
		s->net = sipside_transport_create(s->env, &limits, &transport_handlers, s);
	s->transactions = sipside_transactions_create(s->env, s->net, &transactions, &transaction_handlers, s);
	s->uas = sipside_uas_create(s->env, &uas, &uas_handlers, s);
	s->locate.net = s->net;
	s->locate.transactions = s->transactions;
	s->listen = alloc_array(c->listen_count + 1, sizeof(*s->listen));
	s->listeners = alloc_array(c->listen_count + 1, sizeof(*s->listeners));
	s->listen_count = c->listen_count;
	for (unsigned i = 0; i < c->listen_count; i++) {
		s->listen[i] = c->listen[i];
		s->listen[i].host = alloc_str(c->listen[i].host);
	}
	s->configured = true;
}

static bool check(const struct sipside *s, const struct sipside_config *c, struct str *error)
{
	*error = STR_NONE;
	if (!c->node.n)
		*error = STR("node is not set");
	else if (s->configured && !str_eq_nocase(c->node, s->locate.node))
		*error = STR("node cannot change while running");
	return !error->n;
}

enum reason sipside_configure(struct sipside *s, const struct sipside_config *c, struct str *error)
{
	struct tls_context *tls = NULL;

	if (!check(s, c, error))
		return REASON_BAD_REQUEST;
	if (c->tls.cert.n) {
		tls = tls_context_create(s->env, &c->tls, error);
		if (!tls)
			return REASON_TLS;
	}
	if (!locate_configure(&s->locate, c, error)) {
		tls_context_destroy(tls);
		return REASON_BAD_REQUEST;
	}
	if (!s->configured)
		build(s, c);
	if (tls && s->net)
		sipside_transport_secure(s->net, tls);
	else
		tls_context_destroy(tls);
	s->usages.session_setup_ms = c->session_setup_ms ? c->session_setup_ms : SESSION_SETUP_MS;
	s->usages.start = c->start;
	return REASON_NONE;
}

enum reason sipside_renew(struct sipside *s, const struct sipside_tls *tls, struct str *error)
{
	struct tls_context *context = tls_context_create(s->env, tls, error);

	if (!context)
		return REASON_TLS;
	if (s->net)
		sipside_transport_secure(s->net, context);
	else
		tls_context_destroy(context);
	return REASON_NONE;
}

enum reason sipside_listen(struct sipside *s, struct str *error)
{
	locate_prepare(&s->locate);
	while (s->net && s->open_count < s->listen_count) {
		enum reason why = sipside_transport_listen(
			s->net, &s->listen[s->open_count], &s->listeners[s->open_count], error);

		if (why != REASON_NONE)
			return why;
		s->open_count++;
	}
	health_start(&s->locate);
	return REASON_NONE;
}

bool sipside_bound(const struct sipside *s, unsigned index, struct sipside_address *out)
{
	return s->net && index < s->open_count && sipside_transport_bound(s->net, s->listeners[index], out);
}

void sipside_destroy(struct sipside *s)
{
	if (!s)
		return;
	s->usages.closing = s->locate.closing = true;
	health_stop(&s->locate);
	sipside_transactions_destroy(s->transactions); /* what is on the wire ends */
	attempt_end_all(&s->locate);
	pager_destroy_all(&s->usages);
	ticket_destroy_all(&s->usages);
	usage_destroy_all(&s->usages);
	sipside_uas_destroy(s->uas);
	sipside_transport_destroy(s->net);
	locate_finish(&s->locate);
	for (unsigned i = 0; i < s->listen_count; i++)
		alloc_str_free(&s->listen[i].host);
	free(s->listen);
	free(s->listeners);
	free(s);
}

/* -- Domains */

struct sipside_domain *sipside_domain(struct sipside *s, struct str name)
{
	return locate_domain(&s->locate, name);
}

struct str sipside_domain_name(const struct sipside_domain *d)
{
	return d->name;
}

/* -- Certificates */

static void describe(const struct env *env, const struct tls_identity *id, struct sipside_certificate *out)
{
	*out = (struct sipside_certificate){ .names = tls_identity_text(env, id), .until_ms = id->until_ms };
}

bool sipside_own_certificate(const struct sipside *s, struct sipside_certificate *out)
{
	const struct tls_identity *own = s->net ? sipside_transport_own(s->net) : NULL;

	if (!own)
		return false;
	describe(s->env, own, out);
	out->proves_node = tls_identity_proves(own, s->locate.node);
	return true;
}

bool sipside_route_certificate(struct sipside_domain *d, struct str route, struct sipside_certificate *out)
{
	const struct locate *l = d->locate;
	const struct tls_identity *proved = NULL;
	const char *version = "";

	for (unsigned i = 0; l->net && !proved && i < d->rows->routes_count; i++)
		if (str_eq(d->rows->routes[i].name, route))
			proved = sipside_transport_dialled(l->net, d->rows->routes[i].to.host, &version);
	if (!proved)
		return false;
	describe(l->env, proved, out);
	out->version = version;
	return true;
}

/* A domain's locate is its sipside's. */
static struct sipside *sipside_of(const struct sipside_domain *d)
{
	return (struct sipside *)((char *)d->locate - offsetof(struct sipside, locate));
}

/* -- Usages */

struct sipside_usage *sipside_begin(struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why)
{
	struct usages *all = &sipside_of(d)->usages;

	if (r->method == S_INVITE)
		return session_call(all, d, r, owner, arg, why);
	if (r->method == S_SUBSCRIBE)
		return subscriber_begin(all, d, r, owner, arg, why);
	*why = REASON_NOT_SUPPORTED;
	return NULL;
}

struct sipside_usage *sipside_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg)
{
	return ticket_accept(t, owner, arg);
}

struct sipside_usage *sipside_restore(
	struct sipside_domain *d, struct str saved, const struct sipside_owner *owner, void *arg)
{
	static const struct usage_kind *const kinds[] = {
		[DIALOG_SESSION] = &session_kind,
		[DIALOG_SUBSCRIBER] = &subscriber_kind,
		[DIALOG_NOTIFIER] = &notifier_kind,
	};
	struct sipside_usage *u = usage_create(&sipside_of(d)->usages, d, &session_kind);
	enum dialog_usage usage;

	if (!dialog_line_read(d->locate->env, saved, u->all->start, &u->dialog, &usage) || !usage_register(u)) {
		usage_gone(u);
		return NULL;
	}
	u->kind = kinds[usage];
	u->state = USAGE_UP;
	u->established = true;
	u->owner = owner;
	u->arg = arg;
	return u;
}

struct str sipside_saved(struct sipside_usage *u)
{
	return usage_is_live(u) && u->established ? usage_line(u) : STR_NONE;
}

/* Which requests of ours each kind of usage carries. */
static bool carries(const struct sipside_usage *u, enum s_method method)
{
	switch (u->kind->usage) {
	case DIALOG_SESSION:
		return method == S_MESSAGE || method == S_INFO;
	case DIALOG_SUBSCRIBER:
		return method == S_SUBSCRIBE;
	case DIALOG_NOTIFIER:
		return method == S_NOTIFY;
	}
	return false;
}

enum reason sipside_send(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg)
{
	if (u->all->closing)
		return REASON_SHUTTING_DOWN;
	if (!carries(u, r->method))
		return REASON_NOT_SUPPORTED;
	if (u->state > USAGE_UP)
		return REASON_NO_SESSION;
	return send_queue_add(u, r, done, arg);
}

void sipside_end(struct sipside_usage *u)
{
	usage_leave(u);
}

/* -- Outside usages */

enum reason sipside_page(struct sipside_domain *d, const struct s_request *r, sipside_done *done, void *arg)
{
	return pager_send(&sipside_of(d)->usages, d, r, done, arg);
}

enum reason sipside_probe(struct sipside_domain *d, struct str route, sipside_done *done, void *arg)
{
	return sipside_of(d)->usages.closing ? REASON_SHUTTING_DOWN : probe_send(d, route, done, arg);
}

void sipside_answer(struct sipside_request *t, const struct s_result *r)
{
	ticket_answer(t, r);
}

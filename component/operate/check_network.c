/* SPDX-License-Identifier: MIT */
#include "component/operate/check_network.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/config/config_sip.h"
#include "component/loop.h"
#include "component/operate/check_tls.h"
#include "component/operate/check_xmpp.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"
#include "xmppside/xmppside.h"

enum { LIMIT_MS = 10000 };

/* One question that is out, in the order of the configuration. */
struct probe {
	struct network *network;
	const struct config_domain *domain;
	const struct sipside_route *route; /* NULL: a log-in */
	struct xmppside_link *link;
	uint64_t asked_ms;
	bool answered;
};

struct network {
	struct loop loop;
	struct check_report *report;
	const struct config *config;
	struct xmppside *xmpp;
	struct sipside *sip;
	struct timer limit;
	struct probe *probes;
	unsigned count, open;
	bool listens; /* every address of sip.listen is ours */
};

static struct probe *ask(struct network *n, const struct config_domain *d)
{
	struct probe *p = &n->probes[n->count++];

	*p = (struct probe){ .network = n, .domain = d, .asked_ms = env_now_ms(&n->loop.env) };
	n->open++;
	return p;
}

/* Every probe is answered once; the last one ends the loop. */
static bool answer(struct probe *p)
{
	if (p->answered)
		return false;
	p->answered = true;
	if (--p->network->open == 0)
		loop_stop(&p->network->loop);
	return true;
}

static void place(const struct probe *p)
{
	check_at(p->network->report, p->route ? CHECK_ROUTE : CHECK_XMPP, (unsigned)(p - p->network->probes));
}

static int since(const struct probe *p)
{
	return (int)(env_now_ms(&p->network->loop.env) - p->asked_ms);
}

/* -- Log-ins */

static void link_failed(struct probe *p, struct str words)
{
	const struct config_xmpp *x = &p->domain->link;
	struct str said = arena_str(&p->network->report->arena, words);
	bool conflict = said.n && strstr(said.p, "conflict");
	struct check_finding *f;

	if (!answer(p))
		return;
	place(p);
	f = check_add(p->network->report, conflict ? CHECK_WARN : CHECK_FAIL, STR("xmpp"), "%s:%u, log-in as %s: %s",
		x->host.p, x->port, x->component.p, said.n ? said.p : "no answer");
	check_advise(p->network->report, f, conflict ? NULL : "Nothing crosses; SIP requests are answered 503.",
		check_xmpp_remedy(&p->network->report->arena, x, said));
}

static void on_link(void *arg, struct xmppside_link *link, enum reason why, struct str words)
{
	struct network *n = arg;

	for (unsigned i = 0; i < n->count; i++) {
		struct probe *p = &n->probes[i];
		const struct config_xmpp *x = &p->domain->link;

		if (!p->link || p->link != link)
			continue;
		if (why != REASON_NONE)
			link_failed(p, words);
		else if (answer(p)) {
			place(p);
			check_add(n->report, CHECK_PASS, STR("xmpp"), "%s:%u accepts %s in %d ms", x->host.p, x->port,
				x->component.p, since(p));
		}
	}
}

/* A link that is not reached at all is told to nobody but the event stream. We do not try again. */
static void on_event(void *arg, const struct event *e)
{
	struct network *n = arg;
	const char *again =
		e->detail.n ? memmem(e->detail.p, e->detail.n, XMPPSIDE_AGAIN, strlen(XMPPSIDE_AGAIN)) : NULL;
	struct str words = str_cut(e->detail, 0, again ? (size_t)(again - e->detail.p) : e->detail.n);

	if (e->kind != EVENT_LINK_DOWN && e->kind != EVENT_LINK_REFUSED)
		return;
	for (unsigned i = 0; i < n->count; i++)
		if (n->probes[i].link && str_eq(n->probes[i].domain->link.component, e->from))
			link_failed(&n->probes[i], words);
}

/* Users' stanzas that arrive in this moment are not for us: their sender's server gets no answer and says so. */
static void on_message(void *arg, struct xmppside_link *link, const struct x_message *m)
{
	struct network *n = arg;
	struct x_error e = map_error_x(n->loop.env.turn, REASON_SHUTTING_DOWN, STR_NONE);

	if (m->type != X_TYPE_ERROR)
		xmppside_bounce(link, m, &e);
}

static void ignore_message(void *arg, struct xmppside_link *link, const struct x_message *m)
{
	(void)arg;
	(void)link;
	(void)m;
}

static void ignore_presence(void *arg, struct xmppside_link *link, const struct x_presence *p)
{
	(void)arg;
	(void)link;
	(void)p;
}

static const struct xmppside_handlers xmpp_handlers = {
	.link = on_link,
	.message = on_message,
	.refused_late = ignore_message,
	.presence = ignore_presence,
};

static void log_in(struct network *n, const struct config_domain *d)
{
	struct probe *p = ask(n, d);

	p->link = xmppside_open(n->xmpp, &(struct xmppside_server){ .host = d->link.host,
						 .port = d->link.port,
						 .component = d->link.component,
						 .secret = d->link.secret });
}

/* -- Routes */

/* "udp:10.0.0.9:5060" */
static const char *next_hop(const struct probe *p)
{
	static const char *const transports[] = { "udp", "tcp", "tls" };
	const struct sipside_address *to = &p->route->to;
	bool v6 = strchr(to->host.p, ':');
	struct buf b = { .n = 0 };
	struct str kept;

	buf_printf(
		&b, "%s:%s" STR_FMT "%s", transports[to->transport], v6 ? "[" : "", STR_ARG(to->host), v6 ? "]" : "");
	if (to->port)
		buf_printf(&b, ":%u", to->port);
	kept = arena_str(&p->network->report->arena, buf_str(&b));
	buf_finish(&b);
	return kept.p;
}

static struct str route_subject(const struct probe *p)
{
	return arena_printf(&p->network->report->arena, "route " STR_FMT, STR_ARG(p->route->name));
}

static void route_failed(struct probe *p, const char *why, const char *remedy)
{
	struct check_finding *f;

	place(p);
	f = check_add(p->network->report, CHECK_FAIL, route_subject(p), "%s: %s", next_hop(p), why);
	check_advise(p->network->report, f,
		p->domain->routes_count > 1 ? "Messages go over the domain's other routes."
					    : "Nothing reaches this domain: senders get an error.",
		remedy ? remedy : "is the address right, does the SIP server run, does a firewall let us through");
}

/* What came along with the answer over TLS. */
static enum check_state add_certificate(const struct probe *p, struct buf *words)
{
	struct network *n = p->network;
	struct sipside_certificate peer;

	if (p->route->to.transport != SIPSIDE_TLS ||
		!sipside_route_certificate(sipside_domain(n->sip, p->domain->name), p->route->name, &peer))
		return CHECK_PASS;
	buf_lit(words, ", ");
	return check_peer_certificate(&peer, env_unix_ms(&n->loop.env), words);
}

static void route_answered(struct probe *p, int status, struct str words)
{
	struct check_report *r = p->network->report;
	struct buf certificate = { .n = 0 };
	enum check_state state = add_certificate(p, &certificate);
	struct check_finding *f;

	place(p);
	f = check_add(r, status == 503 ? CHECK_WARN : state, route_subject(p),
		"%s answers OPTIONS with %d " STR_FMT " in %d ms" STR_FMT, next_hop(p), status, STR_ARG(words),
		since(p), STR_ARG(buf_str(&certificate)));

	if (state == CHECK_WARN)
		check_advise(r, f, NULL, "have the peer's certificate renewed before it ends");
	buf_finish(&certificate);
}

/* Any answer of the peer itself shows that it can be reached (RFC 3261 11.2); 503 says it does not want to work. */
static void on_probed(void *arg, const struct s_result *r)
{
	struct probe *p = arg;
	int status = r->why == REASON_NONE && !r->status ? 200 : r->status;
	struct str words = r->words.n ? r->words : status ? map_status_phrase(status) : map_reason(r->why)->sentence;

	if (!answer(p))
		return;
	if (!status)
		route_failed(p, arena_str(&p->network->report->arena, words).p,
			r->why == REASON_TLS ? check_tls_remedy(words) : NULL);
	else
		route_answered(p, status, words);
}

static void on_request(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct s_result refusal = map_error_s(REASON_SHUTTING_DOWN);

	(void)arg;
	(void)d;
	(void)r;
	sipside_answer(t, &refusal);
}

static void ignore_route(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words)
{
	(void)arg;
	(void)d;
	(void)route;
	(void)why;
	(void)words;
}

static bool in_service(void *arg)
{
	(void)arg;
	return false;
}

static const struct sipside_handlers sip_handlers = {
	.message = on_request,
	.invite = on_request,
	.subscribe = on_request,
	.route = ignore_route,
	.in_service = in_service,
};

static void send_options(struct network *n, const struct config_domain *d, const struct sipside_route *route)
{
	struct probe *p = ask(n, d);
	struct sipside_domain *domain = sipside_domain(n->sip, d->name);
	enum reason why;

	p->route = route;
	why = domain ? sipside_probe(domain, route->name, on_probed, p) : REASON_INTERNAL;
	if (why != REASON_NONE && answer(p))
		route_failed(p, arena_str(&n->report->arena, map_reason(why)->sentence).p, NULL);
}

/* "sip.key = PATH: does not belong ..." names what is wrong; an address was reported by check_listen(). */
static void sip_failed(struct network *n, bool configured, struct str error)
{
	struct check_finding *f;

	check_at(n->report, CHECK_CERTIFICATE, 0);
	f = check_add(n->report, CHECK_FAIL, STR("sip"), STR_FMT, STR_ARG(error));
	check_advise(n->report, f, "tombolo serve cannot start.",
		configured ? "sip.listen wants addresses of this machine" : check_own_remedy(error));
}

/* The daemon's configuration, but on free ports: its own may be held. */
static bool open_sip(struct network *n)
{
	const struct config *c = n->config;
	struct arena *a = n->loop.env.turn;
	struct sipside_address *listen = arena_alloc(a, (c->listen_count + 1) * sizeof(*listen));
	struct sipside_config sip = config_sip(a, c);
	struct str error = STR_NONE;
	bool configured;

	for (unsigned i = 0; i < c->listen_count; i++) {
		listen[i] = c->listen[i];
		listen[i].port = 0;
	}
	sip.listen = listen;
	configured = sipside_configure(n->sip, &sip, &error) == REASON_NONE;
	if (configured && (!n->listens || sipside_listen(n->sip, &error) == REASON_NONE))
		return n->listens;
	sip_failed(n, configured, error);
	return false;
}

/* -- All at once */

static void on_limit(void *arg)
{
	struct network *n = arg;

	for (unsigned i = 0; i < n->count; i++) {
		struct probe *p = &n->probes[i];

		if (!p->answered && p->route && answer(p))
			route_failed(p, "no answer in 10 s", NULL);
		else if (!p->answered)
			link_failed(p, STR("no answer in 10 s"));
	}
}

static unsigned most_probes(const struct config *c)
{
	unsigned n = c->domains_count;

	for (unsigned i = 0; i < c->domains_count; i++)
		n += c->domains[i].routes_count;
	return n;
}

static void skip_log_in(struct network *n, const struct config_domain *d, pid_t running)
{
	check_at(n->report, CHECK_XMPP, n->count);
	check_add(n->report, CHECK_SKIP, STR("xmpp"),
		"no log-in as %s: tombolo is running (process %d), a second one could take its messages",
		d->link.component.p, (int)running);
}

static void skip_options(struct network *n, const struct sipside_route *route)
{
	struct str subject = arena_printf(&n->report->arena, "route " STR_FMT, STR_ARG(route->name));

	check_at(n->report, CHECK_ROUTE, n->count);
	check_add(n->report, CHECK_SKIP, subject, "not asked: our own SIP side does not start");
}

static void ask_all(struct network *n, pid_t running)
{
	const struct config *c = n->config;
	bool sip = open_sip(n);

	check_at(n->report, CHECK_CERTIFICATE, 0);
	if (sip)
		check_own_certificate(n->report, c, n->sip, env_unix_ms(&n->loop.env));

	for (unsigned i = 0; i < c->domains_count; i++) {
		const struct config_domain *d = &c->domains[i];

		if (running)
			skip_log_in(n, d, running);
		else
			log_in(n, d);
		for (unsigned k = 0; k < d->routes_count; k++) {
			if (sip)
				send_options(n, d, &d->routes[k]);
			else
				skip_options(n, &d->routes[k]);
		}
	}
}

void check_links_and_routes(struct check_report *r, const struct config *c, pid_t running, bool listens)
{
	struct network *n = alloc_zero(sizeof(*n));

	signal(SIGPIPE, SIG_IGN);
	n->report = r;
	n->config = c;
	n->listens = listens;
	n->probes = alloc_array(most_probes(c) + 1, sizeof(*n->probes));
	loop_init(&n->loop);
	sinks_add(&n->loop.sinks, (struct sink){ .event = on_event, .arg = n });
	n->xmpp = xmppside_create(&n->loop.env, &xmpp_handlers, n);
	n->sip = sipside_create(&n->loop.env, &sip_handlers, n);
	n->limit = (struct timer){ .fire = on_limit, .arg = n };
	wheel_set(&n->loop.wheel, &n->limit, env_now_ms(&n->loop.env) + LIMIT_MS);
	ask_all(n, running);
	if (n->open)
		loop_run(&n->loop);
	sinks_remove(&n->loop.sinks, n);
	wheel_cancel(&n->loop.wheel, &n->limit);
	xmppside_destroy(n->xmpp);
	sipside_destroy(n->sip);
	loop_finish(&n->loop);
	free(n->probes);
	free(n);
}

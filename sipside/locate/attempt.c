/* SPDX-License-Identifier: MIT */
#include "sipside/locate/attempt.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "sipside/locate/next_hop.h"

enum { NO_ROUTE = -1, HEAD_BYTES = 200 /* Via, lengths, blanks: what the transaction adds */ };

struct attempt {
	struct attempt *next, **link; /* locate.attempts */
	struct sipside_domain *domain;
	struct domain_rows *rows; /* the configuration it began with */
	const struct attempt_owner *owner; /* NULL: abandoned */
	void *arg;
	struct sipside_client *client; /* NULL: not on the wire */
	struct sipside_outgoing request; /* borrowed, until `text` holds a copy */
	char *text;
	struct resolver_query query;
	struct resolver_answer hosts; /* of the hop in hand */
	struct env_flush later; /* goes on with the next candidate, or reports */
	struct str words; /* why the last candidate failed; owned */
	struct sipside_address hop; /* host is owned; from the next hop's URI */
	uint32_t tried; /* routes, a bit each */
	enum reason why;
	unsigned host; /* the next of `hosts` */
	int route; /* in hand; NO_ROUTE: the next hop */
	struct route *only;
	bool has_hop; /* the next hop is still to be tried */
	bool contact, record_route;
	bool udp_left; /* by a stream first; if nobody listens there, by UDP */
	bool heard; /* a provisional answer came */
	bool unmarked; /* the candidate in hand failed, its route has not been told */
	bool cancelled;
};

static void go_on(struct attempt *a);

static const struct env *env_of(const struct attempt *a)
{
	return a->domain->locate->env;
}

/* -- Life */

static void attempt_free(struct attempt *a)
{
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	resolver_cancel(&a->query);
	env_flush_cancel(env_of(a), &a->later);
	alloc_str_free(&a->words);
	alloc_str_free(&a->hop.host);
	free(a->text);
	free(a);
}

static void copy_in(char **at, struct str *s)
{
	if (s->n)
		memcpy(*at, s->p, s->n);
	s->p = *at;
	*at += s->n;
}

/* The request has to outlive the caller's. */
static void keep_request(struct attempt *a)
{
	struct sipside_outgoing *r = &a->request;
	char *at;

	if (a->text)
		return;
	at = a->text = alloc_zero(r->uri.n + r->headers.n + r->content_type.n + r->body.n + 1);
	copy_in(&at, &r->uri);
	copy_in(&at, &r->headers);
	copy_in(&at, &r->content_type);
	copy_in(&at, &r->body);
}

static bool provably_not_sent(enum reason why)
{
	return why == REASON_UNREACHABLE || why == REASON_TLS || why == REASON_NO_ROUTE || why == REASON_GIVEN_UP ||
	       why == REASON_TOO_LARGE || why == REASON_QUEUE_FULL || why == REASON_TOO_MANY;
}

static void report(struct attempt *a)
{
	const struct attempt_owner *owner = a->owner;
	void *arg = a->arg;
	enum reason why = a->why;
	struct str words = arena_str(env_of(a)->turn, a->words);

	attempt_free(a);
	if (owner)
		owner->failed(arg, why, words, provably_not_sent(why));
}

static void set_why(struct attempt *a, enum reason why, struct str words)
{
	a->why = why;
	alloc_str_set(&a->words, words);
}

static struct route *route_of(const struct attempt *a)
{
	return a->route == NO_ROUTE ? NULL : &a->rows->routes[a->route];
}

static void mark(struct attempt *a, enum reason why, struct str words)
{
	struct route *r = route_of(a);

	if (r && a->rows == a->domain->rows)
		route_mark(a->domain, r, why, words);
}

/* -- Candidates: the addresses of the next hop, or of one route after the other */

static int next_route(const struct attempt *a)
{
	uint64_t now = env_now_ms(env_of(a));
	int last_resort = NO_ROUTE;

	for (unsigned i = 0; i < a->rows->routes_count; i++) {
		const struct route *r = &a->rows->routes[i];

		if (a->tried & 1u << i || (a->only && a->only != r))
			continue;
		if (r->state != ROUTE_DOWN || r->again_ms <= now)
			return (int)i;
		if (last_resort == NO_ROUTE)
			last_resort = (int)i;
	}
	return last_resort;
}

static const struct sipside_address *hop_in_hand(const struct attempt *a)
{
	return a->route == NO_ROUTE ? &a->hop : &a->rows->routes[a->route].to;
}

/* Takes the next hop or route in hand. An in-dialog request is for one host; only where its name means nothing here do
 * the domain's routes stand in (wire-lync.md 4.4: any front end forwards it). */
static bool take_next_source(struct attempt *a)
{
	a->host = a->hosts.count = 0;
	if (a->has_hop) {
		a->has_hop = false;
		a->route = NO_ROUTE;
		return true;
	}
	a->route = next_route(a);
	if (a->route == NO_ROUTE)
		return false;
	a->tried |= 1u << a->route;
	return true;
}

/* The candidate in hand failed. Its route hears of it when all its addresses have, and never inside attempt_send. */
static void note_failure(struct attempt *a, enum reason why, struct str words)
{
	set_why(a, why, words);
	a->unmarked = true;
}

static void tell_failure(struct attempt *a)
{
	if (a->unmarked)
		mark(a, a->why, a->words);
	a->unmarked = false;
}

static void no_such_host(struct attempt *a)
{
	struct str host = hop_in_hand(a)->host;

	note_failure(a, REASON_UNREACHABLE, arena_printf(env_of(a)->turn, "no such host: " STR_FMT, STR_ARG(host)));
}

/* What was resolved is next. A next hop that has an address is the one to ask: no route stands in for it then. */
static void take_hosts(struct attempt *a, const struct resolver_answer *answer)
{
	a->hosts = *answer;
	if (answer->count && a->route == NO_ROUTE)
		a->tried = UINT32_MAX;
}

static void resolved(void *arg, const struct resolver_answer *answer)
{
	struct attempt *a = arg;

	take_hosts(a, answer);
	if (!answer->count)
		no_such_host(a);
	go_on(a);
}

static bool alternatives_left(const struct attempt *a)
{
	if (a->host < a->hosts.count || a->udp_left)
		return true;
	return a->route != NO_ROUTE && next_route(a) != NO_ROUTE;
}

/* -- On the wire */

static void client_answer(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct attempt *a = arg;
	const struct attempt_owner *owner = a->owner;
	void *owner_arg = a->arg;

	a->heard = true;
	mark(a, REASON_NONE, STR_NONE);
	if (m->status >= 300 || (m->status >= 200 && a->request.method != S_INVITE))
		attempt_free(a);
	if (owner)
		owner->answer(owner_arg, m, from);
}

static void client_failed(void *arg, enum reason why, struct str words)
{
	struct attempt *a = arg;
	bool not_sent = why == REASON_UNREACHABLE || why == REASON_TLS;

	a->client = NULL;
	if (not_sent && !a->cancelled && a->owner && alternatives_left(a)) {
		note_failure(a, why, words);
		go_on(a);
		return;
	}
	set_why(a, why, words);
	if (not_sent || (why == REASON_NO_ANSWER && !a->heard))
		mark(a, why, words);
	report(a);
}

static void client_over(void *arg)
{
	struct attempt *a = arg;
	const struct attempt_owner *owner = a->owner;
	void *owner_arg = a->arg;

	attempt_free(a);
	if (owner && owner->over)
		owner->over(owner_arg);
}

static const struct sipside_client_owner client_owner = {
	.answer = client_answer,
	.failed = client_failed,
	.over = client_over,
};

static bool too_large_for_udp(const struct sipside_outgoing *r)
{
	return r->uri.n + r->headers.n + r->content_type.n + r->body.n + HEAD_BYTES > ATTEMPT_UDP_BYTES;
}

/* Contact and Record-Route name the transport the request goes by. */
static struct str whole_headers(const struct attempt *a, enum sipside_transport t)
{
	const struct locate *l = a->domain->locate;
	struct str route = STR_NONE, contact = STR_NONE;

	if (a->record_route && a->domain->profile->record_route)
		route = arena_printf(
			l->env->turn, "Record-Route: " STR_FMT "\r\n", STR_ARG(locate_own_uri(l, t, true)));
	if (a->contact)
		contact = arena_printf(l->env->turn, "Contact: " STR_FMT "\r\n", STR_ARG(locate_own_uri(l, t, false)));
	return arena_printf(l->env->turn, STR_FMT STR_FMT STR_FMT STR_FMT, STR_ARG(route), STR_ARG(a->request.headers),
		STR_ARG(contact), STR_ARG(l->agent));
}

/* false: this candidate cannot be had; why is set. */
static bool try_target(struct attempt *a, struct sipside_target *to)
{
	struct sipside_outgoing r = a->request;
	enum reason why = REASON_NONE;

	if (to->transport == SIPSIDE_TLS)
		to->tls_name = hop_in_hand(a)->host.p;
	if (to->transport == SIPSIDE_UDP && too_large_for_udp(&r) && !a->udp_left) {
		a->udp_left = true;
		to->transport = SIPSIDE_TCP;
	} else {
		a->udp_left = false;
	}
	r.headers = whole_headers(a, to->transport);
	a->client = sipside_client_send(a->domain->locate->transactions, to, &r, &client_owner, a, &why);
	if (a->client) {
		a->unmarked = false;
		return true;
	}
	set_why(a, why, STR_NONE);
	a->unmarked = why == REASON_UNREACHABLE; /* a full queue is no fault of the route's */
	return false;
}

/* Whether the candidate in hand has one more address, or one more way to its last address. */
static bool try_addresses(struct attempt *a)
{
	while (a->udp_left || a->host < a->hosts.count) {
		unsigned at = a->udp_left ? a->host - 1 : a->host++;
		struct sipside_target to = next_hop_target(&a->hosts.at[at], hop_in_hand(a));

		if (try_target(a, &to))
			return true;
	}
	return false;
}

/* Runs from the loop, never inside attempt_send: it may call back. */
static void go_on(struct attempt *a)
{
	for (;;) {
		if (a->cancelled)
			set_why(a, REASON_GIVEN_UP, STR_NONE);
		else if (try_addresses(a))
			return;
		tell_failure(a);
		if (a->cancelled || !take_next_source(a)) {
			report(a);
			return;
		}
		const struct resolver_answer *answer =
			resolver_ask(a->domain->locate->resolver, hop_in_hand(a)->host, &a->query);

		if (!answer)
			return;
		take_hosts(a, answer);
		if (!answer->count)
			no_such_host(a);
	}
}

static void run_later(void *arg)
{
	go_on(arg);
}

/* -- Starting */

static struct attempt *attempt_create(struct sipside_domain *d, const struct attempt_order *order)
{
	struct attempt *a = alloc_zero(sizeof(*a));
	struct locate *l = d->locate;

	a->domain = d;
	a->rows = d->rows;
	a->request = *order->request;
	a->only = order->only;
	a->contact = order->contact;
	a->record_route = order->record_route;
	a->route = NO_ROUTE;
	a->why = REASON_NO_ROUTE;
	a->query.done = resolved;
	a->query.arg = a;
	a->later.run = run_later;
	a->later.arg = a;
	if (next_hop_read(d, order->next_hop, &a->hop)) {
		a->hop.host = alloc_str(a->hop.host);
		a->has_hop = true;
	}
	a->next = l->attempts;
	a->link = &l->attempts;
	if (a->next)
		a->next->link = &a->next;
	l->attempts = a;
	return a;
}

/* The common case leaves at once and copies nothing: an address that needs no asking. */
static bool leaves_at_once(struct attempt *a)
{
	const struct resolver_answer *answer;

	if (!take_next_source(a))
		return false;
	answer = resolver_ask(a->domain->locate->resolver, hop_in_hand(a)->host, &a->query);
	if (!answer) {
		keep_request(a);
		return true; /* on its way to an address: `resolved` goes on */
	}
	take_hosts(a, answer);
	if (!answer->count) {
		no_such_host(a);
		return false;
	}
	struct sipside_target to = next_hop_target(&a->hosts.at[a->host++], hop_in_hand(a));

	if (!try_target(a, &to))
		return false;
	if (alternatives_left(a))
		keep_request(a);
	return true;
}

struct attempt *attempt_send(
	struct sipside_domain *d, const struct attempt_order *order, const struct attempt_owner *owner, void *arg)
{
	struct attempt *a = attempt_create(d, order);

	a->owner = owner;
	a->arg = arg;
	if (!leaves_at_once(a)) {
		keep_request(a);
		env_flush_later(env_of(a), &a->later);
	}
	return a;
}

void attempt_abandon(struct attempt *a)
{
	a->owner = NULL;
}

void attempt_cancel(struct attempt *a)
{
	a->cancelled = true;
	if (a->client) {
		sipside_client_cancel(a->client);
	} else {
		resolver_cancel(&a->query);
		env_flush_later(env_of(a), &a->later);
	}
}

void attempt_end_all(struct locate *l)
{
	while (l->attempts) {
		set_why(l->attempts, REASON_SHUTTING_DOWN, STR_NONE);
		report(l->attempts);
	}
}

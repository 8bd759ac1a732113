/* SPDX-License-Identifier: MIT */
#include "sipside/locate/attempt.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "sipside/locate/candidates.h"
#include "sipside/locate/challenge.h"
#include "sipside/locate/health.h"
#include "sipside/syntax/header_values.h"

enum { HEAD_BYTES = 200 /* Via, lengths, blanks: what the transaction adds */ };

struct attempt {
	struct attempt *next, **link; /* locate.attempts */
	struct sipside_domain *domain;
	const struct attempt_owner *owner; /* NULL: abandoned */
	void *arg;
	struct sipside_client *client; /* NULL: not on the wire */
	struct sipside_outgoing request; /* borrowed, until `text` holds a copy */
	char *text;
	struct candidates candidates;
	struct sipside_target to; /* the address in hand */
	struct challenge challenge;
	uint32_t *cseq; /* as in struct attempt_order */
	struct env_flush later; /* goes on with the next candidate, or reports */
	struct str words; /* why the last candidate failed; owned */
	uint64_t sent_ms; /* to the address in hand */
	enum reason why;
	bool contact, record_route;
	bool udp_left; /* by a stream first; if nobody listens there, by UDP */
	bool unmarked; /* the candidate in hand failed, its route has not been told */
	bool cancelled;
};

static bool try_address(struct attempt *a);
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
	candidates_finish(&a->candidates);
	challenge_finish(&a->challenge);
	env_flush_cancel(env_of(a), &a->later);
	alloc_str_free(&a->words);
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

/* -- Telling the route */

/* NULL: none is meant, or a later configuration has taken its place. */
static struct route *route_of(const struct attempt *a)
{
	return a->candidates.rows == a->domain->rows ? a->candidates.route : NULL;
}

/* The candidate in hand failed. Its route hears of it when all its addresses have, and never inside attempt_send. */
static void note_failure(struct attempt *a, enum reason why, struct str words)
{
	set_why(a, why, words);
	a->unmarked = true;
}

static void tell_failure(struct attempt *a)
{
	struct route *r = route_of(a);

	if (a->unmarked && r)
		route_down(a->domain, r, a->why, a->words, 0);
	a->unmarked = false;
}

/* A 503 speaks of the whole server only where it says for how long (RFC 3261 21.5.4), or to an OPTIONS; inside a dialog it
 * may be one user's telephone. */
static void tell_answer(struct attempt *a, const struct sipside_msg *m)
{
	struct route *r = route_of(a);
	bool options = a->request.method == S_OPTIONS;

	if (!r)
		return;
	health_heard(a->domain->locate, r);
	if (m->status == 503 && !a->candidates.hop.host.n && (options || sipside_msg_retry_after(m)))
		route_down(a->domain, r, REASON_SIP_STATUS, STR("503 Service Unavailable"), sipside_msg_retry_after(m));
	else if (m->status != 503)
		route_up(a->domain, r, options);
}

/* No final answer. Silence counts only where nothing else was heard from there meanwhile. */
static void tell_silence(struct attempt *a, enum reason why, struct str words)
{
	struct route *r = route_of(a);

	if (!r || !a->owner)
		return;
	if (why == REASON_NO_ANSWER && r->heard_ms < a->sent_ms && !r->health)
		route_down(a->domain, r, why, words, 0);
	else if (why == REASON_NO_ANSWER || why == REASON_CONNECTION_LOST)
		health_suspect(a->domain->locate, r);
}

/* -- On the wire */

static bool alternatives_left(const struct attempt *a)
{
	return a->udp_left || candidates_left(&a->candidates);
}

/* Sends again what was challenged, to the same address, under the next CSeq (RFC 3261 22.2). */
static bool answer_challenge(struct attempt *a, const struct sipside_msg *m)
{
	struct challenge *c = &a->challenge;

	if (a->cancelled || !a->owner || !a->text || !challenge_take(c, a->candidates.route, &a->request, m))
		return false;
	if (a->cseq)
		c->cseq = ++*a->cseq;
	else
		c->cseq = (c->cseq ? c->cseq : challenge_cseq(a->request.headers)) + 1;
	a->client = NULL;
	if (!try_address(a))
		report(a);
	return true;
}

/* 503: not processed there, another one may be asked (RFC 3261 21.5.4, RFC 3263 4.3). */
static void client_answer(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct attempt *a = arg;
	const struct attempt_owner *owner = a->owner;
	void *owner_arg = a->arg;

	tell_answer(a, m);
	if (answer_challenge(a, m))
		return;
	if (m->status == 503 && !a->cancelled && owner && a->text && candidates_left(&a->candidates)) {
		a->client = NULL;
		a->udp_left = false;
		set_why(a, REASON_UNREACHABLE, STR("503 Service Unavailable"));
		go_on(a);
		return;
	}
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
	a->unmarked = not_sent;
	tell_failure(a);
	if (!not_sent)
		tell_silence(a, why, words);
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
	return arena_join(l->env->turn, route, challenge_headers(&a->challenge, l->env->turn, a->request.headers),
		contact, l->agent);
}

/* Sends to the address in hand. false: it cannot be had; why is set. */
static bool try_address(struct attempt *a)
{
	struct sipside_outgoing r = a->request;
	struct sipside_target to = a->to;
	enum reason why = REASON_NONE;

	if (to.transport == SIPSIDE_UDP && too_large_for_udp(&r) && !a->udp_left) {
		a->udp_left = true;
		to.transport = SIPSIDE_TCP;
	} else {
		a->udp_left = false;
	}
	r.headers = whole_headers(a, to.transport);
	a->sent_ms = env_now_ms(env_of(a));
	a->client = sipside_client_send(a->domain->locate->transactions, &to, &r, &client_owner, a, &why);
	if (a->client) {
		a->unmarked = false;
		health_asked(a->domain->locate, route_of(a));
		return true;
	}
	set_why(a, why, STR_NONE);
	a->unmarked = why == REASON_UNREACHABLE; /* a full queue is no fault of the route's */
	return false;
}

/* Whether the host in hand has one more address, or one more way to its last address. */
static bool try_addresses(struct attempt *a)
{
	while (a->udp_left || candidates_take(&a->candidates, &a->to))
		if (try_address(a))
			return true;
	return false;
}

/* The addresses of the host in hand are there, or it is known to have none. */
static void look(struct attempt *a)
{
	candidates_located(&a->candidates);
	if (!a->candidates.locating.found.count)
		note_failure(a, REASON_UNREACHABLE,
			arena_printf(env_of(a)->turn, "no such host: " STR_FMT,
				STR_ARG(candidates_host(&a->candidates)->host)));
}

/* A dead next hop is not asked: its request would be lost without anybody knowing. */
static bool skip_dead_hop(struct attempt *a)
{
	if (!candidates_is_dead(&a->candidates))
		return false;
	a->candidates.tried = UINT32_MAX;
	set_why(a, REASON_UNREACHABLE, STR("its server does not answer"));
	return true;
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
		if (a->cancelled || !candidates_next_host(&a->candidates)) {
			if (a->why == REASON_NO_ROUTE)
				set_why(a, REASON_NO_ROUTE, candidates_why_none(&a->candidates));
			report(a);
			return;
		}
		if (skip_dead_hop(a))
			continue;
		if (!candidates_locate(&a->candidates))
			return;
		look(a);
	}
}

static void located(void *arg)
{
	struct attempt *a = arg;

	look(a);
	go_on(a);
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
	a->request = *order->request;
	a->cseq = order->cseq;
	a->contact = order->contact;
	a->record_route = order->record_route;
	a->why = REASON_NO_ROUTE;
	a->later.run = run_later;
	a->later.arg = a;
	candidates_init(&a->candidates, d, order->next_hop, order->only, located, a);
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
	if (!candidates_next_host(&a->candidates) || skip_dead_hop(a))
		return false;
	if (!candidates_locate(&a->candidates)) {
		keep_request(a);
		return true; /* on its way to an address: `located` goes on */
	}
	look(a);
	if (!candidates_take(&a->candidates, &a->to) || !try_address(a))
		return false;
	if (alternatives_left(a) || (a->candidates.route && a->candidates.route->user.n))
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
		locating_cancel(&a->candidates.locating);
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

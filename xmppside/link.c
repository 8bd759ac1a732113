/* SPDX-License-Identifier: MIT */
#include "xmppside/link.h"

#include <stdlib.h>
#include "mapping/error.h"
#include "xmppside/dispatch.h"
#include "xmppside/xml_stream.h"
#include "xmppside/syntax/stanza_print.h"

enum {
	RETRY_LOST_MS = 2000, /* +-50 %: not all links of a restarted server at once */
	RETRY_REFUSED_MS = 30 * 1000,
	CONNECT_LIMIT_MS = 5000, /* for each address */
	LOGIN_LIMIT_MS = 10 * 1000,
	LOOKUP_LIMIT_MS = 10 * 1000,
	QUIET_MS = 10 * 1000, /* so long nothing heard: ask */
	PING_LIMIT_MS = 8 * 1000, /* over before the next look */
};

static void begin(void *arg);
static void try_next_address(struct xmppside_link *link);

static void wake_in(struct xmppside_link *link, uint64_t ms, void (*fire)(void *arg))
{
	link->timer.fire = fire;
	link->timer.arg = link;
	wheel_set(link->env->wheel, &link->timer, env_now_ms(link->env) + ms);
}

static uint64_t jittered(const struct env *env, uint64_t ms)
{
	return ms / 2 + env_random_u64(env) % (ms + 1);
}

/* The log's word: the server's own where it gave one; the event's name says already that the link is down. */
static struct str word_of(enum reason why, struct str condition)
{
	if (why == REASON_LINK_REFUSED && condition.n)
		return condition;
	return map_reason(why == REASON_LINK_DOWN ? REASON_UNREACHABLE : why)->word;
}

static void tell_failure(
	const struct xmppside_link *link, enum reason why, bool alarm, struct str condition, struct str words)
{
	bool v6 = str_find(link->host, ':') < link->host.n;
	struct arena *a = link->env->turn;

	env_event(link->env,
		&(struct event){ .kind = alarm ? EVENT_LINK_REFUSED : EVENT_LINK_DOWN,
			.from = link->component,
			.to = arena_printf(a, v6 ? "[" STR_FMT "]:%u" : STR_FMT ":%u", STR_ARG(link->host), link->port),
			.why = word_of(why, condition),
			.detail = arena_printf(
				a, STR_FMT XMPPSIDE_AGAIN "%s", STR_ARG(words), alarm ? " every 30 s" : "") });
}

/* Tells each change once: the event stream everything, the handler all but attempts that come to nothing. */
static void report(struct xmppside_link *link, enum reason why, bool alarm, struct str condition, struct str words)
{
	if (link->reported == why && str_eq(link->reported_words, words))
		return;
	link->reported = why;
	alloc_str_set(&link->reported_words, words);
	if (why == REASON_NONE)
		env_event(link->env, &(struct event){ .kind = EVENT_LINK_UP, .from = link->component });
	else
		tell_failure(link, why, alarm, condition, words);
	if (why != REASON_LINK_DOWN)
		link->x->handlers->link(link->x->arg, link, why, words);
}

/* Whatever was open on the stream has ended with it. */
static void drop_stream(struct xmppside_link *link)
{
	xmppside_deliveries_lose(&link->deliveries);
	xmppside_domains_forget(&link->domains);
	link->deliveries.stream = NULL;
	link->stream = NULL;
}

/* A condition that says no to our log-in, and not merely "not now". */
static bool is_refusal(struct str condition)
{
	return !str_eq(condition, STR("system-shutdown")) && !str_eq(condition, STR("reset")) &&
	       !str_eq(condition, STR("internal-server-error")) && !str_eq(condition, STR("resource-constraint"));
}

/* The attempt or the link is over; another attempt follows. */
static void fail(struct xmppside_link *link, bool refused, struct str condition, struct str words)
{
	bool was_up = link->state == LINK_UP;
	/* Another node of ours, or our own dead connection, holds the name (conflict): wait, it is no fault. */
	bool conflict = str_eq(condition, STR("conflict"));
	bool alarm = refused && !conflict && is_refusal(condition);

	link->state = LINK_WAITING;
	wake_in(link, alarm ? RETRY_REFUSED_MS : jittered(link->env, RETRY_LOST_MS), begin);
	drop_stream(link);
	if (link->state == LINK_WAITING) /* not closed by somebody whose delivery has just ended */
		report(link,
			was_up    ? REASON_LINK_LOST
			: refused ? REASON_LINK_REFUSED
				  : REASON_LINK_DOWN,
			alarm, condition, words);
}

/* We give up on the stream ourselves. */
static void abandon(struct xmppside_link *link, struct str condition, struct str words)
{
	xmppside_stream_close(link->stream, condition); /* first, so that it is settled what was sent */
	fail(link, false, STR_NONE, words);
}

static void on_connect_limit(void *arg)
{
	struct xmppside_link *link = arg;

	xmppside_stream_close(link->stream, STR_NONE);
	link->stream = NULL;
	try_next_address(link);
}

static void on_login_limit(void *arg)
{
	abandon(arg, STR("connection-timeout"), STR("no answer to the log-in"));
}

static void on_connected(void *arg)
{
	struct xmppside_link *link = arg;

	link->state = LINK_LOGGING_IN;
	wake_in(link, LOGIN_LIMIT_MS, on_login_limit);
}

/* -- Keeping alive */

static void on_quiet_check(void *arg);

static void on_ping_end(void *arg, enum iq_end how, const struct xmppside_element *answer)
{
	struct xmppside_link *link = arg;

	(void)answer;
	if (how == IQ_TIMEOUT && xmppside_stream_received(link->stream) == link->heard)
		abandon(link, STR("connection-timeout"), STR("the server does not answer"));
}

/* Asks ourselves through the server: it routes the request and its answer, whatever hosts and modules it has. */
static void ask(struct xmppside_link *link)
{
	struct x_jid self = { .domain = link->component };

	link->ping.ended = on_ping_end;
	link->ping.arg = link;
	xmppside_iq_open(&link->iqs, &link->ping, link->component, env_now_ms(link->env) + PING_LIMIT_MS);
	xmppside_print_ping(xmppside_stream_out(link->stream), link->ping.id, &self, &self);
}

static void on_quiet_check(void *arg)
{
	struct xmppside_link *link = arg;
	uint64_t received = xmppside_stream_received(link->stream);

	if (received == link->heard && !link->ping.owner)
		ask(link);
	link->heard = received;
	wake_in(link, QUIET_MS, on_quiet_check);
}

/* -- The stream's events */

static void send_held(struct xmppside_link *link)
{
	if (link->held.n)
		buf_add(xmppside_stream_out(link->stream), buf_str(&link->held));
	buf_finish(&link->held);
}

static void on_opened(void *arg)
{
	struct xmppside_link *link = arg;

	link->state = LINK_UP;
	send_held(link);
	link->deliveries.stream = link->stream;
	link->heard = xmppside_stream_received(link->stream);
	wake_in(link, QUIET_MS, on_quiet_check);
	report(link, REASON_NONE, false, STR_NONE, STR_NONE);
}

static void on_stanza(void *arg, struct xmppside_element *stanza, struct arena *a, bool whole)
{
	xmppside_dispatch(arg, stanza, a, whole);
}

static void on_closed(void *arg, bool refused, struct str condition, struct str words)
{
	struct xmppside_link *link = arg;

	if (link->state == LINK_CONNECTING) {
		link->stream = NULL;
		alloc_str_set(&link->last_words, words);
		try_next_address(link);
		return;
	}
	fail(link, refused, condition, words);
}

/* -- Getting there */

static void try_next_address(struct xmppside_link *link)
{
	static const struct xmppside_stream_events events = {
		.connected = on_connected,
		.opened = on_opened,
		.stanza = on_stanza,
		.closed = on_closed,
	};

	link->state = LINK_CONNECTING;
	while (link->address_at < link->address_count) {
		link->stream =
			xmppside_stream_open(link->env, (const struct sockaddr *)&link->addresses[link->address_at++],
				link->component, link->secret, &events, link);
		if (link->stream) {
			wake_in(link, CONNECT_LIMIT_MS, on_connect_limit);
			return;
		}
	}
	fail(link, false, STR_NONE, link->last_words.n ? link->last_words : STR("the server cannot be reached"));
}

static void use_addresses(struct xmppside_link *link, const struct sockaddr_storage *addresses, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		link->addresses[i] = addresses[i];
	link->address_count = n;
	link->address_at = 0;
	try_next_address(link);
}

static void on_lookup(void *arg, const struct sockaddr_storage *addresses, unsigned n, struct str words)
{
	struct xmppside_link *link = arg;

	link->lookup = NULL;
	if (n == 0)
		fail(link, false, STR_NONE, words);
	else
		use_addresses(link, addresses, n);
}

static void on_lookup_limit(void *arg)
{
	struct xmppside_link *link = arg;

	xmppside_name_lookup_cancel(link->lookup);
	link->lookup = NULL;
	fail(link, false, STR_NONE, STR("the server's name cannot be resolved in time"));
}

static void begin(void *arg)
{
	struct xmppside_link *link = arg;
	struct sockaddr_storage numeric = { 0 };

	alloc_str_free(&link->last_words);
	if (xmppside_address_numeric(link->host, link->port, &numeric)) {
		use_addresses(link, &numeric, 1);
		return;
	}
	link->state = LINK_RESOLVING;
	link->lookup = xmppside_name_lookup(link->env, link->host, link->port, on_lookup, link);
	wake_in(link, LOOKUP_LIMIT_MS, on_lookup_limit);
}

/* -- Its life */

static void reap(void *arg)
{
	struct xmppside_link *link = arg;

	alloc_str_free(&link->host);
	alloc_str_free(&link->component);
	alloc_str_free(&link->secret);
	alloc_str_free(&link->reported_words);
	alloc_str_free(&link->last_words);
	buf_finish(&link->held);
	free(link);
}

struct xmppside_link *xmppside_link_create(struct xmppside *x, const struct xmppside_server *server)
{
	struct xmppside_link *link = alloc_zero(sizeof(*link));

	link->x = x;
	link->env = x->env;
	link->host = alloc_str(server->host);
	link->component = alloc_str(server->component);
	link->secret = alloc_str(server->secret);
	link->port = server->port;
	link->reported = REASON_COUNT; /* nothing yet */
	link->reap = (struct env_flush){ .run = reap, .arg = link };
	xmppside_iqs_init(&link->iqs, link->env);
	xmppside_domains_init(&link->domains, &link->iqs);
	xmppside_deliveries_init(&link->deliveries, link->env, &link->iqs, &link->domains);
	link->next = x->links;
	x->links = link;
	begin(link);
	return link;
}

static void unlink_from(struct xmppside *x, const struct xmppside_link *link)
{
	for (struct xmppside_link **at = &x->links; *at; at = &(*at)->next)
		if (*at == link) {
			*at = link->next;
			return;
		}
}

void xmppside_link_close(struct xmppside_link *link)
{
	if (link->state == LINK_CLOSED)
		return;
	link->state = LINK_CLOSED;
	unlink_from(link->x, link);
	wheel_cancel(link->env->wheel, &link->timer);
	if (link->lookup)
		xmppside_name_lookup_cancel(link->lookup);
	if (link->stream)
		xmppside_stream_close(link->stream, STR_NONE);
	drop_stream(link);
	env_flush_later(link->env, &link->reap);
}

struct buf *xmppside_link_out(struct xmppside_link *link)
{
	return link->state == LINK_UP ? xmppside_stream_out(link->stream) : NULL;
}

struct buf *xmppside_link_out_later(struct xmppside_link *link)
{
	if (link->state == LINK_UP)
		return xmppside_stream_out(link->stream);
	if (link->state != LINK_CLOSED && link->held.n < LINK_HELD_BYTES)
		return &link->held;
	env_event(link->env, &(struct event){ .kind = EVENT_DROPPED,
				     .to = link->component,
				     .why = map_reason(REASON_LINK_DOWN)->word,
				     .detail = STR("an answer to an XMPP user") });
	return NULL;
}

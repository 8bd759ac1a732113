/* SPDX-License-Identifier: MIT */
#include "sipside/transport/stream.h"
#include "sipside/transport/framer.h"
#include "mapping/base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { READ_BYTES = 64 * 1024, BACKLOG = 1024 };

/* CONNECTING --> OPEN --> DRAINING (no more reading, writes what waits) --> CLOSED (libuv lets go of the handle) */
enum stream_state { CONNECTING, OPEN, DRAINING, CLOSED };

struct address { /* a peer as a table key: no padding, no scope */
	uint8_t host[16];
	uint16_t port, family;
};

struct peer { /* accepted connections from one address */
	UT_hash_handle hh;
	struct address address; /* port 0 */
	unsigned count;
};

struct stream {
	UT_hash_handle by_id, by_address;
	struct streams *set;
	uint64_t id;
	struct address address;
	struct sipside_target peer;
	struct peer *accepted_from; /* NULL: we opened it */
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_write_t write;
	enum stream_state state;
	bool indexed, writing, spoken; /* spoken: a message came, or our connect succeeded */
	struct framer framer;
	struct buf out, in_flight;
	uint64_t queued, sent; /* bytes ever taken, bytes ever handed to the kernel */
	struct sipside_watch *watches;
	struct env_flush flush;
	struct timer timer;
	uint64_t begun_ms; /* connect, or the first byte of the message that is not whole yet; 0: none */
	uint64_t heard_ms; /* the last byte in either direction */
};

struct listener {
	struct listener *next;
	struct streams *set;
	uv_tcp_t tcp;
};

struct streams {
	const struct env *env;
	struct sipside_transport_limits limits;
	struct sipside_transport_handlers handlers;
	void *arg;
	struct listener *listeners;
	struct stream *by_id, *by_address;
	struct peer *peers;
	uint64_t last_id;
	unsigned open_handles;
	bool dying;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct streams *streams_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg)
{
	struct streams *s = alloc_zero(sizeof(*s));

	*s = (struct streams){ .env = env, .limits = *limits, .handlers = *handlers, .arg = arg };
	return s;
}

unsigned streams_count(const struct streams *s)
{
	return (unsigned)HASH_CNT(by_id, s->by_id);
}

static struct address address_of(const struct sipside_target *t)
{
	struct address a = { .port = sipside_target_port(t), .family = t->addr.any.sa_family };

	if (t->addr.any.sa_family == AF_INET6)
		memcpy(a.host, &t->addr.v6.sin6_addr, sizeof(t->addr.v6.sin6_addr));
	else
		memcpy(a.host, &t->addr.v4.sin_addr, sizeof(t->addr.v4.sin_addr));
	return a;
}

static void tell(const struct stream *c, enum event_kind kind, struct str why)
{
	struct str peer = sipside_target_text(c->set->env, &c->peer);
	bool accepted = c->accepted_from != NULL;

	env_event(c->set->env, &(struct event){ .kind = kind,
				       .from = accepted ? peer : STR_NONE,
				       .to = accepted ? STR_NONE : peer,
				       .detail = why });
}

/* -- The end of a connection */

static void set_gone(struct streams *s)
{
	void (*closed)(void *) = s->closed;
	void *arg = s->closed_arg;

	free(s);
	closed(arg);
}

static void handle_gone(struct streams *s)
{
	if (--s->open_handles == 0 && s->dying)
		set_gone(s);
}

static void stream_gone(uv_handle_t *handle)
{
	struct stream *c = handle->data;
	struct streams *s = c->set;

	framer_finish(&c->framer);
	buf_finish(&c->out);
	buf_finish(&c->in_flight);
	free(c);
	handle_gone(s);
}

static void forget_peer(struct stream *c)
{
	struct peer *p = c->accepted_from;

	if (p && --p->count == 0) {
		HASH_DEL(c->set->peers, p);
		free(p);
	}
}

static void tell_watches(struct stream *c, enum reason why, struct str words)
{
	while (c->watches) {
		struct sipside_watch *w = c->watches;
		bool unsent = w->start >= c->sent;

		sipside_unwatch(w);
		w->lost(w->arg, unsent ? why : REASON_CONNECTION_LOST, words);
	}
}

/* why: what those hear of whose message did not begin to leave. */
static void stream_close(struct stream *c, enum reason why, struct str words)
{
	struct streams *s = c->set;

	if (c->state == CLOSED)
		return;
	c->state = CLOSED;
	HASH_DELETE(by_id, s->by_id, c);
	if (c->indexed)
		HASH_DELETE(by_address, s->by_address, c);
	wheel_cancel(s->env->wheel, &c->timer);
	env_flush_cancel(s->env, &c->flush);
	if (c->spoken || why == REASON_TLS)
		tell(c, EVENT_CONNECTION_CLOSED, words);
	forget_peer(c);
	uv_close((uv_handle_t *)&c->tcp, stream_gone);
	tell_watches(c, why, words);
}

/* -- Time limits: one timer, set to the earliest of them, looked at only when it fires */

static uint64_t deadline(const struct stream *c)
{
	const struct sipside_transport_limits *l = &c->set->limits;

	if (c->state == CONNECTING)
		return c->begun_ms + l->connect_ms;
	if (c->begun_ms)
		return c->begun_ms + l->half_message_ms;
	return c->heard_ms + l->idle_ms;
}

static void set_deadline(struct stream *c)
{
	uint64_t due = deadline(c);

	if (!wheel_is_set(&c->timer) || due < c->timer.due_ms)
		wheel_set(c->set->env->wheel, &c->timer, due);
}

static void time_is_up(void *arg)
{
	struct stream *c = arg;
	uint64_t now = env_now_ms(c->set->env);

	if (now < deadline(c)) {
		set_deadline(c);
	} else if (c->state == CONNECTING) {
		stream_close(c, REASON_UNREACHABLE, STR("connect timed out"));
	} else if (c->begun_ms) {
		stream_close(c, REASON_CONNECTION_LOST, STR("half a message"));
	} else if (c->watches) {
		c->heard_ms = now; /* somebody waits for an answer: not idle */
		set_deadline(c);
	} else {
		stream_close(c, REASON_CONNECTION_LOST, STR("idle"));
	}
}

/* -- Out */

static void drained(struct stream *c)
{
	if (c->state == DRAINING && c->out.n == 0 && !c->writing)
		stream_close(c, REASON_CONNECTION_LOST, STR("not SIP"));
}

static void write_done(uv_write_t *request, int status)
{
	struct stream *c = request->data;

	c->writing = false;
	buf_clear(&c->in_flight);
	if (c->state == CLOSED)
		return;
	if (status < 0) {
		stream_close(c, REASON_UNREACHABLE, str_c(uv_strerror(status)));
		return;
	}
	c->heard_ms = env_now_ms(c->set->env);
	if (c->out.n)
		env_flush_later(c->set->env, &c->flush);
	drained(c);
}

/* Hands all that waits to the socket; what the kernel does not take at once goes as one request. */
static void stream_out(struct stream *c)
{
	uv_buf_t piece = uv_buf_init(c->out.p, (unsigned)c->out.n);
	int taken = uv_try_write((uv_stream_t *)&c->tcp, &piece, 1);

	if (taken < 0 && taken != UV_EAGAIN) {
		stream_close(c, REASON_UNREACHABLE, str_c(uv_strerror(taken)));
		return;
	}
	c->sent = c->queued;
	if (taken == (int)c->out.n) {
		buf_clear(&c->out);
		if (c->out.cap > READ_BYTES)
			buf_finish(&c->out);
		drained(c);
		return;
	}
	size_t skip = taken > 0 ? (size_t)taken : 0;
	struct buf empty = c->in_flight;

	c->in_flight = c->out;
	c->out = empty;
	piece = uv_buf_init(c->in_flight.p + skip, (unsigned)(c->in_flight.n - skip));
	c->writing = true;
	c->write.data = c;
	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &piece, 1, write_done) < 0) {
		c->writing = false;
		stream_close(c, REASON_CONNECTION_LOST, STR("cannot write"));
	}
}

static void flush_stream(void *arg)
{
	struct stream *c = arg;

	if ((c->state == OPEN || c->state == DRAINING) && c->out.n && !c->writing)
		stream_out(c);
	else
		drained(c);
}

static enum reason queue(struct stream *c, struct str bytes, struct sipside_watch *watch)
{
	if (c->out.n + c->in_flight.n + bytes.n > c->set->limits.queue_bytes)
		return REASON_QUEUE_FULL;
	if (watch) {
		watch->start = c->queued;
		watch->next = c->watches;
		if (watch->next)
			watch->next->link = &watch->next;
		watch->link = &c->watches;
		c->watches = watch;
	}
	buf_add(&c->out, bytes);
	c->queued += bytes.n;
	env_flush_later(c->set->env, &c->flush);
	return REASON_NONE;
}

void sipside_unwatch(struct sipside_watch *w)
{
	if (!w->link)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
	w->next = NULL;
}

/* -- In */

/* Takes one thing off the stream. false: nothing more for now. */
static bool take_one(struct stream *c)
{
	struct streams *s = c->set;
	struct str message;

	switch (framer_next(&c->framer, s->limits.message_bytes, &message)) {
	case FRAMED_MESSAGE:
		c->begun_ms = 0;
		if (!c->spoken)
			tell(c, EVENT_CONNECTION, STR_NONE);
		c->spoken = true;
		s->handlers.received(s->arg, &c->peer, message);
		return c->state == OPEN;
	case FRAMED_PING:
		return queue(c, STR("\r\n"), NULL) == REASON_NONE;
	case FRAMED_LAST:
		s->handlers.received(s->arg, &c->peer, message);
		break;
	case FRAMED_GARBAGE:
		tell(c, EVENT_MALFORMED, STR("not SIP"));
		break;
	case FRAMED_MORE:
		return false;
	}
	if (c->state == OPEN) {
		c->state = DRAINING;
		uv_read_stop((uv_stream_t *)&c->tcp);
		env_flush_later(s->env, &c->flush);
	}
	return false;
}

static void stream_in(struct stream *c, size_t n)
{
	framer_added(&c->framer, n);
	c->heard_ms = env_now_ms(c->set->env);
	while (take_one(c))
		;
	framer_settle(&c->framer);
	if (c->state != OPEN)
		return;
	if (!framer_inside_message(&c->framer))
		c->begun_ms = c->spoken ? 0 : c->begun_ms; /* a connection that never says anything holds no slot */
	else if (!c->begun_ms)
		c->begun_ms = c->heard_ms;
	set_deadline(c);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct stream *c = handle->data;

	(void)suggested;
	*out = uv_buf_init(framer_room(&c->framer, READ_BYTES / 4), READ_BYTES / 4);
}

static void read_done(uv_stream_t *tcp, ssize_t n, const uv_buf_t *unused)
{
	struct stream *c = tcp->data;

	(void)unused;
	if (n > 0)
		stream_in(c, (size_t)n);
	else if (n < 0)
		stream_close(
			c, REASON_CONNECTION_LOST, n == UV_EOF ? STR("closed by peer") : str_c(uv_strerror((int)n)));
}

static void opened(struct stream *c)
{
	c->state = OPEN;
	c->heard_ms = env_now_ms(c->set->env);
	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, 60);
	if (uv_read_start((uv_stream_t *)&c->tcp, give_room, read_done) < 0) {
		stream_close(c, REASON_UNREACHABLE, STR("cannot read"));
		return;
	}
	wheel_cancel(c->set->env->wheel, &c->timer);
	set_deadline(c);
}

/* -- New connections */

static struct stream *stream_new(struct streams *s)
{
	struct stream *c = alloc_zero(sizeof(*c));

	c->set = s;
	c->id = ++s->last_id;
	c->begun_ms = env_now_ms(s->env);
	c->flush = (struct env_flush){ .run = flush_stream, .arg = c };
	c->timer = (struct timer){ .fire = time_is_up, .arg = c };
	uv_tcp_init(s->env->loop, &c->tcp);
	c->tcp.data = c;
	c->connect.data = c;
	s->open_handles++;
	return c;
}

static void index_stream(struct stream *c, const struct sipside_target *peer)
{
	struct streams *s = c->set;
	struct stream *other;

	c->peer = *peer;
	c->peer.connection = c->id;
	c->address = address_of(peer);
	HASH_ADD(by_id, s->by_id, id, sizeof(c->id), c);
	HASH_FIND(by_address, s->by_address, &c->address, sizeof(c->address), other);
	if (!other) {
		c->indexed = true;
		HASH_ADD(by_address, s->by_address, address, sizeof(c->address), c);
	}
}

static void connected(uv_connect_t *request, int status)
{
	struct stream *c = request->data;

	if (c->state == CLOSED)
		return;
	if (status < 0) {
		stream_close(c, REASON_UNREACHABLE, str_c(uv_strerror(status)));
		return;
	}
	c->begun_ms = 0;
	c->spoken = true;
	tell(c, EVENT_CONNECTION, STR_NONE);
	opened(c);
	env_flush_later(c->set->env, &c->flush);
}

/* NULL: refused at once, *why says how. */
static struct stream *stream_open(struct streams *s, const struct sipside_target *to, enum reason *why)
{
	*why = REASON_TOO_MANY;
	if (streams_count(s) >= s->limits.connections)
		return NULL;
	struct stream *c = stream_new(s);

	index_stream(c, to);
	if (uv_tcp_connect(&c->connect, &c->tcp, &to->addr.any, connected) < 0) {
		*why = REASON_UNREACHABLE;
		stream_close(c, *why, STR_NONE);
		return NULL;
	}
	set_deadline(c);
	return c;
}

static struct peer *peer_of(struct streams *s, struct address a)
{
	struct peer *p;

	a.port = 0;
	HASH_FIND(hh, s->peers, &a, sizeof(a), p);
	if (!p) {
		p = alloc_zero(sizeof(*p));
		p->address = a;
		HASH_ADD(hh, s->peers, address, sizeof(p->address), p);
	}
	p->count++;
	return p;
}

static void accept_one(uv_stream_t *server, int status)
{
	struct listener *l = server->data;
	struct streams *s = l->set;
	struct sockaddr_in6 sa;
	struct sipside_target peer;
	int n = sizeof(sa);

	if (status < 0) { /* EMFILE and the like: libuv has turned the caller away */
		env_event(s->env, &(struct event){ .kind = EVENT_DROPPED, .detail = str_c(uv_strerror(status)) });
		return;
	}
	struct stream *c = stream_new(s);

	if (uv_accept(server, (uv_stream_t *)&c->tcp) < 0 ||
		uv_tcp_getpeername(&c->tcp, (struct sockaddr *)(void *)&sa, &n) < 0) {
		c->state = CLOSED;
		uv_close((uv_handle_t *)&c->tcp, stream_gone);
		return;
	}
	sipside_target_from(&peer, SIPSIDE_TCP, (const struct sockaddr *)(const void *)&sa);
	index_stream(c, &peer);
	c->accepted_from = peer_of(s, c->address);
	if (streams_count(s) > s->limits.connections || c->accepted_from->count > s->limits.connections_per_peer) {
		tell(c, EVENT_DROPPED, STR("too many connections"));
		stream_close(c, REASON_TOO_MANY, STR("too many connections"));
		return;
	}
	opened(c);
}

/* -- The set */

static enum reason listen_failed(
	struct streams *s, struct listener *l, const struct sipside_target *at, int status, struct str *error)
{
	(void)l;
	*error = arena_printf(
		s->env->turn, STR_FMT ": %s", STR_ARG(sipside_target_text(s->env, at)), uv_strerror(status));
	return REASON_INTERNAL;
}

static void listener_gone(uv_handle_t *handle)
{
	struct listener *l = handle->data;
	struct streams *s = l->set;

	free(l);
	handle_gone(s);
}

enum reason streams_listen(struct streams *s, struct sipside_target *at, struct str *error)
{
	struct listener *l = alloc_zero(sizeof(*l));
	int n = (int)sipside_target_length(at), status;

	l->set = s;
	uv_tcp_init(s->env->loop, &l->tcp);
	l->tcp.data = l;
	s->open_handles++;
	status = uv_tcp_bind(&l->tcp, &at->addr.any, at->addr.any.sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
	if (status == 0)
		status = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, accept_one);
	if (status == 0)
		status = uv_tcp_getsockname(&l->tcp, &at->addr.any, &n);
	if (status < 0) {
		uv_close((uv_handle_t *)&l->tcp, listener_gone);
		return listen_failed(s, l, at, status, error);
	}
	l->next = s->listeners;
	s->listeners = l;
	return REASON_NONE;
}

enum reason streams_send(
	struct streams *s, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct address a = address_of(to);
	struct stream *c = NULL;
	enum reason why;

	if (to->connection)
		HASH_FIND(by_id, s->by_id, &to->connection, sizeof(to->connection), c);
	if (!c)
		HASH_FIND(by_address, s->by_address, &a, sizeof(a), c);
	if (!c || c->state == DRAINING)
		c = c && to->connection == c->id ? c : stream_open(s, to, &why);
	return c ? queue(c, bytes, watch) : why;
}

void streams_destroy(struct streams *s, void (*closed)(void *arg), void *arg)
{
	s->dying = true;
	s->closed = closed;
	s->closed_arg = arg;
	for (struct listener *l = s->listeners, *next; l; l = next) {
		next = l->next;
		uv_close((uv_handle_t *)&l->tcp, listener_gone);
	}
	while (s->by_id)
		stream_close(s->by_id, REASON_SHUTTING_DOWN, STR("shutting down"));
	if (!s->open_handles)
		set_gone(s);
}

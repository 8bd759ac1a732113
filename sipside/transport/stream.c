/* SPDX-License-Identifier: MIT */
#include "sipside/transport/stream.h"

#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024 };

void stream_tell(const struct stream *c, enum event_kind kind, struct str why)
{
	struct str peer = sipside_target_text(c->set->env, &c->peer);
	bool accepted = c->accepted_from != NULL;

	env_event(c->set->env, &(struct event){ .kind = kind,
				       .from = accepted ? peer : STR_NONE,
				       .to = accepted ? STR_NONE : peer,
				       .detail = why });
}

/* -- The end of a connection */

static void stream_gone(uv_handle_t *handle)
{
	struct stream *c = handle->data;
	struct streams *s = c->set;

	framer_finish(&c->framer);
	tls_stream_destroy(c->tls);
	buf_finish(&c->plain);
	buf_finish(&c->out);
	buf_finish(&c->in_flight);
	free(c);
	streams_handle_gone(s);
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

/* Who only knocks, as a balancer's probe does, leaves no line. */
static void tell_end(const struct stream *c, enum reason why, struct str words)
{
	if (why == REASON_TLS && (!c->accepted_from || tls_stream_spoken(c->tls)))
		stream_tell(c, EVENT_TLS_FAILED, words);
	else if (c->spoken)
		stream_tell(c, EVENT_CONNECTION_CLOSED, words);
}

/* why: what those hear of whose message did not begin to leave. */
void stream_close(struct stream *c, enum reason why, struct str words)
{
	struct streams *s = c->set;

	if (c->state == CLOSED)
		return;
	if (c->tls && c->state != CONNECTING)
		stream_secure_bye(c);
	c->state = CLOSED;
	wheel_cancel(s->env->wheel, &c->timer);
	env_flush_cancel(s->env, &c->flush);
	tell_end(c, why, words);
	streams_forget(c);
	uv_close((uv_handle_t *)&c->tcp, stream_gone);
	tell_watches(c, why, words);
}

/* -- Time limits: one timer, set to the earliest of them, looked at only when it fires */

static uint64_t deadline(const struct stream *c)
{
	const struct sipside_transport_limits *l = &c->set->limits;

	if (c->state == SECURING && c->accepted_from)
		return c->begun_ms + l->handshake_ms;
	if (c->state <= SECURING) /* who waits for the next route waits for both together */
		return c->begun_ms + l->connect_ms;
	if (c->begun_ms)
		return c->begun_ms + l->half_message_ms;
	return c->heard_ms + l->idle_ms;
}

void stream_watch_time(struct stream *c)
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
		stream_watch_time(c);
	} else if (c->state == CONNECTING) {
		stream_close(c, REASON_UNREACHABLE, STR("connect timed out"));
	} else if (c->state == SECURING) {
		stream_close(c, REASON_TLS, STR("the TLS handshake did not end in time"));
	} else if (c->begun_ms) {
		stream_close(c, REASON_CONNECTION_LOST, STR("half a message"));
	} else if (c->watches) {
		c->heard_ms = now; /* somebody waits for an answer: not idle */
		stream_watch_time(c);
	} else {
		stream_close(c, REASON_CONNECTION_LOST, STR("idle"));
	}
}

/* -- Out */

static void drained(struct stream *c)
{
	if (c->state == DRAINING && c->out.n + c->plain.n == 0 && !c->writing)
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
	if (c->out.n + c->plain.n)
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
	if (!c->plain.n)
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

	if (c->tls && !c->writing)
		stream_secure_out(c);
	if (c->state != CONNECTING && c->state != CLOSED && c->out.n && !c->writing)
		stream_out(c);
	else
		drained(c);
}

enum reason stream_queue(struct stream *c, struct str bytes, struct sipside_watch *watch)
{
	if (c->plain.n + c->out.n + c->in_flight.n + bytes.n > c->set->limits.queue_bytes)
		return REASON_QUEUE_FULL;
	if (watch) {
		watch->start = c->queued;
		watch->next = c->watches;
		if (watch->next)
			watch->next->link = &watch->next;
		watch->link = &c->watches;
		c->watches = watch;
	}
	buf_add(c->tls ? &c->plain : &c->out, bytes);
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
			stream_tell(c, EVENT_CONNECTION, STR_NONE);
		c->spoken = true;
		s->handlers.received(s->arg, &c->peer, message);
		return c->state == OPEN;
	case FRAMED_PING:
		return stream_queue(c, STR("\r\n"), NULL) == REASON_NONE;
	case FRAMED_LAST:
		s->handlers.received(s->arg, &c->peer, message);
		break;
	case FRAMED_GARBAGE:
		stream_tell(c, EVENT_MALFORMED, STR("not SIP"));
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

void stream_in(struct stream *c, size_t n)
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
	stream_watch_time(c);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct stream *c = handle->data;

	(void)suggested;
	if (c->tls) {
		*out = uv_buf_init(c->set->cipher, STREAM_CIPHER_BYTES);
		return;
	}
	*out = uv_buf_init(framer_room(&c->framer, READ_BYTES / 4), READ_BYTES / 4);
}

static void read_done(uv_stream_t *tcp, ssize_t n, const uv_buf_t *room)
{
	struct stream *c = tcp->data;

	if (n > 0 && c->tls) {
		stream_secure_in(c, (struct str){ room->base, (size_t)n });
	} else if (n > 0) {
		stream_in(c, (size_t)n);
	} else if (n < 0) {
		struct str how = n == UV_EOF ? STR("closed by peer") : str_c(uv_strerror((int)n));

		stream_close(c, c->state == SECURING ? REASON_TLS : REASON_CONNECTION_LOST,
			c->tls ? tls_stream_cut_words(c->tls, how) : how);
	}
}

void stream_established(struct stream *c)
{
	c->state = OPEN;
	c->heard_ms = env_now_ms(c->set->env);
	wheel_cancel(c->set->env->wheel, &c->timer);
	stream_watch_time(c);
	env_flush_later(c->set->env, &c->flush);
}

void stream_opened(struct stream *c)
{
	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, 60);
	if (uv_read_start((uv_stream_t *)&c->tcp, give_room, read_done) < 0) {
		stream_close(c, REASON_UNREACHABLE, STR("cannot read"));
		return;
	}
	if (!c->tls) {
		stream_established(c);
		return;
	}
	c->state = SECURING;
	stream_watch_time(c);
	stream_secure_start(c);
}

/* -- The beginning */

struct stream *stream_new(struct streams *s)
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

static void connected(uv_connect_t *request, int status)
{
	struct stream *c = request->data;

	if (c->state == CLOSED)
		return;
	if (status < 0) {
		stream_close(c, REASON_UNREACHABLE, str_c(uv_strerror(status)));
		return;
	}
	if (!c->tls) {
		c->begun_ms = 0;
		c->spoken = true;
		stream_tell(c, EVENT_CONNECTION, STR_NONE);
	}
	stream_opened(c);
}

int stream_connect(struct stream *c)
{
	int status = uv_tcp_connect(&c->connect, &c->tcp, &c->peer.addr.any, connected);

	if (status == 0)
		stream_watch_time(c);
	return status;
}

void stream_discard(struct stream *c)
{
	c->state = CLOSED;
	uv_close((uv_handle_t *)&c->tcp, stream_gone);
}

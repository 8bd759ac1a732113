/* SPDX-License-Identifier: MIT */
#include "xmppside/xml_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strophe.h>
#include <sys/socket.h>
#include <uv.h>
#include "mapping/base/alloc.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_reader.h"
#include "xmppside/syntax/xml_writer.h"

enum {
	READ_BYTES = 64 * 1024,
	UNACKED_MAX_MS = 15 * 1000, /* the kernel gives up on a peer that acknowledges nothing */
	SHA1_BYTES = 20,
};

/* CONNECTING -> HEADER -> HANDSHAKE -> OPEN; CLOSING out of each of them. */
enum state { CONNECTING, HEADER, HANDSHAKE, OPEN, CLOSING };

struct xmppside_stream {
	const struct env *env;
	const struct xmppside_stream_events *events;
	void *arg;
	struct str component, secret;
	enum state state;
	bool abandoned; /* the owner has closed it: no event any more */
	uv_tcp_t tcp;
	uv_connect_t connecting;
	uv_write_t write;
	struct xmppside_reader *reader;
	struct env_flush flush;
	struct buf out; /* waits for the end of the turn, or for `busy` to be written */
	struct buf busy; /* with the kernel; not empty while a uv_write is under way */
	uint64_t handed; /* bytes that have left `out` */
	uint64_t received;
	char in[READ_BYTES];
};

static void on_tcp_closed(uv_handle_t *tcp)
{
	struct xmppside_stream *s = tcp->data;

	xmppside_reader_destroy(s->reader);
	buf_finish(&s->out);
	buf_finish(&s->busy);
	free(s);
}

static void shut(struct xmppside_stream *s)
{
	s->state = CLOSING;
	env_flush_cancel(s->env, &s->flush);
	xmppside_reader_stop(s->reader);
	uv_close((uv_handle_t *)&s->tcp, on_tcp_closed);
}

/* Ends the stream because of what happened on it. */
static void lose(struct xmppside_stream *s, struct str condition, struct str words)
{
	bool refused = s->state == HANDSHAKE && condition.n;

	if (s->state == CLOSING)
		return;
	shut(s);
	if (!s->abandoned)
		s->events->closed(s->arg, refused, condition, words);
}

static void lose_uv(struct xmppside_stream *s, int status)
{
	lose(s, STR_NONE, status == UV_EOF ? STR("the server closed the connection") : str_c(uv_strerror(status)));
}

static void report_wire(const struct xmppside_stream *s, struct str bytes, bool outgoing)
{
	if (!env_wants(s->env, EVENT_WIRE_XMPP))
		return;
	env_event(s->env,
		&(struct event){ .kind = EVENT_WIRE_XMPP, .from = s->component, .bytes = bytes, .outgoing = outgoing });
}

static void on_written(uv_write_t *write, int status);

static void write_rest(struct xmppside_stream *s)
{
	uv_buf_t rest = uv_buf_init(s->busy.p, (unsigned)s->busy.n);
	int status = uv_write(&s->write, (uv_stream_t *)&s->tcp, &rest, 1, on_written);

	if (status) {
		buf_clear(&s->busy);
		lose_uv(s, status);
	}
}

/* Hands everything that waits to the kernel: one system call, and a second life only for what did not fit. */
static void flush(void *arg)
{
	struct xmppside_stream *s = arg;

	if (s->state == CLOSING || s->out.n == 0)
		return;
	if (s->out.n > STREAM_MAX_QUEUED_BYTES) {
		lose(s, STR_NONE, STR("the server reads too slowly"));
		return;
	}
	if (s->busy.n)
		return;
	uv_buf_t all = uv_buf_init(s->out.p, (unsigned)s->out.n);
	int done = uv_try_write((uv_stream_t *)&s->tcp, &all, 1);

	if (done < 0 && done != UV_EAGAIN) {
		lose_uv(s, done);
		return;
	}
	report_wire(s, buf_str(&s->out), true);
	s->handed += s->out.n;
	if (done < 0)
		done = 0;
	if ((size_t)done == s->out.n) {
		buf_clear(&s->out);
		return;
	}
	buf_drop_front(&s->out, (size_t)done);
	struct buf spare = s->busy;

	s->busy = s->out;
	s->out = spare;
	buf_clear(&s->out);
	write_rest(s);
}

static void on_written(uv_write_t *write, int status)
{
	struct xmppside_stream *s = write->data;

	buf_clear(&s->busy);
	if (s->state == CLOSING)
		return;
	if (status) {
		lose_uv(s, status);
		return;
	}
	flush(s);
}

static struct buf *append(struct xmppside_stream *s)
{
	env_flush_later(s->env, &s->flush);
	return &s->out;
}

/* XEP-0114: the lower-case hexadecimal SHA-1 of the stream's id and the secret. */
static void send_handshake(struct xmppside_stream *s, struct str id)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA1_BYTES];
	struct buf *out = append(s);
	struct buf both = { 0 };

	buf_add(&both, id);
	buf_add(&both, s->secret);
	xmpp_sha1_digest((const unsigned char *)(both.p ? both.p : ""), both.n, digest);
	buf_finish(&both);
	buf_lit(out, "<handshake>");
	for (size_t i = 0; i < SHA1_BYTES; i++) {
		buf_addc(out, digits[digest[i] >> 4]);
		buf_addc(out, digits[digest[i] & 15]);
	}
	buf_lit(out, "</handshake>");
}

static void on_opened(void *arg, const struct xmppside_element *header)
{
	struct xmppside_stream *s = arg;

	s->state = HANDSHAKE;
	send_handshake(s, xmppside_attr(header, STR("id")));
}

static void on_stream_error(struct xmppside_stream *s, const struct xmppside_element *error)
{
	struct str condition = STR("undefined-condition"), text = STR_NONE;

	for (const struct xmppside_element *c = error->first; c; c = c->next) {
		if (!str_eq(c->ns, STR(NS_STREAM_ERROR)))
			continue;
		if (str_eq(c->name, STR("text")))
			text = xmppside_text(s->env->turn, c);
		else
			condition = arena_str(s->env->turn, c->name);
	}
	lose(s, condition,
		arena_printf(
			s->env->turn, STR_FMT "%s" STR_FMT, STR_ARG(condition), text.n ? ": " : "", STR_ARG(text)));
}

static void on_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	struct xmppside_stream *s = arg;

	if (xmppside_is(e, STR("error"), STR(NS_STREAM))) {
		on_stream_error(s, e);
	} else if (s->state == OPEN) {
		s->events->stanza(s->arg, e, xmppside_reader_arena(s->reader), whole);
	} else if (s->state == HANDSHAKE && str_eq(e->name, STR("handshake"))) {
		s->state = OPEN;
		s->events->opened(s->arg);
	}
}

static void on_ended(void *arg)
{
	lose(arg, STR_NONE, STR("the server ended the stream"));
}

/* What came is no stream we can go on with: say so, then end it. */
static void reject(struct xmppside_stream *s, struct str condition)
{
	struct buf *out = &s->out;

	env_event(s->env, &(struct event){ .kind = EVENT_MALFORMED, .from = s->component, .detail = condition });
	buf_lit(out, "<stream:error><");
	buf_add(out, condition);
	buf_lit(out, " xmlns='" NS_STREAM_ERROR "'/></stream:error></stream:stream>");
	flush(s);
	lose(s, STR_NONE, arena_printf(s->env->turn, "the server's stream was rejected: " STR_FMT, STR_ARG(condition)));
}

static void on_allocate(uv_handle_t *tcp, size_t suggested, uv_buf_t *buf)
{
	struct xmppside_stream *s = tcp->data;

	(void)suggested;
	*buf = uv_buf_init(s->in, sizeof(s->in));
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *buf)
{
	struct xmppside_stream *s = tcp->data;

	if (s->state == CLOSING || n == 0)
		return;
	if (n < 0) {
		lose_uv(s, (int)n);
		return;
	}
	struct str bytes = { buf->base, (size_t)n };

	s->received += (uint64_t)n;
	report_wire(s, bytes, false);
	struct str fault = xmppside_reader_feed(s->reader, bytes);

	if (s->state != CLOSING && fault.n)
		reject(s, fault);
}

static void set_options(struct xmppside_stream *s)
{
	unsigned unacked_ms = UNACKED_MAX_MS;
	uv_os_fd_t fd;

	uv_tcp_nodelay(&s->tcp, 1);
	uv_tcp_keepalive(&s->tcp, 1, 60);
	if (uv_fileno((const uv_handle_t *)&s->tcp, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
}

static void on_connected(uv_connect_t *connecting, int status)
{
	struct xmppside_stream *s = connecting->data;

	if (s->state == CLOSING)
		return;
	if (!status)
		status = uv_read_start((uv_stream_t *)&s->tcp, on_allocate, on_read);
	if (status) {
		lose_uv(s, status);
		return;
	}
	set_options(s);
	s->state = HEADER;
	struct buf *out = append(s);

	buf_lit(out, "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "'");
	xmppside_write_attr(out, STR("to"), s->component);
	buf_addc(out, '>');
	s->events->connected(s->arg);
}

struct xmppside_stream *xmppside_stream_open(const struct env *env, const struct sockaddr *address,
	struct str component, struct str secret, const struct xmppside_stream_events *events, void *arg)
{
	static const struct xmppside_reader_events reader_events = {
		.opened = on_opened,
		.stanza = on_stanza,
		.ended = on_ended,
	};
	struct xmppside_stream *s = alloc_zero(sizeof(*s));

	s->env = env;
	s->events = events;
	s->arg = arg;
	s->component = component;
	s->secret = secret;
	s->reader = xmppside_reader_create(env, &reader_events, s);
	s->flush = (struct env_flush){ .run = flush, .arg = s };
	s->tcp.data = s->connecting.data = s->write.data = s;
	uv_tcp_init(env->loop, &s->tcp);
	int status = uv_tcp_connect(&s->connecting, &s->tcp, address, on_connected);

	if (status) {
		xmppside_stream_close(s, STR_NONE);
		return NULL;
	}
	return s;
}

struct buf *xmppside_stream_out(struct xmppside_stream *s)
{
	return append(s);
}

uint64_t xmppside_stream_appended(const struct xmppside_stream *s)
{
	return s->handed + s->out.n;
}

uint64_t xmppside_stream_sent(const struct xmppside_stream *s)
{
	return s->handed;
}

uint64_t xmppside_stream_received(const struct xmppside_stream *s)
{
	return s->received;
}

void xmppside_stream_close(struct xmppside_stream *s, struct str condition)
{
	if (s->state == CLOSING)
		return;
	s->abandoned = true;
	if (s->state != CONNECTING) {
		if (condition.n) {
			buf_lit(&s->out, "<stream:error><");
			buf_add(&s->out, condition);
			buf_lit(&s->out, " xmlns='" NS_STREAM_ERROR "'/></stream:error>");
		}
		buf_lit(&s->out, "</stream:stream>");
		flush(s);
	}
	if (s->state != CLOSING)
		shut(s);
}

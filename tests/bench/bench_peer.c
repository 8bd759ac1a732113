/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench_peer.h"
#include "mapping/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sent {
	union {
		uv_write_t stream;
		uv_udp_send_t datagram;
	} request;
	struct buf bytes;
};

static void die(const char *what, int status)
{
	fprintf(stderr, "bench: %s: %s\n", what, uv_strerror(status));
	exit(2);
}

struct str bench_header(struct str message, struct str name)
{
	struct str rest = message;

	str_next(&rest, '\n');
	while (rest.n && rest.p[0] != '\r') {
		struct str line = str_next(&rest, '\n');
		size_t colon = str_find(line, ':');

		if (str_eq_nocase(str_trim(str_cut(line, 0, colon)), name))
			return str_trim(str_cut(line, colon + 1, line.n));
	}
	return STR_NONE;
}

static void on_written(uv_write_t *request, int status)
{
	struct sent *sent = (struct sent *)request;

	if (status && status != UV_ECANCELED)
		die("write to the daemon", status);
	buf_finish(&sent->bytes);
	free(sent);
}

static void send_on(struct bench_peer *p, struct bench_connection *c, struct str message)
{
	if (p->tcp) {
		buf_add(&c->out, message);
		return;
	}
	uv_buf_t bytes = uv_buf_init((char *)(uintptr_t)message.p, (unsigned)message.n);

	/* The socket buffer is large; what it cannot take is lost as on any network and shows in the counts. */
	uv_udp_try_send(&p->udp, &bytes, 1, (struct sockaddr *)&p->daemon);
}

void bench_peer_send(struct bench_peer *p, struct str message)
{
	send_on(p, &p->connections[0], message);
}

static void flush(struct bench_connection *c)
{
	if (c->out.n == 0 || !c->open)
		return;
	struct sent *sent = alloc_zero(sizeof(*sent));

	sent->bytes = c->out;
	c->out = (struct buf){ 0 };
	uv_buf_t bytes = uv_buf_init(sent->bytes.p, (unsigned)sent->bytes.n);

	uv_write(&sent->request.stream, (uv_stream_t *)&c->stream, &bytes, 1, on_written);
}

void bench_peer_flush(struct bench_peer *p)
{
	for (unsigned i = 0; i < BENCH_CONNECTIONS; i++)
		flush(&p->connections[i]);
}

static void answer(struct bench_peer *p, struct bench_connection *c, struct str message, struct str method)
{
	struct buf out = { 0 };
	struct str rest = message, to = bench_header(message, STR("To"));
	bool invite = str_eq(method, STR("INVITE"));

	if (str_eq(method, STR("ACK")))
		return;
	buf_lit(&out, "SIP/2.0 200 OK\r\n");
	str_next(&rest, '\n');
	while (rest.n && rest.p[0] != '\r') {
		struct str line = str_next(&rest, '\n');

		if (str_starts_nocase(line, STR("Via:")) || str_starts_nocase(line, STR("From:")) ||
			str_starts_nocase(line, STR("Call-ID:")) || str_starts_nocase(line, STR("CSeq:")) ||
			str_starts_nocase(line, STR("Record-Route:"))) {
			buf_add(&out, line);
			buf_lit(&out, "\n");
		}
	}
	buf_printf(&out, "To: " STR_FMT "%s\r\n", STR_ARG(to), memmem(to.p, to.n, ";tag=", 5) ? "" : ";tag=peer");
	if (invite || str_eq(method, STR("SUBSCRIBE")))
		buf_printf(&out, "Contact: <sip:127.0.0.1:%u%s>\r\nExpires: 3600\r\n", p->port,
			p->tcp ? ";transport=tcp" : "");
	if (invite) {
		static const char sdp[] =
			"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			"m=message 5060 sip null\r\na=accept-types:text/plain\r\n";

		buf_printf(
			&out, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s", sizeof(sdp) - 1, sdp);
	} else {
		buf_lit(&out, "Content-Length: 0\r\n\r\n");
	}
	send_on(p, c, buf_str(&out));
	buf_finish(&out);
}

static void take(struct bench_peer *p, struct bench_connection *c, struct str message)
{
	struct str line = str_cut(message, 0, str_find(message, '\n'));
	struct str word = str_next(&line, ' ');
	uint64_t status, cseq;

	if (!str_eq(word, STR("SIP/2.0"))) {
		answer(p, c, message, word);
		p->request(p->arg, word, message);
		return;
	}
	struct str number = bench_header(message, STR("CSeq"));

	if (str_number(str_next(&line, ' '), 699, &status) && str_number(str_next(&number, ' '), UINT32_MAX, &cseq))
		p->response(p->arg, (int)status, (unsigned)cseq, message);
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from, unsigned flags)
{
	(void)flags;
	if (n > 0 && from)
		take(udp->data, NULL, (struct str){ buf->base, (size_t)n });
}

static void on_datagram_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	static char room[65536];

	(void)handle;
	(void)suggested;
	*out = uv_buf_init(room, sizeof(room));
}

static void on_forgotten(uv_handle_t *stream)
{
	((struct bench_connection *)stream->data)->peer = NULL;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct bench_connection *c = stream->data;
	size_t done = 0;

	(void)buf;
	if (n < 0 && c->peer->forgives) {
		c->open = false;
		c->in.n = c->out.n = 0;
		uv_close((uv_handle_t *)stream, on_forgotten);
		return;
	}
	if (n < 0)
		die("the daemon closed the connection", (int)n);
	c->in.n += (size_t)n;
	for (;;) {
		struct str rest = str_cut(buf_str(&c->in), done, c->in.n);
		const char *end = rest.n ? memmem(rest.p, rest.n, "\r\n\r\n", 4) : NULL;
		uint64_t body = 0;

		if (!end)
			break;
		size_t head = (size_t)(end - rest.p) + 4;

		str_number(bench_header(str_cut(rest, 0, head), STR("Content-Length")), 65536, &body);
		if (rest.n < head + body)
			break;
		if (head > 4)
			take(c->peer, c, str_cut(rest, 0, head + body));
		done += head + body;
	}
	buf_drop_front(&c->in, done);
	bench_peer_flush(c->peer);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct bench_connection *c = handle->data;

	*out = uv_buf_init(buf_room(&c->in, suggested), (unsigned)suggested);
}

static void start_stream(struct bench_connection *c)
{
	c->open = true;
	uv_tcp_nodelay(&c->stream, 1);
	uv_read_start((uv_stream_t *)&c->stream, on_room, on_read);
}

static struct bench_connection *new_connection(struct bench_peer *p, unsigned from)
{
	while (from < BENCH_CONNECTIONS && p->connections[from].peer)
		from++;
	if (from == BENCH_CONNECTIONS)
		die("too many connections from the daemon", UV_EMFILE);
	struct bench_connection *c = &p->connections[from];

	c->peer = p;
	uv_tcp_init(p->listener.loop, &c->stream);
	c->stream.data = c;
	return c;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct bench_connection *c;

	if (status)
		die("accept", status);
	c = new_connection(listener->data, 1);
	uv_accept(listener, (uv_stream_t *)&c->stream);
	start_stream(c);
}

void bench_peer_open(struct bench_peer *p, uv_loop_t *loop, bool tcp)
{
	struct sockaddr_in at;
	int n = sizeof(at), size = 8 << 20;

	p->tcp = tcp;
	uv_ip4_addr("127.0.0.1", 0, &at);
	if (tcp) {
		uv_tcp_init(loop, &p->listener);
		p->listener.data = p;
		uv_tcp_bind(&p->listener, (struct sockaddr *)&at, 0);
		uv_listen((uv_stream_t *)&p->listener, 16, on_connection);
		uv_tcp_getsockname(&p->listener, (struct sockaddr *)&at, &n);
	} else {
		uv_udp_init(loop, &p->udp);
		p->udp.data = p;
		uv_udp_bind(&p->udp, (struct sockaddr *)&at, 0);
		uv_udp_getsockname(&p->udp, (struct sockaddr *)&at, &n);
		uv_recv_buffer_size((uv_handle_t *)&p->udp, &size);
		uv_udp_recv_start(&p->udp, on_datagram_room, on_datagram);
	}
	p->port = ntohs(at.sin_port);
}

static void on_connected(uv_connect_t *request, int status)
{
	struct bench_connection *c = request->data;

	if (status)
		die("connect to the daemon", status);
	free(request);
	start_stream(c);
	flush(c);
}

void bench_peer_connect(struct bench_peer *p, uint16_t daemon_port)
{
	uv_ip4_addr("127.0.0.1", daemon_port, &p->daemon);
	if (!p->tcp)
		return;
	uv_connect_t *request = alloc_zero(sizeof(*request));
	struct bench_connection *c = new_connection(p, 0);

	request->data = c;
	uv_tcp_connect(request, &c->stream, (struct sockaddr *)&p->daemon, on_connected);
}

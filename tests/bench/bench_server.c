/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench_server.h"
#include "mapping/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sent {
	uv_write_t request;
	struct buf bytes;
};

static void die(const char *what, int status)
{
	fprintf(stderr, "bench: %s: %s\n", what, uv_strerror(status));
	exit(2);
}

struct str bench_attribute(struct str stanza, struct str name)
{
	struct str tag = str_cut(stanza, 0, str_find(stanza, '>'));

	for (size_t i = 0; i + name.n + 2 < tag.n; i++) {
		char quote = tag.p[i + name.n + 2];

		if (tag.p[i] != ' ' || memcmp(tag.p + i + 1, name.p, name.n) != 0 || tag.p[i + name.n + 1] != '=')
			continue;
		struct str rest = str_cut(tag, i + name.n + 3, tag.n);

		return str_cut(rest, 0, str_find(rest, quote));
	}
	return STR_NONE;
}

static void on_sent(uv_write_t *request, int status)
{
	struct sent *sent = (struct sent *)request;

	if (status && status != UV_ECANCELED)
		die("write to the component", status);
	buf_finish(&sent->bytes);
	free(sent);
}

void bench_server_write(struct bench_server *s, struct str stanza)
{
	buf_add(&s->out, stanza);
}

void bench_server_flush(struct bench_server *s)
{
	if (s->out.n == 0 || !s->connected)
		return;
	struct sent *sent = alloc_zero(sizeof(*sent));

	sent->bytes = s->out;
	s->out = (struct buf){ 0 };
	uv_buf_t bytes = uv_buf_init(sent->bytes.p, (unsigned)sent->bytes.n);

	uv_write(&sent->request, (uv_stream_t *)&s->stream, &bytes, 1, on_sent);
}

static void answer_iq(struct bench_server *s, struct str stanza)
{
	struct str type = bench_attribute(stanza, STR("type")), id = bench_attribute(stanza, STR("id"));
	struct str from = bench_attribute(stanza, STR("from")), to = bench_attribute(stanza, STR("to"));

	if (!str_eq(type, STR("get")) && !str_eq(type, STR("set")))
		return;
	buf_printf(&s->out, "<iq type='result' id='" STR_FMT "' from='" STR_FMT "' to='" STR_FMT "'", STR_ARG(id),
		STR_ARG(to), STR_ARG(from));
	if (memmem(stanza.p, stanza.n, "jabber:iq:version", 17))
		buf_lit(&s->out,
			"><query xmlns='jabber:iq:version'><name>Prosody</name><version>0.12.3</version></query></iq>");
	else
		buf_lit(&s->out, "/>");
}

static void take(struct bench_server *s, struct str stanza)
{
	if (str_starts(stanza, STR("<handshake"))) {
		buf_lit(&s->out, "<handshake/>");
		s->up = true;
	} else if (str_starts(stanza, STR("<iq"))) {
		answer_iq(s, stanza);
	} else if (str_starts(stanza, STR("<message"))) {
		s->message(s->arg, stanza);
	} else if (str_starts(stanza, STR("<presence"))) {
		s->presence(s->arg, stanza);
	}
}

/* One complete top-level element off the front; the daemon escapes '<' and '>' in text, so counting tags is enough. */
static size_t element_length(struct str in)
{
	unsigned depth = 0;

	for (size_t i = 0; i < in.n;) {
		size_t end = i + str_find(str_cut(in, i, in.n), '>');

		if (end >= in.n)
			return 0;
		if (in.p[i] == '<' && in.p[i + 1] == '/')
			depth--;
		else if (in.p[end - 1] != '/')
			depth++;
		if (depth == 0)
			return end + 1;
		i = end + 1;
		i += str_find(str_cut(in, i, in.n), '<');
	}
	return 0;
}

static size_t take_header(struct bench_server *s, struct str in)
{
	size_t at = str_find(in, '>');

	if (str_starts(in, STR("<?xml")))
		return at < in.n ? at + 1 : 0;
	if (!str_starts(in, STR("<stream:stream")) || at == in.n)
		return 0;
	buf_lit(&s->out, "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
			 "xmlns:stream='http://etherx.jabber.org/streams' id='bench' from='gw.example.test'>");
	return at + 1;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct bench_server *s = stream->data;
	size_t done = 0;

	(void)buf;
	if (n < 0 && s->forgives) {
		s->up = s->connected = false;
		s->in.n = s->out.n = 0;
		uv_close((uv_handle_t *)stream, NULL);
		return;
	}
	if (n < 0)
		die("the component closed its stream", (int)n);
	s->in.n += (size_t)n;
	for (;;) {
		struct str rest = str_cut(buf_str(&s->in), done, s->in.n);
		size_t skip = 0;

		while (skip < rest.n && rest.p[skip] != '<')
			skip++;
		rest = str_cut(rest, skip, rest.n);
		size_t length = take_header(s, rest);

		if (!length && (length = element_length(rest)) && !str_starts(rest, STR("<stream:stream")))
			take(s, str_cut(rest, 0, length));
		if (!length)
			break;
		done += skip + length;
	}
	buf_drop_front(&s->in, done);
	bench_server_flush(s);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct bench_server *s = handle->data;

	*out = uv_buf_init(buf_room(&s->in, suggested), (unsigned)suggested);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct bench_server *s = listener->data;

	if (status)
		die("accept", status);
	uv_tcp_init(listener->loop, &s->stream);
	s->stream.data = s;
	uv_accept(listener, (uv_stream_t *)&s->stream);
	uv_tcp_nodelay(&s->stream, 1);
	s->connected = true;
	uv_read_start((uv_stream_t *)&s->stream, on_room, on_read);
}

void bench_server_listen(struct bench_server *s, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int n = sizeof(at);

	uv_ip4_addr("127.0.0.1", 0, &at);
	uv_tcp_init(loop, &s->listener);
	s->listener.data = s;
	uv_tcp_bind(&s->listener, (struct sockaddr *)&at, 0);
	int status = uv_listen((uv_stream_t *)&s->listener, 4, on_connection);

	if (status)
		die("listen", status);
	uv_tcp_getsockname(&s->listener, (struct sockaddr *)&at, &n);
	s->port = ntohs(at.sin_port);
}

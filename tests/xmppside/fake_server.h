/* SPDX-License-Identifier: MIT */
/* A scripted XMPP server in the same loop: it keeps what it was sent as text and says what it is told to. Time stands
 * still but for fake_env_advance; pump() only moves bytes. */
#ifndef TOMBOLO_FAKE_SERVER_H
#define TOMBOLO_FAKE_SERVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "mapping/base/str.h"
#include "tests/lib/fake_env.h"

#define FAKE_HEADER                                                                                                    \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' id='s1' "                 \
	"from='sip.test' xmlns='jabber:component:accept'>"

struct fake_server {
	struct fake_env f;
	uv_loop_t loop;
	uv_tcp_t listener, client;
	bool connected, closed;
	unsigned connections, reads;
	uint16_t port;
	struct buf got;
	char in[65536];
};

static void fake_server_alloc(uv_handle_t *h, size_t n, uv_buf_t *b)
{
	struct fake_server *s = h->data;

	(void)n;
	*b = uv_buf_init(s->in, sizeof(s->in));
}

static void fake_server_read(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
	struct fake_server *s = h->data;

	if (n < 0) {
		s->closed = true;
		return;
	}
	s->reads++;
	buf_add(&s->got, (struct str){ b->base, (size_t)n });
}

static void fake_server_accept(uv_stream_t *h, int status)
{
	struct fake_server *s = h->data;

	if (status)
		return;
	s->connections++;
	uv_tcp_init(&s->loop, &s->client);
	s->client.data = s;
	uv_accept(h, (uv_stream_t *)&s->client);
	uv_read_start((uv_stream_t *)&s->client, fake_server_alloc, fake_server_read);
	s->connected = true;
	s->closed = false;
}

static inline void fake_server_init(struct fake_server *s)
{
	struct sockaddr_in a;
	int n = sizeof(a);

	memset(s, 0, sizeof(*s));
	fake_env_init(&s->f);
	uv_loop_init(&s->loop);
	s->f.env.loop = &s->loop;
	uv_tcp_init(&s->loop, &s->listener);
	s->listener.data = s;
	uv_ip4_addr("127.0.0.1", 0, &a);
	uv_tcp_bind(&s->listener, (struct sockaddr *)&a, 0);
	uv_listen((uv_stream_t *)&s->listener, 8, fake_server_accept);
	uv_tcp_getsockname(&s->listener, (struct sockaddr *)&a, &n);
	s->port = ntohs(a.sin_port);
}

/* Lets bytes move until nothing has for a while (loopback: microseconds). */
static inline void pump(struct fake_server *s)
{
	for (int idle = 0; idle < 20; idle++) {
		env_end_turn(&s->f.env);
		size_t before = s->got.n;

		uv_run(&s->loop, UV_RUN_NOWAIT);
		if (s->got.n != before)
			idle = 0;
	}
	env_end_turn(&s->f.env);
}

/* Moves bytes until `text` has been received, then forgets all that was received; false after about 2 s. */
static inline bool expect(struct fake_server *s, const char *text)
{
	for (int i = 0; i < 2000; i++) {
		pump(s);
		if (s->got.n && memmem(s->got.p, s->got.n, text, strlen(text))) {
			buf_clear(&s->got);
			return true;
		}
		uv_sleep(i > 100 ? 1 : 0);
	}
	fprintf(stderr, "expected %s\ngot " STR_FMT "\n", text, STR_ARG(buf_str(&s->got)));
	return false;
}

static inline void say(struct fake_server *s, const char *text, size_t n)
{
	while (n) {
		uv_buf_t b = uv_buf_init((char *)text, (unsigned)n);
		int done = uv_try_write((uv_stream_t *)&s->client, &b, 1);

		if (done > 0) {
			text += done;
			n -= (size_t)done;
		} else if (done != UV_EAGAIN) {
			break;
		}
		pump(s);
	}
	pump(s);
}

static inline void say_c(struct fake_server *s, const char *text)
{
	say(s, text, strlen(text));
}

static inline void hang_up(struct fake_server *s)
{
	if (!s->connected)
		return;
	uv_close((uv_handle_t *)&s->client, NULL);
	s->connected = false;
	pump(s);
}

static inline void stop_listening(struct fake_server *s)
{
	if (!uv_is_closing((uv_handle_t *)&s->listener))
		uv_close((uv_handle_t *)&s->listener, NULL);
	pump(s);
}

static inline int fake_server_finish(struct fake_server *s)
{
	hang_up(s);
	stop_listening(s);
	pump(s);
	buf_finish(&s->got);
	fake_env_finish(&s->f);
	return uv_loop_close(&s->loop);
}

#endif

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

static inline void pump(struct fake_server *s)
{
	env_end_turn(&s->f.env);
	uv_run(&s->loop, UV_RUN_NOWAIT);
	env_end_turn(&s->f.env);
}

/* Moves bytes until the condition holds; gives up after about 5 s. */
#define wait_until(s, condition)                                                                                       \
	do {                                                                                                           \
		for (int round_ = 0; round_ < 5000 && !(condition); round_++) {                                        \
			pump(s);                                                                                       \
			if (round_ > 20)                                                                               \
				uv_sleep(1);                                                                           \
		}                                                                                                      \
	} while (0)

static inline bool has_got(const struct fake_server *s, const char *text)
{
	return s->got.n && memmem(s->got.p, s->got.n, text, strlen(text));
}

/* Moves bytes until `text` has been received. */
static inline bool await(struct fake_server *s, const char *text)
{
	wait_until(s, has_got(s, text));
	if (!has_got(s, text))
		fprintf(stderr, "expected %s\ngot " STR_FMT "\n", text, STR_ARG(buf_str(&s->got)));
	return has_got(s, text);
}

/* The same, then forgets all that was received. */
static inline bool expect(struct fake_server *s, const char *text)
{
	bool found = await(s, text);

	buf_clear(&s->got);
	return found;
}

static inline void say(struct fake_server *s, const char *text, size_t n)
{
	while (n && !s->closed) {
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
}

static inline void say_c(struct fake_server *s, const char *text)
{
	say(s, text, strlen(text));
}

/* Says it and waits until the link has worked it off: what stands behind it has been answered. */
static inline void say_and_wait(struct fake_server *s, const char *text)
{
	static unsigned count;
	char ping[256], id[32];

	snprintf(id, sizeof(id), "sync-%u'", ++count);
	snprintf(ping, sizeof(ping),
		"<iq type='get' from='sync.test' to='sip.test' id='sync-%u'><ping xmlns='urn:xmpp:ping'/></iq>", count);
	say_c(s, text);
	say_c(s, ping);
	snprintf(id, sizeof(id), "sync-%u\"", count);
	await(s, id);
	char *at = s->got.n ? memmem(s->got.p, s->got.n, id, strlen(id)) : NULL;

	while (at && at > s->got.p && memcmp(at, "<iq", 3) != 0)
		at--;
	if (at)
		s->got.n = (size_t)(at - s->got.p);
}

static inline void hang_up(struct fake_server *s)
{
	if (!s->connected)
		return;
	uv_close((uv_handle_t *)&s->client, NULL);
	s->connected = false;
	pump(s); /* libuv lets go of the handle, which the next connection uses again */
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
	wait_until(s, !uv_loop_alive(&s->loop));
	buf_finish(&s->got);
	fake_env_finish(&s->f);
	return uv_loop_close(&s->loop);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "sipside/transport/stream.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024 };

struct listener {
	struct listener *next;
	struct streams *set;
	uv_tcp_t tcp;
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

static void set_gone(struct streams *s)
{
	void (*closed)(void *) = s->closed;
	void *arg = s->closed_arg;

	free(s);
	closed(arg);
}

void streams_handle_gone(struct streams *s)
{
	if (--s->open_handles == 0 && s->dying)
		set_gone(s);
}

void streams_forget(struct stream *c)
{
	struct streams *s = c->set;
	struct peer *p = c->accepted_from;

	HASH_DELETE(by_id, s->by_id, c);
	if (c->indexed)
		HASH_DELETE(by_address, s->by_address, c);

	if (p && --p->count == 0) {
		HASH_DEL(s->peers, p);
		free(p);
	}
}

/* -- New connections */

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

/* NULL: refused at once, *why says how. */
static struct stream *stream_open(struct streams *s, const struct sipside_target *to, enum reason *why)
{
	*why = s->dying ? REASON_SHUTTING_DOWN : REASON_TOO_MANY;
	if (s->dying || streams_count(s) >= s->limits.connections)
		return NULL;
	struct stream *c = stream_new(s);

	index_stream(c, to);
	if (stream_connect(c) < 0) {
		*why = REASON_UNREACHABLE;
		stream_close(c, *why, STR_NONE);
		return NULL;
	}
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
		stream_discard(c);
		return;
	}
	sipside_target_from(&peer, SIPSIDE_TCP, (const struct sockaddr *)(const void *)&sa);
	index_stream(c, &peer);
	c->accepted_from = peer_of(s, c->address);
	if (streams_count(s) > s->limits.connections || c->accepted_from->count > s->limits.connections_per_peer) {
		stream_tell(c, EVENT_DROPPED, STR("too many connections"));
		stream_close(c, REASON_TOO_MANY, STR("too many connections"));
		return;
	}
	stream_opened(c);
}

/* -- The set */

static enum reason listen_failed(
	const struct streams *s, const struct sipside_target *at, int status, struct str *error)
{
	*error = arena_printf(
		s->env->turn, STR_FMT ": %s", STR_ARG(sipside_target_text(s->env, at)), uv_strerror(status));
	return REASON_INTERNAL;
}

static void listener_gone(uv_handle_t *handle)
{
	struct listener *l = handle->data;
	struct streams *s = l->set;

	free(l);
	streams_handle_gone(s);
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
		return listen_failed(s, at, status, error);
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
	return c ? stream_queue(c, bytes, watch) : why;
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

/* SPDX-License-Identifier: MIT */
#include "sipside/transport/stream.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024 };

struct listener {
	struct listener *next;
	struct streams *set;
	enum sipside_transport transport;
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

void streams_secure(struct streams *s, struct tls_context *context)
{
	tls_context_destroy(s->tls);
	s->tls = context;
	if (!s->cipher)
		s->cipher = alloc_grow(NULL, STREAM_CIPHER_BYTES);
}

static uint64_t name_key(const char *name)
{
	char lower[256];
	size_t n = 0;

	for (; name && name[n] && n < sizeof(lower); n++)
		lower[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] - 'A' + 'a') : name[n];
	return n ? hash_bytes(lower, n) : 0;
}

static struct address address_of(const struct sipside_target *t)
{
	struct address a = { .port = sipside_target_port(t),
		.family = t->addr.any.sa_family,
		.transport = t->transport,
		.name = t->transport == SIPSIDE_TLS ? name_key(t->tls_name) : 0 };

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

	tls_context_destroy(s->tls);
	free(s->cipher);
	free(s);
	closed(arg);
}

void streams_handle_gone(struct streams *s)
{
	if (--s->open_handles == 0 && s->dying)
		set_gone(s);
}

void streams_secured(struct stream *c)
{
	if (!c->counted)
		return;
	c->counted = false;
	c->set->securing--;
	c->accepted_from->securing--;
}

void streams_forget(struct stream *c)
{
	struct streams *s = c->set;
	struct peer *p = c->accepted_from;

	streams_secured(c);
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
	c->peer.tls_name = NULL; /* its owner's; ours is the TLS stream's */
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
	bool secure = to->transport == SIPSIDE_TLS;

	if (secure && (!s->tls || !to->tls_name || !to->tls_name[0])) {
		*why = REASON_TLS; /* nothing to show, or nobody to expect */
		return NULL;
	}
	struct stream *c = stream_new(s);

	index_stream(c, to);
	if (secure)
		c->tls = tls_stream_create(s->env, s->tls, str_c(to->tls_name));
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
	a.transport = 0;
	HASH_FIND(hh, s->peers, &a, sizeof(a), p);
	if (!p) {
		p = alloc_zero(sizeof(*p));
		p->address = a;
		HASH_ADD(hh, s->peers, address, sizeof(p->address), p);
	}
	p->count++;
	return p;
}

/* What is too much at once is turned away; STR_NONE: it may stay. */
static struct str excess(const struct streams *s, const struct stream *c)
{
	const struct sipside_transport_limits *l = &s->limits;

	if (streams_count(s) > l->connections || c->accepted_from->count > l->connections_per_peer)
		return STR("too many connections");
	if (c->tls && (s->securing >= l->handshakes || c->accepted_from->securing >= l->handshakes_per_peer))
		return STR("too many unfinished TLS handshakes");
	return STR_NONE;
}

static void admit(struct stream *c)
{
	struct streams *s = c->set;
	struct str why = excess(s, c);

	if (why.n) {
		stream_tell(c, EVENT_DROPPED, why);
		stream_close(c, REASON_TOO_MANY, why);
		return;
	}
	if (c->tls) {
		c->counted = true;
		s->securing++;
		c->accepted_from->securing++;
	}
	stream_opened(c);
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
	sipside_target_from(&peer, l->transport, (const struct sockaddr *)(const void *)&sa);
	index_stream(c, &peer);
	c->accepted_from = peer_of(s, c->address);
	if (l->transport == SIPSIDE_TLS)
		c->tls = tls_stream_create(s->env, s->tls, STR_NONE);
	admit(c);
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
	int n = (int)sipside_target_length(at), status;

	if (at->transport == SIPSIDE_TLS && !s->tls) {
		*error = STR("sip.listen: tls needs sip.cert, sip.key and sip.ca");
		return REASON_TLS;
	}
	struct listener *l = alloc_zero(sizeof(*l));

	l->set = s;
	l->transport = at->transport;
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

/* -- Finding a connection */

static struct stream *by_number(const struct streams *s, uint64_t id)
{
	struct stream *c = NULL;

	if (id)
		HASH_FIND(by_id, s->by_id, &id, sizeof(id), c);
	return c;
}

/* The one we dialled by this name; else one the peer opened and offered for requests, if it proved the name. */
static struct stream *by_target(const struct streams *s, const struct sipside_target *to)
{
	struct address a = address_of(to);
	struct stream *c;

	if (to->transport == SIPSIDE_TLS && !a.name)
		return NULL; /* nobody is meant, so nobody proves to be it */
	HASH_FIND(by_address, s->by_address, &a, sizeof(a), c);
	if (c || !a.name)
		return c;
	a.name = 0;
	HASH_FIND(by_address, s->by_address, &a, sizeof(a), c);
	if (c && !tls_identity_proves(tls_stream_identity(c->tls), str_c(to->tls_name)))
		c = NULL;
	return c;
}

enum reason streams_send(
	struct streams *s, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct stream *c = by_number(s, to->connection);
	enum reason why;

	if (!c)
		c = by_target(s, to);
	if (!c || c->state == DRAINING)
		c = c && to->connection == c->id ? c : stream_open(s, to, &why);
	return c ? stream_queue(c, bytes, watch) : why;
}

void streams_alias(struct streams *s, const struct sipside_target *from, uint16_t port)
{
	struct stream *c = by_number(s, from->connection), *other;
	struct address a;

	if (!c || !c->tls || !c->accepted_from || c->state != OPEN || c->address.port == port)
		return;
	a = c->address;
	a.port = port;
	HASH_FIND(by_address, s->by_address, &a, sizeof(a), other);
	if (other) { /* the newest offer counts: an older connection may be half dead */
		HASH_DELETE(by_address, s->by_address, other);
		other->indexed = false;
	}
	if (c->indexed)
		HASH_DELETE(by_address, s->by_address, c);
	c->address = a;
	c->indexed = true;
	HASH_ADD(by_address, s->by_address, address, sizeof(c->address), c);
}

const struct tls_identity *streams_identity(const struct streams *s, const struct sipside_target *from)
{
	const struct stream *c = from->transport == SIPSIDE_TLS ? by_number(s, from->connection) : NULL;

	return c && c->state >= OPEN ? tls_stream_identity(c->tls) : NULL;
}

const struct tls_identity *streams_dialled(const struct streams *s, struct str name, const char **version)
{
	const struct tls_identity *found = NULL;
	char text[256] = "";

	memcpy(text, name.p, name.n < sizeof(text) ? name.n : sizeof(text) - 1);
	for (const struct stream *c = s->by_id; c; c = c->by_id.next)
		if (c->tls && c->state == OPEN && !c->accepted_from && c->address.name == name_key(text)) {
			found = tls_stream_identity(c->tls);
			*version = tls_stream_version(c->tls);
		}
	return found;
}

/* -- The end */

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

/* SPDX-License-Identifier: MIT */
#include "sipside/transport/transport.h"
#include "sipside/transport/streams.h"
#include "sipside/transport/tls_context.h"
#include "sipside/transport/udp.h"
#include "mapping/base/alloc.h"

#include <stdlib.h>

struct bound {
	struct sipside_target at;
};

struct sipside_net {
	const struct env *env;
	struct udp *udp;
	struct streams *streams;
	struct bound *bound;
	unsigned count;
	const struct tls_context *tls; /* the streams' */
	unsigned parts; /* of udp and streams: how many are not closed yet */
};

static struct sipside_transport_limits usual(const struct sipside_transport_limits *given)
{
	struct sipside_transport_limits l = given ? *given : (struct sipside_transport_limits){ 0 };
	const struct {
		unsigned *value, usual;
	} rows[] = {
		{ &l.connections, 10000 },
		{ &l.connections_per_peer, 1000 },
		{ &l.message_bytes, 64 * 1024 },
		{ &l.queue_bytes, 4 * 1024 * 1024 },
		{ &l.half_message_ms, 30 * 1000 },
		{ &l.idle_ms, 10 * 60 * 1000 },
		{ &l.connect_ms, 4 * 1000 },
		{ &l.handshake_ms, 10 * 1000 },
		{ &l.handshakes, 1000 },
		{ &l.handshakes_per_peer, 100 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!*rows[i].value)
			*rows[i].value = rows[i].usual;
	return l;
}

struct sipside_net *sipside_transport_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg)
{
	struct sipside_net *n = alloc_zero(sizeof(*n));
	struct sipside_transport_limits l = usual(limits);

	n->env = env;
	n->udp = udp_create(env, &l, handlers, arg);
	n->streams = streams_create(env, &l, handlers, arg);
	n->parts = 2;
	return n;
}

void sipside_transport_secure(struct sipside_net *n, struct tls_context *context)
{
	n->tls = context;
	streams_secure(n->streams, context);
}

const struct tls_identity *sipside_transport_own(const struct sipside_net *n)
{
	return n->tls ? tls_context_own(n->tls) : NULL;
}

const struct tls_identity *sipside_transport_identity(const struct sipside_net *n, const struct sipside_target *from)
{
	return streams_identity(n->streams, from);
}

const struct tls_identity *sipside_transport_dialled(const struct sipside_net *n, struct str name, const char **version)
{
	return streams_dialled(n->streams, name, version);
}

void sipside_transport_alias(struct sipside_net *n, const struct sipside_target *from, uint16_t port)
{
	streams_alias(n->streams, from, port);
}

enum reason sipside_transport_listen(
	struct sipside_net *n, const struct sipside_address *at, unsigned *listener, struct str *error)
{
	struct sipside_target t;
	enum reason why;

	if (!sipside_target_set(&t, at->transport, at->host, at->port)) {
		*error = arena_printf(n->env->turn, STR_FMT ": not an address", STR_ARG(at->host));
		return REASON_BAD_ADDRESS;
	}
	sipside_target_set_port(&t, at->port); /* here 0 means any free one */
	if (at->transport == SIPSIDE_UDP)
		why = udp_listen(n->udp, &t, n->count, error);
	else
		why = streams_listen(n->streams, &t, error);
	if (why != REASON_NONE)
		return why;
	n->bound = alloc_grow(n->bound, (n->count + 1) * sizeof(*n->bound));
	n->bound[n->count].at = t;
	*listener = n->count++;
	*error = STR_NONE;
	env_event(n->env, &(struct event){ .kind = EVENT_LISTEN, .to = sipside_target_text(n->env, &t) });
	return REASON_NONE;
}

bool sipside_transport_bound(const struct sipside_net *n, unsigned listener, struct sipside_address *out)
{
	if (listener >= n->count)
		return false;
	const struct sipside_target *t = &n->bound[listener].at;

	*out = (struct sipside_address){
		.transport = t->transport, .host = sipside_target_host(n->env, t), .port = sipside_target_port(t)
	};
	return true;
}

bool sipside_transport_has_port(const struct sipside_net *n, uint16_t port)
{
	for (unsigned i = 0; i < n->count; i++)
		if (sipside_target_port(&n->bound[i].at) == port)
			return true;
	return false;
}

uint16_t sipside_transport_port(const struct sipside_net *n, enum sipside_transport t)
{
	for (unsigned i = 0; i < n->count; i++)
		if (n->bound[i].at.transport == t)
			return sipside_target_port(&n->bound[i].at);
	return 0;
}

enum reason sipside_transport_send(
	struct sipside_net *n, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	return to->transport == SIPSIDE_UDP ? udp_send(n->udp, to, bytes) : streams_send(n->streams, to, bytes, watch);
}

unsigned sipside_transport_connections(const struct sipside_net *n)
{
	return streams_count(n->streams);
}

static void part_closed(void *arg)
{
	struct sipside_net *n = arg;

	if (--n->parts)
		return;
	free(n->bound);
	free(n);
}

void sipside_transport_destroy(struct sipside_net *n)
{
	if (!n)
		return;
	struct udp *udp = n->udp; /* n may be gone after the second call */
	struct streams *streams = n->streams;

	udp_destroy(udp, part_closed, n);
	streams_destroy(streams, part_closed, n);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/next_hop.h"
#include "sipside/syntax/header_values.h"

static enum sipside_transport transport_of(const struct sipside_domain *d, const struct sipside_uri *uri)
{
	const struct locate *l = d->locate;

	if (str_eq(uri->scheme, STR("sips")) || str_eq_nocase(uri->transport, STR("tls")))
		return SIPSIDE_TLS;
	if (str_eq_nocase(uri->transport, STR("tcp")))
		return SIPSIDE_TCP;
	if (str_eq_nocase(uri->transport, STR("udp")))
		return SIPSIDE_UDP;
	/* UDP by RFC 3263 4.1; where we do not speak it, what the domain's peers speak. */
	if (l->net && !sipside_transport_port(l->net, SIPSIDE_UDP) && d->rows->routes_count)
		return d->rows->routes[0].to.transport;
	return SIPSIDE_UDP;
}

bool next_hop_read(const struct sipside_domain *d, struct str text, struct sipside_address *out, bool *open)
{
	struct sipside_msg m = { .env = d->locate->env }; /* a URI needs nothing else of the message it stands in */
	struct sipside_uri uri;

	if (!text.n || !sipside_msg_uri(&m, text, &uri) || !uri.as.host.n)
		return false;
	out->host = uri.maddr.n ? uri.maddr : uri.as.host;
	out->port = uri.port;
	out->transport = transport_of(d, &uri);
	*open = !uri.transport.n && !uri.port && out->transport != SIPSIDE_TLS;
	return true;
}

struct sipside_target next_hop_target(const union resolver_address *host, const struct sipside_address *to)
{
	struct sipside_target t = { .transport = to->transport };

	if (host->sa.sa_family == AF_INET) {
		t.addr.v4 = host->in;
		t.addr.v4.sin_port = htons(address_port(to));
	} else {
		t.addr.v6 = host->in6;
		t.addr.v6.sin6_port = htons(address_port(to));
	}
	return t;
}

struct sipside_target next_hop_for_ack(
	struct sipside_domain *d, struct str uri, const struct sipside_target *answered_from)
{
	struct resolver_query query = { 0 };
	struct sipside_address hop;
	bool open;

	if (!next_hop_read(d, uri, &hop, &open))
		return *answered_from;
	/* A name without a port may stand for SRV records; which of them was chosen is what answered. */
	if (!hop.port && !resolver_knows(d->locate->resolver, hop.host))
		return *answered_from;
	const struct resolver_answer *answer = resolver_ask(d->locate->resolver, hop.host, &query);

	resolver_cancel(&query);
	if (!answer || !answer->count)
		return *answered_from;
	struct sipside_target to = next_hop_target(&answer->at[0], &hop);

	if (to.transport == answered_from->transport && sipside_target_same_host(&to, answered_from) &&
		sipside_target_port(&to) == sipside_target_port(answered_from))
		to.connection = answered_from->connection;
	if (to.transport == SIPSIDE_TLS)
		to.tls_name = arena_str(d->locate->env->turn, hop.host).p;
	return to;
}

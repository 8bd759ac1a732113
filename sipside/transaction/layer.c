/* SPDX-License-Identifier: MIT */
#include "sipside/transaction/layer.h"

#include <stdlib.h>

static enum reason output_to_net(
	void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	return sipside_transport_send(arg, to, bytes, watch);
}

static uint64_t or_default(unsigned ms, unsigned usual)
{
	return ms ? ms : usual;
}

struct sipside_transactions *sipside_transactions_create(const struct env *env, struct sipside_net *net,
	const struct sipside_transaction_config *config, const struct sipside_transaction_handlers *handlers, void *arg)
{
	struct sipside_transactions *l = alloc_zero(sizeof(*l));
	bool bare_v6 = str_find(config->node, ':') < config->node.n && config->node.p[0] != '[';

	l->env = env;
	l->net = net;
	l->output = output_to_net;
	l->output_arg = net;
	l->handlers = *handlers;
	l->arg = arg;
	l->node = alloc_str(bare_v6 ? arena_printf(env->turn, "[" STR_FMT "]", STR_ARG(config->node)) : config->node);
	l->t1_ms = or_default(config->t1_ms, 500);
	l->t2_ms = or_default(config->t2_ms, 4000);
	l->t4_ms = or_default(config->t4_ms, 5000);
	l->limit_ms = 64 * l->t1_ms;
	l->max_servers = config->max_servers ? config->max_servers : 50000;
	answered_init(&l->answered, env, l->limit_ms, 4 * l->max_servers);
	return l;
}

void sipside_transactions_output(struct sipside_transactions *t, sipside_output *output, void *arg)
{
	t->output = output;
	t->output_arg = arg;
}

void sipside_transactions_destroy(struct sipside_transactions *t)
{
	if (!t)
		return;
	client_free_all(t);
	server_free_all(t);
	answered_finish(&t->answered);
	alloc_str_free(&t->node);
	buf_finish(&t->scratch);
	free(t);
}

static void show_wire(
	const struct sipside_transactions *l, const struct sipside_target *peer, struct str bytes, bool outgoing)
{
	if (!env_wants(l->env, EVENT_WIRE_SIP))
		return;
	struct str text = sipside_target_text(l->env, peer);

	env_event(l->env, &(struct event){ .kind = EVENT_WIRE_SIP,
				  .from = outgoing ? STR_NONE : text,
				  .to = outgoing ? text : STR_NONE,
				  .bytes = bytes,
				  .outgoing = outgoing });
}

enum reason layer_send(
	struct sipside_transactions *l, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	show_wire(l, to, bytes, true);
	return l->output(l->output_arg, to, bytes, watch);
}

struct str layer_via(const struct sipside_transactions *l, enum sipside_transport t, struct str branch)
{
	static const struct str words[] = {
		[SIPSIDE_UDP] = STR_INIT("UDP"), [SIPSIDE_TCP] = STR_INIT("TCP"), [SIPSIDE_TLS] = STR_INIT("TLS")
	};
	uint16_t port = l->net ? sipside_transport_port(l->net, t) : 0;
	struct buf b = { 0 };

	buf_lit(&b, "SIP/2.0/");
	buf_add(&b, words[t]);
	buf_addc(&b, ' ');
	buf_add(&b, l->node);
	if (port) {
		buf_addc(&b, ':');
		buf_number(&b, port);
	}
	buf_lit(&b, ";branch=");
	buf_add(&b, branch);
	buf_lit(&b, ";rport");
	if (t == SIPSIDE_TLS) /* RFC 5923: both ends are proved, so the connection serves both directions */
		buf_lit(&b, ";alias");
	struct str via = arena_str(l->env->turn, buf_str(&b));

	buf_finish(&b);
	return via;
}

/* Where the Via tells the sender's own port, at the address the bytes came from; false: it tells a name or none, and no
 * name is ever resolved here. */
static bool named_port(const struct sipside_msg *m, const struct sipside_target *from, uint16_t *port)
{
	struct sipside_target named;

	if (!m->via.host.n || !sipside_target_set(&named, from->transport, m->via.host, m->via.port))
		return false;
	*port = sipside_target_port(&named);
	return sipside_target_same_host(&named, from);
}

/* A UDP peer without rport is answered at the port it names, if it names the address it sends from; otherwise a NAT or
 * a name is between us, and the answer goes to where the request came from. Streams: on the connection; the port counts
 * only once that is gone. */
struct sipside_target layer_reply_target(const struct sipside_msg *m, const struct sipside_target *from)
{
	struct sipside_target to = *from;
	uint16_t port;

	if (!(from->transport == SIPSIDE_UDP && m->via.rport) && named_port(m, from, &port))
		sipside_target_set_port(&to, port);
	return to;
}

void layer_reply_stateless(struct sipside_transactions *l, const struct sipside_msg *m,
	const struct sipside_target *from, const struct sipside_reply *r)
{
	struct sipside_target to = layer_reply_target(m, from);
	struct buf text = { 0 };
	struct reply_head head =
		write_reply_head(&text, m, sipside_target_host(l->env, from), sipside_target_port(from));

	buf_clear(&l->scratch);
	write_reply(&l->scratch, &head, env_token(l->env, 8), r);
	layer_send(l, &to, buf_str(&l->scratch), NULL);
	buf_finish(&text);
}

static void malformed(
	const struct sipside_transactions *l, const struct sipside_target *from, int status, const char *why)
{
	env_event(l->env, &(struct event){ .kind = EVENT_MALFORMED,
				  .from = sipside_target_text(l->env, from),
				  .sip = status > 0 ? status : 0,
				  .detail = str_c(why) });
}

/* RFC 3261 8.2: what cannot be read is refused, but an ACK never gets an answer. */
static void refuse_malformed(struct sipside_transactions *l, const struct sipside_msg *m,
	const struct sipside_target *from, int status, const char *why)
{
	if (m->method == S_ACK)
		return;
	layer_reply_stateless(l, m, from,
		&(struct sipside_reply){ .status = status,
			.phrase = status == 400 ? arena_printf(l->env->turn, "Bad Request (%s)", why) : STR_NONE });
}

void sipside_transactions_received(void *arg, const struct sipside_target *from, struct str bytes)
{
	struct sipside_transactions *l = arg;
	struct sipside_msg m;
	const char *why;

	show_wire(l, from, bytes, false);
	int status = sipside_msg_parse(l->env, bytes, &m, &why);

	if (status)
		malformed(l, from, status, why);
	if (status > 0)
		refuse_malformed(l, &m, from, status, why);
	else if (status == 0 && !m.is_request)
		client_received(l, &m, from);
	else if (status == 0 && m.method == S_ACK)
		server_received_ack(l, &m);
	else if (status == 0) {
		if (m.via.alias && l->net)
			sipside_transport_alias(l->net, from, m.via.port ? m.via.port : 5061);
		server_received(l, &m, from);
	}
	sipside_msg_finish(&m);
}

void sipside_transactions_undelivered(void *arg, const struct sipside_target *to, struct str bytes)
{
	(void)to;
	client_undelivered(arg, bytes);
}

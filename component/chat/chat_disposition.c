/* SPDX-License-Identifier: MIT */
#include "component/chat/chat_disposition.h"
#include "component/chat/chat_report.h"
#include "mapping/cpim.h"
#include "mapping/error.h"

#include <string.h>

/* -- Texts from SIP */

void chat_disposition_asked_by_sip(struct conversation *c, struct str id, const struct map_imdn_wish *wish)
{
	if (wish->id.n == 0)
		return;
	c->knows_imdn = true;
	dispositions_expect(&c->chat->dispositions, &(struct disposition_order){ .dir = DIR_S2X,
							    .pair = c->pair.key,
							    .told_by = id,
							    .known_as = wish->id,
							    .delivery = wish->delivery,
							    .display = wish->display });
}

static void send_imdn(struct conversation *c, struct str message_id, enum map_imdn_status status)
{
	const struct env *env = c->chat->ctx->env;
	struct map_imdn imdn = { .id = message_id, .status = status };
	const struct map_cpim_order order = { .from = &c->user_uri,
		.to = &c->pair.contact,
		.unix_ms = env_unix_ms(env),
		.wish = { .id = env_token(env, CHAT_TOKEN / 2) },
		.notification = true };
	const struct s_body inner = { .type = STR("message/imdn+xml"),
		.bytes = map_imdn_write(env->turn, &imdn, &c->user_uri, env_unix_ms(env)) };
	struct s_body body = map_cpim_write(env->turn, &order, &inner);

	if (conversation_notify(c, &body))
		chat_report_disposition(c, DIR_X2S, status);
}

void chat_disposition_of_xmpp(struct chat *chat, const struct routing_verdict *v, const struct x_message *m)
{
	bool displayed = m->displayed.n > 0;
	struct disposition *d =
		dispositions_find(&chat->dispositions, DIR_S2X, v->pair.key, displayed ? m->displayed : m->received);
	struct conversation *c = d ? conversation_get(chat, v) : NULL;

	if (!c || (displayed ? !d->order.display : !d->order.delivery))
		return; /* not asked for, or another of his devices has told it already */
	conversation_hold(c);
	send_imdn(c, d->order.known_as, displayed ? MAP_IMDN_DISPLAYED : MAP_IMDN_DELIVERED);
	dispositions_settle(&chat->dispositions, d, !displayed, displayed);
	conversation_release(c);
}

/* -- Texts from XMPP */

static bool asks(const struct conversation *c, const struct conversation_text *t)
{
	return c->knows_imdn && c->domain->config->profile->imdn && !t->notice && t->m.id.n &&
	       (t->m.wants_receipt || t->m.markable);
}

void chat_disposition_ask_sip(struct conversation *c, struct conversation_text *t, struct s_body *body)
{
	const struct env *env = c->chat->ctx->env;

	if (!asks(c, t))
		return;
	if (!t->report_id[0]) /* sent again in another session it is the same message */
		memcpy(t->report_id, env_token(env, CHAT_TOKEN / 2).p, CHAT_TOKEN);
	const struct map_cpim_order order = { .from = &c->user_uri,
		.to = &c->pair.contact,
		.unix_ms = env_unix_ms(env),
		.wish = { .id = str_c(t->report_id),
			.delivery = t->m.wants_receipt,
			.failure = true,
			.display = t->m.markable } };

	*body = map_cpim_write(env->turn, &order, body);
	dispositions_expect(&c->chat->dispositions, &(struct disposition_order){ .dir = DIR_X2S,
							    .pair = c->pair.key,
							    .told_by = str_c(t->report_id),
							    .known_as = t->m.id,
							    .writer = t->m.from,
							    .type = t->m.type,
							    .delivery = t->m.wants_receipt,
							    .display = t->m.markable });
}

void chat_disposition_withdraw(struct conversation *c, const struct conversation_text *t)
{
	struct dispositions *all = &c->chat->dispositions;

	if (t->report_id[0])
		dispositions_settle(all, dispositions_find(all, DIR_X2S, c->pair.key, str_c(t->report_id)), true, true);
}

static void tell_writer(struct conversation *c, const struct disposition_order *o, enum map_imdn_status status)
{
	const struct env *env = c->chat->ctx->env;

	xmppside_signal(c->domain->link, &(struct x_message){ .flow = env_flow(env),
						 .from = c->contact_jid,
						 .to = o->writer,
						 .id = env_token(env, CHAT_TOKEN / 2),
						 .type = o->type,
						 .received = status == MAP_IMDN_DELIVERED ? o->known_as : STR_NONE,
						 .displayed = status == MAP_IMDN_DISPLAYED ? o->known_as : STR_NONE });
	chat_report_disposition(c, DIR_S2X, status);
}

/* It had been taken, and then did not arrive. */
static void tell_failure(struct conversation *c, const struct disposition_order *o)
{
	struct x_message original = { .from = o->writer,
		.to = c->contact_jid,
		.id = o->known_as,
		.type = o->type,
		.flow = env_flow(c->chat->ctx->env) };
	struct x_error error = map_error_x(c->chat->ctx->env->turn, REASON_OFFLINE, STR("IMDN failed"));

	xmppside_bounce(c->domain->link, &original, &error);
	chat_report_disposition(c, DIR_S2X, MAP_IMDN_FAILED);
}

void chat_disposition_of_sip(struct conversation *c, const struct map_imdn *report)
{
	struct dispositions *all = &c->chat->dispositions;
	struct disposition *d = dispositions_find(all, DIR_X2S, c->pair.key, report->id);
	bool displayed = report->status == MAP_IMDN_DISPLAYED, delivered = report->status == MAP_IMDN_DELIVERED;

	if (!d)
		return;
	if ((delivered || displayed) && d->order.delivery)
		tell_writer(c, &d->order, MAP_IMDN_DELIVERED); /* who has seen it has received it */
	if (displayed && d->order.display)
		tell_writer(c, &d->order, MAP_IMDN_DISPLAYED);
	if (report->status == MAP_IMDN_FAILED)
		tell_failure(c, &d->order);
	/* Forbidden and error: nothing more will be told, of the message they say nothing. */
	dispositions_settle(all, d, true, !delivered);
}

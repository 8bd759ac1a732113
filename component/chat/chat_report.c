/* SPDX-License-Identifier: MIT */
#include "component/chat/chat_report.h"
#include "mapping/address.h"
#include "mapping/error.h"

static const struct str chat_words[X_CHATS] = {
	[X_CHAT_NONE] = STR_INIT("none"),
	[X_CHAT_ACTIVE] = STR_INIT("active"),
	[X_CHAT_COMPOSING] = STR_INIT("composing"),
	[X_CHAT_PAUSED] = STR_INIT("paused"),
	[X_CHAT_INACTIVE] = STR_INIT("inactive"),
	[X_CHAT_GONE] = STR_INIT("gone"),
};

/* An event about the pair, with its addresses in the direction of the journey. */
static struct event about(const struct conversation *c, enum event_kind kind, enum event_dir dir, uint64_t flow)
{
	struct arena *turn = c->chat->ctx->env->turn;
	struct str user = map_jid_print(turn, &c->pair.user), contact = map_uri_print(turn, &c->pair.contact);

	return (struct event){ .kind = kind,
		.flow = flow,
		.dir = dir,
		.from = dir == DIR_S2X ? contact : user,
		.to = dir == DIR_S2X ? user : contact };
}

static struct str word_of(enum reason why)
{
	return why ? map_reason(why)->word : STR_NONE;
}

static int64_t since(const struct conversation *c, uint64_t since_ms)
{
	return (int64_t)(env_now_ms(c->chat->ctx->env) - since_ms);
}

void chat_report_x2s(const struct conversation *c, const struct conversation_text *t, const struct s_result *result,
	struct str condition)
{
	struct event e = about(c, EVENT_MESSAGE, DIR_X2S, t->m.flow);

	e.sip = result->status;
	e.xmpp = condition;
	e.why = word_of(result->why);
	e.ms = since(c, t->since_ms);
	if (t->notice)
		e.detail = STR("notice of a late error");
	env_event(c->chat->ctx->env, &e);
}

void chat_report_s2x(const struct conversation *c, uint64_t flow, uint64_t since_ms, const struct s_result *answer,
	const struct x_error *error)
{
	struct event e = about(c, EVENT_MESSAGE, DIR_S2X, flow);

	e.sip = answer->status;
	e.xmpp = error ? error->condition : STR_NONE;
	e.why = error ? word_of(error->why) : word_of(answer->why);
	e.ms = since(c, since_ms);
	env_event(c->chat->ctx->env, &e);
}

void chat_report_late(const struct conversation *c, const struct ledger_entry *entry, const struct x_error *error)
{
	struct event e = about(c, EVENT_MESSAGE_LATE, DIR_S2X, entry->flow);

	e.xmpp = error ? error->condition : STR_NONE;
	e.why = error ? word_of(error->why) : STR_NONE;
	e.ms = since(c, entry->since_ms);
	env_event(c->chat->ctx->env, &e);
}

void chat_report_receipt(const struct conversation *c, const struct conversation_text *t)
{
	struct event e = about(c, EVENT_RECEIPT, DIR_S2X, t->m.flow);

	env_event(c->chat->ctx->env, &e);
}

void chat_report_disposition(const struct conversation *c, enum event_dir dir, enum map_imdn_status status)
{
	static const struct str words[MAP_IMDN_STATUSES] = { [MAP_IMDN_NONE] = STR_INIT("none"),
		[MAP_IMDN_DELIVERED] = STR_INIT("delivered"),
		[MAP_IMDN_DISPLAYED] = STR_INIT("displayed"),
		[MAP_IMDN_FAILED] = STR_INIT("failed"),
		[MAP_IMDN_FORBIDDEN] = STR_INIT("forbidden"),
		[MAP_IMDN_ERROR] = STR_INIT("error") };
	struct event e = about(c, EVENT_RECEIPT, dir, env_flow(c->chat->ctx->env));

	e.detail = words[status];
	env_event(c->chat->ctx->env, &e);
}

void chat_report_repeated(const struct conversation *c, const struct x_message *m)
{
	struct event e = about(c, EVENT_DROPPED, DIR_X2S, m->flow);

	e.detail = STR("the same message came again");
	env_event(c->chat->ctx->env, &e);
}

void chat_report_typing(const struct conversation *c, enum event_dir dir, uint64_t flow, enum x_chat chat)
{
	struct event e = about(c, EVENT_TYPING, dir, flow);

	e.xmpp = chat_words[chat];
	env_event(c->chat->ctx->env, &e);
}

void chat_report_session(const struct conversation_place *p, struct str words, const struct s_result *result)
{
	const struct conversation *c = p->conversation;
	struct event e = about(c, EVENT_SESSION, p->theirs ? DIR_S2X : DIR_X2S, p->flow);

	e.detail = words;
	e.sip = result ? result->status : 0;
	e.why = result ? word_of(result->why) : STR_NONE;
	env_event(c->chat->ctx->env, &e);
}

void chat_report_refused_x2s(
	const struct context *ctx, const struct x_message *m, enum reason why, struct str condition)
{
	env_event(ctx->env, &(struct event){ .kind = EVENT_REFUSED,
				    .flow = m->flow,
				    .dir = DIR_X2S,
				    .from = map_jid_print(ctx->env->turn, &m->from),
				    .to = map_jid_print(ctx->env->turn, &m->to),
				    .xmpp = condition,
				    .why = word_of(why) });
}

void chat_report_refused_s2x(const struct context *ctx, const struct s_request *r, enum reason why, int status)
{
	env_event(ctx->env, &(struct event){ .kind = EVENT_REFUSED,
				    .flow = r->flow,
				    .dir = DIR_S2X,
				    .from = map_uri_print(ctx->env->turn, &r->from),
				    .to = map_uri_print(ctx->env->turn, &r->to),
				    .sip = status,
				    .why = word_of(why) });
}

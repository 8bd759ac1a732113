/* SPDX-License-Identifier: MIT */
#include "component/chat/chat_session.h"
#include "component/chat/chat_report.h"
#include "component/chat/chat_s2x.h"
#include "component/config/config.h"
#include "mapping/error.h"

#include <string.h>

bool chat_session_allowed(const struct chat *chat)
{
	return chat->sessions < chat->ctx->config->limits.sessions;
}

/* -- The row that brings a session back after a restart */

static struct store_row row_of(const struct conversation_place *p)
{
	return (struct store_row){ .kind = STORE_CONVERSATION,
		.user = p->conversation->pair.user,
		.other = p->conversation->pair.contact,
		.key = str_c(p->key) };
}

static void drop_row(struct conversation_place *p)
{
	struct store_row row = row_of(p);

	if (p->kept)
		store_drop(p->conversation->chat->ctx->store, &row);
	p->kept = false;
}

/* -- The owner of a usage */

static bool is_closing(const struct conversation_place *p)
{
	return p->conversation->chat->closing;
}

static void on_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct conversation_place *p = arg;
	struct s_result busy = map_error_s(REASON_SHUTTING_DOWN);

	if (is_closing(p))
		sipside_answer(t, &busy);
	else
		chat_s2x_in_session(p, t, r);
}

static void on_up(void *arg, const struct s_result *r)
{
	struct conversation_place *p = arg;
	struct conversation *c = p->conversation;

	if (is_closing(p))
		return;
	p->up = true;
	chat_report_session(p, STR("opened"), r);
	conversation_event(
		c, &(struct conversation_event){ .kind = CONVERSATION_UP, .slot = (uint8_t)(p - c->places) });
}

static void vacate(struct conversation_place *p)
{
	drop_row(p);
	p->usage = NULL;
	p->up = false;
	p->conversation->chat->sessions--;
}

static void on_ended(void *arg, const struct s_result *r)
{
	struct conversation_place *p = arg;
	struct conversation *c = p->conversation;

	if (is_closing(p))
		return;
	chat_report_session(p, p->up ? STR("closed") : STR("failed"), r);
	vacate(p);
	conversation_event(c, &(struct conversation_event){
				      .kind = CONVERSATION_ENDED, .slot = (uint8_t)(p - c->places), .result = r });
}

static void on_keep(void *arg, struct str saved)
{
	struct conversation_place *p = arg;
	struct store_row row = row_of(p);

	if (is_closing(p))
		return;
	row.dialog = saved;
	p->kept = true;
	store_put(p->conversation->chat->ctx->store, &row);
}

static const struct sipside_owner owner = { .request = on_request, .up = on_up, .ended = on_ended, .keep = on_keep };

/* -- Into a place and out of it */

static struct conversation_place *prepare(struct conversation *c, uint8_t slot, uint64_t flow, struct str key)
{
	struct conversation_place *p = &c->places[slot];

	p->generation++;
	p->flow = flow;
	p->up = p->kept = p->theirs = false;
	memset(p->key, 0, sizeof(p->key));
	memcpy(p->key, key.p, key.n < CHAT_TOKEN ? key.n : CHAT_TOKEN);
	return p;
}

static void occupy(struct conversation_place *p, struct sipside_usage *usage)
{
	p->usage = usage;
	if (usage)
		p->conversation->chat->sessions++;
}

enum reason chat_session_begin(struct conversation *c, uint8_t slot, const struct s_request *invite)
{
	enum reason why = REASON_INTERNAL;

	if (!chat_session_allowed(c->chat))
		return REASON_TOO_MANY;
	struct conversation_place *p = prepare(c, slot, invite->flow, env_token(c->chat->ctx->env, CHAT_TOKEN / 2));

	occupy(p, sipside_begin(c->domain->sip, invite, &owner, p, &why));
	return p->usage ? REASON_NONE : why;
}

enum reason chat_session_accept(
	struct conversation *c, uint8_t slot, struct sipside_request *t, const struct s_request *invite)
{
	struct conversation_place *p = prepare(c, slot, invite->flow, env_token(c->chat->ctx->env, CHAT_TOKEN / 2));

	p->theirs = true;
	occupy(p, sipside_accept(t, &owner, p));
	return p->usage ? REASON_NONE : REASON_INTERNAL;
}

enum reason chat_session_restore(struct conversation *c, uint8_t slot, const struct store_row *row)
{
	struct conversation_place *p = prepare(c, slot, env_flow(c->chat->ctx->env), row->key);

	occupy(p, sipside_restore(c->domain->sip, row->dialog, &owner, p));
	p->up = p->kept = p->usage != NULL;
	return p->usage ? REASON_NONE : REASON_NO_SESSION;
}

void chat_session_end(struct conversation *c, uint8_t slot)
{
	struct conversation_place *p = &c->places[slot];
	struct sipside_usage *usage = p->usage;

	if (!usage)
		return;
	chat_report_session(p, p->up ? STR("closed") : STR("failed"), NULL);
	vacate(p);
	sipside_end(usage);
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/chat_report.h"
#include "component/chat/chat_session.h"
#include "component/config/config.h"
#include "mapping/error.h"

#include <stdlib.h>

/* Beside the database; where there is no file, the journal ends with the process too. */
static struct text_journal *open_journal(const struct context *ctx)
{
	struct str url = ctx->config->storage_url, path = STR_NONE, fault;

	if (str_starts(url, STR("sqlite:")) && !str_eq(url, STR("sqlite::memory:")))
		path = arena_printf(ctx->env->turn, STR_FMT ".texts", STR_ARG(str_cut(url, 7, url.n)));
	struct text_journal *journal = text_journal_open(ctx->env, path, &fault);

	if (fault.n)
		env_event(ctx->env, &(struct event){ .kind = EVENT_STORE,
					    .to = path,
					    .why = map_reason(REASON_INTERNAL)->word,
					    .detail = fault });
	return journal;
}

struct chat *chat_create(struct context *ctx)
{
	struct chat *c = alloc_zero(sizeof(*c));

	c->ctx = ctx;
	ledger_init(&c->ledger, ctx->env, open_journal(ctx));
	absent_init(&c->absent, ctx->env);
	dispositions_init(&c->dispositions, ctx->env);
	return c;
}

static void free_all(struct chat *chat)
{
	struct conversation *c, *next;

	absent_finish(&chat->absent);
	ledger_finish(&chat->ledger);
	dispositions_finish(&chat->dispositions);
	HASH_ITER (hh, chat->conversations, c, next)
		conversation_destroy(c);
	free(chat);
}

/* Their stanzas were written; what became of them is not known any more. */
static void answer_tickets(struct chat *chat)
{
	struct s_result result = map_error_s(REASON_LINK_LOST);

	for (struct ledger_entry *e = chat->ledger.oldest; e; e = e->younger)
		while (e->tickets_count)
			sipside_answer(e->tickets[--e->tickets_count], &result);
}

static void give_up_text(struct conversation *c, const struct conversation_text *t, enum reason why)
{
	struct x_error error = map_error_x(c->chat->ctx->env->turn, why, STR_NONE);

	if (!t->notice)
		xmppside_bounce(c->domain->link, &t->m, &error);
	chat_report_x2s(c, t, &(struct s_result){ .why = why }, error.condition);
}

void chat_give_up(struct chat *chat)
{
	struct conversation *c, *next;

	HASH_ITER (hh, chat->conversations, c, next)
		for (const struct conversation_text *t = c->first; t; t = t->next)
			give_up_text(
				c, t, t == c->first && c->rules.in_flight ? REASON_NO_ANSWER : REASON_SHUTTING_DOWN);
}

void chat_destroy(struct chat *chat)
{
	struct conversation *c, *next;

	if (!chat)
		return;
	chat->closing = true;
	answer_tickets(chat);
	HASH_ITER (hh, chat->conversations, c, next)
		wheel_cancel(chat->ctx->env->wheel, &c->timer);
	wheel_cancel(chat->ctx->env->wheel, &chat->ledger.timer);
	wheel_cancel(chat->ctx->env->wheel, &chat->dispositions.timer);
	if (!chat->outcomes)
		free_all(chat);
}

void chat_outcome_expected(struct chat *chat)
{
	chat->outcomes++;
}

bool chat_outcome_came(struct chat *chat)
{
	chat->outcomes--;
	if (!chat->closing)
		return true;
	if (!chat->outcomes)
		free_all(chat);
	return false;
}

unsigned chat_in_flight(const struct chat *c)
{
	return c->texts + c->ledger.open;
}

/* -- After a restart */

static void restore(struct chat *chat, const struct routing_verdict *v, const struct store_row *row)
{
	struct conversation *c = conversation_get(chat, v);
	struct s_result lost = { .why = REASON_NO_SESSION };

	if (!c)
		return;
	conversation_hold(c);
	uint8_t slot = conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_RESTORED });

	if (chat_session_restore(c, slot, row)) {
		store_drop(chat->ctx->store, row);
		conversation_event(
			c, &(struct conversation_event){ .kind = CONVERSATION_ENDED, .slot = slot, .result = &lost });
	}
	conversation_release(c);
}

void chat_restore(struct chat *chat, const struct store_row *row)
{
	struct arena *turn = chat->ctx->env->turn;
	struct pair pair = pair_of(turn, &row->user, &row->other);
	struct routing_verdict v = routing_pair(chat->ctx->routing, turn, &pair);

	if (v.why)
		store_drop(chat->ctx->store, row); /* the domain is no longer configured */
	else
		restore(chat, &v, row);
}

/* -- Whom to answer */

/* Presence came over the link of the domain that the SIP user's JID is in. */
static struct conversation *find_by_jids(struct chat *chat, const struct x_jid *user, const struct x_jid *contact)
{
	struct routing *routing = chat->ctx->routing;

	for (unsigned i = 0; i < routing_count(routing); i++) {
		struct routing_domain *d = routing_at(routing, i);

		if (!str_eq(d->jid_domain, contact->domain))
			continue;
		struct routing_verdict v = routing_x2s(routing, chat->ctx->env->turn, d->link, user, contact);

		return v.why ? NULL : conversation_find(chat, v.pair.key);
	}
	return NULL;
}

void chat_user_presence(struct chat *chat, const struct x_presence *p)
{
	if (!chat->conversations || (p->kind != X_AVAILABLE && p->kind != X_UNAVAILABLE))
		return;
	struct conversation *c = find_by_jids(chat, &p->from, &p->to);

	if (c)
		alloc_str_free(&c->resource);
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/conversation_text.h"
#include "component/chat/chat_disposition.h"
#include "component/chat/chat_report.h"
#include "mapping/address.h"
#include "mapping/error.h"

#include <stdlib.h>
#include <string.h>

static struct str keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

struct conversation_text *conversation_text_copy(const struct x_message *m, uint64_t now_ms, bool notice)
{
	size_t n = m->from.node.n + m->from.domain.n + m->from.resource.n + m->to.node.n + m->to.domain.n +
		   m->to.resource.n + m->id.n + m->body.n + m->subject.n + m->thread.n + m->lang.n;
	struct conversation_text *t = alloc_zero(sizeof(*t) + n);
	char *at = (char *)(t + 1);

	t->since_ms = now_ms;
	t->notice = notice;
	t->m = (struct x_message){ .flow = m->flow,
		.from = { keep(&at, m->from.node), keep(&at, m->from.domain), keep(&at, m->from.resource) },
		.to = { keep(&at, m->to.node), keep(&at, m->to.domain), keep(&at, m->to.resource) },
		.id = keep(&at, m->id),
		.type = m->type,
		.body = keep(&at, m->body),
		.has_body = true,
		.subject = keep(&at, m->subject),
		.thread = keep(&at, m->thread),
		.lang = keep(&at, m->lang),
		.wants_receipt = m->wants_receipt,
		.markable = m->markable,
		.hops = m->hops };
	return t;
}

void conversation_text_push(struct conversation *c, struct conversation_text *t)
{
	if (c->last)
		c->last->next = t;
	else
		c->first = t;
	c->last = t;
	c->bytes += t->m.body.n;
	c->chat->texts++;
}

struct conversation_text *conversation_text_pop(struct conversation *c)
{
	struct conversation_text *t = c->first;

	c->first = t->next;
	if (!c->first)
		c->last = NULL;
	c->bytes -= t->m.body.n;
	c->chat->texts--;
	return t;
}

static bool came_back(const struct s_result *r)
{
	return r->why == REASON_SIP_STATUS && r->status == 482;
}

void conversation_text_bounce(struct conversation *c, struct conversation_text *t, const struct s_result *result)
{
	struct x_error error = map_error_s2x(c->chat->ctx->env->turn, result);

	if (came_back(result))
		absent_note(&c->chat->absent, map_uri_key(c->chat->ctx->env->turn, &c->pair.contact));
	chat_disposition_withdraw(c, t);
	for (unsigned i = 0; t->recent && i < CHAT_RECENT; i++)
		if (c->recent[i] == t->recent)
			c->recent[i] = 0; /* written again, it is a new try */
	if (!t->notice)
		xmppside_bounce(c->domain->link, &t->m, &error);
	chat_report_x2s(c, t, result, error.condition);
	free(t);
}

/* XEP-0184: to the full JID that wrote, under an id of its own. */
static void send_receipt(struct conversation *c, const struct conversation_text *t)
{
	const struct env *env = c->chat->ctx->env;

	xmppside_signal(c->domain->link, &(struct x_message){ .flow = t->m.flow,
						 .from = c->contact_jid,
						 .to = t->m.from,
						 .id = env_token(env, CHAT_TOKEN / 2),
						 .type = t->m.type,
						 .received = t->m.id });
	chat_report_receipt(c, t);
}

void conversation_text_taken(struct conversation *c, bool receipt, const struct s_result *result)
{
	struct conversation_text *t = conversation_text_pop(c);

	if (receipt && t->m.wants_receipt && t->m.id.n && !t->report_id[0])
		send_receipt(c, t);
	chat_report_x2s(c, t, result, STR_NONE);
	free(t);
}

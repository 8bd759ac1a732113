/* SPDX-License-Identifier: MIT */
/* XMPP messages to SIP: text and chat states into the conversation; late errors back to the SIP user. */
#include "component/chat/chat_disposition.h"
#include "component/chat/chat_report.h"
#include "component/chat/chat_table.h"
#include "component/limits.h"
#include "mapping/address.h"
#include "mapping/error.h"
#include "mapping/im.h"

enum { NOTICE_WORDS = 200 };

static bool is_text(const struct x_message *m)
{
	return m->has_body && m->body.n;
}

/* Back to its writer with words. Only texts are worth an error: chat states and receipts never are. */
static void refuse(struct context *ctx, struct xmppside_link *link, const struct x_message *m, enum reason why)
{
	struct x_error error = map_error_x(ctx->env->turn, why, STR_NONE);

	if (is_text(m) || m->type == X_TYPE_GROUPCHAT || m->is_invitation)
		xmppside_bounce(link, m, &error);
	chat_report_refused_x2s(ctx, m, why, error.condition);
}

static enum reason may_write(struct context *ctx, const struct x_message *m)
{
	struct x_jid sender = map_jid_bare(&m->from);

	if (ctx->stopping)
		return REASON_SHUTTING_DOWN;
	return limits_message(ctx->limits, map_jid_print(ctx->env->turn, &sender), m->body.n);
}

/* Who wrote last gets the answers, in the thread he chose (RFC 6121 5.1, XEP-0201). */
static void lock_on(struct conversation *c, const struct x_message *m)
{
	alloc_str_set(&c->resource, m->from.resource);
	if (m->thread.n && m->thread.n <= CHAT_THREAD_MAX)
		alloc_str_set(&c->thread, m->thread);
}

/* What came back a moment ago would come back again. */
static bool is_absent(struct context *ctx, const struct routing_verdict *v)
{
	struct absent *a = &ctx->chat->absent;

	return a->users && absent_is(a, map_uri_key(ctx->env->turn, &v->pair.contact));
}

static void take_text(
	struct context *ctx, struct xmppside_link *link, const struct routing_verdict *v, const struct x_message *m)
{
	enum reason why = is_absent(ctx, v) ? REASON_LOOP : may_write(ctx, m);
	struct conversation *c = why ? NULL : conversation_get(ctx->chat, v);

	if (!c) {
		refuse(ctx, link, m, why ? why : REASON_TOO_MANY);
		return;
	}
	if (conversation_has_seen(c, m)) {
		chat_report_repeated(c, m);
		return;
	}
	conversation_hold(c);
	lock_on(c, m);
	conversation_write(c, m, false);
	if (m->chat != X_CHAT_NONE)
		conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_STATE, .chat = m->chat });
	conversation_release(c);
}

/* Only where there is a conversation: a chat state never makes one. */
static void take_state(struct context *ctx, const struct routing_verdict *v, const struct x_message *m)
{
	struct conversation *c = conversation_find(ctx->chat, v->pair.key);

	if (c && m->chat != X_CHAT_NONE)
		conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_STATE, .chat = m->chat });
}

/* A server that does not know the user gives back what we sent, or has passed it on through as many bridges as it may
 * (RFC 3261 16.6, carried across). A text of ours bears our id and comes from one of our own SIP users. */
static bool has_looped(struct context *ctx, const struct x_message *m)
{
	const struct ledger_entry *e = m->id.n ? ledger_find(&ctx->chat->ledger, m->id) : NULL;

	return m->hops == 1 || (e && map_jid_equal_bare(&m->from, &e->conversation->contact_jid) &&
				       map_jid_equal_bare(&m->to, &e->conversation->pair.user));
}

static void take(struct context *ctx, struct xmppside_link *link, const struct x_message *m)
{
	struct routing_verdict v = routing_x2s(ctx->routing, ctx->env->turn, link, &m->from, &m->to);

	if (!v.why && has_looped(ctx, m))
		v.why = REASON_LOOP;
	if (v.why) {
		refuse(ctx, link, m, v.why);
		return;
	}
	if (m->received.n || m->displayed.n)
		chat_disposition_of_xmpp(ctx->chat, &v, m);
	if (is_text(m))
		take_text(ctx, link, &v, m);
	else
		take_state(ctx, &v, m);
}

void chat_x2s_message(void *context, struct xmppside_link *link, const struct x_message *m)
{
	struct context *ctx = context;
	struct x_message said = *m;

	if (m->is_copy || m->type == X_TYPE_ERROR)
		return;
	if (m->type == X_TYPE_GROUPCHAT || m->is_invitation) {
		refuse(ctx, link, m, REASON_GROUPCHAT);
		return;
	}
	said.body = map_im_words(ctx->env->turn, m);
	said.has_body = m->has_body || said.body.n;
	take(ctx, link, &said);
}

/* -- Late errors: he was told "delivered" */

static struct str late_words(const struct x_error *error)
{
	if (!error)
		return STR_NONE;
	return error->text.n ? str_cut(error->text, 0, NOTICE_WORDS) : error->condition;
}

/* One sentence, in the gateway's own words. */
static struct str late_sentence(struct context *ctx, const struct ledger_entry *e, const struct x_error *error)
{
	struct str words = late_words(error);
	struct str user = map_jid_print(ctx->env->turn, &e->conversation->pair.user);
	int minutes = (int)(e->unix_ms / 60000 % (24 * 60));

	return arena_printf(ctx->env->turn,
		"Your message of %02d:%02d UTC was not delivered to " STR_FMT " after all%s" STR_FMT "%s.",
		minutes / 60, minutes % 60, STR_ARG(user), words.n ? " (" : "", STR_ARG(words), words.n ? ")" : "");
}

/* Errors about our own stanzas come from the user, one of his resources, or a server on the way to him. */
static bool is_from_user(const struct conversation *c, const struct x_jid *from)
{
	return map_jid_equal_bare(from, &c->pair.user) ||
	       (from->node.n == 0 && str_eq(from->domain, c->pair.user.domain));
}

void chat_x2s_refused_late(void *context, struct xmppside_link *link, const struct x_message *m)
{
	struct context *ctx = context;
	struct ledger_entry *e = ledger_find(&ctx->chat->ledger, m->id);

	(void)link;
	/* A refusal and an unknown outcome were told as what they are; each of several resources sends an error. */
	if (!e || e->open || e->told || e->answer.why || !is_from_user(e->conversation, &m->from))
		return;
	e->told = true;
	chat_report_late(e->conversation, e, m->error);
	conversation_write(e->conversation,
		&(struct x_message){ .flow = e->flow,
			.from = e->conversation->pair.user,
			.to = e->conversation->contact_jid,
			.type = X_TYPE_CHAT,
			.body = late_sentence(ctx, e, m->error),
			.has_body = true },
		true);
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/conversation.h"
#include "component/chat/chat_disposition.h"
#include "component/chat/chat_report.h"
#include "component/chat/chat_session.h"
#include "component/chat/conversation_text.h"
#include "mapping/base/alloc.h"
#include "mapping/im.h"

#include <stdlib.h>

/* -- The record */

static void on_timer(void *arg)
{
	conversation_event(arg, &(struct conversation_event){ .kind = CONVERSATION_WAKE });
}

struct conversation *conversation_find(struct chat *chat, struct str pair_key)
{
	struct conversation *c;

	hash_find_str(chat->conversations, pair_key, c);
	return c;
}

static struct conversation *conversation_create(struct chat *chat, const struct routing_verdict *v)
{
	const struct context *ctx = chat->ctx;
	struct conversation *c = alloc_zero(sizeof(*c));
	uint64_t now_ms = env_now_ms(ctx->env);

	c->chat = chat;
	c->domain = v->domain;
	c->pair = pair_keep(&v->pair);
	c->contact_jid = (struct x_jid){ .node = alloc_str(v->contact_jid.node), .domain = v->domain->jid_domain };
	c->user_uri = (struct s_uri){ .user = alloc_str(v->user_uri.user), .host = alloc_str(v->user_uri.host) };
	c->timer = (struct timer){ .fire = on_timer, .arg = c };
	conversation_rules_init(&c->rules, v->domain->config->profile, ctx->config->limits.session_setup_ms,
		ctx->config->limits.session_idle_ms, now_ms);
	for (uint8_t i = 0; i < CONVERSATION_SESSIONS; i++)
		c->places[i].conversation = c;
	hash_add_str(chat->conversations, pair.key, c);
	wheel_set(ctx->env->wheel, &c->timer, c->rules.silent_ms);
	return c;
}

struct conversation *conversation_get(struct chat *chat, const struct routing_verdict *v)
{
	struct conversation *c = conversation_find(chat, v->pair.key);

	if (c || HASH_COUNT(chat->conversations) >= CHAT_CONVERSATIONS_MAX)
		return c;
	return conversation_create(chat, v);
}

void conversation_destroy(struct conversation *c)
{
	HASH_DEL(c->chat->conversations, c);
	wheel_cancel(c->chat->ctx->env->wheel, &c->timer);
	while (c->first)
		free(conversation_text_pop(c));
	for (unsigned i = 0; i < CONVERSATION_SESSIONS; i++)
		c->chat->sessions -= c->places[i].usage != NULL;
	alloc_str_free(&c->contact_jid.node);
	alloc_str_free(&c->user_uri.user);
	alloc_str_free(&c->user_uri.host);
	alloc_str_free(&c->resource);
	alloc_str_free(&c->thread);
	pair_free(&c->pair);
	free(c);
}

static void destroy_if_over(struct conversation *c)
{
	if (!c->holds && !c->chat->closing && conversation_is_over(&c->rules, env_now_ms(c->chat->ctx->env)))
		conversation_destroy(c);
}

void conversation_hold(struct conversation *c)
{
	c->holds++;
}

void conversation_release(struct conversation *c)
{
	c->holds--;
	destroy_if_over(c);
}

struct x_jid conversation_user(const struct conversation *c)
{
	struct x_jid user = c->pair.user;

	user.resource = c->resource;
	return user;
}

/* -- Messages that come twice */

static uint64_t mark_of(const struct conversation *c, const struct x_message *m)
{
	if (m->id.n == 0 || m->origin_id.n == 0)
		return 0;
	return hash_str(
		arena_printf(c->chat->ctx->env->turn, STR_FMT "\n" STR_FMT, STR_ARG(m->id), STR_ARG(m->origin_id)));
}

bool conversation_has_seen(const struct conversation *c, const struct x_message *m)
{
	uint64_t mark = mark_of(c, m);

	for (unsigned i = 0; mark && i < CHAT_RECENT; i++)
		if (c->recent[i] == mark)
			return true;
	return false;
}

/* -- Sending; the callbacks only turn outcomes into events */

static void on_text_sent(void *arg, const struct s_result *r)
{
	struct conversation *c = arg;

	if (!chat_outcome_came(c->chat))
		return;
	if (r->why == REASON_SIP_STATUS && r->status == 415)
		c->knows_imdn = false; /* it might have been the wrapper */
	conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_OUTCOME, .result = r });
	conversation_release(c);
}

static void on_typing_sent(void *arg, const struct s_result *r)
{
	struct conversation *c = arg;

	if (!chat_outcome_came(c->chat))
		return;
	conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_TYPED, .result = r });
	conversation_release(c);
}

static void on_notified(void *arg, const struct s_result *r)
{
	struct conversation *c = arg;

	(void)r; /* a report about a report would be worth nothing (RFC 5438 7.2.1) */
	if (chat_outcome_came(c->chat))
		conversation_release(c);
}

/* The envelope of what `resource` of the user sends. */
static struct s_request envelope(const struct conversation *c, enum s_method method, struct str resource)
{
	struct s_request r = { .method = method, .from = c->user_uri, .to = c->pair.contact, .expires_s = -1 };

	if (c->domain->config->profile->gruu)
		r.from.gruu = resource;
	return r;
}

static enum reason send_request(struct conversation *c, uint8_t slot, const struct s_request *r, sipside_done *done)
{
	enum reason why = slot == CONVERSATION_NO_SLOT ? sipside_page(c->domain->sip, r, done, c)
						       : sipside_send(c->places[slot].usage, r, done, c);

	if (!why) {
		conversation_hold(c);
		chat_outcome_expected(c->chat);
	}
	return why;
}

/* Max-Forwards of what a stanza causes: one less than what caused the stanza had. 0: nothing was said. */
static int hops_left(const struct x_message *m)
{
	return m->hops > 0 ? m->hops - 1 : 0;
}

static enum reason send_head(struct conversation *c, uint8_t slot)
{
	const struct x_message *m = &c->first->m;
	struct s_request r = envelope(c, S_MESSAGE, m->from.resource);

	r.flow = m->flow;
	r.hops = hops_left(m);
	r.subject = m->subject;
	if (slot == CONVERSATION_NO_SLOT)
		r.call_id = m->thread; /* RFC 7572 section 4; a session has one of its own */
	r.body = map_im_x2s(c->chat->ctx->env->turn, m);
	chat_disposition_ask_sip(c, c->first, &r.body);
	return send_request(c, slot, &r, on_text_sent);
}

static enum reason begin_session(struct conversation *c, uint8_t slot)
{
	const struct x_message *m = &c->first->m;
	struct s_request r = envelope(c, S_INVITE, m->from.resource);

	r.flow = m->flow;
	r.hops = hops_left(m);
	r.subject = m->subject;
	return chat_session_begin(c, slot, &r);
}

static enum reason send_typing(struct conversation *c, uint8_t slot, enum map_typing typing)
{
	const struct env *env = c->chat->ctx->env;
	const struct map_profile *profile = c->domain->config->profile;
	bool info = profile->keyboard_activity && slot != CONVERSATION_NO_SLOT;
	struct s_request r = envelope(c, info ? S_INFO : S_MESSAGE, c->resource);

	r.flow = env_flow(env);
	r.body = map_typing_write(env->turn, typing, profile);
	chat_report_typing(c, DIR_X2S, r.flow, map_typing_s2x(typing));
	return send_request(c, slot, &r, on_typing_sent);
}

bool conversation_notify(struct conversation *c, const struct s_body *body)
{
	struct s_request r = envelope(c, S_MESSAGE, c->resource);
	uint8_t slot = conversation_session_in_use(&c->rules);

	if (slot == CONVERSATION_NO_SLOT && c->domain->config->profile->sessions)
		return false;
	r.flow = env_flow(c->chat->ctx->env);
	r.body = *body;
	return send_request(c, slot, &r, on_notified) == REASON_NONE;
}

/* A chat state; to him who wrote last. */
static void say(struct conversation *c, enum x_chat chat)
{
	uint64_t flow = env_flow(c->chat->ctx->env);

	xmppside_signal(c->domain->link, &(struct x_message){ .flow = flow,
						 .from = c->contact_jid,
						 .to = conversation_user(c),
						 .type = X_TYPE_CHAT,
						 .thread = c->thread,
						 .chat = chat });
	chat_report_typing(c, DIR_S2X, flow, chat);
	if (chat == X_CHAT_GONE)
		alloc_str_free(&c->thread); /* never used again after gone (XEP-0085 5.5) */
}

/* -- Performing a verdict */

/* One step in the doing. An action that could not be done at once is the next event. */
struct doing {
	struct conversation *c;
	const struct conversation_event *e;
	struct conversation_text *text; /* of a CONVERSATION_TEXT, until it has a place */
	enum reason why; /* of the verdict */
	bool failed;
	struct conversation_event next;
	struct s_result next_result;
};

static void failed(struct doing *d, enum conversation_event_kind kind, uint8_t slot, enum reason why)
{
	if (!why)
		return;
	d->failed = true;
	d->next_result = (struct s_result){ .why = why, .expires_s = -1, .not_processed = why != REASON_TOO_LARGE };
	d->next = (struct conversation_event){ .kind = kind, .slot = slot, .result = &d->next_result };
}

static void do_queue(struct doing *d, const struct conversation_action *a)
{
	(void)a;
	conversation_text_push(d->c, d->text);
}

static void do_refuse(struct doing *d, const struct conversation_action *a)
{
	(void)a;
	conversation_text_bounce(d->c, d->text, &(struct s_result){ .why = d->why });
}

static void do_begin(struct doing *d, const struct conversation_action *a)
{
	failed(d, CONVERSATION_ENDED, a->slot, begin_session(d->c, a->slot));
}

static void do_end(struct doing *d, const struct conversation_action *a)
{
	chat_session_end(d->c, a->slot);
}

static void do_send(struct doing *d, const struct conversation_action *a)
{
	failed(d, CONVERSATION_OUTCOME, a->slot, send_head(d->c, a->slot));
}

static void do_taken(struct doing *d, const struct conversation_action *a)
{
	conversation_text_taken(d->c, a->receipt, d->e->result);
}

static void do_bounce(struct doing *d, const struct conversation_action *a)
{
	struct s_result local = { .why = d->why };

	(void)a;
	conversation_text_bounce(d->c, conversation_text_pop(d->c), d->e->result ? d->e->result : &local);
}

static void do_bounce_all(struct doing *d, const struct conversation_action *a)
{
	/* A session may end in good order while texts wait for it; for them that is no success. */
	struct s_result local = { .why = d->why ? d->why : REASON_NO_SESSION };
	const struct s_result *result = d->e->result && d->e->result->why ? d->e->result : &local;

	(void)a;
	while (d->c->first)
		conversation_text_bounce(d->c, conversation_text_pop(d->c), result);
}

static void do_type(struct doing *d, const struct conversation_action *a)
{
	failed(d, CONVERSATION_TYPED, a->slot, send_typing(d->c, a->slot, a->typing));
}

static void do_say(struct doing *d, const struct conversation_action *a)
{
	say(d->c, a->chat);
}

static void (*const perform[CONVERSATION_DOS])(struct doing *, const struct conversation_action *) = {
	[CONVERSATION_QUEUE] = do_queue,
	[CONVERSATION_REFUSE] = do_refuse,
	[CONVERSATION_BEGIN] = do_begin,
	[CONVERSATION_END] = do_end,
	[CONVERSATION_SEND] = do_send,
	[CONVERSATION_PAGE] = do_send, /* its slot is NO_SLOT */
	[CONVERSATION_TAKEN] = do_taken,
	[CONVERSATION_BOUNCE] = do_bounce,
	[CONVERSATION_BOUNCE_ALL] = do_bounce_all,
	[CONVERSATION_TYPE] = do_type,
	[CONVERSATION_SAY] = do_say,
};

static void set_timer(struct conversation *c, uint64_t wake_ms)
{
	struct wheel *wheel = c->chat->ctx->env->wheel;

	if (wake_ms == UINT64_MAX)
		wheel_cancel(wheel, &c->timer);
	else
		wheel_set(wheel, &c->timer, wake_ms);
}

static uint8_t step(struct conversation *c, const struct conversation_event *first, struct conversation_text *text)
{
	struct conversation_event e = *first;
	struct s_result result;
	uint8_t slot = CONVERSATION_NO_SLOT;
	bool more;

	do {
		struct conversation_verdict v = conversation_step(&c->rules, &e, env_now_ms(c->chat->ctx->env));
		struct doing d = { .c = c, .e = &e, .text = text, .why = v.why };

		for (unsigned i = 0; i < v.count; i++)
			perform[v.actions[i].what](&d, &v.actions[i]);
		set_timer(c, v.wake_ms);
		if (v.slot != CONVERSATION_NO_SLOT)
			slot = v.slot;
		more = d.failed;
		result = d.next_result;
		e = d.next;
		e.result = &result;
	} while (more);
	destroy_if_over(c);
	return slot;
}

uint8_t conversation_event(struct conversation *c, const struct conversation_event *e)
{
	return step(c, e, NULL);
}

void conversation_write(struct conversation *c, const struct x_message *m, bool notice)
{
	struct conversation_event e = { .kind = CONVERSATION_TEXT,
		.bytes = c->bytes + m->body.n > UINT32_MAX ? UINT32_MAX : (uint32_t)(c->bytes + m->body.n) };

	struct conversation_text *t = conversation_text_copy(m, env_now_ms(c->chat->ctx->env), notice);

	t->recent = mark_of(c, m);
	if (t->recent)
		c->recent[c->recent_at++ % CHAT_RECENT] = t->recent;
	step(c, &e, t);
}

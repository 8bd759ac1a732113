/* SPDX-License-Identifier: MIT */
/* SIP messages to XMPP: each ticket is answered once, a text's only when the XMPP server has it or has refused it. */
#include "component/chat/chat_s2x.h"
#include "component/chat/chat_disposition.h"
#include "component/chat/chat_offer.h"
#include "component/chat/chat_report.h"
#include "component/chat/chat_session.h"
#include "component/limits.h"
#include "mapping/address.h"
#include "mapping/error.h"
#include "mapping/im.h"

enum {
	LATE_MS = 60000, /* clocks differ; what is less late than this was written just now */
	STAMP_DAYS = 30, /* what is older has a wrong clock, not a long way behind it */
};

/* -- Answers */

static struct s_result success(int status)
{
	return (struct s_result){ .status = status, .words = map_status_phrase(status), .expires_s = -1 };
}

/* RFC 3428 section 7: outside a session a relay into another protocol says 202. Inside, 200 is what peers expect. */
static struct s_result taken_answer(bool in_session)
{
	return success(in_session ? 200 : 202);
}

static void answer_ok(struct sipside_request *t)
{
	struct s_result ok = success(200);

	sipside_answer(t, &ok);
}

/* For a request that reached no conversation. */
static void refuse(struct context *ctx, struct sipside_request *t, const struct s_request *r, enum reason why)
{
	struct s_result result = map_error_s(why);

	sipside_answer(t, &result);
	chat_report_refused_s2x(ctx, r, why, result.status);
}

/* An unknown user, one who is offline and one who blocks look alike to the sender of a text, words included: 480. */
static bool hides_presence(struct str condition)
{
	return str_eq(condition, STR("item-not-found")) || str_eq(condition, STR("recipient-unavailable")) ||
	       str_eq(condition, STR("service-unavailable"));
}

static struct s_result answer_of(const struct ledger_entry *e, const struct x_error *error)
{
	if (!error)
		return taken_answer(e->slot != CONVERSATION_NO_SLOT);
	if (error->why != REASON_STANZA_ERROR)
		return map_error_s(error->why);
	struct s_result result = map_error_x2s(error, e->full, e->conversation->domain->config->profile);

	if (hides_presence(error->condition))
		result = (struct s_result){
			.why = REASON_STANZA_ERROR, .status = 480, .words = map_status_phrase(480), .expires_s = -1
		};
	return result;
}

static void answer_all(struct ledger_entry *e, const struct s_result *result)
{
	while (e->tickets_count)
		sipside_answer(e->tickets[--e->tickets_count], result);
}

/* -- Texts */

/* The session the text came in, if it is still that one. */
static uint8_t slot_of(const struct ledger_entry *e)
{
	if (e->slot != CONVERSATION_NO_SLOT && e->conversation->places[e->slot].generation != e->generation)
		return CONVERSATION_NO_SLOT;
	return e->slot;
}

/* Will not change by waiting: nobody is there, or nobody who wants it. */
static bool is_final(const struct x_error *error)
{
	return error->why == REASON_STANZA_ERROR && !str_eq(error->type, STR("wait"));
}

static void on_delivered(void *arg, const struct x_error *error)
{
	struct ledger_entry *e = arg;
	struct conversation *c = e->conversation;
	struct chat *chat = c->chat;

	if (!chat_outcome_came(chat))
		return;
	struct s_result result = answer_of(e, error);
	struct conversation_event event = { .kind = error ? CONVERSATION_PEER_REFUSED : CONVERSATION_PEER_TAKEN,
		.slot = slot_of(e) };

	conversation_hold(c);
	answer_all(e, &result);
	chat_report_s2x(c, e->flow, e->since_ms, &result, error);
	if (error && error->why == REASON_LINK_DOWN)
		ledger_forget(&chat->ledger, e); /* nothing was written: the next try is a first one */
	else
		ledger_close(&chat->ledger, e, &result);
	if (!error || is_final(error))
		conversation_event(c, &event);
	conversation_release(c);
}

/* A GRUU is a resource (RFC 7247 6.4), where the dialect has them. */
static struct str device_of(const struct conversation *c, const struct s_uri *uri)
{
	struct x_jid jid;

	if (!c->domain->config->profile->gruu ||
		map_address_s2x(c->chat->ctx->env->turn, uri, c->domain->jid_domain, &jid))
		return STR_NONE;
	return jid.resource;
}

/* When the text was written, where that is worth saying (XEP-0203); 0: just now, or nobody knows. */
static int64_t stamp_of(const struct conversation *c, const struct s_request *r, const struct map_im *im)
{
	int64_t written_ms = im->stamp_ms ? im->stamp_ms : r->date_ms;
	int64_t late_ms = env_unix_ms(c->chat->ctx->env) - written_ms;

	return written_ms && late_ms > LATE_MS && late_ms < (int64_t)STAMP_DAYS * 24 * 3600 * 1000 ? written_ms : 0;
}

/* RFC 3428 section 7 leaves it to us what to do with a text that is past its Expires: it is not shown, and its sender hears
 * that. Without a Date the time begins now (RFC 3428 section 5), and nothing has passed. */
static bool is_expired(const struct context *ctx, const struct s_request *r)
{
	return r->expires_s >= 0 && r->date_ms &&
	       r->date_ms + (int64_t)r->expires_s * 1000 + LATE_MS < env_unix_ms(ctx->env);
}

/* RFC 7572 section 5, RFC 7573 section 5; but type chat in both modes: what is `normal` opens a window of its own in many
 * clients. */
static struct x_message message_of(const struct conversation *c, const struct s_request *r, const struct map_im *im)
{
	struct x_message m = { .flow = r->flow,
		.from = c->contact_jid,
		.to = conversation_user(c),
		.type = X_TYPE_CHAT,
		.body = im->text,
		.has_body = true,
		.subject = im->subject.n ? im->subject : r->subject,
		.thread = c->thread.n ? c->thread : r->call_id,
		.lang = im->lang.n ? im->lang : r->body.lang,
		.wants_receipt = im->wish.id.n && im->wish.delivery,
		.markable = im->wish.id.n && im->wish.display,
		.stamp_ms = stamp_of(c, r, im),
		.chat = X_CHAT_ACTIVE,
		.hops = r->hops };

	if (r->from.gruu.n)
		m.from.resource = device_of(c, &r->from);
	if (r->to.gruu.n && device_of(c, &r->to).n)
		m.to.resource = device_of(c, &r->to);
	return m;
}

/* The same request again: the same answer, now or when there is one. */
static void repeat(struct ledger_entry *e, struct sipside_request *t)
{
	struct s_result full = map_error_s(REASON_TOO_MANY);

	if (!e->open)
		sipside_answer(t, &e->answer);
	else if (e->tickets_count < LEDGER_TICKETS)
		e->tickets[e->tickets_count++] = t;
	else
		sipside_answer(t, &full);
}

static void deliver(struct conversation *c, uint8_t slot, struct sipside_request *t, const struct s_request *r,
	const struct map_im *im)
{
	struct chat *chat = c->chat;
	struct ledger_entry *e = ledger_add(&chat->ledger, ledger_id(&chat->ledger, r->key), c);
	struct x_message m = message_of(c, r, im);

	m.id = str_c(e->id);
	e->flow = r->flow;
	e->slot = slot;
	e->generation = slot == CONVERSATION_NO_SLOT ? 0 : c->places[slot].generation;
	e->full = m.to.resource.n > 0;
	enum reason why = xmppside_deliver(c->domain->link, &m, on_delivered, e);

	if (why) {
		struct s_result result = map_error_s(why);

		sipside_answer(t, &result);
		chat_report_s2x(c, e->flow, e->since_ms, &result, NULL);
		ledger_forget(&chat->ledger, e);
		return;
	}
	chat_outcome_expected(chat);
	e->tickets[e->tickets_count++] = t;
	chat_disposition_asked_by_sip(c, m.id, &im->wish);
	conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_PEER_TEXT, .slot = slot });
}

static enum reason may_write(struct context *ctx, const struct s_request *r, const struct map_im *im)
{
	if (ctx->stopping)
		return REASON_SHUTTING_DOWN;
	if (is_expired(ctx, r))
		return REASON_EXPIRED;
	return limits_message(ctx->limits, map_uri_key(ctx->env->turn, &r->from), im->text.n);
}

static void take_text(struct conversation *c, uint8_t slot, struct sipside_request *t, const struct s_request *r,
	const struct map_im *im)
{
	struct context *ctx = c->chat->ctx;
	struct str id = ledger_id(&c->chat->ledger, r->key);
	struct ledger_entry *e = ledger_find(&c->chat->ledger, id);
	struct s_result before;
	enum reason why;

	if (e) {
		repeat(e, t);
		return;
	}
	if (ledger_recall(&c->chat->ledger, id, &before)) {
		sipside_answer(t, &before);
		chat_report_s2x(c, r->flow, env_now_ms(ctx->env), &before, NULL);
		return;
	}
	why = may_write(ctx, r, im);
	if (why)
		refuse(ctx, t, r, why);
	else
		deliver(c, slot, t, r, im);
}

/* -- What cannot cross */

/* 415, and the XMPP user learns that somebody tried. The same request again is told once. */
static void take_offer(
	struct conversation *c, struct sipside_request *t, const struct s_request *r, const struct map_im *im)
{
	struct ledger *ledger = &c->chat->ledger;
	struct str id = ledger_id(ledger, r->key);
	struct ledger_entry *e = ledger_find(ledger, id);
	enum reason why = e ? REASON_NONE : may_write(c->chat->ctx, r, im);
	struct s_result refused = map_error_s(REASON_BAD_CONTENT);

	if (e) {
		repeat(e, t);
		return;
	}
	refuse(c->chat->ctx, t, r, why ? why : REASON_BAD_CONTENT);
	if (why)
		return;
	chat_offer_tell(c, id, r, im->offer);
	ledger_close(ledger, ledger_add(ledger, id, c), &refused);
}

/* -- Typing */

static void take_typing(struct conversation *c, uint8_t slot, struct sipside_request *t, const struct map_im *im)
{
	answer_ok(t);
	conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_PEER_TYPING,
				      .slot = slot,
				      .typing = im->typing,
				      .refresh_s = im->refresh_s });
}

/* -- Handlers */

static void take(struct conversation *c, uint8_t slot, struct sipside_request *t, const struct s_request *r,
	const struct map_im *im)
{
	if (c->chat->absent.users)
		absent_forget(&c->chat->absent, map_uri_key(c->chat->ctx->env->turn, &c->pair.contact));
	conversation_hold(c);
	if (im->kind == MAP_IM_TYPING) {
		take_typing(c, slot, t, im);
	} else if (im->kind == MAP_IM_TEXT) {
		take_text(c, slot, t, r, im);
	} else if (im->kind == MAP_IM_REPORT) {
		answer_ok(t);
		chat_disposition_of_sip(c, &im->report);
	} else {
		take_offer(c, t, r, im);
	}
	conversation_release(c);
}

/* Opens the body; answers what needs no conversation. */
static bool is_for_user(struct context *ctx, struct sipside_request *t, const struct s_request *r, struct map_im *im)
{
	enum reason why = map_im_s2x(ctx->env->turn, &r->body, im);

	if (im->kind == MAP_IM_UNSUPPORTED && im->offer.n)
		return true; /* he shall hear of it */
	if (why || im->kind == MAP_IM_UNSUPPORTED) {
		refuse(ctx, t, r, why ? why : REASON_BAD_CONTENT);
		return false;
	}
	if (im->kind == MAP_IM_NOTHING) {
		answer_ok(t);
		return false;
	}
	return true;
}

void chat_s2x_in_session(struct conversation_place *p, struct sipside_request *t, const struct s_request *r)
{
	struct conversation *c = p->conversation;
	struct map_im im;

	if (is_for_user(c->chat->ctx, t, r, &im))
		take(c, (uint8_t)(p - c->places), t, r, &im);
}

/* Its session ended, perhaps with our last life: what was taken in it keeps its answer. */
static void answer_orphan(struct context *ctx, struct sipside_request *t, const struct s_request *r)
{
	struct ledger *ledger = &ctx->chat->ledger;
	struct ledger_entry *e = ledger_find(ledger, ledger_id(ledger, r->key));

	if (e)
		repeat(e, t);
	else
		refuse(ctx, t, r, REASON_NO_SESSION);
}

void chat_s2x_message(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct context *ctx = context;
	struct routing_verdict v = routing_s2x(ctx->routing, ctx->env->turn, d, &r->from, &r->to);
	struct map_im im;

	if (r->orphan) {
		answer_orphan(ctx, t, r);
		return;
	}
	if (v.why) {
		refuse(ctx, t, r, v.why);
		return;
	}
	if (!is_for_user(ctx, t, r, &im))
		return;
	struct conversation *c = conversation_get(ctx->chat, &v);

	if (c)
		take(c, CONVERSATION_NO_SLOT, t, r, &im);
	else
		refuse(ctx, t, r, REASON_TOO_MANY);
}

/* Always accepted while there is room (glare included): only a text shows whether the user exists. */
static void accept_session(struct conversation *c, struct sipside_request *t, const struct s_request *r)
{
	struct s_result failed = { .why = REASON_INTERNAL };
	uint8_t slot = conversation_event(c, &(struct conversation_event){ .kind = CONVERSATION_INVITED });

	alloc_str_free(&c->thread); /* a new session is a new thread */
	if (!chat_session_accept(c, slot, t, r)) {
		answer_ok(t);
		return;
	}
	refuse(c->chat->ctx, t, r, REASON_INTERNAL);
	conversation_event(
		c, &(struct conversation_event){ .kind = CONVERSATION_ENDED, .slot = slot, .result = &failed });
}

void chat_s2x_invite(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct context *ctx = context;
	struct routing_verdict v = routing_s2x(ctx->routing, ctx->env->turn, d, &r->from, &r->to);
	struct conversation *c = v.why || !chat_session_allowed(ctx->chat) ? NULL : conversation_get(ctx->chat, &v);

	if (!c) {
		refuse(ctx, t, r, v.why ? v.why : REASON_TOO_MANY);
		return;
	}
	conversation_hold(c);
	accept_session(c, t, r);
	conversation_release(c);
}

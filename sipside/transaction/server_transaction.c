/* SPDX-License-Identifier: MIT */
/* Requests of peers (RFC 3261 17.2, RFC 6026, RFC 4320).
 *
 *   INVITE      PROCEEDING --2xx--> ACCEPTED (sent again until ACK) --L--> gone
 *                   `-------300+--> COMPLETED (G, H) --ACK--> CONFIRMED --I--> gone
 *   non-INVITE  PROCEEDING --final--> COMPLETED --J--> gone
 * Where nothing but the answer of a COMPLETED non-INVITE may be asked for again, it lingers in `answered`. */
#include "sipside/syntax/header_values.h"
#include "sipside/transaction/layer.h"
#include "sipside/transaction/matching.h"

#include <stdlib.h>
#include <string.h>

enum server_state { PROCEEDING, ACCEPTED, COMPLETED, CONFIRMED };
enum { TAG_BYTES = 16, TRYING_MS = 200 };

struct sipside_server {
	UT_hash_handle hh, by_merge;
	uint64_t key, merge_key;
	struct sipside_transactions *layer;
	const struct sipside_server_owner *owner;
	void *arg;
	struct sipside_target to;
	struct timer timer;
	uint64_t born_ms, flow;
	uint64_t end_ms; /* H, I, J, L; UINT64_MAX: none yet */
	uint32_t interval_ms; /* G, or that of the 2xx; 0: nothing is sent again by itself */
	enum server_state state;
	bool invite, merges, acked;
	bool repeatable; /* makes no dialog: once answered, a re-send is for its taker to recognise (s_request.key) */
	char own_tag[TAG_BYTES];
	struct str tag; /* own_tag, or the request's, in head's memory */
	struct reply_head head; /* while an answer is open, and of an accepted INVITE */
	struct str reply; /* the last answer's bytes */
};

static const struct sipside_server_owner nobody = { 0 };

static void forget_merge(struct sipside_server *t)
{
	if (t->merges)
		HASH_DELETE(by_merge, t->layer->merged, t);
	t->merges = false;
}

static void server_free(struct sipside_server *t)
{
	forget_merge(t);
	HASH_DELETE(hh, t->layer->servers, t);
	wheel_cancel(t->layer->env->wheel, &t->timer);
	alloc_str_free(&t->head.text);
	alloc_str_free(&t->reply);
	free(t);
}

static void set_timer(struct sipside_server *t)
{
	uint64_t next = t->interval_ms ? env_now_ms(t->layer->env) + t->interval_ms : UINT64_MAX;

	if (t->end_ms < next)
		next = t->end_ms;
	if (next == UINT64_MAX)
		wheel_cancel(t->layer->env->wheel, &t->timer);
	else
		wheel_set(t->layer->env->wheel, &t->timer, next);
}

static void linger(struct sipside_server *t, enum server_state state, uint64_t ms)
{
	t->state = state;
	if (!ms) {
		server_free(t);
		return;
	}
	t->end_ms = env_now_ms(t->layer->env) + ms;
	set_timer(t);
}

static void send_again(struct sipside_server *t)
{
	if (t->reply.n)
		layer_send(t->layer, &t->to, t->reply, NULL);
}

/* true: it has been answered, and is now once more. */
static bool answer_again(struct sipside_transactions *l, uint64_t key)
{
	const struct sipside_target *to;
	struct str answer;

	if (!answered_find(&l->answered, key, &to, &answer))
		return false;
	layer_send(l, to, answer, NULL);
	return true;
}

static void server_over(struct sipside_server *t)
{
	const struct sipside_server_owner *owner = t->owner;
	void *arg = t->arg;
	bool missed = t->state == ACCEPTED && !t->acked;

	server_free(t);
	if (missed && owner->no_ack)
		owner->no_ack(arg);
}

static void timer_fired(void *arg)
{
	struct sipside_server *t = arg;
	uint64_t doubled = 2 * (uint64_t)t->interval_ms;

	if (env_now_ms(t->layer->env) >= t->end_ms) {
		server_over(t);
		return;
	}
	if (t->state == PROCEEDING) { /* RFC 3261 17.2.1: 100 unless the answer is quick */
		sipside_server_reply(t, &(struct sipside_reply){ .status = 100 });
		return;
	}
	send_again(t);
	t->interval_ms = (uint32_t)(doubled < t->layer->t2_ms ? doubled : t->layer->t2_ms);
	set_timer(t);
}

/* The lines every answer repeats and the request's To tag, in one allocation. */
static void keep_head(struct sipside_server *t, const struct sipside_msg *m, const struct sipside_target *from)
{
	const struct env *env = t->layer->env;
	struct buf *text = &t->layer->scratch;
	struct str token = env_token(env, TAG_BYTES / 2);

	buf_clear(text);
	t->head = write_reply_head(text, m, sipside_target_host(env, from), sipside_target_port(from));
	size_t n = t->head.text.n;

	buf_add(text, m->to.tag);
	t->head.text = alloc_str(buf_str(text));
	t->head.text.n = n;
	memcpy(t->own_tag, token.p, TAG_BYTES);
	t->tag = m->to.tag.n ? (struct str){ t->head.text.p + n, m->to.tag.n } : (struct str){ t->own_tag, TAG_BYTES };
}

static struct sipside_server *server_new(
	struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from, uint64_t key)
{
	struct sipside_server *t = alloc_zero(sizeof(*t));

	*t = (struct sipside_server){ .key = key,
		.layer = l,
		.owner = &nobody,
		.to = layer_reply_target(m, from),
		.born_ms = env_now_ms(l->env),
		.flow = env_flow(l->env),
		.end_ms = UINT64_MAX,
		.invite = m->method == S_INVITE,
		.timer = { .fire = timer_fired, .arg = t } };
	hash_add_key(l->servers, key, t);
	keep_head(t, m, from);
	if (t->invite) {
		t->interval_ms = TRYING_MS;
		set_timer(t);
	}
	return t;
}

static struct sipside_server *find(const struct sipside_transactions *l, uint64_t key)
{
	struct sipside_server *t;

	hash_find_key(l->servers, key, t);
	return t;
}

/* RFC 3261 8.2.2.2: the same request on another way. What was refused may be tried again. */
static bool is_merged(const struct sipside_transactions *l, uint64_t merge_key)
{
	struct sipside_server *t;

	HASH_FIND(by_merge, l->merged, &merge_key, sizeof(merge_key), t);
	return t != NULL;
}

static void tell_cancelled(struct sipside_server *invite)
{
	if (invite->state != PROCEEDING)
		return;
	if (invite->owner->cancelled)
		invite->owner->cancelled(invite->arg);
	else
		sipside_server_reply(invite, &(struct sipside_reply){ .status = 487 });
}

static void received_cancel(struct sipside_server *t, const struct sipside_msg *m)
{
	struct sipside_transactions *l = t->layer;
	struct sipside_server *invite = find(l, matching_server_key(m, S_INVITE));
	bool known = invite || (l->handlers.stray_cancel && l->handlers.stray_cancel(l->arg, m));

	if (invite && !m->to.tag.n)
		memcpy(t->own_tag, invite->own_tag, TAG_BYTES);
	sipside_server_reply(t, &(struct sipside_reply){ .status = known ? 200 : 481 });
	if (invite)
		tell_cancelled(invite);
}

static void refuse_new(struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from,
	int status, struct str why)
{
	env_event(l->env, &(struct event){ .kind = EVENT_REFUSED,
				  .dir = DIR_S2X,
				  .from = m->from.uri.raw,
				  .to = m->to.uri.raw,
				  .sip = status,
				  .detail = why });
	layer_reply_stateless(l, m, from,
		&(struct sipside_reply){
			.status = status, .headers = status == 503 ? STR("Retry-After: 10\r\n") : STR_NONE });
}

/* Whoever talks already goes on talking while no one new is let in. */
static bool is_full(const struct sipside_transactions *l, const struct sipside_msg *m)
{
	unsigned reserve = m->to.tag.n || m->method == S_CANCEL ? l->max_servers / 4 : 0;

	return HASH_COUNT(l->servers) >= l->max_servers + reserve;
}

void server_received(struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from)
{
	uint64_t key = matching_server_key(m, m->method);
	struct sipside_server *t = find(l, key);
	bool may_merge = !m->to.tag.n && m->method != S_CANCEL;
	uint64_t merge_key = may_merge ? sipside_msg_merge_key(m) : 0;

	if (t) {
		if (t->state == PROCEEDING || t->state == COMPLETED)
			send_again(t);
		return;
	}
	if (answer_again(l, key))
		return;
	if (may_merge && is_merged(l, merge_key)) {
		refuse_new(l, m, from, 482, STR("merged request"));
		return;
	}
	if (is_full(l, m)) {
		refuse_new(l, m, from, 503, STR("too many transactions"));
		return;
	}
	t = server_new(l, m, from, key);
	if (m->method == S_CANCEL) {
		received_cancel(t, m);
		return;
	}
	t->repeatable = m->method == S_MESSAGE;
	if (may_merge) {
		t->merge_key = merge_key;
		t->merges = true;
		HASH_ADD(by_merge, l->merged, merge_key, sizeof(t->merge_key), t);
	}
	l->handlers.request(l->arg, t, m);
}

void server_received_ack(struct sipside_transactions *l, const struct sipside_msg *m)
{
	struct sipside_server *t = find(l, matching_server_key(m, S_INVITE));

	if (!t || t->state == ACCEPTED) {
		l->handlers.ack(l->arg, m);
		return;
	}
	if (t->state != COMPLETED)
		return;
	t->interval_ms = 0;
	alloc_str_free(&t->reply);
	linger(t, CONFIRMED, sipside_target_reliable(&t->to) ? 0 : l->t4_ms);
}

void sipside_server_own(struct sipside_server *t, const struct sipside_server_owner *owner, void *arg)
{
	t->owner = owner ? owner : &nobody;
	t->arg = arg;
}

static void write_and_send(struct sipside_server *t, const struct sipside_reply *r)
{
	struct buf *out = &t->layer->scratch;

	buf_clear(out);
	write_reply(out, &t->head, t->tag, r);
	layer_send(t->layer, &t->to, buf_str(out), NULL);
}

static void keep_reply(struct sipside_server *t)
{
	alloc_str_set(&t->reply, buf_str(&t->layer->scratch));
}

static void finish_invite(struct sipside_server *t, int status)
{
	bool repeat = status < 300 || !sipside_target_reliable(&t->to); /* 2xx: end to end, RFC 3261 13.3.1.4 */

	keep_reply(t);
	t->interval_ms = repeat ? (uint32_t)t->layer->t1_ms : 0;
	if (status >= 300)
		t->owner = &nobody;
	if (status >= 300 || t->tag.p == t->own_tag)
		alloc_str_free(&t->head.text);
	linger(t, status < 300 ? ACCEPTED : COMPLETED, t->layer->limit_ms);
}

static void finish_other(struct sipside_server *t)
{
	struct sipside_transactions *l = t->layer;

	if (!sipside_target_reliable(&t->to) && t->merges) {
		t->owner = &nobody;
		keep_reply(t);
		alloc_str_free(&t->head.text);
		linger(t, COMPLETED, l->limit_ms);
		return;
	}
	if (!sipside_target_reliable(&t->to))
		answered_add(&l->answered, t->key, &t->to, buf_str(&l->scratch));
	server_free(t);
}

void sipside_server_reply(struct sipside_server *t, const struct sipside_reply *r)
{
	struct sipside_reply reply = *r;
	bool final = r->status >= 200;

	if (t->state != PROCEEDING || (!final && !t->invite))
		return;
	if (!t->invite && env_now_ms(t->layer->env) - t->born_ms >= t->layer->limit_ms) {
		server_free(t); /* RFC 4320 4.2: nobody waits for it any more */
		return;
	}
	if (!t->invite && r->status == 408)
		reply.status = 480;
	if (final && (reply.status >= 300 || t->repeatable))
		forget_merge(t);
	write_and_send(t, &reply);
	if (final && t->invite) {
		finish_invite(t, reply.status);
	} else if (final) {
		finish_other(t);
	} else {
		keep_reply(t);
		t->interval_ms = 0;
		set_timer(t);
	}
}

void sipside_server_brush_off(struct sipside_server *t, const struct sipside_reply *r)
{
	write_and_send(t, r);
	server_free(t);
}

void sipside_server_acked(struct sipside_server *t)
{
	t->acked = true;
	t->owner = &nobody;
	t->interval_ms = 0;
	alloc_str_free(&t->reply);
	alloc_str_free(&t->head.text);
	set_timer(t);
}

void sipside_server_drop(struct sipside_server *t)
{
	server_free(t);
}

struct str sipside_server_tag(const struct sipside_server *t)
{
	return t->tag;
}

const struct sipside_target *sipside_server_source(const struct sipside_server *t)
{
	return &t->to;
}

uint64_t sipside_server_flow(const struct sipside_server *t)
{
	return t->flow;
}

unsigned sipside_transactions_servers(const struct sipside_transactions *t)
{
	return HASH_COUNT(t->servers) + answered_count(&t->answered);
}

void server_free_all(struct sipside_transactions *l)
{
	while (l->servers)
		server_free(l->servers);
}

/* SPDX-License-Identifier: MIT */
/* Requests of ours (RFC 3261 17.1, RFC 6026).
 *
 *   INVITE      CALLING --1xx--> PROCEEDING --2xx--> ACCEPTED --M--> gone
 *               (A, B)              |  `------300+--> COMPLETED (ACKs) --D--> gone
 *   non-INVITE  CALLING --1xx--> PROCEEDING --final--> gone
 *               (E, F)           (E at T2, F)
 * A reliable transport knows no A, E, D. COMPLETED and K of a non-INVITE would only swallow re-sent answers (17.1.2.2);
 * here an answer that matches nothing is swallowed as well, so there is nothing to keep. */
#include "sipside/transaction/layer.h"
#include "sipside/transaction/matching.h"

#include <stdlib.h>
#include <string.h>

enum { TIMER_C_MS = 3 * 60 * 1000 }; /* RFC 3261 16.6: how long an INVITE nobody waits for may ring */
enum client_state { CALLING, PROCEEDING, ACCEPTED, COMPLETED };

struct sipside_client {
	UT_hash_handle hh;
	uint64_t key;
	struct sipside_transactions *layer;
	const struct sipside_client_owner *owner; /* NULL: abandoned, or it had its outcome */
	void *arg;
	struct sipside_target to;
	struct str tls_name; /* to's, owned; empty: none */
	struct sipside_watch watch;
	struct timer timer;
	uint64_t end_ms; /* B, F, D, M, whichever the state has; UINT64_MAX: none */
	uint64_t interval_ms; /* A or E; 0: nothing is sent again */
	enum client_state state;
	enum s_method method;
	bool cancel_wanted, cancelled;
	struct str bytes; /* the request; of a COMPLETED INVITE the ACK; empty where none is sent again */
};

static const struct sipside_client_owner nobody = { 0 };

static void client_free(struct sipside_client *c)
{
	HASH_DEL(c->layer->clients, c);
	wheel_cancel(c->layer->env->wheel, &c->timer);
	sipside_unwatch(&c->watch);
	alloc_str_free(&c->bytes);
	alloc_str_free(&c->tls_name);
	free(c);
}

/* Ends it for the owner: once, and nothing is touched after the callback. */
static void client_fail(struct sipside_client *c, enum reason why, struct str words)
{
	const struct sipside_client_owner *owner = c->owner;
	void *arg = c->arg;

	client_free(c);
	if (owner->failed)
		owner->failed(arg, why, words);
}

static void set_timer(struct sipside_client *c)
{
	uint64_t next = c->interval_ms ? env_now_ms(c->layer->env) + c->interval_ms : UINT64_MAX;

	if (c->end_ms < next)
		next = c->end_ms;
	if (next == UINT64_MAX)
		wheel_cancel(c->layer->env->wheel, &c->timer);
	else
		wheel_set(c->layer->env->wheel, &c->timer, next);
}

static void client_over(struct sipside_client *c)
{
	const struct sipside_client_owner *owner = c->owner;
	void *arg = c->arg;
	bool answered = c->state == ACCEPTED;

	client_free(c);
	if (answered && owner->over)
		owner->over(arg);
}

static void timer_fired(void *arg)
{
	struct sipside_client *c = arg;
	struct sipside_transactions *l = c->layer;

	if (env_now_ms(l->env) >= c->end_ms) {
		if (c->state == CALLING || c->state == PROCEEDING)
			client_fail(c, REASON_NO_ANSWER, STR_NONE);
		else
			client_over(c);
		return;
	}
	layer_send(l, &c->to, c->bytes, NULL);
	c->interval_ms *= 2;
	if (c->method != S_INVITE && (c->interval_ms > l->t2_ms || c->state == PROCEEDING))
		c->interval_ms = l->t2_ms;
	set_timer(c);
}

static void connection_lost(void *arg, enum reason why, struct str words)
{
	struct sipside_client *c = arg;

	if (c->state == CALLING || c->state == PROCEEDING)
		client_fail(c, why, words);
}

static struct sipside_client *client_new(struct sipside_transactions *l, const struct sipside_target *to,
	enum s_method method, struct str branch, const struct sipside_client_owner *owner, void *arg)
{
	struct sipside_client *c = alloc_zero(sizeof(*c));

	*c = (struct sipside_client){ .key = matching_client_key(branch, method),
		.layer = l,
		.owner = owner ? owner : &nobody,
		.arg = arg,
		.to = *to,
		.method = method,
		.end_ms = env_now_ms(l->env) + l->limit_ms,
		.watch = { .lost = connection_lost, .arg = c },
		.timer = { .fire = timer_fired, .arg = c } };
	if (to->tls_name) {
		c->tls_name = alloc_str(str_c(to->tls_name));
		c->to.tls_name = c->tls_name.p;
	}
	hash_add_key(l->clients, key, c);
	return c;
}

/* Sends what is in the layer's scratch buffer; frees c where that is refused. */
static enum reason start(struct sipside_client *c)
{
	struct sipside_transactions *l = c->layer;
	bool reliable = sipside_target_reliable(&c->to);
	enum reason why = layer_send(l, &c->to, buf_str(&l->scratch), reliable ? &c->watch : NULL);

	if (why != REASON_NONE) {
		client_free(c);
		return why;
	}
	if (!reliable || c->method == S_INVITE) /* to be sent again, or to make ACK and CANCEL from */
		c->bytes = alloc_str(buf_str(&l->scratch));
	c->interval_ms = reliable ? 0 : l->t1_ms;
	set_timer(c);
	return REASON_NONE;
}

struct sipside_client *sipside_client_send(struct sipside_transactions *t, const struct sipside_target *to,
	const struct sipside_outgoing *r, const struct sipside_client_owner *owner, void *arg, enum reason *why)
{
	struct str token = env_token(t->env, 8);
	char branch[sizeof(MATCHING_COOKIE) + 16];

	memcpy(branch, MATCHING_COOKIE, sizeof(MATCHING_COOKIE) - 1);
	memcpy(branch + sizeof(MATCHING_COOKIE) - 1, token.p, token.n);
	struct str name = { branch, sizeof(MATCHING_COOKIE) - 1 + token.n };

	buf_clear(&t->scratch);
	write_request(&t->scratch, r, layer_via(t, to->transport, name));
	struct sipside_client *c = client_new(t, to, r->method, name, owner, arg);

	*why = start(c);
	return *why == REASON_NONE ? c : NULL;
}

enum reason sipside_send_ack(
	struct sipside_transactions *t, const struct sipside_target *to, const struct sipside_outgoing *r)
{
	struct str branch = arena_printf(t->env->turn, MATCHING_COOKIE STR_FMT, STR_ARG(env_token(t->env, 8)));

	buf_clear(&t->scratch);
	write_request(&t->scratch, r, layer_via(t, to->transport, branch));
	return layer_send(t, to, buf_str(&t->scratch), NULL);
}

void sipside_client_abandon(struct sipside_client *c)
{
	c->owner = &nobody;
	if (c->end_ms == UINT64_MAX) {
		c->end_ms = env_now_ms(c->layer->env) + TIMER_C_MS;
		set_timer(c);
	}
}

/* RFC 3261 9.1: a transaction of its own under the INVITE's branch. */
static void send_cancel(struct sipside_client *c)
{
	struct sipside_transactions *l = c->layer;
	struct str branch = matching_own_branch(c->bytes);

	c->cancelled = true;
	c->end_ms = env_now_ms(l->env) + l->limit_ms;
	set_timer(c);
	buf_clear(&l->scratch);
	write_cancel(&l->scratch, c->bytes);
	start(client_new(l, &c->to, S_CANCEL, branch, NULL, NULL));
}

void sipside_client_cancel(struct sipside_client *c)
{
	c->cancel_wanted = true;
	if (c->state == PROCEEDING && !c->cancelled)
		send_cancel(c);
}

static void on_provisional(struct sipside_client *c, const struct sipside_msg *m, const struct sipside_target *from)
{
	if (c->state == ACCEPTED || c->state == COMPLETED)
		return;
	if (c->state == CALLING && c->method == S_INVITE) {
		c->interval_ms = 0;
		c->end_ms = UINT64_MAX; /* how long to wait now is the owner's decision */
		set_timer(c);
	} else if (c->state == CALLING && c->interval_ms) {
		c->interval_ms = c->layer->t2_ms;
	}
	c->state = PROCEEDING;
	if (c->cancel_wanted && !c->cancelled)
		send_cancel(c);
	if (m->status > 100 && c->owner->answer)
		c->owner->answer(c->arg, m, from);
}

/* A refused INVITE: the owner has its outcome; what stays acknowledges re-sends. c may be gone after this. */
static void complete(struct sipside_client *c)
{
	c->owner = &nobody;
	c->state = COMPLETED;
	c->interval_ms = 0;
	if (sipside_target_reliable(&c->to)) {
		client_free(c);
		return;
	}
	sipside_unwatch(&c->watch);
	c->end_ms = env_now_ms(c->layer->env) + c->layer->limit_ms;
	set_timer(c);
}

static void send_nack_ack(struct sipside_client *c, const struct sipside_msg *m)
{
	struct sipside_transactions *l = c->layer;

	buf_clear(&l->scratch);
	write_ack(&l->scratch, c->bytes, m->to.raw);
	layer_send(l, &c->to, buf_str(&l->scratch), NULL);
	alloc_str_set(&c->bytes, buf_str(&l->scratch));
}

static void on_refusal_of_invite(
	struct sipside_client *c, const struct sipside_msg *m, const struct sipside_target *from)
{
	const struct sipside_client_owner *owner = c->owner;
	void *arg = c->arg;

	if (c->state == ACCEPTED)
		return; /* another fork's; the dialogs we have stay */
	if (c->state == COMPLETED) {
		layer_send(c->layer, &c->to, c->bytes, NULL);
		return;
	}
	send_nack_ack(c, m);
	complete(c);
	if (owner->answer)
		owner->answer(arg, m, from);
}

static void on_accepted_invite(struct sipside_client *c, const struct sipside_msg *m, const struct sipside_target *from)
{
	if (c->state == COMPLETED)
		return;
	if (c->state != ACCEPTED) {
		c->state = ACCEPTED;
		c->interval_ms = 0;
		c->end_ms = env_now_ms(c->layer->env) + c->layer->limit_ms;
		alloc_str_free(&c->bytes);
		sipside_unwatch(&c->watch);
		set_timer(c);
	}
	if (c->owner->answer)
		c->owner->answer(c->arg, m, from);
}

static void on_final(struct sipside_client *c, const struct sipside_msg *m, const struct sipside_target *from)
{
	const struct sipside_client_owner *owner = c->owner;
	void *arg = c->arg;

	client_free(c);
	if (owner->answer)
		owner->answer(arg, m, from);
}

void client_received(struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from)
{
	uint64_t key = matching_client_key(m->via.branch, m->method);
	struct sipside_client *c;

	hash_find_key(l->clients, key, c);
	if (!c)
		return;
	if (m->status < 200)
		on_provisional(c, m, from);
	else if (c->method != S_INVITE)
		on_final(c, m, from);
	else if (m->status < 300)
		on_accepted_invite(c, m, from);
	else
		on_refusal_of_invite(c, m, from);
}

/* An ICMP error is the fast way to the next route; after any answer it means nothing (RFC 3261 18.4). Once the request was
 * sent again it proves no more that the first one did not arrive. */
void client_undelivered(struct sipside_transactions *l, struct str bytes)
{
	struct str method = str_cut(bytes, 0, str_find(bytes, ' '));
	uint64_t key = matching_client_key(matching_own_branch(bytes), name_method(method));
	struct sipside_client *c;

	hash_find_key(l->clients, key, c);
	if (c && c->state == CALLING)
		client_fail(c, c->interval_ms > l->t1_ms ? REASON_CONNECTION_LOST : REASON_UNREACHABLE,
			STR("nobody listens there"));
}

unsigned sipside_transactions_clients(const struct sipside_transactions *t)
{
	return HASH_COUNT(t->clients);
}

void client_free_all(struct sipside_transactions *l)
{
	while (l->clients) {
		struct sipside_client *c = l->clients;

		if (c->state == CALLING || c->state == PROCEEDING)
			client_fail(c, REASON_SHUTTING_DOWN, STR_NONE);
		else
			client_over(c);
	}
}

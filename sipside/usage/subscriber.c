/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/subscriber.h"

#include "sipside/uas/uas.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/opening.h"
#include "sipside/usage/outcome.h"
#include "sipside/usage/requests.h"
#include "sipside/usage/send_queue.h"

/* -- The first SUBSCRIBE */

static void opening_over(struct sipside_usage *u)
{
	u->work->opening = NULL;
	usage_pump(u); /* what was to be sent in the dialog, a good-bye included, waited for this */
	usage_drop(u);
}

static void failed(struct sipside_usage *u, const struct s_result *r)
{
	if (u->state <= USAGE_UP)
		usage_end(u, r);
	else if (u->state == USAGE_LEAVING)
		usage_gone(u);
	opening_over(u);
}

static void subscribe_answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct sipside_usage *u = arg;
	struct s_result r;

	(void)from;
	if (m->status < 200)
		return;
	r = outcome_of_answer(m, &u->kind->usage);
	if (m->status >= 300) {
		failed(u, &r);
		return;
	}
	/* RFC 6665 3.1.1: it may only be shorter than what was asked for. */
	if (r.expires_s < 0 || r.expires_s > u->work->asked_s)
		r.expires_s = u->work->asked_s;
	usage_hold(u);
	if (u->state == USAGE_OPENING) {
		u->state = USAGE_UP;
		usage_tell_up(u, &r);
		usage_tell_keep(u);
	}
	opening_over(u);
	usage_drop(u);
}

static void subscribe_failed(void *arg, enum reason why, struct str words, bool not_processed)
{
	struct sipside_usage *u = arg;
	const struct s_result r = outcome_of_failure(why, words, not_processed, S_SUBSCRIBE, &u->kind->usage);

	failed(u, &r);
}

static const struct attempt_owner subscribe_owner = { .answer = subscribe_answered, .failed = subscribe_failed };

struct sipside_usage *subscriber_begin(struct usages *all, struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why)
{
	struct sipside_usage *u = opening_create(all, d, &subscriber_kind, r, why);
	int expires_s = r->expires_s < 0 ? 3600 : r->expires_s;

	if (!u)
		return NULL;
	u->owner = owner;
	u->arg = arg;
	usage_work(u)->asked_s = expires_s;
	opening_send(
		u, r, header_lines_subscribe(all->env, STR_NONE, expires_s), (struct s_body){ 0 }, &subscribe_owner);
	usage_timer(u, SUBSCRIBER_TIMER_N_MS);
	return u;
}

/* -- NOTIFY */

/* A BENOTIFY is never answered ([MS-SIP]; wire-lync.md 2.5). */
static void reply(struct sipside_server *server, const struct sipside_msg *m, int status)
{
	struct str headers = status == 489 ? sipside_uas_allow_events() : STR_NONE;

	if (m->method == S_BENOTIFY)
		sipside_server_drop(server);
	else
		sipside_server_reply(server, &(struct sipside_reply){ .status = status, .headers = headers });
}

/* 0, or the status of the refusal. */
static int judge(const struct sipside_usage *u, const struct sipside_msg *m)
{
	struct sipside_event event;
	struct sipside_substate state;

	if (m->method != S_NOTIFY && m->method != S_BENOTIFY)
		return 481;
	if (!sipside_msg_event(m, &event) || !str_eq_nocase(event.package, STR("presence")) ||
		!str_eq(event.id, dialog_part(&u->dialog, DIALOG_EVENT_ID)))
		return 489;
	if (!sipside_msg_substate(m, &state))
		return 400;
	return u->last_said ? 481 : 0;
}

/* The route set and target of the first one stand (RFC 6665 4.4.1). */
static bool take_first(struct sipside_usage *u, const struct sipside_msg *m)
{
	if (u->established)
		return true;
	if (!dialog_take_notify(&u->dialog, m, u->all->locate))
		return false;
	dialog_in_order(&u->dialog, m->cseq);
	u->established = true;
	if (u->state <= USAGE_UP)
		usage_timer(u, 0);
	if (u->state == USAGE_UP)
		usage_tell_keep(u);
	return true;
}

/* Nobody listens: what is left is to answer, and to go when the last one came. */
static void take_unheard(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	reply(server, m, 200);
	if (u->last_said)
		usage_gone(u);
	else
		usage_pump(u);
}

static void subscriber_request(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_substate state = { .expires_s = -1 };
	int status = judge(u, m);

	if (!status && !take_first(u, m))
		status = 513;
	if (status) {
		reply(server, m, status);
		return;
	}
	sipside_msg_substate(m, &state);
	u->last_said = state.state == S_SUB_TERMINATED;
	if (!usage_is_live(u)) {
		take_unheard(u, server, m);
		return;
	}
	const struct s_request r = ticket_request(server, m, &m->from);
	struct sipside_request *t = ticket_create(u->all, u->domain, u, server, m);

	if (m->method == S_BENOTIFY) {
		ticket_withdraw(t);
		sipside_server_drop(server);
	}
	u->owner->request(u->arg, t, &r);
	usage_pump(u);
}

/* The last NOTIFY has its answer: that was the subscription. */
static void answered(struct sipside_usage *u, const struct sipside_request *t)
{
	(void)t;
	if (!u->last_said)
		return;
	if (u->state == USAGE_LEAVING)
		usage_gone(u);
	else
		usage_end_why(u, REASON_NONE);
}

/* -- What goes out */

static bool may_leave(const struct sipside_usage *u, const struct usage_send *s)
{
	(void)s;
	return !u->work->opening && !u->last_said;
}

static void outcome(struct sipside_usage *u, const struct usage_send *s, const struct s_result *r)
{
	if (u->state > USAGE_LEAVING)
		return;
	if (r->usage_gone && u->state == USAGE_LEAVING)
		usage_gone(u);
	else if (r->usage_gone)
		usage_end(u, r);
	else if (s->expires_s == 0 && r->why == REASON_NONE && !u->last_said)
		usage_timer(u, SUBSCRIBER_TIMER_N_MS); /* the final NOTIFY is still to come (RFC 6665 4.1.2.3) */
}

static void leave(struct sipside_usage *u)
{
	if (u->given_up)
		return;
	if (u->last_said) {
		usage_gone(u);
		return;
	}
	if (u->work && u->work->opening)
		return; /* its answer comes first */
	if (!u->established) {
		if (!wheel_is_set(&usage_work(u)->timer))
			usage_timer(u, SUBSCRIBER_TIMER_N_MS);
		return;
	}
	u->given_up = true;
	usage_request(u,
		&(struct dialog_request){ .method = S_SUBSCRIBE,
			.lines = header_lines_subscribe(u->all->env, dialog_part(&u->dialog, DIALOG_EVENT_ID), 0) },
		true, NULL, NULL);
	usage_timer(u, SUBSCRIBER_TIMER_N_MS);
}

static void timer_n(struct sipside_usage *u)
{
	if (u->state == USAGE_LEAVING)
		usage_gone(u);
	else
		usage_end_why(u, u->established ? REASON_NONE : REASON_NO_NOTIFY);
}

const struct usage_kind subscriber_kind = {
	.usage = DIALOG_SUBSCRIBER,
	.request = subscriber_request,
	.may_leave = may_leave,
	.outcome = outcome,
	.leave = leave,
	.timer = timer_n,
	.answered = answered,
};

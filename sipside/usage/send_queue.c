/* SPDX-License-Identifier: MIT */
#include "sipside/usage/send_queue.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/outcome.h"

static void append(struct usage_send **list, struct usage_send *s)
{
	while (*list)
		list = &(*list)->next;
	s->next = NULL;
	*list = s;
}

static struct str keep_text(char **at, struct str s)
{
	struct str copy = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct usage_send *send_create(struct sipside_usage *u, const struct s_request *r)
{
	size_t n = r->body.type.n + r->body.lang.n + r->body.bytes.n + r->subject.n;
	struct usage_send *s = alloc_zero(sizeof(*s) + n);
	char *at = s->text;

	s->usage = u;
	s->method = r->method;
	s->hops = r->hops;
	s->expires_s = r->expires_s;
	s->state = r->state;
	s->state_reason = r->state_reason;
	s->retry_after_s = r->retry_after_s;
	s->body.type = keep_text(&at, r->body.type);
	s->body.lang = keep_text(&at, r->body.lang);
	s->body.bytes = keep_text(&at, r->body.bytes);
	s->subject = keep_text(&at, r->subject);
	return s;
}

/* The outcome is known; it is told when the turn ends. */
static void finish_later(struct sipside_usage *u, struct usage_send *s, const struct s_result *r)
{
	s->result = *r;
	s->result.words = STR_NONE;
	append(&u->work->done, s);
	env_flush_later(u->all->env, &u->work->flush);
}

/* Each NOTIFY carries the whole state: of those that wait only the newest is worth sending. */
static void supersede(struct sipside_usage *u)
{
	for (struct usage_send **at = &u->work->waiting; *at; at = &(*at)->next)
		if ((*at)->method == S_NOTIFY) {
			struct usage_send *s = *at;
			struct s_result r = outcome_unsent(REASON_SUPERSEDED);

			*at = s->next;
			finish_later(u, s, &r);
			return;
		}
}

enum reason send_queue_add(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg)
{
	struct usage_work *w = usage_work(u);
	unsigned count = 0;

	for (struct usage_send *s = w->waiting; s; s = s->next)
		count++;
	if (count >= SEND_QUEUE_MAX)
		return REASON_QUEUE_FULL;
	if (r->method == S_NOTIFY)
		supersede(u);
	struct usage_send *s = send_create(u, r);

	s->done = done;
	s->arg = arg;
	usage_hold(u);
	append(&w->waiting, s);
	send_queue_pump(u);
	return REASON_NONE;
}

bool send_queue_is_empty(const struct sipside_usage *u)
{
	const struct usage_work *w = u->work;

	return !w || (!w->waiting && !w->flying && !w->done);
}

/* -- On the wire */

static bool holds_up(const struct usage_send *s)
{
	return s->method != S_INFO; /* an indication of typing is worth no text's waiting */
}

static void landed(struct usage_send *s, const struct s_result *r)
{
	struct sipside_usage *u = s->usage;

	s->attempt = NULL;
	u->work->flying--;
	if (holds_up(s))
		u->work->busy = false;
	u->kind->outcome(u, s, r);
	if (s->done)
		s->done(s->arg, r);
	free(s);
	usage_pump(u);
	usage_drop(u);
}

static void send_answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct usage_send *s = arg;

	(void)from;
	if (m->status < 200)
		return;
	struct s_result r = outcome_of_answer(m, &s->usage->kind->usage);

	if (s->method != S_SUBSCRIBE)
		r.expires_s = -1;
	else if (m->status < 300 && (r.expires_s < 0 || r.expires_s > s->expires_s))
		r.expires_s = s->expires_s; /* may only be shorter (RFC 6665 3.1.1) */
	landed(s, &r);
}

static void send_failed(void *arg, enum reason why, struct str words, bool not_processed)
{
	struct usage_send *s = arg;
	struct s_result r = outcome_of_failure(why, words, not_processed, s->method, &s->usage->kind->usage);

	landed(s, &r);
}

static const struct attempt_owner send_owner = { .answer = send_answered, .failed = send_failed };

static void launch(struct sipside_usage *u, struct usage_send *s)
{
	const struct dialog_request r = {
		.method = s->method,
		.hops = s->hops,
		.lines = header_lines_of_send(u, s),
		.body = s->body,
	};
	struct usage_work *w = u->work;

	w->flying++;
	if (holds_up(s))
		w->busy = true;
	if (s->method == S_NOTIFY && s->state == S_SUB_TERMINATED)
		u->last_said = true;
	/* MESSAGE and INFO carry no Contact (RFC 3428 4); the other two refresh the target. */
	s->attempt = usage_request(u, &r, s->method == S_NOTIFY || s->method == S_SUBSCRIBE, &send_owner, s);
}

void send_queue_pump(struct sipside_usage *u)
{
	while (u->work && u->work->waiting && u->established && !u->all->closing && u->state <= USAGE_LEAVING) {
		struct usage_send *s = u->work->waiting;

		if ((holds_up(s) && u->work->busy) || !u->kind->may_leave(u, s))
			return;
		u->work->waiting = s->next;
		launch(u, s);
	}
}

/* -- Without the wire */

void send_queue_fail(struct sipside_usage *u, enum reason why)
{
	struct s_result r = outcome_unsent(why);

	while (u->work && u->work->waiting) {
		struct usage_send *s = u->work->waiting;

		u->work->waiting = s->next;
		finish_later(u, s, &r);
	}
}

void send_queue_tell(struct sipside_usage *u)
{
	while (u->work && u->work->done) {
		struct usage_send *s = u->work->done;

		u->work->done = s->next;
		if (s->done)
			s->done(s->arg, &s->result);
		free(s);
		usage_drop(u);
	}
}

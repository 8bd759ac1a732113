/* SPDX-License-Identifier: MIT */
/* The life of a usage:
 *
 *	opening ---> up ---------+--- usage_end ----> ending ---> gone
 *	   |          |          |   (sends get their outcome, `ended`)
 *	   +----------+- sipside_end -> leaving -----------------> gone
 *	                             (what waits leaves, good-bye)
 */
#include "sipside/usage/usage.h"

#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "sipside/usage/dialog_line.h"
#include "sipside/usage/send_queue.h"

struct sipside_usage *usage_create(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind)
{
	struct sipside_usage *u = alloc_zero(sizeof(*u));

	u->all = all;
	u->domain = d;
	u->kind = kind;
	return u;
}

bool usage_register(struct sipside_usage *u)
{
	return dialog_table_add(&u->all->dialogs, &u->dialog);
}

static void fire_timer(void *arg)
{
	struct sipside_usage *u = arg;

	usage_hold(u);
	u->kind->timer(u);
	usage_drop(u);
}

static void run_flush(void *arg);

struct usage_work *usage_work(struct sipside_usage *u)
{
	if (!u->work) {
		u->work = alloc_zero(sizeof(*u->work));
		u->work->timer.fire = fire_timer;
		u->work->timer.arg = u;
		u->work->flush.run = run_flush;
		u->work->flush.arg = u;
	}
	return u->work;
}

static void free_work(struct sipside_usage *u)
{
	struct usage_work *w = u->work;

	if (!w)
		return;
	wheel_cancel(u->all->env->wheel, &w->timer);
	env_flush_cancel(u->all->env, &w->flush);
	alloc_str_free(&w->end.words);
	alloc_str_free(&w->description);
	free(w);
	u->work = NULL;
}

/* An idle usage keeps only what it is. */
static void rest(struct sipside_usage *u)
{
	struct usage_work *w = u->work;

	if (w && u->state <= USAGE_UP && send_queue_is_empty(u) && !w->opening && !w->unacked && !w->ticket &&
		!w->flush.queued && !wheel_is_set(&w->timer))
		free_work(u);
}

void usage_hold(struct sipside_usage *u)
{
	u->refs++;
}

void usage_drop(struct sipside_usage *u)
{
	if (--u->refs > 0)
		return;
	if (u->state != USAGE_GONE) {
		rest(u);
		return;
	}
	dialog_table_remove(&u->all->dialogs, &u->dialog);
	dialog_finish(&u->dialog);
	free_work(u);
	free(u);
}

void usage_gone(struct sipside_usage *u)
{
	usage_hold(u);
	u->state = USAGE_GONE;
	u->owner = NULL;
	usage_timer(u, 0);
	usage_drop(u);
}

void usage_timer(struct sipside_usage *u, uint64_t ms)
{
	struct wheel *wheel = u->all->env->wheel;

	if (ms)
		wheel_set(wheel, &usage_work(u)->timer, env_now_ms(u->all->env) + ms);
	else if (u->work)
		wheel_cancel(wheel, &u->work->timer);
}

bool usage_is_live(const struct sipside_usage *u)
{
	return u->state <= USAGE_UP && u->owner;
}

/* -- The end */

static void tell_ended(struct sipside_usage *u)
{
	const struct sipside_owner *owner = u->owner;
	struct s_result r = u->work->end;
	void *arg = u->arg;

	r.words = arena_str(u->all->env->turn, r.words);
	usage_gone(u);
	if (owner)
		owner->ended(arg, &r);
}

/* The put-off work of the turn: outcomes, then what follows from all of them being told. */
static void run_flush(void *arg)
{
	struct sipside_usage *u = arg;

	usage_hold(u);
	send_queue_tell(u);
	usage_pump(u);
	if (u->state == USAGE_ENDING && send_queue_is_empty(u))
		tell_ended(u);
	usage_drop(u);
}

void usage_pump(struct sipside_usage *u)
{
	usage_hold(u);
	send_queue_pump(u);
	if (send_queue_is_empty(u) && u->state == USAGE_LEAVING)
		u->kind->leave(u);
	else if (send_queue_is_empty(u) && u->state == USAGE_ENDING)
		env_flush_later(u->all->env, &u->work->flush);
	usage_drop(u);
}

void usage_end(struct sipside_usage *u, const struct s_result *result)
{
	if (u->state >= USAGE_ENDING)
		return;
	struct usage_work *w = usage_work(u);

	u->state = USAGE_ENDING;
	usage_timer(u, 0);
	w->end = *result;
	w->end.words = alloc_str(result->words);
	w->end.usage_gone = true;
	send_queue_fail(u, REASON_NO_SESSION);
	env_flush_later(u->all->env, &w->flush);
}

void usage_end_why(struct sipside_usage *u, enum reason why)
{
	usage_end(u, &(struct s_result){ .why = why, .expires_s = -1 });
}

void usage_leave(struct sipside_usage *u)
{
	u->owner = NULL;
	if (u->state >= USAGE_ENDING)
		return; /* over already; only nobody is told */
	u->state = USAGE_LEAVING;
	if (!u->established)
		send_queue_fail(u, REASON_NO_SESSION);
	env_flush_later(u->all->env, &usage_work(u)->flush);
}

/* -- Telling the owner */

void usage_tell_up(struct sipside_usage *u, const struct s_result *r)
{
	usage_hold(u);
	if (u->owner && u->owner->up)
		u->owner->up(u->arg, r);
	usage_drop(u);
}

struct str usage_line(struct sipside_usage *u)
{
	/* A CSeq may be used only below what is saved. */
	if (u->dialog.reserved_cseq <= u->dialog.local_cseq)
		u->dialog.reserved_cseq = u->dialog.local_cseq + DIALOG_CSEQ_BLOCK;
	return dialog_line_write(u->all->env, &u->dialog, u->kind->usage, u->all->start);
}

void usage_tell_keep(struct sipside_usage *u)
{
	if (!usage_is_live(u) || !u->established || !u->owner->keep)
		return;
	usage_hold(u);
	u->owner->keep(u->arg, usage_line(u));
	usage_drop(u);
}

/* -- Sending */

struct attempt *usage_request(struct sipside_usage *u, const struct dialog_request *r, bool contact,
	const struct attempt_owner *owner, void *arg)
{
	struct sipside_outgoing out;
	struct str hop;
	bool reserve = false;
	struct dialog_request numbered = *r;

	if (u->all->closing)
		return NULL;
	if (!numbered.cseq)
		numbered.cseq = dialog_next_cseq(&u->dialog, &reserve);
	if (reserve)
		usage_tell_keep(u);
	dialog_compose(u->all->env, &u->dialog, &numbered, &out, &hop);
	const struct attempt_order order = {
		.request = &out,
		.next_hop = hop,
		.cseq = owner ? &u->dialog.local_cseq : NULL,
		.contact = contact,
		.record_route = contact,
	};
	static const struct attempt_owner nobody = { 0 };
	struct attempt *a = attempt_send(u->domain, &order, owner ? owner : &nobody, arg);

	if (!owner)
		attempt_abandon(a);
	return owner ? a : NULL;
}

void usage_destroy_all(struct usages *all)
{
	struct dialog *d;

	while ((d = dialog_table_any(&all->dialogs))) {
		struct sipside_usage *u = usage_of(d);

		u->owner = NULL;
		u->state = USAGE_ENDING;
		usage_hold(u);
		send_queue_fail(u, REASON_SHUTTING_DOWN);
		send_queue_tell(u);
		u->refs = 1; /* tickets and attempts are gone by now */
		usage_gone(u);
		usage_drop(u);
	}
	dialog_table_finish(&all->dialogs);
}

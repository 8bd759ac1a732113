/* SPDX-License-Identifier: MIT */
#include "sipside/usage/session_calling.h"

#include <inttypes.h>
#include "sipside/uas/uas.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/opening.h"
#include "sipside/usage/outcome.h"

/* What an INVITE carries beside its dialog's lines. A conversation id is fresh each time: a peer whose window with the
 * same one is still open answers 488 (wire-lync.md 1.4). */
static struct str invite_lines(const struct usages *all, const struct sipside_domain *d, const struct s_request *r)
{
	const struct map_profile *profile = d->profile;
	struct str conversation = STR_NONE, identity = STR_NONE;

	if (profile->conversation_id)
		conversation = arena_printf(
			all->env->turn, "Ms-Conversation-ID: %" PRIu64 "\r\n", env_random_u64(all->env) >> 1);
	if (profile->asserted_identity)
		identity = arena_printf(all->env->turn, "P-Asserted-Identity: <" STR_FMT ">\r\n",
			STR_ARG(header_uri(all->env, &r->from)));
	return arena_printf(all->env->turn, STR_FMT STR_FMT STR_FMT STR_FMT, STR_ARG(sipside_uas_allow()),
		STR_ARG(conversation), STR_ARG(identity),
		STR_ARG(header_lines_of_text(all->env, r->subject, STR_NONE)));
}

/* A dialog that is not kept: ended the moment it comes up. */
static void hang_up(struct sipside_usage *u, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct sipside_usage fork = { .all = u->all, .domain = u->domain, .kind = u->kind, .state = USAGE_GONE };
	const struct dialog_request bye = { .method = S_BYE, .cseq = u->invite_cseq + 1 };
	struct str parts[DIALOG_PARTS];

	for (int i = 0; i < DIALOG_PARTS; i++)
		parts[i] = dialog_part(&u->dialog, (enum dialog_part)i);
	if (dialog_set_parts(&fork.dialog, parts) && dialog_take_answer(&fork.dialog, m, u->all->locate)) {
		session_ack(u, &fork.dialog, from);
		usage_request(&fork, &bye, false, NULL, NULL);
	}
	dialog_finish(&fork.dialog);
}

static void establish(struct sipside_usage *u, const struct sipside_msg *m, const struct sipside_target *from)
{
	const struct s_result r = outcome_of_answer(m, &u->kind->usage);

	if (!dialog_take_answer(&u->dialog, m, u->all->locate)) {
		usage_end_why(u, REASON_TOO_LARGE);
		return;
	}
	usage_timer(u, 0);
	u->established = true;
	u->state = USAGE_UP;
	session_ack(u, &u->dialog, from);
	usage_tell_up(u, &r);
	usage_tell_keep(u);
	usage_pump(u);
}

static void accepted(struct sipside_usage *u, const struct sipside_msg *m, const struct sipside_target *from)
{
	if (!u->established && u->state == USAGE_OPENING) {
		establish(u, m, from);
	} else if (u->established && str_eq(m->to.tag, dialog_remote_tag(&u->dialog))) {
		session_ack(u, &u->dialog, from); /* sent again: our ACK was lost */
	} else {
		hang_up(u, m, from);
		if (u->state == USAGE_LEAVING && !u->established)
			usage_gone(u);
	}
}

static void opening_over(struct sipside_usage *u)
{
	u->work->opening = NULL;
	usage_drop(u);
}

static void refused(struct sipside_usage *u, const struct s_result *r)
{
	if (u->state == USAGE_OPENING)
		usage_end(u, r);
	else if (u->state == USAGE_LEAVING)
		usage_gone(u);
	opening_over(u);
}

static void invite_answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct sipside_usage *u = arg;

	if (m->status < 200)
		return;
	if (m->status < 300) {
		u->invite_cseq = m->cseq; /* a challenge may have raised it */
		usage_hold(u);
		accepted(u, m, from);
		usage_drop(u);
		return;
	}
	const struct s_result r = outcome_of_answer(m, &u->kind->usage);

	refused(u, &r);
}

static void invite_failed(void *arg, enum reason why, struct str words, bool not_processed)
{
	struct sipside_usage *u = arg;
	const struct s_result r = outcome_of_failure(why, words, not_processed, S_INVITE, &u->kind->usage);

	refused(u, &r);
}

static void invite_over(void *arg)
{
	opening_over(arg);
}

static const struct attempt_owner invite_owner = {
	.answer = invite_answered,
	.failed = invite_failed,
	.over = invite_over,
};

struct sipside_usage *session_call(struct usages *all, struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why)
{
	struct sipside_usage *u = opening_create(all, d, &session_kind, r, why);

	if (!u)
		return NULL;
	u->owner = owner;
	u->arg = arg;
	opening_send(u, r, invite_lines(all, d, r), session_description(all, STR_NONE, STR_NONE), &invite_owner);
	u->invite_cseq = u->dialog.local_cseq;
	usage_timer(u, all->session_setup_ms);
	return u;
}

void session_give_up(struct sipside_usage *u)
{
	if (u->given_up)
		return;
	u->given_up = true;
	usage_timer(u, 0);
	attempt_cancel(u->work->opening);
}

void session_setup_timer(struct sipside_usage *u)
{
	if (u->state != USAGE_OPENING || u->established)
		return;
	session_give_up(u);
	usage_end(u, &(struct s_result){ .why = REASON_GIVEN_UP, .expires_s = -1, .not_processed = true });
}

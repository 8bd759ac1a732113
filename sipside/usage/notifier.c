/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/notifier.h"

#include "sipside/usage/requests.h"
#include "sipside/usage/send_queue.h"

/* RFC 3856 6.5: PIDF is what we produce, and what a SUBSCRIBE without Accept means. */
static bool takes_pidf(const struct sipside_msg *m)
{
	return !m->scan.counts[HDR_ACCEPT] || sipside_msg_has(m, HDR_ACCEPT, STR("application/pidf+xml")) ||
	       sipside_msg_has(m, HDR_ACCEPT, STR("application/*")) || sipside_msg_has(m, HDR_ACCEPT, STR("*/*"));
}

void notifier_subscribed(struct usages *all, struct sipside_domain *d, struct sipside_server *server,
	const struct sipside_msg *m, const struct sipside_party *from)
{
	struct sipside_usage *u;

	if (!takes_pidf(m)) {
		requests_refuse(all, server, m, 406, REASON_NOT_SUPPORTED);
		return;
	}
	u = requests_new_usage(all, d, &notifier_kind, server, m);
	if (!u)
		return;
	const struct s_request r = ticket_request(server, m, from);
	struct sipside_request *t = requests_forming_ticket(u, server, m);

	all->handlers->subscribe(all->arg, d, t, &r);
}

/* RFC 6665 3.1.1, 4.2.1.1: always 200, never 202; what is granted is at most what was asked for. */
static void answer_ok(struct sipside_request *t, const struct s_result *r)
{
	int granted = r->expires_s < 0 ? 3600 : r->expires_s;

	if (t->expires_s >= 0 && granted > t->expires_s)
		granted = t->expires_s;
	const struct sipside_reply reply = {
		.status = 200,
		.route = t->forms ? ticket_record_route(t->domain, t->way) : STR_NONE,
		.headers = arena_printf(
			t->all->env->turn, "Expires: %d\r\n" STR_FMT, granted, STR_ARG(ticket_contact(t->all, t->way))),
	};

	sipside_server_reply(t->server, &reply);
}

static void formed(struct sipside_usage *u, const struct sipside_request *t, const struct s_result *r)
{
	u->asked = false;
	u->work->ticket = NULL;
	if (r->status < 300 && u->state == USAGE_OPENING) {
		u->state = USAGE_UP;
		if (u->dialog.reserved_cseq <= u->dialog.local_cseq) /* its owner did not ask before the 200 */
			usage_tell_keep(u);
	} else if (u->state == USAGE_OPENING && t->accepted) {
		usage_end(u, r);
	} else if (u->state == USAGE_OPENING || r->status >= 300) {
		usage_gone(u);
	}
	usage_pump(u);
}

void notifier_answer(struct sipside_request *t, const struct s_result *r)
{
	if (r->status < 300)
		answer_ok(t, r);
	else
		ticket_refuse(t, r);
	if (t->forms)
		formed(t->usage, t, r);
}

/* -- In the dialog */

static void notifier_request(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_event event;

	if (m->method != S_SUBSCRIBE || u->last_said || !usage_is_live(u)) {
		sipside_server_reply(server, &(struct sipside_reply){ .status = 481 });
		return;
	}
	if (!sipside_msg_event(m, &event) || !str_eq_nocase(event.package, STR("presence")) ||
		!str_eq(event.id, dialog_part(&u->dialog, DIALOG_EVENT_ID))) {
		requests_refuse(u->all, server, m, 403, REASON_NOT_SUPPORTED); /* no sharing of dialogs (4.5.2) */
		return;
	}
	const struct s_request r = ticket_request(server, m, &m->from);
	struct sipside_request *t = ticket_create(u->all, u->domain, u, server, m);

	u->owner->request(u->arg, t, &r);
}

/* The answer to the SUBSCRIBE goes first, and after the last word there is no other. */
static bool may_leave(const struct sipside_usage *u, const struct usage_send *s)
{
	(void)s;
	return !u->asked && !u->last_said;
}

static void outcome(struct sipside_usage *u, const struct usage_send *s, const struct s_result *r)
{
	bool last = s->state == S_SUB_TERMINATED;

	if (u->state > USAGE_LEAVING || (!last && !r->usage_gone))
		return;
	if (u->state == USAGE_LEAVING)
		usage_gone(u);
	else if (last)
		usage_end_why(u, REASON_NONE);
	else
		usage_end(u, r);
}

static void leave(struct sipside_usage *u)
{
	if (!u->asked)
		usage_gone(u);
}

static void no_timer(struct sipside_usage *u)
{
	(void)u;
}

const struct usage_kind notifier_kind = {
	.usage = DIALOG_NOTIFIER,
	.request = notifier_request,
	.may_leave = may_leave,
	.outcome = outcome,
	.leave = leave,
	.timer = no_timer,
};

/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/session_called.h"

#include "mapping/base/alloc.h"
#include "sipside/uas/uas.h"
#include "sipside/usage/requests.h"
#include "sipside/usage/sdp.h"

/* More than the two of us: a conference by Microsoft's marks (wire-lync.md 1.9). */
static bool is_multiparty(const struct sipside_msg *m)
{
	struct str points = sipside_msg_named(m, STR("EndPoints")), rest = points;
	unsigned count = 0;

	while (rest.n)
		if (scan_next_value(&rest).n)
			count++;
	return count > 2 || str_starts_nocase(sipside_msg_named(m, STR("TriggeredInvite")), STR("true"));
}

/* No body at all asks us to offer (RFC 3261 13.2.1). */
static bool offers_im(const struct sipside_msg *m)
{
	struct str type = sipside_msg_text(m, HDR_CONTENT_TYPE);

	if (!m->body.n)
		return true;
	type = str_trim(str_cut(type, 0, str_find(type, ';')));
	return str_eq_nocase(type, STR("application/sdp")) && sdp_is_usable(m->body);
}

void session_invited(struct usages *all, struct sipside_domain *d, struct sipside_server *server,
	const struct sipside_msg *m, const struct sipside_party *from)
{
	struct sipside_usage *u;
	struct s_body answer;

	if (is_multiparty(m) || !offers_im(m)) {
		requests_refuse(all, server, m, 488, REASON_NOT_SUPPORTED);
		return;
	}
	u = requests_new_usage(all, d, &session_kind, server, m);
	if (!u)
		return;
	u->invite_cseq = m->cseq;
	answer = session_description(all, m->body, m->to.uri.raw);
	usage_work(u)->description = alloc_str(answer.bytes);
	sipside_server_own(server, &session_server_owner, u);
	const struct s_request r = ticket_request(server, m, from);
	struct sipside_request *t = requests_forming_ticket(u, server, m);

	all->handlers->invite(all->arg, d, t, &r);
}

void session_cancelled(struct sipside_usage *u)
{
	struct sipside_request *t = u->work->ticket;

	if (!t || !t->server)
		return;
	sipside_server_reply(t->server, &(struct sipside_reply){ .status = 487 });
	ticket_withdraw(t);
	if (t->accepted && u->state == USAGE_LEAVING)
		usage_gone(u);
	else if (t->accepted)
		usage_end_why(u, REASON_NONE);
}

static void answer_ok(struct sipside_request *t, int status)
{
	struct sipside_usage *u = t->usage;
	struct usages *all = t->all;
	struct str description = arena_str(all->env->turn, u->work->description);
	struct str headers = arena_printf(
		all->env->turn, STR_FMT STR_FMT, STR_ARG(ticket_contact(all, t->way)), STR_ARG(sipside_uas_allow()));
	const struct sipside_reply reply = {
		.status = status,
		.route = ticket_record_route(t->domain, t->way),
		.headers = headers,
		.content_type = STR("application/sdp"),
		.body = description,
	};

	session_answered(u, t->server);
	sipside_server_reply(t->server, &reply);
}

void session_answer(struct sipside_request *t, const struct s_result *r)
{
	struct sipside_usage *u = t->usage;

	if (!t->forms) { /* never: a re-INVITE is answered without a ticket */
		ticket_refuse(t, r);
		return;
	}
	u->asked = false;
	if (t->server && r->status < 300)
		answer_ok(t, r->status);
	else if (t->server)
		ticket_refuse(t, r);
	alloc_str_free(&u->work->description);
	u->work->ticket = NULL;
	if (t->server && r->status < 300)
		return;
	if (t->accepted && u->state == USAGE_OPENING)
		usage_end(u, r);
	else if (u->state <= USAGE_LEAVING)
		usage_gone(u);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/session.h"

#include "sipside/locate/next_hop.h"
#include "sipside/uas/uas.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/sdp.h"
#include "sipside/usage/session_called.h"
#include "sipside/usage/session_calling.h"
#include "sipside/usage/ticket.h"

struct s_body session_description(const struct usages *all, struct str offer, struct str party)
{
	const struct locate *l = all->locate;
	uint16_t port = l->net ? sipside_transport_port(l->net, SIPSIDE_UDP) : 0;
	const struct sdp_self self = { .host = locate_own_host(l), .port = port ? port : 5060, .party = party };

	return (struct s_body){ .type = STR("application/sdp"), .bytes = sdp_write(all->env, offer, &self) };
}

void session_bye(struct sipside_usage *u)
{
	usage_request(u, &(struct dialog_request){ .method = S_BYE }, false, NULL, NULL);
}

void session_ack(struct sipside_usage *u, const struct dialog *d, const struct sipside_target *answered_from)
{
	const struct dialog_request r = { .method = S_ACK, .cseq = u->invite_cseq };
	struct sipside_outgoing out;
	struct str hop;

	dialog_compose(u->all->env, d, &r, &out, &hop);
	const struct sipside_target to = next_hop_for_ack(u->domain, hop, answered_from);

	sipside_send_ack(u->all->locate->transactions, &to, &out);
}

/* -- The INVITE we answered */

void session_answered(struct sipside_usage *u, struct sipside_server *server)
{
	usage_work(u)->unacked = server;
	usage_hold(u);
	sipside_server_own(server, &session_server_owner, u);
}

void session_acked(struct sipside_usage *u)
{
	if (!u->work || !u->work->unacked)
		return;
	sipside_server_acked(u->work->unacked);
	u->work->unacked = NULL;
	if (u->state == USAGE_OPENING) {
		u->state = USAGE_UP;
		usage_tell_up(u, &(struct s_result){ .status = 200, .expires_s = -1 });
		usage_tell_keep(u);
	}
	usage_pump(u);
	usage_drop(u);
}

static void no_ack(void *arg)
{
	struct sipside_usage *u = arg;

	u->work->unacked = NULL;
	if (u->state <= USAGE_LEAVING) {
		session_bye(u);
		if (u->state == USAGE_LEAVING)
			usage_gone(u);
		else
			usage_end_why(u, REASON_NO_ANSWER);
	}
	usage_drop(u);
}

static void cancelled(void *arg)
{
	session_cancelled(arg);
}

const struct sipside_server_owner session_server_owner = { .cancelled = cancelled, .no_ack = no_ack };

/* -- Requests of the peer */

static void reply(struct sipside_server *server, int status, struct str headers)
{
	sipside_server_reply(server, &(struct sipside_reply){ .status = status, .headers = headers });
}

static void take_text(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	if (!usage_is_live(u)) {
		reply(server, 481, STR_NONE);
		return;
	}
	if (m->method == S_INFO && sipside_msg_named(m, STR("Info-Package")).n) {
		reply(server, 469, STR("Recv-Info:\r\n")); /* RFC 6086 4.2.2: we know no package */
		return;
	}
	const struct s_request r = ticket_request(server, m, &m->from);
	struct sipside_request *t = ticket_create(u->all, u->domain, u, server, m);

	u->owner->request(u->arg, t, &r);
}

static void take_bye(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	(void)m;
	reply(server, 200, STR_NONE);
	if (u->asked)
		session_cancelled(u); /* a BYE for an INVITE nobody answered yet is a CANCEL by another name */
	else if (u->state == USAGE_LEAVING)
		usage_gone(u);
	else
		usage_end_why(u, REASON_NONE);
}

static void answer_offer(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	struct str headers = arena_printf(u->all->env->turn, STR_FMT STR_FMT,
		STR_ARG(ticket_contact(u->all, ticket_way_of(server, m))), STR_ARG(sipside_uas_allow()));
	struct s_body body = { 0 };

	if (m->method == S_INVITE || m->body.n)
		body = session_description(u->all, m->body, m->to.uri.raw);
	sipside_server_reply(
		server, &(struct sipside_reply){
				.status = 200, .headers = headers, .content_type = body.type, .body = body.bytes });
}

/* re-INVITE and UPDATE change nothing here: the same description again (RFC 3264 8). */
static void take_offer(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	if (u->asked || (u->work && u->work->unacked)) {
		reply(server, 491, STR_NONE);
		return;
	}
	if (m->body.n && !sdp_is_usable(m->body)) {
		reply(server, 488, STR_NONE);
		return;
	}
	if (m->method == S_INVITE) {
		u->invite_cseq = m->cseq;
		session_answered(u, server);
	}
	answer_offer(u, server, m);
}

static void session_request(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	switch (m->method) {
	case S_MESSAGE:
	case S_INFO:
		take_text(u, server, m);
		break;
	case S_BYE:
		take_bye(u, server, m);
		break;
	case S_INVITE:
	case S_UPDATE:
		take_offer(u, server, m);
		break;
	case S_OPTIONS:
		reply(server, 200, sipside_uas_allow());
		break;
	case S_SUBSCRIBE:
		reply(server, 403, STR_NONE); /* no sharing of dialogs (RFC 6665 4.5.2) */
		break;
	default:
		reply(server, 481, STR_NONE);
	}
}

/* -- What goes out */

static bool may_leave(const struct sipside_usage *u, const struct usage_send *s)
{
	(void)s;
	return !u->asked && !u->work->unacked;
}

static void outcome(struct sipside_usage *u, const struct usage_send *s, const struct s_result *r)
{
	(void)s;
	if (!r->usage_gone || u->state > USAGE_LEAVING)
		return;
	if (r->status != 481)
		session_bye(u); /* the peer may still think there is a session */
	if (u->state == USAGE_LEAVING)
		usage_gone(u);
	else
		usage_end(u, r);
}

static void leave(struct sipside_usage *u)
{
	if (u->asked || (u->work && u->work->unacked))
		return; /* a callee has no BYE before the ACK (RFC 3261 15) */
	if (!u->established) {
		session_give_up(u);
		return;
	}
	session_bye(u);
	usage_gone(u);
}

const struct usage_kind session_kind = {
	.usage = DIALOG_SESSION,
	.request = session_request,
	.may_leave = may_leave,
	.outcome = outcome,
	.leave = leave,
	.timer = session_setup_timer,
};

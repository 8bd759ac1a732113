/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "mapping/error.h"
#include "sipside/syntax/names.h"
#include "sipside/uas/uas.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/notifier.h"
#include "sipside/usage/session_called.h"

/* A mistake of ours, not of a peer. */
static void misused(const struct sipside_request *t, const char *what)
{
	env_event(t->all->env, &(struct event){ .kind = EVENT_DROPPED,
				       .dir = DIR_S2X,
				       .why = map_reason(REASON_INTERNAL)->word,
				       .detail = str_c(what) });
#ifdef TOMBOLO_TEST_BUILD
	fprintf(stderr, "%s\n", what);
	abort();
#endif
}

static void ticket_free(struct sipside_request *t)
{
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	wheel_cancel(t->all->env->wheel, &t->timer);
	env_flush_cancel(t->all->env, &t->flush);
	if (t->usage)
		usage_drop(t->usage);
	free(t);
}

static void run_flush(void *arg)
{
	ticket_free(arg);
}

static void forgotten(void *arg)
{
	struct sipside_request *t = arg;

	misused(t, "a SIP request was never answered by its ticket's holder");
	ticket_answer(t, &(struct s_result){ .why = REASON_INTERNAL, .status = 500, .expires_s = -1 });
}

struct sipside_request *ticket_create(struct usages *all, struct sipside_domain *d, struct sipside_usage *usage,
	struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_request *t = alloc_zero(sizeof(*t));

	t->all = all;
	t->domain = d;
	t->server = server;
	t->usage = usage;
	if (usage)
		usage_hold(usage);
	t->method = m->method;
	t->way = ticket_way_of(server, m);
	t->expires_s = sipside_msg_expires(m);
	t->timer.fire = forgotten;
	t->timer.arg = t;
	t->flush.run = run_flush;
	t->flush.arg = t;
	wheel_set(all->env->wheel, &t->timer,
		env_now_ms(all->env) + (m->method == S_INVITE ? TICKET_INVITE_LIMIT_MS : TICKET_LIMIT_MS));
	t->next = all->tickets;
	t->link = &all->tickets;
	if (t->next)
		t->next->link = &t->next;
	all->tickets = t;
	return t;
}

struct s_request ticket_request(
	const struct sipside_server *server, const struct sipside_msg *m, const struct sipside_party *from)
{
	struct sipside_substate state = { .expires_s = -1 };
	struct s_request r = {
		.flow = sipside_server_flow(server),
		.method = m->method,
		.from = from->uri.as,
		.to = m->to.tag.n ? m->to.uri.as : m->uri.as,
		.display = from->display.n ? from->display : m->from.display,
		.call_id = m->call_id,
		.key = sipside_msg_key(m),
		.subject = sipside_msg_text(m, HDR_SUBJECT),
		.hops = m->max_forwards > 0 ? m->max_forwards : 0,
		.expires_s = sipside_msg_expires(m),
		.date_ms = sipside_msg_date(m),
		.body = sipside_msg_body(m),
	};

	if ((m->method == S_NOTIFY || m->method == S_BENOTIFY) && sipside_msg_substate(m, &state)) {
		r.method = S_NOTIFY;
		r.state = state.state;
		r.state_reason = state.reason;
		r.retry_after_s = state.retry_after_s;
		r.expires_s = state.expires_s;
	}
	return r;
}

void ticket_withdraw(struct sipside_request *t)
{
	t->server = NULL;
}

void ticket_destroy_all(struct usages *all)
{
	while (all->tickets)
		ticket_free(all->tickets);
}

struct ticket_way ticket_way_of(const struct sipside_server *server, const struct sipside_msg *m)
{
	enum sipside_transport transport = sipside_server_source(server)->transport;

	return (struct ticket_way){
		.transport = transport,
		.sips = transport == SIPSIDE_TLS && str_eq(m->uri.scheme, STR("sips")),
	};
}

static struct str own_uri(const struct locate *l, struct ticket_way way, bool lr)
{
	return way.sips ? locate_own_sips_uri(l, lr) : locate_own_uri(l, way.transport, lr);
}

struct str ticket_contact(const struct usages *all, struct ticket_way way)
{
	return arena_printf(all->env->turn, "Contact: " STR_FMT "\r\n", STR_ARG(own_uri(all->locate, way, false)));
}

struct str ticket_record_route(const struct sipside_domain *d, struct ticket_way way)
{
	if (!d->profile->record_route)
		return STR_NONE;
	return arena_printf(
		d->locate->env->turn, "Record-Route: " STR_FMT "\r\n", STR_ARG(own_uri(d->locate, way, true)));
}

struct sipside_usage *ticket_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg)
{
	struct sipside_usage *u = t->usage;

	if (!t->forms || t->answered || t->accepted) {
		misused(t, "only an open INVITE or SUBSCRIBE can be accepted, once");
		return NULL;
	}
	t->accepted = true;
	u->owner = owner;
	u->arg = arg;
	if (!t->server)
		usage_end_why(u, REASON_NONE); /* CANCELled meanwhile */
	return u;
}

/* A result as an answer: a local reason has its status in the table of reasons. */
static struct s_result as_answer(const struct s_result *r)
{
	struct s_result a = *r;

	if (!a.status) {
		a.status = a.why == REASON_NONE ? 200 : map_reason(a.why)->status;
		if (!a.retry_after_s)
			a.retry_after_s = map_reason(a.why)->retry_after_s;
	}
	if (a.status < 200 || a.status > 699)
		a.status = 500;
	return a;
}

void ticket_refuse(struct sipside_request *t, const struct s_result *r)
{
	sipside_server_reply(t->server, &(struct sipside_reply){
						.status = r->status,
						.headers = header_lines_of_refusal(t->all->locate, r),
					});
}

void ticket_answer(struct sipside_request *t, const struct s_result *r)
{
	struct s_result a = as_answer(r);

	if (t->answered) {
		misused(t, "a SIP request was answered twice");
		return;
	}
	if (t->forms && a.status < 300 && !t->accepted && t->server) {
		misused(t, "an INVITE or SUBSCRIBE was answered 2xx without sipside_accept");
		a = (struct s_result){ .why = REASON_INTERNAL, .status = 500, .expires_s = -1 };
	}
	t->answered = true;
	wheel_cancel(t->all->env->wheel, &t->timer);
	env_flush_later(t->all->env, &t->flush);
	if (t->method == S_INVITE)
		session_answer(t, &a);
	else if (t->method == S_SUBSCRIBE)
		notifier_answer(t, &a);
	else if (t->server)
		ticket_refuse(t, &a);
	t->server = NULL;
	if (t->usage && t->usage->kind->answered)
		t->usage->kind->answered(t->usage, t);
}

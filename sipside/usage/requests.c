/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/requests.h"

#include "mapping/error.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/notifier.h"
#include "sipside/usage/session_called.h"

void requests_refuse(
	struct usages *all, struct sipside_server *server, const struct sipside_msg *m, int status, enum reason why)
{
	const struct s_result r = { .why = why, .status = status };

	env_event(all->env, &(struct event){ .kind = EVENT_REFUSED,
				    .flow = sipside_server_flow(server),
				    .dir = DIR_S2X,
				    .from = m->from.uri.raw,
				    .to = m->uri.raw,
				    .sip = status,
				    .why = map_reason(why)->word,
				    .detail = m->method_word });
	sipside_server_reply(server, &(struct sipside_reply){
					     .status = status,
					     .headers = header_lines_of_refusal(all->locate, &r),
				     });
}

struct sipside_usage *requests_new_usage(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind,
	struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_usage *u = usage_create(all, d, kind);
	struct sipside_party contact;

	u->asked = u->established = true;
	if (!dialog_init_called(&u->dialog, m, sipside_server_tag(server), all->locate)) {
		bool none = !sipside_msg_contact(m, &contact);

		requests_refuse(all, server, m, none ? 400 : 513, none ? REASON_BAD_REQUEST : REASON_TOO_LARGE);
	} else if (!usage_register(u)) {
		requests_refuse(all, server, m, 500, REASON_TOO_MANY);
	} else {
		return u;
	}
	usage_gone(u);
	return NULL;
}

struct sipside_request *requests_forming_ticket(
	struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_request *t = ticket_create(u->all, u->domain, u, server, m);

	t->forms = true;
	usage_work(u)->ticket = t;
	return t;
}

/* -- Outside any dialog */

/* Whom to believe: what a trusted peer asserts, else From (RFC 3325). Peers that may not speak are gone already. */
static struct sipside_party identity(const struct sipside_msg *m)
{
	struct sipside_walk at = { 0 };
	struct sipside_party party;
	struct str value;

	while (sipside_msg_each(m, HDR_P_ASSERTED_IDENTITY, &at, &value))
		if (sipside_msg_party(m, value, &party) && party.uri.as.user.n && party.uri.as.host.n)
			return party;
	return m->from;
}

void requests_outside(struct usages *all, struct sipside_server *server, const struct sipside_msg *m)
{
	const struct sipside_party from = identity(m);
	struct sipside_domain *d = locate_domain(all->locate, from.uri.as.host);

	if (!d || !domain_allows(d, sipside_server_source(server))) {
		requests_refuse(all, server, m, 403, d ? REASON_NOT_ALLOWED : REASON_NOT_OURS);
		return;
	}
	bool orphan = m->to.tag.n > 0; /* addressed to our Contact, which names nobody */

	if (!orphan && (!m->uri.as.user.n || !domain_serves(d, m->uri.as.host))) {
		requests_refuse(all, server, m, 404, m->uri.as.user.n ? REASON_NOT_OURS : REASON_BAD_ADDRESS);
		return;
	}
	if (m->method == S_INVITE) {
		session_invited(all, d, server, m, &from);
	} else if (m->method == S_SUBSCRIBE) {
		notifier_subscribed(all, d, server, m, &from);
	} else {
		struct s_request r = ticket_request(server, m, &from);
		struct sipside_request *t = ticket_create(all, d, NULL, server, m);

		r.orphan = orphan;
		all->handlers->message(all->arg, d, t, &r);
	}
}

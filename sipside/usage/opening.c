/* SPDX-License-Identifier: MIT */
#include "sipside/usage/opening.h"

#include "sipside/usage/header_lines.h"

static bool fill_dialog(struct usages *all, struct dialog *d, const struct s_request *r)
{
	const struct env *env = all->env;
	const struct s_uri to = { .user = r->to.user, .host = r->to.host, .gruu = r->to.gruu };
	const struct dialog_caller c = {
		.call_id = header_call_id(all->locate, r->call_id),
		.from = header_party(env, r->display, &r->from),
		.tag = own_mark_tag(&all->locate->mark, env),
		.to = header_party(env, STR_NONE, &to),
		.target = header_uri(env, &to),
	};

	return c.target.n && dialog_init_caller(d, env, &c);
}

struct sipside_usage *opening_create(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind,
	const struct s_request *r, enum reason *why)
{
	struct sipside_usage *u;

	*why = all->closing ? REASON_SHUTTING_DOWN : REASON_NO_ROUTE;
	if (all->closing || !d->configured || !d->rows->routes_count)
		return NULL;
	u = usage_create(all, d, kind);
	*why = REASON_BAD_ADDRESS;
	if (fill_dialog(all, &u->dialog, r)) {
		*why = REASON_TOO_MANY;
		if (usage_register(u)) {
			*why = REASON_NONE;
			return u;
		}
	}
	usage_gone(u);
	return NULL;
}

void opening_send(struct sipside_usage *u, const struct s_request *r, struct str lines, struct s_body body,
	const struct attempt_owner *owner)
{
	bool reserve;
	const struct dialog_request numbered = {
		.method = r->method,
		.cseq = dialog_next_cseq(&u->dialog, &reserve), /* saved with the dialog, once there is one */
		.hops = r->hops,
		.lines = lines,
		.body = body,
	};
	struct sipside_outgoing out;
	struct str hop;

	dialog_compose(u->all->env, &u->dialog, &numbered, &out, &hop);
	const struct attempt_order order = {
		.request = &out, .cseq = &u->dialog.local_cseq, .contact = true, .record_route = true
	};

	usage_hold(u);
	usage_work(u)->opening = attempt_send(u->domain, &order, owner, u);
}

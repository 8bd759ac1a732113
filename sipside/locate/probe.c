/* SPDX-License-Identifier: MIT */
#include "sipside/locate/probe.h"

#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "sipside/syntax/header_values.h"

struct probe {
	struct attempt *attempt;
	sipside_done *done;
	void *arg;
};

static void finish(struct probe *p, const struct s_result *r)
{
	sipside_done *done = p->done;
	void *arg = p->arg;

	free(p);
	if (done)
		done(arg, r);
}

static void answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	(void)from;
	if (m->status < 200)
		return;
	finish(arg, &(struct s_result){ .why = m->status < 300 ? REASON_NONE : REASON_SIP_STATUS,
			    .status = m->status,
			    .words = m->phrase,
			    .retry_after_s = sipside_msg_retry_after(m),
			    .expires_s = -1 });
}

static void failed(void *arg, enum reason why, struct str words, bool not_processed)
{
	finish(arg, &(struct s_result){ .why = why, .words = words, .expires_s = -1, .not_processed = not_processed });
}

static const struct attempt_owner probe_owner = { .answer = answered, .failed = failed };

struct probe *probe_start(struct sipside_domain *d, struct route *r, sipside_done *done, void *arg)
{
	struct locate *l = d->locate;
	bool v6 = str_find(r->to.host, ':') < r->to.host.n;
	struct str host =
		arena_printf(l->env->turn, "sip:%s" STR_FMT "%s", v6 ? "[" : "", STR_ARG(r->to.host), v6 ? "]" : "");
	const struct sipside_outgoing request = {
		.method = S_OPTIONS,
		.uri = host,
		.headers = arena_printf(l->env->turn,
			"Max-Forwards: 70\r\nFrom: <sip:" STR_FMT ">;tag=" STR_FMT "\r\nTo: <" STR_FMT
			">\r\nCall-ID: " STR_FMT "@" STR_FMT "\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\n",
			STR_ARG(l->node), STR_ARG(own_mark_tag(&l->mark, l->env)), STR_ARG(host),
			STR_ARG(env_token(l->env, 8)), STR_ARG(l->node)),
	};
	const struct attempt_order order = { .request = &request, .only = r, .contact = true };
	struct probe *p = alloc_zero(sizeof(*p));

	p->done = done;
	p->arg = arg;
	p->attempt = attempt_send(d, &order, &probe_owner, p);
	return p;
}

void probe_forget(struct probe *p)
{
	attempt_abandon(p->attempt);
	free(p);
}

enum reason probe_send(struct sipside_domain *d, struct str name, sipside_done *done, void *arg)
{
	struct route *r = domain_route(d, name);

	if (!r)
		return REASON_NO_ROUTE;
	probe_start(d, r, done, arg);
	return REASON_NONE;
}

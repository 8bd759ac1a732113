/* SPDX-License-Identifier: MIT */
#include "xmppside/dispatch.h"

#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/syntax/stanza_print.h"

static void malformed(struct xmppside_link *link, const struct xmppside_element *e, struct str what)
{
	env_event(link->env, &(struct event){ .kind = EVENT_MALFORMED,
				     .from = xmppside_attr(e, STR("from")),
				     .to = xmppside_attr(e, STR("to")),
				     .detail = what });
}

static void on_message(struct xmppside_link *link, const struct xmppside_element *e, struct arena *a)
{
	const struct xmppside_handlers *handlers = link->x->handlers;
	struct x_message m;

	if (!xmppside_parse_message(a, e, &m)) {
		malformed(link, e, STR("a message without valid addresses"));
		return;
	}
	m.flow = env_flow(link->env);
	if (m.type != X_TYPE_ERROR)
		handlers->message(link->x->arg, link, &m);
	else if (!xmppside_deliveries_refuse(&link->deliveries, &m))
		handlers->refused_late(link->x->arg, link, &m);
}

static void on_presence(struct xmppside_link *link, const struct xmppside_element *e, struct arena *a)
{
	struct x_presence p;

	if (!xmppside_parse_presence(a, e, &p)) {
		malformed(link, e, STR("a presence without valid addresses or type"));
		return;
	}
	p.flow = env_flow(link->env);
	link->x->handlers->presence(link->x->arg, link, &p);
}

static bool is_request(const struct xmppside_element *iq)
{
	struct str type = xmppside_attr(iq, STR("type"));

	return str_eq(type, STR("get")) || str_eq(type, STR("set"));
}

static bool is_answer(const struct xmppside_element *iq)
{
	struct str type = xmppside_attr(iq, STR("type"));

	return str_eq(type, STR("result")) || str_eq(type, STR("error"));
}

/* An answer needs an address to go to and one to come from. */
static bool has_addresses(const struct xmppside_element *e)
{
	struct x_jid jid;

	return xmppside_jid_split(xmppside_attr(e, STR("from")), &jid) &&
	       xmppside_jid_split(xmppside_attr(e, STR("to")), &jid);
}

static void on_iq(struct xmppside_link *link, const struct xmppside_element *e)
{
	struct buf *out = xmppside_link_out(link);

	if (is_answer(e))
		xmppside_iq_answer(&link->iqs, e);
	else if (!has_addresses(e))
		malformed(link, e, STR("an iq without valid addresses"));
	else if (is_request(e))
		xmppside_features_answer(&link->x->features, e, out);
	else
		xmppside_features_refuse(&link->x->features, e, "bad-request", out);
}

/* What was too large to be read is refused as a whole, where an answer is allowed. */
static void on_oversized(struct xmppside_link *link, const struct xmppside_element *e)
{
	bool is_message = str_eq(e->name, STR("message")) && !str_eq(xmppside_attr(e, STR("type")), STR("error"));
	bool is_iq = str_eq(e->name, STR("iq")) && is_request(e);

	malformed(link, e, STR("a stanza of too many elements, or too deep"));
	if ((is_message || is_iq) && has_addresses(e))
		xmppside_features_refuse(&link->x->features, e, "policy-violation", xmppside_link_out(link));
}

void xmppside_dispatch(struct xmppside_link *link, const struct xmppside_element *e, struct arena *a, bool whole)
{
	if (!str_eq(e->ns, STR(NS_COMPONENT)) && !str_eq(e->ns, STR(NS_CLIENT)))
		malformed(link, e, STR("an element that is no stanza"));
	else if (!whole)
		on_oversized(link, e);
	else if (str_eq(e->name, STR("message")))
		on_message(link, e, a);
	else if (str_eq(e->name, STR("presence")))
		on_presence(link, e, a);
	else if (str_eq(e->name, STR("iq")))
		on_iq(link, e);
	else
		malformed(link, e, STR("an element that is no stanza"));
}

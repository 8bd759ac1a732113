/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/uas/uas.h"
#include "mapping/base/alloc.h"
#include "mapping/reason.h"

#include <stdlib.h>

enum { SHOWN_METHOD = 32, SHOWN_HOST = 128 }; /* bytes of them in the log */

struct sipside_uas {
	const struct env *env;
	struct sipside_uas_handlers handlers;
	void *arg;
	struct str node;
	const struct own_mark *mark;
	unsigned retry_after_s;
};

struct sipside_uas *sipside_uas_create(const struct env *env, const struct sipside_uas_config *config,
	const struct sipside_uas_handlers *handlers, void *arg)
{
	struct sipside_uas *u = alloc_zero(sizeof(*u));

	*u = (struct sipside_uas){ .env = env, .handlers = *handlers, .arg = arg };
	u->node = alloc_str(config->node);
	u->mark = config->mark;
	u->retry_after_s = config->retry_after_s ? config->retry_after_s : 10;
	return u;
}

void sipside_uas_destroy(struct sipside_uas *u)
{
	if (!u)
		return;
	alloc_str_free(&u->node);
	free(u);
}

struct str sipside_uas_allow(void)
{
	return STR("Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, SUBSCRIBE, NOTIFY, UPDATE\r\n");
}

struct str sipside_uas_allow_events(void)
{
	return STR("Allow-Events: presence\r\n");
}

struct str sipside_uas_accept(void)
{
	return STR("Accept: text/plain, text/html, text/rtf, application/sdp, application/pidf+xml, "
		   "application/im-iscomposing+xml, application/xml, multipart/alternative\r\n");
}

static enum reason reason_of(int status)
{
	switch (status) {
	case 403:
		return REASON_NOT_ALLOWED;
	case 404:
		return REASON_NOT_OURS;
	case 415:
		return REASON_BAD_CONTENT;
	case 416:
		return REASON_BAD_ADDRESS;
	case 481:
		return REASON_NO_SESSION;
	case 482:
	case 483:
		return REASON_LOOP;
	case 503:
		return REASON_LINK_DOWN;
	default:
		return REASON_NOT_SUPPORTED;
	}
}

/* For who has to change the configuration: the word that is missing in it. Strangers' words are cut short. */
static struct str detail_of(
	const struct sipside_uas *u, const struct sipside_server *t, const struct sipside_msg *m, int status)
{
	struct arena *a = u->env->turn;
	struct str method = str_cut(m->method_word, 0, SHOWN_METHOD);

	if (status == 403)
		return arena_printf(a, STR_FMT " from " STR_FMT ": not a route's host nor in allow", STR_ARG(method),
			STR_ARG(sipside_target_text(u->env, sipside_server_source(t))));
	if (status == 404)
		return arena_printf(a, STR_FMT ": no domain serves " STR_FMT, STR_ARG(method),
			STR_ARG(str_cut(m->uri.as.host, 0, SHOWN_HOST)));
	return method;
}

static void refuse(
	struct sipside_uas *u, struct sipside_server *t, const struct sipside_msg *m, int status, struct str headers)
{
	env_event(u->env, &(struct event){ .kind = EVENT_REFUSED,
				  .flow = sipside_server_flow(t),
				  .dir = DIR_S2X,
				  .from = m->from.uri.raw,
				  .to = m->uri.raw,
				  .sip = status,
				  .why = map_reason(reason_of(status))->word,
				  .detail = detail_of(u, t, m, status) });
	const struct sipside_reply reply = { .status = status, .headers = headers };

	if (status == 403) /* a stranger shall not fill our memory */
		sipside_server_brush_off(t, &reply);
	else
		sipside_server_reply(t, &reply);
}

/* What each method may be. BENOTIFY is never answered; SERVICE, NEGOTIATE and the others of a registrar or a proxy
 * exist but not here: 405 names what does (RFC 3261 8.2.1). */
enum place { NOWHERE, ANYWHERE, INSIDE_ONLY, OUR_OWN, SILENT, UNHEARD_OF };
static const enum place places[S_METHODS] = {
	[S_INVITE] = ANYWHERE,
	[S_ACK] = SILENT,
	[S_BYE] = INSIDE_ONLY,
	[S_CANCEL] = SILENT,
	[S_OPTIONS] = OUR_OWN,
	[S_MESSAGE] = ANYWHERE,
	[S_INFO] = INSIDE_ONLY,
	[S_SUBSCRIBE] = ANYWHERE,
	[S_NOTIFY] = INSIDE_ONLY,
	[S_BENOTIFY] = SILENT,
	[S_UPDATE] = INSIDE_ONLY,
	[S_PRACK] = NOWHERE,
	[S_REFER] = NOWHERE,
	[S_PUBLISH] = NOWHERE,
	[S_REGISTER] = NOWHERE,
	[S_SERVICE] = NOWHERE,
	[S_NEGOTIATE] = NOWHERE,
	[S_METHOD_UNKNOWN] = UNHEARD_OF,
};

static bool is_sip(struct str scheme)
{
	return str_eq(scheme, STR("sip")) || str_eq(scheme, STR("sips"));
}

/* Lync requires eventlist in NOTIFYs that carry a single document (RFC 4662 has its list in the body's type). */
static bool is_harmless(const struct sipside_msg *m, struct str tag)
{
	return m->method == S_NOTIFY && m->to.tag.n && str_eq_nocase(tag, STR("eventlist"));
}

/* Option tags in Require that we cannot honour. Proxy-Require is for proxies (RFC 3261 8.2.2.3, 20.29). */
static struct str unsupported(const struct sipside_uas *u, const struct sipside_msg *m)
{
	struct sipside_walk at = { 0 };
	struct buf list = { 0 };
	struct str tag, all;

	while (sipside_msg_each(m, HDR_REQUIRE, &at, &tag)) {
		if (is_harmless(m, tag))
			continue;
		if (list.n)
			buf_lit(&list, ", ");
		buf_add(&list, tag);
	}
	all = list.n ? arena_str(u->env->turn, buf_str(&list)) : STR_NONE;
	buf_finish(&list);
	return all;
}

/* sent-by is the word after the last blank in front of the parameters. */
static struct str sent_by(struct str via)
{
	struct str rest = str_trim(str_cut(via, 0, str_find(via, ';')));
	size_t space = rest.n;

	while (space > 0 && rest.p[space - 1] > ' ')
		space--;
	return str_cut(rest, space, rest.n);
}

/* RFC 3261 18.1.1: "SIP/2.0/TLS host" without a port. */
static uint64_t usual_port(struct str via)
{
	str_next(&via, '/');
	str_next(&via, '/');
	via = str_trim(via);
	return str_starts_nocase(via, STR("TLS")) && via.n > 3 && (unsigned char)via.p[3] <= ' ' ? 5061 : 5060;
}

/* The host alone does not make it ours: a peer may run on the same machine. */
static bool names_us(const struct sipside_uas *u, struct str via)
{
	struct str by = sent_by(str_trim(via));
	uint64_t port = usual_port(via);

	if (!str_starts_nocase(by, u->node))
		return false;
	struct str rest = str_trim(str_cut(by, u->node.n, by.n));

	if (rest.n && (rest.p[0] != ':' || !str_number(str_trim(str_cut(rest, 1, rest.n)), UINT16_MAX, &port)))
		return false;
	return !u->handlers.our_port || u->handlers.our_port(u->arg, (uint16_t)port);
}

/* RFC 3261 16.3: our own Via, a From tag of ours, our own name as the sender: the peer sent back what it does not know. */
static bool has_looped(const struct sipside_uas *u, const struct sipside_msg *m)
{
	struct sipside_walk at = { 0 };
	struct str via;

	while (u->node.n && sipside_msg_each(m, HDR_VIA, &at, &via))
		if (names_us(u, via))
			return true;
	return u->mark &&
	       (own_mark_made(u->mark, m->from.tag) || own_mark_in_agent(u->mark, sipside_msg_text(m, HDR_USER_AGENT)));
}

static struct str retry_after(const struct sipside_uas *u)
{
	return arena_printf(u->env->turn, "Retry-After: %u\r\n", u->retry_after_s);
}

static void answer_options(struct sipside_uas *u, struct sipside_server *t)
{
	bool up = u->handlers.in_service(u->arg);
	struct str can = arena_printf(u->env->turn, STR_FMT STR_FMT STR_FMT, STR_ARG(sipside_uas_allow()),
		STR_ARG(sipside_uas_allow_events()), STR_ARG(sipside_uas_accept()));

	sipside_server_reply(
		t, &(struct sipside_reply){ .status = up ? 200 : 503, .headers = up ? can : retry_after(u) });
}

/* RFC 3261 8.2.3: no coding of a body is understood here. */
static bool is_encoded(const struct sipside_msg *m)
{
	struct str coding = sipside_msg_text(m, HDR_CONTENT_ENCODING);

	return m->body.n && coding.n && !str_eq_nocase(coding, STR("identity"));
}

/* The order of RFC 3261 8.2. 0: go on; else the status, with its headers. */
static int judge(
	const struct sipside_uas *u, const struct sipside_server *t, const struct sipside_msg *m, struct str *headers)
{
	enum place place = places[m->method];
	struct str missing;

	*headers = STR_NONE;
	if (!u->handlers.peer_allowed(u->arg, sipside_server_source(t), m))
		return 403;
	if (place == NOWHERE || place == UNHEARD_OF) {
		*headers = sipside_uas_allow();
		return place == NOWHERE ? 405 : 501;
	}
	if (!is_sip(m->uri.scheme))
		return 416;
	if (!m->to.tag.n && !u->handlers.serves(u->arg, m->uri.as.host))
		return 404;
	missing = unsupported(u, m);
	if (missing.n) {
		*headers = arena_printf(u->env->turn, "Unsupported: " STR_FMT "\r\n", STR_ARG(missing));
		return 420;
	}
	if (is_encoded(m)) {
		*headers = STR("Accept-Encoding: identity\r\n");
		return 415;
	}
	return 0;
}

static bool other_event(const struct sipside_msg *m)
{
	struct sipside_event e;

	return m->method == S_SUBSCRIBE && (!sipside_msg_event(m, &e) || !str_eq_nocase(e.package, STR("presence")));
}

static int judge_outside(const struct sipside_uas *u, const struct sipside_msg *m, struct str *headers)
{
	if (places[m->method] == INSIDE_ONLY)
		return 481;
	if (has_looped(u, m))
		return 482;
	if (m->max_forwards == 0)
		return 483;
	if (other_event(m)) {
		*headers = sipside_uas_allow_events();
		return 489;
	}
	/* A MESSAGE may be one that was delivered before and is sent again; who keeps count of them answers it. */
	if (m->method != S_MESSAGE && !u->handlers.in_service(u->arg)) {
		*headers = retry_after(u);
		return 503;
	}
	return 0;
}

void sipside_uas_request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	struct sipside_uas *u = arg;
	struct str headers;

	if (places[m->method] == SILENT) {
		bool heard = m->method == S_BENOTIFY && u->handlers.peer_allowed(u->arg, sipside_server_source(t), m) &&
			     u->handlers.inside(u->arg, t, m);

		if (!heard)
			sipside_server_drop(t);
		return;
	}
	int status = judge(u, t, m, &headers);

	if (status) {
		refuse(u, t, m, status, headers);
		return;
	}
	if (m->method == S_OPTIONS && !m->to.tag.n) {
		answer_options(u, t);
		return;
	}
	if (u->handlers.inside(u->arg, t, m))
		return;
	/* A MESSAGE whose dialog is gone may have been delivered in it; who keeps count of them answers it. */
	bool orphan = m->to.tag.n && m->method == S_MESSAGE;

	if (!orphan)
		status = m->to.tag.n ? 481 : judge_outside(u, m, &headers);
	if (status)
		refuse(u, t, m, status, headers);
	else
		u->handlers.outside(u->arg, t, m);
}

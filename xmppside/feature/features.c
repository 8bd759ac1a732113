/* SPDX-License-Identifier: MIT */
#include "xmppside/feature/features.h"

#include <string.h>
#include "mapping/base/alloc.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_model.h"
#include "xmppside/syntax/stanza_parse.h"

static void ping(struct feature_request *r)
{
	(void)r; /* XEP-0199: an empty result */
}

static void add_leaf(struct feature_request *r, const char *name, const char *text)
{
	xmpp_stanza_t *leaf = xmpp_stanza_new(r->ctx), *run = xmpp_stanza_new(r->ctx);

	xmpp_stanza_set_name(leaf, name);
	xmpp_stanza_set_text(run, text);
	xmpp_stanza_add_child_ex(leaf, run, 0);
	xmpp_stanza_add_child_ex(r->answer, leaf, 0);
}

/* XEP-0092 */
static void version(struct feature_request *r)
{
	r->answer = xmpp_stanza_new(r->ctx);
	xmpp_stanza_set_name(r->answer, "query");
	xmpp_stanza_set_ns(r->answer, NS_VERSION);
	add_leaf(r, "name", "Tombolo");
	add_leaf(r, "version", TOMBOLO_VERSION);
}

static const struct {
	const char *ns, *name;
	void (*get)(struct feature_request *r);
} rows[] = {
	{ NS_PING, "ping", ping },
	{ NS_VERSION, "query", version },
	{ NS_DISCO_INFO, "query", feature_disco_info },
	{ NS_DISCO_ITEMS, "query", feature_disco_items },
};

static void run_row(struct feature_request *r)
{
	const char *ns = xmpp_stanza_get_ns(r->payload), *name = xmpp_stanza_get_name(r->payload);

	for (size_t i = 0; ns && name && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(ns, rows[i].ns) == 0 && strcmp(name, rows[i].name) == 0) {
			rows[i].get(r);
			return;
		}
	r->error = "service-unavailable";
}

static enum feature_whom whom(const struct xmppside_element *iq)
{
	struct x_jid to = { .node = STR_NONE };

	xmppside_jid_split(xmppside_attr(iq, STR("to")), &to);
	if (to.node.n == 0)
		return FEATURE_GATEWAY;
	return to.resource.n ? FEATURE_CLIENT : FEATURE_ACCOUNT;
}

static const char *error_type(const char *condition)
{
	if (strcmp(condition, "bad-request") == 0 || strcmp(condition, "policy-violation") == 0)
		return "modify";
	return "cancel";
}

static void print_error(xmpp_ctx_t *ctx, xmpp_stanza_t *request, const char *condition, struct buf *out)
{
	xmpp_stanza_t *answer = xmpp_stanza_reply_error(request, error_type(condition), condition, NULL);

	if (!answer)
		alloc_failed(0);
	/* libstrophe leaves `from` out, for clients; a component has to say who it is. */
	xmpp_stanza_set_from(answer, xmpp_stanza_get_to(request));
	xmppside_model_print(ctx, out, answer);
}

static void print_result(xmpp_ctx_t *ctx, xmpp_stanza_t *request, xmpp_stanza_t *payload, struct buf *out)
{
	xmpp_stanza_t *answer = xmpp_stanza_reply(request);

	if (!answer)
		alloc_failed(0);
	xmpp_stanza_set_from(answer, xmpp_stanza_get_to(request));
	xmpp_stanza_set_type(answer, "result");
	if (payload)
		xmpp_stanza_add_child_ex(answer, payload, 0);
	xmppside_model_print(ctx, out, answer);
}

/* RFC 6120 8.2.3: a request has exactly one child. */
static xmpp_stanza_t *only_child(xmpp_stanza_t *iq)
{
	xmpp_stanza_t *found = NULL;

	for (xmpp_stanza_t *c = xmpp_stanza_get_children(iq); c; c = xmpp_stanza_get_next(c)) {
		if (!xmpp_stanza_is_tag(c))
			continue;
		if (found)
			return NULL;
		found = c;
	}
	return found;
}

void xmppside_features_answer(const struct xmppside_features *f, const struct xmppside_element *iq, struct buf *out)
{
	xmpp_stanza_t *request = xmppside_model(f->ctx, iq);
	struct feature_request r = { .ctx = f->ctx, .features = f, .payload = only_child(request), .whom = whom(iq) };

	if (!r.payload)
		r.error = "bad-request";
	else if (!str_eq(xmppside_attr(iq, STR("type")), STR("get")))
		r.error = "service-unavailable"; /* nothing here can be set */
	else
		run_row(&r);
	if (r.error)
		print_error(f->ctx, request, r.error, out);
	else
		print_result(f->ctx, request, r.answer, out);
	xmpp_stanza_release(request);
}

void xmppside_features_refuse(
	const struct xmppside_features *f, const struct xmppside_element *iq, const char *condition, struct buf *out)
{
	xmpp_stanza_t *request = xmppside_model(f->ctx, iq);

	print_error(f->ctx, request, condition, out);
	xmpp_stanza_release(request);
}

void xmppside_features_init(struct xmppside_features *f)
{
	*f = (struct xmppside_features){ .ctx = xmpp_ctx_new(NULL, NULL) };
	if (!f->ctx)
		alloc_failed(0);
	feature_disco_caps(f);
}

void xmppside_features_finish(struct xmppside_features *f)
{
	alloc_str_free(&f->caps);
	alloc_str_free(&f->caps_node);
	xmpp_ctx_free(f->ctx);
}

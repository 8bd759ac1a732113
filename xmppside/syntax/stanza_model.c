/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/stanza_model.h"

static xmpp_stanza_t *shallow(xmpp_ctx_t *ctx, const struct xmppside_element *e)
{
	xmpp_stanza_t *s = xmpp_stanza_new(ctx);

	if (e->name.n == 0) {
		xmpp_stanza_set_text_with_size(s, e->text.p, e->text.n);
		return s;
	}
	xmpp_stanza_set_name(s, e->name.p);
	for (const struct xmppside_attr *at = e->attrs; at; at = at->next)
		xmpp_stanza_set_attribute(s, at->name.p, at->value.p);
	/* A stanza's own namespace is the stream's. ns.p ends at a separator, not at a NUL. */
	if (e->ns.n && e->parent) {
		struct buf ns = { 0 };

		buf_add(&ns, e->ns);
		buf_addc(&ns, '\0');
		xmpp_stanza_set_ns(s, ns.p);
		buf_finish(&ns);
	}
	return s;
}

xmpp_stanza_t *xmppside_model(xmpp_ctx_t *ctx, const struct xmppside_element *e)
{
	xmpp_stanza_t *s = shallow(ctx, e);

	for (const struct xmppside_element *c = e->first; c; c = c->next)
		xmpp_stanza_add_child_ex(s, xmppside_model(ctx, c), 0);
	return s;
}

void xmppside_model_print(xmpp_ctx_t *ctx, struct buf *out, xmpp_stanza_t *stanza)
{
	char *text = NULL;
	size_t n = 0;

	if (xmpp_stanza_to_text(stanza, &text, &n) == XMPP_EOK) {
		buf_add(out, (struct str){ text, n });
		xmpp_free(ctx, text);
	}
	xmpp_stanza_release(stanza);
}

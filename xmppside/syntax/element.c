/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/element.h"

#include <string.h>

struct str xmppside_attr(const struct xmppside_element *e, struct str name)
{
	for (const struct xmppside_attr *at = e->attrs; at; at = at->next)
		if (str_eq(at->name, name))
			return at->value;
	return STR_NONE;
}

bool xmppside_is(const struct xmppside_element *e, struct str name, struct str ns)
{
	return str_eq(e->name, name) && str_eq(e->ns, ns);
}

struct xmppside_element *xmppside_child(const struct xmppside_element *e, struct str name, struct str ns)
{
	for (struct xmppside_element *at = e->first; at; at = at->next)
		if (xmppside_is(at, name, ns))
			return at;
	return NULL;
}

struct xmppside_element *xmppside_next_element(struct xmppside_element *e)
{
	while (e && e->name.n == 0)
		e = e->next;
	return e;
}

struct str xmppside_text(struct arena *a, const struct xmppside_element *e)
{
	size_t runs = 0, bytes = 0, at = 0;

	for (const struct xmppside_element *c = e->first; c; c = c->next)
		if (c->name.n == 0) {
			runs++;
			bytes += c->text.n;
		}
	if (runs == 0)
		return STR_NONE;
	if (runs == 1 && e->first->name.n == 0)
		return e->first->text;
	char *joined = arena_alloc(a, bytes + 1);

	for (const struct xmppside_element *c = e->first; c; c = c->next)
		if (c->name.n == 0) {
			memcpy(joined + at, c->text.p, c->text.n);
			at += c->text.n;
		}
	return (struct str){ joined, bytes };
}

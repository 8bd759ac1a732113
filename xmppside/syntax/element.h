/* SPDX-License-Identifier: MIT */
/* An element of a stanza as stanza_reader leaves it: a small tree in an arena, strings NUL-terminated behind their n
 * bytes. Namespaces are resolved; prefixes are gone. */
#ifndef TOMBOLO_ELEMENT_H
#define TOMBOLO_ELEMENT_H

#include "mapping/base/arena.h"

struct xmppside_attr {
	struct xmppside_attr *next;
	struct str name; /* "xml:lang" for that one; other prefixed attributes are not kept */
	struct str value;
};

struct xmppside_element {
	struct xmppside_element *parent, *first, *last, *next;
	struct xmppside_attr *attrs;
	struct str name, ns; /* an empty name: a run of text */
	struct str text; /* of a run of text only */
};

/* The value, or the empty string where there is no such attribute; .p tells the two apart. */
struct str xmppside_attr(const struct xmppside_element *e, struct str name);
/* The first child element of that name and namespace, or NULL. */
struct xmppside_element *xmppside_child(const struct xmppside_element *e, struct str name, struct str ns);
/* The first child that is an element and no text, from e on: e itself, or a later sibling, or NULL. */
struct xmppside_element *xmppside_next_element(struct xmppside_element *e);
/* The element's own character data, its child elements' left out; borrowed from the tree where it is one run. */
struct str xmppside_text(struct arena *a, const struct xmppside_element *e);
bool xmppside_is(const struct xmppside_element *e, struct str name, struct str ns);

#endif

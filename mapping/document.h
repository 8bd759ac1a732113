/* SPDX-License-Identifier: MIT */
/* Small XML documents as trees, and text for those we write (XML 1.0, Namespaces in XML). */
#ifndef TOMBOLO_DOCUMENT_H
#define TOMBOLO_DOCUMENT_H

#include "mapping/base/arena.h"

enum {
	MAP_DOCUMENT_BYTES = 64 * 1024,
	MAP_DOCUMENT_DEPTH = 32,
	MAP_DOCUMENT_ELEMENTS = 1024,
	MAP_DOCUMENT_ATTRIBUTES = 32, /* of one element */
	MAP_DOCUMENT_EQUALS = 1536, /* `=` in the whole document: attributes, namespaces, and what text has of them */
	MAP_DOCUMENT_NAME_BYTES = 256 /* of a namespace, and of a name with its namespace */
};

struct map_attribute {
	const struct map_attribute *next;
	struct str name, space, value; /* local name; namespace, empty for most attributes */
};
struct map_element {
	struct map_element *parent, *child, *next; /* first child, next sibling, in document order */
	const struct map_attribute *attributes;
	struct str name, space; /* local name and namespace */
	struct str text; /* all character data directly inside, in one piece */
	size_t text_room; /* the reader's own: bytes that text.p has */
};

/* The root, living in `a` as all of the tree does; NULL: not well-formed, over a cap, or with a DOCTYPE. The encoding is
 * what the bytes are, whatever the declaration says: "utf-16" has been seen on UTF-8. */
const struct map_element *map_document_read(struct arena *a, struct str bytes);

/* All by local name alone: peers disagree on namespaces more than on names. */
const struct map_element *map_document_child(const struct map_element *e, struct str name); /* NULL: none */
const struct map_element *map_document_next(const struct map_element *e, struct str name); /* a later sibling */
struct str map_document_attribute(const struct map_element *e, struct str name); /* empty: absent */
/* The element after `e` in document order within `top`; NULL: that was the last. */
const struct map_element *map_document_walk(const struct map_element *top, const struct map_element *e);

/* `text` as character data or between quotes; what XML cannot carry becomes U+FFFD. */
void map_document_escape(struct buf *b, struct str text);

#endif

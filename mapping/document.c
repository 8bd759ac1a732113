/* SPDX-License-Identifier: MIT */
#include "mapping/document.h"
#include "mapping/base/hash.h"
#include "mapping/text.h"

#include <expat.h>
#include <string.h>

enum { SEPARATOR = '\n' }; /* between namespace and local name; no name can hold it */

struct reading {
	struct arena *arena;
	XML_Parser parser;
	struct map_element *root, *open, **place; /* where the next element is hung up */
	unsigned depth, elements;
	bool refused;
};

static void refuse(struct reading *r)
{
	r->refused = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static bool read_name(struct reading *r, const char *name, struct str *local, struct str *space)
{
	size_t n = strnlen(name, MAP_DOCUMENT_NAME_BYTES + 1);

	if (n > MAP_DOCUMENT_NAME_BYTES)
		return false;
	struct str whole = arena_str(r->arena, (struct str){ name, n });
	size_t end = str_find(whole, SEPARATOR);

	*space = end < n ? str_cut(whole, 0, end) : STR_NONE;
	*local = end < n ? str_cut(whole, end + 1, n) : whole;
	return true;
}

static bool read_attributes(struct reading *r, struct map_element *e, const char **pairs)
{
	unsigned count = 0;

	for (; pairs[0]; pairs += 2) {
		struct map_attribute *made = arena_alloc(r->arena, sizeof(*made));

		if (++count > MAP_DOCUMENT_ATTRIBUTES || !read_name(r, pairs[0], &made->name, &made->space))
			return false;
		made->value = arena_str(r->arena, str_c(pairs[1]));
		made->next = e->attributes;
		e->attributes = made;
	}
	return true;
}

static void on_start(void *arg, const char *name, const char **pairs)
{
	struct reading *r = arg;

	if (r->refused)
		return;
	if (++r->depth > MAP_DOCUMENT_DEPTH || ++r->elements > MAP_DOCUMENT_ELEMENTS) {
		refuse(r);
		return;
	}
	struct map_element *e = arena_alloc(r->arena, sizeof(*e));

	if (!read_name(r, name, &e->name, &e->space) || !read_attributes(r, e, pairs)) {
		refuse(r);
		return;
	}
	e->parent = r->open;
	*r->place = e;
	r->place = &e->child;
	r->open = e;
}

static void on_end(void *arg, const char *name)
{
	struct reading *r = arg;

	(void)name;
	if (r->refused)
		return;
	r->depth--;
	r->place = &r->open->next;
	r->open = r->open->parent;
}

/* expat hands text over in pieces, one for each line: the room doubles, so that joining them stays linear. */
static void on_text(void *arg, const char *text, int n)
{
	struct reading *r = arg;
	struct map_element *e = r->open;
	size_t more = (size_t)n;

	if (r->refused || !e)
		return;
	if (e->text.n + more > e->text_room) {
		e->text_room = 2 * (e->text.n + more);
		char *room = arena_alloc(r->arena, e->text_room);

		if (e->text.n)
			memcpy(room, e->text.p, e->text.n);
		e->text.p = room;
	}
	memcpy((char *)e->text.p + e->text.n, text, more);
	e->text.n += more;
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	refuse(arg);
}

/* A long namespace would be copied into every name beneath it. */
static void on_namespace(void *arg, const char *prefix, const char *uri)
{
	(void)prefix;
	if (uri && strnlen(uri, MAP_DOCUMENT_NAME_BYTES) == MAP_DOCUMENT_NAME_BYTES)
		refuse(arg);
}

/* NULL leaves it to the declaration: a single-byte charset, or refused by expat. */
static const char *encoding_of(struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	if (bytes.n >= 2 && ((p[0] == 0xfe && p[1] == 0xff) || (p[0] == 0xff && p[1] == 0xfe)))
		return "UTF-16";
	if (bytes.n >= 2 && p[0] == 0 && p[1] != 0)
		return "UTF-16BE";
	if (bytes.n >= 2 && p[0] != 0 && p[1] == 0)
		return "UTF-16LE";
	return map_text_is_utf8(bytes) ? "UTF-8" : NULL;
}

/* expat reads all the attributes of an element, thousands, before a handler can stop it. */
static bool too_many_equals(struct str bytes)
{
	unsigned count = 0;

	for (size_t i = 0; i < bytes.n; i++)
		count += bytes.p[i] == '=';
	return count > MAP_DOCUMENT_EQUALS;
}

const struct map_element *map_document_read(struct arena *a, struct str bytes)
{
	struct reading r = { .arena = a };

	if (bytes.n == 0 || bytes.n > MAP_DOCUMENT_BYTES || too_many_equals(bytes))
		return NULL;
	r.place = &r.root;
	r.parser = XML_ParserCreateNS(encoding_of(bytes), SEPARATOR);
	if (!r.parser)
		return NULL;
	/* from our own secret: expat would ask the kernel for one each time, which costs more than the parsing */
	XML_SetHashSalt(r.parser, (unsigned long)hash_str(str_cut(bytes, 0, 64)) | 1);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetStartNamespaceDeclHandler(r.parser, on_namespace);
	enum XML_Status status = XML_Parse(r.parser, bytes.p, (int)bytes.n, XML_TRUE);

	XML_ParserFree(r.parser);
	return status == XML_STATUS_OK && !r.refused ? r.root : NULL;
}

const struct map_element *map_document_next(const struct map_element *e, struct str name)
{
	for (e = e->next; e; e = e->next)
		if (str_eq(e->name, name))
			return e;
	return NULL;
}

const struct map_element *map_document_child(const struct map_element *e, struct str name)
{
	if (!e || !e->child)
		return NULL;
	return str_eq(e->child->name, name) ? e->child : map_document_next(e->child, name);
}

struct str map_document_attribute(const struct map_element *e, struct str name)
{
	for (const struct map_attribute *at = e->attributes; at; at = at->next)
		if (str_eq(at->name, name))
			return at->value;
	return STR_NONE;
}

const struct map_element *map_document_walk(const struct map_element *top, const struct map_element *e)
{
	if (e->child)
		return e->child;
	while (e != top && !e->next)
		e = e->parent;
	return e == top ? NULL : e->next;
}

static struct str entity_of(char c)
{
	switch (c) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	case '\r': /* bare, it would be read back as a line feed */
		return STR("&#13;");
	default:
		return STR_NONE;
	}
}

void map_document_escape(struct buf *b, struct str text)
{
	struct arena scratch = { 0 };
	struct str clean = map_text_clean(&scratch, text);
	size_t done = 0;

	for (size_t i = 0; i < clean.n; i++) {
		struct str entity = entity_of(clean.p[i]);

		if (entity.n == 0)
			continue;
		buf_add(b, str_cut(clean, done, i));
		buf_add(b, entity);
		done = i + 1;
	}
	buf_add(b, str_cut(clean, done, clean.n));
	arena_finish(&scratch);
}

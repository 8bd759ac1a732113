/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/stanza_reader.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "xmppside/syntax/namespaces.h"

enum {
	HEADER_MAX_BYTES = 4096,
	/* Expat keeps every name it ever met until its parser ends, and a stream lasts for months: after so many nodes a
	 * new parser takes over between two stanzas. */
	PARSER_MAX_NODES = 64 * 1024,
	/* Expat scans an unfinished token again with each piece of it. The work spent on one token is bounded. */
	TOKEN_MAX_SCANNED = 64 * 1024 * 1024,
};
#define SEPARATOR '\1' /* between namespace and name; no XML document can contain it */

struct xmppside_reader {
	const struct xmppside_reader_events *events;
	void *arg;
	XML_Parser parser;
	unsigned long salt;
	struct arena arena;
	struct buf header; /* as received, for the parser that takes over */
	struct xmppside_element *at; /* innermost open element of the stanza */
	struct buf text; /* the run of text being read */
	size_t depth; /* open elements, the stream's own included */
	unsigned nodes; /* in this stanza */
	unsigned parser_nodes;
	bool passing_over;
	bool opened, replaying, renew, stopped, feeding;
	XML_Index fed; /* bytes this parser was given */
	XML_Index base; /* its position where the current stanza began */
	uint64_t quiet, scanned; /* since the last event: bytes fed, bytes expat looked at */
	struct str fault;
};

static void fail(struct xmppside_reader *r, struct str condition)
{
	if (!r->fault.n)
		r->fault = condition;
	XML_StopParser(r->parser, XML_FALSE);
}

static XML_Index position(const struct xmppside_reader *r)
{
	return XML_GetCurrentByteIndex(r->parser) + XML_GetCurrentByteCount(r->parser);
}

static bool is_over(const struct xmppside_reader *r)
{
	return r->stopped || r->fault.n;
}

static void saw_event(struct xmppside_reader *r)
{
	r->quiet = 0;
	r->scanned = 0;
}

/* One more node; false where the stanza has become one that is passed over. */
static bool count_node(struct xmppside_reader *r)
{
	if (++r->nodes > STANZA_MAX_NODES)
		r->passing_over = true;
	return !r->passing_over;
}

static void add_child(struct xmppside_element *parent, struct xmppside_element *child)
{
	child->parent = parent;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

static void end_text(struct xmppside_reader *r)
{
	if (r->text.n == 0)
		return;
	if (r->at && count_node(r)) {
		struct xmppside_element *run = arena_alloc(&r->arena, sizeof(*run));

		run->text = arena_str(&r->arena, buf_str(&r->text));
		add_child(r->at, run);
	}
	buf_clear(&r->text);
}

/* "ns\1name" or "name" */
static void split_name(struct str both, struct str *ns, struct str *name)
{
	size_t at = str_find(both, SEPARATOR);

	*ns = at < both.n ? str_cut(both, 0, at) : STR_NONE;
	*name = at < both.n ? str_cut(both, at + 1, both.n) : both;
}

/* The name we know an attribute by; empty for one that is not kept. */
static struct str attr_name(struct xmppside_reader *r, struct str full)
{
	struct str ns, name;

	split_name(full, &ns, &name);
	if (ns.n == 0)
		return arena_str(&r->arena, name);
	return str_eq(ns, STR(NS_XML)) && str_eq(name, STR("lang")) ? STR("xml:lang") : STR_NONE;
}

static void add_attrs(struct xmppside_reader *r, struct xmppside_element *e, const XML_Char **attrs)
{
	struct xmppside_attr **tail = &e->attrs;

	for (; attrs[0] && count_node(r); attrs += 2) {
		struct str name = attr_name(r, str_c(attrs[0]));

		if (name.n == 0)
			continue;
		struct xmppside_attr *attr = arena_alloc(&r->arena, sizeof(*attr));

		attr->name = name;
		attr->value = arena_str(&r->arena, str_c(attrs[1]));
		*tail = attr;
		tail = &attr->next;
	}
}

static struct xmppside_element *new_element(struct xmppside_reader *r, const XML_Char *name, const XML_Char **attrs)
{
	struct xmppside_element *e = arena_alloc(&r->arena, sizeof(*e));

	split_name(arena_str(&r->arena, str_c(name)), &e->ns, &e->name);
	add_attrs(r, e, attrs);
	return e;
}

static void open_stream(struct xmppside_reader *r, const XML_Char *name, const XML_Char **attrs)
{
	struct xmppside_element *header = new_element(r, name, attrs);

	r->base = position(r);
	if (r->replaying)
		return;
	if (!xmppside_is(header, STR("stream"), STR(NS_STREAM))) {
		fail(r, STR("invalid-namespace"));
		return;
	}
	r->opened = true;
	r->header.n = (size_t)r->base;
	r->events->opened(r->arg, header);
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct xmppside_reader *r = arg;

	if (is_over(r))
		return;
	saw_event(r);
	r->parser_nodes += 1 + (unsigned)XML_GetSpecifiedAttributeCount(r->parser) / 2;
	if (r->depth++ == 0) {
		open_stream(r, name, attrs);
		arena_reset(&r->arena);
		return;
	}
	if (r->depth == 2) {
		r->nodes = 0;
		r->passing_over = false;
		buf_clear(&r->text);
		r->base = XML_GetCurrentByteIndex(r->parser);
		r->at = new_element(r, name, attrs);
		return;
	}
	end_text(r);
	if (r->depth > STANZA_MAX_DEPTH + 2)
		r->passing_over = true;
	if (!count_node(r))
		return;
	struct xmppside_element *e = new_element(r, name, attrs);

	add_child(r->at, e);
	r->at = e;
}

/* The stanza is complete. */
static void end_stanza(struct xmppside_reader *r)
{
	struct xmppside_element *root = r->at;

	while (root->parent)
		root = root->parent;
	if (r->passing_over)
		root->first = root->last = NULL;
	r->at = NULL;
	if (position(r) - r->base > STANZA_MAX_BYTES) {
		fail(r, STR("policy-violation"));
		return;
	}
	r->events->stanza(r->arg, root, !r->passing_over);
	arena_reset(&r->arena);
	r->base = position(r);
	if (r->parser_nodes > PARSER_MAX_NODES && !is_over(r)) {
		r->renew = true;
		XML_StopParser(r->parser, XML_TRUE);
	}
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct xmppside_reader *r = arg;

	(void)name;
	if (is_over(r))
		return;
	saw_event(r);
	r->depth--;
	if (r->depth == 0) {
		r->events->ended(r->arg);
		return;
	}
	if (!r->passing_over)
		end_text(r);
	if (r->depth == 1)
		end_stanza(r);
	else if (!r->passing_over)
		r->at = r->at->parent;
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int n)
{
	struct xmppside_reader *r = arg;

	if (is_over(r))
		return;
	saw_event(r);
	if (r->depth < 2)
		r->base = position(r); /* white space that keeps the stream alive */
	else if (!r->passing_over)
		buf_add(&r->text, (struct str){ text, (size_t)n });
}

static void restricted(struct xmppside_reader *r)
{
	if (!is_over(r))
		fail(r, STR("restricted-xml"));
}

static void XMLCALL on_doctype(
	void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	restricted(arg);
}

static void XMLCALL on_instruction(void *arg, const XML_Char *target, const XML_Char *data)
{
	(void)target;
	(void)data;
	restricted(arg);
}

static void XMLCALL on_comment(void *arg, const XML_Char *data)
{
	(void)data;
	restricted(arg);
}

static void new_parser(struct xmppside_reader *r)
{
	if (r->parser)
		XML_ParserFree(r->parser);
	r->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (!r->parser)
		alloc_failed(0);
	XML_SetHashSalt(r->parser, r->salt);
	/* Else a complete stanza may wait in the parser until more bytes come. Re-scanning is bounded by us. */
	XML_SetReparseDeferralEnabled(r->parser, XML_FALSE);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetProcessingInstructionHandler(r->parser, on_instruction);
	XML_SetCommentHandler(r->parser, on_comment);
	r->fed = 0;
	r->base = 0;
	r->parser_nodes = 0;
	saw_event(r);
}

struct xmppside_reader *xmppside_reader_create(
	const struct env *env, const struct xmppside_reader_events *events, void *arg)
{
	struct xmppside_reader *r = alloc_zero(sizeof(*r));

	r->events = events;
	r->arg = arg;
	r->salt = (unsigned long)env_random_u64(env) | 1; /* 0 would let expat choose */
	new_parser(r);
	return r;
}

/* The stream goes on in a new parser, which only has to learn the header again. */
static void take_over(struct xmppside_reader *r)
{
	r->renew = false;
	new_parser(r);
	r->depth = 0;
	r->replaying = true;
	XML_Parse(r->parser, r->header.p, (int)r->header.n, 0);
	r->fed = (XML_Index)r->header.n;
	r->replaying = false;
	saw_event(r);
}

static void check_bounds(struct xmppside_reader *r)
{
	if (!r->opened && r->header.n > HEADER_MAX_BYTES)
		r->fault = STR("policy-violation");
	else if (r->fed - r->base > STANZA_MAX_BYTES)
		r->fault = STR("policy-violation");
	else if (r->scanned > TOKEN_MAX_SCANNED)
		r->fault = STR("resource-constraint");
}

/* Feeds one piece; returns how much of it was used: all, but where a new parser has to take over. */
static size_t feed_piece(struct xmppside_reader *r, struct str piece)
{
	XML_Index before = r->fed;

	if (!r->opened)
		buf_add(&r->header, piece);
	r->fed += (XML_Index)piece.n;
	r->quiet += piece.n;
	r->scanned += r->quiet;
	enum XML_Status status = XML_Parse(r->parser, piece.p, (int)piece.n, 0);

	if (is_over(r))
		return piece.n;
	if (status == XML_STATUS_ERROR) {
		r->fault = STR("not-well-formed");
		return piece.n;
	}
	if (r->renew) {
		size_t used = (size_t)(position(r) - before);

		take_over(r);
		return used;
	}
	check_bounds(r);
	return piece.n;
}

struct str xmppside_reader_feed(struct xmppside_reader *r, struct str bytes)
{
	enum { PIECE_BYTES = 64 * 1024 };

	r->feeding = true;
	while (bytes.n && !is_over(r)) {
		size_t used = feed_piece(r, str_cut(bytes, 0, PIECE_BYTES));

		bytes = str_cut(bytes, used, bytes.n);
	}
	r->feeding = false;
	return r->stopped ? STR_NONE : r->fault;
}

void xmppside_reader_stop(struct xmppside_reader *r)
{
	if (r->feeding && !is_over(r))
		XML_StopParser(r->parser, XML_FALSE);
	r->stopped = true;
}

struct arena *xmppside_reader_arena(struct xmppside_reader *r)
{
	return &r->arena;
}

void xmppside_reader_destroy(struct xmppside_reader *r)
{
	if (!r)
		return;
	XML_ParserFree(r->parser);
	arena_finish(&r->arena);
	buf_finish(&r->header);
	buf_finish(&r->text);
	free(r);
}

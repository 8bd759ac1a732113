/* SPDX-License-Identifier: MIT */
#include "component/config/config_scan.h"

#include "component/config/config_token.h"
#include "component/config/suggest.h"

/* A key seen in a block, to find it a second time. */
struct seen {
	struct seen *next;
	struct str name;
	unsigned line;
};

/* An open block: the top level, a section, or (row NULL) a section nobody knows, whose content is not judged. */
struct block {
	struct block *outer;
	const struct config_section *row;
	struct config_scan_section *section; /* NULL: the top level, or unknown */
	struct seen *seen;
	struct str name;
	unsigned line;
};

struct scanner {
	struct arena *arena;
	struct config_faults *faults;
	struct tokens tokens;
	struct block *block;
	unsigned value_line; /* of the last single value */
	struct config_scan *out;
};

/* -- Names */

static struct str where(const struct block *b)
{
	return b->outer ? b->name : STR("the file itself");
}

/* A key that is known, but stands in the wrong section. */
static const struct config_option *elsewhere(struct str name)
{
	const struct config_option *o;

	for (unsigned i = 0; (o = config_option_at(i)); i++)
		if (str_eq(o->name, name))
			return o;
	return NULL;
}

static void unknown(struct scanner *s, struct str name, unsigned line)
{
	struct suggest near = { .word = name };
	const struct config_option *o, *other = elsewhere(name);
	const struct config_section *row;
	struct str block = where(s->block);

	for (unsigned i = 0; (o = config_option_at(i)); i++)
		if (str_eq(o->section, s->block->row->name))
			suggest_try(&near, o->name);
	for (unsigned i = 1; (row = config_section_at(i)); i++)
		if (str_eq(row->parent, s->block->row->name))
			suggest_try(&near, row->name);
	if (near.best.n)
		config_fault(s->faults, line,
			"unknown key \"" STR_FMT "\" in " STR_FMT "; did you mean \"" STR_FMT "\"?", STR_ARG(name),
			STR_ARG(block), STR_ARG(near.best));
	else if (other)
		config_fault(s->faults, line,
			"unknown key \"" STR_FMT "\" in " STR_FMT "; did you mean to put it into " STR_FMT " { }?",
			STR_ARG(name), STR_ARG(block), STR_ARG(other->section.n ? other->section : STR("no section")));
	else
		config_fault(s->faults, line, "unknown key \"" STR_FMT "\" in " STR_FMT, STR_ARG(name), STR_ARG(block));
}

/* -- NAME = VALUE */

static void note_key(struct scanner *s, struct str name, unsigned line)
{
	struct seen *k;

	for (k = s->block->seen; k; k = k->next)
		if (str_eq(k->name, name)) {
			config_fault(s->faults, line, "\"" STR_FMT "\" is there twice, first in line %u", STR_ARG(name),
				k->line);
			return;
		}
	k = arena_alloc(s->arena, sizeof(*k));
	*k = (struct seen){ s->block->seen, name, line };
	s->block->seen = k;
}

/* After a fault: on to what looks like the next statement. */
static void skip_line(struct scanner *s, unsigned line)
{
	while (s->tokens.now.kind != TOKEN_END && s->tokens.now.line == line && !token_is(&s->tokens, '}'))
		token_next(&s->tokens);
}

static void blame_list(struct scanner *s, struct str name, unsigned opened)
{
	struct tokens *t = &s->tokens;

	if (token_is(t, '='))
		config_fault(s->faults, t->now.line, "put \"quotes\" around a value that holds =");
	else if (token_is_value(t))
		config_fault(s->faults, t->now.line, "a comma is missing before " STR_FMT, STR_ARG(t->now.text));
	else
		config_fault(s->faults, opened, "the list of \"" STR_FMT "\" has no end: } is missing", STR_ARG(name));
	while (t->now.kind != TOKEN_END && !token_is(t, '}'))
		token_next(t);
}

static void read_list(struct scanner *s, struct str name)
{
	struct tokens *t = &s->tokens;
	unsigned opened = t->now.line;

	token_next(t);
	while (token_is_value(t)) {
		token_next(t);
		if (!token_is(t, ','))
			break;
		token_next(t);
	}
	if (!token_is(t, '}'))
		blame_list(s, name, opened);
	if (token_is(t, '}'))
		token_next(t);
}

/* What cannot stand behind a value, but is meant as a part of it. */
static void judge_behind(struct scanner *s, struct str name, const struct config_option *o, unsigned line)
{
	if (token_is(&s->tokens, '='))
		config_fault(s->faults, line, "put \"quotes\" around a value that holds =");
	else if (token_is(&s->tokens, ',') && o && config_type_is_list(o->type))
		config_fault(s->faults, line, "a list stands in braces: " STR_FMT " = { a, b }", STR_ARG(name));
	else
		return;
	skip_line(s, line);
}

static void read_key(struct scanner *s, struct str name, unsigned line)
{
	const struct config_option *o = s->block->row ? config_option_find(s->block->row->name, name) : NULL;

	if (s->block->row && !o)
		unknown(s, name, line);
	note_key(s, name, line);
	token_next(&s->tokens);
	if (token_is(&s->tokens, '{')) {
		if (o && !config_type_is_list(o->type))
			config_fault(s->faults, line, "\"" STR_FMT "\" takes one value, not a list", STR_ARG(name));
		read_list(s, name);
		return;
	}
	if (!token_is_value(&s->tokens) || s->tokens.now.line != line) {
		config_fault(s->faults, line, "\"" STR_FMT "\" has no value", STR_ARG(name));
		skip_line(s, line);
		return;
	}
	token_next(&s->tokens);
	s->value_line = line;
	if (s->tokens.now.line == line)
		judge_behind(s, name, o, line);
}

/* -- NAME [TITLE] { */

static const struct config_scan_section *twin(const struct scanner *s, const struct config_scan_section *new)
{
	const struct config_scan_section *other;

	for (other = s->out->sections; other; other = other->next)
		if (other->row == new->row && other->parent == new->parent &&str_eq_nocase(other->title, new->title))
			return other;
	return NULL;
}

static struct config_scan_section *note_section(
	struct scanner *s, const struct config_section *row, struct str title, unsigned line)
{
	struct config_scan_section *section = arena_alloc(s->arena, sizeof(*section)), **tail = &s->out->sections;
	const struct config_scan_section *other;

	*section =
		(struct config_scan_section){ .row = row, .parent = s->block->section, .title = title, .line = line };
	if (row->titled && !title.n)
		config_fault(s->faults, line, "\"" STR_FMT "\" needs a name: " STR_FMT " NAME { ... }",
			STR_ARG(row->name), STR_ARG(row->name));
	if (!row->titled && title.n)
		config_fault(s->faults, line, "\"" STR_FMT "\" takes no name", STR_ARG(row->name));
	other = twin(s, section);
	if (other)
		config_fault(s->faults, line, "\"" STR_FMT "%s" STR_FMT "\" is there twice, first in line %u",
			STR_ARG(row->name), title.n ? " " : "", STR_ARG(title), other->line);
	while (*tail)
		tail = &(*tail)->next;
	*tail = section;
	return section;
}

static void open_block(struct scanner *s, struct str name, struct str title, unsigned line)
{
	struct block *inner = arena_alloc(s->arena, sizeof(*inner));

	*inner = (struct block){ .outer = s->block, .name = name, .line = line };
	if (s->block->row)
		inner->row = config_section_find(s->block->row->name, name);
	if (inner->row)
		inner->section = note_section(s, inner->row, title, line);
	else if (s->block->row)
		unknown(s, name, line);
	s->block = inner;
	token_next(&s->tokens);
}

static void close_block(struct scanner *s)
{
	if (s->block->outer)
		s->block = s->block->outer;
	else
		config_fault(s->faults, s->tokens.now.line, "a } without its {");
	token_next(&s->tokens);
}

/* -- Statements */

/* Its content is not judged, but its end is found. */
static void swallow_block(struct scanner *s, struct str name, unsigned line)
{
	struct block *inner = arena_alloc(s->arena, sizeof(*inner));

	*inner = (struct block){ .outer = s->block, .name = name, .line = line };
	s->block = inner;
	token_next(&s->tokens);
}

static void misplaced(struct scanner *s, struct str name, unsigned line)
{
	const struct block *b = s->block;

	if (b->row && config_option_find(b->row->name, name))
		config_fault(s->faults, line, "\"" STR_FMT "\" wants a value: " STR_FMT " = ...", STR_ARG(name),
			STR_ARG(name));
	else if (b->row && config_section_find(b->row->name, name))
		config_fault(s->faults, line, "\"" STR_FMT "\" is a section: " STR_FMT " { ... }", STR_ARG(name),
			STR_ARG(name));
	else if (b->row && line == s->value_line && !token_is(&s->tokens, '{'))
		config_fault(s->faults, line, STR_FMT " behind a value: a value with a blank stands in \"quotes\"",
			STR_ARG(name));
	else if (b->row)
		unknown(s, name, line);
	if (token_is(&s->tokens, '{'))
		swallow_block(s, name, line);
	else
		skip_line(s, line);
}

static void read_section(struct scanner *s, struct str name, unsigned line)
{
	struct tokens *t = &s->tokens;
	const struct config_section *outer = s->block->row;
	struct str title = STR_NONE;

	if (token_is_value(t) && t->now.line == line) {
		title = t->now.text;
		token_next(t);
	}
	if (!token_is(t, '{') || (outer && config_option_find(outer->name, name)))
		misplaced(s, name, line);
	else
		open_block(s, name, title, line);
}

static void read_statement(struct scanner *s)
{
	const struct config_section *outer = s->block->row;
	struct str name = s->tokens.now.text;
	unsigned line = s->tokens.now.line;

	token_next(&s->tokens);
	if (!token_is(&s->tokens, '='))
		read_section(s, name, line);
	else if (outer && config_section_find(outer->name, name))
		misplaced(s, name, line);
	else
		read_key(s, name, line);
}

static void read_all(struct scanner *s)
{
	struct tokens *t = &s->tokens;

	for (token_next(t); t->now.kind != TOKEN_END;) {
		if (token_is(t, '}'))
			close_block(s);
		else if (t->now.kind == TOKEN_WORD)
			read_statement(s);
		else {
			config_fault(
				s->faults, t->now.line, "a key is expected here, not " STR_FMT, STR_ARG(t->now.text));
			token_next(t);
		}
	}
	for (; s->block->outer; s->block = s->block->outer)
		config_fault(s->faults, s->block->line, "\"" STR_FMT " {\" has no end: } is missing",
			STR_ARG(s->block->name));
}

/* Bytes no text has; libconfuse would skip them without a word. */
static bool is_text(struct str text, struct config_faults *faults)
{
	unsigned line = 1;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		line += c == '\n';
		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f) {
			config_fault(faults, line, "a control character (0x%02x): this is not a text file", c);
			return false;
		}
	}
	return true;
}

bool config_scan(struct arena *a, struct str text, struct config_faults *faults, struct config_scan *out)
{
	struct block top = { .row = config_section_at(0) };
	struct scanner s = { .arena = a, .faults = faults, .block = &top, .out = out };
	unsigned before = faults->count;

	*out = (struct config_scan){ .clean = STR_NONE };
	if (text.n > CONFIG_SCAN_MAX) {
		config_fault(faults, 0, "larger than %d bytes", CONFIG_SCAN_MAX);
		return false;
	}
	if (!is_text(text, faults))
		return false;
	out->clean = arena_str(a, text);
	tokens_init(&s.tokens, out->clean, faults);
	read_all(&s);
	return faults->count == before;
}

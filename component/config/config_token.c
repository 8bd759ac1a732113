/* SPDX-License-Identifier: MIT */
#include "component/config/config_token.h"

#include <string.h>

void tokens_init(struct tokens *t, struct str text, struct config_faults *faults)
{
	*t = (struct tokens){ .p = (char *)text.p, .n = text.n, .line = 1, .faults = faults };
}

static char peek(const struct tokens *t, size_t ahead)
{
	return t->at + ahead < t->n ? t->p[t->at + ahead] : '\0';
}

/* Comments become blanks in place, so that every line keeps its number and every value its column. */
static void blank_line(struct tokens *t)
{
	while (t->at < t->n && t->p[t->at] != '\n')
		t->p[t->at++] = ' ';
}

static void blank_block(struct tokens *t)
{
	unsigned opened = t->line;

	while (t->at < t->n) {
		bool last = peek(t, 0) == '*' && peek(t, 1) == '/';

		if (t->p[t->at] == '\n')
			t->line++;
		else
			t->p[t->at] = ' ';
		t->at++;
		if (last) {
			t->p[t->at++] = ' ';
			return;
		}
	}
	config_fault(t->faults, opened, "this comment has no end: */ is missing");
}

static void skip_blanks(struct tokens *t)
{
	while (t->at < t->n) {
		char c = t->p[t->at];

		if (c == '#' || (c == '/' && peek(t, 1) == '/')) {
			blank_line(t);
		} else if (c == '/' && peek(t, 1) == '*') {
			blank_block(t);
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			t->line += c == '\n';
			t->at++;
		} else {
			return;
		}
	}
}

static void read_string(struct tokens *t)
{
	char quote = t->p[t->at++];
	size_t from = t->at;

	while (t->at < t->n && t->p[t->at] != quote && t->p[t->at] != '\n') {
		if (quote == '"' && peek(t, 0) == '$' && peek(t, 1) == '{')
			config_fault(t->faults, t->line,
				"\"${\" would be replaced by an environment variable: use 'single quotes' or env:NAME");
		t->at += peek(t, 0) == '\\' && peek(t, 1) != '\n' && t->at + 1 < t->n ? 2 : 1;
	}
	t->now.kind = TOKEN_STRING;
	t->now.text = (struct str){ t->p + from, t->at - from };
	if (t->at < t->n && t->p[t->at] == quote)
		t->at++;
	else
		config_fault(t->faults, t->line, "this string does not end on its line: %c is missing", quote);
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\r\n={},", c) != NULL;
}

/* What libconfuse would cut, replace or take for something else in a bare word; empty: nothing. */
static struct str trouble(struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		bool pair = word.p[i] == '/' && i + 1 < word.n && (word.p[i + 1] == '/' || word.p[i + 1] == '*');

		if (pair || strchr("#*$+()\"'\\", word.p[i]))
			return (struct str){ word.p + i, pair ? 2 : 1 };
	}
	return STR_NONE;
}

static void read_word(struct tokens *t)
{
	size_t from = t->at;
	struct str bad;

	while (t->at < t->n && !ends_word(t->p[t->at]))
		t->at++;
	t->now.kind = TOKEN_WORD;
	t->now.text = (struct str){ t->p + from, t->at - from };
	bad = trouble(t->now.text);
	if (bad.n)
		config_fault(t->faults, t->line, STR_FMT " holds " STR_FMT ": put the whole value in \"quotes\"",
			STR_ARG(str_cut(t->now.text, 0, 60)), STR_ARG(bad));
}

void token_next(struct tokens *t)
{
	skip_blanks(t);
	t->now.line = t->line;
	if (t->at >= t->n) {
		t->now.kind = TOKEN_END;
		t->now.text = STR("the end of the file");
	} else if (strchr("={},", t->p[t->at])) {
		t->now.kind = TOKEN_MARK;
		t->now.text = (struct str){ t->p + t->at++, 1 };
	} else if (t->p[t->at] == '"' || t->p[t->at] == '\'') {
		read_string(t);
	} else {
		read_word(t);
	}
}

bool token_is(const struct tokens *t, char mark)
{
	return t->now.kind == TOKEN_MARK && t->now.text.p[0] == mark;
}

bool token_is_value(const struct tokens *t)
{
	return t->now.kind == TOKEN_WORD || t->now.kind == TOKEN_STRING;
}

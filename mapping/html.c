/* SPDX-License-Identifier: MIT */
#include "mapping/html.h"

struct stripping {
	struct str rest;
	struct buf text;
	bool space; /* white space was seen and is not written yet */
	struct str hidden; /* the element whose end we wait for; empty: text is shown */
};

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void show(struct stripping *s, struct str text)
{
	if (s->hidden.n)
		return;
	if (s->space && s->text.n && s->text.p[s->text.n - 1] != '\n')
		buf_addc(&s->text, ' ');
	s->space = false;
	buf_add(&s->text, text);
}

static void break_line(struct stripping *s, bool always)
{
	if (s->hidden.n || (!always && (s->text.n == 0 || s->text.p[s->text.n - 1] == '\n')))
		return;
	buf_addc(&s->text, '\n');
	s->space = false;
}

static bool is_one_of(struct str name, const struct str *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

static void act_on_tag(struct stripping *s, struct str name, bool closing)
{
	static const struct str hidden[] = { STR_INIT("script"), STR_INIT("style"), STR_INIT("head"),
		STR_INIT("title") };
	static const struct str blocks[] = { STR_INIT("p"), STR_INIT("div"), STR_INIT("tr"), STR_INIT("li"),
		STR_INIT("ul"), STR_INIT("ol"), STR_INIT("h1"), STR_INIT("h2"), STR_INIT("h3"), STR_INIT("table"),
		STR_INIT("blockquote") };

	if (s->hidden.n) {
		if (closing && str_eq_nocase(name, s->hidden))
			s->hidden = STR_NONE;
	} else if (!closing && is_one_of(name, hidden, sizeof(hidden) / sizeof(hidden[0]))) {
		s->hidden = name;
	} else if (str_eq_nocase(name, STR("br"))) {
		break_line(s, true);
	} else if (is_one_of(name, blocks, sizeof(blocks) / sizeof(blocks[0]))) {
		break_line(s, false);
	}
}

/* At a `<`. One that opens no tag ("a < b") is text; a tag without its end hides the rest, as browsers do. */
static void take_tag(struct stripping *s)
{
	bool closing = s->rest.n > 1 && s->rest.p[1] == '/';
	char first = s->rest.n > 1u + closing ? s->rest.p[1 + closing] : ' ';

	if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '!' || first == '?')) {
		show(s, str_cut(s->rest, 0, 1));
		s->rest = str_cut(s->rest, 1, s->rest.n);
		return;
	}
	struct str tag = str_cut(s->rest, 1, str_find(s->rest, '>'));

	s->rest = str_cut(s->rest, tag.n + 2, s->rest.n);
	size_t end = closing;

	while (end < tag.n && !is_white(tag.p[end]) && (end == closing || tag.p[end] != '/'))
		end++;
	act_on_tag(s, str_cut(tag, closing, end), closing);
}

static size_t utf8_of(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00u >> n & 0xffu) | c);
	return n;
}

static uint32_t numbered(struct str digits)
{
	bool is_hex = digits.n && (digits.p[0] == 'x' || digits.p[0] == 'X');
	uint32_t c = 0;

	digits = str_cut(digits, is_hex, digits.n);
	if (digits.n == 0 || digits.n > 7)
		return 0;
	for (size_t i = 0; i < digits.n; i++) {
		unsigned char d = (unsigned char)digits.p[i];
		unsigned value = d - '0';

		if (is_hex && (d | 0x20) >= 'a' && (d | 0x20) <= 'f')
			value = (d | 0x20u) - 'a' + 10;
		if (value >= (is_hex ? 16u : 10u))
			return 0;
		c = c * (is_hex ? 16 : 10) + value;
	}
	return c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : c;
}

/* The character of "amp" or "#8364"; 0: none we know. */
static uint32_t referred(struct str name)
{
	static const struct {
		struct str name;
		uint32_t c;
	} named[] = {
		{ STR_INIT("amp"), '&' },
		{ STR_INIT("lt"), '<' },
		{ STR_INIT("gt"), '>' },
		{ STR_INIT("quot"), '"' },
		{ STR_INIT("apos"), '\'' },
		{ STR_INIT("nbsp"), ' ' },
		{ STR_INIT("auml"), 0xe4 },
		{ STR_INIT("ouml"), 0xf6 },
		{ STR_INIT("uuml"), 0xfc },
		{ STR_INIT("Auml"), 0xc4 },
		{ STR_INIT("Ouml"), 0xd6 },
		{ STR_INIT("Uuml"), 0xdc },
		{ STR_INIT("szlig"), 0xdf },
		{ STR_INIT("euro"), 0x20ac },
		{ STR_INIT("hellip"), 0x2026 },
		{ STR_INIT("ndash"), 0x2013 },
		{ STR_INIT("mdash"), 0x2014 },
		{ STR_INIT("copy"), 0xa9 },
	};

	if (name.n && name.p[0] == '#')
		return numbered(str_cut(name, 1, name.n));
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (str_eq(name, named[i].name))
			return named[i].c;
	return 0;
}

/* At a `&`. */
static void take_reference(struct stripping *s)
{
	struct str near = str_cut(s->rest, 1, 12);
	size_t end = str_find(near, ';');
	uint32_t c = end < near.n ? referred(str_cut(near, 0, end)) : 0;
	char bytes[4] = "&";
	size_t n = c ? utf8_of(c, bytes) : 1;

	show(s, (struct str){ bytes, n });
	s->rest = str_cut(s->rest, c ? end + 2 : 1, s->rest.n);
}

static void take_text(struct stripping *s)
{
	size_t end = 0;

	while (end < s->rest.n && !is_white(s->rest.p[end]) && s->rest.p[end] != '<' && s->rest.p[end] != '&')
		end++;
	show(s, str_cut(s->rest, 0, end));
	s->rest = str_cut(s->rest, end, s->rest.n);
}

static void skip_comment(struct stripping *s)
{
	size_t i = 4;

	while (i < s->rest.n && !(s->rest.p[i] == '>' && s->rest.p[i - 1] == '-' && s->rest.p[i - 2] == '-'))
		i++;
	s->rest = str_cut(s->rest, i + 1, s->rest.n);
}

struct str map_html_to_text(struct arena *a, struct str html)
{
	struct stripping s = { .rest = html };

	while (s.rest.n) {
		char c = s.rest.p[0];

		if (is_white(c)) {
			s.space = true;
			s.rest = str_cut(s.rest, 1, s.rest.n);
		} else if (str_starts(s.rest, STR("<!--"))) {
			skip_comment(&s);
		} else if (c == '<') {
			take_tag(&s);
		} else if (c == '&') {
			take_reference(&s);
		} else {
			take_text(&s);
		}
	}
	struct str text = arena_str(a, str_trim(buf_str(&s.text)));

	buf_finish(&s.text);
	return text;
}

/* SPDX-License-Identifier: MIT */
#include "mapping/html.h"
#include "mapping/html_reference.h"
#include "mapping/text.h"

enum { EMPTY_LINES = 2, LINK_MAX_BYTES = 2048 };

struct stripping {
	struct arena *arena;
	struct str rest;
	struct buf text;
	bool space; /* white space was seen and is not written yet */
	bool as_it_stands; /* inside of pre */
	struct str hidden; /* the element whose end we wait for; empty: text is shown */
	struct str link; /* address of the link we are in, and where its text begins */
	size_t link_start;
	unsigned char closed_quotes; /* bit 0: no `"` is ahead, bit 1: no `'` */
};

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool at_line_start(const struct stripping *s)
{
	return s->text.n == 0 || s->text.p[s->text.n - 1] == '\n';
}

static void show(struct stripping *s, struct str text)
{
	if (s->hidden.n || text.n == 0)
		return;
	if (s->space && !at_line_start(s))
		buf_addc(&s->text, ' ');
	s->space = false;
	buf_add(&s->text, text);
}

static bool is_empty_enough(const struct stripping *s)
{
	size_t ends = 0;

	while (ends < s->text.n && ends <= EMPTY_LINES && s->text.p[s->text.n - 1 - ends] == '\n')
		ends++;
	return ends > EMPTY_LINES;
}

static void break_line(struct stripping *s, bool always)
{
	if (s->hidden.n || (!always && at_line_start(s)) || is_empty_enough(s))
		return;
	buf_addc(&s->text, '\n');
	s->space = false;
}

/* -- Links */

/* "http://a/" is "a" to people. */
static struct str core_of(struct str address)
{
	static const struct str schemes[] = { STR_INIT("http://"), STR_INIT("https://"), STR_INIT("mailto:") };

	address = str_trim(address);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts_nocase(address, schemes[i])) {
			address = str_cut(address, schemes[i].n, address.n);
			break;
		}
	return str_ends(address, STR("/")) ? str_cut(address, 0, address.n - 1) : address;
}

static void end_link(struct stripping *s)
{
	struct str link = s->link, said = str_cut(buf_str(&s->text), s->link_start, s->text.n);

	s->link = STR_NONE;
	if (link.n == 0 || str_eq_nocase(core_of(said), core_of(link)))
		return;
	s->space = str_trim(said).n > 0 || s->space;
	show(s, STR("<"));
	show(s, link);
	show(s, STR(">"));
}

/* Some clients escape an address that was escaped already: "?a=1&amp;amp;b=2". */
static void begin_link(struct stripping *s, struct str address)
{
	end_link(s);
	address = str_trim(map_html_value(s->arena, address));
	for (size_t i = 0; i + 5 <= address.n; i++)
		if (str_eq(str_cut(address, i, i + 5), STR("&amp;"))) {
			address = map_html_value(s->arena, address);
			break;
		}
	if (s->hidden.n || address.n == 0 || address.n > LINK_MAX_BYTES || core_of(address).n == 0 ||
		!(str_starts_nocase(address, STR("http")) || str_starts_nocase(address, STR("mailto:")) ||
			str_starts_nocase(address, STR("ftp"))))
		return;
	s->link = address;
	s->link_start = s->text.n;
}

/* -- Tags */

/* The value of an attribute in the inside of a tag; empty: absent. */
static struct str attribute(struct str tag, struct str name)
{
	while (tag.n) {
		size_t end = 0;

		while (tag.n && (is_white(tag.p[0]) || tag.p[0] == '/'))
			tag = str_cut(tag, 1, tag.n);
		while (end < tag.n && !is_white(tag.p[end]) && tag.p[end] != '=')
			end++;
		struct str found = str_cut(tag, 0, end), value = STR_NONE;

		tag = str_cut(tag, end, tag.n);
		while (tag.n && is_white(tag.p[0]))
			tag = str_cut(tag, 1, tag.n);
		if (tag.n && tag.p[0] == '=') {
			tag = str_trim(str_cut(tag, 1, tag.n));
			char quote = tag.n && (tag.p[0] == '"' || tag.p[0] == '\'') ? tag.p[0] : 0;

			tag = str_cut(tag, quote != 0, tag.n);
			for (end = 0; end < tag.n && (quote ? tag.p[end] != quote : !is_white(tag.p[end]));)
				end++;
			value = str_cut(tag, 0, end);
			tag = str_cut(tag, end + (quote != 0), tag.n);
		}
		if (str_eq_nocase(found, name))
			return value;
	}
	return STR_NONE;
}

static void show_picture(struct stripping *s, struct str tag)
{
	struct str words = str_trim(map_html_value(s->arena, attribute(tag, STR("alt"))));

	show(s, words.n ? words : STR("[picture]"));
}

static bool is_one_of(struct str name, const struct str *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

static void act_on_block(struct stripping *s, struct str name, bool closing)
{
	static const struct str blocks[] = { STR_INIT("p"), STR_INIT("div"), STR_INIT("tr"), STR_INIT("li"),
		STR_INIT("ul"), STR_INIT("ol"), STR_INIT("h1"), STR_INIT("h2"), STR_INIT("h3"), STR_INIT("h4"),
		STR_INIT("table"), STR_INIT("blockquote"), STR_INIT("pre"), STR_INIT("hr"), STR_INIT("dt"),
		STR_INIT("dd") };

	if (!is_one_of(name, blocks, sizeof(blocks) / sizeof(blocks[0])))
		return;
	break_line(s, false);
	if (str_eq_nocase(name, STR("pre")))
		s->as_it_stands = !closing;
	else if (!closing && str_eq_nocase(name, STR("li")))
		show(s, STR("- "));
}

static void act_on_tag(struct stripping *s, struct str name, struct str inside, bool closing)
{
	static const struct str hidden[] = { STR_INIT("script"), STR_INIT("style"), STR_INIT("head"),
		STR_INIT("title") };

	if (s->hidden.n) {
		if (closing && str_eq_nocase(name, s->hidden))
			s->hidden = STR_NONE;
	} else if (!closing && is_one_of(name, hidden, sizeof(hidden) / sizeof(hidden[0]))) {
		s->hidden = name;
	} else if (str_eq_nocase(name, STR("br"))) {
		break_line(s, true);
	} else if (str_eq_nocase(name, STR("a"))) {
		if (closing)
			end_link(s);
		else
			begin_link(s, attribute(inside, STR("href")));
	} else if (!closing && str_eq_nocase(name, STR("img"))) {
		show_picture(s, inside);
	} else if (str_eq_nocase(name, STR("td")) || str_eq_nocase(name, STR("th"))) {
		s->space = true;
	} else {
		act_on_block(s, name, closing);
	}
}

/* The first `>` outside of quotes. A quote that is never closed is none: then no further one of its kind is looked for. */
static size_t tag_end(struct stripping *s)
{
	for (size_t i = 0; i < s->rest.n; i++) {
		char c = s->rest.p[i];
		unsigned char bit = c == '"' ? 1 : 2;

		if (c == '>')
			return i;
		if ((c != '"' && c != '\'') || (s->closed_quotes & bit))
			continue;
		size_t close = str_find(str_cut(s->rest, i + 1, s->rest.n), c);

		if (i + 1 + close < s->rest.n)
			i += close + 1;
		else
			s->closed_quotes |= bit;
	}
	return s->rest.n;
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
	struct str tag = str_cut(s->rest, 1, tag_end(s));

	s->rest = str_cut(s->rest, tag.n + 2, s->rest.n);
	size_t end = closing;

	while (end < tag.n && !is_white(tag.p[end]) && (end == closing || tag.p[end] != '/'))
		end++;
	act_on_tag(s, str_cut(tag, closing, end), str_cut(tag, end, tag.n), closing);
}

static void skip_comment(struct stripping *s)
{
	size_t i = 4;

	while (i < s->rest.n && !(s->rest.p[i] == '>' && s->rest.p[i - 1] == '-' && s->rest.p[i - 2] == '-'))
		i++;
	s->rest = str_cut(s->rest, i + 1, s->rest.n);
}

/* -- Text */

/* At a `&`. */
static void take_reference(struct stripping *s)
{
	uint32_t c;
	size_t took = map_html_reference(s->rest, &c);
	char bytes[4] = "&";
	size_t n = took ? map_text_character(c, bytes) : 1;

	show(s, (struct str){ bytes, n });
	s->rest = str_cut(s->rest, took ? took : 1, s->rest.n);
}

static void take_text(struct stripping *s)
{
	size_t end = 0;

	while (end < s->rest.n && !is_white(s->rest.p[end]) && s->rest.p[end] != '<' && s->rest.p[end] != '&')
		end++;
	show(s, str_cut(s->rest, 0, end));
	s->rest = str_cut(s->rest, end, s->rest.n);
}

static void take_white(struct stripping *s)
{
	char c = s->rest.p[0];

	s->rest = str_cut(s->rest, 1, s->rest.n);
	if (!s->as_it_stands)
		s->space = true;
	else if (c == '\n')
		break_line(s, true);
	else if (c != '\r')
		show(s, (struct str){ &c, 1 });
}

struct str map_html_to_text(struct arena *a, struct str html)
{
	struct stripping s = { .arena = a, .rest = html };

	while (s.rest.n) {
		if (is_white(s.rest.p[0]))
			take_white(&s);
		else if (str_starts(s.rest, STR("<!--")))
			skip_comment(&s);
		else if (s.rest.p[0] == '<')
			take_tag(&s);
		else if (s.rest.p[0] == '&')
			take_reference(&s);
		else
			take_text(&s);
	}
	end_link(&s);
	struct str text = arena_str(a, str_trim(buf_str(&s.text)));

	buf_finish(&s.text);
	return text;
}

/* SPDX-License-Identifier: MIT */
#include "mapping/rtf.h"
#include "mapping/charset.h"
#include "mapping/text.h"

enum { DEPTH = 64, FONTS = 64, PAGES = 4, WORD = 32 };

/* What ends with its group. */
struct group {
	bool hidden; /* inside of something that is no text */
	bool invisible; /* text that is not to be seen */
	bool fonts; /* inside the font table */
	unsigned page; /* code page of \' */
	unsigned skip; /* how many characters stand behind \u for those who cannot read it */
};
/* The upper half of a code page, made once. */
struct page {
	unsigned number;
	uint32_t characters[128]; /* 0: none */
};
struct reading {
	struct arena *arena;
	struct str rest;
	struct buf text;
	struct group groups[DEPTH];
	unsigned depth, beyond; /* beyond: levels below the deepest we keep, all hidden */
	unsigned font_pages[FONTS]; /* 0: the document's */
	unsigned font; /* of the font table, being told */
	unsigned document_page;
	struct page pages[PAGES];
	unsigned pages_count;
	unsigned to_skip;
	uint32_t high; /* the first half of a surrogate pair */
	bool star; /* \* came: unless we know the next word, its group is no text */
};

/* -- Characters */

static struct group *group_of(struct reading *r)
{
	return &r->groups[r->depth];
}

static bool is_hidden(struct reading *r)
{
	return r->beyond || group_of(r)->hidden || group_of(r)->invisible;
}

static void show(struct reading *r, uint32_t c)
{
	char bytes[4];

	r->high = 0;
	if (!is_hidden(r))
		buf_add(&r->text, (struct str){ bytes, map_text_character(c, bytes) });
}

static const struct page *page_of(struct reading *r, unsigned number)
{
	for (unsigned i = 0; i < r->pages_count; i++)
		if (r->pages[i].number == number)
			return &r->pages[i];
	if (r->pages_count == PAGES)
		return &r->pages[0]; /* more of them than any honest document has */
	struct page *page = &r->pages[r->pages_count++];

	page->number = number;
	map_charset_upper_half(arena_printf(r->arena, "windows-%u", number), page->characters);
	return page;
}

/* A byte of the code page: written as \'hh, or as it is. */
static void show_byte(struct reading *r, unsigned char byte)
{
	if (r->to_skip) {
		r->to_skip--;
		return;
	}
	if (byte < 0x80) {
		show(r, byte);
		return;
	}
	if (is_hidden(r))
		return;
	uint32_t c = page_of(r, group_of(r)->page)->characters[byte - 0x80];

	show(r, c ? c : 0xfffd);
}

/* \u: a signed 16-bit number, half of a pair for what is beyond. */
static void show_unicode(struct reading *r, long number)
{
	uint32_t c = (uint32_t)number & 0xffff, high = r->high;

	r->to_skip = group_of(r)->skip;
	if (c >= 0xd800 && c < 0xdc00) {
		r->high = c;
		return;
	}
	if (c >= 0xdc00 && c < 0xe000)
		c = high ? 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00) : 0xfffd;
	show(r, c);
}

/* -- Control words */

static unsigned page_of_charset(long charset)
{
	static const struct {
		long charset;
		unsigned page;
	} rows[] = { { 0, 1252 }, { 128, 932 }, { 129, 949 }, { 134, 936 }, { 136, 950 }, { 161, 1253 }, { 162, 1254 },
		{ 163, 1258 }, { 177, 1255 }, { 178, 1256 }, { 186, 1257 }, { 204, 1251 }, { 238, 1250 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].charset == charset)
			return rows[i].page;
	return 0;
}

static void do_font(struct reading *r, long number)
{
	if (number < 0 || number >= FONTS)
		return;
	r->font = (unsigned)number;
	if (!group_of(r)->fonts)
		group_of(r)->page = r->font_pages[number] ? r->font_pages[number] : r->document_page;
}

static void do_font_charset(struct reading *r, long number)
{
	if (group_of(r)->fonts)
		r->font_pages[r->font] = page_of_charset(number);
}

static void do_code_page(struct reading *r, long number)
{
	if (number > 0 && number < 65536)
		r->document_page = group_of(r)->page = (unsigned)number;
}

static void do_skip(struct reading *r, long number)
{
	group_of(r)->skip = number >= 0 && number < 16 ? (unsigned)number : 1;
}

static void do_hide(struct reading *r, long number)
{
	(void)number;
	group_of(r)->hidden = true;
}

static void do_fonts(struct reading *r, long number)
{
	group_of(r)->fonts = true;
	do_hide(r, number);
}

static void do_picture(struct reading *r, long number)
{
	for (struct str s = STR("[picture]"); s.n; s = str_cut(s, 1, s.n))
		show(r, (unsigned char)s.p[0]);
	do_hide(r, number);
}

static void do_invisible(struct reading *r, long number)
{
	group_of(r)->invisible = number != 0;
}

/* Bytes that are no text: they may look like anything. */
static void do_binary(struct reading *r, long number)
{
	if (number > 0)
		r->rest = str_cut(r->rest, (size_t)number, r->rest.n);
}

static const struct {
	struct str word;
	uint32_t shows; /* or: */
	void (*act)(struct reading *r, long number);
} words[] = {
	{ STR_INIT("par"), '\n', NULL },
	{ STR_INIT("line"), '\n', NULL },
	{ STR_INIT("row"), '\n', NULL },
	{ STR_INIT("tab"), '\t', NULL },
	{ STR_INIT("cell"), '\t', NULL },
	{ STR_INIT("emdash"), 0x2014, NULL },
	{ STR_INIT("endash"), 0x2013, NULL },
	{ STR_INIT("lquote"), 0x2018, NULL },
	{ STR_INIT("rquote"), 0x2019, NULL },
	{ STR_INIT("ldblquote"), 0x201c, NULL },
	{ STR_INIT("rdblquote"), 0x201d, NULL },
	{ STR_INIT("bullet"), 0x2022, NULL },
	{ STR_INIT("u"), 0, show_unicode },
	{ STR_INIT("uc"), 0, do_skip },
	{ STR_INIT("ansicpg"), 0, do_code_page },
	{ STR_INIT("f"), 0, do_font },
	{ STR_INIT("fcharset"), 0, do_font_charset },
	{ STR_INIT("fonttbl"), 0, do_fonts },
	{ STR_INIT("pict"), 0, do_picture },
	{ STR_INIT("bin"), 0, do_binary },
	{ STR_INIT("v"), 0, do_invisible },
	{ STR_INIT("colortbl"), 0, do_hide },
	{ STR_INIT("stylesheet"), 0, do_hide },
	{ STR_INIT("info"), 0, do_hide },
	{ STR_INIT("fldinst"), 0, do_hide },
	{ STR_INIT("header"), 0, do_hide },
	{ STR_INIT("footer"), 0, do_hide },
	{ STR_INIT("footnote"), 0, do_hide },
	{ STR_INIT("nonshppict"), 0, do_hide },
};

static bool do_known(struct reading *r, struct str word, long number)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(words[i].word, word)) {
			if (words[i].act)
				words[i].act(r, number);
			else
				show(r, words[i].shows);
			return true;
		}
	return str_eq(word, STR("shppict")); /* a group of pictures that are to be seen */
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At a letter: the word, its number and the one blank that ends it. */
static void take_word(struct reading *r)
{
	size_t end = 0;
	long number = 0;
	bool starred = r->star;

	while (end < r->rest.n && end < WORD && is_letter(r->rest.p[end]))
		end++;
	struct str word = str_cut(r->rest, 0, end);
	bool negative = end < r->rest.n && r->rest.p[end] == '-', has_number = false;

	for (end += negative; end < r->rest.n && is_digit(r->rest.p[end]); end++) {
		has_number = true;
		if (number < 100000000)
			number = number * 10 + (r->rest.p[end] - '0');
	}
	end += end < r->rest.n && r->rest.p[end] == ' ';
	r->rest = str_cut(r->rest, end, r->rest.n);
	r->star = false;
	if (r->beyond && !str_eq(word, STR("bin")))
		return;
	/* Words inside of what is hidden count, too: those of the font table, and the length of binary data. */
	if (!do_known(r, word, has_number ? (negative ? -number : number) : -1) && starred)
		do_hide(r, 0);
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a `\`. */
static void take_control(struct reading *r)
{
	char c = r->rest.n ? r->rest.p[0] : ' ';
	int first = r->rest.n > 2 ? hex_digit(r->rest.p[1]) : -1, second = r->rest.n > 2 ? hex_digit(r->rest.p[2]) : -1;

	if (is_letter(c)) {
		take_word(r);
		return;
	}
	r->rest = str_cut(r->rest, c == '\'' && first >= 0 && second >= 0 ? 3 : 1, r->rest.n);
	if (c == '\'' && first >= 0 && second >= 0)
		show_byte(r, (unsigned char)(first * 16 + second));
	else if (c == '{' || c == '}' || c == '\\')
		show_byte(r, (unsigned char)c);
	else if (c == '~')
		show(r, ' ');
	else if (c == '_')
		show(r, '-');
	else if (c == '\n' || c == '\r')
		show(r, '\n');
	else if (c == '*')
		r->star = true;
}

/* -- Groups */

static void open_group(struct reading *r)
{
	r->to_skip = 0;
	if (r->beyond || r->depth + 1 == DEPTH) {
		r->beyond++;
		return;
	}
	r->groups[r->depth + 1] = r->groups[r->depth];
	r->depth++;
}

static void close_group(struct reading *r)
{
	r->to_skip = 0;
	r->star = false;
	if (r->beyond)
		r->beyond--;
	else if (r->depth)
		r->depth--;
}

/* Most of a document: ASCII that is nothing else, as far as it goes. */
static void take_plain(struct reading *r)
{
	size_t end = 0;

	while (end < r->rest.n && r->rest.p[end] >= ' ' && r->rest.p[end] != '{' && r->rest.p[end] != '}' &&
		r->rest.p[end] != '\\')
		end++;
	if (end && !is_hidden(r))
		buf_add(&r->text, str_cut(r->rest, 0, end));
	r->high = end ? 0 : r->high;
	r->rest = str_cut(r->rest, end, r->rest.n);
}

static void read_all(struct reading *r)
{
	while (r->rest.n) {
		if (!r->to_skip)
			take_plain(r);
		char c = r->rest.n ? r->rest.p[0] : '\n';

		r->rest = str_cut(r->rest, 1, r->rest.n);
		if (c == '{')
			open_group(r);
		else if (c == '}')
			close_group(r);
		else if (c == '\\')
			take_control(r);
		else if (c != '\r' && c != '\n')
			show_byte(r, (unsigned char)c);
	}
}

bool map_rtf_to_text(struct arena *a, struct str rtf, struct str *out)
{
	struct reading r = { .arena = a, .document_page = 1252, .groups = { { .page = 1252, .skip = 1 } } };

	rtf = str_trim(rtf);
	if (!str_starts(rtf, STR("{\\rtf")))
		return false;
	r.rest = rtf;
	read_all(&r);
	*out = arena_str(a, str_trim(buf_str(&r.text)));
	buf_finish(&r.text);
	return true;
}

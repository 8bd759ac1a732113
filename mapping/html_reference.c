/* SPDX-License-Identifier: MIT */
#include "mapping/html_reference.h"
#include "mapping/text.h"

enum { NAME_MAX_BYTES = 11 };

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

/* U+00A0 to U+00FF in their order (HTML 4 24.2.1); the first is a plain blank here. */
static const char *const latin[] = { "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy",
	"ordf", "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para",
	"middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
	"Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc",
	"Iuml", "ETH", "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute",
	"Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig",
	"ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve",
	"oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn",
	"yuml" };

static const struct {
	struct str name;
	uint32_t c;
} named[] = {
	{ STR_INIT("amp"), '&' },
	{ STR_INIT("lt"), '<' },
	{ STR_INIT("gt"), '>' },
	{ STR_INIT("quot"), '"' },
	{ STR_INIT("apos"), '\'' },
	{ STR_INIT("euro"), 0x20ac },
	{ STR_INIT("hellip"), 0x2026 },
	{ STR_INIT("ndash"), 0x2013 },
	{ STR_INIT("mdash"), 0x2014 },
	{ STR_INIT("lsquo"), 0x2018 },
	{ STR_INIT("rsquo"), 0x2019 },
	{ STR_INIT("sbquo"), 0x201a },
	{ STR_INIT("ldquo"), 0x201c },
	{ STR_INIT("rdquo"), 0x201d },
	{ STR_INIT("bdquo"), 0x201e },
	{ STR_INIT("bull"), 0x2022 },
	{ STR_INIT("trade"), 0x2122 },
	{ STR_INIT("rarr"), 0x2192 },
	{ STR_INIT("larr"), 0x2190 },
	{ STR_INIT("OElig"), 0x152 },
	{ STR_INIT("oelig"), 0x153 },
	{ STR_INIT("Scaron"), 0x160 },
	{ STR_INIT("scaron"), 0x161 },
};

static uint32_t referred(struct str name)
{
	if (name.n && name.p[0] == '#')
		return numbered(str_cut(name, 1, name.n));
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (str_eq(name, named[i].name))
			return named[i].c;
	for (uint32_t i = 0; i < sizeof(latin) / sizeof(latin[0]); i++)
		if (str_eq(name, str_c(latin[i])))
			return i ? 0xa0 + i : ' ';
	return 0;
}

size_t map_html_reference(struct str s, uint32_t *character)
{
	struct str near = str_cut(s, 1, NAME_MAX_BYTES + 1);
	size_t end = str_find(near, ';');

	*character = end < near.n ? referred(str_cut(near, 0, end)) : 0;
	return *character ? end + 2 : 0;
}

struct str map_html_value(struct arena *a, struct str value)
{
	char *made = arena_alloc(a, value.n + 1), *p = made;

	for (size_t i = 0; i < value.n;) {
		uint32_t c = 0;
		size_t took = value.p[i] == '&' ? map_html_reference(str_cut(value, i, value.n), &c) : 0;

		if (took)
			p += map_text_character(c, p);
		else
			*p++ = value.p[i];
		i += took ? took : 1;
	}
	return (struct str){ made, (size_t)(p - made) };
}

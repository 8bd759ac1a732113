/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/xml_writer.h"

#include <stdint.h>

/* What a byte needs: nothing, or a look. */
enum { PLAIN, MARKUP, CONTROL, HIGH };
static const uint8_t kinds[256] = {
	[0 ... 8] = CONTROL, /* 9 and 10 are tab and LF */
	[11 ... 31] = CONTROL,
	['&'] = MARKUP,
	['<'] = MARKUP,
	['>'] = MARKUP,
	['\''] = MARKUP,
	['"'] = MARKUP,
	[128 ... 255] = HIGH,
};

static void write_markup(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_lit(out, "&amp;");
		break;
	case '<':
		buf_lit(out, "&lt;");
		break;
	case '>':
		buf_lit(out, "&gt;");
		break;
	case '"':
		buf_lit(out, "&quot;");
		break;
	default:
		buf_lit(out, "&apos;");
		break;
	}
}

/* The length of the UTF-8 sequence at p of a character that XML 1.0 allows, or 0. */
static size_t sequence(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c = p[0] & (0xffu >> (len + 1));

	if (p[0] < 0xc2 || p[0] > 0xf4 || n < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe || c == 0xffff)
		return 0;
	return len;
}

static size_t write_high(struct buf *out, struct str rest)
{
	size_t len = sequence((const uint8_t *)rest.p, rest.n);

	if (len == 0) {
		buf_lit(out, "\xef\xbf\xbd");
		return 1;
	}
	buf_add(out, str_cut(rest, 0, len));
	return len;
}

void xmppside_write_text(struct buf *out, struct str text)
{
	size_t from = 0, at = 0;

	while (at < text.n) {
		uint8_t kind = kinds[(uint8_t)text.p[at]];

		if (kind == PLAIN) {
			at++;
			continue;
		}
		buf_add(out, str_cut(text, from, at));
		if (kind == MARKUP)
			write_markup(out, text.p[at++]);
		else if (kind == HIGH)
			at += write_high(out, str_cut(text, at, text.n));
		else if (text.p[at++] == '\r')
			buf_lit(out, "&#13;");
		else
			buf_lit(out, "\xef\xbf\xbd");
		from = at;
	}
	buf_add(out, str_cut(text, from, at));
}

void xmppside_write_value(struct buf *out, struct str value)
{
	while (value.n) {
		size_t plain = 0;

		while (plain < value.n && value.p[plain] != '\n' && value.p[plain] != '\t')
			plain++;
		xmppside_write_text(out, str_cut(value, 0, plain));
		if (plain < value.n) {
			if (value.p[plain] == '\n')
				buf_lit(out, "&#10;");
			else
				buf_lit(out, "&#9;");
		}
		value = str_cut(value, plain + 1, value.n);
	}
}

void xmppside_write_attr(struct buf *out, struct str name, struct str value)
{
	buf_addc(out, ' ');
	buf_add(out, name);
	buf_lit(out, "='");
	xmppside_write_value(out, value);
	buf_addc(out, '\'');
}

void xmppside_write_leaf(struct buf *out, struct str name, struct str text)
{
	buf_addc(out, '<');
	buf_add(out, name);
	buf_addc(out, '>');
	xmppside_write_text(out, text);
	buf_lit(out, "</");
	buf_add(out, name);
	buf_addc(out, '>');
}

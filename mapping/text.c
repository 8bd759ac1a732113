/* SPDX-License-Identifier: MIT */
#include "mapping/text.h"
#include "mapping/charset.h"

#include <string.h>

static const struct str replacement = STR_INIT("\xef\xbf\xbd"); /* U+FFFD */

/* -- UTF-8 (RFC 3629 4) */

/* The length of the character at p, and the character; 0: no UTF-8 (overlong, surrogate, above U+10FFFF, cut off). */
static size_t character(const unsigned char *p, size_t n, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	uint32_t c = length < 2 ? p[0] : p[0] & (0x7fu >> length);

	if (length == 0 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return length;
}

size_t map_text_character(uint32_t c, char out[4])
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

/* XML 1.0 2.2 */
static bool is_xml(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* Eight bytes of printable ASCII at once: none below 0x20 and none above 0x7f. */
static bool eight_plain(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return !((word | (word - ones * 0x20)) & high);
}

bool map_text_is_utf8(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		size_t length = s.n - i >= 8 && eight_plain(s.p + i)
					? 8
					: character((const unsigned char *)s.p + i, s.n - i, &c);

		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

/* How many bytes from the front are good as they stand; `bare_cr`: a CR is good, too. */
static size_t good_bytes(struct str s, bool bare_cr)
{
	size_t i = 0;

	while (i < s.n) {
		uint32_t c;

		if (s.n - i >= 8 && eight_plain(s.p + i)) {
			i += 8;
			continue;
		}
		size_t length = character((const unsigned char *)s.p + i, s.n - i, &c);

		if (length == 0 || !is_xml(c) || (c == '\r' && !bare_cr))
			break;
		i += length;
	}
	return i;
}

/* Copies `s` with what XML forbids replaced and, if wanted, CRLF and CR as LF. The result is at most three times as long. */
static struct str mend(struct arena *a, struct str s, bool keep_cr)
{
	struct buf b = { 0 };

	buf_room(&b, s.n + s.n / 4);
	for (size_t i = 0; i < s.n;) {
		size_t good = good_bytes(str_cut(s, i, s.n), keep_cr);

		buf_add(&b, str_cut(s, i, i + good));
		i += good;
		if (i == s.n)
			break;
		uint32_t c;
		size_t length = character((const unsigned char *)s.p + i, s.n - i, &c);

		if (length == 1 && c == '\r') {
			buf_addc(&b, '\n');
			i += i + 1 < s.n && s.p[i + 1] == '\n';
		} else {
			buf_add(&b, replacement);
		}
		i += length ? length : 1;
	}
	struct str made = arena_str(a, buf_str(&b));

	buf_finish(&b);
	return made;
}

struct str map_text_clean(struct arena *a, struct str s)
{
	return good_bytes(s, true) == s.n ? s : mend(a, s, true);
}

/* -- Content-Type */

bool map_type_is(struct str content_type, struct str type)
{
	return str_eq_nocase(str_trim(str_cut(content_type, 0, str_find(content_type, ';'))), type);
}

/* Where the parameter at the front ends: at a `;` outside quotes. */
static size_t param_end(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == ';' && !quoted)
			return i;
	}
	return s.n;
}

static struct str unquoted(struct arena *a, struct str s)
{
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return s;
	s = str_cut(s, 1, s.n - 1);
	if (str_find(s, '\\') == s.n)
		return s;
	struct str made = arena_str(a, s);
	char *p = (char *)made.p;

	for (size_t i = 0; i < s.n; i++) {
		i += s.p[i] == '\\' && i + 1 < s.n;
		*p++ = s.p[i];
	}
	made.n = (size_t)(p - made.p);
	return made;
}

struct str map_type_param(struct arena *a, struct str content_type, struct str name)
{
	struct str rest = str_cut(content_type, str_find(content_type, ';') + 1, content_type.n);

	while (rest.n) {
		size_t end = param_end(rest);
		struct str value = str_cut(rest, 0, end), found = str_trim(str_next(&value, '='));

		if (str_eq_nocase(found, name))
			return unquoted(a, str_trim(value));
		rest = str_cut(rest, end + 1, rest.n);
	}
	return STR_NONE;
}

/* -- Bodies */

enum reason map_text_s2x(struct arena *a, struct str bytes, struct str charset, struct str *out)
{
	struct str text = bytes;

	if (!map_charset_is_utf8(charset) && !map_charset_to_utf8(a, bytes, charset, &text))
		return REASON_BAD_CHARSET;
	if (good_bytes(text, false) != text.n) {
		if (!map_text_is_utf8(text))
			return REASON_BAD_CHARSET;
		text = mend(a, text, false);
	}
	*out = text;
	return REASON_NONE;
}

/* A line ends with LF, CR or CRLF; each becomes one CRLF. */
struct str map_text_x2s(struct arena *a, struct str text)
{
	size_t ends = 0;

	for (size_t i = 0; i < text.n; i++)
		ends += text.p[i] == '\n' || text.p[i] == '\r';
	if (ends == 0)
		return text;
	char *made = arena_alloc(a, text.n + ends + 1), *p = made;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\n' && text.p[i] != '\r') {
			*p++ = text.p[i];
			continue;
		}
		i += text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';
		*p++ = '\r';
		*p++ = '\n';
	}
	return (struct str){ made, (size_t)(p - made) };
}

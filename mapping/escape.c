/* SPDX-License-Identifier: MIT */
#include "mapping/escape.h"
#include "mapping/prepare.h"
#include "mapping/text.h"

/* -- Percent */

/* A bit for each place in which the byte may stand bare. RFC 3261 25.1: unreserved everywhere; user-unreserved
 * "&=+$,;?/" in a user, param-unreserved "[]/:&+$" in a parameter. */
enum { U = MAP_ESCAPE_USER, P = MAP_ESCAPE_PARAM, B = U | P };
static const unsigned char bare[128] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
	0, B, 0, 0, B, 0, B, B, B, B, B, B, U, B, B, B, B, B, B, B, B, B, B, B, B, B, P, U, 0, U, 0, U, /* space .. ? */
	0, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, P, 0, P, 0, B, /* @ .. _ */
	0, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, 0, 0, 0, B, 0, /* ` .. DEL */
};

char *map_escape_percent(char *p, struct str s, enum map_escape_place place)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 128 && (bare[c] & place)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '%';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 15];
	}
	return p;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool map_escape_decode(struct arena *a, struct str s, struct str *out)
{
	if (s.n > 3 * MAP_PART_BYTES)
		return false;
	char *text = arena_alloc(a, s.n + 1), *p = text;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>')
			return false;
		if (c == '%') {
			int high = i + 2 < s.n ? hex(s.p[i + 1]) : -1, low = i + 2 < s.n ? hex(s.p[i + 2]) : -1;

			if (high < 0 || low < 0 || high + low == 0)
				return false;
			c = (unsigned char)(high * 16 + low);
			i += 2;
		}
		*p++ = (char)c;
	}
	*out = (struct str){ text, (size_t)(p - text) };
	return out->n <= MAP_PART_BYTES && map_text_is_utf8(*out);
}

/* -- Backslash (XEP-0106 3) */

static const struct {
	char c;
	char code[2];
} escapes[] = {
	{ ' ', "20" },
	{ '"', "22" },
	{ '&', "26" },
	{ '\'', "27" },
	{ '/', "2f" },
	{ ':', "3a" },
	{ '<', "3c" },
	{ '>', "3e" },
	{ '@', "40" },
	{ '\\', "5c" },
};
enum { ESCAPES = sizeof(escapes) / sizeof(escapes[0]) };

/* The character whose code stands at `at`; NUL: none. Codes are lower case, but so will any letter be after nodeprep. */
static char code_at(struct str s, size_t at)
{
	for (unsigned i = 0; at + 2 <= s.n && i < ESCAPES; i++)
		if (str_eq_nocase(str_cut(s, at, at + 2), (struct str){ escapes[i].code, 2 }))
			return escapes[i].c;
	return '\0';
}

static bool is_special(char c)
{
	return c == ' ' || c == '"' || c == '&' || c == '\'' || c == '/' || c == ':' || c == '<' || c == '>' ||
	       c == '@' || c == '\\';
}

static char *put_code(char *p, char c)
{
	for (unsigned i = 0; i < ESCAPES; i++)
		if (escapes[i].c == c) {
			*p++ = '\\';
			*p++ = escapes[i].code[0];
			*p++ = escapes[i].code[1];
		}
	return p;
}

static bool has_special(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_special(s.p[i]))
			return true;
	return false;
}

static bool has_outer_space(struct str s)
{
	return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

bool map_escape_node(struct arena *a, struct str user, struct str *out)
{
	if (user.n > MAP_PART_BYTES || has_outer_space(user))
		return false;
	if (!has_special(user)) {
		*out = arena_str(a, user);
		return true;
	}
	char *text = arena_alloc(a, 3 * user.n + 1), *p = text;

	for (size_t i = 0; i < user.n; i++) {
		char c = user.p[i];

		/* 4.2: a backslash only where what follows would read as a code */
		if (!is_special(c) || (c == '\\' && !code_at(user, i + 1)))
			*p++ = c;
		else
			p = put_code(p, c);
	}
	*out = (struct str){ text, (size_t)(p - text) };
	return out->n <= MAP_PART_BYTES;
}

bool map_escape_undo(struct arena *a, struct str node, struct str *out)
{
	struct str copy = arena_str(a, node);

	if (str_find(node, '\\') < node.n) {
		char *p = (char *)copy.p;

		for (size_t i = 0; i < node.n; i++) {
			char c = node.p[i] == '\\' ? code_at(node, i + 1) : '\0';

			if (c == '\\' && !code_at(node, i + 3))
				return false; /* needed no escaping: not made by map_escape_node */
			*p++ = c ? c : node.p[i];
			i += c ? 2 : 0;
		}
		copy.n = (size_t)(p - copy.p);
	}
	*out = copy;
	return !has_outer_space(copy);
}

unsigned map_escape_count(struct str node)
{
	unsigned count = 0;

	for (size_t i = 0; i < node.n; i++)
		if (node.p[i] == '\\' && code_at(node, i + 1)) {
			count++;
			i += 2;
		}
	return count;
}

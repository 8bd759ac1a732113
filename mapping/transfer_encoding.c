/* SPDX-License-Identifier: MIT */
#include "mapping/transfer_encoding.h"

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What is not in the alphabet is passed over (RFC 2045 6.8), the first `=` ends it; padding may be missing. */
static bool decode_base64(struct arena *a, struct str bytes, struct str *out)
{
	static const unsigned spare_bits[4] = { 0, 6, 4, 2 };
	char *made = arena_alloc(a, bytes.n / 4 * 3 + 4), *p = made;
	uint32_t bits = 0;
	unsigned digits = 0;

	for (size_t i = 0; i < bytes.n && bytes.p[i] != '='; i++) {
		int digit = base64_digit(bytes.p[i]);

		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		if (++digits % 4 != 1) /* six bits are no byte yet */
			*p++ = (char)(bits >> spare_bits[digits % 4] & 0xff);
	}
	*out = (struct str){ made, (size_t)(p - made) };
	return digits % 4 != 1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* At a `=`: how many bytes of the input it takes, and what they are; 0: it stands for itself. */
static size_t quoted(struct str s, char *byte, bool *is_byte)
{
	size_t end = 1;

	*is_byte = false;
	if (s.n > 2 && hex_digit(s.p[1]) >= 0 && hex_digit(s.p[2]) >= 0) {
		*byte = (char)(hex_digit(s.p[1]) * 16 + hex_digit(s.p[2]));
		*is_byte = true;
		return 3;
	}
	while (end < s.n && end < 80 && (s.p[end] == ' ' || s.p[end] == '\t'))
		end++;
	if (end < s.n && s.p[end] == '\r')
		end++;
	return end == s.n || s.p[end] == '\n' ? end + (end < s.n) : 0;
}

static void decode_quoted_printable(struct arena *a, struct str bytes, struct str *out)
{
	char *made = arena_alloc(a, bytes.n + 1), *p = made;

	for (size_t i = 0; i < bytes.n;) {
		bool is_byte = true;
		size_t took = 1;

		*p = bytes.p[i];
		if (bytes.p[i] == '=') {
			took = quoted(str_cut(bytes, i, bytes.n), p, &is_byte);
			is_byte = is_byte || took == 0;
		}
		p += is_byte;
		i += took ? took : 1;
	}
	*out = (struct str){ made, (size_t)(p - made) };
}

bool map_transfer_decode(struct arena *a, struct str encoding, struct str bytes, struct str *out)
{
	static const struct str plain[] = { STR_INIT(""), STR_INIT("7bit"), STR_INIT("8bit"), STR_INIT("binary") };

	*out = bytes;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (str_eq_nocase(encoding, plain[i]))
			return true;
	if (str_eq_nocase(encoding, STR("base64")))
		return decode_base64(a, bytes, out);
	if (!str_eq_nocase(encoding, STR("quoted-printable")))
		return false;
	decode_quoted_printable(a, bytes, out);
	return true;
}

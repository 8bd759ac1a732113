/* SPDX-License-Identifier: MIT */
#include "mapping/tuple_id.h"
#include "mapping/prepare.h"

#include <string.h>

static const char digits[] = "0123456789ABCDEF";

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

struct str map_tuple_id_of_resource(struct arena *a, struct str resource)
{
	char *id = arena_alloc(a, 3 * resource.n + sizeof("ID-")), *p = id;

	memcpy(p, "ID-", 3);
	p += 3;
	for (size_t i = 0; i < resource.n; i++) {
		unsigned char c = (unsigned char)resource.p[i];

		if (is_plain((char)c)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '_';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 15];
	}
	return (struct str){ id, (size_t)(p - id) };
}

static int digit(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool map_tuple_id_to_resource(struct arena *a, struct str id, struct str *out)
{
	if (!str_starts(id, STR("ID-")) || id.n > 3 * MAP_PART_BYTES + 3)
		return false;
	struct str coded = str_cut(id, 3, id.n);
	char *text = arena_alloc(a, coded.n + 1), *p = text;

	for (size_t i = 0; i < coded.n; i++) {
		bool code = coded.p[i] == '_' && i + 2 < coded.n && digit(coded.p[i + 1]) >= 0 &&
			    digit(coded.p[i + 2]) >= 0;

		*p++ = code ? (char)(digit(coded.p[i + 1]) * 16 + digit(coded.p[i + 2])) : coded.p[i];
		i += code ? 2 : 0;
	}
	*out = (struct str){ text, (size_t)(p - text) };
	return out->n == 0 || map_prepare_resource(a, *out, out);
}

/* SPDX-License-Identifier: MIT */
/* The first line is the charset, the rest the body. */
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str rest = { (const char *)data, size }, charset = str_next(&rest, '\n'), text, again;

	map_type_param(&a, charset, STR("charset"));
	if (map_text_s2x(&a, rest, charset, &text) == REASON_NONE) {
		if (map_text_clean(&a, text).p != text.p || str_find(text, '\r') < text.n)
			abort();
		/* out to SIP and in again is the same text */
		if (map_text_s2x(&a, map_text_x2s(&a, text), STR("utf-8"), &again) || !str_eq(text, again))
			abort();
	}
	if (!map_text_is_utf8(map_text_clean(&a, rest)))
		abort();
	arena_finish(&a);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Any bytes as an HTML body: UTF-8 in is UTF-8 out, and no more of it than people could have written. */
#include "mapping/html.h"
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str html = map_text_clean(&a, (struct str){ (const char *)data, size });
	struct str text = map_html_to_text(&a, html);

	if (!map_text_is_utf8(text) || text.n > 4 * html.n + 64)
		abort();
	arena_finish(&a);
	return 0;
}

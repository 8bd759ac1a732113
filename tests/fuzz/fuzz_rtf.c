/* SPDX-License-Identifier: MIT */
/* Any bytes as a Rich Text body, with the beginning that such a document has. */
#include "mapping/rtf.h"
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct str text;

	buf_lit(&b, "{\\rtf1");
	buf_add(&b, (struct str){ (const char *)data, size });
	if (!map_rtf_to_text(&a, buf_str(&b), &text) || !map_text_is_utf8(text) || text.n > 4 * b.n)
		abort();
	buf_finish(&b);
	arena_finish(&a);
	return 0;
}

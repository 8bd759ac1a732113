/* SPDX-License-Identifier: MIT */
/* The first line is the Content-Type, the rest the body. Text that comes out is fit for XML. */
#include "mapping/im.h"
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str rest = { (const char *)data, size };
	struct s_body body = { .type = str_next(&rest, '\n') };
	struct map_im im = { .kind = MAP_IM_KINDS };

	body.bytes = rest;
	enum reason why = map_im_s2x(&a, &body, &im);

	if (im.kind >= MAP_IM_KINDS || (why != REASON_NONE) != (im.kind == MAP_IM_UNSUPPORTED))
		abort();
	if ((im.kind == MAP_IM_TEXT) != (im.text.n > 0) || map_text_clean(&a, im.text).p != im.text.p)
		abort();
	arena_finish(&a);
	return 0;
}

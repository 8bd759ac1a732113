/* SPDX-License-Identifier: MIT */
/* Any bytes between boundaries, alone and as a message; the first byte chooses the kind. */
#include "mapping/im.h"
#include "mapping/multipart.h"
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str types[] = { STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT("multipart/related; boundary=\"b\""), STR_INIT("multipart/mixed;boundary=b") };
	struct arena a = { 0 };
	struct s_body parts[MAP_MULTIPART_PARTS];
	struct map_im im;

	if (size == 0)
		return 0;
	struct s_body body = { .type = types[data[0] % 3], .bytes = { (const char *)data + 1, size - 1 } };
	unsigned count = map_multipart_read(&a, &body, parts);

	for (unsigned i = 0; i < count; i++)
		if (parts[i].bytes.n > size)
			abort();
	if (count > MAP_MULTIPART_PARTS ||
		(map_im_s2x(&a, &body, &im) != REASON_NONE) != (im.kind == MAP_IM_UNSUPPORTED))
		abort();
	if (map_text_clean(&a, im.text).p != im.text.p)
		abort();
	arena_finish(&a);
	return 0;
}

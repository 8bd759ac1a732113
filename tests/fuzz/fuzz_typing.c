/* SPDX-License-Identifier: MIT */
#include "mapping/typing.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct s_body body = { .bytes = { (const char *)data, size } };
	unsigned refresh_s;
	enum map_typing typing = map_typing_read(&a, &body, &refresh_s);

	if (refresh_s > 3600 || typing > MAP_TYPING_IDLE)
		abort();
	arena_finish(&a);
	return 0;
}

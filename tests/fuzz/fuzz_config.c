/* SPDX-License-Identifier: MIT */
/* Any text is a configuration or a list of faults. */
#include <stdlib.h>

#include "component/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = { .n = 0 };
	struct config *c = config_load_text((struct str){ (const char *)data, size }, "fuzz", &errors);

	if (!c == !errors.n)
		abort();
	config_free(c);
	buf_finish(&errors);
	return 0;
}

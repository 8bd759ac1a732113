/* SPDX-License-Identifier: MIT */
/* What is read can be written in either dialect, and what is written can be read. */
#include "mapping/pidf.h"
#include "mapping/presence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct s_presence p, again;
	struct x_presence *out;

	if (map_pidf_read(&a, (struct str){ (const char *)data, size }, &p) == REASON_NONE)
		for (unsigned i = 0; map_profile_at(i); i++) {
			if (map_presence_s2x(&a, &p, map_profile_at(i), X_SHOW_DND, &out) == 0)
				abort();
			struct str bytes = map_pidf_write(&a, &p, map_profile_at(i));

			/* escaping may lift it over the cap; nothing else may stop it */
			if (bytes.n <= 64 * 1024 && p.entity.host.n && map_pidf_read(&a, bytes, &again))
				abort();
		}
	arena_finish(&a);
	return 0;
}

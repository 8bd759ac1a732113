/* SPDX-License-Identifier: MIT */
/* Any bytes as an offer: the answer to a usable one is usable, and has an m-line for each of its own. */
#include "sipside/usage/sdp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned media_lines(struct str sdp)
{
	unsigned count = 0;

	while (sdp.n)
		count += str_starts(str_next(&sdp, '\n'), STR("m="));
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena turn = { 0 };
	const struct env env = { .turn = &turn };
	const struct sdp_self self = { .host = STR("192.0.2.1"), .port = 5060, .party = STR("sip:ann@a.example") };
	struct str offer = { (const char *)data, size };

	if (sdp_is_usable(offer)) {
		struct str answer = sdp_write(&env, offer, &self);

		if (!sdp_is_usable(answer) || media_lines(answer) > media_lines(offer))
			abort();
	}
	arena_finish(&turn);
	return 0;
}

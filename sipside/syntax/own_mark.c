/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/own_mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mapping/base/hash.h"

enum { TAG_RANDOM = 16 }; /* hex digits */

void own_mark_init(struct own_mark *o, struct str installation)
{
	static const uint8_t seeds[3][16] = { "tombolo-mark-one", "tombolo-mark-two", "tombolo-in-agent" };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t part = hash_bytes_with(seeds[i], installation.p, installation.n);

		memcpy(o->key + i * sizeof(part), &part, sizeof(part));
	}
	snprintf(o->word, sizeof(o->word), "%016" PRIx64, hash_bytes_with(seeds[2], installation.p, installation.n));
}

struct str own_mark_agent(const struct own_mark *o, const struct env *env)
{
	return arena_printf(env->turn, "Tombolo/" TOMBOLO_VERSION " (%s)", o->word);
}

bool own_mark_in_agent(const struct own_mark *o, struct str user_agent)
{
	return user_agent.n && memmem(user_agent.p, user_agent.n, o->word, OWN_MARK_WORD);
}

static uint32_t check_of(const struct own_mark *o, struct str random)
{
	return (uint32_t)hash_bytes_with(o->key, random.p, random.n);
}

struct str own_mark_tag(const struct own_mark *o, const struct env *env)
{
	struct str random = env_token(env, TAG_RANDOM / 2);

	return arena_printf(env->turn, STR_FMT "%08" PRIx32, STR_ARG(random), check_of(o, random));
}

bool own_mark_made(const struct own_mark *o, struct str from_tag)
{
	char check[OWN_MARK_CHECK + 1];

	if (from_tag.n != TAG_RANDOM + OWN_MARK_CHECK)
		return false;
	snprintf(check, sizeof(check), "%08" PRIx32, check_of(o, str_cut(from_tag, 0, TAG_RANDOM)));
	return memcmp(from_tag.p + TAG_RANDOM, check, OWN_MARK_CHECK) == 0;
}

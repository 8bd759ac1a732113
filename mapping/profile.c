/* SPDX-License-Identifier: MIT */
#include "mapping/profile.h"

/* The first row is the default of a configuration that names none. */
static const struct map_profile profiles[] = {
	{
		/* Lync, OCS and what speaks like them; a server shows one tuple and no `gr` */
		.name = STR_INIT("lync"),
		.sessions = true,
		.keyboard_activity = true,
		.one_tuple = true,
		.draft_rpid = true,
		.no_auth_codes = true,
		.record_route = true,
		.conversation_id = true,
		.asserted_identity = true,
		.typing_refresh_ms = 5000,
		.typing_expiry_ms = 15000,
	},
	{
		/* SIMPLE by the RFCs: pager messages, isComposing's times of RFC 3994 3.2, RFC 8048 presence */
		.name = STR_INIT("simple"),
		.gruu = true,
		.imdn = true,
		.typing_refresh_ms = 60000,
		.typing_expiry_ms = 120000,
	},
};
enum { PROFILES = sizeof(profiles) / sizeof(profiles[0]) };

const struct map_profile *map_profile_at(unsigned i)
{
	return i < PROFILES ? &profiles[i] : NULL;
}

const struct map_profile *map_profile_find(struct str name)
{
	for (unsigned i = 0; i < PROFILES; i++)
		if (str_eq(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

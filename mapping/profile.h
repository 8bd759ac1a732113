/* SPDX-License-Identifier: MIT */
/* A peer's dialect is a row of traits. Code asks a trait; dialect names stand only in profile.c and in configurations. */
#ifndef TOMBOLO_PROFILE_H
#define TOMBOLO_PROFILE_H

#include <stdbool.h>
#include "mapping/base/str.h"

struct map_profile {
	struct str name; /* as configured */
	bool sessions; /* we open an INVITE session for IM; else every text is a pager MESSAGE (RFC 3428) */
	bool keyboard_activity; /* typing is INFO KeyboardActivity in the session; else MESSAGE isComposing (RFC 3994) */
	bool one_tuple; /* PIDF of one tuple for the best resource; else a tuple for each resource (RFC 8048) */
	bool draft_rpid; /* activities as text inside tuple/status; else RFC 4480 elements in a person */
	bool no_auth_codes; /* errors avoid 401, 407 and 6xx (they break a trusted link) */
	bool record_route; /* our own Record-Route in dialog-forming messages */
	bool conversation_id; /* a fresh Ms-Conversation-ID in each INVITE */
	bool asserted_identity; /* our INVITE asserts its sender: P-Asserted-Identity (RFC 3325) */
	bool imdn; /* who asks for an IMDN (RFC 5438) is asked for them, too */
	bool gruu; /* a resource travels as the `gr` parameter (RFC 7247) */
	unsigned typing_refresh_ms; /* how often we repeat "is typing" while it lasts */
	unsigned typing_expiry_ms; /* when the peer's "is typing" ends without news */
};

const struct map_profile *map_profile_find(struct str name); /* NULL: no such row */
const struct map_profile *map_profile_at(unsigned i); /* NULL past the last; for help texts and tests */

#endif

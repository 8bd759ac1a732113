/* SPDX-License-Identifier: MIT */
/* Availability between the two languages: one table (RFC 8048 section 6; RFC 4480 and what Lync and
 * XMPP servers in partitioned federation show of each other). */
#ifndef TOMBOLO_PRESENCE_MAP_H
#define TOMBOLO_PRESENCE_MAP_H

#include "mapping/base/arena.h"
#include "mapping/profile.h"
#include "mapping/values.h"

/* What a user's available resources are in SIP. `resources` are of kind X_AVAILABLE, any order; none: one closed tuple.
 * one_tuple: the resource of highest priority speaks (first of equals; negative ones only where there is no other).
 * now_ms: Unix, the tuples' timestamp where the presence has none. Never fails. */
void map_presence_x2s(struct arena *a, const struct x_presence *const *resources, unsigned count,
	const struct s_uri *entity, const struct map_profile *profile, int64_t now_ms, struct s_presence *out);

/* What a document is in XMPP: one presence for each tuple that speaks (kind, show, status, lang, priority, stamp_ms,
 * from.resource; everything else is the caller's). With one_tuple, or where ids cannot be resources: one from the bare JID
 * (resource empty), open if any tuple is. busy_as: X_SHOW_DND or X_SHOW_AWAY. Returns their number (at least 1). */
unsigned map_presence_s2x(struct arena *a, const struct s_presence *in, const struct map_profile *profile,
	enum x_show busy_as, struct x_presence **out);

enum x_show map_show_of_activities(unsigned activities, enum x_show busy_as); /* X_SHOW_NONE where none says more */
unsigned map_activities_of_show(enum x_show show);
/* Priority 0..127 <-> 0..1000 thousandths (RFC 8048 6.2); a negative one is -1: none. */
int map_priority_x2s(int priority);
int map_priority_s2x(int milli);

#endif

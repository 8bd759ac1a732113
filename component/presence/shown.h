/* SPDX-License-Identifier: MIT */
/* What an XMPP user was told last of one SIP user: changes are told, repetitions are not. */
#ifndef TOMBOLO_SHOWN_H
#define TOMBOLO_SHOWN_H

#include "component/presence/relation.h"

/* Zero-initialised: nothing told yet. */
struct shown {
	struct resource *first; /* none: unavailable */
	bool told; /* anything at all, since the user came online */
};

/* A complete document: what is new is told, what has vanished is unavailable (P50), what is older than what is shown is
 * ignored (P56). */
void shown_news(
	struct shown *s, const struct relation *r, uint64_t flow, const struct x_presence *news, unsigned count);
/* All of it, or unavailable, to one asker's full JID; asker NULL: to the bare JID. */
void shown_repeat(struct shown *s, const struct relation *r, uint64_t flow, const struct x_jid *asker);
void shown_hide(struct shown *s, const struct relation *r, uint64_t flow); /* unavailable for all; forgets it */
void shown_clear(struct shown *s); /* forgets it without a word */

#endif

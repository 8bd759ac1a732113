/* SPDX-License-Identifier: MIT */
/* A queue that serves its items one after another at a limited rate, with jitter: whatever makes ten thousand records due at
 * once (a restart, a login, a link that came back) reaches the peer as an even stream (P15, P62; wire-lync: below 25/s). It
 * holds no memory of its own: items are embedded, so there are never more of them than records. */
#ifndef TOMBOLO_PACER_H
#define TOMBOLO_PACER_H

#include "mapping/base/env.h"

struct pacer_item {
	struct pacer_item *next, **link; /* link is NULL while it does not wait; zero-initialised is valid */
};

struct pacer {
	const struct env *env;
	struct pacer_item *first, **last;
	struct timer timer;
	uint64_t next_ms; /* nothing is served before */
	unsigned interval_ms;
	void (*serve)(struct pacer_item *item); /* the item has left the queue; it may be added again */
};

/* In place; p does not move afterwards. On average one item each interval_ms. */
void pacer_init(struct pacer *p, const struct env *env, unsigned interval_ms, void (*serve)(struct pacer_item *));
void pacer_add(struct pacer *p, struct pacer_item *item); /* at the end; a no-op while it waits already */
void pacer_remove(struct pacer *p, struct pacer_item *item); /* a no-op where it does not wait */
static inline bool pacer_waits(const struct pacer_item *item)
{
	return item->link != 0;
}
void pacer_finish(struct pacer *p); /* forgets what waits */

#endif

/* SPDX-License-Identifier: MIT */
/* Requests over UDP that have had their final answer (RFC 3261 17.2.2: Completed, until timer J). All that is left of one
 * is what a re-send gets. Half a minute's worth of them lingers, so they are small and stand apart from the open ones.
 * Inside transaction/ only. */
#ifndef TOMBOLO_ANSWERED_H
#define TOMBOLO_ANSWERED_H

#include "sipside/transaction/transaction.h"

struct answered;
/* All live equally long, so the table's order is that of their ends. */
struct answered_table {
	const struct env *env;
	struct answered *all;
	uint64_t kept_ms;
	unsigned most;
	struct timer timer; /* the oldest one's end */
};

/* most: so many are kept, then the oldest are forgotten before their time. */
void answered_init(struct answered_table *t, const struct env *env, uint64_t kept_ms, unsigned most);
void answered_finish(struct answered_table *t);
unsigned answered_count(const struct answered_table *t);
/* key: of the request, a keyed hash. Copies the answer's bytes. */
void answered_add(struct answered_table *t, uint64_t key, const struct sipside_target *to, struct str answer);
/* The bytes of its answer and where they go; false: none with this key. Both are borrowed. */
bool answered_find(const struct answered_table *t, uint64_t key, const struct sipside_target **to, struct str *answer);

#endif

/* SPDX-License-Identifier: MIT */
/* SIP users whom nobody knew a moment ago: a request to them came back to us. For half a minute they are refused without
 * asking, so that a stale contact or an impatient client does not make the two systems pass requests round and round. */
#ifndef TOMBOLO_ABSENT_H
#define TOMBOLO_ABSENT_H

#include "mapping/base/env.h"
#include "mapping/base/hash.h"

enum { ABSENT_MS = 30000, ABSENT_MAX = 10000 };

struct absent {
	const struct env *env;
	struct absent_user *users; /* the oldest first */
};

void absent_init(struct absent *a, const struct env *env);
void absent_finish(struct absent *a);
/* uri: any spelling that is the same each time. The table is bounded: the oldest gives way. */
void absent_note(struct absent *a, struct str uri);
bool absent_is(struct absent *a, struct str uri);
unsigned absent_count(const struct absent *a);
void absent_forget(struct absent *a, struct str uri); /* he spoke himself */

#endif

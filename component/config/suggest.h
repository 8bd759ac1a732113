/* SPDX-License-Identifier: MIT */
/* "Did you mean": the known word nearest to a mistyped one. */
#ifndef TOMBOLO_SUGGEST_H
#define TOMBOLO_SUGGEST_H

#include "mapping/base/str.h"

/* Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), letters' case ignored. Words of
 * more than 31 bytes are SUGGEST_FAR. */
enum { SUGGEST_FAR = 1000 };
unsigned suggest_distance(struct str a, struct str b);

/* A running best: feed it every known word. What is more than a third wrong is no suggestion. */
struct suggest {
	struct str word; /* what was written */
	struct str best; /* empty: none */
	unsigned distance;
};
void suggest_try(struct suggest *s, struct str known);

#endif

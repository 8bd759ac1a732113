/* SPDX-License-Identifier: MIT */
/* An arena: memory that is given back all at once. The turn's arena (env.turn) is emptied when a loop turn ends. */
#ifndef TOMBOLO_ARENA_H
#define TOMBOLO_ARENA_H

#include "mapping/base/str.h"

struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first; the oldest survives a reset */
};

void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned for any type, never NULL */
struct str arena_str(struct arena *a, struct str s); /* copy, NUL-terminated behind its n bytes */
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *a); /* everything is given back; one block is kept for the next turn */
void arena_finish(struct arena *a);

#endif

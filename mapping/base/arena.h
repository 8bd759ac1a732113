/* SPDX-License-Identifier: MIT */
/* An arena: memory that is given back all at once. The turn's arena (env.turn) is emptied when a loop turn ends. */
#ifndef TOMBOLO_ARENA_H
#define TOMBOLO_ARENA_H

#include "mapping/base/str.h"

struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first; the oldest survives a reset */
	struct arena_block *spare; /* given back by a reset, kept for the next turn that is as busy */
	unsigned spares;
};

void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned for any type, never NULL */
void *arena_room(struct arena *a, size_t n); /* the same, but not zeroed: for who writes all of it */
struct str arena_str(struct arena *a, struct str s); /* copy, NUL-terminated behind its n bytes */
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All parts behind one another: arena_join(a, name, STR("@"), host). */
#define arena_join(a, ...)                                                                                             \
	arena_join_all((a), (const struct str[]){ __VA_ARGS__ },                                                       \
		sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
struct str arena_join_all(struct arena *a, const struct str *parts, size_t count);
struct str arena_hex(struct arena *a, uint64_t v); /* always 16 lower-case digits */
void arena_reset(struct arena *a); /* everything is given back; half a megabyte at most is kept for the next turn */
void arena_finish(struct arena *a);

#endif

/* SPDX-License-Identifier: MIT */
/* Everything impure, handed to each create(). Nothing else touches a clock, a random source or a logger.
 * component/loop.c fills it for the daemon; tests fill it with a clock they move and ids they know. */
#ifndef TOMBOLO_ENV_H
#define TOMBOLO_ENV_H

#include <stdbool.h>
#include <stdint.h>
#include "mapping/base/arena.h"
#include "mapping/base/event.h"
#include "mapping/base/wheel.h"

struct uv_loop_s;

/* Work put off to the end of the loop turn; embedded in the object that has bytes to flush. */
struct env_flush {
	struct env_flush *next;
	void (*run)(void *arg);
	void *arg;
	bool queued;
};

struct env {
	struct uv_loop_s *loop; /* for the sides' sockets; NULL in tests without sockets */
	struct wheel *wheel; /* every timer of this loop */
	struct arena *turn; /* emptied when the loop turn ends */
	struct env_flush **flushes; /* run, then emptied, when the loop turn ends and before `turn` is */
	void *impure; /* passed to the functions below */
	uint64_t (*now_ms)(void *impure); /* monotonic; constant within a loop turn */
	int64_t (*unix_ms)(void *impure);
	void (*random)(void *impure, void *out, size_t n); /* fit for keys and tags */
	void (*event)(void *impure, const struct event *e);
	bool (*wants)(void *impure, enum event_kind kind); /* is anybody listening to this kind */
};

static inline uint64_t env_now_ms(const struct env *env)
{
	return env->now_ms(env->impure);
}
static inline int64_t env_unix_ms(const struct env *env)
{
	return env->unix_ms(env->impure);
}
static inline void env_event(const struct env *env, const struct event *e)
{
	env->event(env->impure, e);
}
static inline bool env_wants(const struct env *env, enum event_kind kind)
{
	return env->wants(env->impure, kind);
}
static inline void env_random(const struct env *env, void *out, size_t n)
{
	env->random(env->impure, out, n);
}
uint64_t env_random_u64(const struct env *env);
/* The id of a new journey: never 0, short in print ("%" PRIx64). */
uint64_t env_flow(const struct env *env);
/* n random bytes as 2n lower-case hex digits in the turn's arena; for tags, branches, Call-IDs, stanza ids. */
struct str env_token(const struct env *env, size_t n);
/* f->run(f->arg) is called once before this loop turn ends; a no-op while it is queued already. */
void env_flush_later(const struct env *env, struct env_flush *f);
void env_flush_cancel(const struct env *env, struct env_flush *f); /* before the object that embeds it is freed */
/* Called by who turns the loop, before it waits: runs the flushes (and what they queue), then empties the arena. */
void env_end_turn(const struct env *env);

#endif

/* SPDX-License-Identifier: MIT */
#include "mapping/base/env.h"

uint64_t env_random_u64(const struct env *env)
{
	uint64_t v;

	env_random(env, &v, sizeof(v));
	return v;
}

uint64_t env_flow(const struct env *env)
{
	uint64_t v = env_random_u64(env) & 0xffffffffffffu; /* 48 bits: 12 digits in a log line */

	return v ? v : 1;
}

struct str env_token(const struct env *env, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_room(env->turn, 2 * n + 1);
	uint8_t *raw = arena_room(env->turn, n);

	env_random(env, raw, n);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * n] = '\0';
	return (struct str){ out, 2 * n };
}

void env_flush_later(const struct env *env, struct env_flush *f)
{
	if (f->queued)
		return;
	f->queued = true;
	f->next = *env->flushes;
	*env->flushes = f;
}

void env_flush_cancel(const struct env *env, struct env_flush *f)
{
	if (!f->queued)
		return;
	f->queued = false;
	for (struct env_flush **at = env->flushes; *at; at = &(*at)->next)
		if (*at == f) {
			*at = f->next;
			return;
		}
}

void env_end_turn(const struct env *env)
{
	while (*env->flushes) {
		struct env_flush *f = *env->flushes;

		*env->flushes = f->next;
		f->queued = false;
		f->run(f->arg);
	}
	arena_reset(env->turn);
}

/* SPDX-License-Identifier: MIT */
#include "component/limits.h"
#include "mapping/base/alloc.h"
#include "mapping/base/hash.h"

#include <stdlib.h>

enum { BURST = 20, SWEEP_MS = 60000 };

/* A full bucket and no bucket are the same: the sweep forgets the full ones. */
struct bucket {
	UT_hash_handle hh;
	struct str sender;
	uint64_t full_at_ms; /* tokens that are missing, as the time it takes to refill them */
};

struct limits {
	const struct env *env;
	const struct config *config;
	struct bucket *buckets;
	struct timer sweep;
};

static void bucket_free(struct limits *l, struct bucket *b)
{
	HASH_DEL(l->buckets, b);
	alloc_str_free(&b->sender);
	free(b);
}

static void sweep(void *arg)
{
	struct limits *l = arg;
	struct bucket *b, *next;
	uint64_t now = env_now_ms(l->env);

	HASH_ITER (hh, l->buckets, b, next)
		if (b->full_at_ms <= now)
			bucket_free(l, b);
	if (l->buckets)
		wheel_set(l->env->wheel, &l->sweep, now + SWEEP_MS);
}

struct limits *limits_create(const struct env *env, const struct config *config)
{
	struct limits *l = alloc_zero(sizeof(*l));

	l->env = env;
	l->config = config;
	l->sweep.fire = sweep;
	l->sweep.arg = l;
	return l;
}

void limits_destroy(struct limits *l)
{
	struct bucket *b, *next;

	if (!l)
		return;
	wheel_cancel(l->env->wheel, &l->sweep);
	HASH_ITER (hh, l->buckets, b, next)
		bucket_free(l, b);
	free(l);
}

static struct bucket *bucket_of(struct limits *l, struct str sender)
{
	struct bucket *b;

	hash_find_str(l->buckets, sender, b);
	if (b)
		return b;
	b = alloc_zero(sizeof(*b));
	b->sender = alloc_str(sender);
	hash_add_str(l->buckets, sender, b);
	if (!wheel_is_set(&l->sweep))
		wheel_set(l->env->wheel, &l->sweep, env_now_ms(l->env) + SWEEP_MS);
	return b;
}

enum reason limits_message(struct limits *l, struct str sender, size_t bytes)
{
	unsigned each_ms = l->config->limits.messages_per_user_ms;
	unsigned count = l->config->limits.messages_per_user;

	if (l->config->limits.message_bytes && bytes > l->config->limits.message_bytes)
		return REASON_TOO_LARGE;
	if (!count)
		return REASON_NONE;

	uint64_t now = env_now_ms(l->env), cost = (each_ms + count - 1) / count;
	struct bucket *b = bucket_of(l, sender);
	uint64_t from = b->full_at_ms > now ? b->full_at_ms : now;

	if (from + cost > now + (uint64_t)BURST * each_ms)
		return REASON_TOO_MANY;
	b->full_at_ms = from + cost;
	return REASON_NONE;
}

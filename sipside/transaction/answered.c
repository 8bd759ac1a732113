/* SPDX-License-Identifier: MIT */
#include "sipside/transaction/answered.h"
#include "mapping/base/hash.h"

#include <stdlib.h>
#include <string.h>

struct answered {
	UT_hash_handle hh;
	uint64_t key, end_ms;
	struct sipside_target to;
	uint32_t n;
	char answer[];
};

static void forget(struct answered_table *t, struct answered *a)
{
	HASH_DEL(t->all, a);
	free(a);
}

static void fire(void *arg)
{
	struct answered_table *t = arg;

	while (t->all && t->all->end_ms <= env_now_ms(t->env))
		forget(t, t->all);
	if (t->all)
		wheel_set(t->env->wheel, &t->timer, t->all->end_ms);
}

void answered_init(struct answered_table *t, const struct env *env, uint64_t kept_ms, unsigned most)
{
	*t = (struct answered_table){
		.env = env, .kept_ms = kept_ms, .most = most, .timer = { .fire = fire, .arg = t }
	};
}

void answered_finish(struct answered_table *t)
{
	wheel_cancel(t->env->wheel, &t->timer);
	while (t->all)
		forget(t, t->all);
}

unsigned answered_count(const struct answered_table *t)
{
	return HASH_COUNT(t->all);
}

void answered_add(struct answered_table *t, uint64_t key, const struct sipside_target *to, struct str answer)
{
	struct answered *a = alloc_zero(sizeof(*a) + answer.n);

	a->key = key;
	a->end_ms = env_now_ms(t->env) + t->kept_ms;
	a->to = *to;
	a->n = (uint32_t)answer.n;
	memcpy(a->answer, answer.p, answer.n);
	if (HASH_COUNT(t->all) >= t->most)
		forget(t, t->all);
	hash_add_key(t->all, key, a);
	if (!wheel_is_set(&t->timer))
		wheel_set(t->env->wheel, &t->timer, a->end_ms);
}

bool answered_find(const struct answered_table *t, uint64_t key, const struct sipside_target **to, struct str *answer)
{
	struct answered *a;

	hash_find_key(t->all, key, a);
	if (!a)
		return false;
	*to = &a->to;
	*answer = (struct str){ a->answer, a->n };
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/disposition.h"

#include <stdlib.h>
#include <string.h>

static void fire(void *arg);

void dispositions_init(struct dispositions *t, const struct env *env)
{
	*t = (struct dispositions){ .env = env, .timer = { .fire = fire, .arg = t } };
}

static void forget(struct dispositions *t, struct disposition *d)
{
	*(d->older ? &d->older->younger : &t->oldest) = d->younger;
	*(d->younger ? &d->younger->older : &t->youngest) = d->older;
	HASH_DEL(t->all, d);
	free(d);
}

void dispositions_finish(struct dispositions *t)
{
	wheel_cancel(t->env->wheel, &t->timer);
	while (t->oldest)
		forget(t, t->oldest);
}

/* They stand in order of time. */
static void expire(struct dispositions *t)
{
	uint64_t now_ms = env_now_ms(t->env);

	while (t->oldest &&
		(t->oldest->since_ms + DISPOSITION_KEPT_MS <= now_ms || HASH_COUNT(t->all) > DISPOSITION_MAX))
		forget(t, t->oldest);
	if (t->oldest && !wheel_is_set(&t->timer))
		wheel_set(t->env->wheel, &t->timer, t->oldest->since_ms + DISPOSITION_KEPT_MS + 1000);
}

static void fire(void *arg)
{
	expire(arg);
}

static struct str keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

/* Neither part of a pair's key nor an id has a line feed in it. */
static struct str key_of(const struct env *env, enum event_dir dir, struct str pair, struct str told_by)
{
	return arena_printf(
		env->turn, "%c" STR_FMT "\n" STR_FMT, dir == DIR_X2S ? 'x' : 's', STR_ARG(told_by), STR_ARG(pair));
}

static struct disposition *copy(const struct disposition_order *o, struct str key)
{
	const struct x_jid *w = &o->writer;
	struct disposition *d =
		alloc_zero(sizeof(*d) + key.n + o->known_as.n + w->node.n + w->domain.n + w->resource.n);
	char *at = (char *)(d + 1);

	d->key = keep(&at, key);
	d->order = *o;
	d->order.pair = d->order.told_by = STR_NONE; /* they are in the key */
	d->order.known_as = keep(&at, o->known_as);
	d->order.writer = (struct x_jid){ keep(&at, w->node), keep(&at, w->domain), keep(&at, w->resource) };
	return d;
}

void dispositions_expect(struct dispositions *t, const struct disposition_order *order)
{
	struct disposition *known = dispositions_find(t, order->dir, order->pair, order->told_by);

	if (known)
		forget(t, known);
	if (!order->delivery && !order->display)
		return;
	struct disposition *d = copy(order, key_of(t->env, order->dir, order->pair, order->told_by));

	d->since_ms = env_now_ms(t->env);
	hash_add_str(t->all, key, d);
	d->older = t->youngest;
	*(d->older ? &d->older->younger : &t->oldest) = d;
	t->youngest = d;
	expire(t);
}

struct disposition *dispositions_find(struct dispositions *t, enum event_dir dir, struct str pair, struct str told_by)
{
	struct disposition *d = NULL;

	if (t->all)
		hash_find_str(t->all, key_of(t->env, dir, pair, told_by), d);
	return d;
}

void dispositions_settle(struct dispositions *t, struct disposition *d, bool delivery, bool display)
{
	if (!d)
		return;
	d->order.delivery = d->order.delivery && !delivery;
	d->order.display = d->order.display && !display;
	if (!d->order.delivery && !d->order.display)
		forget(t, d);
}

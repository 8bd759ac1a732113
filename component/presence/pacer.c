/* SPDX-License-Identifier: MIT */
#include "component/presence/pacer.h"

#include <stddef.h>

static void arm(struct pacer *p)
{
	uint64_t now = env_now_ms(p->env);

	if (p->first && !wheel_is_set(&p->timer))
		wheel_set(p->env->wheel, &p->timer, p->next_ms > now ? p->next_ms : now + 1);
}

static void fire(void *arg)
{
	struct pacer *p = arg;
	struct pacer_item *item = p->first;
	uint64_t now = env_now_ms(p->env);

	if (!item)
		return;
	pacer_remove(p, item);
	/* half to one and a half intervals: the mean is the interval */
	p->next_ms = now + p->interval_ms / 2 + env_random_u64(p->env) % (p->interval_ms + 1);
	p->serve(item);
	arm(p);
}

void pacer_init(struct pacer *p, const struct env *env, unsigned interval_ms, void (*serve)(struct pacer_item *))
{
	*p = (struct pacer){ .env = env, .interval_ms = interval_ms, .serve = serve };
	p->last = &p->first;
	p->timer.fire = fire;
	p->timer.arg = p;
}

void pacer_add(struct pacer *p, struct pacer_item *item)
{
	if (pacer_waits(item))
		return;
	item->next = NULL;
	item->link = p->last;
	*p->last = item;
	p->last = &item->next;
	arm(p);
}

void pacer_remove(struct pacer *p, struct pacer_item *item)
{
	if (!pacer_waits(item))
		return;
	*item->link = item->next;
	if (item->next)
		item->next->link = item->link;
	else
		p->last = item->link;
	*item = (struct pacer_item){ 0 };
}

void pacer_finish(struct pacer *p)
{
	while (p->first)
		pacer_remove(p, p->first);
	wheel_cancel(p->env->wheel, &p->timer);
}

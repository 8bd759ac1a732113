/* SPDX-License-Identifier: MIT */
#include "sipside/locate/health.h"

#include <stdlib.h>
#include "mapping/base/alloc.h"
#include "sipside/locate/probe.h"

struct health {
	struct health *next;
	struct sipside_domain *domain;
	struct str route; /* name; owned */
	struct probe *probe; /* the one that is open */
	struct timer due; /* the next probe; while one is open: the end of its patience */
	struct timer silence;
};

static void set_due(struct health *h, uint64_t ms)
{
	const struct env *env = h->domain->locate->env;

	wheel_set(env->wheel, &h->due, env_now_ms(env) + ms);
}

/* When to ask next, after an answer or none. */
static void rest(struct health *h, const struct route *r)
{
	const struct env *env = h->domain->locate->env;
	uint64_t now = env_now_ms(env), wait = HEALTH_DOWN_MS;

	if (r->state == ROUTE_UP)
		wait = HEALTH_UP_MS - env_random_u64(env) % (HEALTH_UP_MS / 10);
	else if (r->wait_ms > now)
		wait = r->wait_ms - now;
	set_due(h, wait);
}

/* Marks are the attempt's work; here only the clock is wound up again. */
static void probed(void *arg, const struct s_result *result)
{
	struct health *h = arg;
	const struct route *r = domain_route(h->domain, h->route);

	(void)result;
	h->probe = NULL;
	if (r && !h->domain->locate->closing)
		rest(h, r);
}

static void due(void *arg)
{
	struct health *h = arg;
	struct route *r = domain_route(h->domain, h->route);

	if (!r)
		return; /* a later configuration left it out */
	if (h->probe) {
		probe_forget(h->probe);
		h->probe = NULL;
		route_down(h->domain, r, REASON_NO_ANSWER, STR("OPTIONS is not answered"), 0);
		rest(h, r);
		return;
	}
	set_due(h, HEALTH_ANSWER_MS);
	h->probe = probe_start(h->domain, r, probed, h);
}

static void silent(void *arg)
{
	struct health *h = arg;
	struct route *r = domain_route(h->domain, h->route);

	if (r)
		health_suspect(h->domain->locate, r);
}

void health_suspect(struct locate *l, struct route *r)
{
	if (!r || !r->health || r->health->probe || r->wait_ms > env_now_ms(l->env) || l->closing)
		return;
	set_due(r->health, 0);
}

void health_asked(struct locate *l, struct route *r)
{
	if (r && r->health && !wheel_is_set(&r->health->silence))
		wheel_set(l->env->wheel, &r->health->silence, env_now_ms(l->env) + HEALTH_SILENCE_MS);
}

void health_heard(struct locate *l, struct route *r)
{
	if (r && r->health)
		wheel_cancel(l->env->wheel, &r->health->silence);
}

/* -- Life */

static void watch(struct locate *l, struct sipside_domain *d, struct route *r, unsigned number)
{
	struct health *h = alloc_zero(sizeof(*h));

	h->domain = d;
	h->route = alloc_str(r->name);
	h->due = (struct timer){ .fire = due, .arg = h };
	h->silence = (struct timer){ .fire = silent, .arg = h };
	h->next = l->healths;
	l->healths = h;
	r->health = h;
	set_due(h, number * HEALTH_PACE_MS);
}

void health_start(struct locate *l)
{
	unsigned number = 0;

	for (struct sipside_domain *d = l->domains; d; d = d->next)
		for (unsigned i = 0; d->configured && i < d->rows->routes_count; i++)
			if (!d->rows->routes[i].health)
				watch(l, d, &d->rows->routes[i], number++);
}

void health_stop(struct locate *l)
{
	while (l->healths) {
		struct health *h = l->healths;
		struct route *r = domain_route(h->domain, h->route);

		l->healths = h->next;
		if (r)
			r->health = NULL;
		if (h->probe)
			probe_forget(h->probe);
		wheel_cancel(l->env->wheel, &h->due);
		wheel_cancel(l->env->wheel, &h->silence);
		alloc_str_free(&h->route);
		free(h);
	}
}

/* SPDX-License-Identifier: MIT */
#include "tests/lib/fake_env.h"

#include <stdio.h>

static uint64_t fake_now(void *impure)
{
	return ((struct fake_env *)impure)->now_ms;
}

static int64_t fake_unix(void *impure)
{
	return ((struct fake_env *)impure)->unix_ms;
}

static void fake_random(void *impure, void *out, size_t n)
{
	struct fake_env *f = impure;
	uint8_t *bytes = out;

	for (size_t i = 0; i < n; i++) {
		f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(f->seed >> 56);
	}
}

static void fake_event(void *impure, const struct event *e)
{
	struct fake_env *f = impure;

	f->counts[e->kind]++;
	if (f->print)
		fprintf(stderr, STR_FMT " from=" STR_FMT " to=" STR_FMT " why=" STR_FMT " " STR_FMT "\n",
			STR_ARG(event_row(e->kind)->word), STR_ARG(e->from), STR_ARG(e->to), STR_ARG(e->why),
			STR_ARG(e->detail));
}

static bool fake_wants(void *impure, enum event_kind kind)
{
	(void)impure;
	(void)kind;
	return false;
}

void fake_env_init(struct fake_env *f)
{
	*f = (struct fake_env){ .now_ms = 1000000, .unix_ms = 1767225600000, .seed = 1 };
	wheel_init(&f->wheel, f->now_ms);
	f->env = (struct env){
		.wheel = &f->wheel,
		.turn = &f->turn,
		.flushes = &f->flushes,
		.impure = f,
		.now_ms = fake_now,
		.unix_ms = fake_unix,
		.random = fake_random,
		.event = fake_event,
		.wants = fake_wants,
	};
}

void fake_env_advance(struct fake_env *f, uint64_t ms)
{
	uint64_t until = f->now_ms + ms;

	env_end_turn(&f->env);
	while (f->now_ms < until) {
		uint64_t next = wheel_next(&f->wheel);
		uint64_t step = next < until ? next : until;

		if (step <= f->now_ms)
			step = f->now_ms + 1;
		f->unix_ms += (int64_t)(step - f->now_ms);
		f->now_ms = step;
		wheel_run(&f->wheel, step);
		env_end_turn(&f->env);
	}
}

void fake_env_finish(struct fake_env *f)
{
	arena_finish(&f->turn);
}

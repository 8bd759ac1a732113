/* SPDX-License-Identifier: MIT */
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { TIMERS = 2000 };
struct model {
	struct timer timer;
	uint64_t due_ms, fired_ms;
	struct wheel *wheel;
	unsigned fires;
};

static void fired(void *arg)
{
	struct model *m = arg;

	m->fired_ms = m->wheel->now_ms;
	m->fires++;
}

/* Against the plainest model there is: every timer fires once, at its millisecond, whatever its distance. */
static void random_timers_fire_once_and_on_time(void **state)
{
	(void)state;
	static struct model models[TIMERS];
	struct fake_env f;

	fake_env_init(&f);
	for (unsigned round = 0; round < 20; round++) {
		uint64_t last = f.now_ms;

		for (unsigned i = 0; i < TIMERS; i++) {
			uint64_t reach = (uint64_t)1 << (env_random_u64(&f.env) % 33);
			uint64_t ahead = 1 + env_random_u64(&f.env) % reach;

			models[i] = (struct model){ .wheel = &f.wheel, .due_ms = f.now_ms + ahead };
			models[i].timer.fire = fired;
			models[i].timer.arg = &models[i];
			wheel_set(&f.wheel, &models[i].timer, models[i].due_ms);
			if (models[i].due_ms > last)
				last = models[i].due_ms;
		}
		for (unsigned i = 0; i < TIMERS; i += 3)
			wheel_cancel(&f.wheel, &models[i].timer);
		fake_env_advance(&f, last - f.now_ms + 1);
		for (unsigned i = 0; i < TIMERS; i++) {
			assert_int_equal(models[i].fires, i % 3 ? 1 : 0);
			if (models[i].fires)
				assert_true(models[i].fired_ms == models[i].due_ms);
		}
		assert_true(wheel_next(&f.wheel) == UINT64_MAX);
	}
	fake_env_finish(&f);
}

static void again(void *arg)
{
	struct model *m = arg;

	if (++m->fires < 5)
		wheel_set(m->wheel, &m->timer, m->wheel->now_ms + 10);
}

static void a_firing_timer_may_be_set_again(void **state)
{
	(void)state;
	struct fake_env f;
	struct model m = { .wheel = &f.wheel };

	fake_env_init(&f);
	m.timer.fire = again;
	m.timer.arg = &m;
	wheel_set(&f.wheel, &m.timer, f.now_ms); /* now counts as past: the next run */
	fake_env_advance(&f, 100);
	assert_int_equal(m.fires, 5);
	fake_env_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_timers_fire_once_and_on_time),
		cmocka_unit_test(a_firing_timer_may_be_set_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "component/loop.h"

struct ticks {
	struct loop loop;
	struct timer timers[3];
	uint64_t fired_ms[3];
	unsigned fired, flushed, events;
	struct env_flush flush;
};

static void on_flush(void *arg)
{
	struct ticks *t = arg;

	t->flushed++;
}

static void on_timer(void *arg)
{
	struct ticks *t = arg;

	t->fired_ms[t->fired++] = env_now_ms(&t->loop.env);
	env_flush_later(&t->loop.env, &t->flush);
	if (t->fired == 1) /* an earlier deadline than the armed one */
		wheel_set(&t->loop.wheel, &t->timers[2], env_now_ms(&t->loop.env) + 5);
}

/* One uv_timer drives them all, in order and never early; each turn ends with its flushes; then the loop is empty. */
static void test_timers(void **state)
{
	struct ticks t = { .fired = 0 };
	uint64_t start;

	(void)state;
	loop_init(&t.loop);
	t.flush = (struct env_flush){ .run = on_flush, .arg = &t };
	for (int i = 0; i < 3; i++)
		t.timers[i] = (struct timer){ .fire = on_timer, .arg = &t };
	start = env_now_ms(&t.loop.env);
	wheel_set(&t.loop.wheel, &t.timers[1], start + 200);
	wheel_set(&t.loop.wheel, &t.timers[0], start + 20);
	loop_run(&t.loop);
	assert_int_equal(t.fired, 3);
	assert_true(t.fired_ms[0] >= start + 20);
	assert_true(t.fired_ms[1] >= t.fired_ms[0] + 5);
	assert_true(t.fired_ms[1] < start + 200);
	assert_true(t.fired_ms[2] >= start + 200);
	assert_int_equal(t.flushed, 3);
	loop_finish(&t.loop);
}

static void test_random(void **state)
{
	struct loop l;
	uint8_t a[64], b[64], big[2 * LOOP_RANDOM_BYTES];

	(void)state;
	loop_init(&l);
	for (int i = 0; i < 200; i++) { /* over more than one filling of the pool */
		env_random(&l.env, a, sizeof(a));
		env_random(&l.env, b, sizeof(b));
		assert_memory_not_equal(a, b, sizeof(a));
	}
	memset(big, 0, sizeof(big));
	env_random(&l.env, big, sizeof(big));
	memset(a, 0, sizeof(a));
	assert_memory_not_equal(big + sizeof(big) - sizeof(a), a, sizeof(a));
	assert_true(env_unix_ms(&l.env) > 1700000000000);
	loop_finish(&l);
}

static void on_event(void *arg, const struct event *e)
{
	struct ticks *t = arg;

	t->events += e->kind == EVENT_READY;
}

static void test_events(void **state)
{
	struct ticks t = { .events = 0 };

	(void)state;
	loop_init(&t.loop);
	env_event(&t.loop.env, &(struct event){ .kind = EVENT_READY });
	sinks_add(&t.loop.sinks, (struct sink){ .event = on_event, .arg = &t });
	env_event(&t.loop.env, &(struct event){ .kind = EVENT_READY });
	assert_int_equal(t.events, 1);
	assert_false(env_wants(&t.loop.env, EVENT_WIRE_SIP));
	loop_finish(&t.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

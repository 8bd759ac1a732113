/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/pacer.h"
#include "tests/lib/fake_env.h"

enum { ITEMS = 200, INTERVAL_MS = 50 };

static struct pacer_item items[ITEMS];
static unsigned served, order[ITEMS];

static void serve(struct pacer_item *item)
{
	order[served++] = (unsigned)(item - items);
}

static void an_even_stream_in_order(void **state)
{
	struct fake_env f;
	struct pacer p;

	(void)state;
	served = 0;
	fake_env_init(&f);
	pacer_init(&p, &f.env, INTERVAL_MS, serve);
	for (unsigned i = 0; i < ITEMS; i++)
		pacer_add(&p, &items[i]);
	pacer_add(&p, &items[0]); /* waits already */
	fake_env_advance(&f, 10);
	assert_int_equal(served, 1); /* the first one at once */
	fake_env_advance(&f, 1000);
	assert_in_range(served, 15, 25);
	pacer_remove(&p, &items[100]);
	pacer_remove(&p, &items[ITEMS - 1]);
	pacer_remove(&p, &items[ITEMS - 1]);
	fake_env_advance(&f, ITEMS * INTERVAL_MS * 2);
	assert_int_equal(served, ITEMS - 2);
	for (unsigned i = 1; i < served; i++)
		assert_true(order[i] > order[i - 1]);
	pacer_add(&p, &items[7]);
	assert_true(pacer_waits(&items[7]));
	fake_env_advance(&f, 10);
	assert_int_equal(served, ITEMS - 1);
	pacer_add(&p, &items[8]);
	pacer_finish(&p);
	assert_false(pacer_waits(&items[8]));
	fake_env_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(an_even_stream_in_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

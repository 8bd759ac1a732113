/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/chat/disposition.h"
#include "tests/lib/fake_env.h"

struct table {
	struct fake_env fe;
	struct dispositions t;
};

static void begin(struct table *w)
{
	fake_env_init(&w->fe);
	dispositions_init(&w->t, &w->fe.env);
}

static void end(struct table *w)
{
	dispositions_finish(&w->t);
	assert_null(w->t.all);
	fake_env_finish(&w->fe);
}

static struct disposition_order order(const char *id)
{
	return (struct disposition_order){ .dir = DIR_X2S,
		.pair = STR("ann bob"),
		.told_by = str_c(id),
		.known_as = STR("m1"),
		.writer = { STR("ann"), STR("a.example"), STR("phone") },
		.type = X_TYPE_CHAT,
		.delivery = true,
		.display = true };
}

static void a_report_finds_its_text(void **state)
{
	struct table w;
	struct disposition_order o = order("x1");

	(void)state;
	begin(&w);
	dispositions_expect(&w.t, &o);
	struct disposition *d = dispositions_find(&w.t, DIR_X2S, STR("ann bob"), STR("x1"));

	assert_non_null(d);
	assert_true(str_eq(d->order.known_as, STR("m1")) && str_eq(d->order.writer.resource, STR("phone")));
	/* of somebody else, the other way, another one: not it */
	assert_null(dispositions_find(&w.t, DIR_X2S, STR("ann eve"), STR("x1")));
	assert_null(dispositions_find(&w.t, DIR_S2X, STR("ann bob"), STR("x1")));
	assert_null(dispositions_find(&w.t, DIR_X2S, STR("ann bob"), STR("x2")));
	assert_null(dispositions_find(&w.t, DIR_X2S, STR("bob"), STR("x1\nann")));
	end(&w);
}

static void it_ends_when_all_is_told(void **state)
{
	struct table w;
	struct disposition_order o = order("x1");

	(void)state;
	begin(&w);
	dispositions_expect(&w.t, &o);
	dispositions_settle(&w.t, dispositions_find(&w.t, DIR_X2S, o.pair, o.told_by), true, false);
	struct disposition *d = dispositions_find(&w.t, DIR_X2S, o.pair, o.told_by);

	assert_true(d && !d->order.delivery && d->order.display);
	dispositions_settle(&w.t, d, false, true);
	assert_null(dispositions_find(&w.t, DIR_X2S, o.pair, o.told_by));
	dispositions_settle(&w.t, NULL, true, true);
	o.delivery = o.display = false; /* nothing is wanted: nothing is kept */
	dispositions_expect(&w.t, &o);
	assert_null(w.t.all);
	end(&w);
}

static void it_is_bounded_in_number_and_time(void **state)
{
	struct table w;

	(void)state;
	begin(&w);
	for (unsigned i = 0; i < DISPOSITION_MAX + 10; i++) {
		struct disposition_order o = order(arena_printf(w.fe.env.turn, "x%u", i).p);

		dispositions_expect(&w.t, &o);
	}
	assert_int_equal(HASH_COUNT(w.t.all), DISPOSITION_MAX);
	assert_null(dispositions_find(&w.t, DIR_X2S, STR("ann bob"), STR("x9")));
	assert_non_null(dispositions_find(&w.t, DIR_X2S, STR("ann bob"), STR("x10")));
	fake_env_advance(&w.fe, DISPOSITION_KEPT_MS + 2000);
	assert_null(w.t.all);
	assert_false(wheel_is_set(&w.t.timer));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_finds_its_text),
		cmocka_unit_test(it_ends_when_all_is_told),
		cmocka_unit_test(it_is_bounded_in_number_and_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

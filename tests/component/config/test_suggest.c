/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "component/config/suggest.h"

static void test_distance(void **state)
{
	static const struct {
		struct str a, b;
		unsigned distance;
	} rows[] = {
		{ STR_INIT("listen"), STR_INIT("listen"), 0 },
		{ STR_INIT("Listen"), STR_INIT("liSTen"), 0 },
		{ STR_INIT("listn"), STR_INIT("listen"), 1 },
		{ STR_INIT("lissten"), STR_INIT("listen"), 1 },
		{ STR_INIT("lisven"), STR_INIT("listen"), 1 },
		{ STR_INIT("lsiten"), STR_INIT("listen"), 1 },
		{ STR_INIT("node"), STR_INIT("xmpp"), 4 },
		{ STR_INIT(""), STR_INIT("to"), 2 },
		{ STR_INIT("a-word-that-is-longer-than-any-key"), STR_INIT("to"), SUGGEST_FAR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(suggest_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(suggest_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static struct str best(struct str word)
{
	static const struct str known[] = { STR_INIT("listen"), STR_INIT("cert"), STR_INIT("key"), STR_INIT("ca"),
		STR_INIT("crl") };
	struct suggest s = { .word = word };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		suggest_try(&s, known[i]);
	return s.best;
}

static void test_best(void **state)
{
	(void)state;
	assert_true(str_eq(best(STR("listne")), STR("listen")));
	assert_true(str_eq(best(STR("crt")), STR("cert")));
	assert_true(str_eq(best(STR("keys")), STR("key")));
	assert_int_equal(best(STR("colour")).n, 0);
	assert_int_equal(best(STR("")).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

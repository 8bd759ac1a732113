/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "component/operate/check_report.h"

static void expect(struct buf *got, const char *expected)
{
	buf_addc(got, '\0');
	assert_string_equal(got->p, expected);
	buf_finish(got);
}

static void test_nothing(void **state)
{
	struct check_report r;
	struct buf out = { .n = 0 };

	(void)state;
	check_report_init(&r);
	assert_int_equal(check_exit(&r), EXIT_GOOD);
	check_print_json(&r, &out);
	expect(&out, "{\"findings\":[],\"warnings\":0,\"problems\":0}\n");
	check_report_finish(&r);
}

static void test_text_and_json(void **state)
{
	struct check_report r;
	struct buf out = { .n = 0 };

	(void)state;
	check_report_init(&r);
	check_add(&r, CHECK_PASS, STR("config"), "%s", "t.conf");
	check_add(&r, CHECK_SKIP, STR("xmpp"), "running");
	assert_int_equal(check_exit(&r), EXIT_GOOD);
	check_add(&r, CHECK_WARN, STR("storage"), "in memory");
	assert_int_equal(check_exit(&r), EXIT_WARNING);
	check_advise(&r, check_add(&r, CHECK_FAIL, STR("route a"), "\"x\"\\\x1b[2J\n"), "Nothing works.", "do this");
	assert_int_equal(check_exit(&r), EXIT_PROBLEM);
	check_print_text(&r, &out);
	expect(&out, "config      PASS  t.conf\n"
		     "xmpp        SKIP  running\n"
		     "storage     WARN  in memory\n"
		     "route a     FAIL  \"x\"\\?[2J?\n"
		     "                  Nothing works.\n"
		     "                  -> do this\n"
		     "1 problem, 1 warning\n");
	check_print_json(&r, &out);
	expect(&out, "{\"findings\":[{\"state\":\"pass\",\"subject\":\"config\",\"found\":\"t.conf\"},"
		     "{\"state\":\"skip\",\"subject\":\"xmpp\",\"found\":\"running\"},"
		     "{\"state\":\"warn\",\"subject\":\"storage\",\"found\":\"in memory\"},"
		     "{\"state\":\"fail\",\"subject\":\"route a\",\"found\":\"\\\"x\\\"\\\\\\u001b[2J\\u000a\","
		     "\"consequence\":\"Nothing works.\",\"remedy\":\"do this\"}],\"warnings\":1,\"problems\":1}\n");
	check_report_finish(&r);
}

/* Answers come when they come; the lines stand as in the configuration. */
static void test_order(void **state)
{
	static const struct {
		enum check_part part;
		unsigned index;
		const char *words;
	} rows[] = { { CHECK_ROUTE, 3, "f" }, { CHECK_XMPP, 2, "c" }, { CHECK_LISTEN, 0, "d" }, { CHECK_ROUTE, 1, "e" },
		{ CHECK_CONFIG, 0, "a" }, { CHECK_XMPP, 0, "b" }, { CHECK_ROUTE, 3, "g" } };
	struct check_report r;
	char order[8] = "";
	size_t n = 0;

	(void)state;
	check_report_init(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_at(&r, rows[i].part, rows[i].index);
		check_add(&r, CHECK_PASS, STR("x"), "%s", rows[i].words);
	}
	for (const struct check_finding *f = r.first; f && n < sizeof(order) - 1; f = f->next)
		order[n++] = f->found.p[0];
	assert_string_equal(order, "abcdefg");
	check_report_finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_text_and_json),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

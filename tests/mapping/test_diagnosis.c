/* SPDX-License-Identifier: MIT */
#include "mapping/diagnosis.h"
#include "mapping/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static bool begins(struct str text, const char *with)
{
	return str_starts(text, str_c(with));
}

static void a_diagnosis_says_more_than_the_status(void **state)
{
	struct arena a = { 0 };
	struct s_result r = {
		.why = REASON_SIP_STATUS, .status = 504, .words = STR("Server time-out"), .diagnosis = 1010
	};
	struct x_error e = map_error_s2x(&a, &r);

	(void)state;
	assert_true(str_eq(e.condition, STR("remote-server-timeout")));
	assert_true(begins(e.text, "The other chat system does not trust"));
	assert_true(str_ends(e.text, STR("[SIP 504 Server time-out, ms-diagnostics 1010]")));
	r.diagnosis = 25008; /* nothing that people could use: the status speaks, the number goes along */
	e = map_error_s2x(&a, &r);
	assert_false(begins(e.text, "The other chat system does not trust"));
	assert_true(str_ends(e.text, STR("[SIP 504 Server time-out, ms-diagnostics 25008]")));
	arena_finish(&a);
}

static void the_filter_is_named_by_its_warning(void **state)
{
	struct s_result r = { .why = REASON_SIP_STATUS, .status = 606, .warning = MAP_WARNING_FILTER };

	(void)state;
	assert_true(begins(map_diagnosis_sentence(&r), "A filter"));
	r.warning = 310;
	assert_int_equal(map_diagnosis_sentence(&r).n, 0);
	r = (struct s_result){ .why = REASON_SIP_STATUS, .status = 488, .warning = MAP_WARNING_FILTER };
	assert_int_equal(map_diagnosis_sentence(&r).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_diagnosis_says_more_than_the_status),
		cmocka_unit_test(the_filter_is_named_by_its_warning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

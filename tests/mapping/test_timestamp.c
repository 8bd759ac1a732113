/* SPDX-License-Identifier: MIT */
#include "mapping/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void times_are_read_and_printed(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		int64_t ms; /* -1: refused */
		struct str printed;
	} rows[] = {
		{ STR_INIT("1970-01-01T00:00:00Z"), 0, STR_INIT("1970-01-01T00:00:00Z") },
		{ STR_INIT("2026-02-11T10:00:00Z"), 1770804000000, STR_INIT("2026-02-11T10:00:00Z") },
		{ STR_INIT(" 2026-02-11T11:00:00.5+01:00\n"), 1770804000500, STR_INIT("2026-02-11T10:00:00.500Z") },
		{ STR_INIT("2026-02-11T05:30:00.0019-04:30"), 1770804000001, STR_INIT("2026-02-11T10:00:00.001Z") },
		{ STR_INIT("2024-02-29T23:59:59"), 1709251199000, STR_INIT("2024-02-29T23:59:59Z") },
		{ STR_INIT("9999-12-31T23:59:59.999Z"), 253402300799999, STR_INIT("9999-12-31T23:59:59.999Z") },
		{ STR_INIT(""), -1, STR_INIT("") },
		{ STR_INIT("2026-02-11"), -1, STR_INIT("") },
		{ STR_INIT("2026-13-11T10:00:00Z"), -1, STR_INIT("") },
		{ STR_INIT("2026-02-11T10:00:00."), -1, STR_INIT("") },
		{ STR_INIT("2026-02-11T10:00:00ZZ"), -1, STR_INIT("") },
		{ STR_INIT("2026-02-11T10:00:00+0100"), -1, STR_INIT("") },
		{ STR_INIT("1969-12-31T23:59:59Z"), -1, STR_INIT("") },
		{ STR_INIT("1970-01-01T00:00:00+01:00"), -1, STR_INIT("") },
		{ STR_INIT("-026-02-11T10:00:00Z"), -1, STR_INIT("") },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		bool read = map_timestamp_read(rows[i].text, &ms);

		if (read != (rows[i].ms >= 0) || ms != rows[i].ms)
			fail_msg("row %zu: %lld", i, (long long)ms);
		if (read)
			assert_true(str_eq(map_timestamp_print(&a, ms), rows[i].printed));
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_and_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

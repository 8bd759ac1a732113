/* SPDX-License-Identifier: MIT */
#include "mapping/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void both_rows_are_found_by_name_and_number(void **state)
{
	(void)state;
	const struct map_profile *lync = map_profile_find(STR("lync")), *simple = map_profile_find(STR("simple"));

	assert_ptr_equal(map_profile_at(0), lync);
	assert_ptr_equal(map_profile_at(1), simple);
	assert_null(map_profile_at(2));
	assert_null(map_profile_find(STR("Lync")));
	assert_null(map_profile_find(STR_NONE));
}

static void traits_and_times_are_those_of_the_dialect(void **state)
{
	(void)state;
	const struct map_profile *lync = map_profile_at(0), *simple = map_profile_at(1);

	assert_true(lync->sessions && lync->keyboard_activity && lync->one_tuple && lync->draft_rpid);
	assert_true(lync->no_auth_codes && lync->record_route && lync->conversation_id && !lync->gruu);
	assert_int_equal(lync->typing_refresh_ms, 5000);
	assert_int_equal(lync->typing_expiry_ms, 15000);
	assert_false(simple->sessions || simple->keyboard_activity || simple->one_tuple || simple->draft_rpid);
	assert_false(simple->no_auth_codes || simple->record_route || simple->conversation_id);
	assert_true(simple->gruu);
	assert_int_equal(simple->typing_refresh_ms, 60000); /* RFC 3994 3.2: not below 60 s */
	assert_int_equal(simple->typing_expiry_ms, 120000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_rows_are_found_by_name_and_number),
		cmocka_unit_test(traits_and_times_are_those_of_the_dialect),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/absent.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void notes_fade(void **state)
{
	struct fake_env fake;
	struct absent a;

	(void)state;
	fake_env_init(&fake);
	absent_init(&a, &fake.env);
	absent_note(&a, STR("sip:a@b"));
	fake_env_advance(&fake, ABSENT_MS / 2);
	absent_note(&a, STR("sip:c@b"));
	assert_true(absent_is(&a, STR("sip:a@b")));
	assert_false(absent_is(&a, STR("sip:x@b")));
	fake_env_advance(&fake, ABSENT_MS / 2);
	assert_false(absent_is(&a, STR("sip:a@b")));
	assert_true(absent_is(&a, STR("sip:c@b")));
	absent_forget(&a, STR("sip:c@b"));
	absent_forget(&a, STR("sip:c@b"));
	assert_null(a.users);
	absent_finish(&a);
	fake_env_finish(&fake);
}

static void the_table_is_bounded(void **state)
{
	struct fake_env fake;
	struct absent a;
	char uri[32];

	(void)state;
	fake_env_init(&fake);
	absent_init(&a, &fake.env);
	for (unsigned i = 0; i < 3 * ABSENT_MAX; i++) {
		snprintf(uri, sizeof(uri), "sip:%u@b", i);
		absent_note(&a, str_c(uri));
	}
	assert_int_equal(absent_count(&a), ABSENT_MAX);
	assert_true(absent_is(&a, str_c(uri)));
	assert_false(absent_is(&a, STR("sip:0@b")));
	absent_finish(&a);
	fake_env_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_fade),
		cmocka_unit_test(the_table_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/own_mark.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Another process of the same installation, such as the one before a restart, knows the marks of this one. */
static void marks_are_the_installations(void **state)
{
	struct own_mark first, again, other;
	struct fake_env fake;

	(void)state;
	fake_env_init(&fake);
	own_mark_init(&first, STR("sip.example.com "));
	own_mark_init(&again, STR("sip.example.com "));
	own_mark_init(&other, STR("sip.example.org "));
	struct str tag = own_mark_tag(&first, &fake.env), agent = own_mark_agent(&first, &fake.env);

	assert_true(own_mark_made(&again, tag));
	assert_false(own_mark_made(&other, tag));
	assert_true(own_mark_in_agent(&again, agent));
	assert_true(own_mark_in_agent(&again, arena_printf(&fake.turn, "Proxy/1 " STR_FMT, STR_ARG(agent))));
	assert_false(own_mark_in_agent(&other, agent));
	fake_env_finish(&fake);
}

static void foreign_and_bent_tags_are_not_ours(void **state)
{
	static const char *const foreign[] = { "", "1", "00000000000000000000000", "000000000000000000000000",
		"0123456789abcdef01234567", "zzzzzzzzzzzzzzzzzzzzzzzz", "0123456789abcdef0123456789abcdef" };
	struct own_mark mark;
	struct fake_env fake;
	char bent[64];

	(void)state;
	fake_env_init(&fake);
	own_mark_init(&mark, STR("sip.example.com "));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_false(own_mark_made(&mark, str_c(foreign[i])));
	struct str tag = own_mark_tag(&mark, &fake.env);

	assert_true(tag.n < sizeof(bent));
	for (size_t i = 0; i < tag.n; i++) {
		memcpy(bent, tag.p, tag.n);
		bent[i] ^= 1;
		assert_false(own_mark_made(&mark, (struct str){ bent, tag.n }));
	}
	assert_false(own_mark_in_agent(&mark, STR_NONE));
	fake_env_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_the_installations),
		cmocka_unit_test(foreign_and_bent_tags_are_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/access.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static bool allows(struct access *a, const char *address)
{
	union resolver_address from;

	assert_true(resolver_literal(str_c(address), &from));
	return access_allows(a, &from.sa);
}

static void rules_allow_what_they_say(void **state)
{
	static const struct {
		const char *rule, *address;
		bool allowed;
	} rows[] = {
		{ "10.0.0.5", "10.0.0.5", true },
		{ "10.0.0.5", "10.0.0.4", false },
		{ "10.0.0.5", "::ffff:10.0.0.5", true },
		{ "10.1.0.0/16", "10.1.255.255", true },
		{ "10.1.0.0/16", "10.2.0.0", false },
		{ "10.1.2.128/25", "10.1.2.127", false },
		{ "10.1.2.128/25", "10.1.2.128", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "[2001:db8::7]", "2001:db8::7", true },
		{ "fe1.corp.example", "192.0.2.7", true },
		{ "fe1.corp.example", "192.0.2.9", false },
		{ "fe1.corp.example", "192.0.2.8", true },
		{ "nobody.example", "192.0.2.7", false },
	};
	struct fake_env f;
	struct resolver *r;

	(void)state;
	fake_env_init(&f);
	r = resolver_create(&f.env);
	assert_true(resolver_add_host(r, STR("fe1.corp.example"), STR("192.0.2.7")));
	assert_true(resolver_add_host(r, STR("fe1.corp.example"), STR("192.0.2.8")));
	assert_false(resolver_add_host(r, STR("x"), STR("not-an-address")));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str rule = str_c(rows[i].rule), bad;
		struct access *a = access_create(&f.env, r, &rule, 1, &bad);

		assert_non_null(a);
		access_prepare(a);
		if (allows(a, rows[i].address) != rows[i].allowed)
			fail_msg("%s and %s", rows[i].rule, rows[i].address);
		access_destroy(a);
	}
	resolver_destroy(r);
	fake_env_finish(&f);
}

static void nonsense_is_named(void **state)
{
	static const char *const nonsense[] = { "", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "::/129", "a b", "a/b",
		"x:y" };
	struct fake_env f;
	struct resolver *r;

	(void)state;
	fake_env_init(&f);
	r = resolver_create(&f.env);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct str rules[] = { STR("10.0.0.1"), str_c(nonsense[i]) }, bad = STR_NONE;

		assert_null(access_create(&f.env, r, rules, 2, &bad));
		assert_true(str_eq(bad, rules[1]));
	}
	resolver_destroy(r);
	fake_env_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_allow_what_they_say),
		cmocka_unit_test(nonsense_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/access.h"
#include "tests/lib/fake_env.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct world {
	struct fake_env fake;
	struct resolver *resolver;
	struct access *access;
};

static void init(struct world *w, const struct str *rules, unsigned count)
{
	struct str bad = STR_NONE;

	fake_env_init(&w->fake);
	w->resolver = resolver_create(&w->fake.env);
	assert_true(resolver_add_host(w->resolver, STR("fe1.corp.example"), STR("10.1.0.1")));
	w->access = access_create(&w->fake.env, w->resolver, rules, count, &bad);
	assert_non_null(w->access);
	access_prepare(w->access);
}

static void finish(struct world *w)
{
	access_destroy(w->access);
	resolver_destroy(w->resolver);
	fake_env_finish(&w->fake);
}

static bool allows(const struct world *w, const char *address, const struct tls_identity *proved)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return access_allows(w->access, (const struct sockaddr *)(const void *)&v4, proved);
	assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return access_allows(w->access, (const struct sockaddr *)(const void *)&v6, proved);
}

static void networks_count_over_every_transport(void **state)
{
	static const struct str rules[] = { STR_INIT("10.0.0.0/24"), STR_INIT("2001:db8::/33"), STR_INIT("192.0.2.7") };
	const struct tls_identity nobody = { 0 };
	struct world w;

	(void)state;
	init(&w, rules, 3);
	assert_true(allows(&w, "10.0.0.255", NULL));
	assert_true(allows(&w, "10.0.0.1", &nobody));
	assert_true(allows(&w, "::ffff:10.0.0.1", NULL));
	assert_false(allows(&w, "10.0.1.0", NULL));
	assert_true(allows(&w, "2001:db8:7fff::1", NULL));
	assert_false(allows(&w, "2001:db8:8000::1", NULL));
	assert_true(allows(&w, "192.0.2.7", NULL));
	assert_false(allows(&w, "192.0.2.8", NULL));
	finish(&w);
}

static void a_name_is_an_address_until_it_has_to_be_proved(void **state)
{
	static const struct str rules[] = { STR_INIT("fe1.corp.example") };
	struct tls_name names[] = { { TLS_NAME_HOST, STR_INIT("fe1.corp.example") } };
	struct tls_name others[] = { { TLS_NAME_HOST, STR_INIT("fe2.corp.example") },
		{ TLS_NAME_WILDCARD, STR_INIT("*.corp.example") } };
	const struct tls_identity fe1 = { .names = names, .count = 1 }, fe2 = { .names = others, .count = 2 };
	struct world w;

	(void)state;
	init(&w, rules, 1);
	assert_true(allows(&w, "10.1.0.1", NULL));
	assert_false(allows(&w, "10.1.0.2", NULL));
	assert_true(allows(&w, "10.9.9.9", &fe1)); /* from anywhere: it proved who it is */
	assert_false(allows(&w, "10.1.0.1", &fe2)); /* the right address, but another name */
	access_require_proof(w.access);
	assert_false(allows(&w, "10.1.0.1", NULL));
	assert_true(allows(&w, "10.9.9.9", &fe1));
	finish(&w);
}

static void what_is_no_rule_is_named(void **state)
{
	static const struct str rules[] = { STR_INIT("10.0.0.1"), STR_INIT("10.0.0.0/33") };
	struct str bad = STR_NONE;
	struct world w;

	(void)state;
	init(&w, rules, 1);
	assert_null(access_create(&w.fake.env, w.resolver, rules, 2, &bad));
	assert_true(str_eq(bad, rules[1]));
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_count_over_every_transport),
		cmocka_unit_test(a_name_is_an_address_until_it_has_to_be_proved),
		cmocka_unit_test(what_is_no_rule_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

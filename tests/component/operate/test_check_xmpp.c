/* SPDX-License-Identifier: MIT */
/* Each cause of a failed log-in has a remedy of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "component/operate/check_xmpp.h"

static void test_causes(void **state)
{
	static const struct {
		const char *words, *advice;
	} rows[] = {
		{ "not-authorized: Given token does not match", "component_secret" },
		{ "not-authorized", "compare the secret" },
		{ "host-unknown", "has no component sip.example.com (" },
		{ "host-unknown: not hosted here", "or 5222 is its port for clients" },
		{ "connection refused", "component_ports, component_interfaces" },
		{ "conflict: already connected", "logged in as sip.example.com already" },
		{ "no answer in 10 s", "does the server run, does it have the component sip.example.com" },
		{ "", "does the server run" },
	};
	const struct config_xmpp x = { .port = 5222, .component = STR("sip.example.com") };
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_non_null(strstr(check_xmpp_remedy(&a, &x, str_c(rows[i].words)), rows[i].advice));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_causes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

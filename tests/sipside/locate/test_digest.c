/* SPDX-License-Identifier: MIT */
/* Challenges as servers write them, answers as RFC 7616 3.9.1 and RFC 2617 3.5 compute them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "sipside/locate/digest.h"

static void answer_is(const char *challenge, const char *cnonce, const char *method, const char *uri,
	const char *password, const char *want)
{
	struct arena a = { 0 };
	struct digest_challenge c;
	struct digest_request r = { str_c(method), str_c(uri), STR("Mufasa"), str_c(password), str_c(cnonce) };

	assert_true(digest_read(str_c(challenge), &c));
	struct str answer = digest_answer(&a, &c, &r);

	assert_true(str_starts(answer, STR("Digest username=\"Mufasa\", realm=\"")));
	if (!strstr(answer.p, want))
		fail_msg("no %s in %s", want, answer.p);
	arena_finish(&a);
}

static void the_examples_of_the_standards(void **state)
{
	(void)state;
	answer_is("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
		  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		  "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "GET", "/dir/index.html", "Circle of Life",
		"response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
	answer_is("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
		  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
		"0a4f113b", "GET", "/dir/index.html", "Circle Of Life",
		"response=\"6629fae49393a05397450978507c4ef1\"");
}

static void without_qop_it_is_the_old_form(void **state)
{
	(void)state;
	answer_is("DIGEST  nonce = \"n\" ,realm=\"r\",stale=TRUE", "c", "MESSAGE", "sip:bob@b.example", "p",
		"algorithm=MD5");
}

static void what_cannot_be_answered(void **state)
{
	static const char *const bad[] = { "", "Basic realm=\"x\"", "Digest", "Digest realm=\"x\"",
		"Digest nonce=\"n\", algorithm=MD5-sess", "Digest nonce=\"n\", qop=\"auth-int\"",
		"Digest nonce=\"n\" x y", "Digest nonce=\"" };
	struct digest_challenge c;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(digest_read(str_c(bad[i]), &c));
	assert_true(digest_read(STR("Digest nonce=\"a\\\"b\", stale=true"), &c));
	assert_true(c.stale && str_eq(c.nonce, STR("a\\\"b")));
	assert_true(digest_read(STR("Digest nonce=\"a\\"), &c)); /* ends within an escape: what is there counts */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standards),
		cmocka_unit_test(without_qop_it_is_the_old_form),
		cmocka_unit_test(what_cannot_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

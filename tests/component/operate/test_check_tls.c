/* SPDX-License-Identifier: MIT */
#include "component/operate/check_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const int64_t now_ms = 1767225600000; /* 2026-01-01T00:00:00Z */
static const int64_t day_ms = 24 * 3600 * 1000LL;

static void a_peers_days_are_counted(void **state)
{
	struct sipside_certificate peer = { .names = STR("fe1.example.test"), .version = "TLSv1.2" };
	struct buf words = { 0 };

	(void)state;
	peer.until_ms = now_ms + 31 * day_ms;
	assert_int_equal(check_peer_certificate(&peer, now_ms, &words), CHECK_PASS);
	assert_true(str_eq(buf_str(&words), STR("TLSv1.2, certificate of fe1.example.test, 31 more days")));
	buf_clear(&words);
	peer.until_ms = now_ms + day_ms;
	assert_int_equal(check_peer_certificate(&peer, now_ms, &words), CHECK_WARN);
	assert_true(str_ends(buf_str(&words), STR(", 1 more day")));
	buf_finish(&words);
}

/* The sentences of sipside/transport/tls_words.c, each with a remedy of its own. */
static void each_fault_has_its_remedy(void **state)
{
	static const struct {
		struct str words;
		const char *remedy;
	} rows[] = {
		{ STR_INIT("certificate is for LYNC02.corp.local, expected fe02"), "reissue the peer's certificate" },
		{ STR_INIT("certificate expired 3 days ago (2025-12-29)"), "renew the peer's certificate" },
		{ STR_INIT("certificate is not valid before 2026-01-06, in 5 days: are both clocks right?"), "clocks" },
		{ STR_INIT("unknown CA: the certificate is issued by \"CN=X\""), "sip.ca" },
		{ STR_INIT("the revocation list in sip.crl expired 2 days ago"), "fresh list" },
		{ STR_INIT("certificate may not be used for this (extended key usage)"), "both server and client" },
		{ STR_INIT("the peer does not know the CA of our certificate"), "trusted root on the peer" },
		{ STR_INIT("the peer speaks no TLS version of ours"), "tls-min" },
		{ STR_INIT("something else"), "openssl s_client" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strstr(check_tls_remedy(rows[i].words), rows[i].remedy))
			fail_msg(STR_FMT ": %s", STR_ARG(rows[i].words), check_tls_remedy(rows[i].words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peers_days_are_counted),
		cmocka_unit_test(each_fault_has_its_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

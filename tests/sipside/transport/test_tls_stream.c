/* SPDX-License-Identifier: MIT */
/* Two ends of a TLS connection, one of them with something wrong, joined in memory: what each end says about it. */
#include "sipside/transport/tls_stream.h"
#include "tests/lib/fake_env.h"
#include "tests/sipside/transport/certificates.h"

struct world {
	struct fake_env fake;
	struct certificates made;
	struct tls_context *contexts[2];
	struct tls_stream *ends[2]; /* the caller, the called */
	struct buf plain[2]; /* what each end read */
};
enum { CALLER, CALLED };

static void init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	fake_env_init(&w->fake);
	certificates_init(&w->made, w->fake.unix_ms);
}

static void hang_up(struct world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		tls_stream_destroy(w->ends[i]);
		tls_context_destroy(w->contexts[i]);
		buf_finish(&w->plain[i]);
		w->ends[i] = NULL;
		w->contexts[i] = NULL;
	}
}

static void finish(struct world *w)
{
	hang_up(w);
	certificates_finish(&w->made);
	fake_env_finish(&w->fake);
}

/* Carries bytes until both ends have nothing more to say; in pieces of `step` bytes. */
static void carry(struct world *w, size_t step)
{
	bool moved = true;
	char text[4096];

	while (moved) {
		moved = false;
		for (unsigned i = 0; i < 2; i++) {
			struct buf out = { 0 };

			tls_stream_take(w->ends[i], &out);
			for (size_t at = 0; at < out.n; at += step) {
				moved = true;
				tls_stream_feed(w->ends[!i], str_cut(buf_str(&out), at, at + step));
				size_t n;

				while ((n = tls_stream_read(w->ends[!i], text, sizeof(text))) > 0)
					buf_add(&w->plain[!i], (struct str){ text, n });
			}
			buf_finish(&out);
		}
	}
}

static struct tls_context *context(struct world *w, const struct sipside_tls *settings)
{
	struct str error = STR_NONE;
	struct tls_context *c = tls_context_create(&w->fake.env, settings, &error);

	if (!c)
		print_error(STR_FMT "\n", STR_ARG(error));
	assert_non_null(c);
	return c;
}

static void call(struct world *w, const struct sipside_tls *caller, const struct sipside_tls *called, const char *name)
{
	hang_up(w);
	w->contexts[CALLER] = context(w, caller);
	w->contexts[CALLED] = context(w, called);
	w->ends[CALLER] = tls_stream_create(&w->fake.env, w->contexts[CALLER], str_c(name));
	w->ends[CALLED] = tls_stream_create(&w->fake.env, w->contexts[CALLED], STR_NONE);
	tls_stream_start(w->ends[CALLER]);
	carry(w, 100000);
}

static void expect_words(struct world *w, unsigned end, const char *words)
{
	struct str said = tls_stream_words(w->ends[end]);

	if (tls_stream_state(w->ends[end]) != TLS_FAILED || !said.p || !strstr(said.p, words))
		fail_msg("end %u (state %d) said \"" STR_FMT "\", not \"%s\"", end, (int)tls_stream_state(w->ends[end]),
			STR_ARG(said), words);
}

/* -- What works */

static void both_ends_prove_their_names_and_talk(void **state)
{
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1.example.com" });
	certificate_make(&w.made,
		&(struct certificate_wish){ .name = "fe1",
			.cn = "pool.corp.example",
			.san = "DNS:pool.corp.example,DNS:FE1.corp.example,IP:127.0.0.1,URI:sip:corp.example" });
	const struct sipside_tls ours = certificates_settings(&w.made, "br1"),
				 theirs = certificates_settings(&w.made, "fe1");
	const char *const names[] = { "fe1.corp.example", "POOL.corp.example", "127.0.0.1", "corp.example" };

	for (unsigned i = 0; i < 4; i++) {
		call(&w, &ours, &theirs, names[i]);
		assert_int_equal(tls_stream_state(w.ends[CALLER]), TLS_SECURED);
		assert_int_equal(tls_stream_state(w.ends[CALLED]), TLS_SECURED);
		assert_true(tls_identity_proves(tls_stream_identity(w.ends[CALLED]), STR("br1.example.com")));
		assert_false(tls_identity_proves(tls_stream_identity(w.ends[CALLED]), STR("fe1.corp.example")));
		assert_string_equal(tls_stream_version(w.ends[CALLER]), "TLSv1.3");
	}
	tls_stream_write(w.ends[CALLER], STR("OPTIONS"));
	tls_stream_write(w.ends[CALLED], STR("200"));
	carry(&w, 1); /* one byte a time */
	assert_true(str_eq(buf_str(&w.plain[CALLED]), STR("OPTIONS")));
	assert_true(str_eq(buf_str(&w.plain[CALLER]), STR("200")));
	tls_stream_close(w.ends[CALLER]);
	carry(&w, 100000);
	assert_int_equal(tls_stream_state(w.ends[CALLED]), TLS_ENDED);
	finish(&w);
}

/* Usages a SIP peer may have instead of the two of the web (RFC 5924), or none at all. */
static void sip_domain_usage_is_enough(void **state)
{
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1.example.com" });
	certificate_make(
		&w.made, &(struct certificate_wish){ .name = "sip", .san = "DNS:fe1", .eku = "1.3.6.1.5.5.7.3.20" });
	const struct sipside_tls ours = certificates_settings(&w.made, "br1"),
				 theirs = certificates_settings(&w.made, "sip");

	call(&w, &ours, &theirs, "fe1");
	assert_int_equal(tls_stream_state(w.ends[CALLER]), TLS_SECURED);
	call(&w, &theirs, &ours, "br1.example.com");
	assert_int_equal(tls_stream_state(w.ends[CALLED]), TLS_SECURED);
	finish(&w);
}

static void old_versions_are_spoken_only_where_wanted(void **state)
{
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1" });
	struct sipside_tls usual = certificates_settings(&w.made, "br1"), old = usual, newest = usual;

	old.min_version = 10;
	newest.min_version = 13;
	call(&w, &old, &usual, "br1");
	assert_string_equal(tls_stream_version(w.ends[CALLER]), "TLSv1.3");
	call(&w, &newest, &old, "br1");
	assert_string_equal(tls_stream_version(w.ends[CALLED]), "TLSv1.3");
	finish(&w);
}

/* -- What does not: one row for each fault, in each role */

struct row {
	struct certificate_wish wish;
	const char *dialled; /* where the faulty one is called */
	const char *caller_says; /* the caller, where the called one is faulty */
	const char *called_says; /* the called one, where the caller is faulty; NULL: that works */
};

static const struct row rows[] = {
	{ { .name = "host", .cn = "fe1", .san = "DNS:LYNC02.corp.local" }, "fe1",
		"certificate is for lync02.corp.local, expected fe1", NULL },
	{ { .name = "wild", .san = "DNS:*.corp.local" }, "fe1.corp.local",
		"certificate is for *.corp.local, expected fe1.corp.local", NULL },
	{ { .name = "cnip", .cn = "192.0.2.1" }, "192.0.2.1", "certificate is for 192.0.2.1, expected 192.0.2.1",
		NULL },
	{ { .name = "person", .san = "URI:sip:ann@fe1" }, "fe1", "certificate is for nobody", NULL },
	{ { .name = "old", .san = "DNS:fe1", .from_days = -33, .days = 30 }, "fe1",
		"certificate expired 3 days ago (2025-12-29)", "certificate expired 3 days ago" },
	{ { .name = "early", .san = "DNS:fe1", .from_days = 5, .days = 30 }, "fe1",
		"certificate is not valid before 2026-01-06, in 5 days", "certificate is not valid before" },
	{ { .name = "alien", .san = "DNS:fe1", .signer = BY_STRANGER }, "fe1",
		"unknown CA: the certificate is issued by \"CN=Stranger Root\"", "unknown CA" },
	{ { .name = "self", .cn = "fe1", .signer = BY_ITSELF }, "fe1",
		"unknown CA: the certificate is issued by \"CN=fe1\"", "unknown CA" },
	{ { .name = "bare", .san = "DNS:fe1", .bare = true }, "fe1",
		"unknown CA: the certificate is issued by \"CN=Test Issuing CA\"", "unknown CA" },
	{ { .name = "server", .san = "DNS:fe1", .eku = "serverAuth" }, NULL, NULL,
		"both server and client authentication" },
	{ { .name = "client", .san = "DNS:fe1", .eku = "clientAuth" }, "fe1", "both server and client authentication",
		NULL },
	{ { .name = "revoked", .san = "DNS:fe1", .revoked = true }, "fe1",
		"certificate is revoked by \"CN=Test Issuing CA\"", "certificate is revoked" },
};

static void each_fault_is_told_in_words(void **state)
{
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1" });
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		certificate_make(&w.made, &rows[i].wish);
	certificate_crl(&w.made, "middle", 10);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sipside_tls ours = certificates_settings(&w.made, "br1"),
				   theirs = certificates_settings(&w.made, rows[i].wish.name);

		ours.crl = str_c(certificate_path(&w.made, "middle", "crl"));
		if (rows[i].dialled) {
			call(&w, &ours, &theirs, rows[i].dialled);
			expect_words(&w, CALLER, rows[i].caller_says);
			assert_int_equal(tls_stream_state(w.ends[CALLED]), TLS_FAILED); /* it got the alert */
		}
		call(&w, &theirs, &ours, "br1");
		if (rows[i].called_says) {
			expect_words(&w, CALLED, rows[i].called_says);
			assert_int_equal(tls_stream_state(w.ends[CALLER]), TLS_FAILED);
			assert_true(tls_stream_refused(w.ends[CALLER])); /* TLS 1.3: it might have written already */
		} else {
			assert_int_equal(tls_stream_state(w.ends[CALLED]), TLS_SECURED);
		}
	}
	finish(&w);
}

/* With a list, silence about an issuer and a list that has run out are faults too; only the roots above may lack one. */
static void revocation_lists_are_complete_and_fresh(void **state)
{
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1" });
	certificate_make(&w.made, &(struct certificate_wish){ .name = "direct", .san = "DNS:fe1", .signer = BY_ROOT });
	certificate_crl(&w.made, "stale", -2);
	certificate_crl(&w.made, "fresh", 10);
	struct sipside_tls ours = certificates_settings(&w.made, "br1"), theirs = certificates_settings(&w.made, "br1");

	ours.crl = str_c(certificate_path(&w.made, "fresh", "crl"));
	call(&w, &ours, &theirs, "br1");
	assert_int_equal(tls_stream_state(w.ends[CALLER]), TLS_SECURED);
	ours.crl = str_c(certificate_path(&w.made, "stale", "crl"));
	call(&w, &ours, &theirs, "br1");
	expect_words(&w, CALLER, "the revocation list in sip.crl expired 2 days ago");
	theirs = certificates_settings(&w.made, "direct");
	ours.crl = str_c(certificate_path(&w.made, "fresh", "crl"));
	call(&w, &ours, &theirs, "fe1");
	expect_words(&w, CALLER, "sip.crl holds no list of \"CN=Test Root\"");
	finish(&w);
}

static void what_is_not_tls_is_told_apart(void **state)
{
	static const struct {
		const char *bytes, *words;
	} garbage[] = {
		{ "OPTIONS sip:br1 SIP/2.0\r\n\r\n", "does not speak TLS on this port" },
		{ "GET / HTTP/1.1\r\n\r\n", "speaks HTTP" },
		{ "\x16\x03\x01\xff\xff\x01", "does not speak TLS on this port" },
	};
	struct world w;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1" });
	const struct sipside_tls ours = certificates_settings(&w.made, "br1");

	for (unsigned i = 0; i < 3; i++) {
		w.contexts[CALLED] = context(&w, &ours);
		w.ends[CALLED] = tls_stream_create(&w.fake.env, w.contexts[CALLED], STR_NONE);
		tls_stream_feed(w.ends[CALLED], str_c(garbage[i].bytes));
		expect_words(&w, CALLED, garbage[i].words);
		hang_up(&w);
	}
	finish(&w);
}

/* Settings that cannot work are refused before anybody calls. */
static void files_are_named_with_their_fault(void **state)
{
	struct world w;
	struct str error;
	struct tls_context *c;

	(void)state;
	init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1" });
	certificate_make(&w.made, &(struct certificate_wish){ .name = "br2", .san = "DNS:br2" });
	const struct sipside_tls good = certificates_settings(&w.made, "br1");
	struct sipside_tls bad = good;
	const char *words[] = { "sip.key is not set", "br2.key: does not belong to the certificate in",
		"br1.key: holds nothing of this kind in PEM", "nowhere.pem: No such file" };

	for (unsigned i = 0; i < 4; i++) {
		bad = good;
		if (i == 0)
			bad.key = STR_NONE;
		else if (i == 1)
			bad.key = str_c(certificate_path(&w.made, "br2", "key"));
		else if (i == 2)
			bad.cert = bad.key;
		else
			bad.ca = str_c(certificate_path(&w.made, "nowhere", "pem"));
		c = tls_context_create(&w.fake.env, &bad, &error);
		assert_null(c);
		if (!strstr(error.p, words[i]))
			fail_msg("said \"" STR_FMT "\", not \"%s\"", STR_ARG(error), words[i]);
	}
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_prove_their_names_and_talk),
		cmocka_unit_test(sip_domain_usage_is_enough),
		cmocka_unit_test(old_versions_are_spoken_only_where_wanted),
		cmocka_unit_test(each_fault_is_told_in_words),
		cmocka_unit_test(revocation_lists_are_complete_and_fresh),
		cmocka_unit_test(what_is_not_tls_is_told_apart),
		cmocka_unit_test(files_are_named_with_their_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Certificates for tests, made on the spot: a root, an authority below it, a stranger's root, and whatever is asked for. */
#ifndef TOMBOLO_TEST_CERTIFICATES_H
#define TOMBOLO_TEST_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "sipside/sipside.h"

enum signer { BY_MIDDLE, BY_ROOT, BY_STRANGER, BY_ITSELF };

struct certificate_wish {
	const char *name; /* of the files */
	const char *cn; /* NULL: none */
	const char *san; /* as OpenSSL's configuration has it: "DNS:a,IP:::1,URI:sip:b"; NULL: none */
	const char *eku; /* NULL: both */
	int from_days, days; /* 0: since yesterday, for a year */
	enum signer signer;
	bool bare; /* the chain is left out of the file */
	bool revoked;
	bool rsa;
};

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
};
struct certificates {
	char folder[64];
	int64_t now_s;
	struct authority root, middle, stranger;
	X509_CRL *crl;
	long serial;
};

/* In a ring, so that several can stand in one call. */
static inline const char *certificate_path(const struct certificates *c, const char *name, const char *end)
{
	static char paths[8][160];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s.%s", c->folder, name, end);
	return path;
}

static inline void certificate_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);

	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static inline X509 *certificate_sign(struct certificates *c, EVP_PKEY *key, const struct certificate_wish *w,
	const struct authority *by, bool is_authority)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	int64_t from = c->now_s + (w->days ? (int64_t)w->from_days : -1) * 86400;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++c->serial);
	if (w->cn)
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)w->cn, -1, -1, 0);
	else
		X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)"Test", -1, -1, 0);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from);
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(from + (w->days ? w->days : 366) * 86400LL));
	X509_set_pubkey(x, key);
	X509_set_issuer_name(x, by ? X509_get_subject_name(by->certificate) : subject);
	certificate_extension(x, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
	if (is_authority)
		certificate_extension(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	else
		certificate_extension(x, NID_ext_key_usage, w->eku ? w->eku : "serverAuth,clientAuth");
	if (w->san)
		certificate_extension(x, NID_subject_alt_name, w->san);
	assert_true(X509_sign(x, by ? by->key : key, EVP_sha256()) > 0);
	return x;
}

static inline struct authority certificate_authority(struct certificates *c, const char *cn, const struct authority *by)
{
	struct authority a = { .key = EVP_EC_gen("P-256") };

	a.certificate = certificate_sign(c, a.key, &(struct certificate_wish){ .cn = cn }, by, true);
	return a;
}

static inline void certificate_write(const char *path, X509 *first, X509 *second)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	PEM_write_X509(f, first);
	if (second)
		PEM_write_X509(f, second);
	fclose(f);
}

/* NAME.pem with its chain and NAME.key. */
static inline void certificate_make(struct certificates *c, const struct certificate_wish *w)
{
	const struct authority *const signers[] = { &c->middle, &c->root, &c->stranger, NULL };
	EVP_PKEY *key = w->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *x = certificate_sign(c, key, w, signers[w->signer], false);
	FILE *f = fopen(certificate_path(c, w->name, "key"), "w");

	assert_non_null(f);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	certificate_write(certificate_path(c, w->name, "pem"), x,
		w->signer == BY_MIDDLE && !w->bare ? c->middle.certificate : NULL);
	if (w->revoked) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(c->now_s - 3600));

		X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(x));
		X509_REVOKED_set_revocationDate(r, at);
		X509_CRL_add0_revoked(c->crl, r);
		ASN1_TIME_free(at);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}

/* NAME.crl of the middle authority with all that were asked for as revoked until now. */
static inline void certificate_crl(struct certificates *c, const char *name, int days)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(c->now_s - 10 * 86400)),
		  *until = ASN1_TIME_set(NULL, (time_t)(c->now_s + days * 86400));
	FILE *f = fopen(certificate_path(c, name, "crl"), "w");

	X509_CRL_set_version(c->crl, 1);
	X509_CRL_set_issuer_name(c->crl, X509_get_subject_name(c->middle.certificate));
	X509_CRL_set1_lastUpdate(c->crl, from);
	X509_CRL_set1_nextUpdate(c->crl, until);
	X509_CRL_sort(c->crl);
	assert_true(X509_CRL_sign(c->crl, c->middle.key, EVP_sha256()) > 0);
	PEM_write_X509_CRL(f, c->crl);
	fclose(f);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
}

static inline void certificates_init(struct certificates *c, int64_t unix_ms)
{
	*c = (struct certificates){ .now_s = unix_ms / 1000 };
	snprintf(c->folder, sizeof(c->folder), "/tmp/tombolo-tls-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	c->crl = X509_CRL_new();
	c->root = certificate_authority(c, "Test Root", NULL);
	c->middle = certificate_authority(c, "Test Issuing CA", &c->root);
	c->stranger = certificate_authority(c, "Stranger Root", NULL);
	certificate_write(certificate_path(c, "root", "pem"), c->root.certificate, NULL);
	certificate_write(certificate_path(c, "stranger", "pem"), c->stranger.certificate, NULL);
}

static inline void certificates_finish(struct certificates *c)
{
	struct authority *const all[] = { &c->root, &c->middle, &c->stranger };
	char command[128];

	for (unsigned i = 0; i < 3; i++) {
		EVP_PKEY_free(all[i]->key);
		X509_free(all[i]->certificate);
	}
	X509_CRL_free(c->crl);
	snprintf(command, sizeof(command), "rm -rf %s", c->folder);
	assert_int_equal(system(command), 0);
}

/* Settings with that certificate, the root trusted. */
static inline struct sipside_tls certificates_settings(const struct certificates *c, const char *name)
{
	return (struct sipside_tls){ .cert = str_c(certificate_path(c, name, "pem")),
		.key = str_c(certificate_path(c, name, "key")),
		.ca = str_c(certificate_path(c, "root", "pem")) };
}

#endif

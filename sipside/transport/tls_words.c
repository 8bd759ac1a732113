/* SPDX-License-Identifier: MIT */
#include "sipside/transport/tls_words.h"
#include "sipside/transport/tls_identity.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

/* -- A peer's certificate */

static struct str name_of(const struct env *env, const X509_NAME *name)
{
	char text[256] = "";

	X509_NAME_oneline(name, text, sizeof(text));
	return arena_str(env->turn, str_c(text[0] == '/' ? text + 1 : text));
}

/* "3 days", "5 hours" */
static struct str span(const struct env *env, int64_t seconds)
{
	int64_t days = seconds / 86400, hours = seconds / 3600;
	int64_t n = days ? days : hours ? hours : seconds / 60;

	return arena_printf(env->turn, "%lld %s%s", (long long)n,
		days    ? "day"
		: hours ? "hour"
			: "minute",
		n == 1 ? "" : "s");
}

static int64_t seconds_of(const ASN1_TIME *at, struct tm *tm)
{
	memset(tm, 0, sizeof(*tm));
	return ASN1_TIME_to_tm(at, tm) ? (int64_t)timegm(tm) : 0;
}

static struct str expired(const struct env *env, const char *what, const ASN1_TIME *at)
{
	struct tm tm;
	int64_t ago = env_unix_ms(env) / 1000 - seconds_of(at, &tm);

	return arena_printf(env->turn, "%s expired " STR_FMT " ago (%04d-%02d-%02d)", what, STR_ARG(span(env, ago)),
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static struct str not_yet(const struct env *env, const char *what, const ASN1_TIME *at)
{
	struct tm tm;
	int64_t left = seconds_of(at, &tm) - env_unix_ms(env) / 1000;

	return arena_printf(env->turn, "%s is not valid before %04d-%02d-%02d, in " STR_FMT ": are both clocks right?",
		what, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, STR_ARG(span(env, left)));
}

static struct str unknown_authority(const struct env *env, const X509 *certificate)
{
	struct str issuer = name_of(env, X509_get_issuer_name(certificate));

	return arena_printf(env->turn,
		"unknown CA: the certificate is issued by \"" STR_FMT
		"\", which sip.ca does not hold and the peer's chain does not lead to a CA of sip.ca",
		STR_ARG(issuer));
}

static struct str wrong_name(const struct env *env, const X509 *certificate, struct str expected)
{
	struct tls_identity id;
	struct str words;

	tls_identity_read(&id, certificate);
	words = arena_printf(env->turn, "certificate is for " STR_FMT ", expected " STR_FMT,
		STR_ARG(tls_identity_text(env, &id)), STR_ARG(expected));
	tls_identity_finish(&id);
	return words;
}

struct str tls_words_certificate(const struct env *env, X509_STORE_CTX *chain, struct str expected)
{
	int error = X509_STORE_CTX_get_error(chain), depth = X509_STORE_CTX_get_error_depth(chain);
	const X509 *certificate = X509_STORE_CTX_get_current_cert(chain);
	const X509_CRL *crl = X509_STORE_CTX_get0_current_crl(chain);
	const char *what = depth ? "a CA's certificate of the chain" : "certificate";

	if (!certificate)
		return str_c(X509_verify_cert_error_string(error));
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return wrong_name(env, certificate, expected);
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return expired(env, what, X509_get0_notAfter(certificate));
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return not_yet(env, what, X509_get0_notBefore(certificate));
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return unknown_authority(env, certificate);
	case X509_V_ERR_INVALID_PURPOSE:
		return arena_printf(env->turn,
			"%s may not be used for this (extended key usage): SIP peers need both server and client "
			"authentication",
			what);
	case X509_V_ERR_CERT_REVOKED:
		return arena_printf(env->turn, "%s is revoked by \"" STR_FMT "\"", what,
			STR_ARG(name_of(env, X509_get_issuer_name(certificate))));
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return arena_printf(env->turn, "sip.crl holds no list of \"" STR_FMT "\", who issued the certificate",
			STR_ARG(name_of(env, X509_get_issuer_name(certificate))));
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return crl ? expired(env, "the revocation list in sip.crl", X509_CRL_get0_nextUpdate(crl))
			   : STR("the revocation list in sip.crl expired");
	default:
		return arena_printf(env->turn, "%s: %s", what, X509_verify_cert_error_string(error));
	}
}

/* -- Everything else */

struct row {
	int reason;
	bool about_us;
	struct str words;
};

/* What OpenSSL says, where we can say it better. Alerts are what the peer said (RFC 8446 6.2). */
static const struct row rows[] = {
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, true, STR_INIT("the peer does not know the CA of our certificate") },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, true,
		STR_INIT("the peer refuses our certificate: wrong name or signature") },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, true,
		STR_INIT("the peer refuses our certificate for a reason of its own") },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, true,
		STR_INIT("the peer says that our certificate is expired or not yet valid") },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, true, STR_INIT("the peer says that our certificate is revoked") },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, true,
		STR_INIT("the peer wants no client certificate of ours: ours may not be used as a client (extended key "
			 "usage)") },
	{ SSL_R_TLSV1_ALERT_ACCESS_DENIED, true, STR_INIT("the peer knows our certificate, and denies access") },
	{ SSL_R_TLSV1_ALERT_DECRYPT_ERROR, true, STR_INIT("the peer could not check our certificate's signature") },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, true, STR_INIT("the peer got no certificate of ours") },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, false,
		STR_INIT("the peer speaks no TLS version of ours (sip.tls-min is the oldest we speak)") },
	{ SSL_R_UNSUPPORTED_PROTOCOL, false,
		STR_INIT("the peer speaks no TLS version of ours (sip.tls-min is the oldest we speak)") },
	{ SSL_R_VERSION_TOO_LOW, false,
		STR_INIT("the peer speaks no TLS version of ours (sip.tls-min is the oldest we speak)") },
	{ SSL_R_NO_PROTOCOLS_AVAILABLE, false, STR_INIT("no TLS version is left to speak") },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, false,
		STR_INIT("the peer found no cipher suite in common, or wants another certificate") },
	{ SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, false, STR_INIT("our cipher suites are too weak for the peer") },
	{ SSL_R_TLSV1_UNRECOGNIZED_NAME, false, STR_INIT("the peer does not know the name that we dialled") },
	{ SSL_R_NO_SHARED_CIPHER, false, STR_INIT("no cipher suite in common with the peer") },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, false,
		STR_INIT("the peer sent no certificate: both sides have to show one") },
	{ SSL_R_WRONG_VERSION_NUMBER, false, STR_INIT("the peer does not speak TLS on this port") },
	{ SSL_R_HTTP_REQUEST, false, STR_INIT("the peer speaks HTTP, not TLS") },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, false, STR_INIT("the peer does not speak TLS on this port") },
	{ SSL_R_BAD_RECORD_TYPE, false, STR_INIT("the peer does not speak TLS on this port") },
	{ SSL_R_DH_KEY_TOO_SMALL, false, STR_INIT("the peer's Diffie-Hellman key is too small to be safe") },
};

struct str tls_words_failure(const struct env *env, bool *about_us)
{
	unsigned long error = ERR_peek_last_error();
	const char *words = error ? ERR_reason_error_string(error) : NULL;

	*about_us = false;
	ERR_clear_error();
	for (size_t i = 0; error && ERR_GET_LIB(error) == ERR_LIB_SSL && i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].reason == ERR_GET_REASON(error)) {
			*about_us = rows[i].about_us;
			return rows[i].words;
		}
	return words ? arena_printf(env->turn, "TLS: %s", words) : STR("TLS failed without a reason");
}

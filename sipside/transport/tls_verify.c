/* SPDX-License-Identifier: MIT */
#include "sipside/transport/tls_verify.h"
#include "mapping/base/alloc.h"
#include "sipside/transport/tls_identity.h"
#include "sipside/transport/tls_words.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

/* RFC 5924: who may be a SIP domain may be both ends of a connection. OpenSSL only knows the web's two usages. */
static bool may_speak_sip(X509 *certificate)
{
	EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	bool may = false;

	for (int i = 0; !may && i < sk_ASN1_OBJECT_num(usages); i++) {
		const ASN1_OBJECT *usage = sk_ASN1_OBJECT_value(usages, i);
		char oid[32] = "";

		OBJ_obj2txt(oid, sizeof(oid), usage, 1);
		may = OBJ_obj2nid(usage) == NID_anyExtendedKeyUsage || strcmp(oid, "1.3.6.1.5.5.7.3.20") == 0;
	}
	EXTENDED_KEY_USAGE_free(usages);
	return may;
}

/* Faults of the chain that are none here. */
static bool tolerable(X509_STORE_CTX *chain, int error, int depth)
{
	if (error == X509_V_ERR_INVALID_PURPOSE && depth == 0)
		return may_speak_sip(X509_STORE_CTX_get_current_cert(chain));
	/* Who issued the peer's certificate has to have a list; those above rarely publish one. */
	return depth > 0 && (error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER);
}

static bool is_expected(const struct tls_verdict *v, const X509 *certificate)
{
	struct tls_identity id;
	bool proved;

	if (!v->name.n)
		return true;
	tls_identity_read(&id, certificate);
	proved = tls_identity_proves(&id, v->name);
	tls_identity_finish(&id);
	return proved;
}

int tls_verify(int ok, X509_STORE_CTX *chain)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_verdict *v = SSL_get_app_data(ssl);
	int error = X509_STORE_CTX_get_error(chain), depth = X509_STORE_CTX_get_error_depth(chain);

	if (!ok && tolerable(chain, error, depth)) {
		X509_STORE_CTX_set_error(chain, X509_V_OK);
		return 1;
	}
	if (ok && depth == 0 && !is_expected(v, X509_STORE_CTX_get_current_cert(chain))) {
		X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
		ok = 0;
	}
	if (!ok && !v->words.n)
		v->words = alloc_str(tls_words_certificate(v->env, chain, v->name));
	return ok;
}

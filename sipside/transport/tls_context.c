/* SPDX-License-Identifier: MIT */
#include "sipside/transport/tls_context.h"
#include "mapping/base/alloc.h"
#include "sipside/transport/tls_verify.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CA_NAMES_SENT = 32, CHAIN_DEPTH = 8 };

struct tls_context {
	SSL_CTX *client, *server;
	struct tls_identity own;
};

/* -- Faults */

static struct str library_words(void)
{
	unsigned long error = ERR_peek_error(); /* the first one is the cause */
	const char *words = error ? ERR_reason_error_string(error) : NULL;

	ERR_clear_error();
	if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
		return STR("holds nothing of this kind in PEM");
	return words ? str_c(words) : STR("cannot be read");
}

/* The file itself first: OpenSSL's own words for a missing one are "no such file" as well as "PEM lib". */
static bool fault(const struct env *env, const char *setting, struct str path, struct str words, struct str *error)
{
	*error = arena_printf(env->turn, "sip.%s = " STR_FMT ": " STR_FMT, setting, STR_ARG(path), STR_ARG(words));
	ERR_clear_error();
	return false;
}

static bool readable(const struct env *env, const char *setting, struct str path, struct str *error)
{
	if (!path.n) {
		*error = arena_printf(env->turn, "sip.%s is not set: TLS needs it", setting);
		return false;
	}
	FILE *f = fopen(path.p, "re");

	if (!f)
		return fault(env, setting, path, str_c(strerror(errno)), error);
	fclose(f);
	return true;
}

/* -- What we speak */

/* RFC 7525 where the peer lets us. Sessions are not resumed: each connection proves itself anew, against the newest
 * revocation list. Lync and OCS stumble over empty fragments in front of CBC records. */
static void set_manners(SSL_CTX *ctx, unsigned min)
{
	static const int versions[] = { TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION };

	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
					 SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_min_proto_version(ctx, versions[min - 10]);
	/* TLS 1.0 and 1.1 sign with MD5 and SHA-1, which every security level but 0 forbids. */
	if (min < 12)
		SSL_CTX_set_security_level(ctx, 0);
	/* RSA key exchange is part of DEFAULT: Lync's older systems offer nothing else. */
	SSL_CTX_set_cipher_list(ctx, "DEFAULT");
}

/* -- Files */

static bool load_own(const struct env *env, SSL_CTX *ctx, const struct sipside_tls *t, struct str *error)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, t->cert.p) != 1)
		return fault(env, "cert", t->cert, library_words(), error);
	if (SSL_CTX_use_PrivateKey_file(ctx, t->key.p, SSL_FILETYPE_PEM) != 1 &&
		ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH)
		return fault(env, "key", t->key, library_words(), error);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return fault(env, "key", t->key,
			arena_printf(env->turn, "does not belong to the certificate in " STR_FMT, STR_ARG(t->cert)),
			error);
	return true;
}

/* The authorities' names tell a client which of its certificates to send. A long list (a system's whole collection)
 * would burst the handshake of Windows peers: then any certificate will do. */
static void name_authorities(SSL_CTX *ctx, struct str ca)
{
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca.p);

	if (names && sk_X509_NAME_num(names) <= CA_NAMES_SENT)
		SSL_CTX_set_client_CA_list(ctx, names);
	else
		sk_X509_NAME_pop_free(names, X509_NAME_free);
}

static bool load_trust(const struct env *env, SSL_CTX *ctx, const struct sipside_tls *t, struct str *error)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);

	if (SSL_CTX_load_verify_file(ctx, t->ca.p) != 1)
		return fault(env, "ca", t->ca, library_words(), error);
	name_authorities(ctx, t->ca);
	/* An authority of the file is trusted by itself, be it the root or one below it. */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	if (!t->crl.n)
		return true;
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());

	if (!lookup || X509_load_crl_file(lookup, t->crl.p, X509_FILETYPE_PEM) < 1)
		return fault(env, "crl", t->crl, library_words(), error);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

/* NULL: *error says why. */
static SSL_CTX *make(const struct env *env, const SSL_METHOD *method, const struct sipside_tls *t, struct str *error)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (!ctx)
		alloc_failed(sizeof(void *));
	set_manners(ctx, t->min_version ? t->min_version : 12);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, tls_verify);
	SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH);
	if (load_own(env, ctx, t, error) && load_trust(env, ctx, t, error)) {
		ERR_clear_error();
		return ctx;
	}
	SSL_CTX_free(ctx);
	return NULL;
}

/* -- Life */

static bool all_readable(const struct env *env, const struct sipside_tls *t, struct str *error)
{
	return readable(env, "cert", t->cert, error) && readable(env, "key", t->key, error) &&
	       readable(env, "ca", t->ca, error) && (!t->crl.n || readable(env, "crl", t->crl, error));
}

struct tls_context *tls_context_create(const struct env *env, const struct sipside_tls *t, struct str *error)
{
	struct tls_context *c;

	if (!all_readable(env, t, error))
		return NULL;
	c = alloc_zero(sizeof(*c));
	c->client = make(env, TLS_client_method(), t, error);
	if (c->client)
		c->server = make(env, TLS_server_method(), t, error);
	if (!c->server) {
		tls_context_destroy(c);
		return NULL;
	}
	tls_identity_read(&c->own, SSL_CTX_get0_certificate(c->client));
	return c;
}

void tls_context_destroy(struct tls_context *c)
{
	if (!c)
		return;
	SSL_CTX_free(c->client);
	SSL_CTX_free(c->server);
	tls_identity_finish(&c->own);
	free(c);
}

SSL *tls_context_connection(const struct tls_context *c, bool accepting)
{
	SSL *ssl = SSL_new(accepting ? c->server : c->client);

	if (!ssl)
		alloc_failed(sizeof(void *));
	return ssl;
}

const struct tls_identity *tls_context_own(const struct tls_context *c)
{
	return &c->own;
}

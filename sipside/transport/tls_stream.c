/* SPDX-License-Identifier: MIT */
#include "sipside/transport/tls_stream.h"
#include "mapping/base/alloc.h"
#include "sipside/transport/tls_verify.h"
#include "sipside/transport/tls_words.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls_stream {
	const struct env *env;
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	enum tls_state state;
	bool spoken, heard; /* the peer sent TLS; it sent plain bytes */
	bool refused;
	struct tls_verdict verdict; /* its name is owned; empty: we accepted */
	struct tls_identity identity;
};

/* -- Life */

static bool is_numeric(struct str name)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, name.p, bytes) == 1 || inet_pton(AF_INET6, name.p, bytes) == 1;
}

struct tls_stream *tls_stream_create(const struct env *env, const struct tls_context *c, struct str name)
{
	struct tls_stream *t = alloc_zero(sizeof(*t));

	t->env = t->verdict.env = env;
	t->ssl = tls_context_connection(c, !name.n);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->in || !t->out)
		alloc_failed(sizeof(*t));
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, &t->verdict);
	X509_VERIFY_PARAM_set_time(SSL_get0_param(t->ssl), (time_t)(env_unix_ms(env) / 1000));
	if (!name.n) {
		SSL_set_accept_state(t->ssl);
		return t;
	}
	t->verdict.name = alloc_str(name);
	SSL_set_connect_state(t->ssl);
	if (!is_numeric(t->verdict.name)) /* RFC 6066 3: no literal addresses */
		SSL_set_tlsext_host_name(t->ssl, t->verdict.name.p);
	return t;
}

void tls_stream_destroy(struct tls_stream *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	alloc_str_free(&t->verdict.name);
	alloc_str_free(&t->verdict.words);
	tls_identity_finish(&t->identity);
	free(t);
}

/* -- Moving */

static void fail(struct tls_stream *t)
{
	bool about_us;
	struct str words = tls_words_failure(t->env, &about_us);

	if (!t->verdict.words.n)
		t->verdict.words = alloc_str(words);
	t->refused = t->state == TLS_SECURED && about_us && !t->heard;
	t->state = TLS_FAILED;
}

/* What a call that did not succeed means. */
static void judge(struct tls_stream *t, int result)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return;
	case SSL_ERROR_ZERO_RETURN:
		t->state = TLS_ENDED;
		return;
	default:
		fail(t);
	}
}

static void shake_hands(struct tls_stream *t)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(t->ssl);
	if (result != 1) {
		judge(t, result);
		return;
	}
	t->state = TLS_SECURED;
	tls_identity_read(&t->identity, SSL_get0_peer_certificate(t->ssl));
}

void tls_stream_start(struct tls_stream *t)
{
	if (t->verdict.name.n)
		shake_hands(t);
}

enum tls_state tls_stream_feed(struct tls_stream *t, struct str cipher)
{
	if (t->state >= TLS_ENDED)
		return t->state;
	if (BIO_write(t->in, cipher.p, (int)cipher.n) != (int)cipher.n)
		alloc_failed(cipher.n);
	t->spoken = true;
	if (t->state == TLS_HANDSHAKE)
		shake_hands(t);
	return t->state;
}

size_t tls_stream_read(struct tls_stream *t, char *to, size_t room)
{
	int n;

	if (t->state != TLS_SECURED)
		return 0;
	ERR_clear_error();
	n = SSL_read(t->ssl, to, (int)room);
	if (n > 0) {
		t->heard = true;
		return (size_t)n;
	}
	judge(t, n);
	return 0;
}

enum tls_state tls_stream_write(struct tls_stream *t, struct str plain)
{
	int n;

	if (t->state != TLS_SECURED || !plain.n)
		return t->state;
	ERR_clear_error();
	n = SSL_write(t->ssl, plain.p, (int)plain.n); /* into memory: all of it or an error */
	if (n <= 0)
		judge(t, n);
	return t->state;
}

void tls_stream_take(struct tls_stream *t, struct buf *out)
{
	char *bytes;
	long n = BIO_get_mem_data(t->out, &bytes);

	if (n > 0)
		buf_add(out, (struct str){ bytes, (size_t)n });
	(void)BIO_reset(t->out);
}

void tls_stream_close(struct tls_stream *t)
{
	ERR_clear_error();
	if (t->state == TLS_SECURED || t->state == TLS_ENDED)
		SSL_shutdown(t->ssl);
	ERR_clear_error();
}

/* -- Asking */

enum tls_state tls_stream_state(const struct tls_stream *t)
{
	return t->state;
}

struct str tls_stream_words(const struct tls_stream *t)
{
	return t->verdict.words;
}

struct str tls_stream_cut_words(const struct tls_stream *t, struct str how)
{
	if (t->state == TLS_HANDSHAKE)
		return arena_printf(t->env->turn, STR_FMT " in the TLS handshake%s", STR_ARG(how),
			t->spoken ? ": it may not trust our certificate, see its log" : "");
	if (t->state == TLS_SECURED && !t->heard && t->verdict.name.n)
		return arena_printf(t->env->turn,
			STR_FMT " before it said anything: it may not trust our certificate, see its log",
			STR_ARG(how));
	return how;
}

bool tls_stream_refused(const struct tls_stream *t)
{
	return t->refused;
}

bool tls_stream_half(const struct tls_stream *t)
{
	return SSL_has_pending(t->ssl) || BIO_pending(t->in) > 0;
}

bool tls_stream_spoken(const struct tls_stream *t)
{
	return t->spoken;
}

const struct tls_identity *tls_stream_identity(const struct tls_stream *t)
{
	return &t->identity;
}

const char *tls_stream_version(const struct tls_stream *t)
{
	return SSL_get_version(t->ssl);
}

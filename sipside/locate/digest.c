/* SPDX-License-Identifier: MIT */
#include "sipside/locate/digest.h"

#include <openssl/evp.h>

/* -- Reading */

static struct str take_word(struct str *rest)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '=' && rest->p[n] != ',' && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	struct str word = str_cut(*rest, 0, n);

	*rest = str_trim(str_cut(*rest, n, rest->n));
	return word;
}

/* After "=": a token, or what stands between quotes. */
static struct str take_value(struct str *rest)
{
	size_t n = 1;

	if (!rest->n || rest->p[0] != '"')
		return take_word(rest);
	while (n < rest->n && rest->p[n] != '"')
		n += rest->p[n] == '\\' ? 2 : 1;
	struct str value = str_cut(*rest, 1, n);

	*rest = str_trim(str_cut(*rest, n + 1, rest->n));
	return value;
}

static bool offers_auth(struct str qop)
{
	while (qop.n)
		if (str_eq_nocase(str_trim(str_next(&qop, ',')), STR("auth")))
			return true;
	return false;
}

static bool read_algorithm(struct str word, enum digest_algorithm *out)
{
	*out = str_eq_nocase(word, STR("SHA-256")) ? DIGEST_SHA256 : DIGEST_MD5;
	return *out == DIGEST_SHA256 || str_eq_nocase(word, STR("MD5"));
}

/* What goes back in our header must not be able to end it. */
static bool has_controls(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return true;
	return false;
}

/* false: this parameter makes the challenge one we cannot answer. */
static bool take_parameter(struct str name, struct str value, struct digest_challenge *out)
{
	if (str_eq_nocase(name, STR("realm")))
		out->realm = value;
	else if (str_eq_nocase(name, STR("nonce")))
		out->nonce = value;
	else if (str_eq_nocase(name, STR("opaque")))
		out->opaque = value;
	else if (str_eq_nocase(name, STR("stale")))
		out->stale = str_eq_nocase(value, STR("true"));
	else if (str_eq_nocase(name, STR("algorithm")))
		return read_algorithm(value, &out->algorithm);
	else if (str_eq_nocase(name, STR("qop")))
		return (out->auth = offers_auth(value)); /* auth-int alone is not for us */
	return true;
}

bool digest_read(struct str value, struct digest_challenge *out)
{
	struct str rest = str_trim(value);

	*out = (struct digest_challenge){ 0 };
	if (!str_eq_nocase(take_word(&rest), STR("Digest")))
		return false;
	while (rest.n) {
		struct str name = take_word(&rest), given = STR_NONE;

		if (rest.n && rest.p[0] == '=') {
			rest = str_trim(str_cut(rest, 1, rest.n));
			given = take_value(&rest);
		}
		if (has_controls(given) || !take_parameter(name, given, out))
			return false;
		if (rest.n && rest.p[0] != ',')
			return false;
		rest = str_trim(str_cut(rest, 1, rest.n));
	}
	return out->nonce.n > 0;
}

/* -- Answering */

static struct str hex_hash(struct arena *a, enum digest_algorithm algorithm, struct str text)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(text.p, text.n, hash, &n, algorithm == DIGEST_SHA256 ? EVP_sha256() : EVP_md5(), NULL);
	char *hex = arena_alloc(a, 2 * n + 1);

	for (unsigned i = 0; i < n; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	return (struct str){ hex, 2 * n };
}

static struct str response(struct arena *a, const struct digest_challenge *c, const struct digest_request *r)
{
	struct str secret = hex_hash(a, c->algorithm,
		arena_printf(
			a, STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(r->user), STR_ARG(c->realm), STR_ARG(r->password)));
	struct str request =
		hex_hash(a, c->algorithm, arena_printf(a, STR_FMT ":" STR_FMT, STR_ARG(r->method), STR_ARG(r->uri)));
	struct str middle = c->auth ? arena_printf(a, "00000001:" STR_FMT ":auth:", STR_ARG(r->cnonce)) : STR_NONE;

	return hex_hash(a, c->algorithm,
		arena_printf(a, STR_FMT ":" STR_FMT ":" STR_FMT STR_FMT, STR_ARG(secret), STR_ARG(c->nonce),
			STR_ARG(middle), STR_ARG(request)));
}

struct str digest_answer(struct arena *a, const struct digest_challenge *c, const struct digest_request *r)
{
	struct str opaque = STR_NONE, qop = STR_NONE;

	if (c->opaque.n)
		opaque = arena_printf(a, ", opaque=\"" STR_FMT "\"", STR_ARG(c->opaque));
	if (c->auth)
		qop = arena_printf(a, ", qop=auth, nc=00000001, cnonce=\"" STR_FMT "\"", STR_ARG(r->cnonce));
	return arena_printf(a,
		"Digest username=\"" STR_FMT "\", realm=\"" STR_FMT "\", nonce=\"" STR_FMT "\", uri=\"" STR_FMT
		"\", response=\"" STR_FMT "\", algorithm=%s" STR_FMT STR_FMT,
		STR_ARG(r->user), STR_ARG(c->realm), STR_ARG(c->nonce), STR_ARG(r->uri), STR_ARG(response(a, c, r)),
		c->algorithm == DIGEST_SHA256 ? "SHA-256" : "MD5", STR_ARG(opaque), STR_ARG(qop));
}

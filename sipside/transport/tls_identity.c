/* SPDX-License-Identifier: MIT */
#include "sipside/transport/tls_identity.h"
#include "mapping/base/alloc.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 253, SHOWN = 3 };

/* -- Reading */

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* A name with any other byte (a NUL is the classic) is no name. */
static void add_host(struct tls_identity *id, struct str name)
{
	enum tls_name_kind kind = TLS_NAME_HOST;
	char lower[NAME_BYTES];

	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	if (!name.n || name.n > sizeof(lower) || id->count == TLS_IDENTITY_NAMES)
		return;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		if (lower[i] == '*')
			kind = TLS_NAME_WILDCARD;
		else if (!is_host_char(lower[i]))
			return;
	}
	id->names[id->count++] = (struct tls_name){ kind, alloc_str((struct str){ lower, name.n }) };
}

static void add_address(struct tls_identity *id, const ASN1_OCTET_STRING *ip)
{
	int n = ASN1_STRING_length(ip);
	char text[INET6_ADDRSTRLEN];

	if ((n != 4 && n != 16) || id->count == TLS_IDENTITY_NAMES)
		return;
	if (inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof(text)))
		id->names[id->count++] = (struct tls_name){ TLS_NAME_ADDRESS, alloc_str(str_c(text)) };
}

static struct str bytes_of(const ASN1_STRING *s)
{
	return (struct str){ (const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) };
}

/* "sip:example.com": with a user part it is a person, not a domain (RFC 5922 7.1). */
static void add_uri(struct tls_identity *id, struct str uri)
{
	if (!str_starts_nocase(uri, STR("sip:")) || str_find(uri, '@') < uri.n)
		return;
	uri = str_cut(uri, 4, uri.n);
	uri = str_cut(uri, 0, str_find(uri, ';'));
	add_host(id, str_cut(uri, 0, str_find(uri, ':')));
}

static void add_general(struct tls_identity *id, const GENERAL_NAME *name)
{
	if (name->type == GEN_DNS)
		add_host(id, bytes_of(name->d.dNSName));
	else if (name->type == GEN_URI)
		add_uri(id, bytes_of(name->d.uniformResourceIdentifier));
	else if (name->type == GEN_IPADD)
		add_address(id, name->d.iPAddress);
}

static void add_common_name(struct tls_identity *id, const X509 *certificate)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	int last = -1, at;

	while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, last)) >= 0)
		last = at;
	if (last >= 0)
		add_host(id, bytes_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last))));
}

static int64_t end_of(const X509 *certificate)
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm))
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

void tls_identity_read(struct tls_identity *id, const X509 *certificate)
{
	int found = -1; /* whether there is the extension; one that cannot be read is there and proves nothing */
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, NULL);

	*id = (struct tls_identity){ .names = alloc_array(TLS_IDENTITY_NAMES, sizeof(*id->names)),
		.until_ms = end_of(certificate) };
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		add_general(id, sk_GENERAL_NAME_value(names, i));
	if (!names && found == -1)
		add_common_name(id, certificate);
	GENERAL_NAMES_free(names);
	id->names = alloc_grow(id->names, (id->count + 1) * sizeof(*id->names));
}

void tls_identity_finish(struct tls_identity *id)
{
	for (unsigned i = 0; i < id->count; i++)
		alloc_str_free(&id->names[i].text);
	free(id->names);
	*id = (struct tls_identity){ 0 };
}

/* -- Asking */

/* false: it is no numeric address. */
static bool plain_address(struct str name, char out[INET6_ADDRSTRLEN])
{
	unsigned char bytes[16];
	int family = AF_INET;

	if (name.n >= 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = str_cut(name, 1, name.n - 1);
	if (name.n == 0 || name.n >= INET6_ADDRSTRLEN)
		return false;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	if (inet_pton(family, out, bytes) != 1) {
		family = AF_INET6;
		if (inet_pton(family, out, bytes) != 1)
			return false;
	}
	return inet_ntop(family, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

bool tls_identity_proves(const struct tls_identity *id, struct str name)
{
	enum tls_name_kind kind = TLS_NAME_HOST;
	char address[INET6_ADDRSTRLEN];

	if (plain_address(name, address)) {
		name = str_c(address);
		kind = TLS_NAME_ADDRESS;
	} else if (name.n && name.p[name.n - 1] == '.') {
		name.n--;
	}
	for (unsigned i = 0; name.n && i < id->count; i++)
		if (id->names[i].kind == kind && str_eq_nocase(id->names[i].text, name))
			return true;
	return false;
}

struct str tls_identity_text(const struct env *env, const struct tls_identity *id)
{
	struct str text = STR_NONE;

	if (!id->count)
		return STR("nobody (it holds no name)");
	for (unsigned i = 0; i < id->count && i < SHOWN; i++)
		text = arena_printf(
			env->turn, STR_FMT "%s" STR_FMT, STR_ARG(text), i ? ", " : "", STR_ARG(id->names[i].text));
	if (id->count > SHOWN)
		text = arena_printf(env->turn, STR_FMT " and %u more", STR_ARG(text), id->count - SHOWN);
	return text;
}

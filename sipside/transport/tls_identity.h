/* SPDX-License-Identifier: MIT */
/* The names a certificate proves (RFC 5922 7.1): subjectAltName dNSName, URI sip:domain and iPAddress; the common name
 * only where there is no subjectAltName. A wildcard is shown, but proves nothing (RFC 5922 7.2). */
#ifndef TOMBOLO_TLS_IDENTITY_H
#define TOMBOLO_TLS_IDENTITY_H

#include "mapping/base/env.h"

struct x509_st;

enum { TLS_IDENTITY_NAMES = 256 }; /* more are not looked at */
enum tls_name_kind { TLS_NAME_HOST, TLS_NAME_ADDRESS, TLS_NAME_WILDCARD };
struct tls_name {
	enum tls_name_kind kind;
	struct str text; /* lower case; addresses as inet_ntop(3) writes them; owned */
};
struct tls_identity {
	struct tls_name *names; /* owned */
	unsigned count;
	int64_t until_ms; /* the certificate's last moment, Unix */
};

/* RFC 5922 7.1 takes a dNSName only where there is no sip: URI. A route names a host, not only a domain, and a host is
 * named by its dNSName: here both count. */
void tls_identity_read(struct tls_identity *id, const struct x509_st *certificate);
void tls_identity_finish(struct tls_identity *id);
/* name: a host name in any case, or a numeric address with or without brackets, which only an iPAddress proves. */
bool tls_identity_proves(const struct tls_identity *id, struct str name);
/* "LYNC02.corp.local, pool.corp.local and 3 more" for people, in the turn's arena. */
struct str tls_identity_text(const struct env *env, const struct tls_identity *id);

#endif

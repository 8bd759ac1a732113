/* SPDX-License-Identifier: MIT */
/* Who may speak for a domain: addresses, networks, and hosts by name. Over TLS a name counts if the peer's certificate
 * proves it; otherwise as it resolves now. */
#ifndef TOMBOLO_ACCESS_H
#define TOMBOLO_ACCESS_H

#include "sipside/locate/resolver.h"
#include "sipside/transport/tls_identity.h"

struct access;

/* Each rule is "10.0.0.5", "10.0.0.0/24", "2001:db8::/32" or a name. NULL: one is none of these; *bad is which. */
struct access *access_create(
	const struct env *env, struct resolver *resolver, const struct str *rules, unsigned count, struct str *bad);
/* From now on a name counts only over TLS: an address can be forged, and this domain's peers need not be believed. */
void access_require_proof(struct access *a);
void access_destroy(struct access *a); /* NULL is allowed */
/* Starts resolving the names, so that their addresses are known before the first request comes. */
void access_prepare(struct access *a);
/* A name whose addresses are being asked for anew is still known by the last ones. */
/* proved: by the peer's certificate; NULL: it came without TLS. */
bool access_allows(struct access *a, const struct sockaddr *from, const struct tls_identity *proved);

#endif

/* SPDX-License-Identifier: MIT */
/* Who may speak for a domain: addresses, networks, and hosts by name as they resolve now. */
#ifndef TOMBOLO_ACCESS_H
#define TOMBOLO_ACCESS_H

#include "sipside/locate/resolver.h"

struct access;

/* Each rule is "10.0.0.5", "10.0.0.0/24", "2001:db8::/32" or a name. NULL: one is none of these; *bad is which. */
struct access *access_create(
	const struct env *env, struct resolver *resolver, const struct str *rules, unsigned count, struct str *bad);
void access_destroy(struct access *a); /* NULL is allowed */
/* Starts resolving the names, so that their addresses are known before the first request comes. */
void access_prepare(struct access *a);
/* A name whose addresses are being asked for anew is still known by the last ones. */
bool access_allows(struct access *a, const struct sockaddr *from);

#endif

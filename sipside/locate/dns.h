/* SPDX-License-Identifier: MIT */
/* Questions to name servers, by c-ares on the loop. Keeps nothing and reads no file after its start. */
#ifndef TOMBOLO_DNS_H
#define TOMBOLO_DNS_H

#include "sipside/locate/resolver.h"

struct dns;
/* servers: "10.0.0.2:53, ..."; empty: those of /etc/resolv.conf. NULL: c-ares would not start, or cannot read them. */
struct dns *dns_create(const struct env *env, struct str servers);
void dns_destroy(struct dns *d); /* open questions are never answered; NULL is allowed */
/* done once, perhaps inside the call; the answer is borrowed. host is NUL-terminated. */
typedef void dns_done(void *arg, const struct resolver_answer *answer);
void dns_ask(struct dns *d, enum resolver_type type, struct str host, dns_done *done, void *arg);

#endif

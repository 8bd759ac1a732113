/* SPDX-License-Identifier: MIT */
/* Names to addresses: literals, the configuration's `hosts`, /etc/hosts, then A and AAAA records; and the SRV and NAPTR
 * records of a name. What name servers say is kept 60 s, "there is nothing" 10 s. */
#ifndef TOMBOLO_RESOLVER_H
#define TOMBOLO_RESOLVER_H

#include <netinet/in.h>
#include "mapping/base/env.h"

union resolver_address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};
enum { RESOLVER_ADDRESSES = 8, RESOLVER_RECORDS = 16, RESOLVER_NAME = 254 /* with its NUL */ };
enum resolver_type { RESOLVER_ADDRESS, RESOLVER_SRV, RESOLVER_NAPTR };
struct resolver_record {
	uint16_t order; /* SRV: priority; lower first */
	uint16_t weight; /* NAPTR: preference */
	uint16_t port; /* SRV */
	char service[16]; /* NAPTR: "SIP+D2T" */
	char name[RESOLVER_NAME]; /* without a dot at its end; empty: the root, SRV's "not offered" */
};
struct resolver_answer {
	unsigned count; /* 0: there is no such host, or no name server said so in time */
	union resolver_address at[RESOLVER_ADDRESSES]; /* port 0 */
	unsigned records; /* of SRV and NAPTR */
	const struct resolver_record *record;
};
/* Called once, never before resolver_ask has returned; the answer is borrowed. */
typedef void resolver_done(void *arg, const struct resolver_answer *answer);

/* A question under way; embedded in who asks. `done` and `arg` are set before resolver_ask. */
struct resolver_query {
	struct resolver_query *next, **link; /* link is NULL while idle */
	resolver_done *done;
	void *arg;
};
struct resolver;

struct resolver *resolver_create(const struct env *env); /* env->loop NULL: only literals and hosts are known */
void resolver_destroy(struct resolver *r); /* no query is answered any more; NULL is allowed */
/* "10.0.0.2:53, ..." from now on, instead of the system's. false: that is no list of addresses; nothing changed. */
bool resolver_name_servers(struct resolver *r, struct str servers);
/* A row of `hosts`; false: address is not numeric. A later row for one name adds an address. */
bool resolver_add_host(struct resolver *r, struct str name, struct str address);
void resolver_clear_hosts(struct resolver *r);
/* An answer at once (borrowed for the loop turn), or NULL and q->done later. */
const struct resolver_answer *resolver_ask(struct resolver *r, struct str host, struct resolver_query *q);
const struct resolver_answer *resolver_ask_records(
	struct resolver *r, enum resolver_type type, struct str host, struct resolver_query *q);
/* Is it numeric, or does `hosts` or /etc/hosts give its address? Such a name has no SRV records. */
bool resolver_knows(struct resolver *r, struct str host);
void resolver_cancel(struct resolver_query *q); /* idle ones too */

/* "10.0.0.1", "fe80::1", "[fe80::1]". */
bool resolver_literal(struct str host, union resolver_address *out);
void resolver_ip_bytes(const struct sockaddr *sa, uint8_t out[16]); /* IPv4 in its mapped form */
void resolver_add(struct resolver_answer *answer, const union resolver_address *address); /* up to the maximum */
struct str resolver_lower(struct arena *a, struct str s); /* a copy in lower case */
bool resolver_same_ip(const union resolver_address *a, const struct sockaddr *b); /* v4-mapped v6 equals v4 */

#endif

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/access.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"

struct rule {
	struct access *access;
	union resolver_address network;
	unsigned bits; /* of the address as 16 bytes, IPv4 in its mapped form */
	struct str name; /* owned; empty: a network */
	struct resolver_query query;
	struct resolver_answer known;
};
struct access {
	const struct env *env;
	struct resolver *resolver;
	unsigned count;
	bool proof; /* names count over TLS alone */
	struct rule rules[];
};

static bool read_network(struct str text, struct rule *r)
{
	size_t slash = str_find(text, '/');
	uint64_t bits;

	if (!resolver_literal(str_cut(text, 0, slash), &r->network))
		return false;
	unsigned width = r->network.sa.sa_family == AF_INET ? 32 : 128;

	bits = width;
	if (slash < text.n && !str_number(str_cut(text, slash + 1, text.n), width, &bits))
		return false;
	r->bits = (unsigned)bits + (128 - width);
	return true;
}

static bool looks_like_a_name(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] == '/' || text.p[i] == ':' || text.p[i] >= 0x7f)
			return false;
	return text.n > 0;
}

static void resolved(void *arg, const struct resolver_answer *answer)
{
	struct rule *r = arg;

	if (answer->count) /* while a name server is away the last addresses stay */
		r->known = *answer;
}

struct access *access_create(
	const struct env *env, struct resolver *resolver, const struct str *rules, unsigned count, struct str *bad)
{
	struct access *a = alloc_zero(sizeof(*a) + count * sizeof(a->rules[0]));

	a->env = env;
	a->resolver = resolver;
	for (unsigned i = 0; i < count; i++) {
		struct rule *r = &a->rules[a->count++];

		r->access = a;
		r->query.done = resolved;
		r->query.arg = r;
		if (read_network(rules[i], r))
			continue;
		if (!looks_like_a_name(rules[i])) {
			*bad = rules[i];
			access_destroy(a);
			return NULL;
		}
		r->name = alloc_str(rules[i]);
	}
	return a;
}

void access_destroy(struct access *a)
{
	for (unsigned i = 0; a && i < a->count; i++) {
		resolver_cancel(&a->rules[i].query);
		alloc_str_free(&a->rules[i].name);
	}
	free(a);
}

void access_require_proof(struct access *a)
{
	a->proof = true;
}

static void refresh(struct rule *r)
{
	if (!r->name.n || r->query.link || r->access->proof)
		return;
	const struct resolver_answer *answer = resolver_ask(r->access->resolver, r->name, &r->query);

	if (answer)
		resolved(r, answer);
}

void access_prepare(struct access *a)
{
	for (unsigned i = 0; i < a->count; i++)
		refresh(&a->rules[i]);
}

static bool in_network(const struct rule *r, const struct sockaddr *from)
{
	uint8_t net[16], ip[16];
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	resolver_ip_bytes(&r->network.sa, net);
	resolver_ip_bytes(from, ip);
	return memcmp(net, ip, whole) == 0 && (rest == 0 || ((net[whole] ^ ip[whole]) >> (8 - rest)) == 0);
}

static bool is_host(struct rule *r, const struct sockaddr *from, const struct tls_identity *proved)
{
	if (proved)
		return tls_identity_proves(proved, r->name);
	if (r->access->proof)
		return false;
	refresh(r);
	for (unsigned i = 0; i < r->known.count; i++)
		if (resolver_same_ip(&r->known.at[i], from))
			return true;
	return false;
}

bool access_allows(struct access *a, const struct sockaddr *from, const struct tls_identity *proved)
{
	for (unsigned i = 0; i < a->count; i++)
		if (a->rules[i].name.n ? is_host(&a->rules[i], from, proved) : in_network(&a->rules[i], from))
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "sipside/locate/resolver.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "mapping/base/hash.h"
#include "sipside/locate/dns.h"
#include "sipside/locate/hosts_file.h"

enum { KEEP_MS = 60000, KEEP_NOTHING_MS = 10000, NAMES_MAX = 4096 };

struct name {
	struct resolver *resolver;
	struct str key; /* a letter for the type, then the host in lower case; owned */
	struct resolver_answer answer; /* its records are owned */
	uint64_t until_ms; /* the answer is good until then; 0: asked for now */
	struct resolver_query *queries;
	UT_hash_handle hh;
};

struct resolver {
	const struct env *env;
	struct dns *dns; /* NULL: no loop, or c-ares would not start */
	struct hosts_file *file;
	struct name *hosts, *names;
};

static const char types[] = { [RESOLVER_ADDRESS] = 'a', [RESOLVER_SRV] = 's', [RESOLVER_NAPTR] = 'n' };

bool resolver_literal(struct str host, union resolver_address *out)
{
	char text[INET6_ADDRSTRLEN];

	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_cut(host, 1, host.n - 1);
	if (host.n == 0 || host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = 0;
	*out = (union resolver_address){ 0 };
	out->sa.sa_family = AF_INET;
	if (inet_pton(AF_INET, text, &out->in.sin_addr) == 1)
		return true;
	out->sa.sa_family = AF_INET6;
	return inet_pton(AF_INET6, text, &out->in6.sin6_addr) == 1;
}

void resolver_ip_bytes(const struct sockaddr *sa, uint8_t out[16])
{
	memset(out, 0, 16);
	if (sa->sa_family == AF_INET6) {
		memcpy(out, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	} else if (sa->sa_family == AF_INET) {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	}
}

bool resolver_same_ip(const union resolver_address *a, const struct sockaddr *b)
{
	uint8_t x[16], y[16];

	resolver_ip_bytes(&a->sa, x);
	resolver_ip_bytes(b, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

/* -- Names and who waits for them */

static struct name *name_create(struct resolver *r, struct name **table, struct str key)
{
	struct name *n = alloc_zero(sizeof(*n));

	n->resolver = r;
	n->key = alloc_str(key);
	hash_add_str(*table, key, n);
	return n;
}

static void free_records(struct name *n)
{
	free((void *)n->answer.record);
	n->answer = (struct resolver_answer){ 0 };
}

static void name_free(struct name **table, struct name *n)
{
	while (n->queries)
		resolver_cancel(n->queries);
	HASH_DELETE(hh, *table, n);
	free_records(n);
	alloc_str_free(&n->key);
	free(n);
}

static void answer_all(struct name *n)
{
	bool nothing = !n->answer.count && !n->answer.records;

	n->until_ms = env_now_ms(n->resolver->env) + (nothing ? KEEP_NOTHING_MS : KEEP_MS);
	while (n->queries) {
		struct resolver_query *q = n->queries;

		resolver_cancel(q);
		q->done(q->arg, &n->answer);
	}
}

static void forget_stale(struct resolver *r)
{
	struct name *n, *next;
	uint64_t now = env_now_ms(r->env);

	HASH_ITER (hh, r->names, n, next) {
		if (n->until_ms && n->until_ms <= now)
			name_free(&r->names, n);
	}
}

void resolver_add(struct resolver_answer *answer, const union resolver_address *address)
{
	if (answer->count < RESOLVER_ADDRESSES)
		answer->at[answer->count++] = *address;
}

static void answer_came(void *arg, const struct resolver_answer *answer)
{
	struct name *n = arg;

	free_records(n);
	n->answer = *answer;
	n->answer.record = NULL;
	if (answer->records) {
		struct resolver_record *copy = alloc_array(answer->records, sizeof(*copy));

		memcpy(copy, answer->record, answer->records * sizeof(*copy));
		n->answer.record = copy;
	}
	answer_all(n);
}

static void start_lookup(struct name *n)
{
	enum resolver_type type = RESOLVER_ADDRESS;

	while (types[type] != n->key.p[0])
		type++;
	n->until_ms = 0;
	dns_ask(n->resolver->dns, type, str_cut(n->key, 1, n->key.n), answer_came, n);
}

/* -- Life */

struct resolver *resolver_create(const struct env *env)
{
	struct resolver *r = alloc_zero(sizeof(*r));

	r->env = env;
	if (env->loop) {
		r->dns = dns_create(env, STR_NONE);
		r->file = hosts_file_create(env, "/etc/hosts");
	}
	return r;
}

static void forget_names(struct resolver *r)
{
	struct name *n, *next;

	HASH_ITER (hh, r->names, n, next) {
		name_free(&r->names, n);
	}
}

bool resolver_name_servers(struct resolver *r, struct str servers)
{
	struct dns *dns;

	if (!r->env->loop)
		return true;
	dns = dns_create(r->env, servers);
	if (!dns)
		return false;
	dns_destroy(r->dns); /* its open questions are asked again: */
	r->dns = dns;
	for (struct name *n = r->names, *next; n; n = next) {
		next = n->hh.next;
		if (n->until_ms == 0)
			start_lookup(n);
	}
	return true;
}

void resolver_destroy(struct resolver *r)
{
	if (!r)
		return;
	dns_destroy(r->dns);
	hosts_file_destroy(r->file);
	forget_names(r);
	resolver_clear_hosts(r);
	free(r);
}

/* -- Asking */

bool resolver_add_host(struct resolver *r, struct str host, struct str address)
{
	union resolver_address numeric;
	struct name *n;

	if (!resolver_literal(address, &numeric))
		return false;
	host = resolver_lower(r->env->turn, host);
	hash_find_str(r->hosts, host, n);
	if (!n)
		n = name_create(r, &r->hosts, host);
	resolver_add(&n->answer, &numeric);
	return true;
}

void resolver_clear_hosts(struct resolver *r)
{
	struct name *n, *next;

	HASH_ITER (hh, r->hosts, n, next) {
		name_free(&r->hosts, n);
	}
}

static bool is_host_name(struct str host)
{
	if (host.n == 0 || host.n >= RESOLVER_NAME)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return true;
}

struct str resolver_lower(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
	return copy;
}

static void wait_for(struct name *n, struct resolver_query *q)
{
	struct resolver_query **last = &n->queries;

	while (*last) /* first come, first answered: requests to one peer keep their order */
		last = &(*last)->next;
	q->next = NULL;
	q->link = last;
	*last = q;
}

/* The configuration's word, then the file's. */
static const struct resolver_answer *static_answer(struct resolver *r, struct str host)
{
	struct name *n;

	hash_find_str(r->hosts, host, n);
	if (n)
		return &n->answer;
	return r->file ? hosts_file_find(r->file, host) : NULL;
}

bool resolver_knows(struct resolver *r, struct str host)
{
	union resolver_address literal;

	return resolver_literal(host, &literal) || static_answer(r, resolver_lower(r->env->turn, host));
}

/* From what is kept, or by asking the name servers. */
static const struct resolver_answer *ask_dns(
	struct resolver *r, enum resolver_type type, struct str host, struct resolver_query *q)
{
	static const struct resolver_answer nothing;
	struct str key = arena_printf(r->env->turn, "%c" STR_FMT, types[type], STR_ARG(host));
	struct name *n;

	if (!r->dns || !is_host_name(host))
		return &nothing;
	hash_find_str(r->names, key, n);
	if (n && n->until_ms == 0) { /* somebody asked already */
		wait_for(n, q);
		return NULL;
	}
	if (n && n->until_ms > env_now_ms(r->env))
		return &n->answer;
	if (!n) {
		if (HASH_COUNT(r->names) >= NAMES_MAX)
			forget_stale(r);
		if (HASH_COUNT(r->names) >= NAMES_MAX)
			return &nothing;
		n = name_create(r, &r->names, key);
	}
	start_lookup(n);
	if (n->until_ms) /* c-ares could tell without asking anybody */
		return &n->answer;
	wait_for(n, q);
	return NULL;
}

const struct resolver_answer *resolver_ask(struct resolver *r, struct str host, struct resolver_query *q)
{
	union resolver_address literal;

	if (resolver_literal(host, &literal)) {
		struct resolver_answer *at_once = arena_alloc(r->env->turn, sizeof(*at_once));

		resolver_add(at_once, &literal);
		return at_once;
	}
	host = resolver_lower(r->env->turn, host);
	const struct resolver_answer *known = static_answer(r, host);

	return known ? known : ask_dns(r, RESOLVER_ADDRESS, host, q);
}

const struct resolver_answer *resolver_ask_records(
	struct resolver *r, enum resolver_type type, struct str host, struct resolver_query *q)
{
	return ask_dns(r, type, resolver_lower(r->env->turn, host), q);
}

void resolver_cancel(struct resolver_query *q)
{
	if (!q->link)
		return;
	*q->link = q->next;
	if (q->next)
		q->next->link = q->link;
	q->link = NULL;
	q->next = NULL;
}

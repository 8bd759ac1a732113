/* SPDX-License-Identifier: MIT */
#include "sipside/locate/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "mapping/base/alloc.h"
#include "mapping/base/hash.h"

enum { KEEP_MS = 60000, NAMES_MAX = 4096, NAME_BYTES = 253, TRY_MS = 1500, TRIES = 2 };

struct name {
	struct resolver *resolver;
	struct str host; /* lower case; owned */
	struct resolver_answer answer;
	uint64_t until_ms; /* the answer is good until then; 0: asked for now */
	struct resolver_query *queries;
	UT_hash_handle hh;
};

struct socket_watch {
	uv_poll_t poll;
	struct socket_watch *next;
	struct resolver *resolver;
	ares_socket_t fd;
};

struct resolver {
	const struct env *env;
	ares_channel channel; /* NULL: no loop, or c-ares would not start */
	struct socket_watch *watches;
	struct timer timer; /* of c-ares */
	struct name *hosts, *names;
};

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

static struct name *name_create(struct resolver *r, struct name **table, struct str host)
{
	struct name *n = alloc_zero(sizeof(*n));

	n->resolver = r;
	n->host = alloc_str(host);
	hash_add_str(*table, host, n);
	return n;
}

static void name_free(struct name **table, struct name *n)
{
	while (n->queries)
		resolver_cancel(n->queries);
	HASH_DELETE(hh, *table, n);
	alloc_str_free(&n->host);
	free(n);
}

static void answer_all(struct name *n)
{
	n->until_ms = env_now_ms(n->resolver->env) + KEEP_MS;
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

static void add_address(struct resolver_answer *answer, const union resolver_address *address)
{
	if (answer->count < RESOLVER_ADDRESSES)
		answer->at[answer->count++] = *address;
}

/* -- c-ares on the loop */

static void arm_timer(struct resolver *r)
{
	struct timeval tv, *wait = ares_timeout(r->channel, NULL, &tv);

	if (!wait) {
		wheel_cancel(r->env->wheel, &r->timer);
		return;
	}
	wheel_set(r->env->wheel, &r->timer,
		env_now_ms(r->env) + (uint64_t)wait->tv_sec * 1000 + (uint64_t)wait->tv_usec / 1000 + 1);
}

static void timer_fired(void *arg)
{
	struct resolver *r = arg;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(r);
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *w = poll->data;
	struct resolver *r = w->resolver;
	ares_socket_t fd = w->fd; /* the call may close the watch */
	bool any = status < 0;

	ares_process_fd(r->channel, any || (events & UV_READABLE) ? fd : ARES_SOCKET_BAD,
		any || (events & UV_WRITABLE) ? fd : ARES_SOCKET_BAD);
	arm_timer(r);
}

static void watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void watch_close(struct resolver *r, ares_socket_t fd)
{
	for (struct socket_watch **at = &r->watches; *at; at = &(*at)->next)
		if ((*at)->fd == fd) {
			struct socket_watch *w = *at;

			*at = w->next;
			uv_poll_stop(&w->poll);
			uv_close((uv_handle_t *)&w->poll, watch_closed);
			return;
		}
}

static struct socket_watch *watch_open(struct resolver *r, ares_socket_t fd)
{
	for (struct socket_watch *w = r->watches; w; w = w->next)
		if (w->fd == fd)
			return w;
	struct socket_watch *w = alloc_zero(sizeof(*w));

	w->resolver = r;
	w->fd = fd;
	w->poll.data = w;
	if (uv_poll_init(r->env->loop, &w->poll, fd) != 0) {
		free(w);
		return NULL;
	}
	w->next = r->watches;
	r->watches = w;
	return w;
}

static void socket_wanted(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;

	if (!readable && !writable) {
		watch_close(r, fd);
		return;
	}
	struct socket_watch *w = watch_open(r, fd);

	if (w)
		uv_poll_start(&w->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), socket_ready);
}

static void addresses_came(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct name *n = arg;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return; /* the name is freed by who destroys */
	n->answer.count = 0;
	for (struct ares_addrinfo_node *node = info ? info->nodes : NULL; node; node = node->ai_next) {
		union resolver_address address = { 0 };

		if (node->ai_family != AF_INET && node->ai_family != AF_INET6)
			continue;
		memcpy(&address, node->ai_addr, node->ai_family == AF_INET ? sizeof(address.in) : sizeof(address.in6));
		add_address(&n->answer, &address);
	}
	if (info)
		ares_freeaddrinfo(info);
	answer_all(n);
}

struct resolver *resolver_create(const struct env *env)
{
	struct resolver *r = alloc_zero(sizeof(*r));
	struct ares_options options = {
		.timeout = TRY_MS, .tries = TRIES, .sock_state_cb = socket_wanted, .sock_state_cb_data = r
	};

	r->env = env;
	r->timer.fire = timer_fired;
	r->timer.arg = r;
	if (env->loop && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS &&
		ares_init_options(&r->channel, &options,
			ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
		r->channel = NULL;
	return r;
}

void resolver_destroy(struct resolver *r)
{
	struct name *n, *next;

	if (!r)
		return;
	if (r->channel)
		ares_destroy(r->channel);
	if (r->env->loop)
		ares_library_cleanup();
	wheel_cancel(r->env->wheel, &r->timer);
	HASH_ITER (hh, r->names, n, next) {
		name_free(&r->names, n);
	}
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
	hash_find_str(r->hosts, host, n);
	if (!n)
		n = name_create(r, &r->hosts, host);
	add_address(&n->answer, &numeric);
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
	if (host.n == 0 || host.n > NAME_BYTES)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return true;
}

static struct str lower_case(struct arena *a, struct str s)
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

static void start_lookup(struct name *n)
{
	static const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT };

	n->until_ms = 0;
	ares_getaddrinfo(n->resolver->channel, n->host.p, NULL, &hints, addresses_came, n);
	arm_timer(n->resolver);
}

const struct resolver_answer *resolver_ask(struct resolver *r, struct str host, struct resolver_query *q)
{
	struct resolver_answer *at_once = arena_alloc(r->env->turn, sizeof(*at_once));
	union resolver_address literal;
	struct name *n;

	if (resolver_literal(host, &literal)) {
		add_address(at_once, &literal);
		return at_once;
	}
	host = lower_case(r->env->turn, host);
	hash_find_str(r->hosts, host, n);
	if (n)
		return &n->answer;
	if (!r->channel || !is_host_name(host))
		return at_once;
	hash_find_str(r->names, host, n);
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
			return at_once;
		n = name_create(r, &r->names, host);
	}
	/* /etc/hosts answers inside the call: with nobody waiting yet, that is an answer at once. */
	start_lookup(n);
	if (n->until_ms)
		return &n->answer;
	wait_for(n, q);
	return NULL;
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

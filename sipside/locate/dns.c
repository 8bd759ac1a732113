/* SPDX-License-Identifier: MIT */
#include "sipside/locate/dns.h"

#include <ares.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "mapping/base/alloc.h"

enum { TRY_MS = 1500, TRIES = 2, CLASS_IN = 1, TYPE_SRV = 33, TYPE_NAPTR = 35 };

struct socket_watch {
	uv_poll_t poll;
	struct socket_watch *next;
	struct dns *dns;
	ares_socket_t fd;
};
struct question {
	dns_done *done;
	void *arg;
};
struct dns {
	const struct env *env;
	ares_channel channel;
	struct socket_watch *watches;
	struct timer timer; /* of c-ares */
};

/* -- c-ares on the loop */

static void arm_timer(struct dns *d)
{
	struct timeval tv, *wait = ares_timeout(d->channel, NULL, &tv);

	if (!wait) {
		wheel_cancel(d->env->wheel, &d->timer);
		return;
	}
	wheel_set(d->env->wheel, &d->timer,
		env_now_ms(d->env) + (uint64_t)wait->tv_sec * 1000 + (uint64_t)wait->tv_usec / 1000 + 1);
}

static void timer_fired(void *arg)
{
	struct dns *d = arg;

	ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(d);
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *w = poll->data;
	struct dns *d = w->dns;
	ares_socket_t fd = w->fd; /* the call may close the watch */
	bool any = status < 0;

	ares_process_fd(d->channel, any || (events & UV_READABLE) ? fd : ARES_SOCKET_BAD,
		any || (events & UV_WRITABLE) ? fd : ARES_SOCKET_BAD);
	arm_timer(d);
}

static void watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void watch_close(struct dns *d, ares_socket_t fd)
{
	for (struct socket_watch **at = &d->watches; *at; at = &(*at)->next)
		if ((*at)->fd == fd) {
			struct socket_watch *w = *at;

			*at = w->next;
			uv_poll_stop(&w->poll);
			uv_close((uv_handle_t *)&w->poll, watch_closed);
			return;
		}
}

static struct socket_watch *watch_open(struct dns *d, ares_socket_t fd)
{
	for (struct socket_watch *w = d->watches; w; w = w->next)
		if (w->fd == fd)
			return w;
	struct socket_watch *w = alloc_zero(sizeof(*w));

	w->dns = d;
	w->fd = fd;
	w->poll.data = w;
	if (uv_poll_init(d->env->loop, &w->poll, fd) != 0) {
		free(w);
		return NULL;
	}
	w->next = d->watches;
	d->watches = w;
	return w;
}

static void socket_wanted(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns *d = arg;

	if (!readable && !writable) {
		watch_close(d, fd);
		return;
	}
	struct socket_watch *w = watch_open(d, fd);

	if (w)
		uv_poll_start(&w->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), socket_ready);
}

/* -- Answers */

static void finish(struct question *q, const struct resolver_answer *answer)
{
	dns_done *done = q->done;
	void *arg = q->arg;

	free(q);
	done(arg, answer);
}

/* The channel is being destroyed: nobody waits any more. */
static bool is_over(struct question *q, int status)
{
	if (status != ARES_EDESTRUCTION && status != ARES_ECANCELLED)
		return false;
	free(q);
	return true;
}

static void addresses_came(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct resolver_answer answer = { 0 };

	(void)timeouts;
	if (is_over(arg, status))
		return;
	for (struct ares_addrinfo_node *node = info ? info->nodes : NULL; node; node = node->ai_next) {
		union resolver_address address = { 0 };

		if (node->ai_family != AF_INET && node->ai_family != AF_INET6)
			continue;
		memcpy(&address, node->ai_addr, node->ai_family == AF_INET ? sizeof(address.in) : sizeof(address.in6));
		resolver_add(&answer, &address);
	}
	if (info)
		ares_freeaddrinfo(info);
	finish(arg, &answer);
}

static bool copy_name(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size)
		return false;
	memcpy(to, from, n + 1);
	if (n && to[n - 1] == '.')
		to[n - 1] = 0;
	return true;
}

static void srv_came(void *arg, int status, int timeouts, unsigned char *bytes, int n)
{
	struct resolver_record records[RESOLVER_RECORDS];
	struct resolver_answer answer = { .record = records };
	struct ares_srv_reply *list = NULL;

	(void)timeouts;
	if (is_over(arg, status))
		return;
	if (status == ARES_SUCCESS)
		ares_parse_srv_reply(bytes, n, &list);
	for (struct ares_srv_reply *s = list; s && answer.records < RESOLVER_RECORDS; s = s->next) {
		struct resolver_record *r = &records[answer.records];

		*r = (struct resolver_record){ .order = s->priority, .weight = s->weight, .port = s->port };
		answer.records += copy_name(r->name, sizeof(r->name), s->host);
	}
	if (list)
		ares_free_data(list);
	finish(arg, &answer);
}

static void naptr_came(void *arg, int status, int timeouts, unsigned char *bytes, int n)
{
	struct resolver_record records[RESOLVER_RECORDS];
	struct resolver_answer answer = { .record = records };
	struct ares_naptr_reply *list = NULL;

	(void)timeouts;
	if (is_over(arg, status))
		return;
	if (status == ARES_SUCCESS)
		ares_parse_naptr_reply(bytes, n, &list);
	for (struct ares_naptr_reply *s = list; s && answer.records < RESOLVER_RECORDS; s = s->next) {
		struct resolver_record *r = &records[answer.records];

		if (!str_eq_nocase(str_c((const char *)s->flags), STR("s"))) /* the only kind SIP knows */
			continue;
		*r = (struct resolver_record){ .order = s->order, .weight = s->preference };
		answer.records += copy_name(r->service, sizeof(r->service), (const char *)s->service) &&
				  copy_name(r->name, sizeof(r->name), s->replacement);
	}
	if (list)
		ares_free_data(list);
	finish(arg, &answer);
}

/* -- Life */

struct dns *dns_create(const struct env *env, struct str servers)
{
	static char from_dns[] = "b"; /* the hosts file is read elsewhere (hosts_file.h) */
	struct dns *d = alloc_zero(sizeof(*d));
	struct ares_options options = { .timeout = TRY_MS,
		.tries = TRIES,
		.lookups = from_dns,
		.sock_state_cb = socket_wanted,
		.sock_state_cb_data = d };

	d->env = env;
	d->timer = (struct timer){ .fire = timer_fired, .arg = d };
	if (ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS) {
		if (ares_init_options(&d->channel, &options,
			    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB) !=
			ARES_SUCCESS)
			d->channel = NULL;
		else if (servers.n &&
			 ares_set_servers_ports_csv(d->channel, arena_str(env->turn, servers).p) != ARES_SUCCESS) {
			dns_destroy(d);
			return NULL;
		} else {
			return d;
		}
		ares_library_cleanup();
	}
	free(d);
	return NULL;
}

void dns_destroy(struct dns *d)
{
	if (!d)
		return;
	ares_destroy(d->channel);
	ares_library_cleanup();
	wheel_cancel(d->env->wheel, &d->timer);
	free(d);
}

void dns_ask(struct dns *d, enum resolver_type type, struct str host, dns_done *done, void *arg)
{
	static const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT };
	struct question *q = alloc_zero(sizeof(*q));

	*q = (struct question){ .done = done, .arg = arg };
	switch (type) {
	case RESOLVER_ADDRESS:
		ares_getaddrinfo(d->channel, host.p, NULL, &hints, addresses_came, q);
		break;
	case RESOLVER_SRV:
		ares_query(d->channel, host.p, CLASS_IN, TYPE_SRV, srv_came, q);
		break;
	case RESOLVER_NAPTR:
		ares_query(d->channel, host.p, CLASS_IN, TYPE_NAPTR, naptr_came, q);
		break;
	}
	arm_timer(d);
}

/* SPDX-License-Identifier: MIT */
#include "xmppside/name_lookup.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "mapping/base/alloc.h"

struct name_lookup {
	uv_getaddrinfo_t request;
	name_lookup_done *done; /* NULL: cancelled */
	void *arg;
	struct timer failed; /* the request could not even begin */
};

bool xmppside_address_numeric(struct str host, uint16_t port, struct sockaddr_storage *out)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (host.n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(host));
	return uv_ip4_addr(text, port, (struct sockaddr_in *)out) == 0 ||
	       uv_ip6_addr(text, port, (struct sockaddr_in6 *)out) == 0;
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct name_lookup *l = request->data;
	struct sockaddr_storage addresses[NAME_LOOKUP_MAX];
	unsigned n = 0;

	for (struct addrinfo *at = found; !status && at && n < NAME_LOOKUP_MAX; at = at->ai_next)
		memcpy(&addresses[n++], at->ai_addr, at->ai_addrlen);
	uv_freeaddrinfo(found);
	if (l->done)
		l->done(l->arg, addresses, n, status ? str_c(uv_strerror(status)) : STR("the name has no address"));
	free(l);
}

static void on_failed(void *arg)
{
	struct name_lookup *l = arg;

	on_found(&l->request, UV_EAI_FAIL, NULL);
}

struct name_lookup *xmppside_name_lookup(
	const struct env *env, struct str host, uint16_t port, name_lookup_done *done, void *arg)
{
	struct name_lookup *l = alloc_zero(sizeof(*l));
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
	struct str name = alloc_str(host);
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	l->done = done;
	l->arg = arg;
	l->request.data = l;
	if (uv_getaddrinfo(env->loop, &l->request, on_found, name.p, service, &hints)) {
		l->failed.fire = on_failed;
		l->failed.arg = l;
		wheel_set(env->wheel, &l->failed, env_now_ms(env));
	}
	alloc_str_free(&name);
	return l;
}

void xmppside_name_lookup_cancel(struct name_lookup *l)
{
	l->done = NULL;
	uv_cancel((uv_req_t *)&l->request);
}

/* SPDX-License-Identifier: MIT */
#include "component/operate/check_network.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Binds and lets go. 0 or an errno; -1 where the host cannot be resolved. */
static int try_bind(const struct sipside_address *address)
{
	bool udp = address->transport == SIPSIDE_UDP;
	struct addrinfo hints = { .ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	char port[8];
	int fd, one = 1, error = 0;

	snprintf(port, sizeof(port), "%u", address->port);
	if (getaddrinfo(address->host.p, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error = errno;
	} else {
		if (!udp) /* as the daemon does: connections that linger do not count */
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || (!udp && listen(fd, 1) != 0))
			error = errno;
		close(fd);
	}
	freeaddrinfo(found);
	return error;
}

static void blame(struct check_report *r, const char *name, int error)
{
	struct check_finding *f = check_add(r, CHECK_FAIL, STR("listen"), "%s: %s", name,
		error < 0 ? "this host has no such address" : strerror(error));

	check_advise(r, f, "tombolo serve cannot start.",
		error == EADDRINUSE ? "another program has the port: see ss -lntup, or choose another port"
		: error == EACCES   ? "ports below 1024 need CAP_NET_BIND_SERVICE: choose another port"
				    : "sip.listen wants an address of this machine, or 0.0.0.0");
}

bool check_listen(struct check_report *r, const struct config *c, pid_t running)
{
	static const char *const transports[] = { "udp", "tcp", "tls" };
	bool ours = true;

	for (unsigned i = 0; i < c->listen_count; i++) {
		const struct sipside_address *a = &c->listen[i];
		int error = try_bind(a);
		char name[300];

		snprintf(name, sizeof(name), "%s:%s%s%s:%u", transports[a->transport],
			strchr(a->host.p, ':') ? "[" : "", a->host.p, strchr(a->host.p, ':') ? "]" : "", a->port);
		if (!error)
			check_add(r, CHECK_PASS, STR("listen"), "%s can be bound", name);
		else if (error == EADDRINUSE && running)
			check_add(r, CHECK_PASS, STR("listen"), "%s is held, tombolo is running (process %d)", name,
				(int)running);
		else
			blame(r, name, error);
		ours = ours && error >= 0 && error != EADDRNOTAVAIL;
	}
	return ours;
}

/* -- Our own name */

enum { NODE_LIMIT_S = 3 };

/* Of static life: a resolver that is slow goes on behind our back until the process ends. */
static bool resolves(const char *name)
{
	static struct gaicb query;
	struct gaicb *list[] = { &query };
	const struct gaicb *waiting[] = { &query };
	const struct timespec limit = { .tv_sec = NODE_LIMIT_S };

	query = (struct gaicb){ .ar_name = name };
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0)
		return true; /* not asked: nothing is known */
	gai_suspend(waiting, 1, &limit);
	if (gai_error(&query) != 0)
		return false;
	freeaddrinfo(query.ar_result);
	return true;
}

void check_node(struct check_report *r, const struct config *c)
{
	static char name[256];
	struct check_finding *f;

	snprintf(name, sizeof(name), STR_FMT, STR_ARG(c->node));
	if (resolves(name))
		return;
	f = check_add(r, CHECK_WARN, STR("config"), "node = %s does not resolve here", name);
	check_advise(r, f, "Requests of the SIP side may not find us.",
		"give the name an address in DNS, or set node to an address of this machine");
}

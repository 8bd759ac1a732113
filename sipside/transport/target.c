/* SPDX-License-Identifier: MIT */
#include "sipside/transport/target.h"

#include <arpa/inet.h>
#include <string.h>

static const struct {
	struct str word;
	uint16_t port;
} kinds[] = {
	[SIPSIDE_UDP] = { STR_INIT("udp"), 5060 },
	[SIPSIDE_TCP] = { STR_INIT("tcp"), 5060 },
	[SIPSIDE_TLS] = { STR_INIT("tls"), 5061 },
};

static char *put_byte(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* inet_ntop() prints IPv4 by way of sprintf(), and every request's answer needs one. */
static struct str ipv4_text(struct arena *a, const struct in_addr *in)
{
	const uint8_t *bytes = (const uint8_t *)&in->s_addr;
	char text[INET_ADDRSTRLEN], *p = text;

	for (unsigned i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_byte(p, bytes[i]);
	}
	return arena_str(a, (struct str){ text, (size_t)(p - text) });
}

struct str sipside_target_host(const struct env *env, const struct sipside_target *t)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (t->addr.any.sa_family != AF_INET6)
		return ipv4_text(env->turn, &t->addr.v4.sin_addr);
	inet_ntop(AF_INET6, &t->addr.v6.sin6_addr, text, sizeof(text));
	return arena_str(env->turn, str_c(text));
}

uint16_t sipside_target_port(const struct sipside_target *t)
{
	return ntohs(t->addr.any.sa_family == AF_INET6 ? t->addr.v6.sin6_port : t->addr.v4.sin_port);
}

void sipside_target_set_port(struct sipside_target *t, uint16_t port)
{
	if (t->addr.any.sa_family == AF_INET6)
		t->addr.v6.sin6_port = htons(port);
	else
		t->addr.v4.sin_port = htons(port);
}

struct str sipside_target_text(const struct env *env, const struct sipside_target *t)
{
	struct str host = sipside_target_host(env, t);
	bool v6 = t->addr.any.sa_family == AF_INET6;

	return arena_printf(env->turn, STR_FMT ":%s" STR_FMT "%s:%u", STR_ARG(kinds[t->transport].word), v6 ? "[" : "",
		STR_ARG(host), v6 ? "]" : "", sipside_target_port(t));
}

bool sipside_target_same_host(const struct sipside_target *a, const struct sipside_target *b)
{
	if (a->addr.any.sa_family != b->addr.any.sa_family)
		return false;
	if (a->addr.any.sa_family == AF_INET6)
		return memcmp(&a->addr.v6.sin6_addr, &b->addr.v6.sin6_addr, sizeof(struct in6_addr)) == 0;
	return a->addr.v4.sin_addr.s_addr == b->addr.v4.sin_addr.s_addr;
}

bool sipside_target_same_address(const struct sipside_target *a, const struct sipside_target *b)
{
	return sipside_target_same_host(a, b) && sipside_target_port(a) == sipside_target_port(b);
}

bool sipside_target_set(struct sipside_target *t, enum sipside_transport transport, struct str host, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_cut(host, 1, host.n - 1);
	if (host.n == 0 || host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	*t = (struct sipside_target){ .transport = transport };
	if (inet_pton(AF_INET, text, &t->addr.v4.sin_addr) == 1)
		t->addr.v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &t->addr.v6.sin6_addr) == 1)
		t->addr.v6.sin6_family = AF_INET6;
	else
		return false;
	sipside_target_set_port(t, port ? port : kinds[transport].port);
	return true;
}

void sipside_target_from(struct sipside_target *t, enum sipside_transport transport, const struct sockaddr *sa)
{
	*t = (struct sipside_target){ .transport = transport };
	if (sa->sa_family == AF_INET6)
		memcpy(&t->addr.v6, sa, sizeof(t->addr.v6));
	else
		memcpy(&t->addr.v4, sa, sizeof(t->addr.v4));
}

socklen_t sipside_target_length(const struct sipside_target *t)
{
	return t->addr.any.sa_family == AF_INET6 ? sizeof(t->addr.v6) : sizeof(t->addr.v4);
}

/* SPDX-License-Identifier: MIT */
/* Where bytes go, or came from. */
#ifndef TOMBOLO_TARGET_H
#define TOMBOLO_TARGET_H

#include <netinet/in.h>
#include "mapping/base/env.h"
#include "sipside/sipside.h"

/* Where bytes go, or came from: who answers sends to the target the request came from. A plain value, to be copied. */
struct sipside_target {
	enum sipside_transport transport;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
	/* Streams: a connection by its number. 0: any open one to addr, else a new one is opened. A number whose
	 * connection is gone: a new one to addr (RFC 3261 18.2.2), which for accepted ones leads nowhere useful. */
	uint64_t connection;
	unsigned
		listener; /* UDP: which of our sockets; as sipside_transport_listen counted it, plus 1. 0: any that fits */
	const char *tls_name; /* TLS: the name to ask for and to check; who keeps the target, keeps a copy */
};

/* "udp:192.0.2.1:5060", "tcp:[2001:db8::1]:5060" for logs, in the turn's arena. */
struct str sipside_target_text(const struct env *env, const struct sipside_target *t);
struct str sipside_target_host(const struct env *env, const struct sipside_target *t); /* numeric, no brackets */
uint16_t sipside_target_port(const struct sipside_target *t);
void sipside_target_set_port(struct sipside_target *t, uint16_t port);
bool sipside_target_same_address(const struct sipside_target *a, const struct sipside_target *b); /* host and port */
void sipside_target_from(struct sipside_target *t, enum sipside_transport transport, const struct sockaddr *sa);
socklen_t sipside_target_length(const struct sipside_target *t); /* of addr, as system calls want it */
bool sipside_target_same_host(const struct sipside_target *a, const struct sipside_target *b);
/* From a numeric host, brackets allowed; port 0: the default of the transport. false: it is a name. */
bool sipside_target_set(struct sipside_target *t, enum sipside_transport transport, struct str host, uint16_t port);
static inline bool sipside_target_reliable(const struct sipside_target *t)
{
	return t->transport != SIPSIDE_UDP;
}

#endif

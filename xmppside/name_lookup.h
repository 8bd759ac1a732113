/* SPDX-License-Identifier: MIT */
/* The XMPP server's name -> addresses, on libuv's threads (hosts file, DNS: whatever the system says). */
#ifndef TOMBOLO_NAME_LOOKUP_H
#define TOMBOLO_NAME_LOOKUP_H

#include <sys/socket.h>
#include "mapping/base/env.h"

enum { NAME_LOOKUP_MAX = 8 };
struct name_lookup;
/* n 0: there is none, and words say why. Called once, unless cancelled. */
typedef void name_lookup_done(void *arg, const struct sockaddr_storage *addresses, unsigned n, struct str words);

/* A numeric IPv4 or IPv6 address; false where host is none. */
bool xmppside_address_numeric(struct str host, uint16_t port, struct sockaddr_storage *out);
/* Never NULL; freed by itself after `done` or cancel. */
struct name_lookup *xmppside_name_lookup(
	const struct env *env, struct str host, uint16_t port, name_lookup_done *done, void *arg);
void xmppside_name_lookup_cancel(struct name_lookup *l);

#endif

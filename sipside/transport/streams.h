/* SPDX-License-Identifier: MIT */
/* Connections (RFC 3261 18), TCP and TLS: opened by us or accepted, both used in both directions. One write for each loop
 * turn. Over TLS a request finds a connection by the name its peer proved, never by the address alone (RFC 5923). */
#ifndef TOMBOLO_STREAMS_H
#define TOMBOLO_STREAMS_H

#include "sipside/transport/transport.h"

struct streams;
struct tls_context;
struct tls_identity;
struct streams *streams_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg);
/* For TLS connections from now on; owned by s from here. */
void streams_secure(struct streams *s, struct tls_context *context);
/* Opens a port at `at` and fills in the port it got. REASON_INTERNAL with *error. */
enum reason streams_listen(struct streams *s, struct sipside_target *at, struct str *error);
enum reason streams_send(
	struct streams *s, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch);
/* RFC 5923: who accepted-from TLS peer wants requests sent back on this connection, as if we had dialled its `port`. */
void streams_alias(struct streams *s, const struct sipside_target *from, uint16_t port);
/* What the connection's peer proved. NULL: not TLS, or gone. */
const struct tls_identity *streams_identity(const struct streams *s, const struct sipside_target *from);
/* The newest open TLS connection that was dialled as `name`: what is spoken there and what the peer proved. NULL: none. */
const struct tls_identity *streams_dialled(const struct streams *s, struct str name, const char **version);
unsigned streams_count(const struct streams *s);
/* Calls closed(arg) once all handles are closed, perhaps at once; s is gone then. */
void streams_destroy(struct streams *s, void (*closed)(void *arg), void *arg);

#endif

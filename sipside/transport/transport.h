/* SPDX-License-Identifier: MIT */
/* Bytes in and out: UDP in batches, streams with framing. Knows no transaction and no dialog. */
#ifndef TOMBOLO_TRANSPORT_H
#define TOMBOLO_TRANSPORT_H

#include "sipside/transport/target.h"

struct tls_context;
struct tls_identity;

struct sipside_transport_handlers {
	/* One whole message, at most 64 KiB, without leading line ends. */
	void (*received)(void *arg, const struct sipside_target *from, struct str bytes);
	/* A UDP datagram of ours came back as unreachable (ICMP); bytes is at least its beginning. */
	void (*undelivered)(void *arg, const struct sipside_target *to, struct str bytes);
};

/* Hears of the end of what it was sent on, at most once, and only later than the send. It is embedded in its owner,
 * who calls sipside_unwatch() before the memory goes. */
struct sipside_watch {
	struct sipside_watch *next, **link; /* NULL: hears of nothing */
	/* REASON_UNREACHABLE or REASON_TLS: no byte of it left us. REASON_CONNECTION_LOST: it may have arrived. */
	void (*lost)(void *arg, enum reason why, struct str words);
	void *arg;
	uint64_t start; /* how many bytes of the stream stand before this message */
};

struct sipside_transport_limits {
	unsigned connections; /* in total; 0: 10,000 */
	unsigned connections_per_peer; /* accepted from one address; 0: 1,000 */
	unsigned message_bytes; /* 0: 64 KiB */
	unsigned queue_bytes; /* waiting to be written on one connection; 0: 4 MiB */
	unsigned half_message_ms; /* the rest of a begun message has to come within; 0: 30 s */
	unsigned idle_ms; /* a silent connection is closed; 0: 10 min */
	unsigned connect_ms; /* until a connection of ours is there, TLS handshake included; 0: 4 s */
	unsigned handshake_ms; /* TLS, accepted: until the peer has proved who it is; 0: 10 s */
	unsigned handshakes; /* accepted connections that have not ended their handshake; 0: 1,000 */
	unsigned handshakes_per_peer; /* of these, from one address; 0: 100 */
};

struct sipside_net;
struct sipside_net *sipside_transport_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg);
/* What TLS connections are made with from now on; live ones keep theirs. Owned by n from here. */
void sipside_transport_secure(struct sipside_net *n, struct tls_context *context);
/* What our own certificate proves; NULL: no TLS. */
const struct tls_identity *sipside_transport_own(const struct sipside_net *n);
/* What the peer of this connection proved in its TLS handshake. NULL: it is not TLS, or gone. */
const struct tls_identity *sipside_transport_identity(const struct sipside_net *n, const struct sipside_target *from);
/* The same of an open connection that we dialled by this name; *version is "TLSv1.3". NULL: there is none. */
const struct tls_identity *sipside_transport_dialled(
	const struct sipside_net *n, struct str name, const char **version);
/* The peer asks for requests to its port `port` to come on this connection (RFC 5923); heeded only over TLS, and only for
 * names the peer proved. */
void sipside_transport_alias(struct sipside_net *n, const struct sipside_target *from, uint16_t port);
/* Opens one port; *listener is its number. REASON_INTERNAL with *error in words (turn's arena). The address is numeric. */
enum reason sipside_transport_listen(
	struct sipside_net *n, const struct sipside_address *at, unsigned *listener, struct str *error);
/* The address a listener got. false: no such listener. */
bool sipside_transport_bound(const struct sipside_net *n, unsigned listener, struct sipside_address *out);
bool sipside_transport_has_port(const struct sipside_net *n, uint16_t port); /* one of the listeners has */
/* The port for our Via and Contact on this transport: the first listener's. 0: none listens. */
uint16_t sipside_transport_port(const struct sipside_net *n, enum sipside_transport t);
/* Takes a copy of bytes and returns at once; leaves within this loop turn. watch may be NULL.
 * REASON_NONE, or at once REASON_TOO_LARGE (a datagram above 65,507 bytes), REASON_QUEUE_FULL (the peer does not read),
 * REASON_TOO_MANY (connection cap), REASON_UNREACHABLE (no socket of that family), REASON_TLS (TLS is not configured, or
 * no name to check is given): then watch hears nothing. */
enum reason sipside_transport_send(
	struct sipside_net *n, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch);
void sipside_unwatch(struct sipside_watch *w); /* idle ones too */
unsigned sipside_transport_connections(const struct sipside_net *n);
/* Closes everything without a word; memory goes once the loop has closed the handles. NULL is allowed. */
void sipside_transport_destroy(struct sipside_net *n);

#endif

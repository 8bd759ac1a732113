/* SPDX-License-Identifier: MIT */
/* One connection: its states, its time limits, bytes in through the framer, bytes out once a loop turn, its end. Private
 * to stream.c, stream_secure.c and streams.c. TLS sits between the socket and the framer: `plain` waits to be encrypted into
 * `out`, and what is decrypted goes to stream_in(). */
#ifndef TOMBOLO_STREAM_H
#define TOMBOLO_STREAM_H

#include <uv.h>
#include "mapping/base/hash.h"
#include "sipside/transport/framer.h"
#include "sipside/transport/streams.h"
#include "sipside/transport/tls_stream.h"

/* CONNECTING --> SECURING (TLS: the handshake) --> OPEN --> DRAINING (no more reading, writes what waits) --> CLOSED (libuv
 * lets go of the handle). SECURING is left out where TLS is. */
enum stream_state { CONNECTING, SECURING, OPEN, DRAINING, CLOSED };

struct address { /* a peer as a table key: no padding, no scope */
	uint8_t host[16];
	uint64_t name; /* TLS: keyed hash of the name we dialled; 0: we accepted */
	uint32_t transport;
	uint16_t port, family;
};

struct peer { /* accepted connections from one address */
	UT_hash_handle hh;
	struct address address; /* host and family alone */
	unsigned count;
	unsigned securing; /* of these, how many have not ended their handshake */
};

struct stream {
	UT_hash_handle by_id, by_address;
	struct streams *set;
	uint64_t id;
	struct address address;
	struct sipside_target peer;
	struct peer *accepted_from; /* NULL: we opened it */
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_write_t write;
	enum stream_state state;
	bool indexed, writing,
		spoken; /* spoken: a message came, or our connect succeeded, or a TLS peer proved its name */
	bool counted; /* among the handshakes under way */
	struct framer framer;
	struct tls_stream *tls; /* NULL: not TLS */
	struct buf plain; /* TLS: waits to be encrypted */
	struct buf out, in_flight;
	uint64_t queued, sent; /* bytes ever taken, bytes ever handed to the kernel */
	struct sipside_watch *watches;
	struct env_flush flush;
	struct timer timer;
	uint64_t begun_ms; /* connect, handshake, or the first byte of the message that is not whole yet; 0: none */
	uint64_t heard_ms; /* the last byte in either direction */
};

struct streams {
	const struct env *env;
	struct sipside_transport_limits limits;
	struct sipside_transport_handlers handlers;
	void *arg;
	struct listener *listeners;
	struct stream *by_id, *by_address;
	struct peer *peers;
	struct tls_context *tls; /* for new connections; NULL: no TLS */
	char *cipher; /* where the socket's bytes go first under TLS */
	uint64_t last_id;
	unsigned securing; /* accepted connections in their handshake */
	unsigned open_handles;
	bool dying;
	void (*closed)(void *arg);
	void *closed_arg;
};

/* -- stream.c */
struct stream *stream_new(struct streams *s); /* with a handle, in no table yet */
void stream_opened(struct stream *c); /* reads from now on; may close it */
int stream_connect(struct stream *c); /* a libuv error: nothing was begun */
void stream_established(struct stream *c); /* from now on messages go both ways */
void stream_watch_time(struct stream *c); /* a deadline may have come nearer */
void stream_in(struct stream *c, size_t n); /* so many plain bytes were put into the framer's room */
enum reason stream_queue(struct stream *c, struct str bytes, struct sipside_watch *watch);
/* why: what those hear of whose message did not begin to leave. Out of all tables at once, freed when libuv lets go. */
void stream_close(struct stream *c, enum reason why, struct str words);
void stream_discard(struct stream *c); /* one that never came into a table */
void stream_tell(const struct stream *c, enum event_kind kind, struct str why);

/* -- stream_secure.c */
enum { STREAM_CIPHER_BYTES = 64 * 1024 };
void stream_secure_start(struct stream *c); /* the socket is there */
void stream_secure_in(struct stream *c, struct str cipher);
void stream_secure_out(struct stream *c); /* what waits goes through TLS into `out` */
void stream_secure_bye(struct stream *c); /* the alert or close_notify, if the socket takes it at once */

/* -- streams.c */
void streams_secured(struct stream *c); /* its handshake is over, well or not */
void streams_forget(struct stream *c); /* takes it out of the tables and out of its peer's count */
void streams_handle_gone(struct streams *s); /* one of the set's handles is closed */

#endif

/* SPDX-License-Identifier: MIT */
/* One connection: its states, its time limits, bytes in through the framer, bytes out once a loop turn, its end. Private
 * to stream.c and streams.c. TLS will sit between the socket and the framer: stream_in() and stream_out() in stream.c
 * are the two places where plain bytes pass. */
#ifndef TOMBOLO_STREAM_H
#define TOMBOLO_STREAM_H

#include <uv.h>
#include "mapping/base/hash.h"
#include "sipside/transport/framer.h"
#include "sipside/transport/streams.h"

/* CONNECTING --> OPEN --> DRAINING (no more reading, writes what waits) --> CLOSED (libuv lets go of the handle) */
enum stream_state { CONNECTING, OPEN, DRAINING, CLOSED };

struct address { /* a peer as a table key: no padding, no scope */
	uint8_t host[16];
	uint16_t port, family;
};

struct peer { /* accepted connections from one address */
	UT_hash_handle hh;
	struct address address; /* port 0 */
	unsigned count;
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
	bool indexed, writing, spoken; /* spoken: a message came, or our connect succeeded */
	struct framer framer;
	struct buf out, in_flight;
	uint64_t queued, sent; /* bytes ever taken, bytes ever handed to the kernel */
	struct sipside_watch *watches;
	struct env_flush flush;
	struct timer timer;
	uint64_t begun_ms; /* connect, or the first byte of the message that is not whole yet; 0: none */
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
	uint64_t last_id;
	unsigned open_handles;
	bool dying;
	void (*closed)(void *arg);
	void *closed_arg;
};

/* -- stream.c */
struct stream *stream_new(struct streams *s); /* with a handle, in no table yet */
void stream_opened(struct stream *c); /* reads from now on; may close it */
int stream_connect(struct stream *c); /* a libuv error: nothing was begun */
enum reason stream_queue(struct stream *c, struct str bytes, struct sipside_watch *watch);
/* why: what those hear of whose message did not begin to leave. Out of all tables at once, freed when libuv lets go. */
void stream_close(struct stream *c, enum reason why, struct str words);
void stream_discard(struct stream *c); /* one that never came into a table */
void stream_tell(const struct stream *c, enum event_kind kind, struct str why);

/* -- streams.c */
void streams_forget(struct stream *c); /* takes it out of the tables and out of its peer's count */
void streams_handle_gone(struct streams *s); /* one of the set's handles is closed */

#endif

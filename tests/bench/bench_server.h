/* SPDX-License-Identifier: MIT */
/* The XMPP side of the benchmark: an XEP-0114 server for one component that answers every iq at once (so that a barrier
 * costs what the daemon spends on it) and counts the messages that reach it. */
#ifndef TOMBOLO_BENCH_SERVER_H
#define TOMBOLO_BENCH_SERVER_H

#include <uv.h>
#include "mapping/base/str.h"

struct bench_server {
	uv_tcp_t listener, stream;
	uint16_t port;
	bool connected, up;
	bool forgives; /* the daemon may go away and come back */
	struct buf in, out;
	void (*message)(void *arg, struct str stanza); /* a <message/> arrived */
	void (*presence)(void *arg, struct str stanza);
	void *arg;
};

void bench_server_listen(struct bench_server *s, uv_loop_t *loop);
void bench_server_write(struct bench_server *s, struct str stanza); /* sent by bench_server_flush */
void bench_server_flush(struct bench_server *s);
/* The value of an attribute of the stanza's first tag; empty: absent. */
struct str bench_attribute(struct str stanza, struct str name);

#endif

/* SPDX-License-Identifier: MIT */
/* The SIP side of the benchmark: one peer over UDP or TCP, with just enough of SIP to answer every
 * request 200 and to send requests whose answers it recognises by CSeq. */
#ifndef TOMBOLO_BENCH_PEER_H
#define TOMBOLO_BENCH_PEER_H

#include <uv.h>
#include "mapping/base/str.h"

struct bench_peer;
struct bench_connection {
	uv_tcp_t stream;
	struct bench_peer *peer;
	bool open;
	struct buf in, out;
};

enum { BENCH_CONNECTIONS = 8 };
struct bench_peer {
	bool tcp;
	bool forgives; /* the daemon may go away and come back */
	uint16_t port; /* ours */
	struct sockaddr_in daemon;
	uv_udp_t udp;
	uv_tcp_t listener;
	/* The first is the one we opened; the daemon may open others. Answers go back where the request came from. */
	struct bench_connection connections[BENCH_CONNECTIONS];
	void (*request)(void *arg, struct str method, struct str message);
	void (*response)(void *arg, int status, unsigned cseq, struct str message);
	void *arg;
};

void bench_peer_open(struct bench_peer *p, uv_loop_t *loop, bool tcp);
void bench_peer_connect(struct bench_peer *p, uint16_t daemon_port); /* once the daemon listens */
void bench_peer_send(struct bench_peer *p, struct str message);
void bench_peer_flush(struct bench_peer *p);
/* The first header line of that name (as the daemon writes it), value only; empty: absent. */
struct str bench_header(struct str message, struct str name);

#endif

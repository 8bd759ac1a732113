/* SPDX-License-Identifier: MIT */
/* UDP sockets of one loop: datagrams come in by recvmmsg and leave by one sendmmsg for each loop turn. */
#ifndef TOMBOLO_UDP_H
#define TOMBOLO_UDP_H

#include "sipside/transport/transport.h"

enum { UDP_MAX_BYTES = 65507 };

struct udp;
/* handlers->received gets from.listener = number of the socket plus 1, set by the number given to udp_listen. */
struct udp *udp_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg);
/* Opens a socket at `at` and fills in the port it got. REASON_INTERNAL with *error. */
enum reason udp_listen(struct udp *u, struct sipside_target *at, unsigned listener, struct str *error);
enum reason udp_send(struct udp *u, const struct sipside_target *to, struct str bytes);
/* Calls closed(arg) once all handles are closed, perhaps at once; u is gone then. */
void udp_destroy(struct udp *u, void (*closed)(void *arg), void *arg);

#endif

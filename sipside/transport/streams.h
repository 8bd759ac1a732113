/* SPDX-License-Identifier: MIT */
/* Connections (RFC 3261 18): opened by us or accepted, both used in both directions. One write for each loop turn. */
#ifndef TOMBOLO_STREAMS_H
#define TOMBOLO_STREAMS_H

#include "sipside/transport/transport.h"

struct streams;
struct streams *streams_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg);
/* Opens a port at `at` and fills in the port it got. REASON_INTERNAL with *error. */
enum reason streams_listen(struct streams *s, struct sipside_target *at, struct str *error);
enum reason streams_send(
	struct streams *s, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch);
unsigned streams_count(const struct streams *s);
/* Calls closed(arg) once all handles are closed, perhaps at once; s is gone then. */
void streams_destroy(struct streams *s, void (*closed)(void *arg), void *arg);

#endif

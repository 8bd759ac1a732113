/* SPDX-License-Identifier: MIT */
/* The log: one line to each event, key=value, on a descriptor that may be a pipe nobody reads.
 *	ts= level= event= flow= dir= from= to= sip= xmpp= why= ms= detail="..."
 * What is zero or empty is left out. A value with other than plain bytes is quoted and escaped, so that nothing a remote
 * says can look like a line or a key of ours. Bodies and secrets never come here (event.h). */
#ifndef TOMBOLO_LOG_H
#define TOMBOLO_LOG_H

#include "component/operate/sinks.h"
#include "mapping/base/env.h"

enum { LOG_BUFFER_MAX = 256 * 1024 /* bytes not yet taken by the reader */, LOG_VALUE_MAX = 1024 };

struct log;
/* Lines of at least `level`, written when the turn ends, never blocking. What does not fit into the buffer is counted and
 * told in a line of its own when there is room again. fd stays the caller's; env outlives the log. */
struct log *log_create(const struct env *env, int fd, enum event_level level);
struct sink log_sink(struct log *l);
void log_destroy(struct log *l); /* waits up to a second for a slow reader; NULL is allowed */

/* The line without its newline; pure. unix_ms: its time stamp. */
void log_line(struct buf *out, const struct event *e, int64_t unix_ms);

#endif

/* SPDX-License-Identifier: MIT */
/* How many events of each kind there were; a sink of the event stream. */
#ifndef TOMBOLO_COUNTERS_H
#define TOMBOLO_COUNTERS_H

#include "component/operate/sinks.h"

struct counters {
	uint64_t counts[EVENT_KINDS];
};
/* c outlives the sink. */
struct sink counters_sink(struct counters *c);
/* One line "tombolo_NAME VALUE" for each kind whose row names a metric. */
void counters_print(const struct counters *c, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* The event stream's fan-out: each event goes to every sink, in the order they were added. */
#ifndef TOMBOLO_SINKS_H
#define TOMBOLO_SINKS_H

#include "mapping/base/event.h"

enum { SINKS_MAX = 8 };

struct sink {
	void (*event)(void *arg, const struct event *e); /* borrowed for the call; must not emit an event itself */
	bool (*wants)(void *arg, enum event_kind kind); /* NULL: wants no wire bytes, all else */
	void *arg;
};
struct sinks {
	struct sink list[SINKS_MAX];
	unsigned count;
};

void sinks_add(struct sinks *s, struct sink sink);
void sinks_remove(struct sinks *s, const void *arg); /* the sink with this arg; unknown is ignored */
void sinks_event(const struct sinks *s, const struct event *e); /* only to sinks that want its kind */
bool sinks_want(const struct sinks *s, enum event_kind kind);

#endif

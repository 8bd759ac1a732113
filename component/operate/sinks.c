/* SPDX-License-Identifier: MIT */
#include "component/operate/sinks.h"

#include <assert.h>

static bool is_wire(enum event_kind kind)
{
	return kind == EVENT_WIRE_SIP || kind == EVENT_WIRE_XMPP;
}

static bool sink_wants(const struct sink *s, enum event_kind kind)
{
	return s->wants ? s->wants(s->arg, kind) : !is_wire(kind);
}

void sinks_add(struct sinks *s, struct sink sink)
{
	assert(s->count < SINKS_MAX);
	s->list[s->count++] = sink;
}

void sinks_remove(struct sinks *s, const void *arg)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (s->list[i].arg != arg)
			continue;
		for (s->count--; i < s->count; i++)
			s->list[i] = s->list[i + 1];
		return;
	}
}

void sinks_event(const struct sinks *s, const struct event *e)
{
	for (unsigned i = 0; i < s->count; i++)
		if (sink_wants(&s->list[i], e->kind))
			s->list[i].event(s->list[i].arg, e);
}

bool sinks_want(const struct sinks *s, enum event_kind kind)
{
	for (unsigned i = 0; i < s->count; i++)
		if (sink_wants(&s->list[i], kind))
			return true;
	return false;
}

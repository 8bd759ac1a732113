/* SPDX-License-Identifier: MIT */
#include "component/operate/counters.h"

#include <inttypes.h>

static void on_event(void *arg, const struct event *e)
{
	struct counters *c = arg;

	c->counts[e->kind]++;
}

struct sink counters_sink(struct counters *c)
{
	return (struct sink){ .event = on_event, .arg = c };
}

void counters_print(const struct counters *c, struct buf *out)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		struct str metric = event_row((enum event_kind)kind)->metric;

		if (metric.n)
			buf_printf(out, "tombolo_" STR_FMT " %" PRIu64 "\n", STR_ARG(metric), c->counts[kind]);
	}
}

/* SPDX-License-Identifier: MIT */
/* Timers on a hierarchical wheel: set, cancel and fire in O(1), whatever their number. Knows no clock: now is passed in. */
#ifndef TOMBOLO_WHEEL_H
#define TOMBOLO_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in the record it wakes; zero-initialised is idle. `fire` and `arg` are set by the owner before wheel_set. */
struct timer {
	struct timer *next, **link; /* link is NULL while idle */
	uint64_t due_ms;
	void (*fire)(void *arg);
	void *arg;
};

enum { WHEEL_LEVELS = 5, WHEEL_SLOTS = 64 };
struct wheel {
	uint64_t now_ms; /* all timers due before or at this time have fired */
	uint64_t count;
	struct timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
	uint64_t used[WHEEL_LEVELS]; /* a bit for each slot that is not empty */
	void (*changed)(void *arg); /* an earlier deadline than any before came in; may be NULL */
	void *arg;
	uint64_t next_ms; /* the earliest time at which wheel_run may have work; UINT64_MAX: none */
};

void wheel_init(struct wheel *w, uint64_t now_ms);
/* (Re)sets t to fire at due_ms; a time in the past fires at the next wheel_run. */
void wheel_set(struct wheel *w, struct timer *t, uint64_t due_ms);
void wheel_cancel(struct wheel *w, struct timer *t); /* idle timers too */
static inline bool wheel_is_set(const struct timer *t)
{
	return t->link != 0;
}
/* Fires all that is due, in order of their millisecond; a firing timer is idle and may be set again. */
void wheel_run(struct wheel *w, uint64_t now_ms);
/* When to call wheel_run next (it may then find nothing due yet); UINT64_MAX: no timer is set. */
uint64_t wheel_next(const struct wheel *w);

#endif

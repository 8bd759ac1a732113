/* SPDX-License-Identifier: MIT */
/* Level 0 has a slot for each of the next 64 ms, level 1 one for each of the next 64 blocks of 64 ms, and so on:
 * 64^5 ms are 12 days. What is farther away waits in the last slot of the last level and is placed again from there. */
#include "mapping/base/wheel.h"

#include <stddef.h>

enum { BITS = 6, MASK = WHEEL_SLOTS - 1 };

static void place(struct wheel *w, struct timer *t)
{
	uint64_t due = t->due_ms > w->now_ms ? t->due_ms : w->now_ms + 1;
	uint64_t ahead = due - w->now_ms;
	unsigned level = 0;

	while (level < WHEEL_LEVELS - 1 && ahead >= (uint64_t)1 << (BITS * (level + 1)))
		level++;
	uint64_t block = due >> (BITS * level), here = w->now_ms >> (BITS * level);

	if (block - here > MASK)
		block = here + MASK;
	unsigned slot = (unsigned)(block & MASK);
	struct timer **head = &w->slots[level][slot];

	t->next = *head;
	if (t->next)
		t->next->link = &t->next;
	t->link = head;
	*head = t;
	w->used[level] |= (uint64_t)1 << slot;
}

static void unlink_timer(struct timer *t)
{
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	t->link = NULL;
	t->next = NULL;
}

/* The first moment after now at which a used slot of any level comes up. */
static uint64_t earliest(const struct wheel *w)
{
	uint64_t best = UINT64_MAX;

	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		uint64_t used = w->used[level], here = w->now_ms >> (BITS * level);

		if (!used)
			continue;
		unsigned turn = (unsigned)((here + 1) & MASK);
		uint64_t turned = turn ? (used >> turn) | (used << (WHEEL_SLOTS - turn)) : used;
		uint64_t when = (here + 1 + (uint64_t)__builtin_ctzll(turned)) << (BITS * level);

		if (when < best)
			best = when;
	}
	return best;
}

void wheel_init(struct wheel *w, uint64_t now_ms)
{
	*w = (struct wheel){ .now_ms = now_ms, .next_ms = UINT64_MAX };
}

void wheel_set(struct wheel *w, struct timer *t, uint64_t due_ms)
{
	wheel_cancel(w, t);
	t->due_ms = due_ms;
	place(w, t);
	w->count++;
	uint64_t due = due_ms > w->now_ms ? due_ms : w->now_ms + 1;

	if (due < w->next_ms) {
		w->next_ms = due;
		if (w->changed)
			w->changed(w->arg);
	}
}

void wheel_cancel(struct wheel *w, struct timer *t)
{
	if (!t->link)
		return;
	unlink_timer(t);
	w->count--;
}

/* Empties one slot: what is due fires, the rest moves to a finer level. */
static void serve_slot(struct wheel *w, unsigned level, unsigned slot)
{
	struct timer **head = &w->slots[level][slot];
	struct timer *waiting = *head;

	w->used[level] &= ~((uint64_t)1 << slot);
	*head = NULL;
	if (waiting)
		waiting->link = &waiting;
	while (waiting) {
		struct timer *t = waiting;

		unlink_timer(t);
		if (t->due_ms > w->now_ms) {
			place(w, t);
			continue;
		}
		w->count--;
		t->fire(t->arg);
	}
}

void wheel_run(struct wheel *w, uint64_t now_ms)
{
	for (;;) {
		uint64_t when = earliest(w);

		if (when > now_ms)
			break;
		w->now_ms = when;
		for (unsigned level = WHEEL_LEVELS; level-- > 0;) {
			unsigned shift = BITS * level;

			if (level && (when & (((uint64_t)1 << shift) - 1)))
				continue;
			unsigned slot = (unsigned)((when >> shift) & MASK);

			if (w->used[level] & ((uint64_t)1 << slot))
				serve_slot(w, level, slot);
		}
	}
	if (now_ms > w->now_ms)
		w->now_ms = now_ms;
	w->next_ms = w->count ? earliest(w) : UINT64_MAX;
}

uint64_t wheel_next(const struct wheel *w)
{
	return w->count ? w->next_ms : UINT64_MAX;
}

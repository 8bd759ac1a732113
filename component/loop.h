/* SPDX-License-Identifier: MIT */
/* The daemon's env on a libuv loop: one uv_timer for the whole wheel, the end of the turn just before the loop waits,
 * clocks, random bytes from a pool, the event stream to its sinks. */
#ifndef TOMBOLO_LOOP_H
#define TOMBOLO_LOOP_H

#include <uv.h>
#include "component/operate/sinks.h"
#include "mapping/base/env.h"

enum { LOOP_RANDOM_BYTES = 4096 };

struct loop {
	struct env env; /* hand this one out */
	struct sinks sinks; /* who listens to env.event; add with sinks_add() */
	uv_loop_t uv;
	uv_timer_t timer; /* armed for wheel_next() */
	uv_prepare_t prepare; /* runs env_end_turn(); does not keep the loop alive */
	struct wheel wheel;
	struct arena turn;
	struct env_flush *flushes;
	uint8_t pool[LOOP_RANDOM_BYTES]; /* used from the end, wiped as it is used */
	size_t pool_left;
	uint64_t trim_ms; /* when to look next whether a burst has left memory behind */
};

/* In place, l does not move afterwards. Also sets the process's hash key (hash_set_key). */
void loop_init(struct loop *l);
/* Turns until loop_stop() or until nothing is left to wait for; the wheel alone does keep it turning. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Ends the turn, closes our handles and lets every close callback run. Handles of others must be closing already; one that
 * is not is a fault of its owner: reported on stderr, and the loop is left as it is. */
void loop_finish(struct loop *l);

#endif

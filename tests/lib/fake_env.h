/* SPDX-License-Identifier: MIT */
/* An env for unit tests: a clock the test moves, random bytes from a seed, events kept for asking. */
#ifndef TOMBOLO_FAKE_ENV_H
#define TOMBOLO_FAKE_ENV_H

#include "mapping/base/env.h"

struct fake_env {
	struct env env; /* hand this one out */
	struct wheel wheel;
	struct arena turn;
	struct env_flush *flushes;
	uint64_t now_ms;
	int64_t unix_ms;
	uint64_t seed;
	unsigned counts[EVENT_KINDS]; /* how many events of each kind were seen */
	bool print; /* events go to stderr too */
};

void fake_env_init(struct fake_env *f); /* now 1,000,000 ms; Unix 2026-01-01T00:00:00Z; no loop */
/* Moves the clock in steps, firing timers at their times and ending a turn after each. */
void fake_env_advance(struct fake_env *f, uint64_t ms);
void fake_env_finish(struct fake_env *f);

#endif

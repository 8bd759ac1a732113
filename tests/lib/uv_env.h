/* SPDX-License-Identifier: MIT */
/* Real sockets on a real loop under a clock that only the test moves: time limits are tested without waiting. */
#ifndef TOMBOLO_UV_ENV_H
#define TOMBOLO_UV_ENV_H

#include <uv.h>
#include "tests/lib/fake_env.h"

struct uv_env {
	struct fake_env fake; /* hand out &fake.env; fake_env_advance() moves the clock */
	uv_loop_t loop;
};

void uv_env_init(struct uv_env *u);
void uv_env_turn(struct uv_env *u); /* what the sockets have now, then the end of the turn */
/* Turns until done(arg); fails the test after ten seconds of real time. */
void uv_env_until(struct uv_env *u, bool (*done)(void *arg), void *arg);
/* Turns until `turns` turns in a row left *counter as it was. */
void uv_env_settle(struct uv_env *u, const unsigned *counter, unsigned turns);
/* Lets closing handles go; a handle that stays open fails the test. */
void uv_env_finish(struct uv_env *u);

/* A client's socket on loopback, not blocking: SOCK_DGRAM or SOCK_STREAM, connected to that port. */
int uv_env_connect(int type, uint16_t port);

#endif

/* SPDX-License-Identifier: MIT */
#include "component/loop.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "mapping/base/hash.h"

enum { TRIM_MS = 30 * 1000, TRIM_BYTES = 4 * 1024 * 1024 };

/* -- The impure functions of env */

/* libuv reads the clock once when it wakes; everybody in the turn sees that time. */
static uint64_t loop_now(void *impure)
{
	const struct loop *l = impure;

	return uv_now(&l->uv);
}

static int64_t loop_unix(void *impure)
{
	struct timespec ts;

	(void)impure;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* getrandom() blocks only before the machine has gathered its first entropy, long before a daemon starts. */
static void random_fill(uint8_t *out, size_t n)
{
	while (n) {
		ssize_t got = getrandom(out, n, 0);

		if (got < 0 && errno != EINTR) {
			fprintf(stderr, "tombolo: getrandom: %s\n", strerror(errno));
			abort();
		}
		if (got > 0) {
			out += got;
			n -= (size_t)got;
		}
	}
}

static void loop_random(void *impure, void *out, size_t n)
{
	struct loop *l = impure;

	if (n > sizeof(l->pool)) {
		random_fill(out, n);
		return;
	}
	if (n > l->pool_left) {
		random_fill(l->pool, sizeof(l->pool));
		l->pool_left = sizeof(l->pool);
	}
	l->pool_left -= n;
	memcpy(out, l->pool + l->pool_left, n);
	explicit_bzero(l->pool + l->pool_left, n);
}

static void loop_event(void *impure, const struct event *e)
{
	const struct loop *l = impure;

	sinks_event(&l->sinks, e);
}

static bool loop_wants(void *impure, enum event_kind kind)
{
	const struct loop *l = impure;

	return sinks_want(&l->sinks, kind);
}

/* -- Turning */

static void on_timer(uv_timer_t *timer);

static void arm(struct loop *l)
{
	uint64_t next = wheel_next(&l->wheel);
	uint64_t now = uv_now(&l->uv);

	if (next == UINT64_MAX)
		uv_timer_stop(&l->timer);
	else
		uv_timer_start(&l->timer, on_timer, next > now ? next - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct loop *l = timer->data;

	wheel_run(&l->wheel, uv_now(&l->uv));
	arm(l);
}

static void on_changed(void *arg)
{
	arm(arg);
}

/* What a burst needed is given back to the system: glibc alone keeps it, since something small always lives above it. */
static void give_memory_back(struct loop *l)
{
	uint64_t now = uv_now(&l->uv);

	if (now < l->trim_ms)
		return;
	l->trim_ms = now + TRIM_MS;
	struct mallinfo2 heap = mallinfo2();

	if (heap.fordblks > TRIM_BYTES && heap.fordblks > heap.uordblks)
		malloc_trim(TRIM_BYTES / 4);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct loop *l = prepare->data;

	env_end_turn(&l->env);
	give_memory_back(l);
}

void loop_init(struct loop *l)
{
	uint8_t key[16];

	*l = (struct loop){ .pool_left = 0 };
	uv_loop_init(&l->uv);
	uv_timer_init(&l->uv, &l->timer);
	uv_prepare_init(&l->uv, &l->prepare);
	l->timer.data = l;
	l->prepare.data = l;
	uv_prepare_start(&l->prepare, on_prepare);
	uv_unref((uv_handle_t *)&l->prepare);
	wheel_init(&l->wheel, uv_now(&l->uv));
	l->wheel.changed = on_changed;
	l->wheel.arg = l;
	l->env = (struct env){
		.loop = &l->uv,
		.wheel = &l->wheel,
		.turn = &l->turn,
		.flushes = &l->flushes,
		.impure = l,
		.now_ms = loop_now,
		.unix_ms = loop_unix,
		.random = loop_random,
		.event = loop_event,
		.wants = loop_wants,
	};
	random_fill(key, sizeof(key));
	hash_set_key(key);
}

void loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
	env_end_turn(&l->env);
}

void loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

static void print_leftover(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		fprintf(stderr, "tombolo: a handle of type %s was not closed\n", uv_handle_type_name(handle->type));
}

void loop_finish(struct loop *l)
{
	env_end_turn(&l->env);
	uv_close((uv_handle_t *)&l->timer, NULL);
	uv_close((uv_handle_t *)&l->prepare, NULL);
	/* NOWAIT: close callbacks run in the same iteration, a forgotten handle cannot make us wait. Callbacks may
	 * close further handles, hence more than one. */
	for (int i = 0; i < 8 && uv_loop_alive(&l->uv); i++)
		uv_run(&l->uv, UV_RUN_NOWAIT);
	env_end_turn(&l->env);
	if (uv_loop_close(&l->uv) == UV_EBUSY)
		uv_walk(&l->uv, print_leftover, NULL);
	arena_finish(&l->turn);
	explicit_bzero(l->pool, sizeof(l->pool));
}

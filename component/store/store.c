/* SPDX-License-Identifier: MIT */
/* The queue between the loop and the writer thread.
 *
 *	loop thread: calls -> fresh --(end of the turn)--> queue     done --(async)--> durable()
 *	writer thread:                                     queue -> batch -> one transaction -> done
 *
 * A batch that failed stays in front of the queue and is tried again, with what has come since, every second: when the
 * disk has room again nothing is missing, and a later `durable` still means everything before it. Whoever waits for a
 * failed batch is told so at once. */
#include "component/store/op_list.h"

#include <stdlib.h>
#include <uv.h>

#include "mapping/base/alloc.h"

enum { RETRY_MS = 1000, BACKLOG_MAX = 500000 /* failed operations that are kept */, LAST_ROUNDS = 8 };

struct store {
	const struct env *env;
	const struct store_backend *backend;
	void *db;
	struct str url;
	unsigned starts;
	struct ops fresh; /* loop thread only */
	struct env_flush flush;

	uv_thread_t thread;
	uv_async_t *async; /* NULL: no loop, written when the turn ends */
	uv_mutex_t mutex; /* guards the rest */
	uv_cond_t wake;
	struct ops queue;
	struct ops done; /* AFTERs with their outcome */
	bool closing;
	bool failing; /* the last transaction failed */
	bool failing_told; /* an event said so */
	unsigned lost; /* dropped, since BACKLOG_MAX had failed */
	struct buf words; /* of the last failure */

	struct ops batch; /* writer only: what is being written, or has failed */
};

/* -- Writing: on the writer thread, or on the loop thread where there is no loop */

/* AFTERs leave the batch with their outcome; the rest goes when it is written. */
static void settle(struct store *s, bool written, struct ops *settled)
{
	struct ops kept;
	struct store_op *op;

	ops_init(&kept);
	while ((op = ops_take(&s->batch))) {
		if (op->kind == STORE_AFTER) {
			op->why = written ? REASON_NONE : REASON_INTERNAL;
			ops_add(settled, op);
		} else if (written) {
			free(op);
		} else {
			ops_add(&kept, op);
		}
	}
	ops_append(&s->batch, &kept);
}

static unsigned shed(struct store *s)
{
	unsigned lost = 0;

	for (; s->batch.count > BACKLOG_MAX; lost++)
		free(ops_take(&s->batch));
	return lost;
}

/* One transaction for all there is. The mutex is not held while the disk works. */
static void write_batch(struct store *s)
{
	struct buf error = { .n = 0 };
	struct ops settled;
	unsigned lost;
	bool written;

	if (!s->batch.first)
		return;
	ops_init(&settled);
	written = s->backend->apply(s->db, s->batch.first, &error);
	settle(s, written, &settled);
	lost = shed(s);
	uv_mutex_lock(&s->mutex);
	ops_append(&s->done, &settled);
	s->failing = !written;
	s->lost += lost;
	buf_clear(&s->words);
	buf_add(&s->words, buf_str(&error));
	uv_mutex_unlock(&s->mutex);
	buf_finish(&error);
	if (s->async)
		uv_async_send(s->async);
}

/* Waits for work; false: closing, and everything is written or has had its last try. */
static bool wait_for_work(struct store *s)
{
	bool more;

	uv_mutex_lock(&s->mutex);
	if (s->batch.first && !s->queue.first && !s->closing)
		uv_cond_timedwait(&s->wake, &s->mutex, RETRY_MS * 1000000ull);
	while (!s->batch.first && !s->queue.first && !s->closing)
		uv_cond_wait(&s->wake, &s->mutex);
	ops_append(&s->batch, &s->queue);
	more = !s->closing;
	uv_mutex_unlock(&s->mutex);
	return more;
}

static void writer(void *arg)
{
	struct store *s = arg;

	while (wait_for_work(s))
		write_batch(s);
	write_batch(s);
}

/* -- Back on the loop thread */

static void tell(struct store *s, struct str why, struct str detail)
{
	env_event(s->env, &(struct event){ .kind = EVENT_STORE, .to = s->url, .why = why, .detail = detail });
}

/* Once for each change, not for each try. */
static void tell_changes(struct store *s)
{
	struct str words;
	unsigned lost;
	bool failing;

	uv_mutex_lock(&s->mutex);
	words = arena_str(s->env->turn, buf_str(&s->words));
	failing = s->failing;
	lost = s->lost;
	s->lost = 0;
	uv_mutex_unlock(&s->mutex);
	if (lost)
		tell(s, STR("lost"), arena_printf(s->env->turn, "%u changes were given up", lost));
	if (failing == s->failing_told)
		return;
	s->failing_told = failing;
	tell(s, failing ? STR("failed") : STR("recovered"), words);
}

static void deliver(struct store *s)
{
	struct ops done;
	struct store_op *op;

	ops_init(&done);
	uv_mutex_lock(&s->mutex);
	ops_append(&done, &s->done);
	uv_mutex_unlock(&s->mutex);
	tell_changes(s);
	while ((op = ops_take(&done))) {
		op->durable(op->arg, op->why);
		free(op);
	}
}

static void on_async(uv_async_t *async)
{
	deliver(async->data);
}

/* The turn is over: what it queued becomes one transaction. */
static void on_turn_end(void *arg)
{
	struct store *s = arg;

	if (!s->async) {
		ops_append(&s->batch, &s->fresh);
		write_batch(s);
		deliver(s);
		return;
	}
	uv_mutex_lock(&s->mutex);
	ops_append(&s->queue, &s->fresh);
	uv_cond_signal(&s->wake);
	uv_mutex_unlock(&s->mutex);
}

/* -- Calls */

static void enqueue(struct store *s, struct store_op *op)
{
	ops_add(&s->fresh, op);
	env_flush_later(s->env, &s->flush);
}

void store_put(struct store *s, const struct store_row *row)
{
	enqueue(s, ops_copy_row(STORE_PUT, row));
}

void store_restate(struct store *s, const struct store_row *row)
{
	enqueue(s, ops_copy_row(STORE_RESTATE, row));
}

void store_drop(struct store *s, const struct store_row *row)
{
	enqueue(s, ops_copy_row(STORE_DROP, row));
}

void store_after(struct store *s, void (*durable)(void *arg, enum reason why), void *arg)
{
	struct store_op *op = alloc_zero(sizeof(*op));

	op->kind = STORE_AFTER;
	op->durable = durable;
	op->arg = arg;
	enqueue(s, op);
}

unsigned store_starts(const struct store *s)
{
	return s->starts;
}

enum reason store_load(struct store *s, void (*row)(void *arg, const struct store_row *), void *arg)
{
	struct buf error = { .n = 0 };
	bool good = s->backend->load(s->db, row, arg, &error);

	if (!good)
		tell(s, STR("unreadable"), arena_str(s->env->turn, buf_str(&error)));
	buf_finish(&error);
	return good ? REASON_NONE : REASON_INTERNAL;
}

/* -- Life */

static const struct store_backend *find_backend(struct str url)
{
	static const struct store_backend *const backends[] = { &store_sqlite };

	for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++)
		if (str_starts(url, backends[i]->scheme))
			return backends[i];
	return NULL;
}

static void start(struct store *s)
{
	uv_mutex_init(&s->mutex);
	uv_cond_init(&s->wake);
	ops_init(&s->fresh);
	ops_init(&s->queue);
	ops_init(&s->done);
	ops_init(&s->batch);
	s->flush = (struct env_flush){ .run = on_turn_end, .arg = s };
	if (!s->env->loop)
		return;
	s->async = alloc_zero(sizeof(*s->async));
	uv_async_init(s->env->loop, s->async, on_async);
	s->async->data = s;
	uv_thread_create(&s->thread, writer, s);
}

struct store *store_open(struct str url, const struct env *env, struct str *error)
{
	const struct store_backend *backend = find_backend(url);
	struct buf words = { .n = 0 };
	struct store *s;
	void *db;

	if (!backend) {
		*error = arena_printf(env->turn, STR_FMT ": no database of this kind is known", STR_ARG(url));
		return NULL;
	}
	db = backend->open(str_cut(url, backend->scheme.n, url.n), &words);
	if (!db) {
		*error = arena_str(env->turn, buf_str(&words));
		buf_finish(&words);
		return NULL;
	}
	buf_finish(&words);
	s = alloc_zero(sizeof(*s));
	s->env = env;
	s->backend = backend;
	s->db = db;
	s->url = alloc_str(url);
	s->starts = (unsigned)backend->starts(db);
	start(s);
	return s;
}

static void free_async(uv_handle_t *handle)
{
	free(handle);
}

/* Nothing new is taken; what is queued gets one last try. */
static void stop_writer(struct store *s)
{
	env_flush_cancel(s->env, &s->flush);
	if (!s->async) {
		ops_append(&s->batch, &s->fresh);
		write_batch(s);
		return;
	}
	uv_mutex_lock(&s->mutex);
	ops_append(&s->queue, &s->fresh);
	s->closing = true;
	uv_cond_signal(&s->wake);
	uv_mutex_unlock(&s->mutex);
	uv_thread_join(&s->thread);
	uv_close((uv_handle_t *)s->async, free_async);
	s->async = NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	stop_writer(s);
	deliver(s);
	for (int round = 0; s->fresh.first && round < LAST_ROUNDS; round++) {
		ops_append(&s->batch, &s->fresh); /* what a durable() has just called */
		write_batch(s);
		deliver(s);
	}
	if (s->batch.count)
		tell(s, STR("lost"), arena_printf(s->env->turn, "%u changes were never written", s->batch.count));
	env_flush_cancel(s->env, &s->flush);
	ops_free(&s->fresh);
	ops_free(&s->batch);
	s->backend->close(s->db);
	uv_mutex_destroy(&s->mutex);
	uv_cond_destroy(&s->wake);
	buf_finish(&s->words);
	alloc_str_free(&s->url);
	free(s);
}

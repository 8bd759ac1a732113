/* SPDX-License-Identifier: MIT */
#include "component/operate/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapping/base/alloc.h"

enum { RETRY_MS = 50, LAST_WAIT_MS = 1000 };

struct log {
	const struct env *env;
	int fd;
	bool is_socket, is_file;
	enum event_level level;
	struct buf pending;
	unsigned dropped; /* lines, since the last line that was kept */
	struct env_flush flush;
	struct timer retry;
};

/* O_NONBLOCK would change the terminal or pipe for everybody who shares it. Instead: a pipe or terminal that poll() calls
 * writable takes PIPE_BUF bytes without blocking (POSIX); a socket (journald) has a flag for it. */
static ssize_t write_some(const struct log *l)
{
	struct pollfd ready = { .fd = l->fd, .events = POLLOUT };
	size_t n = l->pending.n < PIPE_BUF ? l->pending.n : PIPE_BUF;

	if (l->is_file) /* never blocks for a reader */
		return write(l->fd, l->pending.p, l->pending.n);
	if (l->is_socket)
		return send(l->fd, l->pending.p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT)) {
		errno = ready.revents & (POLLERR | POLLNVAL) ? EPIPE : EAGAIN;
		return -1;
	}
	return write(l->fd, l->pending.p, n);
}

/* true: everything is out, or can never be. */
static bool write_pending(struct log *l)
{
	while (l->pending.n) {
		ssize_t n = write_some(l);

		if (n > 0)
			buf_drop_front(&l->pending, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return false;
		else if (n == 0 || errno != EINTR)
			buf_clear(&l->pending); /* nobody is there to read it */
	}
	return true;
}

static void on_flush(void *arg)
{
	struct log *l = arg;

	if (!write_pending(l))
		wheel_set(l->env->wheel, &l->retry, env_now_ms(l->env) + RETRY_MS);
}

static void add_line(struct log *l, const struct event *e)
{
	log_line(&l->pending, e, env_unix_ms(l->env));
	buf_addc(&l->pending, '\n');
}

static void tell_dropped(struct log *l)
{
	struct buf words = { .n = 0 };

	buf_printf(&words, "%u log lines, nobody reads them fast enough", l->dropped);
	l->dropped = 0;
	add_line(l, &(struct event){ .kind = EVENT_DROPPED, .detail = buf_str(&words) });
	buf_finish(&words);
}

static void on_event(void *arg, const struct event *e)
{
	struct log *l = arg;

	if (event_row(e->kind)->level < l->level)
		return;
	if (l->pending.n > LOG_BUFFER_MAX) {
		l->dropped++;
		return;
	}
	if (l->dropped)
		tell_dropped(l);
	add_line(l, e);
	if (!wheel_is_set(&l->retry))
		env_flush_later(l->env, &l->flush);
}

struct log *log_create(const struct env *env, int fd, enum event_level level)
{
	struct log *l = alloc_zero(sizeof(*l));
	struct stat st;

	l->env = env;
	l->fd = fd;
	if (fstat(fd, &st) == 0) {
		l->is_socket = S_ISSOCK(st.st_mode);
		l->is_file = S_ISREG(st.st_mode);
	}
	l->level = level;
	l->flush = (struct env_flush){ .run = on_flush, .arg = l };
	l->retry = (struct timer){ .fire = on_flush, .arg = l };
	return l;
}

struct sink log_sink(struct log *l)
{
	return (struct sink){ .event = on_event, .arg = l };
}

static void write_last(struct log *l)
{
	struct pollfd ready = { .fd = l->fd, .events = POLLOUT };

	if (l->dropped)
		tell_dropped(l);
	while (!write_pending(l))
		if (poll(&ready, 1, LAST_WAIT_MS) != 1)
			return;
}

void log_destroy(struct log *l)
{
	if (!l)
		return;
	env_flush_cancel(l->env, &l->flush);
	wheel_cancel(l->env->wheel, &l->retry);
	write_last(l);
	buf_finish(&l->pending);
	free(l);
}

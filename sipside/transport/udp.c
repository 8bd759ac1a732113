/* SPDX-License-Identifier: MIT */
#include "sipside/transport/udp.h"
#include "mapping/base/alloc.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { BATCH = 32, BATCHES_PER_TURN = 8, DATAGRAM_ROOM = 65536, SOCKET_BUFFER = 4 * 1024 * 1024 };

struct datagram {
	struct sipside_target to;
	size_t start, n; /* in the socket's out */
};

struct udp_socket {
	struct udp_socket *next;
	struct udp *udp;
	uv_poll_t poll;
	int fd;
	unsigned listener;
	sa_family_t family;
	bool blocked; /* the kernel's buffer is full: go on when writable */
	struct buf out; /* bytes of all datagrams that wait */
	struct datagram *waiting;
	size_t count, done, room;
	struct env_flush flush;
};

struct udp {
	const struct env *env;
	struct sipside_transport_handlers handlers;
	void *arg;
	size_t queue_bytes;
	struct udp_socket *sockets;
	char *area; /* BATCH datagrams; pages are touched as far as datagrams are long */
	unsigned open_handles;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct udp *udp_create(const struct env *env, const struct sipside_transport_limits *limits,
	const struct sipside_transport_handlers *handlers, void *arg)
{
	struct udp *u = alloc_zero(sizeof(*u));

	*u = (struct udp){ .env = env, .handlers = *handlers, .arg = arg, .queue_bytes = limits->queue_bytes };
	return u;
}

static void dropped(const struct udp *u, const struct sipside_target *peer, enum event_kind kind, const char *why)
{
	env_event(u->env,
		&(struct event){ .kind = kind, .from = sipside_target_text(u->env, peer), .detail = str_c(why) });
}

static void received_one(struct udp_socket *s, const struct sockaddr *sa, struct str bytes)
{
	struct udp *u = s->udp;
	struct sipside_target from;

	while (bytes.n && (bytes.p[0] == '\r' || bytes.p[0] == '\n'))
		bytes = str_cut(bytes, 1, bytes.n);
	if (bytes.n == 0)
		return; /* a keep-alive */
	sipside_target_from(&from, SIPSIDE_UDP, sa);
	from.listener = s->listener + 1;
	if ((unsigned char)bytes.p[0] < 0x20) {
		dropped(u, &from, EVENT_MALFORMED, "not SIP");
		return;
	}
	u->handlers.received(u->arg, &from, bytes);
}

/* One system call's worth. true: there may be more. */
static bool receive_batch(struct udp_socket *s)
{
	struct mmsghdr heads[BATCH];
	struct iovec pieces[BATCH];
	struct sockaddr_in6 from[BATCH];

	memset(heads, 0, sizeof(heads));
	for (unsigned i = 0; i < BATCH; i++) {
		pieces[i] = (struct iovec){ s->udp->area + (size_t)i * DATAGRAM_ROOM, DATAGRAM_ROOM };
		heads[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &pieces[i], .msg_iovlen = 1
		};
	}
	int n = recvmmsg(s->fd, heads, BATCH, MSG_DONTWAIT, NULL);

	for (int i = 0; i < n; i++)
		received_one(s, (const struct sockaddr *)(const void *)&from[i],
			(struct str){ pieces[i].iov_base, heads[i].msg_len });
	return n == BATCH;
}

/* ICMP errors wait in a queue of their own; they carry the beginning of the datagram that met them. */
static void drain_errors(struct udp_socket *s)
{
	struct sockaddr_in6 to;
	char bytes[2048], control[512];

	for (unsigned i = 0; i < BATCH * BATCHES_PER_TURN; i++) {
		struct iovec piece = { bytes, sizeof(bytes) };
		struct msghdr head = { .msg_name = &to,
			.msg_namelen = sizeof(to),
			.msg_iov = &piece,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->fd, &head, MSG_ERRQUEUE | MSG_DONTWAIT);

		if (n < 0)
			return;
		if (n == 0 || head.msg_namelen == 0 || !s->udp->handlers.undelivered)
			continue;
		struct sipside_target target;

		sipside_target_from(&target, SIPSIDE_UDP, (const struct sockaddr *)(const void *)&to);
		s->udp->handlers.undelivered(s->udp->arg, &target, (struct str){ bytes, (size_t)n });
	}
}

static void watch_socket(struct udp_socket *s);

static void polled(uv_poll_t *poll, int status, int events)
{
	struct udp_socket *s = poll->data;

	if (status < 0) /* an ICMP error is POLLERR, which libuv tells by a status */
		drain_errors(s);
	if (status < 0 || (events & UV_READABLE))
		for (unsigned i = 0; i < BATCHES_PER_TURN && receive_batch(s); i++)
			;
	if (events & UV_WRITABLE) {
		s->blocked = false;
		env_flush_later(s->udp->env, &s->flush);
	}
	if (status < 0 ||
		(events & UV_WRITABLE)) /* libuv stops a poll handle on POLLERR; a socket with an error is not lost */
		watch_socket(s);
}

static void watch_socket(struct udp_socket *s)
{
	if (!uv_is_closing((uv_handle_t *)&s->poll))
		uv_poll_start(&s->poll, UV_READABLE | (s->blocked ? UV_WRITABLE : 0), polled);
}

static void fill_batch(struct udp_socket *s, struct mmsghdr *heads, struct iovec *pieces, unsigned n)
{
	memset(heads, 0, n * sizeof(*heads));
	for (unsigned i = 0; i < n; i++) {
		struct datagram *d = &s->waiting[s->done + i];

		pieces[i] = (struct iovec){ s->out.p + d->start, d->n };
		heads[i].msg_hdr = (struct msghdr){ .msg_name = &d->to.addr,
			.msg_namelen = sipside_target_length(&d->to),
			.msg_iov = &pieces[i],
			.msg_iovlen = 1 };
	}
}

/* A datagram the kernel refuses is lost like one in the network: retransmission or timer F deals with it. */
static bool may_go_on(struct udp_socket *s, int error, unsigned *refusals)
{
	if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) {
		s->blocked = true;
		watch_socket(s);
		return false;
	}
	if (error == EINTR)
		return true;
	/* The first refusal may be an old ICMP error that the socket wanted to tell; the datagram itself was not tried. */
	if (error == ECONNREFUSED && ++*refusals <= BATCH)
		return true;
	dropped(s->udp, &s->waiting[s->done].to, EVENT_DROPPED, strerror(error));
	s->done++;
	return true;
}

static void flush_socket(void *arg)
{
	struct udp_socket *s = arg;
	unsigned refusals = 0;

	while (s->done < s->count && !s->blocked) {
		struct mmsghdr heads[BATCH];
		struct iovec pieces[BATCH];
		size_t left = s->count - s->done;
		unsigned n = left < BATCH ? (unsigned)left : BATCH;

		fill_batch(s, heads, pieces, n);
		int sent = sendmmsg(s->fd, heads, n, MSG_DONTWAIT);

		if (sent > 0)
			s->done += (size_t)sent;
		else if (!may_go_on(s, errno, &refusals))
			return;
	}
	if (s->done < s->count)
		return;
	s->done = s->count = 0;
	buf_clear(&s->out);
	if (s->out.cap > SOCKET_BUFFER)
		buf_finish(&s->out);
}

static struct udp_socket *socket_for(const struct udp *u, const struct sipside_target *to)
{
	for (struct udp_socket *s = u->sockets; s; s = s->next)
		if (s->family == to->addr.any.sa_family && (!to->listener || s->listener + 1 == to->listener))
			return s;
	return NULL;
}

enum reason udp_send(struct udp *u, const struct sipside_target *to, struct str bytes)
{
	struct udp_socket *s = socket_for(u, to);

	if (!s)
		return REASON_UNREACHABLE;
	if (bytes.n > UDP_MAX_BYTES)
		return REASON_TOO_LARGE;
	if (s->blocked && s->out.n + bytes.n > u->queue_bytes)
		return REASON_QUEUE_FULL;
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : BATCH;
		s->waiting = alloc_grow(s->waiting, s->room * sizeof(*s->waiting));
	}
	s->waiting[s->count++] = (struct datagram){ *to, s->out.n, bytes.n };
	buf_add(&s->out, bytes);
	env_flush_later(u->env, &s->flush);
	return REASON_NONE;
}

/* ICMP errors are wanted, datagrams larger than the path are cut up by IP, and a burst finds room. */
static void set_options(int fd, sa_family_t family)
{
	int on = 1, room = SOCKET_BUFFER, fragment = IP_PMTUDISC_DONT;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment));
	}
}

static int open_socket(struct sipside_target *at)
{
	socklen_t n = sipside_target_length(at);
	int fd = socket(at->addr.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	set_options(fd, at->addr.any.sa_family);
	if (bind(fd, &at->addr.any, n) < 0 || getsockname(fd, &at->addr.any, &n) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

enum reason udp_listen(struct udp *u, struct sipside_target *at, unsigned listener, struct str *error)
{
	int fd = open_socket(at);

	if (fd < 0) {
		*error = arena_printf(
			u->env->turn, STR_FMT ": %s", STR_ARG(sipside_target_text(u->env, at)), strerror(-fd));
		return REASON_INTERNAL;
	}
	if (!u->area)
		u->area = alloc_grow(NULL, (size_t)BATCH * DATAGRAM_ROOM);
	struct udp_socket *s = alloc_zero(sizeof(*s));

	*s = (struct udp_socket){ .next = u->sockets,
		.udp = u,
		.fd = fd,
		.listener = listener,
		.family = at->addr.any.sa_family,
		.flush = { .run = flush_socket, .arg = s } };
	u->sockets = s;
	uv_poll_init(u->env->loop, &s->poll, fd);
	s->poll.data = s;
	u->open_handles++;
	watch_socket(s);
	return REASON_NONE;
}

static void udp_gone(struct udp *u)
{
	void (*closed)(void *) = u->closed;
	void *arg = u->closed_arg;

	free(u->area);
	free(u);
	closed(arg);
}

static void socket_closed(uv_handle_t *handle)
{
	struct udp_socket *s = handle->data;
	struct udp *u = s->udp;

	close(s->fd);
	buf_finish(&s->out);
	free(s->waiting);
	free(s);
	if (--u->open_handles == 0)
		udp_gone(u);
}

void udp_destroy(struct udp *u, void (*closed)(void *arg), void *arg)
{
	u->closed = closed;
	u->closed_arg = arg;
	if (!u->open_handles)
		udp_gone(u);
	else
		for (struct udp_socket *s = u->sockets, *next; s; s = next) {
			next = s->next;
			env_flush_cancel(u->env, &s->flush);
			uv_close((uv_handle_t *)&s->poll, socket_closed);
		}
}

/* SPDX-License-Identifier: MIT */
#include "sipside/transport/transport.h"
#include "tests/lib/uv_env.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct world {
	struct uv_env uv;
	struct sipside_net *net;
	uint16_t udp, tcp;
	unsigned messages, undelivered;
	size_t bytes;
	struct sipside_target from; /* of the newest message */
	bool echo;
};

static void received(void *arg, const struct sipside_target *from, struct str bytes)
{
	struct world *w = arg;

	w->messages++;
	w->bytes += bytes.n;
	w->from = *from;
	if (w->echo)
		assert_int_equal(sipside_transport_send(w->net, from, bytes, NULL), REASON_NONE);
}

static void undelivered(void *arg, const struct sipside_target *to, struct str bytes)
{
	struct world *w = arg;

	assert_int_equal(to->transport, SIPSIDE_UDP);
	assert_true(str_starts(bytes, STR("OPTIONS sip:nobody")));
	w->undelivered++;
}

static uint16_t open_port(struct world *w, enum sipside_transport kind)
{
	struct sipside_address at = { kind, STR("127.0.0.1"), 0 };
	unsigned listener;
	struct str error;

	assert_int_equal(sipside_transport_listen(w->net, &at, &listener, &error), REASON_NONE);
	assert_true(sipside_transport_bound(w->net, listener, &at));
	return at.port;
}

static void world_init(struct world *w, const struct sipside_transport_limits *limits)
{
	static const struct sipside_transport_handlers up = { received, undelivered };

	memset(w, 0, sizeof(*w));
	uv_env_init(&w->uv);
	w->net = sipside_transport_create(&w->uv.fake.env, limits, &up, w);
	w->udp = open_port(w, SIPSIDE_UDP);
	w->tcp = open_port(w, SIPSIDE_TCP);
}

static void world_finish(struct world *w)
{
	sipside_transport_destroy(w->net);
	uv_env_finish(&w->uv);
}

static const char message[] = "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello";

static bool has_message(void *arg)
{
	return ((struct world *)arg)->messages > 0;
}

static bool no_connections(void *arg)
{
	return sipside_transport_connections(((struct world *)arg)->net) == 0;
}

static bool one_connection(void *arg)
{
	return sipside_transport_connections(((struct world *)arg)->net) == 1;
}

static void put(struct world *w, int fd, const char *bytes, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t sent = send(fd, bytes + at, n - at, MSG_NOSIGNAL);

		if (sent > 0)
			at += (size_t)sent;
		uv_env_turn(&w->uv);
	}
}

static size_t drain(struct world *w, int fd, char *out, size_t room)
{
	size_t n = 0;

	for (unsigned quiet = 0; quiet < 20; quiet++) {
		uv_env_turn(&w->uv);
		ssize_t got = recv(fd, out + n, room - n, 0);

		if (got <= 0)
			continue;
		n += (size_t)got;
		quiet = 0;
	}
	return n;
}

static bool closed_by_us(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

static void udp_comes_in_batches_and_goes_back_to_its_source(void **state)
{
	struct world w;
	char echo[256];

	(void)state;
	world_init(&w, NULL);
	w.echo = true;
	int fd = uv_env_connect(SOCK_DGRAM, w.udp);

	for (unsigned i = 0; i < 100; i++)
		assert_true(send(fd, message, sizeof(message) - 1, 0) > 0);
	uv_env_settle(&w.uv, &w.messages, 5);
	assert_int_equal(w.messages, 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(recv(fd, echo, sizeof(echo), 0), sizeof(message) - 1);
	send(fd, "\r\n\r\n", 4, 0); /* a keep-alive */
	send(fd, "\x01\x02", 2, 0);
	send(fd, "", 0, 0);
	uv_env_settle(&w.uv, &w.messages, 5);
	assert_int_equal(w.messages, 100);
	assert_int_equal(w.uv.fake.counts[EVENT_MALFORMED], 1);
	close(fd);
	world_finish(&w);
}

/* An ICMP error is heard, and the socket goes on working (libuv stops a poll handle on POLLERR). */
static void udp_survives_unreachable_peers(void **state)
{
	struct world w;
	struct sipside_target nobody;
	static const char probe[] = "OPTIONS sip:nobody SIP/2.0\r\n\r\n";

	(void)state;
	world_init(&w, NULL);
	int fd = uv_env_connect(SOCK_DGRAM, w.udp);
	struct sockaddr_in self;
	socklen_t n = sizeof(self);

	getsockname(fd, (struct sockaddr *)(void *)&self, &n);
	close(fd); /* a port where nobody listens any more */
	sipside_target_set(&nobody, SIPSIDE_UDP, STR("127.0.0.1"), ntohs(self.sin_port));
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(sipside_transport_send(w.net, &nobody, str_c(probe), NULL), REASON_NONE);
		uv_env_settle(&w.uv, &w.undelivered, 5);
	}
	assert_int_equal(w.undelivered, 3);
	fd = uv_env_connect(SOCK_DGRAM, w.udp);
	send(fd, message, sizeof(message) - 1, 0);
	uv_env_until(&w.uv, has_message, &w);
	close(fd);
	world_finish(&w);
}

static void udp_refuses_what_no_datagram_holds(void **state)
{
	struct world w;
	struct sipside_target to;
	static char big[65508];

	(void)state;
	world_init(&w, NULL);
	sipside_target_set(&to, SIPSIDE_UDP, STR("127.0.0.1"), w.udp);
	assert_int_equal(sipside_transport_send(w.net, &to, (struct str){ big, sizeof(big) }, NULL), REASON_TOO_LARGE);
	sipside_target_set(&to, SIPSIDE_UDP, STR("::1"), w.udp);
	assert_int_equal(sipside_transport_send(w.net, &to, STR("x"), NULL), REASON_UNREACHABLE);
	world_finish(&w);
}

static void tcp_takes_one_byte_per_segment_and_many_messages_per_segment(void **state)
{
	struct world w;
	char many[sizeof(message) * 50], echo[sizeof(many)];
	size_t n = 0;

	(void)state;
	world_init(&w, NULL);
	w.echo = true;
	int fd = uv_env_connect(SOCK_STREAM, w.tcp);

	for (size_t i = 0; i < sizeof(message) - 1; i++)
		put(&w, fd, message + i, 1);
	uv_env_settle(&w.uv, &w.messages, 5);
	assert_int_equal(w.messages, 1);
	assert_int_equal(drain(&w, fd, echo, sizeof(echo)), sizeof(message) - 1);
	for (unsigned i = 0; i < 50; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, "%s", message);
	put(&w, fd, many, n);
	assert_int_equal(drain(&w, fd, echo, sizeof(echo)), n);
	assert_memory_equal(echo, many, n);
	assert_int_equal(w.messages, 51);
	put(&w, fd, "\r\n\r\n", 4);
	assert_int_equal(drain(&w, fd, echo, sizeof(echo)), 2); /* the pong of RFC 5626 */
	close(fd);
	uv_env_until(&w.uv, no_connections, &w);
	world_finish(&w);
}

static void tcp_carries_64_kib_and_not_more(void **state)
{
	struct world w;
	static char big[70000];

	(void)state;
	world_init(&w, NULL);
	int fd = uv_env_connect(SOCK_STREAM, w.tcp);
	int head = snprintf(big, sizeof(big), "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 65000\r\n\r\n");

	memset(big + head, 'x', 65000);
	put(&w, fd, big, (size_t)head + 65000);
	uv_env_until(&w.uv, has_message, &w);
	assert_int_equal(w.bytes, head + 65000);
	head = snprintf(big, sizeof(big), "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 66000\r\n\r\n");
	put(&w, fd, big, (size_t)head);
	uv_env_until(&w.uv, no_connections, &w); /* its head went up, to be refused; the rest is not waited for */
	assert_int_equal(w.messages, 2);
	close(fd);
	world_finish(&w);
}

static void half_messages_silence_and_idleness_have_limits(void **state)
{
	struct world w;
	struct sipside_transport_limits limits = { .half_message_ms = 5000, .idle_ms = 60000 };

	(void)state;
	world_init(&w, &limits);
	int half = uv_env_connect(SOCK_STREAM, w.tcp), silent = uv_env_connect(SOCK_STREAM, w.tcp);
	int idle = uv_env_connect(SOCK_STREAM, w.tcp);

	put(&w, idle, message, sizeof(message) - 1);
	put(&w, half, message, sizeof(message) - 1);
	put(&w, half, message, 30);
	uv_env_settle(&w.uv, &w.messages, 10);
	assert_int_equal(sipside_transport_connections(w.net), 3);
	fake_env_advance(&w.uv.fake, 4999);
	assert_int_equal(sipside_transport_connections(w.net), 3);
	fake_env_advance(&w.uv.fake, 1);
	assert_int_equal(sipside_transport_connections(w.net), 1);
	uv_env_settle(&w.uv, &w.messages, 5);
	assert_true(closed_by_us(half) && closed_by_us(silent));
	fake_env_advance(&w.uv.fake, 55000);
	assert_int_equal(sipside_transport_connections(w.net), 0);
	assert_int_equal(w.uv.fake.counts[EVENT_CONNECTION], 2); /* the silent one fills no log */
	close(half);
	close(silent);
	close(idle);
	world_finish(&w);
}

static void garbage_closes_the_connection(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, NULL);
	int fd = uv_env_connect(SOCK_STREAM, w.tcp);

	put(&w, fd, "GET / HTTP/1.1\r\n", 16);
	uv_env_settle(&w.uv, &w.messages, 10);
	assert_int_equal(sipside_transport_connections(w.net), 0);
	assert_true(closed_by_us(fd));
	assert_int_equal(w.messages, 0);
	close(fd);
	world_finish(&w);
}

static void connections_are_capped_in_total_and_per_peer(void **state)
{
	struct world w;
	struct sipside_transport_limits limits = { .connections_per_peer = 3 };
	int fds[8];

	(void)state;
	world_init(&w, &limits);
	for (unsigned i = 0; i < 8; i++)
		fds[i] = uv_env_connect(SOCK_STREAM, w.tcp);
	uv_env_settle(&w.uv, &w.messages, 20);
	assert_int_equal(sipside_transport_connections(w.net), 3);
	assert_int_equal(w.uv.fake.counts[EVENT_DROPPED], 5);
	put(&w, fds[0], message, sizeof(message) - 1);
	uv_env_until(&w.uv, has_message, &w);
	for (unsigned i = 0; i < 8; i++)
		close(fds[i]);
	uv_env_until(&w.uv, no_connections, &w);
	int again = uv_env_connect(SOCK_STREAM, w.tcp); /* places are free again */

	uv_env_until(&w.uv, one_connection, &w);
	close(again);
	world_finish(&w);
}

/* No descriptor left: callers are turned away, the loop does not spin, and later all is well again. */
static void running_out_of_descriptors_is_survived(void **state)
{
	struct world w;
	struct rlimit old, low;
	int spare[512], count = 0, fd;

	(void)state;
	world_init(&w, NULL);
	fd = uv_env_connect(SOCK_STREAM, w.tcp);
	put(&w, fd, message, sizeof(message) - 1);
	uv_env_until(&w.uv, has_message, &w);
	getrlimit(RLIMIT_NOFILE, &old);
	int caller = socket(AF_INET, SOCK_STREAM, 0);

	low = old;
	low.rlim_cur = 256;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (count < 512 && (spare[count] = dup(fd)) >= 0)
		count++;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(w.tcp) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(caller, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
	for (unsigned i = 0; i < 50; i++)
		uv_env_turn(&w.uv);
	put(&w, fd, message, sizeof(message) - 1); /* who is connected goes on being served */
	uv_env_settle(&w.uv, &w.messages, 5);
	assert_int_equal(w.messages, 2);
	while (count)
		close(spare[--count]);
	setrlimit(RLIMIT_NOFILE, &old);
	close(caller);
	caller = uv_env_connect(SOCK_STREAM, w.tcp);
	put(&w, caller, message, sizeof(message) - 1);
	uv_env_settle(&w.uv, &w.messages, 10);
	assert_int_equal(w.messages, 3);
	close(caller);
	close(fd);
	world_finish(&w);
}

struct loss {
	struct sipside_watch watch;
	unsigned count;
	enum reason why;
};

static void lost(void *arg, enum reason why, struct str words)
{
	struct loss *l = arg;

	(void)words;
	l->count++;
	l->why = why;
}

static bool is_lost(void *arg)
{
	return ((struct loss *)arg)->count > 0;
}

static void watch_init(struct loss *l)
{
	*l = (struct loss){ .watch = { .lost = lost, .arg = l } };
}

/* A listening socket of the test's own; its port. */
static uint16_t stranger(int *listening)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listening = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*listening, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(*listening, 5), 0);
	getsockname(*listening, (struct sockaddr *)(void *)&at, &n);
	return ntohs(at.sin_port);
}

static void refused_connections_are_unreachable(void **state)
{
	struct world w;
	struct loss first, second;
	struct sipside_target to;
	int listening;

	(void)state;
	world_init(&w, NULL);
	sipside_target_set(&to, SIPSIDE_TCP, STR("127.0.0.1"), stranger(&listening));
	close(listening);
	watch_init(&first);
	watch_init(&second);
	assert_int_equal(sipside_transport_send(w.net, &to, str_c(message), &first.watch), REASON_NONE);
	assert_int_equal(sipside_transport_send(w.net, &to, str_c(message), &second.watch), REASON_NONE);
	assert_int_equal(first.count, 0); /* never before the call has returned */
	uv_env_until(&w.uv, is_lost, &first);
	assert_int_equal(first.why, REASON_UNREACHABLE);
	assert_int_equal(second.why, REASON_UNREACHABLE);
	world_finish(&w);
}

static void written_and_then_lost_may_have_arrived(void **state)
{
	struct world w;
	struct loss l;
	struct sipside_target to;
	int listening, fd;
	char got[256];

	(void)state;
	world_init(&w, NULL);
	sipside_target_set(&to, SIPSIDE_TCP, STR("127.0.0.1"), stranger(&listening));
	watch_init(&l);
	assert_int_equal(sipside_transport_send(w.net, &to, str_c(message), &l.watch), REASON_NONE);
	fd = accept(listening, NULL, NULL);
	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) <= 0)
		uv_env_turn(&w.uv);
	assert_int_equal(sipside_transport_send(w.net, &to, str_c(message), NULL), REASON_NONE); /* the same one */
	assert_int_equal(sipside_transport_connections(w.net), 1);
	put(&w, fd, message, sizeof(message) - 1); /* and back on it */
	uv_env_until(&w.uv, has_message, &w);
	close(fd);
	uv_env_until(&w.uv, is_lost, &l);
	assert_int_equal(l.why, REASON_CONNECTION_LOST);
	close(listening);
	world_finish(&w);
}

static void a_peer_that_does_not_read_fills_a_bounded_queue(void **state)
{
	struct world w;
	struct sipside_transport_limits limits = { .queue_bytes = 300000 };
	struct sipside_target to;
	static char big[50000];
	int listening, fd;
	unsigned taken = 0;

	(void)state;
	world_init(&w, &limits);
	sipside_target_set(&to, SIPSIDE_TCP, STR("127.0.0.1"), stranger(&listening));
	while (taken < 2000 &&
		sipside_transport_send(w.net, &to, (struct str){ big, sizeof(big) }, NULL) == REASON_NONE) {
		taken++;
		uv_env_turn(&w.uv);
	}
	assert_true(taken >= 6 && taken < 2000);
	fd = accept(listening, NULL, NULL);
	close(fd);
	uv_env_until(&w.uv, no_connections, &w);
	close(listening);
	world_finish(&w);
}

static void a_connect_that_hangs_ends(void **state)
{
	struct world w;
	struct loss l;
	struct sipside_target to;

	(void)state;
	world_init(&w, NULL);
	sipside_target_set(&to, SIPSIDE_TCP, STR("127.0.0.1"), 9);
	watch_init(&l);
	/* not turned: to this connection nothing ever comes back */
	assert_int_equal(sipside_transport_send(w.net, &to, str_c(message), &l.watch), REASON_NONE);
	fake_env_advance(&w.uv.fake, 4000);
	assert_int_equal(l.why, REASON_UNREACHABLE);
	world_finish(&w);
}

static void ports_and_addresses_that_cannot_be_had_are_named(void **state)
{
	struct world w;
	unsigned listener;
	struct str error;

	(void)state;
	world_init(&w, NULL);
	struct sipside_address taken = { SIPSIDE_TCP, STR("127.0.0.1"), w.tcp };
	struct sipside_address name = { SIPSIDE_UDP, STR("localhost"), 5060 };

	assert_int_equal(sipside_transport_listen(w.net, &taken, &listener, &error), REASON_INTERNAL);
	assert_true(str_starts(error, STR("tcp:127.0.0.1:")));
	taken = (struct sipside_address){ SIPSIDE_UDP, STR("127.0.0.1"), w.udp };
	assert_int_equal(sipside_transport_listen(w.net, &taken, &listener, &error), REASON_INTERNAL);
	assert_int_equal(sipside_transport_listen(w.net, &name, &listener, &error), REASON_BAD_ADDRESS);
	assert_int_equal(sipside_transport_port(w.net, SIPSIDE_TCP), w.tcp);
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_comes_in_batches_and_goes_back_to_its_source),
		cmocka_unit_test(udp_survives_unreachable_peers),
		cmocka_unit_test(udp_refuses_what_no_datagram_holds),
		cmocka_unit_test(tcp_takes_one_byte_per_segment_and_many_messages_per_segment),
		cmocka_unit_test(tcp_carries_64_kib_and_not_more),
		cmocka_unit_test(half_messages_silence_and_idleness_have_limits),
		cmocka_unit_test(garbage_closes_the_connection),
		cmocka_unit_test(connections_are_capped_in_total_and_per_peer),
		cmocka_unit_test(running_out_of_descriptors_is_survived),
		cmocka_unit_test(refused_connections_are_unreachable),
		cmocka_unit_test(written_and_then_lost_may_have_arrived),
		cmocka_unit_test(a_peer_that_does_not_read_fills_a_bounded_queue),
		cmocka_unit_test(a_connect_that_hangs_ends),
		cmocka_unit_test(ports_and_addresses_that_cannot_be_had_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

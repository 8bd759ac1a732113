/* SPDX-License-Identifier: MIT */
#include "tests/lib/uv_env.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>
#include <cmocka.h>

void uv_env_init(struct uv_env *u)
{
	fake_env_init(&u->fake);
	uv_loop_init(&u->loop);
	u->fake.env.loop = &u->loop;
}

void uv_env_turn(struct uv_env *u)
{
	uv_run(&u->loop, UV_RUN_NOWAIT);
	wheel_run(&u->fake.wheel, u->fake.now_ms);
	env_end_turn(&u->fake.env);
}

void uv_env_until(struct uv_env *u, bool (*done)(void *arg), void *arg)
{
	time_t start = time(NULL);

	while (!done(arg)) {
		uv_env_turn(u);
		if (time(NULL) - start > 10)
			fail_msg("what was waited for did not come");
	}
}

void uv_env_settle(struct uv_env *u, const unsigned *counter, unsigned turns)
{
	for (unsigned quiet = 0, seen = *counter; quiet < turns; quiet++) {
		uv_env_turn(u);
		if (*counter != seen) {
			seen = *counter;
			quiet = 0;
		}
	}
}

void uv_env_finish(struct uv_env *u)
{
	for (unsigned i = 0; i < 100 && uv_loop_alive(&u->loop); i++)
		uv_env_turn(u);
	assert_int_equal(uv_loop_close(&u->loop), 0);
	fake_env_finish(&u->fake);
}

int uv_env_connect(int type, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0), on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
	if (type == SOCK_STREAM) /* each send is a segment */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

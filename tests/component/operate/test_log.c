/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "component/operate/counters.h"
#include "component/operate/log.h"
#include "tests/lib/fake_env.h"

static void expect_line(const struct event *e, const char *expected)
{
	struct buf out = { .n = 0 };

	log_line(&out, e, 1767225600007);
	buf_addc(&out, '\0');
	assert_string_equal(out.p, expected);
	buf_finish(&out);
}

static void test_lines(void **state)
{
	(void)state;
	expect_line(&(struct event){ .kind = EVENT_MESSAGE,
			    .flow = 0x4f20,
			    .dir = DIR_X2S,
			    .from = STR("ann@a.example"),
			    .to = STR("sip:bob@b.example"),
			    .sip = 200,
			    .ms = 51 },
		"ts=2026-01-01T00:00:00.007Z level=info event=message flow=4f20 dir=x2s from=ann@a.example "
		"to=sip:bob@b.example sip=200 ms=51");
	expect_line(
		&(struct event){ .kind = EVENT_LINK_REFUSED, .why = STR("link-refused"), .detail = STR("conflict") },
		"ts=2026-01-01T00:00:00.007Z level=error event=link-refused why=link-refused detail=\"conflict\"");
}

#define HEAD "ts=2026-01-01T00:00:00.007Z level=warn event=malformed "

static void test_hostile_bytes(void **state)
{
	(void)state;
	expect_line(&(struct event){ .kind = EVENT_MALFORMED, .from = STR("x\nts=1 level=info event=ready") },
		HEAD "from=\"x\\nts=1 level=info event=ready\"");
	expect_line(&(struct event){ .kind = EVENT_MALFORMED, .detail = STR("a\"b\\c\r\t\x1b[2J\0z\x7f") },
		HEAD "detail=\"a\\\"b\\\\c\\r\\t\\x1b[2J\\x00z\\x7f\"");
	/* UTF-8 stays readable; half characters, overlong forms, surrogates and C1 controls do not pass. */
	expect_line(&(struct event){ .kind = EVENT_MALFORMED, .from = STR("b\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80") },
		HEAD "from=\"b\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80\"");
	expect_line(
		&(struct event){ .kind = EVENT_MALFORMED, .from = STR("\xc3 \xc0\xaf \xed\xa0\x80 \xc2\x9b \xe2\x82") },
		HEAD "from=\"\\xc3 \\xc0\\xaf \\xed\\xa0\\x80 \\xc2\\x9b \\xe2\\x82\"");
	expect_line(&(struct event){ .kind = EVENT_MALFORMED, .to = STR("a=b") }, HEAD "to=\"a=b\"");
}

static void test_long_values_are_cut(void **state)
{
	struct buf out = { .n = 0 }, value = { .n = 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&value, 'x');
	log_line(&out, &(struct event){ .kind = EVENT_MALFORMED, .from = buf_str(&value), .detail = buf_str(&value) },
		0);
	assert_in_range(out.n, 2 * LOG_VALUE_MAX, 2 * LOG_VALUE_MAX + 200);
	assert_true(str_ends(buf_str(&out), STR("xxx...\"")));
	buf_finish(&out);
	buf_finish(&value);
}

static size_t read_all(int fd, struct buf *out)
{
	ssize_t n;

	while ((n = read(fd, buf_room(out, 4096), 4096)) > 0)
		out->n += (size_t)n;
	return out->n;
}

/* A pipe nobody reads: the daemon goes on, the loss is told later, lines stay whole. */
static void test_slow_reader(void **state)
{
	struct fake_env fake;
	struct buf got = { .n = 0 };
	int pipes[2];
	struct log *l;
	unsigned lines = 0;

	(void)state;
	fake_env_init(&fake);
	assert_int_equal(pipe(pipes), 0);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	l = log_create(&fake.env, pipes[1], LEVEL_INFO);
	for (int i = 0; i < 20000; i++) {
		struct sink sink = log_sink(l);

		sink.event(sink.arg, &(struct event){ .kind = EVENT_WATCH, .from = STR("ann@a.example") });
		env_end_turn(&fake.env);
	}
	read_all(pipes[0], &got);
	for (int i = 0; i < 100; i++) {
		fake_env_advance(&fake, 60);
		read_all(pipes[0], &got);
	}
	log_sink(l).event(l, &(struct event){ .kind = EVENT_STOPPING });
	log_destroy(l);
	read_all(pipes[0], &got);
	buf_addc(&got, '\0');
	assert_non_null(strstr(got.p, "level=warn event=dropped detail=\""));
	assert_non_null(strstr(got.p, "event=stopping\n"));
	for (char *at = got.p; (at = strchr(at, '\n')); at++) {
		lines++;
		assert_true(!at[1] || !strncmp(at + 1, "ts=2026", 7));
	}
	assert_in_range(lines, 1000, 19999);
	close(pipes[0]);
	close(pipes[1]);
	buf_finish(&got);
	fake_env_finish(&fake);
}

static void test_level(void **state)
{
	struct fake_env fake;
	struct buf got = { .n = 0 };
	struct sinks sinks = { .count = 0 };
	struct counters counters = { .counts = { 0 } };
	int pipes[2];
	struct log *l;

	(void)state;
	fake_env_init(&fake);
	assert_int_equal(pipe(pipes), 0);
	l = log_create(&fake.env, pipes[1], LEVEL_WARN);
	sinks_add(&sinks, log_sink(l));
	sinks_add(&sinks, counters_sink(&counters));
	sinks_event(&sinks, &(struct event){ .kind = EVENT_MESSAGE });
	sinks_event(&sinks, &(struct event){ .kind = EVENT_REFUSED });
	sinks_event(&sinks, &(struct event){ .kind = EVENT_WIRE_SIP, .bytes = STR("MESSAGE") });
	assert_false(sinks_want(&sinks, EVENT_WIRE_SIP));
	assert_true(sinks_want(&sinks, EVENT_MESSAGE));
	env_end_turn(&fake.env);
	close(pipes[1]);
	read_all(pipes[0], &got);
	assert_true(str_ends(buf_str(&got), STR("level=warn event=refused\n")));
	assert_int_equal(str_find(buf_str(&got), '\n'), got.n - 1);
	assert_int_equal(counters.counts[EVENT_MESSAGE], 1);
	assert_int_equal(counters.counts[EVENT_WIRE_SIP], 0);
	buf_clear(&got);
	counters_print(&counters, &got);
	buf_addc(&got, '\0');
	assert_non_null(strstr(got.p, "tombolo_messages_total 1\n"));
	sinks_remove(&sinks, l);
	assert_int_equal(sinks.count, 1);
	log_destroy(l);
	close(pipes[0]);
	buf_finish(&got);
	fake_env_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_long_values_are_cut),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

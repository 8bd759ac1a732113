/* SPDX-License-Identifier: MIT */
#include "sipside/transport/framer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { LIMIT = 65536 };

static void feed(struct framer *f, struct str bytes)
{
	memcpy(framer_room(f, bytes.n), bytes.p, bytes.n);
	framer_added(f, bytes.n);
}

static const char one[] = "MESSAGE sip:a@b SIP/2.0\r\nl: 5\r\n\r\nhello";
static const char two[] = "SIP/2.0 200 OK\r\nContent-Length : 2\r\n\r\nhi";

/* Whatever the pieces, the same messages come out. */
static void pieces_of_every_size_give_the_same_messages(void **state)
{
	char stream[256];

	(void)state;
	snprintf(stream, sizeof(stream), "\r\n%s%s\r\n\r\n%s", one, two, one);
	for (size_t piece = 1; piece <= strlen(stream); piece++) {
		struct framer f = { 0 };
		struct str message;
		unsigned messages = 0, pings = 0;

		for (size_t at = 0; at < strlen(stream); at += piece) {
			enum framed what;

			feed(&f, str_cut(str_c(stream), at, at + piece));
			while ((what = framer_next(&f, LIMIT, &message)) != FRAMED_MORE) {
				if (what == FRAMED_PING) {
					pings++;
					continue;
				}
				assert_int_equal(what, FRAMED_MESSAGE);
				assert_true(str_eq(message, str_c(messages == 1 ? two : one)));
				messages++;
			}
			framer_settle(&f);
		}
		assert_int_equal(messages, 3);
		assert_int_equal(pings, 1);
		assert_false(framer_inside_message(&f));
		framer_finish(&f);
	}
}

static void expect(const char *bytes, enum framed what)
{
	struct framer f = { 0 };
	struct str message;

	feed(&f, str_c(bytes));
	assert_int_equal(framer_next(&f, LIMIT, &message), what);
	framer_finish(&f);
}

static void streams_that_cannot_go_on(void **state)
{
	(void)state;
	expect("MESSAGE sip:a@b SIP/2.0\r\nl: -1\r\n\r\n", FRAMED_LAST);
	expect("MESSAGE sip:a@b SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\n", FRAMED_LAST);
	expect("MESSAGE sip:a@b SIP/2.0\r\nl: 65536\r\n\r\n", FRAMED_LAST);
	expect("MESSAGE sip:a@b SIP/2.0\r\nl: 99999999999999999999\r\n\r\n", FRAMED_LAST);
	expect("GET / HTTP/1.1\r\n", FRAMED_GARBAGE);
	expect("\x16\x03\x01", FRAMED_GARBAGE);
	expect("MESSAGE sip:a@b", FRAMED_MORE);
	expect("\r\n", FRAMED_MORE);
	expect("\r\n\r\n", FRAMED_PING);
	expect("MESSAGE sip:a@b SIP/2.0\n\n", FRAMED_MESSAGE); /* bare line feeds */
}

/* A head without end is let go at the limit, and a byte at a time costs no more than linear work. */
static void endless_head_ends_at_the_limit(void **state)
{
	struct framer f = { 0 };
	struct str message;
	enum framed what = FRAMED_MORE;
	size_t fed = 0;
	clock_t start = clock();

	(void)state;
	feed(&f, STR("MESSAGE sip:a@b SIP/2.0\r\nX: "));
	while (what == FRAMED_MORE && fed < 2 * LIMIT) {
		feed(&f, STR("x"));
		fed++;
		what = framer_next(&f, LIMIT, &message);
		framer_settle(&f);
	}
	assert_int_equal(what, FRAMED_GARBAGE);
	assert_true(fed <= LIMIT);
	assert_true(clock() - start < CLOCKS_PER_SEC);
	framer_finish(&f);
}

static void memory_goes_back_when_nothing_is_left(void **state)
{
	struct framer f = { 0 };
	struct str message;
	char *big = calloc(1, 60000);

	(void)state;
	memset(big, 'x', 50000);
	feed(&f, STR("MESSAGE sip:a@b SIP/2.0\r\nl: 50000\r\n\r\n"));
	feed(&f, (struct str){ big, 50000 });
	assert_int_equal(framer_next(&f, LIMIT, &message), FRAMED_MESSAGE);
	framer_settle(&f);
	assert_int_equal(f.in.cap, 0);
	free(big);
	framer_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_every_size_give_the_same_messages),
		cmocka_unit_test(streams_that_cannot_go_on),
		cmocka_unit_test(endless_head_ends_at_the_limit),
		cmocka_unit_test(memory_goes_back_when_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

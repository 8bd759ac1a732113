/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/xmppside/link_fixture.h"

#define REFUSAL(id)                                                                                                    \
	"<message type='error' from='ann@x.test' to='sue@sip.test/phone' id='" id                                      \
	"'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"

static struct fixture t;

static void up(void)
{
	fixture_open(&t, "127.0.0.1");
	assert_true(log_in(&t));
}

static void test_silence_before_the_answer_means_taken(void **state)
{
	(void)state;
	up();
	assert_int_equal(deliver(&t, "ann@x.test/desk", "m1"), REASON_NONE);
	assert_int_equal(t.outcomes, 0);
	calibrate(&t, "Prosody", true);
	assert_int_equal(t.outcomes, 0);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_NONE);
	assert_int_equal(fixture_close(&t), 0);
}

/* Order on the wire: the questions about the domain, the message, the ping - in one write. */
static void test_all_in_one_write(void **state)
{
	(void)state;
	up();
	unsigned before = t.s.reads;

	deliver(&t, "ann@x.test", "m1");
	deliver(&t, "ann@x.test", "m2");
	deliver(&t, "bob@x.test", "m3");
	assert_true(await(&t.s, "from='sue@sip.test' to='bob@x.test'"));
	assert_int_equal(t.s.reads, before + 1);
	buf_addc(&t.s.got, '\0');
	char *version = strstr(t.s.got.p, "jabber:iq:version"), *m1 = strstr(t.s.got.p, "id='m1'"),
	     *m2 = strstr(t.s.got.p, "id='m2'"), *m3 = strstr(t.s.got.p, "id='m3'"),
	     *ping = strstr(t.s.got.p, "from='sue@sip.test' to='ann@x.test'");

	assert_non_null(ping);
	assert_true(version < m1 && m1 < m2 && m2 < m3 && m3 < ping);
	assert_null(strstr(ping + 1, "from='sue@sip.test' to='ann@x.test'"));
	assert_non_null(strstr(t.s.got.p, "from='sue@sip.test' to='bob@x.test'"));
	assert_int_equal(fixture_close(&t), 0);
}

static void test_refused_once_for_all_resources(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	deliver(&t, "ann@x.test", "m2");
	calibrate(&t, "Prosody", true);
	say_and_wait(&t.s, REFUSAL("m2") REFUSAL("m2") REFUSAL("m2"));
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_STANZA_ERROR);
	assert_string_equal(t.condition[0], "service-unavailable");
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 2);
	assert_int_equal(t.outcome[1], REASON_NONE);
	assert_int_equal(t.lates, 0);
	assert_int_equal(fixture_close(&t), 0);
}

/* Prosody: a sender blocked by an online user gets no error, but his ping does. */
static void test_refused_ping_is_a_refusal_where_pings_are_answered(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	calibrate(&t, "Prosody", true);
	answer_ping(&t, "ann@x.test", false);
	assert_int_equal(t.outcome[0], REASON_STANZA_ERROR);
	assert_string_equal(t.condition[0], "service-unavailable");
	assert_int_equal(fixture_close(&t), 0);
}

static void test_refused_ping_says_nothing_where_all_are(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	calibrate(&t, "Prosody", false);
	answer_ping(&t, "ann@x.test", false);
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_NONE);
	assert_int_equal(fixture_close(&t), 0);
}

/* ejabberd: the router's answer first, the session's refusal after it. */
static void test_two_rounds_where_sessions_answer_late(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	calibrate(&t, "ejabberd", true);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 0);
	say_and_wait(&t.s, REFUSAL("m1"));
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_STANZA_ERROR);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 1);
	deliver(&t, "ann@x.test", "m2");
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 1);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 2);
	assert_int_equal(t.outcome[1], REASON_NONE);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_unknown_server_gets_two_rounds_and_a_burst_more(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	deliver(&t, "ann@x.test", "m2");
	answer_ping(&t, "ann@x.test", true);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 0);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 2);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_no_answer_in_three_seconds(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	pump(&t.s);
	fake_env_advance(&t.s.f, 2990);
	assert_int_equal(t.outcomes, 0);
	fake_env_advance(&t.s.f, 20);
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_NO_ANSWER);
	say_and_wait(&t.s, REFUSAL("m1"));
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.lates, 1);
	assert_string_equal(t.late_id, "m1");
	assert_int_equal(fixture_close(&t), 0);
}

/* The limit holds for all rounds together. */
static void test_second_round_has_no_time_of_its_own(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	pump(&t.s);
	fake_env_advance(&t.s.f, 2900);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 0);
	fake_env_advance(&t.s.f, 110);
	assert_int_equal(t.outcome[0], REASON_NO_ANSWER);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_late_errors_go_up(void **state)
{
	(void)state;
	up();
	say_and_wait(&t.s, REFUSAL("long-ago"));
	assert_int_equal(t.lates, 1);
	assert_string_equal(t.late_id, "long-ago");
	assert_string_equal(t.late_condition, "service-unavailable");
	assert_int_equal(t.messages, 0);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_an_answer_from_somebody_else_is_none(void **state)
{
	char id[64], iq[256];

	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	calibrate(&t, "Prosody", true);
	last_iq_id(&t, "to='ann@x.test'", id);
	snprintf(iq, sizeof(iq), "<iq type='result' from='eve@x.test' to='sue@sip.test' id='%s'/>", id);
	say_and_wait(&t.s, iq);
	say_and_wait(&t.s,
		"<message type='error' from='eve@x.test' to='sue@sip.test' id='m1'><error type='cancel'/></message>");
	assert_int_equal(t.outcomes, 0);
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcome[0], REASON_NONE);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_lost_after_it_was_written(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	deliver(&t, "bob@x.test", "m2");
	assert_true(expect(&t.s, "id='m2'"));
	hang_up(&t.s);
	wait_until(&t.s, t.downs);
	assert_int_equal(t.outcomes, 2);
	assert_int_equal(t.outcome[0], REASON_LINK_LOST);
	assert_int_equal(t.outcome[1], REASON_LINK_LOST);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.why, REASON_LINK_LOST);
	assert_int_equal(deliver(&t, "ann@x.test", "m3"), REASON_LINK_DOWN);
	assert_int_equal(t.outcomes, 2);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_closing_ends_what_is_open(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	xmppside_close(t.link);
	assert_int_equal(t.outcomes, 1);
	assert_int_equal(t.outcome[0], REASON_LINK_LOST);
	assert_int_equal(t.downs, 0);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_closing_from_inside_an_outcome(void **state)
{
	(void)state;
	up();
	deliver(&t, "ann@x.test", "m1");
	deliver(&t, "ann@x.test", "m2");
	deliver(&t, "bob@x.test", "m3");
	calibrate(&t, "Prosody", true);
	t.close_in_done = true;
	answer_ping(&t, "ann@x.test", true);
	assert_int_equal(t.outcomes, 3);
	assert_int_equal(t.outcome[0], REASON_NONE);
	assert_int_equal(t.outcome[1], REASON_LINK_LOST);
	assert_int_equal(t.outcome[2], REASON_LINK_LOST);
	assert_int_equal(fixture_close(&t), 0);
}

/* A server that reads no more: deliveries are refused before memory is, and what was never sent is said to be so. */
static void test_server_that_stops_reading(void **state)
{
	static char big[100 * 1024];
	unsigned taken_in = 0;
	enum reason why = REASON_NONE;

	(void)state;
	up();
	uv_read_stop((uv_stream_t *)&t.s.client);
	memset(big, 'x', sizeof(big));
	for (unsigned i = 0; i < 1000 && why == REASON_NONE; i++) {
		char id[16];
		struct x_message m = { .has_body = true, .body = { big, sizeof(big) } };

		snprintf(id, sizeof(id), "m%u", i);
		m.id = str_c(id);
		xmppside_jid_split(STR("sue@sip.test"), &m.from);
		xmppside_jid_split(STR("ann@x.test"), &m.to);
		t.outcomes = 0;
		why = xmppside_deliver(t.link, &m, on_done, &t);
		taken_in += why == REASON_NONE;
		pump(&t.s);
	}
	assert_int_equal(why, REASON_QUEUE_FULL);
	assert_true(taken_in > 10);
	t.outcomes = 0;
	xmppside_close(t.link);
	assert_int_equal(t.outcomes, taken_in < OUTCOMES ? taken_in : t.outcomes);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_an_id_twice_is_a_fault_of_ours(void **state)
{
	(void)state;
	up();
	assert_int_equal(deliver(&t, "ann@x.test", "m1"), REASON_NONE);
	assert_int_equal(deliver(&t, "ann@x.test", "m1"), REASON_INTERNAL);
	assert_int_equal(fixture_close(&t), 0);
	assert_int_equal(t.outcomes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_before_the_answer_means_taken),
		cmocka_unit_test(test_all_in_one_write),
		cmocka_unit_test(test_refused_once_for_all_resources),
		cmocka_unit_test(test_refused_ping_is_a_refusal_where_pings_are_answered),
		cmocka_unit_test(test_refused_ping_says_nothing_where_all_are),
		cmocka_unit_test(test_two_rounds_where_sessions_answer_late),
		cmocka_unit_test(test_unknown_server_gets_two_rounds_and_a_burst_more),
		cmocka_unit_test(test_no_answer_in_three_seconds),
		cmocka_unit_test(test_second_round_has_no_time_of_its_own),
		cmocka_unit_test(test_late_errors_go_up),
		cmocka_unit_test(test_an_answer_from_somebody_else_is_none),
		cmocka_unit_test(test_lost_after_it_was_written),
		cmocka_unit_test(test_closing_ends_what_is_open),
		cmocka_unit_test(test_closing_from_inside_an_outcome),
		cmocka_unit_test(test_server_that_stops_reading),
		cmocka_unit_test(test_an_id_twice_is_a_fault_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

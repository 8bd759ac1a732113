/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/xmppside/link_fixture.h"

#define STREAM_ERROR(condition)                                                                                        \
	"<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"

static struct fixture t;

static void up(void)
{
	fixture_open(&t, "127.0.0.1");
	assert_true(log_in(&t));
}

/* XEP-0114 example 3's rule, worked out with sha1sum for id s1 and secret test. */
static void test_handshake(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	assert_true(expect(&t.s, "<stream:stream xmlns='jabber:component:accept' "
				 "xmlns:stream='http://etherx.jabber.org/streams' to='sip.test'>"));
	say_c(&t.s, FAKE_HEADER);
	assert_true(expect(&t.s, "<handshake>0c84a2a6e2a8763b5708b5bf6dd4d1d455d550c7</handshake>"));
	assert_false(xmppside_is_up(t.link));
	say_c(&t.s, "<handshake/>");
	wait_until(&t.s, t.ups);
	assert_int_equal(t.ups, 1);
	assert_int_equal(t.s.f.counts[EVENT_LINK_UP], 1);
	assert_int_equal(fixture_close(&t), 0);
	assert_int_equal(t.downs, 0);
}

static void test_name_is_resolved_and_each_address_tried(void **state)
{
	(void)state;
	fixture_open(&t, "localhost"); /* perhaps ::1 first, where nobody listens */
	assert_true(log_in(&t));
	assert_int_equal(fixture_close(&t), 0);
}

static void test_closed_while_it_resolves(void **state)
{
	(void)state;
	fixture_open(&t, "localhost");
	assert_int_equal(fixture_close(&t), 0);
	assert_int_equal(t.ups + t.downs, 0);
}

/* 2 s +-50 %, as often as it takes; each change is told once. */
static void test_lost_link_comes_back(void **state)
{
	(void)state;
	up();
	for (unsigned i = 1; i <= 5; i++) {
		hang_up(&t.s);
		wait_until(&t.s, t.downs == i);
		assert_int_equal(t.why, REASON_LINK_LOST);
		assert_false(xmppside_is_up(t.link));
		fake_env_advance(&t.s.f, 990);
		assert_int_equal(t.s.connections, i);
		fake_env_advance(&t.s.f, 2020);
		assert_true(log_in(&t));
		assert_int_equal(t.ups, i + 1);
	}
	assert_int_equal(fixture_close(&t), 0);
}

static void test_server_that_is_not_there(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	stop_listening(&t.s);
	hang_up(&t.s);
	for (int i = 0; i < 10; i++) {
		for (int turn = 0; turn < 50; turn++)
			pump(&t.s);
		fake_env_advance(&t.s.f, 3000);
	}
	assert_int_equal(t.ups + t.downs, 0); /* it never was up: nothing has changed */
	assert_true(t.s.f.counts[EVENT_LINK_DOWN] >= 1);
	assert_true(t.s.f.counts[EVENT_LINK_DOWN] <= 2);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_refused_log_in_is_an_alarm_every_30_s(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	assert_true(expect(&t.s, "to='sip.test'>"));
	say_c(&t.s, FAKE_HEADER);
	assert_true(expect(&t.s, "</handshake>"));
	say_c(&t.s,
		"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text "
		"xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Wrong &amp; bad</text></stream:error></stream:stream>");
	wait_until(&t.s, t.downs);
	assert_int_equal(t.why, REASON_LINK_REFUSED);
	assert_string_equal(t.words, "not-authorized: Wrong & bad");
	assert_int_equal(t.s.f.counts[EVENT_LINK_REFUSED], 1);
	hang_up(&t.s);
	fake_env_advance(&t.s.f, 29900);
	assert_int_equal(t.s.connections, 1);
	fake_env_advance(&t.s.f, 200);
	assert_true(log_in(&t));
	assert_int_equal(fixture_close(&t), 0);
}

static void test_unknown_host_in_the_header(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	assert_true(expect(&t.s, "to='sip.test'>"));
	say_c(&t.s, FAKE_HEADER STREAM_ERROR("host-unknown"));
	wait_until(&t.s, t.downs);
	assert_int_equal(t.why, REASON_LINK_REFUSED);
	assert_string_equal(t.words, "host-unknown");
	assert_int_equal(fixture_close(&t), 0);
}

static void test_conflict_waits_without_alarm(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	assert_true(expect(&t.s, "to='sip.test'>"));
	say_c(&t.s, FAKE_HEADER);
	assert_true(expect(&t.s, "</handshake>"));
	say_c(&t.s, STREAM_ERROR("conflict"));
	wait_until(&t.s, t.downs);
	assert_int_equal(t.s.f.counts[EVENT_LINK_REFUSED], 0);
	hang_up(&t.s);
	fake_env_advance(&t.s.f, 3100);
	assert_true(log_in(&t));
	assert_int_equal(fixture_close(&t), 0);
}

static void test_silent_server_at_log_in(void **state)
{
	(void)state;
	fixture_open(&t, "127.0.0.1");
	assert_true(expect(&t.s, "to='sip.test'>"));
	fake_env_advance(&t.s.f, 10100);
	wait_until(&t.s, t.s.closed);
	assert_true(t.s.closed);
	assert_int_equal(t.downs, 0);
	hang_up(&t.s);
	fake_env_advance(&t.s.f, 3100);
	assert_true(log_in(&t));
	assert_int_equal(fixture_close(&t), 0);
}

/* Nothing heard for a while: a ping through the server to ourselves; no answer: the link is gone, service moves on. */
static void test_black_hole_is_noticed(void **state)
{
	(void)state;
	up();
	fake_env_advance(&t.s.f, 10100);
	assert_true(expect(&t.s, "from='sip.test' to='sip.test'"));
	assert_int_equal(t.downs, 0);
	deliver(&t, "ann@x.test", "m1");
	fake_env_advance(&t.s.f, 3100);
	assert_int_equal(t.outcome[0], REASON_NO_ANSWER);
	fake_env_advance(&t.s.f, 6000);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.why, REASON_LINK_LOST);
	hang_up(&t.s);
	fake_env_advance(&t.s.f, 3100);
	assert_true(log_in(&t));
	assert_int_equal(fixture_close(&t), 0);
}

static void test_quiet_link_stays(void **state)
{
	(void)state;
	up();
	for (int i = 0; i < 10; i++) {
		char id[64], iq[256];

		fake_env_advance(&t.s.f, i ? 20200 : 10100); /* after some traffic the next look finds it quiet */
		last_iq_id(&t, "to='sip.test'", id);
		buf_clear(&t.s.got);
		snprintf(iq, sizeof(iq),
			"<iq type='get' from='sip.test' to='sip.test' id='%s'><ping xmlns='urn:xmpp:ping'/></iq>", id);
		say_and_wait(&t.s, iq);
		assert_true(has_got(&t.s, "result"));
		snprintf(iq, sizeof(iq), "<iq type='result' from='sip.test' to='sip.test' id='%s'/>", id);
		say_and_wait(&t.s, iq);
		buf_clear(&t.s.got);
	}
	assert_int_equal(t.downs, 0);
	assert_int_equal(t.s.connections, 1);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_bad_streams_end_cleanly(void **state)
{
	static const struct {
		const char *text, *condition;
	} rows[] = {
		{ "<message>&lol;</message>", "<not-well-formed " },
		{ "<?php ?>", "<restricted-xml " },
		{ "<a></b>", "<not-well-formed " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		up();
		say_c(&t.s, rows[i].text);
		assert_true(expect(&t.s, rows[i].condition));
		wait_until(&t.s, t.downs);
		assert_int_equal(t.why, REASON_LINK_LOST);
		hang_up(&t.s);
		fake_env_advance(&t.s.f, 3100);
		assert_true(log_in(&t));
		assert_int_equal(fixture_close(&t), 0);
	}
}

static void test_a_mebibyte_ends_the_stream(void **state)
{
	struct buf big = { 0 };

	(void)state;
	up();
	buf_lit(&big, "<message from='ann@x.test' to='sue@sip.test'><body>");
	while (big.n < 1024 * 1024)
		buf_lit(&big, "xxxxxxxxxxxxxxxx");
	buf_lit(&big, "</body></message>");
	say(&t.s, big.p, big.n);
	assert_true(expect(&t.s, "<policy-violation "));
	wait_until(&t.s, t.downs);
	assert_int_equal(t.messages, 0);
	buf_finish(&big);
	assert_int_equal(fixture_close(&t), 0);
}

/* Any user could send one: it comes back to him and nobody else loses the link. */
static void test_deep_stanza_is_refused_alone(void **state)
{
	struct buf deep = { 0 };

	(void)state;
	up();
	buf_lit(&deep, "<message from='ann@x.test/d' to='sue@sip.test' id='deep'>");
	for (int i = 0; i < 10000; i++)
		buf_lit(&deep, "<a>");
	for (int i = 0; i < 10000; i++)
		buf_lit(&deep, "</a>");
	buf_lit(&deep, "</message>");
	say(&t.s, deep.p, deep.n);
	assert_true(await(&t.s, "policy-violation"));
	assert_true(has_got(&t.s, "to=\"ann@x.test/d\""));
	assert_true(has_got(&t.s, "id=\"deep\""));
	assert_true(xmppside_is_up(t.link));
	buf_finish(&deep);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_stanzas_reach_the_handlers_in_order(void **state)
{
	(void)state;
	up();
	say_and_wait(&t.s,
		"<message from='ann@x.test/d' to='sue@sip.test' type='chat'><body>one &amp; only</body></message>"
		"<presence from='ann@x.test/d' to='sue@sip.test'/>"
		"<message from='ann@x.test/d' to='sue@sip.test'><body>two</body></message>"
		"<message to='sue@sip.test'><body>no sender</body></message>"
		"<presence from='ann@x.test' to='sue@sip.test' type='odd'/><carrot/>"
		"<message xmlns='other' from='ann@x.test' to='sue@sip.test'/>");
	assert_int_equal(t.messages, 2);
	assert_string_equal(t.body, "two");
	assert_int_equal(t.presences, 1);
	assert_int_equal(t.s.f.counts[EVENT_MALFORMED], 4);
	assert_int_equal(fixture_close(&t), 0);
}

static void test_what_the_door_writes(void **state)
{
	struct x_message m = { .id = STR("c1"), .type = X_TYPE_CHAT, .chat = X_CHAT_COMPOSING };
	struct x_presence p = { .kind = X_AVAILABLE, .show = X_SHOW_AWAY };
	struct x_error e = { .why = REASON_UNKNOWN_USER, .condition = STR("item-not-found"), .text = STR("who?") };

	(void)state;
	up();
	xmppside_jid_split(STR("sue@sip.test"), &m.from);
	xmppside_jid_split(STR("ann@x.test/d"), &m.to);
	p.from = m.from;
	p.to = m.to;
	xmppside_signal(t.link, &m);
	assert_true(expect(&t.s, "<composing xmlns='http://jabber.org/protocol/chatstates'/>"));
	xmppside_presence(t.link, &p);
	assert_true(expect(&t.s, "<show>away</show><c xmlns='http://jabber.org/protocol/caps'"));
	xmppside_bounce(t.link, &m, &e);
	assert_true(expect(&t.s, "<message type='error' from='ann@x.test/d' to='sue@sip.test' id='c1'><error "
				 "type='cancel'><item-not-found xmlns="));
	hang_up(&t.s);
	wait_until(&t.s, t.downs);
	xmppside_signal(t.link, &m);
	xmppside_presence(t.link, &p);
	xmppside_bounce(t.link, &m, &e);
	assert_int_equal(fixture_close(&t), 0);
}

/* Somebody waits for them: a bounce and a receipt of the time without a link are the first that the next one carries. */
static void test_answers_wait_for_the_link(void **state)
{
	struct x_message m = { .id = STR("c1"), .type = X_TYPE_CHAT, .received = STR("r7") };
	struct x_message typing = { .id = STR("c2"), .type = X_TYPE_CHAT, .chat = X_CHAT_COMPOSING };
	struct x_error e = { .why = REASON_UNKNOWN_USER, .condition = STR("item-not-found"), .text = STR("who?") };

	(void)state;
	up();
	xmppside_jid_split(STR("sue@sip.test"), &m.from);
	xmppside_jid_split(STR("ann@x.test/d"), &m.to);
	typing.from = m.from;
	typing.to = m.to;
	hang_up(&t.s);
	wait_until(&t.s, t.downs);
	xmppside_signal(t.link, &typing);
	xmppside_signal(t.link, &m);
	xmppside_bounce(t.link, &m, &e);
	fake_env_advance(&t.s.f, 3010);
	assert_true(log_in(&t));
	assert_true(await(&t.s, "<received xmlns='urn:xmpp:receipts' id='r7'/>"));
	assert_true(await(&t.s, "<item-not-found xmlns="));
	assert_false(has_got(&t.s, "composing"));
	assert_int_equal(fixture_close(&t), 0);
}

/* Bounded; what does not find room is said to be dropped. */
static void test_answers_that_wait_are_bounded(void **state)
{
	static char words[100000];
	struct x_message m = { .id = STR("c1"), .type = X_TYPE_CHAT };
	struct x_error e = { .why = REASON_UNKNOWN_USER, .condition = STR("item-not-found") };
	unsigned before;

	(void)state;
	memset(words, 'w', sizeof(words) - 1);
	e.text = str_c(words);
	up();
	xmppside_jid_split(STR("sue@sip.test"), &m.from);
	xmppside_jid_split(STR("ann@x.test/d"), &m.to);
	hang_up(&t.s);
	wait_until(&t.s, t.downs);
	before = t.s.f.counts[EVENT_DROPPED];
	for (int i = 0; i < 60; i++)
		xmppside_bounce(t.link, &m, &e);
	assert_true(t.s.f.counts[EVENT_DROPPED] > before);
	assert_int_equal(fixture_close(&t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_name_is_resolved_and_each_address_tried),
		cmocka_unit_test(test_closed_while_it_resolves),
		cmocka_unit_test(test_lost_link_comes_back),
		cmocka_unit_test(test_server_that_is_not_there),
		cmocka_unit_test(test_refused_log_in_is_an_alarm_every_30_s),
		cmocka_unit_test(test_unknown_host_in_the_header),
		cmocka_unit_test(test_conflict_waits_without_alarm),
		cmocka_unit_test(test_silent_server_at_log_in),
		cmocka_unit_test(test_black_hole_is_noticed),
		cmocka_unit_test(test_quiet_link_stays),
		cmocka_unit_test(test_bad_streams_end_cleanly),
		cmocka_unit_test(test_a_mebibyte_ends_the_stream),
		cmocka_unit_test(test_deep_stanza_is_refused_alone),
		cmocka_unit_test(test_stanzas_reach_the_handlers_in_order),
		cmocka_unit_test(test_what_the_door_writes),
		cmocka_unit_test(test_answers_wait_for_the_link),
		cmocka_unit_test(test_answers_that_wait_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "tests/sipside/transaction/script.h"

struct heard {
	unsigned cancels, no_acks;
};

static void cancelled(void *arg)
{
	((struct heard *)arg)->cancels++;
}

static void no_ack(void *arg)
{
	((struct heard *)arg)->no_acks++;
}

static const struct sipside_server_owner owner = { cancelled, no_ack };

/* branch NULL: a Via without one, as RFC 2543 peers write it */
static void request(struct script *s, const char *method, const char *branch, const char *cseq, const char *to_tag)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"%s sip:ann@corp.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1%s%s\r\n"
		"Record-Route: <sip:p;lr;sig=%%41>;tag=9\r\nFrom: <sip:b@c.example>;tag=1;epid=0a\r\n"
		"To: <sip:ann@corp.example>;epid=5f%s%s\r\nCall-ID: c1\r\nCSeq: %s\r\nMax-Forwards: 70\r\n"
		"Content-Length: 0\r\n\r\n",
		method, branch ? ";branch=z9hG4bK" : "", branch ? branch : "", to_tag ? ";tag=" : "",
		to_tag ? to_tag : "", cseq);
	script_receive(s, text);
}

static void reply(struct script *s, int status)
{
	sipside_server_reply(s->server, &(struct sipside_reply){ .status = status });
}

static void message_is_handed_up_once_and_answered_from_the_cache(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL); /* not answered yet: silence */
	assert_int_equal(s.requests, 1);
	assert_int_equal(s.sent, 0);
	reply(&s, 200);
	assert_non_null(strstr(s.last, "To: <sip:ann@corp.example>;epid=5f;tag="));
	assert_non_null(strstr(s.last, "From: <sip:b@c.example>;tag=1;epid=0a\r\n"));
	assert_non_null(strstr(s.last, "Record-Route: <sip:p;lr;sig=%41>;tag=9\r\n"));
	char first[sizeof(s.last)];

	strcpy(first, s.last);
	for (unsigned i = 0; i < 3; i++)
		request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	assert_int_equal(s.requests, 1);
	assert_int_equal(s.sent, 4);
	assert_string_equal(first, s.last);
	fake_env_advance(&s.fake, 31999); /* timer J */
	assert_int_equal(sipside_transactions_servers(s.layer), 1);
	fake_env_advance(&s.fake, 1);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	assert_int_equal(s.requests, 2);
	script_finish(&s);
}

static void stream_keeps_nothing_after_the_answer(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_TCP);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	reply(&s, 404);
	assert_null(strstr(s.last, "Record-Route")); /* no dialog comes of a refusal */
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	script_finish(&s);
}

static void late_answers_and_408_never_leave(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	fake_env_advance(&s.fake, 32000);
	reply(&s, 200); /* RFC 4320 4.2 */
	assert_int_equal(s.sent, 0);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	request(&s, "MESSAGE", "m2", "2 MESSAGE", NULL);
	reply(&s, 100); /* 4.1: no provisional answers */
	assert_int_equal(s.sent, 0);
	reply(&s, 408);
	assert_string_equal(s.first[0], "SIP/2.0 480 Temporarily Unavailable");
	script_finish(&s);
}

static void invite_gets_100_after_200_ms(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	fake_env_advance(&s.fake, 199);
	assert_int_equal(s.sent, 0);
	fake_env_advance(&s.fake, 1);
	assert_string_equal(s.first[0], "SIP/2.0 100 Trying");
	assert_null(strstr(s.last, "5f;tag="));
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	assert_string_equal(s.first[1], "SIP/2.0 100 Trying");
	fake_env_advance(&s.fake, 60000);
	assert_int_equal(s.sent, 2);
	reply(&s, 487);
	script_finish(&s);
}

static void refused_invite_timers_g_h_i(void **state)
{
	static const int unacked[] = { 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500, -1 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	reply(&s, 480);
	fake_env_advance(&s.fake, 32000); /* H: gives up */
	script_times(&s, 0, unacked);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	request(&s, "INVITE", "i2", "2 INVITE", NULL);
	reply(&s, 480);
	unsigned sent = s.sent;

	request(&s, "ACK", "i2", "2 ACK", "whatever");
	assert_int_equal(s.acks, 0); /* absorbed */
	fake_env_advance(&s.fake, 4999);
	assert_int_equal(s.sent, sent);
	assert_int_equal(sipside_transactions_servers(s.layer), 1);
	fake_env_advance(&s.fake, 1); /* I */
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	script_finish(&s);
}

static void accepted_invite_is_sent_again_until_the_ack(void **state)
{
	static const int times[] = { 0, 500, 1500, 3500, 7500, -1 };
	struct heard h = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_TCP); /* end to end: on streams as well */
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	sipside_server_own(s.server, &owner, &h);
	reply(&s, 200);
	fake_env_advance(&s.fake, 8000);
	request(&s, "ACK", "other", "1 ACK", "x");
	assert_int_equal(s.acks, 1);
	sipside_server_acked(s.server);
	fake_env_advance(&s.fake, 23999);
	script_times(&s, 0, times);
	request(&s, "INVITE", "i1", "1 INVITE", NULL); /* timer L: absorbed */
	assert_int_equal(s.requests, 1);
	assert_int_equal(sipside_transactions_servers(s.layer), 1);
	fake_env_advance(&s.fake, 1);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	assert_int_equal(h.no_acks, 0);
	script_finish(&s);
}

static void accepted_invite_without_ack_is_reported(void **state)
{
	struct heard h = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	sipside_server_own(s.server, &owner, &h);
	reply(&s, 200);
	fake_env_advance(&s.fake, 32000);
	assert_int_equal(h.no_acks, 1);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	script_finish(&s);
}

static void cancel_reaches_the_owner_of_its_invite(void **state)
{
	struct heard h = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "INVITE", "i1", "1 INVITE", NULL);
	sipside_server_own(s.server, &owner, &h);
	request(&s, "CANCEL", "i1", "1 CANCEL", NULL);
	assert_string_equal(s.first[0], "SIP/2.0 200 OK");
	assert_int_equal(h.cancels, 1);
	request(&s, "CANCEL", "i1", "1 CANCEL", NULL);
	assert_int_equal(h.cancels, 1);
	reply(&s, 487);
	request(&s, "CANCEL", "i1", "1 CANCEL", NULL);
	assert_int_equal(h.cancels, 1);
	request(&s, "INVITE", "i2", "2 INVITE", NULL); /* without an owner: done here */
	request(&s, "CANCEL", "i2", "2 CANCEL", NULL);
	assert_string_equal(s.first[(s.sent - 1) % SCRIPT_SENDS], "SIP/2.0 487 Request Terminated");
	script_finish(&s);
}

static void stray_cancel_is_481_unless_a_dialect_knows_better(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "CANCEL", "i1", "1 CANCEL", NULL);
	assert_string_equal(s.first[0], "SIP/2.0 481 Call/Transaction Does Not Exist");
	s.take_stray = true;
	request(&s, "CANCEL", "i2", "1 CANCEL", NULL);
	assert_string_equal(s.first[1], "SIP/2.0 200 OK");
	assert_int_equal(s.strays, 2);
	script_finish(&s);
}

static void without_a_branch_rfc_2543_rules_match(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "INVITE", NULL, "1 INVITE", NULL);
	request(&s, "INVITE", NULL, "1 INVITE", NULL);
	assert_int_equal(s.requests, 1);
	reply(&s, 486);
	request(&s, "ACK", NULL, "1 ACK", "ours");
	fake_env_advance(&s.fake, 5000);
	assert_int_equal(sipside_transactions_servers(s.layer), 0);
	assert_int_equal(s.sent, 1);
	request(&s, "INVITE", NULL, "2 INVITE", NULL); /* the next CSeq is another request */
	assert_int_equal(s.requests, 2);
	reply(&s, 200);
	request(&s, "ACK", NULL, "2 ACK", "ours");
	assert_int_equal(s.acks, 1);
	sipside_server_acked(s.server);
	request(&s, "CANCEL", NULL, "2 CANCEL", NULL); /* too late: answered, nothing more */
	assert_string_equal(s.first[2], "SIP/2.0 200 OK");
	script_finish(&s);
}

static void merged_requests_are_refused_unless_the_first_was(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	request(&s, "MESSAGE", "m1", "1 MESSAGE", NULL);
	request(&s, "MESSAGE", "m2", "1 MESSAGE", NULL);
	assert_string_equal(s.first[0], "SIP/2.0 482 Loop Detected");
	assert_int_equal(s.requests, 1);
	reply(&s, 200);
	request(&s, "MESSAGE", "m3", "1 MESSAGE", NULL); /* a re-send of what was answered: its taker knows it */
	assert_int_equal(s.requests, 2);
	reply(&s, 200);
	request(&s, "SUBSCRIBE", "m4", "1 SUBSCRIBE", NULL);
	assert_int_equal(s.requests, 3);
	reply(&s, 200);
	request(&s, "SUBSCRIBE", "m5", "1 SUBSCRIBE", NULL); /* another fork of what made a dialog */
	assert_string_equal(s.first[4], "SIP/2.0 482 Loop Detected");
	assert_int_equal(s.requests, 3);
	request(&s, "SUBSCRIBE", "m6", "2 SUBSCRIBE", NULL);
	assert_int_equal(s.requests, 4);
	reply(&s, 503);
	request(&s, "SUBSCRIBE", "m7", "2 SUBSCRIBE", NULL); /* tried again after a refusal */
	assert_int_equal(s.requests, 5);
	reply(&s, 200);
	request(&s, "MESSAGE", "m8", "3 MESSAGE", "dialog");
	request(&s, "MESSAGE", "m9", "3 MESSAGE", "dialog"); /* in a dialog the dialog decides */
	assert_int_equal(s.requests, 7);
	script_finish(&s);
}

static void too_many_transactions_are_503_without_state(void **state)
{
	struct script s;
	char branch[16], cseq[32];

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	for (unsigned i = 1; i <= 101; i++) {
		snprintf(branch, sizeof(branch), "b%u", i);
		snprintf(cseq, sizeof(cseq), "%u MESSAGE", i);
		request(&s, "MESSAGE", branch, cseq, NULL);
	}
	assert_int_equal(s.requests, 100);
	assert_string_equal(s.first[0], "SIP/2.0 503 Service Unavailable");
	assert_non_null(strstr(s.last, "Retry-After: "));
	script_finish(&s);
}

static void who_talks_already_is_shed_last(void **state)
{
	struct script s;
	char branch[16], cseq[32];

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	for (unsigned i = 1; i <= 130; i++) {
		snprintf(branch, sizeof(branch), "b%u", i);
		snprintf(cseq, sizeof(cseq), "%u MESSAGE", i);
		request(&s, "MESSAGE", branch, cseq, i <= 100 ? NULL : "dialog");
	}
	assert_int_equal(s.requests, 125);
	assert_int_equal(s.sent, 5);
	assert_non_null(strstr(s.last, "\r\nRetry-After: 10\r\n"));
	assert_int_equal(sipside_transactions_servers(s.layer), 125);
	script_finish(&s);
}

static void strangers_leave_nothing_behind(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	for (unsigned i = 1; i <= 2; i++) { /* a re-send is refused anew */
		request(&s, "INVITE", "b1", "1 INVITE", NULL);
		sipside_server_brush_off(s.server, &(struct sipside_reply){ .status = 403 });
		assert_string_equal(s.first[i - 1], "SIP/2.0 403 Forbidden");
		assert_int_equal(sipside_transactions_servers(s.layer), 0);
	}
	request(&s, "ACK", "b1", "1 ACK", "ours");
	fake_env_advance(&s.fake, 100000);
	assert_int_equal(s.sent, 2);
	script_finish(&s);
}

static void malformed_requests_are_answered_from_their_raw_lines(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	script_receive(&s, "MESSAGE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;;,;,\r\nVia: x y z\r\nf: sip:x;tag=1\r\n"
			   "To: \"<sip:y\r\ni: c\r\nCSeq: 1 MESSAGE\r\n\r\n");
	assert_int_equal(s.sent, 1);
	assert_memory_equal(s.first[0], "SIP/2.0 400 ", 12);
	assert_non_null(strstr(s.last, "Via: SIP/2.0/UDP h;;,;,\r\nVia: x y z\r\nFrom: sip:x;tag=1\r\nCall-ID: c\r\n"));
	assert_non_null(strstr(s.last, "To: \"<sip:y;tag="));
	script_receive(&s, "ACK sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"); /* an ACK is never answered */
	script_receive(&s, "MESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 MESSAGE\r\n\r\n"); /* no Via: no way back */
	script_receive(&s, "hello\r\n\r\n");
	assert_int_equal(s.sent, 1);
	assert_int_equal(s.fake.counts[EVENT_MALFORMED], 4);
	script_finish(&s);
}

static void answers_go_where_rfc_3581_says(void **state)
{
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	sipside_target_set_port(&s.peer, 33333);
	script_receive(&s, "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;rport ;branch=z9hG4bK1, x\r\n"
			   "From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\r\n");
	assert_int_equal(sipside_target_port(sipside_server_source(s.server)), 33333);
	reply(&s, 200);
	assert_non_null(strstr(
		s.last, "Via: SIP/2.0/UDP 192.0.2.1:5070;rport=33333 ;branch=z9hG4bK1;received=192.0.2.1, x\r\n"));
	script_receive(&s, "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK2\r\n"
			   "From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 2 MESSAGE\r\n\r\n");
	assert_int_equal(sipside_target_port(sipside_server_source(s.server)), 5070);
	reply(&s, 200);
	assert_null(strstr(s.last, "received"));
	script_receive(&s,
		"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP host.example;maddr=evil.example;branch=z9hG4bK3\r\n"
		"From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 3 MESSAGE\r\n\r\n");
	assert_int_equal(sipside_target_port(sipside_server_source(s.server)), 33333);
	reply(&s, 200);
	assert_non_null(strstr(s.last, ";branch=z9hG4bK3;received=192.0.2.1\r\n"));
	script_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_handed_up_once_and_answered_from_the_cache),
		cmocka_unit_test(stream_keeps_nothing_after_the_answer),
		cmocka_unit_test(late_answers_and_408_never_leave),
		cmocka_unit_test(invite_gets_100_after_200_ms),
		cmocka_unit_test(refused_invite_timers_g_h_i),
		cmocka_unit_test(accepted_invite_is_sent_again_until_the_ack),
		cmocka_unit_test(accepted_invite_without_ack_is_reported),
		cmocka_unit_test(cancel_reaches_the_owner_of_its_invite),
		cmocka_unit_test(stray_cancel_is_481_unless_a_dialect_knows_better),
		cmocka_unit_test(without_a_branch_rfc_2543_rules_match),
		cmocka_unit_test(merged_requests_are_refused_unless_the_first_was),
		cmocka_unit_test(too_many_transactions_are_503_without_state),
		cmocka_unit_test(who_talks_already_is_shed_last),
		cmocka_unit_test(strangers_leave_nothing_behind),
		cmocka_unit_test(malformed_requests_are_answered_from_their_raw_lines),
		cmocka_unit_test(answers_go_where_rfc_3581_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

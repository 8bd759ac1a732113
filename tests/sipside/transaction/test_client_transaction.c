/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "tests/sipside/transaction/script.h"

struct outcome {
	unsigned answers, overs, failures;
	int status;
	enum reason why;
};

static void answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	struct outcome *o = arg;

	(void)from;
	o->answers++;
	o->status = m->status;
}

static void failed(void *arg, enum reason why, struct str words)
{
	struct outcome *o = arg;

	(void)words;
	o->failures++;
	o->why = why;
}

static void over(void *arg)
{
	((struct outcome *)arg)->overs++;
}

static const struct sipside_client_owner owner = { answered, failed, over };

static struct sipside_client *begin(struct script *s, enum s_method method, struct outcome *o)
{
	enum reason why;
	struct sipside_outgoing r = { .method = method,
		.uri = STR("sip:bob@corp.example"),
		.headers = method == S_INVITE ? STR("Route: <sip:pool.corp.example;lr;sig=%41>\r\nMax-Forwards: "
						    "70\r\nFrom: <sip:a@b>;tag=1\r\n"
						    "To: <sip:bob@corp.example>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n")
					      : STR("Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
						    "<sip:bob@corp.example>\r\nCall-ID: c1\r\n"
						    "CSeq: 7 MESSAGE\r\n"),
		.content_type = STR("text/plain"),
		.body = STR("Lunch?") };

	return sipside_client_send(s->layer, &s->peer, &r, &owner, o, &why);
}

/* An answer to the last message we sent, with its Via. */
static void answer(struct script *s, int status, const char *cseq, const char *to_tag)
{
	char via[256], text[1024];
	const char *at = strstr(s->last, "Via: ");

	snprintf(via, sizeof(via), "%.*s", (int)strcspn(at, "\r"), at);
	snprintf(text, sizeof(text),
		"SIP/2.0 %d Whatever\r\n%s\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:bob@corp.example>;tag=%s\r\n"
		"Call-ID: c1\r\nCSeq: 7 %s\r\nContent-Length: 0\r\n\r\n",
		status, via, to_tag, cseq);
	script_receive(s, text);
}

static void message_over_udp_is_sent_again_until_timer_f(void **state)
{
	static const int times[] = { 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500, -1 };
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	assert_non_null(begin(&s, S_MESSAGE, &o));
	fake_env_advance(&s.fake, 31999);
	assert_int_equal(o.failures, 0);
	fake_env_advance(&s.fake, 1);
	assert_int_equal(o.failures, 1);
	assert_int_equal(o.why, REASON_NO_ANSWER);
	script_times(&s, 0, times);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	script_finish(&s);
}

static void provisional_answer_slows_the_message_to_t2(void **state)
{
	static const int times[] = { 0, 500, 1500, 5500, 9500, -1 };
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_MESSAGE, &o);
	fake_env_advance(&s.fake, 600);
	answer(&s, 100, "MESSAGE", "x");
	assert_int_equal(o.answers, 0); /* a 100 tells the owner nothing */
	fake_env_advance(&s.fake, 9000);
	script_times(&s, 0, times);
	answer(&s, 200, "MESSAGE", "x");
	assert_int_equal(o.status, 200);
	unsigned sent = s.sent;

	answer(&s, 200, "MESSAGE", "x"); /* again: swallowed, as in COMPLETED until timer K */
	fake_env_advance(&s.fake, 5000);
	assert_int_equal(o.answers, 1);
	assert_int_equal(s.sent, sent);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	assert_int_equal(o.overs + o.failures, 0);
	script_finish(&s);
}

static void stream_sends_once_and_forgets_at_the_answer(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_TCP);
	begin(&s, S_MESSAGE, &o);
	fake_env_advance(&s.fake, 20000);
	assert_int_equal(s.sent, 1);
	answer(&s, 404, "MESSAGE", "x");
	assert_int_equal(o.status, 404);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	begin(&s, S_MESSAGE, &o);
	fake_env_advance(&s.fake, 32000);
	assert_int_equal(o.why, REASON_NO_ANSWER);
	script_finish(&s);
}

static void invite_over_udp_timers_a_and_b(void **state)
{
	static const int times[] = { 0, 500, 1500, 3500, 7500, 15500, 31500, -1 };
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_INVITE, &o);
	fake_env_advance(&s.fake, 32000);
	script_times(&s, 0, times);
	assert_int_equal(o.why, REASON_NO_ANSWER);
	script_finish(&s);
}

static void ringing_invite_waits_without_end(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_INVITE, &o);
	answer(&s, 180, "INVITE", "x");
	fake_env_advance(&s.fake, 600000);
	assert_int_equal(s.sent, 1);
	assert_int_equal(o.answers, 1);
	assert_int_equal(o.failures, 0);
	script_finish(&s);
}

static void refused_invite_is_acked_for_timer_d(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_INVITE, &o);
	char invite[sizeof(s.last)];

	strcpy(invite, s.last);
	answer(&s, 486, "INVITE", "busy");
	assert_int_equal(o.status, 486);
	assert_string_equal(s.first[1], "ACK sip:bob@corp.example SIP/2.0");
	assert_non_null(strstr(s.last, "To: <sip:bob@corp.example>;tag=busy\r\n"));
	assert_non_null(strstr(s.last, "Route: <sip:pool.corp.example;lr;sig=%41>\r\n"));
	assert_non_null(strstr(s.last, "CSeq: 7 ACK\r\n"));
	char *via = strstr(invite, "Via: ");

	assert_memory_equal(strstr(s.last, "Via: "), via, strcspn(via, "\r"));
	answer(&s, 486, "INVITE", "busy");
	assert_int_equal(s.sent, 3); /* the ACK again */
	assert_int_equal(o.answers, 1);
	fake_env_advance(&s.fake, 31999);
	assert_int_equal(sipside_transactions_clients(s.layer), 1);
	fake_env_advance(&s.fake, 1);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	assert_int_equal(o.overs, 0);
	script_finish(&s);
}

static void accepted_invite_hands_up_every_2xx_for_timer_m(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_INVITE, &o);
	answer(&s, 200, "INVITE", "one");
	answer(&s, 200, "INVITE", "two"); /* another fork */
	answer(&s, 200, "INVITE", "one");
	assert_int_equal(o.answers, 3);
	assert_int_equal(s.sent, 1); /* the ACKs are the owner's */
	fake_env_advance(&s.fake, 32000);
	assert_int_equal(o.overs, 1);
	assert_int_equal(o.failures, 0);
	answer(&s, 200, "INVITE", "one");
	assert_int_equal(o.answers, 3);
	script_finish(&s);
}

static void cancel_waits_for_a_provisional_answer(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	struct sipside_client *c = begin(&s, S_INVITE, &o);

	sipside_client_cancel(c);
	assert_int_equal(s.sent, 1);
	answer(&s, 180, "INVITE", "x");
	assert_string_equal(s.first[1], "CANCEL sip:bob@corp.example SIP/2.0");
	assert_non_null(strstr(s.last, "CSeq: 7 CANCEL\r\n"));
	assert_non_null(strstr(s.last, "To: <sip:bob@corp.example>\r\n"));
	sipside_client_cancel(c);
	assert_int_equal(s.sent, 2);
	answer(&s, 200, "CANCEL", "x");
	assert_int_equal(o.answers, 1);
	answer(&s, 487, "INVITE", "x");
	assert_int_equal(o.status, 487);
	assert_int_equal(o.failures, 0);
	script_finish(&s);
}

static void cancel_that_nobody_heeds_ends_after_64_t1(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	struct sipside_client *c = begin(&s, S_INVITE, &o);

	answer(&s, 180, "INVITE", "x");
	fake_env_advance(&s.fake, 100000);
	sipside_client_cancel(c);
	fake_env_advance(&s.fake, 32000);
	assert_int_equal(o.why, REASON_NO_ANSWER);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	script_finish(&s);
}

static void lost_connection_says_whether_it_may_have_arrived(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_TCP);
	begin(&s, S_MESSAGE, &o);
	s.watch->lost(s.watch->arg, REASON_CONNECTION_LOST, STR("reset"));
	assert_int_equal(o.why, REASON_CONNECTION_LOST);
	begin(&s, S_MESSAGE, &o);
	s.watch->lost(s.watch->arg, REASON_UNREACHABLE, STR("refused"));
	assert_int_equal(o.why, REASON_UNREACHABLE);
	assert_int_equal(sipside_transactions_clients(s.layer), 0);
	script_finish(&s);
}

static void a_send_that_is_refused_calls_nobody_back(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	s.refuse = REASON_TOO_LARGE;
	assert_null(begin(&s, S_MESSAGE, &o));
	fake_env_advance(&s.fake, 64000);
	assert_int_equal(o.answers + o.failures + o.overs, 0);
	script_finish(&s);
}

static void icmp_error_ends_only_what_was_never_answered(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_MESSAGE, &o);
	sipside_transactions_undelivered(s.layer, &s.peer, str_cut(str_c(s.last), 0, 60)); /* cut inside the branch */
	assert_int_equal(o.failures, 0);
	sipside_transactions_undelivered(s.layer, &s.peer, str_cut(str_c(s.last), 0, 200));
	assert_int_equal(o.why, REASON_UNREACHABLE);
	begin(&s, S_MESSAGE, &o);
	answer(&s, 100, "MESSAGE", "x");
	sipside_transactions_undelivered(s.layer, &s.peer, str_c(s.last));
	assert_int_equal(o.failures, 1);
	script_finish(&s);
}

static void strangers_and_malformed_answers_are_dropped(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_MESSAGE, &o);
	answer(&s, 200, "INVITE", "x"); /* our branch, another method */
	script_receive(&s, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
			   "To: <sip:a@b>;tag=2\r\nCall-ID: c1\r\nCSeq: 7 MESSAGE\r\n\r\n");
	script_receive(&s, "SIP/2.0 2000 OK\r\n\r\n");
	assert_int_equal(o.answers, 0);
	assert_int_equal(s.fake.counts[EVENT_MALFORMED], 1);
	assert_int_equal(s.sent, 1);
	script_finish(&s);
}

static void shutting_down_tells_every_owner(void **state)
{
	struct outcome o = { 0 };
	struct script s;

	(void)state;
	script_init(&s, SIPSIDE_UDP);
	begin(&s, S_MESSAGE, &o);
	sipside_client_abandon(begin(&s, S_MESSAGE, &o));
	script_finish(&s);
	assert_int_equal(o.failures, 1);
	assert_int_equal(o.why, REASON_SHUTTING_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_over_udp_is_sent_again_until_timer_f),
		cmocka_unit_test(provisional_answer_slows_the_message_to_t2),
		cmocka_unit_test(stream_sends_once_and_forgets_at_the_answer),
		cmocka_unit_test(invite_over_udp_timers_a_and_b),
		cmocka_unit_test(ringing_invite_waits_without_end),
		cmocka_unit_test(refused_invite_is_acked_for_timer_d),
		cmocka_unit_test(accepted_invite_hands_up_every_2xx_for_timer_m),
		cmocka_unit_test(cancel_waits_for_a_provisional_answer),
		cmocka_unit_test(cancel_that_nobody_heeds_ends_after_64_t1),
		cmocka_unit_test(lost_connection_says_whether_it_may_have_arrived),
		cmocka_unit_test(a_send_that_is_refused_calls_nobody_back),
		cmocka_unit_test(icmp_error_ends_only_what_was_never_answered),
		cmocka_unit_test(strangers_and_malformed_answers_are_dropped),
		cmocka_unit_test(shutting_down_tells_every_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Where a request goes, who is next when it provably did not arrive, and the pager's queue above it. */
#include "tests/sipside/usage/desk.h"

static const struct sipside_route two[] = {
	{ .name = STR_INIT("second"), .to = { SIPSIDE_TCP, STR_INIT("192.0.2.2"), 5060 }, .priority = 2 },
	{ .name = STR_INIT("first"), .to = { SIPSIDE_TCP, STR_INIT("192.0.2.1"), 0 }, .priority = 1 },
};
static const struct sipside_route udp[] = {
	{ .name = STR_INIT("udp"), .to = { SIPSIDE_UDP, STR_INIT("192.0.2.1"), 5090 }, .priority = 1 }
};
static const struct sipside_route named[] = {
	{ .name = STR_INIT("nowhere"), .to = { SIPSIDE_TCP, STR_INIT("no.such.example"), 0 }, .priority = 1 },
	{ .name = STR_INIT("fe"), .to = { SIPSIDE_TCP, STR_INIT("fe.corp.example"), 0 }, .priority = 2 },
};

static void page(struct desk *k, const char *text)
{
	struct s_request r = desk_to_bob(S_MESSAGE, text);

	assert_int_equal(sipside_page(k->d, &r, desk_done, k), REASON_NONE);
}

static void the_next_route_while_nothing_arrived(void **state)
{
	struct desk k;

	(void)state;
	desk_open(&k, "simple", two, 2);
	k.refuse_tcp = REASON_UNREACHABLE;
	page(&k, "one");
	desk_heard(&k, ""); /* nothing before the call has returned */
	env_end_turn(&k.fake.env);
	desk_heard(&k, "route first unreachable; route second unreachable; done unreachable 0 unprocessed; ");
	k.refuse_tcp = REASON_NONE;
	page(&k, "two"); /* both are held down: the first one is tried all the same */
	const char *message = desk_sent(&k, "MESSAGE sip:bob@corp.example SIP/2.0\r\n");

	assert_true(sipside_target_port(&k.to[0]) == 5060);
	assert_int_equal(k.to[0].addr.v4.sin_addr.s_addr, htonl(0xc0000201));
	desk_answer(&k, message, 200, "OK", "b", "");
	desk_heard(&k, "route first ok; done ok 200; ");
	desk_close(&k);
}

static void no_second_try_where_it_may_have_arrived(void **state)
{
	struct desk k;

	(void)state;
	desk_open(&k, "simple", two, 2);
	page(&k, "one");
	desk_sent(&k, "MESSAGE ");
	fake_env_advance(&k.fake, 33000);
	desk_silent(&k);
	desk_heard(&k, "route first no-answer; done no-answer 0; ");
	desk_close(&k);
}

static void a_503_leads_to_the_next_route(void **state)
{
	struct desk k;

	(void)state;
	desk_open(&k, "simple", two, 2);
	page(&k, "one");
	const char *one = desk_sent(&k, "MESSAGE ");

	desk_answer(&k, one, 503, "Service Unavailable", "b", "Retry-After: 7\n");
	const char *again = desk_sent(&k, "MESSAGE ");

	assert_int_equal(k.to[1].addr.v4.sin_addr.s_addr, htonl(0xc0000202));
	assert_string_not_equal(desk_header(one, "Via"), desk_header(again, "Via")); /* a new branch */
	assert_string_equal(desk_header(one, "Call-ID"), desk_header(again, "Call-ID"));
	desk_answer(&k, again, 200, "OK", "b", "");
	page(&k, "two"); /* the first wants to be left alone for 7 s */
	desk_answer(&k, desk_sent(&k, "MESSAGE "), 200, "OK", "b", "");
	assert_int_equal(k.to[2].addr.v4.sin_addr.s_addr, htonl(0xc0000202));
	fake_env_advance(&k.fake, 10000);
	page(&k, "three");
	desk_answer(&k, desk_sent(&k, "MESSAGE "), 503, "Service Unavailable", "b", ""); /* of this message only */
	assert_int_equal(k.to[3].addr.v4.sin_addr.s_addr, htonl(0xc0000201));
	desk_answer(&k, desk_sent(&k, "MESSAGE "), 503, "Service Unavailable", "b", "");
	desk_heard(&k, "route first sip-status; route second ok; done ok 200; done ok 200; "
		       "done sip-status 503 unprocessed; ");
	desk_close(&k);
}

static void a_challenge_is_answered_once(void **state)
{
	static const struct sipside_route guarded = { .name = STR_INIT("guarded"),
		.to = { SIPSIDE_TCP, STR_INIT("192.0.2.1"), 0 },
		.user = STR_INIT("tombolo"),
		.password = STR_INIT("secret") };
	struct desk k;

	(void)state;
	desk_open(&k, "simple", &guarded, 1);
	page(&k, "one");
	const char *plain = desk_sent(&k, "MESSAGE ");

	desk_answer(&k, plain, 407, "Proxy Authentication Required", "b",
		"Proxy-Authenticate: Digest realm=\"r\", nonce=\"n1\", algorithm=SHA-512-256\n"
		"Proxy-Authenticate: Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256, qop=\"auth\"\n");
	const char *second = desk_sent(&k, "MESSAGE ");

	assert_string_equal(desk_header(plain, "CSeq"), "1 MESSAGE");
	assert_string_equal(desk_header(second, "CSeq"), "2 MESSAGE");
	assert_string_not_equal(desk_header(plain, "Via"), desk_header(second, "Via"));
	assert_non_null(
		strstr(desk_header(second, "Proxy-Authorization"), "nonce=\"n2\", uri=\"sip:bob@corp.example\""));
	desk_answer(&k, second, 407, "Proxy Authentication Required", "b",
		"Proxy-Authenticate: Digest realm=\"r\", nonce=\"n3\", stale=true\n");
	const char *third = desk_sent(&k, "MESSAGE ");

	assert_string_equal(desk_header(third, "CSeq"), "3 MESSAGE");
	assert_non_null(strstr(desk_header(third, "Proxy-Authorization"), "nonce=\"n3\""));
	desk_answer(&k, third, 401, "Unauthorized", "b", "WWW-Authenticate: Digest realm=\"s\", nonce=\"n4\"\n");
	const char *fourth = desk_sent(&k, "MESSAGE "); /* both answers go along */

	assert_true(*desk_header(fourth, "Authorization") && *desk_header(fourth, "Proxy-Authorization"));
	desk_answer(&k, fourth, 401, "Unauthorized", "b", "WWW-Authenticate: Digest realm=\"s\", nonce=\"n5\"\n");
	desk_heard(&k, "route guarded ok; done sip-status 401; "); /* the password is wrong */
	desk_close(&k);
}

static void names_are_looked_up(void **state)
{
	struct desk k;

	(void)state;
	desk_open(&k, "simple", named, 2);
	page(&k, "one");
	env_end_turn(&k.fake.env);
	desk_sent(&k, "MESSAGE ");
	assert_int_equal(k.to[0].addr.v4.sin_addr.s_addr, htonl(0xc0000201)); /* from the hosts table */
	desk_heard(&k, "route nowhere unreachable; ");
	desk_close(&k);
}

static void large_requests_leave_udp(void **state)
{
	struct desk k;
	char *text = calloc(1, 1401);

	(void)state;
	memset(text, 'x', 1400);
	desk_open(&k, "simple", udp, 1);
	page(&k, "small");
	desk_sent(&k, "MESSAGE ");
	assert_int_equal(k.to[0].transport, SIPSIDE_UDP);
	desk_answer(&k, k.sent[0], 200, "OK", "b", "");
	page(&k, text);
	desk_sent(&k, "MESSAGE ");
	assert_int_equal(k.to[1].transport, SIPSIDE_TCP);
	assert_int_equal(sipside_target_port(&k.to[1]), 5090);
	desk_answer(&k, k.sent[1], 200, "OK", "b", "");
	k.refuse_tcp = REASON_UNREACHABLE; /* no TCP there: UDP after all */
	page(&k, text);
	env_end_turn(&k.fake.env);
	desk_sent(&k, "MESSAGE ");
	assert_int_equal(k.to[2].transport, SIPSIDE_UDP);
	desk_heard(&k, "route udp ok; done ok 200; done ok 200; ");
	free(text);
	desk_close(&k);
}

static void pages_to_one_uri_go_one_by_one(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "x"), carol = desk_to_bob(S_MESSAGE, "for carol");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "simple");
	page(&k, "one");
	page(&k, "two");
	r.to.user = STR("BOB"); /* one user */
	assert_int_equal(sipside_page(k.d, &r, desk_done, &k), REASON_NONE);
	carol.to.user = STR("carol");
	assert_int_equal(sipside_page(k.d, &carol, desk_done, &k), REASON_NONE);
	const char *one = desk_sent(&k, "MESSAGE sip:bob@");

	assert_string_equal(desk_header(one, "Contact"), "");
	desk_sent(&k, "MESSAGE sip:carol@");
	desk_silent(&k);
	desk_answer(&k, one, 202, "Accepted", "b", "");
	assert_non_null(strstr(desk_sent(&k, "MESSAGE sip:bob@"), "\r\n\r\ntwo"));
	desk_silent(&k);
	for (int i = 0; i < 98; i++)
		page(&k, "more");
	assert_int_equal(sipside_page(k.d, &r, desk_done, &k), REASON_QUEUE_FULL);
	desk_close(&k);
	assert_non_null(strstr(k.heard, "done shutting-down 0"));
}

static void nothing_given_can_add_a_header_line(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "x");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "simple");
	r.display = STR("A\r\nEvil: 1\"\\");
	r.subject = STR("s\r\nEvil: 2");
	r.body.lang = STR("en\nEvil: 3");
	r.call_id = STR("c\r\nEvil: 4");
	r.from.user = STR("ann\r\nEvil: 5");
	r.to.user = STR("bob>\r\nEvil: 6");
	assert_int_equal(sipside_page(k.d, &r, desk_done, &k), REASON_NONE);
	const char *text = desk_sent(&k, "MESSAGE ");

	assert_null(strstr(text, "\nEvil"));
	assert_null(strstr(text, "\rEvil"));
	assert_string_equal(desk_header(text, "Subject"), "s  Evil: 2");
	desk_close(&k);
}

static void probe_asks_one_route(void **state)
{
	struct desk k;

	(void)state;
	desk_open(&k, "simple", two, 2);
	assert_int_equal(sipside_probe(k.d, STR("third"), desk_done, &k), REASON_NO_ROUTE);
	assert_int_equal(sipside_probe(k.d, STR("second"), desk_done, &k), REASON_NONE);
	desk_answer(&k, desk_sent(&k, "OPTIONS sip:192.0.2.2 SIP/2.0\r\n"), 405, "No", "b", "");
	desk_heard(&k, "route second ok; done sip-status 405; ");
	desk_close(&k);
}

/* -- Who may come in, as whom, to whom */

static void ask(struct desk *k, const char *from, const char *to, const char *lines)
{
	static unsigned branch;
	char text[1024];

	snprintf(text, sizeof(text),
		"MESSAGE %s SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKd%u\nMax-Forwards: 70\n"
		"From: <%s>;tag=1\nTo: <%s>\nCall-ID: d%u\nCSeq: 1 MESSAGE\n%sContent-Type: text/plain\n\nhi",
		to, branch, from, to, branch, lines);
	branch++;
	desk_receive(k, text);
}

static void who_may_speak_as_whom(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "simple");
	ask(&k, "sip:bob@corp.example", "sip:ann@xmpp.example", "");
	desk_sent(&k, "SIP/2.0 200 ");
	ask(&k, "sip:bob@other.example", "sip:ann@xmpp.example", "");
	desk_sent(&k, "SIP/2.0 403 ");
	ask(&k, "sip:x@other.example", "sip:ann@xmpp.example",
		"P-Asserted-Identity: <tel:+15550100>, \"Bob\" <SIP:bob2@CORP.example>\n");
	desk_sent(&k, "SIP/2.0 200 ");
	ask(&k, "sip:bob@corp.example", "sip:ann@elsewhere.example", "");
	desk_sent(&k, "SIP/2.0 404 ");
	ask(&k, "sip:bob@corp.example", "sip:xmpp.example", "");
	desk_sent(&k, "SIP/2.0 404 ");
	desk_heard(&k, "new 5 bob@corp.example>ann; new 5 bob2@corp.example>ann; ");
	assert_true(sipside_target_set(&k.peer, SIPSIDE_TCP, STR("198.51.100.1"), 5060));
	ask(&k, "sip:bob@corp.example", "sip:ann@xmpp.example", "");
	desk_sent(&k, "SIP/2.0 403 ");
	desk_close(&k);
}

static void refusals_carry_what_they_owe(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "simple");
	k.accept = false;
	ask(&k, "sip:bob@corp.example", "sip:ann@xmpp.example", "");
	sipside_answer(k.ticket, &(struct s_result){ .why = REASON_LINK_DOWN, .words = STR("a \"word\"\r\nX: y") });
	const char *text = desk_sent(&k, "SIP/2.0 503 ");

	assert_string_equal(desk_header(text, "Retry-After"), "5");
	assert_string_equal(desk_header(text, "Warning"), "399 br1.example \"a \\\"word\\\"  X: y\"");
	desk_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_route_while_nothing_arrived),
		cmocka_unit_test(no_second_try_where_it_may_have_arrived),
		cmocka_unit_test(a_503_leads_to_the_next_route),
		cmocka_unit_test(a_challenge_is_answered_once),
		cmocka_unit_test(names_are_looked_up),
		cmocka_unit_test(large_requests_leave_udp),
		cmocka_unit_test(pages_to_one_uri_go_one_by_one),
		cmocka_unit_test(nothing_given_can_add_a_header_line),
		cmocka_unit_test(probe_asks_one_route),
		cmocka_unit_test(who_may_speak_as_whom),
		cmocka_unit_test(refusals_carry_what_they_owe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

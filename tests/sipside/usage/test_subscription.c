/* SPDX-License-Identifier: MIT */
/* Both ends of a presence subscription on a virtual clock (conformance.md 5.1, 5.2). */
#include "tests/sipside/usage/desk.h"

/* -- We watch Bob */

static const char *ann_watches(struct desk *k, int expires_s)
{
	struct s_request r = desk_to_bob(S_SUBSCRIBE, "");
	enum reason why;

	r.expires_s = expires_s;
	k->usage = sipside_begin(k->d, &r, &desk_owner, k, &why);
	assert_non_null(k->usage);
	return desk_sent(k, "SUBSCRIBE sip:bob@corp.example SIP/2.0\r\n");
}

static void notify_by(struct desk *k, const char *method, const char *subscribe, const char *from_tag, unsigned cseq,
	const char *lines)
{
	static unsigned branch;
	char text[2048];

	snprintf(text, sizeof(text),
		"%s sip:br1.example:5060;transport=tcp SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKn%u\n"
		"Record-Route: <sip:p1.corp.example;lr>\nMax-Forwards: 70\n"
		"From: <sip:bob@corp.example>;tag=%s;epid=5\nTo: %s\nCall-ID: %s\nCSeq: %u %s\n"
		"Contact: <sip:192.0.2.9:5070;transport=tcp>\n%s\n",
		method, ++branch, from_tag, desk_header(subscribe, "From"), desk_header(subscribe, "Call-ID"), cseq,
		method, lines);
	desk_receive(k, text);
}

static void notify(struct desk *k, const char *subscribe, const char *from_tag, unsigned cseq, const char *lines)
{
	notify_by(k, "NOTIFY", subscribe, from_tag, cseq, lines);
}

#define PRESENCE "Event: presence\n"

static void a_subscription_lives(void **state)
{
	struct s_request refresh = { .method = S_SUBSCRIBE, .expires_s = 600 };
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *subscribe = ann_watches(&k, 600);

	assert_string_equal(desk_header(subscribe, "Event"), "presence");
	assert_string_equal(desk_header(subscribe, "Accept"), "application/pidf+xml");
	assert_string_equal(desk_header(subscribe, "Expires"), "600");
	assert_string_equal(desk_header(subscribe, "Contact"), "<sip:br1.example:5060;transport=tcp>");
	/* the NOTIFY before the 200, and it makes the dialog */
	notify(&k, subscribe, "b1", 10, PRESENCE "Subscription-State: pending;expires=500\n");
	desk_sent(&k, "SIP/2.0 200 OK");
	notify(&k, subscribe, "b2", 10, PRESENCE "Subscription-State: active\n"); /* another fork */
	desk_sent(&k, "SIP/2.0 481 ");
	desk_answer(&k, subscribe, 200, "OK", "b1", "Expires: 9999\n");
	desk_heard(&k, "request 8 pending expires=500; route fe1 ok; up 200 expires=600; ");
	notify(&k, subscribe, "b1", 9, PRESENCE "Subscription-State: active;expires=400\n");
	desk_sent(&k, "SIP/2.0 500 ");
	assert_int_equal(sipside_send(k.usage, &refresh, desk_done, &k), REASON_NONE);
	env_end_turn(&k.fake.env);
	const char *again = desk_sent(&k, "SUBSCRIBE sip:192.0.2.9:5070;transport=tcp SIP/2.0\r\n");

	assert_string_equal(desk_header(again, "To"), "<sip:bob@corp.example>;tag=b1;epid=5");
	assert_string_equal(desk_header(again, "Route"), "<sip:p1.corp.example;lr>");
	assert_string_equal(desk_header(again, "CSeq"), "2 SUBSCRIBE");
	desk_answer(&k, again, 503, "Service Unavailable", "", "Retry-After: 30\n"); /* the subscription stays */
	desk_heard(&k, "done sip-status 503 unprocessed; ");
	notify(&k, subscribe, "b1", 11, PRESENCE "Subscription-State: terminated;reason=rejected\n");
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_heard(&k, "request 8 terminated; ended ok 0; ");
	desk_close(&k);
}

static void nobody_notifies_until_timer_n(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *subscribe = ann_watches(&k, 600);

	desk_answer(&k, subscribe, 202, "Accepted", "b1", "");
	desk_heard(&k, "route fe1 ok; up 202 expires=600; ");
	fake_env_advance(&k.fake, 31900);
	desk_heard(&k, "");
	fake_env_advance(&k.fake, 200);
	desk_heard(&k, "ended no-notify 0; ");
	desk_silent(&k);
	desk_close(&k);
}

static void refusals_and_fatal_refreshes_end_it(void **state)
{
	static const int refused[] = { 403, 404, 423, 489 };
	static const int fatal[] = { 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604 };
	struct s_request refresh = { .method = S_SUBSCRIBE, .expires_s = 600 };
	struct desk k;
	char want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		desk_open_tcp(&k, "lync");
		desk_answer(&k, ann_watches(&k, 600), refused[i], "No", "b1", "Min-Expires: 900\n");
		snprintf(want, sizeof(want), "route fe1 ok; ended sip-status %d; ", refused[i]);
		desk_heard(&k, want);
		desk_close(&k);
	}
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		desk_open_tcp(&k, "lync");
		const char *subscribe = ann_watches(&k, 600);

		notify(&k, subscribe, "b1", 1, PRESENCE "Subscription-State: active\n");
		desk_answer(&k, subscribe, 200, "OK", "b1", "");
		k.heard[0] = 0;
		assert_int_equal(sipside_send(k.usage, &refresh, desk_done, &k), REASON_NONE);
		env_end_turn(&k.fake.env);
		k.seen = k.count - 1;
		desk_answer(&k, desk_sent(&k, "SUBSCRIBE "), fatal[i], "No", "", "");
		assert_non_null(strstr(k.heard, " gone"));
		assert_non_null(strstr(k.heard, "ended sip-status "));
		desk_close(&k);
	}
}

static void leaving_unsubscribes_and_hears_the_last_notify(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *subscribe = ann_watches(&k, 600);

	notify(&k, subscribe, "b1", 1, PRESENCE "Subscription-State: active\n");
	desk_sent(&k, "SIP/2.0 200 ");
	sipside_end(k.usage); /* before the SUBSCRIBE has its answer */
	env_end_turn(&k.fake.env);
	desk_silent(&k);
	desk_answer(&k, subscribe, 200, "OK", "b1", "");
	const char *last = desk_sent(&k, "SUBSCRIBE ");

	assert_string_equal(desk_header(last, "Expires"), "0");
	desk_answer(&k, last, 200, "OK", "", "");
	notify(&k, subscribe, "b1", 2, PRESENCE "Subscription-State: terminated;reason=timeout\n");
	desk_sent(&k, "SIP/2.0 200 ");
	notify(&k, subscribe, "b1", 3, PRESENCE "Subscription-State: terminated\n");
	desk_sent(&k, "SIP/2.0 481 ");
	desk_heard(&k, "request 8 active; route fe1 ok; ");
	desk_close(&k);
}

static void bad_notifies_are_refused(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *subscribe = ann_watches(&k, 600);

	notify(&k, subscribe, "b1", 1, PRESENCE);
	desk_sent(&k, "SIP/2.0 400 ");
	notify(&k, subscribe, "b1", 2, "Event: dialog\nSubscription-State: active\n");
	assert_string_equal(desk_header(desk_sent(&k, "SIP/2.0 489 "), "Allow-Events"), "presence");
	desk_heard(&k, "");
	desk_close(&k);
}

static void benotify_is_heard_and_never_answered(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *subscribe = ann_watches(&k, 600);

	notify(&k, subscribe, "b1", 1, PRESENCE "Subscription-State: active\n");
	desk_sent(&k, "SIP/2.0 200 ");
	notify_by(&k, "BENOTIFY", subscribe, "b1", 2, PRESENCE "Subscription-State: active;expires=7\n");
	notify_by(&k, "BENOTIFY", subscribe, "b1", 1, PRESENCE "Subscription-State: active;expires=8\n"); /* old */
	notify_by(&k, "BENOTIFY", subscribe, "b9", 3, PRESENCE "Subscription-State: active\n");
	notify_by(&k, "BENOTIFY", subscribe, "b1", 4, PRESENCE);
	notify_by(&k, "BENOTIFY", subscribe, "b1", 5, PRESENCE "Subscription-State: terminated\n");
	desk_silent(&k);
	desk_heard(&k, "request 8 active; request 8 active expires=7; request 8 terminated; ended ok 0; ");
	desk_close(&k);
}

/* -- Bob watches us */

static void bob_subscribes(struct desk *k, unsigned cseq, const char *to, const char *lines)
{
	char text[2048];

	snprintf(text, sizeof(text),
		"SUBSCRIBE %s SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKs%u\nMax-Forwards: 70\n"
		"Record-Route: <sip:192.0.2.1:5060;transport=tcp;lr;opaque=%%41>\n"
		"From: \"Bob\" <sip:bob@corp.example>;tag=w1;epid=0a1b\nTo: %s\nCall-ID: watch-1\n"
		"CSeq: %u SUBSCRIBE\nContact: <sip:bob@corp.example;opaque=user:epid:x;gruu>\n"
		"Proxy-Require: ms-benotify\nSupported: ms-benotify, ms-piggyback-first-notify\n%s\n",
		strstr(to, ";tag=") ? "sip:br1.example:5060;transport=tcp" : "sip:ann@xmpp.example", cseq, to, cseq,
		lines);
	desk_receive(k, text);
}

static struct s_request state_of(enum s_substate state, int expires_s, const char *body)
{
	return (struct s_request){ .method = S_NOTIFY,
		.state = state,
		.state_reason = state == S_SUB_TERMINATED ? S_WHY_TIMEOUT : S_WHY_NONE,
		.expires_s = expires_s,
		.body = { *body ? STR("application/pidf+xml") : STR_NONE, STR_NONE, str_c(body) } };
}

static void tell(struct desk *k, enum s_substate state, const char *body)
{
	struct s_request r = state_of(state, 1800, body);

	assert_int_equal(sipside_send(k->usage, &r, desk_done, k), REASON_NONE);
}

static const char *watched(struct desk *k)
{
	bob_subscribes(k, 5, "<sip:ann@xmpp.example>;epid=9", PRESENCE "Expires: 28800\n");
	desk_heard(k, "new 7 bob@corp.example>ann; ");
	return desk_sent(k, "SIP/2.0 200 OK");
}

static void a_watcher_is_notified_one_at_a_time(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = watched(&k);

	assert_string_equal(desk_header(ok, "Expires"), "1800");
	assert_non_null(
		strstr(ok, "Record-Route: <sip:br1.example:5060;transport=tcp;lr>\r\nRecord-Route: <sip:192.0.2.1"));
	tell(&k, S_SUB_PENDING, "");
	tell(&k, S_SUB_ACTIVE, "one");
	tell(&k, S_SUB_ACTIVE, "two");
	desk_heard(&k, "");
	const char *pending = desk_sent(&k, "NOTIFY sip:bob@corp.example;opaque=user:epid:x;gruu SIP/2.0\r\n");

	assert_string_equal(desk_header(pending, "Subscription-State"), "pending;expires=1800");
	assert_string_equal(desk_header(pending, "Route"), "<sip:192.0.2.1:5060;transport=tcp;lr;opaque=%41>");
	assert_string_equal(desk_header(pending, "To"), "\"Bob\" <sip:bob@corp.example>;tag=w1;epid=0a1b");
	assert_string_equal(desk_header(pending, "From"), desk_header(ok, "To"));
	assert_true(*desk_header(pending, "Contact"));
	desk_silent(&k);
	env_end_turn(&k.fake.env);
	desk_heard(&k, "done superseded 0 unprocessed; ");
	desk_answer(&k, pending, 200, "OK", "", "");
	const char *active = desk_sent(&k, "NOTIFY ");

	assert_non_null(strstr(active, "\r\n\r\ntwo"));
	assert_string_equal(desk_header(active, "CSeq"), "2 NOTIFY");
	desk_answer(&k, active, 500, "Server Error", "", ""); /* keeps it */
	desk_heard(&k, "route fe1 ok; done ok 200; done sip-status 500; ");
	tell(&k, S_SUB_TERMINATED, "");
	const char *last = desk_sent(&k, "NOTIFY ");

	assert_string_equal(desk_header(last, "Subscription-State"), "terminated;reason=timeout");
	desk_answer(&k, last, 200, "OK", "", "");
	desk_heard(&k, "done ok 200; ended ok 0; ");
	desk_close(&k);
}

static void refresh_and_unsubscribe_are_tickets(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	char *to = strdup(desk_header(watched(&k), "To"));

	bob_subscribes(&k, 6, to, PRESENCE); /* this client never says Expires */
	desk_heard(&k, "request 7; ");
	assert_string_equal(desk_header(desk_sent(&k, "SIP/2.0 200 OK"), "Expires"), "3600");
	bob_subscribes(&k, 7, to, PRESENCE "Expires: 0\n");
	desk_heard(&k, "request 7 expires=0; ");
	assert_string_equal(desk_header(desk_sent(&k, "SIP/2.0 200 OK"), "Expires"), "0");
	bob_subscribes(&k, 8, to, "Event: presence;id=2\nExpires: 60\n");
	desk_sent(&k, "SIP/2.0 403 ");
	bob_subscribes(&k, 9, "<sip:ann@xmpp.example>;tag=unknown", PRESENCE);
	desk_sent(&k, "SIP/2.0 481 ");
	desk_heard(&k, "");
	free(to);
	desk_close(&k);
}

static void what_we_cannot_serve_is_refused(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	bob_subscribes(&k, 1, "<sip:ann@xmpp.example>", PRESENCE "Accept: text/xml+msrtc.pidf\n");
	desk_sent(&k, "SIP/2.0 406 ");
	bob_subscribes(&k, 2, "<sip:ann@xmpp.example>", "Event: presence.winfo\n");
	desk_sent(&k, "SIP/2.0 489 ");
	bob_subscribes(&k, 3, "<sip:ann@xmpp.example>", PRESENCE "Accept: text/xml+msrtc.pidf, application/pidf+xml\n");
	desk_sent(&k, "SIP/2.0 200 ");
	desk_close(&k);
}

static void answers_to_notify_that_end_the_watch(void **state)
{
	static const int fatal[] = { 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604 };
	struct desk k;

	(void)state;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		desk_open_tcp(&k, "lync");
		watched(&k);
		tell(&k, S_SUB_ACTIVE, "x");
		desk_answer(&k, desk_sent(&k, "NOTIFY "), fatal[i], "No", "", "");
		assert_non_null(strstr(k.heard, "ended sip-status "));
		desk_close(&k);
	}
	desk_open_tcp(&k, "lync");
	watched(&k);
	tell(&k, S_SUB_ACTIVE, "x");
	fake_env_advance(&k.fake, 33000);
	desk_heard(&k, "route fe1 no-answer; done no-answer 0 gone; ended no-answer 0; ");
	desk_close(&k);
}

/* RFC 3261 8.1.1.5: numbers only rise, through any number of crashes. */
static void cseq_is_reserved_in_blocks(void **state)
{
	char saved[8192];
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	watched(&k);
	memcpy(saved, k.kept, sizeof(saved));
	for (unsigned crash = 1; crash <= 3; crash++) {
		char want[32];

		desk_close(&k);
		desk_start = crash;
		desk_open_tcp(&k, "lync");
		k.usage = sipside_restore(k.d, str_c(saved), &desk_owner, &k);
		assert_non_null(k.usage);
		assert_string_equal(k.kept, ""); /* a hundred thousand need not be written at start */
		tell(&k, S_SUB_ACTIVE, "x");
		assert_string_equal(k.kept, ""); /* nor before it is used: every start owns a block */
		snprintf(want, sizeof(want), "%u NOTIFY", crash * 65536 + 1);
		assert_string_equal(desk_header(desk_sent(&k, "NOTIFY "), "CSeq"), want);
	}
	desk_start = 0;
	desk_close(&k);
}

static void leaving_as_notifier_says_nothing_more(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	watched(&k);
	tell(&k, S_SUB_TERMINATED, "");
	sipside_end(k.usage);
	env_end_turn(&k.fake.env);
	desk_answer(&k, desk_sent(&k, "NOTIFY "), 200, "OK", "", "");
	desk_heard(&k, "route fe1 ok; done ok 200; ");
	desk_silent(&k);
	desk_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subscription_lives),
		cmocka_unit_test(nobody_notifies_until_timer_n),
		cmocka_unit_test(refusals_and_fatal_refreshes_end_it),
		cmocka_unit_test(leaving_unsubscribes_and_hears_the_last_notify),
		cmocka_unit_test(bad_notifies_are_refused),
		cmocka_unit_test(benotify_is_heard_and_never_answered),
		cmocka_unit_test(a_watcher_is_notified_one_at_a_time),
		cmocka_unit_test(refresh_and_unsubscribe_are_tickets),
		cmocka_unit_test(what_we_cannot_serve_is_refused),
		cmocka_unit_test(answers_to_notify_that_end_the_watch),
		cmocka_unit_test(cseq_is_reserved_in_blocks),
		cmocka_unit_test(leaving_as_notifier_says_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/contact.h"
#include "tests/component/presence/fake_doors.h"

static const char *const ann = "ann@home.example", *const desk = "ann@home.example/desk",
			 *const bob = "bob@sip.example";

#define PIDF(tuples) "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:bob@corp.example'>" tuples "</presence>"
#define TUPLE(id, basic) "<tuple id='" id "'><status><basic>" basic "</basic></status></tuple>"

static struct sipside_usage *last_usage(void)
{
	return &fake.usages[fake.usages_count - 1];
}

static int notify_typed(enum s_substate state, enum s_subreason why, const char *type, const char *body)
{
	struct sipside_request t = { 0 };
	struct s_request r = { .flow = 2,
		.method = S_NOTIFY,
		.state = state,
		.state_reason = why,
		.expires_s = -1,
		.body = { .type = str_c(type), .bytes = str_c(body) } };
	struct sipside_usage *u = last_usage();

	u->owner->request(u->arg, &t, &r);
	env_end_turn(&fake.env.env);
	return t.status;
}

static void notify(enum s_substate state, enum s_subreason why, const char *body)
{
	notify_typed(state, why, body ? "application/pidf+xml" : NULL, body);
}

static void ended(struct s_result r)
{
	struct sipside_usage *u = last_usage();

	u->alive = false;
	u->owner->ended(u->arg, &r);
	env_end_turn(&fake.env.env);
}

static void up(void)
{
	struct sipside_usage *u = last_usage();

	u->owner->up(u->arg, &(struct s_result){ .status = 200, .expires_s = 3600 });
}

static void subscribed(void)
{
	x_says(desk, X_SUBSCRIBE, bob);
	pass(200);
	took("SUBSCRIBE bob expires=7200\n");
	up();
	notify(S_SUB_PENDING, S_WHY_NONE, NULL);
	took("200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-phone", "open")));
	took("200\n"
	     "subscribed bob@sip.example ann@home.example\n"
	     "available bob@sip.example/phone ann@home.example -\n");
}

static void the_whole_way(void **state)
{
	(void)state;
	subscribed();
	assert_int_equal(fake.env.counts[EVENT_AUTHORIZATION], 2);
	/* a probe is answered from what is known, to who asked */
	x_says(desk, X_PROBE, bob);
	took("available bob@sip.example/phone ann@home.example/desk -\n");
	/* the same again is not repeated; a vanished tuple is unavailable */
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-phone", "open")));
	took("200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-tablet", "open")));
	took("200\n"
	     "unavailable bob@sip.example/phone ann@home.example\n"
	     "available bob@sip.example/tablet ann@home.example -\n");
	x_says(desk, X_UNSUBSCRIBE, bob);
	took("unavailable bob@sip.example/tablet ann@home.example\n"
	     "END 0\n"
	     "unsubscribed bob@sip.example ann@home.example\n");
	assert_int_equal(fake.drops, 1);
	x_says(desk, X_UNSUBSCRIBE, bob);
	took("");
}

static void a_wrong_body_is_refused_and_nothing_lost(void **state)
{
	(void)state;
	subscribed();
	assert_int_equal(notify_typed(S_SUB_ACTIVE, S_WHY_NONE, "text/plain", "hello"), 415);
	took("415\n");
	x_says(desk, X_PROBE, bob);
	took("available bob@sip.example/phone ann@home.example/desk -\n");
}

static void an_empty_active_authorises_without_a_state(void **state)
{
	(void)state;
	x_says(ann, X_SUBSCRIBE, bob);
	pass(200);
	took("SUBSCRIBE bob expires=7200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, NULL);
	took("200\nsubscribed bob@sip.example ann@home.example\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("t0", "closed")));
	took("200\nunavailable bob@sip.example ann@home.example\n");
}

static void logout_leaves_and_login_comes_back(void **state)
{
	(void)state;
	subscribed();
	x_says(desk, X_AVAILABLE, bob);
	took("");
	x_says(desk, X_UNAVAILABLE, bob);
	took("END 0\n");
	x_says(desk, X_AVAILABLE, bob);
	x_says(desk, X_PROBE, bob);
	took("unavailable bob@sip.example ann@home.example/desk\n");
	pass(200);
	took("SUBSCRIBE bob expires=7200\n");
	/* Prosody's bare `unavailable` to somebody who was not authorised says nothing of ann (P32) */
	assert_int_equal(fake.usages_count, 2);
}

static void refused_and_rejected(void **state)
{
	(void)state;
	x_says(ann, X_SUBSCRIBE, bob);
	pass(200);
	took("SUBSCRIBE bob expires=7200\n");
	ended((struct s_result){ .why = REASON_SIP_STATUS, .status = 603 });
	took("unsubscribed bob@sip.example ann@home.example\n");
	x_says(ann, X_SUBSCRIBE, bob);
	pass(200);
	up();
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-phone", "open")));
	buf_clear(&fake.log);
	notify(S_SUB_TERMINATED, S_WHY_REJECTED, NULL);
	took("200\n"
	     "unavailable bob@sip.example/phone ann@home.example\n"
	     "unsubscribed bob@sip.example ann@home.example\n");
	ended((struct s_result){ .why = REASON_NONE });
	took("");
	assert_null(fake.ctx.presence->table);
}

static void no_route_is_tried_again(void **state)
{
	(void)state;
	fake.begin_fails = REASON_NO_ROUTE;
	x_says(ann, X_SUBSCRIBE, bob);
	pass(200);
	took("");
	fake.begin_fails = REASON_NONE;
	pass(CONTACT_RETRY_MS + 1000);
	took("SUBSCRIBE bob expires=7200\n");
	ended((struct s_result){ .why = REASON_UNREACHABLE });
	presence_route_up(fake.ctx.presence, &fake.sip);
	pass(200); /* not after the back-off: at once */
	took("SUBSCRIBE bob expires=7200\n");
	ended((struct s_result){ .why = REASON_SIP_STATUS, .status = 480 });
	presence_route_up(fake.ctx.presence, &fake.sip);
	pass(200);
	took("");
}

static void refresh_and_its_late_outcome(void **state)
{
	(void)state;
	subscribed();
	pass(3500 * 1000);
	took("REFRESH 0 expires=7200\n");
	x_says(desk, X_UNSUBSCRIBE, bob); /* while the refresh is out: its outcome finds nobody */
	took("unavailable bob@sip.example/phone ann@home.example\n"
	     "END 0\n"
	     "unsubscribed bob@sip.example ann@home.example\n");
	assert_null(fake.ctx.presence->table);
}

static void strangers_are_told(void **state)
{
	(void)state;
	x_says(ann, X_PROBE, bob);
	took("unsubscribed bob@sip.example ann@home.example\n");
	x_says("eve@elsewhere.example", X_SUBSCRIBE, bob);
	took("error bob@sip.example eve@elsewhere.example forbidden\n");
	x_says("eve@elsewhere.example", X_AVAILABLE, bob);
	x_says("eve@elsewhere.example", X_PRESENCE_ERROR, bob);
	took("");
}

static void a_thousand_logins_are_an_even_stream(void **state)
{
	char to[64];

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		snprintf(to, sizeof(to), "c%u@sip.example", i);
		x_says(ann, X_SUBSCRIBE, to);
	}
	buf_clear(&fake.log);
	pass(1000);
	assert_in_range(fake.usages_count, 15, 25);
	pass(9000);
	assert_in_range(fake.usages_count, 180, 220);
	pass(20000);
	assert_int_equal(fake.usages_count, 500);
}

static void the_table_is_bounded(void **state)
{
	(void)state;
	fake.config.limits.subscriptions = 1;
	x_says(ann, X_SUBSCRIBE, bob);
	x_says(ann, X_SUBSCRIBE, "carl@sip.example");
	took("error carl@sip.example ann@home.example resource-constraint\n");
}

static void after_a_restart(void **state)
{
	struct store_row row = { .kind = STORE_CONTACT, .state = STR("allowed") };

	(void)state;
	row.user = jid(ann);
	row.other = uri("sip:bob@corp.example");
	presence_restore(fake.ctx.presence, &row);
	presence_link(fake.ctx.presence, &fake.link, true);
	pass(1000); /* nobody else will tell us that she is online */
	took("SUBSCRIBE bob expires=7200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-phone", "open")));
	took("200\navailable bob@sip.example/phone ann@home.example -\n");
	presence_link(fake.ctx.presence, &fake.link, false);
	presence_link(fake.ctx.presence, &fake.link, true);
	pass(1000);
	took("available bob@sip.example/phone ann@home.example -\n");
}

#define DATED(show, at)                                                                                                \
	PIDF("<tuple id='ID-phone'><status><basic>open</basic><show xmlns='jabber:client'>" show "</show></status>"    \
	     "<timestamp>" at "</timestamp></tuple>")

static void older_news_is_no_news(void **state) /* P56 */
{
	(void)state;
	subscribed();
	notify(S_SUB_ACTIVE, S_WHY_NONE, DATED("dnd", "2026-03-01T10:00:00Z"));
	took("200\navailable bob@sip.example/phone ann@home.example dnd\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, DATED("away", "2026-03-01T09:59:59Z"));
	took("200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, DATED("away", "2026-03-01T10:00:01Z"));
	took("200\navailable bob@sip.example/phone ann@home.example away\n");
}

static void a_document_speaks_for_nobody_else(void **state) /* P52 */
{
	(void)state;
	subscribed();
	notify(S_SUB_ACTIVE, S_WHY_NONE,
		"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:carl@corp.example'>" TUPLE(
			"ID-desk", "open") "</presence>");
	took("200\n"
	     "unavailable bob@sip.example/phone ann@home.example\n"
	     "available bob@sip.example/desk ann@home.example -\n");
}

static void restored_with_a_dialog(int64_t left_s)
{
	presence_restore(fake.ctx.presence, &(struct store_row){ .kind = STORE_CONTACT,
						    .user = jid(ann),
						    .other = uri("sip:bob@corp.example"),
						    .state = STR("allowed"),
						    .dialog = STR("line"),
						    .expires_unix_s = fake.env.unix_ms / 1000 + left_s });
	presence_link(fake.ctx.presence, &fake.link, true);
	pass(200);
}

static void a_kept_dialog_is_refreshed(void **state)
{
	(void)state;
	restored_with_a_dialog(1000);
	took("REFRESH 0 expires=7200\n");
	notify(S_SUB_ACTIVE, S_WHY_NONE, PIDF(TUPLE("ID-phone", "open")));
	took("200\navailable bob@sip.example/phone ann@home.example -\n");
}

static void a_kept_dialog_that_the_peer_forgot_is_replaced(void **state)
{
	struct s_result gone = { .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true };

	(void)state;
	restored_with_a_dialog(1000);
	took("REFRESH 0 expires=7200\n");
	fake.sends[0].done(fake.sends[0].arg, &gone);
	fake.sends_done = 1;
	ended(gone);
	pass(3000);
	took("SUBSCRIBE bob expires=7200\n");
}

static void a_kept_dialog_that_ran_out_is_begun_anew(void **state)
{
	(void)state;
	restored_with_a_dialog(-5);
	took("SUBSCRIBE bob expires=7200\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(older_news_is_no_news, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_document_speaks_for_nobody_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_dialog_is_refreshed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_dialog_that_the_peer_forgot_is_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_dialog_that_ran_out_is_begun_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_whole_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_body_is_refused_and_nothing_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_active_authorises_without_a_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(logout_leaves_and_login_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_and_rejected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_route_is_tried_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refresh_and_its_late_outcome, set_up, tear_down),
		cmocka_unit_test_setup_teardown(strangers_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_thousand_logins_are_an_even_stream, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_table_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_a_restart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/contact.h"
#include "component/presence/device.h"
#include "component/presence/watcher.h"
#include "tests/component/presence/fake_doors.h"

static const char *const ann = "ann@home.example", *const desk = "ann@home.example/desk",
			 *const phone = "ann@home.example/phone", *const bob = "bob@sip.example";
static struct sipside_request tickets[64];
static unsigned tickets_count;

static struct s_request subscribe(int expires_s)
{
	return (struct s_request){ .flow = 3,
		.method = S_SUBSCRIBE,
		.from = uri("sip:bob@corp.example"),
		.to = uri("sip:ann@home.example"),
		.display = STR("Bob Brown"),
		.expires_s = expires_s };
}

static struct sipside_request *new_ticket(void)
{
	struct sipside_request *t = &tickets[tickets_count++ % 64];

	*t = (struct sipside_request){ 0 };
	return t;
}

/* SUBSCRIBE outside a dialog, up to where the store is asked. */
static struct sipside_request *ask(int expires_s)
{
	struct sipside_request *t = new_ticket();
	struct s_request r = subscribe(expires_s);

	presence_s2x_subscribe(&fake.ctx, &fake.sip, t, &r);
	env_end_turn(&fake.env.env);
	return t;
}

/* The peer answers every NOTIFY that is out. */
static void answered(struct s_result r)
{
	while (fake.sends_done < fake.sends_count) {
		struct fake_send *s = &fake.sends[fake.sends_done++];

		s->done(s->arg, &r);
		if (r.usage_gone && s->usage->alive) {
			s->usage->alive = false;
			s->usage->owner->ended(s->usage->arg, &r);
		}
	}
	env_end_turn(&fake.env.env);
}

static void ok(void)
{
	answered((struct s_result){ .status = 200 });
}

static int in_dialog(unsigned usage, int expires_s)
{
	struct sipside_request *t = new_ticket();
	struct s_request r = subscribe(expires_s);
	struct sipside_usage *u = &fake.usages[usage];

	u->owner->request(u->arg, t, &r);
	env_end_turn(&fake.env.env);
	committed();
	return t->status;
}

static void watching(void)
{
	ask(3600);
	committed();
	ok();
	x_says(ann, X_SUBSCRIBED, bob);
	ok();
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_NONE);
	ok();
	pass(WATCHER_GATHER_MS + 10);
	ok();
	pass(DEVICE_MERGE_MS + 10);
	buf_clear(&fake.log);
}

static void the_whole_way(void **state)
{
	struct sipside_request *t = ask(3600);

	(void)state;
	took("subscribe bob@sip.example ann@home.example nick=Bob Brown\n");
	assert_int_equal(t->status, 0); /* nothing is promised before it is on disk */
	assert_int_equal(fake.puts, 2); /* the question, and the dialog */
	committed();
	took("200\nNOTIFY 0 pending empty\n");
	assert_int_equal(t->expires_s, 3600);
	ok();
	x_says(ann, X_UNAVAILABLE, bob); /* P32 */
	took("");
	x_says(ann, X_SUBSCRIBED, bob);
	took("probe bob@sip.example ann@home.example\n");
	pass(WATCHER_GATHER_MS + 10);
	took("NOTIFY 0 active empty\n"); /* P22: approved, and the server says no more yet */
	ok();
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	took("");
	pass(WATCHER_GATHER_MS + 10); /* each resource speaks for itself */
	took("NOTIFY 0 active away\n");
	ok();
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_DND);
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_XA);
	took("");
	pass(DEVICE_MERGE_MS + 10);
	took("NOTIFY 0 active xa\n"); /* the last state wins */
	ok();
	pass(DEVICE_MERGE_MS);
	x_says(desk, X_UNAVAILABLE, bob);
	took("NOTIFY 0 active closed\n");
	ok();
	assert_int_equal(in_dialog(0, -1), 200);
	took("200\nNOTIFY 0 active closed\n");
	ok();
	assert_int_equal(in_dialog(0, 30), 423);
	took("423\n");
	assert_int_equal(in_dialog(0, 0), 200);
	took("200\nNOTIFY 0 terminated closed\nunavailable bob@sip.example ann@home.example\n");
	ok();
	took("END 0\n");
	assert_true(watcher_is_allowed(fake.ctx.presence->table->watcher)); /* the authorization stays: P27 */
}

static void silence_is_offline(void **state)
{
	(void)state;
	ask(3600);
	committed();
	ok();
	x_says(ann, X_SUBSCRIBED, bob);
	pass(WATCHER_GATHER_MS + 10);
	ok();
	buf_clear(&fake.log);
	pass(WATCHER_PROBE_MS);
	took("NOTIFY 0 active closed\n");
}

static void two_resources(void **state)
{
	(void)state;
	watching();
	x_says_show(phone, X_AVAILABLE, bob, X_SHOW_NONE);
	took("NOTIFY 0 active -\n");
	ok();
	pass(DEVICE_MERGE_MS);
	x_says(desk, X_UNAVAILABLE, bob); /* X24: the other one stays */
	took("NOTIFY 0 active -\n");
	ok();
	pass(DEVICE_MERGE_MS);
	x_says(phone, X_UNAVAILABLE, bob);
	took("NOTIFY 0 active closed\n");
}

static void every_device_is_told(void **state)
{
	(void)state;
	watching();
	ask(3600);
	committed();
	took("200\nNOTIFY 1 active -\n");
	ok();
	pass(DEVICE_MERGE_MS);
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	took("NOTIFY 1 active away\nNOTIFY 0 active away\n");
	ok();
	in_dialog(0, 0);
	took("200\nNOTIFY 0 terminated closed\n"); /* the other device still watches */
	ok();
	took("END 0\n");
}

static void a_polite_block_never_changes(void **state)
{
	(void)state;
	watching();
	x_says(ann, X_UNSUBSCRIBED, bob);
	took("NOTIFY 0 active closed\n");
	ok();
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	pass(20000);
	took("");
	in_dialog(0, 3600);
	took("200\nNOTIFY 0 active closed\n");
	ok();
	ask(3600);
	committed();
	took("200\nNOTIFY 1 active closed\n"); /* and nobody is asked again */
	ok();
	ask(0);
	took("200\nNOTIFY 2 terminated closed\n");
}

static void a_rejection_ends_it(void **state)
{
	(void)state;
	fake.domain.denied = CONFIG_REJECTED;
	watching();
	x_says(ann, X_UNSUBSCRIBED, bob);
	took("NOTIFY 0 terminated empty\n");
	ok();
	took("END 0\n");
	ask(3600);
	took("403\n");
}

static void a_denying_domain(void **state)
{
	(void)state;
	fake.domain.authorize = CONFIG_DENY;
	ask(3600);
	committed();
	took("200\nNOTIFY 0 active closed\n");
	fake.domain.denied = CONFIG_REJECTED;
	ask(3600);
	took("403\n");
}

static void fetches(void **state)
{
	(void)state;
	ask(0); /* a stranger: nothing is said, nobody is asked */
	took("200\nNOTIFY 0 terminated empty\n");
	ok();
	took("END 0\n");
	assert_null(fake.ctx.presence->table);
	watching();
	ask(0);
	took("200\nNOTIFY 2 terminated -\n");
}

static void expiry(void **state)
{
	(void)state;
	watching();
	pass((3600 + 31) * 1000);
	took("NOTIFY 0 terminated closed\nunavailable bob@sip.example ann@home.example\n");
}

static void the_store_failed(void **state)
{
	struct sipside_request *t = ask(3600);

	(void)state;
	durable(REASON_INTERNAL);
	assert_int_equal(t->status, 500);
	assert_int_equal(fake.sends_count, 0);
}

static void a_dead_dialog_is_dropped(void **state)
{
	(void)state;
	watching();
	fake.drops = 0;
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	answered((struct s_result){ .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true });
	assert_int_equal(fake.drops, 1);
	assert_int_equal(fake.ctx.presence->devices, 0);
}

static void too_brief_and_strangers(void **state)
{
	struct sipside_request *t = ask(30);
	struct s_request r = subscribe(3600);

	(void)state;
	assert_int_equal(t->status, 423);
	assert_int_equal(t->min_expires_s, 60);
	r.to = uri("sip:ann@elsewhere.example");
	t = new_ticket();
	presence_s2x_subscribe(&fake.ctx, &fake.sip, t, &r);
	assert_true(t->status >= 400);
	assert_null(fake.ctx.presence->table);
}

static void restore(enum store_kind kind, const char *state, int64_t left_s)
{
	struct store_row row = { .kind = kind,
		.user = jid(ann),
		.other = uri("sip:bob@corp.example"),
		.state = str_c(state),
		.expires_unix_s = fake.env.unix_ms / 1000 + left_s };

	if (kind == STORE_DIALOG) {
		row.key = STR("00000000000000ff");
		row.dialog = STR("line");
	}
	presence_restore(fake.ctx.presence, &row);
}

static void after_a_restart(void **state)
{
	(void)state;
	restore(STORE_DIALOG, "", 1000);
	restore(STORE_WATCHER, "allowed", 0);
	presence_link(fake.ctx.presence, &fake.link, true);
	pass(100);
	took("probe bob@sip.example ann@home.example\n");
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	pass(WATCHER_GATHER_MS + 10);
	took("NOTIFY 0 active away\n"); /* in the old dialog */
	ok();
	assert_int_equal(in_dialog(0, 3600), 200);
}

/* The digest of an earlier life says that he has it already. */
static void after_a_restart_nothing_is_told_twice(void **state)
{
	char told[17] = "";

	(void)state;
	watching();
	memcpy(told, fake.row_state.p, 16);
	tear_down(NULL);
	set_up(NULL);
	restore(STORE_DIALOG, told, 1000);
	restore(STORE_WATCHER, "allowed", 0);
	presence_link(fake.ctx.presence, &fake.link, true);
	pass(100);
	took("probe bob@sip.example ann@home.example\n");
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_NONE);
	pass(WATCHER_GATHER_MS + 10);
	took("");
	x_says_show(desk, X_AVAILABLE, bob, X_SHOW_AWAY);
	took("NOTIFY 0 active away\n");
	ok();
}

static void a_dialog_that_ran_out_while_we_were_down(void **state)
{
	(void)state;
	restore(STORE_WATCHER, "allowed", 0);
	restore(STORE_DIALOG, "", -5000);
	pass(DEVICE_GRACE_MS + 10);
	took("NOTIFY 0 terminated closed\nunavailable bob@sip.example ann@home.example\n");
}

/* P12: what one of the two does to the other's presence leaves his own alone. */
static void the_directions_are_independent(void **state)
{
	(void)state;
	watching();
	x_says(desk, X_SUBSCRIBE, bob);
	pass(200);
	took("SUBSCRIBE bob expires=7200\n");
	x_says(ann, X_UNSUBSCRIBED, bob);
	took("NOTIFY 0 active closed\n");
	ok();
	x_says(desk, X_UNSUBSCRIBE, bob);
	took("END 1\nunsubscribed bob@sip.example ann@home.example\n");
	assert_non_null(fake.ctx.presence->table->watcher);
}

/* Ann says one thing to Bob and another to Carl, who is told nothing of the first. */
static void views_are_apart(void **state)
{
	(void)state;
	watching();
	x_says_show(desk, X_AVAILABLE, "carl@sip.example", X_SHOW_DND);
	pass(20000);
	took("");
}

static void sizes(void **state)
{
	(void)state;
	print_message("bytes: relation %zu + addresses, contact %zu, watcher %zu, device %zu + line\n",
		sizeof(struct relation), contact_size(), watcher_size(), device_size());
	assert_true(sizeof(struct relation) + contact_size() <= 300);
	assert_true(sizeof(struct relation) + watcher_size() + device_size() <= 420);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_whole_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_is_offline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_resources, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_device_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_polite_block_never_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rejection_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_denying_domain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fetches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expiry, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_store_failed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_dead_dialog_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_brief_and_strangers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_a_restart_nothing_is_told_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_dialog_that_ran_out_while_we_were_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_directions_are_independent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(views_are_apart, set_up, tear_down),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

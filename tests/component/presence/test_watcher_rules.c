/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/watcher_rules.h"

enum { MODEL_STEPS = 1000 * 1000 };

static const struct watcher_policy ask = { .ask = true, .polite = true };
static const struct watcher_policy ask_rejecting = { .ask = true, .polite = false };
static const struct watcher_policy deny = { .ask = false, .polite = true };
static const struct watcher_policy deny_rejecting = { .ask = false, .polite = false };

static uint64_t seed = 7;

static uint32_t dice(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static bool did(const struct watcher_verdict *v, enum watcher_do action)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->actions[i] == action)
			return true;
	return false;
}

static struct watcher_verdict on(
	struct watcher_rules *w, enum watcher_on kind, struct watcher_policy policy, uint64_t now)
{
	return watcher_step(
		w, &(struct watcher_event){ .on = kind, .policy = policy, .wanted = true, .devices = true }, now);
}

static void a_new_watcher_asks_once(void **state)
{
	struct watcher_rules w = { 0 };
	struct watcher_verdict v = on(&w, WATCHER_ON_SUBSCRIBE, ask, 1000);

	(void)state;
	assert_true(did(&v, WATCHER_DO_ASK) && did(&v, WATCHER_DO_STORE));
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_PENDING);
	v = on(&w, WATCHER_ON_SUBSCRIBE, ask, 2000);
	assert_int_equal(v.count, 0);
	v = on(&w, WATCHER_ON_SUBSCRIBE, ask, 2000 + WATCHER_ASK_AGAIN_MS);
	assert_true(did(&v, WATCHER_DO_ASK));
}

static void presence_before_the_answer_means_nothing(void **state)
{
	struct watcher_rules w = { 0 };

	(void)state;
	on(&w, WATCHER_ON_SUBSCRIBE, ask, 1000);
	struct watcher_verdict v = on(&w, WATCHER_ON_PRESENCE, ask, 1001); /* P32 */

	assert_int_equal(v.count, 0);
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_PENDING);
}

static void approval_probes_and_silence_is_offline(void **state)
{
	struct watcher_rules w = { 0 };

	(void)state;
	on(&w, WATCHER_ON_SUBSCRIBE, ask, 1000);
	struct watcher_verdict v = on(&w, WATCHER_ON_SUBSCRIBED, ask, 2000);

	assert_true(did(&v, WATCHER_DO_STORE) && did(&v, WATCHER_DO_PROBE));
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_NOTHING);
	v = on(&w, WATCHER_ON_WAKE, ask, v.wake_ms); /* the server says nothing at once: active, without a document */
	assert_true(did(&v, WATCHER_DO_TELL_NOW));
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_NOTHING);
	assert_int_equal(v.wake_ms, 2000 + WATCHER_PROBE_MS);
	v = on(&w, WATCHER_ON_WAKE, ask, v.wake_ms);
	assert_true(did(&v, WATCHER_DO_TELL) && did(&v, WATCHER_DO_OFFLINE));
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_STATE);
}

static void a_no_is_a_polite_block_or_a_rejection(void **state)
{
	struct watcher_rules w = { .auth = WATCHER_ASKED };
	struct watcher_verdict v = on(&w, WATCHER_ON_UNSUBSCRIBED, ask, 1000);

	(void)state;
	assert_true(did(&v, WATCHER_DO_TELL_NOW) && !did(&v, WATCHER_DO_TERMINATE));
	assert_int_equal(watcher_tells(&w, ask), WATCHER_TELL_CLOSED);
	v = on(&w, WATCHER_ON_PRESENCE, ask, 1001);
	assert_int_equal(v.count, 0); /* never changes */
	assert_int_equal(watcher_admits(&w, ask), REASON_NONE);
	assert_int_equal(watcher_admits(&w, ask_rejecting), REASON_NOT_ALLOWED);
	w = (struct watcher_rules){ .auth = WATCHER_ALLOWED, .known = WATCHER_KNOWN };
	v = on(&w, WATCHER_ON_UNSUBSCRIBED, ask_rejecting, 1000);
	assert_true(did(&v, WATCHER_DO_TERMINATE));
	v = on(&w, WATCHER_ON_UNSUBSCRIBED, ask_rejecting, 1000);
	assert_int_equal(v.count, 0);
}

static void a_denying_domain_asks_nobody(void **state)
{
	struct watcher_rules w = { 0 };
	struct watcher_verdict v = on(&w, WATCHER_ON_SUBSCRIBE, deny, 1000);

	(void)state;
	assert_int_equal(v.count, 0);
	assert_int_equal(watcher_tells(&w, deny), WATCHER_TELL_CLOSED);
	assert_int_equal(watcher_admits(&w, deny), REASON_NONE);
	assert_int_equal(watcher_admits(&w, deny_rejecting), REASON_NOT_ALLOWED);
	v = on(&w, WATCHER_ON_LAST_GONE, deny, 1000);
	assert_true(did(&v, WATCHER_DO_FORGET));
}

static void unasked_approval_is_ignored(void **state)
{
	struct watcher_rules w = { 0 };
	struct watcher_verdict v = on(&w, WATCHER_ON_SUBSCRIBED, ask, 1000);

	(void)state;
	assert_int_equal(v.count, 0);
	assert_int_equal(w.auth, WATCHER_NONE);
}

static void after_the_link_came_back(void **state)
{
	struct watcher_rules w = { .auth = WATCHER_ASKED };
	struct watcher_verdict v = on(&w, WATCHER_ON_LINK_UP, ask, 1000);

	(void)state;
	assert_true(did(&v, WATCHER_DO_ASK) && !did(&v, WATCHER_DO_PROBE)); /* P33 */
	w = (struct watcher_rules){ .auth = WATCHER_ALLOWED, .known = WATCHER_KNOWN };
	v = on(&w, WATCHER_ON_LINK_UP, ask, 1000);
	assert_int_equal(v.actions[0], WATCHER_DO_CLEAR);
	assert_true(did(&v, WATCHER_DO_PROBE) && !did(&v, WATCHER_DO_TELL));
}

static void check(
	const struct watcher_rules *w, const struct watcher_event *e, const struct watcher_verdict *v, uint8_t was)
{
	enum watcher_tell tell = watcher_tells(w, e->policy);

	assert_true(v->count <= WATCHER_MAX_ACTIONS);
	if (tell == WATCHER_TELL_STATE || tell == WATCHER_TELL_NOTHING)
		assert_int_equal(w->auth, WATCHER_ALLOWED);
	if (did(v, WATCHER_DO_PROBE))
		assert_int_equal(w->auth, WATCHER_ALLOWED);
	if (did(v, WATCHER_DO_ASK))
		assert_true(e->policy.ask && w->auth == WATCHER_ASKED);
	if (w->auth != was) /* every decision is kept, and only the user's word grants or denies */
		assert_true(did(v, WATCHER_DO_STORE) || did(v, WATCHER_DO_FORGET));
	if (w->auth == WATCHER_ALLOWED && was != WATCHER_ALLOWED)
		assert_int_equal(e->on, WATCHER_ON_SUBSCRIBED);
	if (w->auth == WATCHER_DENIED && was != WATCHER_DENIED)
		assert_int_equal(e->on, WATCHER_ON_UNSUBSCRIBED);
	if (w->known == WATCHER_PROBING)
		assert_true(w->wake_ms != 0); /* every probe has its timer */
	assert_int_equal(v->wake_ms, w->wake_ms);
}

static void random_sequences(void **state)
{
	struct watcher_rules w = { 0 };
	uint64_t now = 1;
	unsigned seen[WATCHER_AUTHS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < MODEL_STEPS; i++) {
		struct watcher_event e = { .on = dice() % WATCHER_ONS,
			.policy = { .ask = dice() % 4 != 0, .polite = dice() % 2 },
			.wanted = dice() % 2,
			.devices = dice() % 2 };
		uint8_t was = w.auth;

		now += dice() % 4000;
		struct watcher_verdict v = watcher_step(&w, &e, now);

		check(&w, &e, &v, was);
		seen[w.auth]++;
		if (did(&v, WATCHER_DO_FORGET) || dice() % 50 == 0)
			w = (struct watcher_rules){ 0 };
	}
	for (unsigned auth = 0; auth < WATCHER_AUTHS; auth++)
		assert_true(seen[auth] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_watcher_asks_once),
		cmocka_unit_test(presence_before_the_answer_means_nothing),
		cmocka_unit_test(approval_probes_and_silence_is_offline),
		cmocka_unit_test(a_no_is_a_polite_block_or_a_rejection),
		cmocka_unit_test(a_denying_domain_asks_nobody),
		cmocka_unit_test(unasked_approval_is_ignored),
		cmocka_unit_test(after_the_link_came_back),
		cmocka_unit_test(random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

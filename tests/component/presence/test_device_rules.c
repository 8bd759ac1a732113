/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/device_rules.h"

enum { MODEL_STEPS = 2 * 1000 * 1000 };

static uint64_t seed = 99;

static uint32_t dice(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static bool did(const struct device_verdict *v, enum device_do action)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->actions[i] == action)
			return true;
	return false;
}

static const struct s_result fine = { .status = 200 };

static struct device_verdict on(struct device_rules *d, struct device_event e, uint64_t now)
{
	return device_step(d, &e, now);
}

static struct device_rules live(uint64_t now)
{
	struct device_rules d = { 0 };

	on(&d, (struct device_event){ .on = DEVICE_ON_NEW, .expires_s = 600 }, now);
	on(&d, (struct device_event){ .on = DEVICE_ON_DURABLE, .result = &fine }, now);
	on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine }, now);
	return d;
}

static void grants(void **state)
{
	static const struct {
		int wish, grant;
	} rows[] = { { -1, 3600 }, { 0, 0 }, { 1, -1 }, { 59, -1 }, { 60, 60 }, { 3600, 3600 }, { 7200, 7200 },
		{ 28800, 7200 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(device_grant(rows[i].wish), rows[i].grant);
}

static void nothing_is_promised_before_it_is_durable(void **state)
{
	struct device_rules d = { 0 };
	struct device_verdict v = on(&d, (struct device_event){ .on = DEVICE_ON_NEW, .expires_s = 600 }, 1000);

	(void)state;
	assert_int_equal(v.count, 1);
	assert_int_equal(v.actions[0], DEVICE_DO_STORE);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .now = true }, 1000);
	assert_int_equal(v.count, 0);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_DURABLE, .result = &fine }, 1000);
	assert_int_equal(v.actions[0], DEVICE_DO_ANSWER);
	assert_int_equal(v.actions[1], DEVICE_DO_NOTIFY);

	d = (struct device_rules){ 0 };
	on(&d, (struct device_event){ .on = DEVICE_ON_NEW, .expires_s = 600 }, 1000);
	v = on(&d,
		(struct device_event){
			.on = DEVICE_ON_DURABLE, .result = &(struct s_result){ .why = REASON_INTERNAL } },
		1000);
	assert_true(did(&v, DEVICE_DO_REFUSE) && did(&v, DEVICE_DO_FREE) && !did(&v, DEVICE_DO_NOTIFY));
}

static void a_fetch_is_one_answer_and_one_notify(void **state)
{
	struct device_rules d = { 0 };
	struct device_verdict v = on(&d, (struct device_event){ .on = DEVICE_ON_FETCH }, 1000);

	(void)state;
	assert_int_equal(v.count, 2);
	assert_int_equal(v.actions[0], DEVICE_DO_ANSWER);
	assert_int_equal(v.actions[1], DEVICE_DO_FINAL);
	assert_int_equal(v.reason, S_WHY_TIMEOUT);
	assert_false(v.left);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine }, 1000);
	assert_true(did(&v, DEVICE_DO_FREE));
}

static void twenty_changes_in_a_second_are_two_notifies(void **state) /* P37 */
{
	uint64_t now = 1000;
	struct device_rules d = live(now);
	unsigned sent = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++, now += 50) {
		struct device_verdict v =
			on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .content = true }, now);

		sent += did(&v, DEVICE_DO_NOTIFY);
		if (did(&v, DEVICE_DO_NOTIFY))
			on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine }, now);
	}
	assert_int_equal(sent, 1);
	assert_int_equal(d.wake_ms, 1000 + DEVICE_MERGE_MS);
	struct device_verdict v =
		on(&d, (struct device_event){ .on = DEVICE_ON_WAKE, .content = true }, 1000 + DEVICE_MERGE_MS);

	assert_true(did(&v, DEVICE_DO_NOTIFY)); /* the last state wins */
	assert_false(d.dirty);
}

static void expiry_has_a_grace(void **state)
{
	struct device_rules d = live(1000);
	struct device_verdict v = on(&d, (struct device_event){ .on = DEVICE_ON_WAKE }, 1000 + 600 * 1000);

	(void)state;
	assert_int_equal(v.count, 0);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_REFRESHED, .expires_s = 600 }, 1000 + 610 * 1000);
	assert_true(did(&v, DEVICE_DO_NOTIFY) && did(&v, DEVICE_DO_STORE));
	v = on(&d, (struct device_event){ .on = DEVICE_ON_WAKE }, 1000 + 1210 * 1000 + DEVICE_GRACE_MS);
	assert_true(did(&v, DEVICE_DO_FINAL) && did(&v, DEVICE_DO_UNSTORE));
	assert_int_equal(v.reason, S_WHY_TIMEOUT);
	assert_true(v.left);
}

static void what_a_failed_notify_means(void **state) /* E36 */
{
	struct device_rules d = live(1000);
	struct s_result r = { .why = REASON_NO_ANSWER };

	(void)state;
	on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .content = true }, 10000);
	struct device_verdict v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &r }, 42000);

	assert_true(did(&v, DEVICE_DO_END) && did(&v, DEVICE_DO_UNSTORE) && did(&v, DEVICE_DO_FREE));

	d = live(1000);
	on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .content = true }, 10000);
	r = (struct s_result){ .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true };
	v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &r }, 10000);
	assert_int_equal(v.count, 0);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_ENDED }, 10000);
	assert_true(did(&v, DEVICE_DO_UNSTORE) && did(&v, DEVICE_DO_FREE) && !did(&v, DEVICE_DO_END));

	d = live(1000);
	on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .content = true }, 10000);
	r = (struct s_result){ .why = REASON_SIP_STATUS, .status = 503 };
	v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &r }, 10000);
	assert_int_equal(v.count, 0);
	assert_int_equal(v.wake_ms, 10000 + DEVICE_RETRY_MS);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_WAKE, .content = true }, v.wake_ms);
	assert_true(did(&v, DEVICE_DO_NOTIFY)); /* what was not told is told again */
}

static void a_restart_tells_only_what_is_new(void **state)
{
	struct device_rules d = { 0 };

	(void)state;
	on(&d, (struct device_event){ .on = DEVICE_ON_RESTORED, .expires_s = 600, .told = 7 }, 1000);
	struct device_verdict v = on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .digest = 7 }, 1000);

	assert_int_equal(v.count, 0);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .digest = 8 }, 1000);
	assert_int_equal(v.count, 1);
	assert_int_equal(v.actions[0], DEVICE_DO_MARK); /* first the old digest goes */
	v = on(&d, (struct device_event){ .on = DEVICE_ON_DURABLE, .result = &fine, .digest = 9 }, 1000);
	assert_true(v.count == 1 && did(&v, DEVICE_DO_NOTIFY));
	v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine, .digest = 9 }, 1000);
	assert_true(v.count == 1 && did(&v, DEVICE_DO_TOLD));
	assert_int_equal(d.told, 9);

	d = (struct device_rules){ 0 }; /* not certain what he was told: he is told again */
	on(&d, (struct device_event){ .on = DEVICE_ON_RESTORED, .expires_s = 600 }, 1000);
	v = on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .digest = 7 }, 1000);
	assert_true(v.count == 1 && did(&v, DEVICE_DO_NOTIFY));
}

static void a_refresh_of_old_news_needs_no_mark(void **state)
{
	struct device_rules d = live(1000);

	(void)state;
	on(&d, (struct device_event){ .on = DEVICE_ON_CHANGED, .digest = 7 }, 1000);
	on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine, .digest = 7 }, 1000);
	struct device_verdict v =
		on(&d, (struct device_event){ .on = DEVICE_ON_REFRESHED, .expires_s = 600, .digest = 7 }, 2000);

	assert_true(did(&v, DEVICE_DO_NOTIFY) && !did(&v, DEVICE_DO_MARK));
	v = on(&d, (struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = &fine, .digest = 7 }, 2000);
	assert_int_equal(v.count, 0);
}

/* -- Random sequences */
struct model {
	struct device_rules d;
	bool begun, usage, ticket;
	unsigned out; /* NOTIFYs without an outcome */
	bool final;
	uint64_t now;
	uint64_t digest; /* of the state of now */
	uint64_t disk, written; /* what the store says for certain, and what it will say */
	bool marking;
};

static void apply(struct model *m, const struct device_verdict *v)
{
	assert_true(v->count <= DEVICE_MAX_ACTIONS);
	for (unsigned i = 0; i < v->count; i++) {
		switch (v->actions[i]) {
		case DEVICE_DO_ANSWER:
		case DEVICE_DO_REFUSE:
			assert_true(m->ticket); /* exactly once */
			m->ticket = false;
			break;
		case DEVICE_DO_NOTIFY:
			assert_true(m->usage && !m->ticket && !m->final && m->out == 0); /* E37 */
			/* Killed now, we would believe the disk: it must not contradict what is on its way. */
			assert_true(!m->digest || !m->disk || m->disk == m->digest);
			m->out++;
			break;
		case DEVICE_DO_FINAL:
			assert_true(m->usage && !m->ticket && !m->final);
			m->final = true;
			m->out++;
			break;
		case DEVICE_DO_END:
			assert_true(m->usage);
			m->usage = false;
			break;
		case DEVICE_DO_MARK:
			assert_true(m->usage && !m->marking && m->d.told == 0);
			m->marking = true;
			m->written = 0;
			break;
		case DEVICE_DO_TOLD:
			assert_true(m->d.told != 0);
			m->disk = m->written = m->d.told;
			break;
		case DEVICE_DO_FREE:
			assert_false(m->usage || m->ticket);
			assert_int_equal(i, v->count - 1);
			*m = (struct model){ .now = m->now };
			return;
		default:
			break;
		}
	}
}

static bool possible(struct model *m, const struct device_event *e)
{
	switch (e->on) {
	case DEVICE_ON_NEW:
	case DEVICE_ON_FETCH:
		if (m->begun)
			return false;
		m->begun = m->usage = m->ticket = true;
		return true;
	case DEVICE_ON_RESTORED:
		if (m->begun)
			return false;
		m->begun = m->usage = true;
		m->disk = m->written = m->digest = e->told;
		return true;
	case DEVICE_ON_DURABLE:
		if (!m->begun || (!m->ticket && !m->marking))
			return false;
		m->marking = false;
		m->disk = m->written;
		return true;
	case DEVICE_ON_CHANGED:
		m->digest = dice() % 4;
		return m->begun;
	case DEVICE_ON_NOTIFIED:
		if (!m->out)
			return false;
		m->out--;
		return true;
	case DEVICE_ON_ENDED:
		if (!m->usage || m->out) /* every send has its outcome before */
			return false;
		m->usage = false;
		return true;
	case DEVICE_ON_WAKE:
		if (m->d.wake_ms > m->now)
			m->now = m->d.wake_ms;
		return m->begun;
	default:
		return m->begun;
	}
}

static void random_sequences(void **state)
{
	struct model m = { .now = 1 };

	(void)state;
	for (unsigned i = 0; i < MODEL_STEPS; i++) {
		static const enum reason whys[] = { REASON_NONE, REASON_NONE, REASON_NONE, REASON_SIP_STATUS,
			REASON_NO_ANSWER };
		struct s_result r = { .why = whys[dice() % 5], .status = 503, .retry_after_s = dice() % 100 };
		struct device_event e = { .on = dice() % DEVICE_ONS,
			.expires_s = 60 + (int)(dice() % 7000),
			.result = &r,
			.content = dice() % 2,
			.told = dice() % 4,
			.now = dice() % 2 };

		m.now += dice() % 2000;
		if (!possible(&m, &e))
			continue;
		e.digest = m.digest;
		struct device_verdict v = device_step(&m.d, &e, m.now);
		bool was_live = m.d.phase == DEVICE_LIVE;

		apply(&m, &v);
		if (e.on == DEVICE_ON_REFRESHED && was_live) /* every refresh gets its NOTIFY, now or behind one */
			assert_true(
				did(&v, DEVICE_DO_NOTIFY) || did(&v, DEVICE_DO_MARK) || (m.d.dirty && m.d.in_flight));
		if (m.begun && m.d.phase == DEVICE_LIVE)
			assert_true(m.d.wake_ms != 0);
		if (m.begun && m.d.phase == DEVICE_LIVE && m.d.dirty && !m.d.in_flight)
			assert_true(m.d.wake_ms <= m.d.merge_ms || m.d.wake_ms <= m.d.until_ms + DEVICE_GRACE_MS);
		if (m.begun && m.d.phase == DEVICE_CLOSING)
			assert_true(m.out != 0); /* the last outcome frees it */
		if (m.begun && m.d.phase == DEVICE_LIVE && !m.d.in_flight && m.d.told)
			assert_true(m.d.told == m.digest || m.d.dirty || !m.digest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grants),
		cmocka_unit_test(nothing_is_promised_before_it_is_durable),
		cmocka_unit_test(a_fetch_is_one_answer_and_one_notify),
		cmocka_unit_test(twenty_changes_in_a_second_are_two_notifies),
		cmocka_unit_test(expiry_has_a_grace),
		cmocka_unit_test(what_a_failed_notify_means),
		cmocka_unit_test(a_restart_tells_only_what_is_new),
		cmocka_unit_test(a_refresh_of_old_news_needs_no_mark),
		cmocka_unit_test(random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

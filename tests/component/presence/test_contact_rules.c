/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/presence/contact_rules.h"

enum { MODEL_STEPS = 3 * 1000 * 1000, HOUR_MS = 3600 * 1000 };

static uint64_t seed = 42;

static uint32_t dice(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static bool did(const struct contact_verdict *v, enum contact_do action)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->actions[i] == action)
			return true;
	return false;
}

/* -- Stories */
struct story {
	struct contact_rules c;
	uint64_t now;
	struct contact_verdict v;
};

static void on(struct story *s, struct contact_event e)
{
	e.dice = dice();
	s->v = contact_step(&s->c, &e, s->now);
}

static void say(struct story *s, enum contact_on kind)
{
	on(s, (struct contact_event){ .on = kind });
}

static void result(struct story *s, enum contact_on kind, struct s_result r)
{
	on(s, (struct contact_event){ .on = kind, .result = &r });
}

static void notify(struct story *s, enum s_substate state, enum s_subreason why)
{
	on(s, (struct contact_event){
		      .on = CONTACT_ON_NOTIFIED, .state = state, .state_reason = why, .expires_s = -1 });
}

static struct story asked(void)
{
	struct story s = { .now = 1000 };

	say(&s, CONTACT_ON_SUBSCRIBE);
	assert_true(did(&s.v, CONTACT_DO_STORE) && did(&s.v, CONTACT_DO_QUEUE));
	say(&s, CONTACT_ON_SERVED);
	assert_true(did(&s.v, CONTACT_DO_BEGIN));
	assert_int_equal(s.v.expires_s, CONTACT_EXPIRES_S);
	return s;
}

static struct story allowed(void)
{
	struct story s = asked();

	result(&s, CONTACT_ON_ACCEPTED, (struct s_result){ .status = 200, .expires_s = 3600 });
	notify(&s, S_SUB_ACTIVE, S_WHY_NONE);
	assert_int_equal(s.c.auth, CONTACT_ALLOWED);
	return s;
}

static void the_200_authorises_nothing(void **state)
{
	struct story s = asked();

	(void)state;
	result(&s, CONTACT_ON_ACCEPTED, (struct s_result){ .status = 200, .expires_s = 3600 });
	assert_int_equal(s.v.count, 0);
	notify(&s, S_SUB_PENDING, S_WHY_NONE);
	assert_int_equal(s.v.count, 0);
	notify(&s, S_SUB_PENDING, S_WHY_NONE);
	assert_int_equal(s.v.count, 0);
	assert_int_equal(s.c.auth, CONTACT_ASKED);
}

static void first_active_says_subscribed_then_the_state(void **state)
{
	struct story s = asked();

	(void)state;
	notify(&s, S_SUB_ACTIVE, S_WHY_NONE); /* before the 200: E4 */
	assert_int_equal(s.v.count, 3);
	assert_int_equal(s.v.actions[0], CONTACT_DO_STORE);
	assert_int_equal(s.v.actions[1], CONTACT_DO_SUBSCRIBED);
	assert_int_equal(s.v.actions[2], CONTACT_DO_SHOW);
	notify(&s, S_SUB_ACTIVE, S_WHY_NONE);
	assert_int_equal(s.v.count, 1);
}

static void repeated_subscribe_is_answered_or_silent(void **state)
{
	struct story s = asked();

	(void)state;
	say(&s, CONTACT_ON_SUBSCRIBE);
	assert_int_equal(s.v.count, 0);
	s = allowed();
	say(&s, CONTACT_ON_SUBSCRIBE);
	assert_int_equal(s.v.actions[0], CONTACT_DO_SUBSCRIBED);
	assert_int_equal(s.v.actions[1], CONTACT_DO_REPEAT);
	assert_int_equal(s.v.count, 2);
}

static void unsubscribe_with_and_without_a_dialog(void **state)
{
	struct story s = allowed();

	(void)state;
	say(&s, CONTACT_ON_UNSUBSCRIBE);
	assert_true(did(&s.v, CONTACT_DO_END) && did(&s.v, CONTACT_DO_UNSUBSCRIBED) && did(&s.v, CONTACT_DO_FORGET));
	s = allowed();
	say(&s, CONTACT_ON_OFFLINE);
	assert_true(did(&s.v, CONTACT_DO_END));
	assert_false(did(&s.v, CONTACT_DO_UNSTORE)); /* P9: the authorization stays */
	say(&s, CONTACT_ON_UNSUBSCRIBE);
	assert_true(did(&s.v, CONTACT_DO_BEGIN) && did(&s.v, CONTACT_DO_UNSUBSCRIBED));
	assert_int_equal(s.v.expires_s, 0);
	result(&s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_NONE, .status = 200 });
	assert_true(did(&s.v, CONTACT_DO_FORGET));
	assert_false(did(&s.v, CONTACT_DO_UNSUBSCRIBED));
}

static void login_makes_it_due_again(void **state)
{
	struct story s = allowed();

	(void)state;
	say(&s, CONTACT_ON_OFFLINE);
	assert_true(did(&s.v, CONTACT_DO_CLEAR));
	say(&s, CONTACT_ON_ONLINE);
	assert_true(did(&s.v, CONTACT_DO_QUEUE));
	say(&s, CONTACT_ON_PROBE);
	assert_int_equal(s.v.count, 1);
	assert_true(did(&s.v, CONTACT_DO_REPEAT));
}

/* What each status means to somebody who has asked, and whether the subscription is tried again. */
static void every_status_has_its_meaning(void **state)
{
	static const int final_no[] = { 400, 403, 404, 405, 406, 410, 415, 416, 420, 421, 482, 483, 484, 485, 488, 489,
		501, 603, 604 };

	(void)state;
	for (int status = 300; status < 700; status++) {
		struct story s = asked();
		bool no = false;

		for (size_t i = 0; i < sizeof(final_no) / sizeof(final_no[0]); i++)
			no = no || final_no[i] == status;
		result(&s, CONTACT_ON_ENDED,
			(struct s_result){ .why = REASON_SIP_STATUS, .status = status, .retry_after_s = 100 });
		assert_int_equal(did(&s.v, CONTACT_DO_UNSUBSCRIBED), no);
		assert_int_equal(did(&s.v, CONTACT_DO_UNSTORE), no);
		if (!no) {
			assert_int_equal(s.c.dialog, CONTACT_WAITING);
			assert_true(s.v.wake_ms >= s.now + 100 * 1000);
		}
	}
}

static void terminated_reasons(void **state)
{
	static const struct {
		enum s_subreason why;
		bool lost, hidden;
	} rows[] = { { S_WHY_NONE, false, true }, { S_WHY_DEACTIVATED, false, true }, { S_WHY_PROBATION, false, true },
		{ S_WHY_REJECTED, true, true }, { S_WHY_TIMEOUT, false, true }, { S_WHY_GIVEUP, false, true },
		{ S_WHY_NORESOURCE, true, true }, { S_WHY_INVARIANT, false, false }, { S_WHY_OTHER, false, true } };

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), S_WHYS);
	for (size_t i = 0; i < S_WHYS; i++) {
		struct story s = allowed();

		notify(&s, S_SUB_TERMINATED, rows[i].why);
		assert_int_equal(did(&s.v, CONTACT_DO_UNSUBSCRIBED), rows[i].lost);
		assert_int_equal(did(&s.v, CONTACT_DO_HIDE), rows[i].hidden);
		result(&s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_NONE });
		assert_false(did(&s.v, CONTACT_DO_UNSUBSCRIBED));
		assert_false(did(&s.v, CONTACT_DO_QUEUE)); /* nothing comes back without a wait */
		if (!rows[i].lost && rows[i].hidden)
			assert_true(s.v.wake_ms >= s.now + 1800);
	}
}

static void an_unknown_user_is_not_looked_for_again_soon(void **state)
{
	struct story s = asked();

	(void)state;
	result(&s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_SIP_STATUS, .status = 404 });
	assert_true(did(&s.v, CONTACT_DO_UNSUBSCRIBED));
	s.now += 1000;
	say(&s, CONTACT_ON_SUBSCRIBE);
	assert_int_equal(s.v.count, 1);
	assert_true(did(&s.v, CONTACT_DO_UNSUBSCRIBED));
	s.now += CONTACT_GONE_MS;
	say(&s, CONTACT_ON_SUBSCRIBE);
	assert_true(did(&s.v, CONTACT_DO_QUEUE));
}

static void too_brief_is_asked_longer(void **state)
{
	struct story s = asked();

	(void)state;
	result(&s, CONTACT_ON_ENDED,
		(struct s_result){ .why = REASON_SIP_STATUS, .status = 423, .min_expires_s = 10000 });
	assert_int_equal(s.c.dialog, CONTACT_WAITING);
	assert_true(s.v.wake_ms <= s.now + CONTACT_AGAIN_MS);
	s.now = s.v.wake_ms;
	say(&s, CONTACT_ON_WAKE);
	say(&s, CONTACT_ON_SERVED);
	assert_int_equal(s.v.expires_s, 10000);
}

static void refreshes_before_the_end(void **state)
{
	struct story s = allowed();
	uint64_t begun = s.now;

	(void)state;
	assert_in_range(s.v.wake_ms, begun + 3100 * 1000, begun + 3480 * 1000);
	s.now = s.v.wake_ms;
	say(&s, CONTACT_ON_WAKE);
	assert_true(did(&s.v, CONTACT_DO_REFRESH));
	/* E12: a failure that is not fatal leaves the old one valid until its end */
	result(&s, CONTACT_ON_REFRESHED, (struct s_result){ .why = REASON_SIP_STATUS, .status = 503 });
	assert_int_equal(s.v.count, 0);
	assert_true(s.v.wake_ms > s.now && s.v.wake_ms <= begun + 3600 * 1000);
	notify(&s, S_SUB_ACTIVE, S_WHY_NONE);
	assert_true(did(&s.v, CONTACT_DO_SHOW));
	s.now = begun + 3600 * 1000;
	s.c.wake_ms = s.now;
	say(&s, CONTACT_ON_WAKE);
	assert_true(did(&s.v, CONTACT_DO_HIDE) && did(&s.v, CONTACT_DO_END));
	assert_int_equal(s.c.auth, CONTACT_ALLOWED);
}

static void a_dead_dialog_is_made_anew(void **state)
{
	struct story s = allowed();

	(void)state;
	result(&s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true });
	assert_false(did(&s.v, CONTACT_DO_HIDE));
	assert_true(s.v.wake_ms <= s.now + CONTACT_AGAIN_MS);
	s.now = s.v.wake_ms;
	say(&s, CONTACT_ON_WAKE);
	assert_true(did(&s.v, CONTACT_DO_QUEUE));
}

static void after_the_link_came_back(void **state)
{
	struct story s = allowed();

	(void)state;
	say(&s, CONTACT_ON_LINK_UP);
	assert_int_equal(s.v.count, 1);
	assert_true(did(&s.v, CONTACT_DO_REPEAT));
	s = (struct story){ .now = 5, .c.auth = CONTACT_ALLOWED }; /* restored */
	on(&s, (struct contact_event){ .on = CONTACT_ON_LINK_UP, .probed = true });
	assert_int_equal(s.v.count, 0);
	on(&s, (struct contact_event){ .on = CONTACT_ON_LINK_UP, .probed = false });
	assert_true(did(&s.v, CONTACT_DO_QUEUE));
}

/* -- Hostile peers: however a peer behaves, an hour has a bounded number of SUBSCRIBEs */
typedef void peer_fn(struct story *s);

static void peer_deactivates(struct story *s)
{
	result(s, CONTACT_ON_ACCEPTED, (struct s_result){ .status = 200, .expires_s = 3600 });
	notify(s, S_SUB_ACTIVE, S_WHY_NONE);
	notify(s, S_SUB_TERMINATED, S_WHY_DEACTIVATED);
	result(s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_NONE });
}

static void peer_takes_turns(struct story *s) /* 2139 */
{
	result(s, CONTACT_ON_ACCEPTED, (struct s_result){ .status = 200, .expires_s = 3600 });
	notify(s, S_SUB_ACTIVE, S_WHY_NONE);
	notify(s, S_SUB_TERMINATED, S_WHY_NONE);
	result(s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_NONE });
}

static void peer_forgets(struct story *s)
{
	result(s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_SIP_STATUS, .status = 481 });
}

static void peer_wants_longer(struct story *s)
{
	result(s, CONTACT_ON_ENDED,
		(struct s_result){ .why = REASON_SIP_STATUS, .status = 423, .min_expires_s = s->v.expires_s + 1 });
}

static void peer_grants_nothing(struct story *s)
{
	result(s, CONTACT_ON_ACCEPTED, (struct s_result){ .status = 200, .expires_s = 0 });
	notify(s, S_SUB_ACTIVE, S_WHY_NONE);
}

static void peer_is_silent(struct story *s)
{
	result(s, CONTACT_ON_ENDED, (struct s_result){ .why = REASON_NO_NOTIFY });
}

static void no_peer_makes_us_spin(void **state)
{
	static peer_fn *const peers[] = { peer_deactivates, peer_takes_turns, peer_forgets, peer_wants_longer,
		peer_grants_nothing, peer_is_silent };

	(void)state;
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		struct story s = { .now = 1000, .c = { .auth = CONTACT_ALLOWED, .online = true } };
		unsigned begun = 0;

		say(&s, CONTACT_ON_SUBSCRIBE);
		while (s.now < HOUR_MS) {
			assert_true(s.c.dialog == CONTACT_DUE || s.v.wake_ms > s.now);
			if (s.c.dialog == CONTACT_DUE) {
				say(&s, CONTACT_ON_SERVED);
				begun++;
				peers[i](&s);
			} else {
				s.now = s.v.wake_ms;
				say(&s, CONTACT_ON_WAKE);
				if (did(&s.v, CONTACT_DO_REFRESH))
					result(&s, CONTACT_ON_REFRESHED,
						(struct s_result){ .status = 200, .expires_s = 0 });
			}
		}
		assert_in_range(begun, 2, 40);
	}
}

/* -- Random sequences */
struct model {
	struct contact_rules c;
	bool usage, queued, refresh_open;
	uint64_t now;
};

static void apply(struct model *m, const struct contact_verdict *v)
{
	assert_true(v->count <= CONTACT_MAX_ACTIONS);
	for (unsigned i = 0; i < v->count; i++) {
		switch (v->actions[i]) {
		case CONTACT_DO_QUEUE:
			assert_false(m->queued);
			m->queued = true;
			break;
		case CONTACT_DO_UNQUEUE:
			assert_true(m->queued);
			m->queued = false;
			break;
		case CONTACT_DO_BEGIN:
			assert_false(m->usage); /* never two */
			m->usage = true;
			break;
		case CONTACT_DO_REFRESH:
			assert_true(m->usage && !m->refresh_open);
			m->refresh_open = true;
			break;
		case CONTACT_DO_END:
			assert_true(m->usage);
			m->usage = m->refresh_open = false;
			break;
		case CONTACT_DO_SHOW:
		case CONTACT_DO_SUBSCRIBED:
			assert_int_equal(m->c.auth, CONTACT_ALLOWED);
			break;
		case CONTACT_DO_UNSUBSCRIBED:
			assert_int_equal(m->c.auth, CONTACT_NONE);
			break;
		case CONTACT_DO_FORGET:
			assert_int_equal(i, v->count - 1);
			assert_true(m->c.auth == CONTACT_NONE && !m->usage && !m->queued);
			m->c = (struct contact_rules){ 0 };
			break;
		default:
			break;
		}
	}
}

static void check(const struct model *m)
{
	const struct contact_rules *c = &m->c;
	bool has = c->dialog == CONTACT_TRYING || c->dialog == CONTACT_LIVE || c->dialog == CONTACT_OVER ||
		   c->dialog == CONTACT_LEAVING || c->kept;

	assert_int_equal(has, m->usage);
	assert_true(!c->kept || c->dialog == CONTACT_IDLE || c->dialog == CONTACT_DUE);
	assert_int_equal(c->dialog == CONTACT_DUE, m->queued);
	if (c->dialog == CONTACT_WAITING || c->dialog == CONTACT_LIVE)
		assert_true(c->wake_ms > m->now);
	else
		assert_true(c->wake_ms == 0 || (c->dialog == CONTACT_IDLE && c->kept));
	if (c->auth == CONTACT_ASKED) /* an open question is always on its way */
		assert_true(c->dialog != CONTACT_IDLE);
	if (c->auth == CONTACT_ALLOWED && !c->online)
		assert_true(c->dialog == CONTACT_IDLE || c->dialog == CONTACT_WAITING || c->dialog == CONTACT_OVER);
}

static struct s_result random_result(void)
{
	static const int statuses[] = { 403, 404, 408, 423, 480, 481, 489, 500, 503, 603, 604 };
	struct s_result r = { .expires_s = (int)(dice() % 4000) - 1,
		.retry_after_s = dice() % 3 ? 0 : dice() % 100000 };

	if (dice() % 2)
		return r;
	r.why = dice() % 3 ? REASON_SIP_STATUS : REASON_NO_ANSWER;
	r.status = r.why == REASON_SIP_STATUS ? statuses[dice() % (sizeof(statuses) / sizeof(statuses[0]))] : 0;
	r.min_expires_s = dice() % 20000;
	return r;
}

/* An event that the world could send now. */
static bool possible(struct model *m, struct contact_event *e, struct s_result *r)
{
	switch (e->on) {
	case CONTACT_ON_SERVED:
		if (!m->queued)
			return false;
		m->queued = false;
		return true;
	case CONTACT_ON_RESTORED: /* comes first; told apart below */
	case CONTACT_ON_FAILED: /* comes with BEGIN only; told apart below */
		return false;
	case CONTACT_ON_ACCEPTED:
		r->why = REASON_NONE;
		return m->usage;
	case CONTACT_ON_NOTIFIED:
		return m->usage;
	case CONTACT_ON_REFRESHED:
		if (!m->refresh_open)
			return false;
		m->refresh_open = false;
		r->usage_gone = r->why == REASON_SIP_STATUS && r->status == 481;
		return true;
	case CONTACT_ON_ENDED:
		if (!m->usage)
			return false;
		m->usage = m->refresh_open = false;
		return true;
	case CONTACT_ON_WAKE:
		if (m->c.wake_ms && m->c.wake_ms > m->now)
			m->now = m->c.wake_ms;
		return true;
	default:
		return true;
	}
}

/* The process begins with this contact in its store. */
static void restart(struct model *m, struct contact_event *e)
{
	struct contact_event restored = {
		.on = CONTACT_ON_RESTORED, .allowed = dice() % 2, .kept = dice() % 2, .expires_s = (int)(dice() % 4000)
	};

	contact_step(&m->c, &restored, m->now);
	m->usage = restored.kept;
	e->on = CONTACT_ON_LINK_UP; /* nothing of XMPP comes before */
}

static void random_sequences(void **state)
{
	struct model m = { .now = 1 };
	unsigned seen[CONTACT_AUTHS][CONTACT_DIALOGS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < MODEL_STEPS; i++) {
		struct s_result r = random_result();
		struct contact_event e = { .on = dice() % CONTACT_ONS,
			.result = &r,
			.state = S_SUB_PENDING + dice() % 3,
			.state_reason = dice() % S_WHYS,
			.expires_s = (int)(dice() % 4000) - 1,
			.probed = dice() % 2,
			.dice = dice() };

		if (e.on != CONTACT_ON_WAKE && m.c.wake_ms > m.now + 2)
			m.now += dice() % (uint32_t)(m.c.wake_ms - m.now - 1 < 5000 ? m.c.wake_ms - m.now - 1 : 5000);
		if (!possible(&m, &e, &r))
			continue;
		bool known = m.c.auth != CONTACT_NONE;
		if (!known && m.c.dialog == CONTACT_IDLE && dice() % 8 == 0) {
			restart(&m, &e);
			known = true;
		}
		struct contact_verdict v = contact_step(&m.c, &e, m.now);

		if (e.on == CONTACT_ON_PROBE)
			assert_true(known ? did(&v, CONTACT_DO_REPEAT) : did(&v, CONTACT_DO_UNSUBSCRIBED));
		if (e.on == CONTACT_ON_SUBSCRIBE)
			assert_true(did(&v, CONTACT_DO_SUBSCRIBED) || did(&v, CONTACT_DO_UNSUBSCRIBED) ||
				    m.c.auth == CONTACT_ASKED);
		if (e.on == CONTACT_ON_UNSUBSCRIBE) {
			assert_int_equal(m.c.auth, CONTACT_NONE);
			assert_int_equal(did(&v, CONTACT_DO_UNSUBSCRIBED), known);
		}
		apply(&m, &v);
		if (did(&v, CONTACT_DO_BEGIN) && dice() % 4 == 0) { /* no route now */
			m.usage = false;
			r = (struct s_result){ .why = REASON_NO_ROUTE };
			e.on = CONTACT_ON_FAILED;
			v = contact_step(&m.c, &e, m.now);
			apply(&m, &v);
		}
		seen[m.c.auth][m.c.dialog]++;
		check(&m);
	}
	for (unsigned dialog = CONTACT_IDLE; dialog <= CONTACT_OVER; dialog++) /* the walk has been everywhere */
		assert_true(seen[CONTACT_ALLOWED][dialog] > 1000);
	assert_true(seen[CONTACT_NONE][CONTACT_LEAVING] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_200_authorises_nothing),
		cmocka_unit_test(first_active_says_subscribed_then_the_state),
		cmocka_unit_test(repeated_subscribe_is_answered_or_silent),
		cmocka_unit_test(unsubscribe_with_and_without_a_dialog),
		cmocka_unit_test(login_makes_it_due_again),
		cmocka_unit_test(every_status_has_its_meaning),
		cmocka_unit_test(terminated_reasons),
		cmocka_unit_test(an_unknown_user_is_not_looked_for_again_soon),
		cmocka_unit_test(too_brief_is_asked_longer),
		cmocka_unit_test(refreshes_before_the_end),
		cmocka_unit_test(a_dead_dialog_is_made_anew),
		cmocka_unit_test(after_the_link_came_back),
		cmocka_unit_test(no_peer_makes_us_spin),
		cmocka_unit_test(random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

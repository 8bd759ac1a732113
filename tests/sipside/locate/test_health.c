/* SPDX-License-Identifier: MIT */
/* Routes are probed: up, down, back, one event a change, and what that means for who is asked. */
#include "sipside/locate/health.h"
#include "tests/sipside/usage/desk.h"

static const struct sipside_route udp[] = {
	{ .name = STR_INIT("first"), .to = { SIPSIDE_UDP, STR_INIT("192.0.2.1"), 5060 }, .priority = 1 },
	{ .name = STR_INIT("second"), .to = { SIPSIDE_UDP, STR_INIT("192.0.2.2"), 5060 }, .priority = 2 },
};

/* The two peers behind the routes; every OPTIONS of the daemon goes to one of them. */
struct peers {
	struct desk k;
	int options[2]; /* the status each answers OPTIONS with; 0: silence */
	unsigned asked[2];
	unsigned said; /* messages looked at */
};

static unsigned peer_of(const struct sipside_target *to)
{
	return to->addr.v4.sin_addr.s_addr == htonl(0xc0000201) ? 0 : 1;
}

/* Lets time pass in steps; the peers answer OPTIONS as they like, other requests stay for the test. */
static void pass(struct peers *p, unsigned ms)
{
	struct desk *k = &p->k;

	for (unsigned t = 0; t < ms; t += 50) {
		fake_env_advance(&k->fake, 50);
		for (; p->said < k->count; p->said++) {
			unsigned peer = peer_of(&k->to[p->said]);
			const char *text = k->sent[p->said];

			if (strncmp(text, "OPTIONS ", 8) != 0)
				continue;
			p->asked[peer]++;
			if (p->options[peer])
				desk_answer(k, text, p->options[peer], "Said", "b", "");
		}
		if (k->count < DESK_SENDS / 2)
			continue;
		for (unsigned i = 0; i < k->count; i++)
			free(k->sent[i]);
		k->count = k->seen = p->said = 0;
	}
}

static void open_peers(struct peers *p)
{
	struct str error;

	memset(p, 0, sizeof(*p));
	p->options[0] = p->options[1] = 200;
	desk_open(&p->k, "simple", udp, 2);
	assert_int_equal(sipside_listen(p->k.s, &error), REASON_NONE);
}

/* The peer a new MESSAGE goes to; -1: none. It is answered where `status` is not 0. */
static int asks(struct peers *p, int status)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "hi");
	unsigned before = p->k.count;

	assert_int_equal(sipside_page(p->k.d, &r, desk_done, &p->k), REASON_NONE);
	env_end_turn(&p->k.fake.env);
	if (p->k.count == before)
		return -1;
	if (status)
		desk_answer(&p->k, p->k.sent[before], status, "Said", "b", "");
	return (int)peer_of(&p->k.to[before]);
}

static void each_route_is_asked_soon_and_then_every_half_minute(void **state)
{
	struct peers p;

	(void)state;
	open_peers(&p);
	pass(&p, 500);
	desk_heard(&p.k, "route first ok; route second ok; "); /* once each */
	assert_int_equal(p.asked[0] + p.asked[1], 2);
	pass(&p, 300000);
	desk_heard(&p.k, "");
	assert_in_range(p.asked[0], 10, 13);
	desk_close(&p.k);
}

static void a_silent_route_is_left_and_taken_again(void **state)
{
	struct peers p;

	(void)state;
	open_peers(&p);
	pass(&p, 500);
	assert_int_equal(asks(&p, 200), 0);
	desk_heard(&p.k, "route first ok; route second ok; done ok 200; ");
	p.options[0] = 0;
	assert_int_equal(asks(&p, 0), 0); /* lost: its outcome is not known for 32 s, nobody else gets it */
	pass(&p, 3900);
	desk_heard(&p.k, "route first no-answer; ");
	pass(&p, 60000);
	desk_heard(&p.k, "done no-answer 0; ");
	assert_int_equal(asks(&p, 200), 1);
	desk_heard(&p.k, "done ok 200; ");
	p.options[0] = 404; /* any answer is an answer */
	pass(&p, 8000);
	desk_heard(&p.k, "route first ok; ");
	assert_int_equal(asks(&p, 200), 0);
	desk_close(&p.k);
}

static void all_down_is_said_at_once(void **state)
{
	struct peers p;

	(void)state;
	open_peers(&p);
	pass(&p, 500);
	p.options[0] = p.options[1] = 0;
	pass(&p, 40000);
	desk_heard(&p.k, "route first ok; route second ok; route first no-answer; route second no-answer; ");
	assert_int_equal(asks(&p, 0), -1);
	desk_heard(&p.k, "done no-route 0 unprocessed; ");
	desk_close(&p.k);
}

/* A server that never answered one may not know OPTIONS: it is asked all the same. */
static void a_route_that_knows_no_options_is_still_used(void **state)
{
	struct peers p;

	(void)state;
	open_peers(&p);
	p.options[0] = p.options[1] = 0;
	pass(&p, 5000);
	desk_heard(&p.k, "route first no-answer; route second no-answer; ");
	assert_int_equal(asks(&p, 200), 0);
	desk_heard(&p.k, "route first ok; done ok 200; ");
	desk_close(&p.k);
}

static void a_503_to_options_is_down(void **state)
{
	struct peers p;

	(void)state;
	open_peers(&p);
	p.options[0] = 503;
	pass(&p, 500);
	desk_heard(&p.k, "route first sip-status; route second ok; ");
	assert_int_equal(asks(&p, 200), 1);
	desk_heard(&p.k, "done ok 200; ");
	p.options[0] = 200;
	pass(&p, 6000);
	desk_heard(&p.k, "route first ok; ");
	desk_close(&p.k);
}

static void priorities_hold_within_the_choice(void **state)
{
	struct route r = { .name = STR("x") };

	(void)state;
	assert_int_equal(route_choose(&r, 1000), ROUTE_GOOD);
	assert_true(route_failed(&r, REASON_UNREACHABLE, 0, 1000));
	assert_int_equal(route_choose(&r, 1000), ROUTE_LAST_RESORT);
	assert_int_equal(route_choose(&r, 1000 + ROUTE_HOLD_MS), ROUTE_GOOD);
	assert_false(route_failed(&r, REASON_NO_ANSWER, 0, 1000));
	assert_int_equal(route_choose(&r, 1000), ROUTE_LAST_RESORT); /* it never knew OPTIONS */
	assert_true(route_answered(&r, true, 2000));
	assert_false(route_answered(&r, true, 2000));
	assert_true(route_failed(&r, REASON_NO_ANSWER, 0, 3000));
	assert_int_equal(route_choose(&r, 3000000), ROUTE_CLOSED);
	assert_true(route_answered(&r, false, 4000));
	assert_true(route_failed(&r, REASON_SIP_STATUS, 86400, 5000));
	assert_false(route_answered(&r, false, 6000)); /* to what was sent before */
	assert_int_equal(route_choose(&r, 6000), ROUTE_CLOSED);
	assert_int_equal(route_choose(&r, 5000 + ROUTE_WAIT_MAX_S * 1000), ROUTE_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_route_is_asked_soon_and_then_every_half_minute),
		cmocka_unit_test(a_silent_route_is_left_and_taken_again),
		cmocka_unit_test(all_down_is_said_at_once),
		cmocka_unit_test(a_route_that_knows_no_options_is_still_used),
		cmocka_unit_test(a_503_to_options_is_down),
		cmocka_unit_test(priorities_hold_within_the_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

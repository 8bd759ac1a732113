/* SPDX-License-Identifier: MIT */
/* Two transaction layers joined by a line that loses, doubles and delays: every request is handed up once. */
#include "sipside/transaction/transaction.h"
#include "mapping/base/alloc.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 300 };

struct world;
struct side {
	struct world *world;
	struct sipside_transactions *layer;
	struct side *other;
	struct sipside_target self;
};

struct packet { /* on the line */
	struct timer timer;
	struct side *to;
	struct str bytes;
};

struct world {
	struct fake_env fake;
	struct side caller, called;
	unsigned loss_percent;
	unsigned seen[REQUESTS + 1], handed_up, answers, failures, acks, overs;
};

static void arrives(void *arg)
{
	struct packet *p = arg;

	sipside_transactions_received(p->to->layer, &p->to->other->self, p->bytes);
	alloc_str_free(&p->bytes);
	free(p);
}

static unsigned chance(struct world *w, unsigned n)
{
	return (unsigned)(env_random_u64(&w->fake.env) % n);
}

static enum reason line(void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct side *from = arg;
	struct world *w = from->world;

	(void)to;
	(void)watch;
	for (unsigned copies = 1 + (chance(w, 10) == 0); copies; copies--) {
		if (chance(w, 100) < w->loss_percent)
			continue;
		struct packet *p = alloc_zero(sizeof(*p));

		p->to = from->other;
		p->bytes = alloc_str(bytes);
		p->timer = (struct timer){ .fire = arrives, .arg = p };
		wheel_set(&w->fake.wheel, &p->timer, w->fake.now_ms + 1 + chance(w, 80));
	}
	return REASON_NONE;
}

static void request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	struct world *w = ((struct side *)arg)->world;

	w->seen[m->cseq]++;
	w->handed_up++;
	sipside_server_reply(t, &(struct sipside_reply){ .status = m->method == S_INVITE ? 486 : 200 });
}

static void acknowledged(void *arg, const struct sipside_msg *m)
{
	(void)m;
	((struct side *)arg)->world->acks++;
}

static void answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	(void)from;
	((struct world *)arg)->answers += m->status >= 200;
}

static void failed(void *arg, enum reason why, struct str words)
{
	(void)words;
	assert_int_equal(why, REASON_NO_ANSWER);
	((struct world *)arg)->failures++;
}

static void over(void *arg)
{
	((struct world *)arg)->overs++;
}

static void side_init(struct world *w, struct side *s, struct side *other, const char *host)
{
	static const struct sipside_transaction_handlers up = { .request = request, .ack = acknowledged };
	struct sipside_transaction_config config = { .node = str_c(host) };

	*s = (struct side){ .world = w, .other = other };
	s->layer = sipside_transactions_create(&w->fake.env, NULL, &config, &up, s);
	sipside_transactions_output(s->layer, line, s);
	assert_true(sipside_target_set(&s->self, SIPSIDE_UDP, str_c(host), 5060));
}

static void exchange(enum s_method method, unsigned loss_percent)
{
	static const struct sipside_client_owner owner = { answered, failed, over };
	struct world w = { .loss_percent = loss_percent };
	const char *word = method == S_INVITE ? "INVITE" : "MESSAGE";

	fake_env_init(&w.fake);
	side_init(&w, &w.caller, &w.called, "192.0.2.1");
	side_init(&w, &w.called, &w.caller, "192.0.2.2");
	for (unsigned i = 1; i <= REQUESTS; i++) {
		enum reason why;
		struct sipside_outgoing r = { .method = method,
			.uri = STR("sip:b@c"),
			.headers = arena_printf(&w.fake.turn,
				"From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: c\r\nCSeq: %u %s\r\n", i, word) };

		assert_non_null(sipside_client_send(w.caller.layer, &w.called.self, &r, &owner, &w, &why));
		fake_env_advance(&w.fake, 20);
	}
	fake_env_advance(&w.fake, 100000);
	assert_int_equal(w.answers + w.failures, REQUESTS);
	assert_int_equal(w.overs, 0);
	assert_int_equal(w.acks, 0); /* those of refusals never climb */
	for (unsigned i = 1; i <= REQUESTS; i++)
		assert_true(w.seen[i] <= 1);
	if (loss_percent <= 40) /* eleven tries each way: who still fails has met 1 chance in a million */
		assert_int_equal(w.failures, 0);
	assert_int_equal(sipside_transactions_clients(w.caller.layer), 0);
	assert_int_equal(sipside_transactions_servers(w.called.layer), 0);
	sipside_transactions_destroy(w.caller.layer);
	sipside_transactions_destroy(w.called.layer);
	fake_env_finish(&w.fake);
}

static void messages_cross_a_line_that_loses_a_quarter(void **state)
{
	(void)state;
	exchange(S_MESSAGE, 25);
}

static void messages_meet_a_line_that_loses_nearly_all(void **state)
{
	(void)state;
	exchange(S_MESSAGE, 90);
}

static void invites_cross_a_line_that_loses_a_tenth(void **state)
{
	(void)state;
	exchange(S_INVITE, 10);
}

static void invites_meet_a_line_that_loses_nearly_all(void **state)
{
	(void)state;
	exchange(S_INVITE, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_cross_a_line_that_loses_a_quarter),
		cmocka_unit_test(messages_meet_a_line_that_loses_nearly_all),
		cmocka_unit_test(invites_cross_a_line_that_loses_a_tenth),
		cmocka_unit_test(invites_meet_a_line_that_loses_nearly_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Transactions without sockets: what they send is kept for asking, what comes in is written as text. */
#ifndef TOMBOLO_TRANSACTION_SCRIPT_H
#define TOMBOLO_TRANSACTION_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "sipside/transaction/transaction.h"
#include "tests/lib/fake_env.h"

enum { SCRIPT_SENDS = 64 };
struct script {
	struct fake_env fake;
	struct sipside_transactions *layer;
	struct sipside_target peer;
	unsigned sent; /* messages we sent */
	uint64_t at_ms[SCRIPT_SENDS]; /* when, counted from the start */
	char first[SCRIPT_SENDS][64]; /* their first lines */
	char last[8192]; /* the newest one, whole */
	struct sipside_watch *watch; /* of the newest one */
	enum reason refuse; /* what the next send is to return */
	/* seen by the layer's user */
	struct sipside_server *server;
	unsigned requests, acks, strays;
	bool take_stray;
};

static inline enum reason script_output(
	void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct script *s = arg;
	unsigned i = s->sent % SCRIPT_SENDS;

	(void)to;
	if (s->refuse)
		return s->refuse;
	s->at_ms[i] = s->fake.now_ms - 1000000;
	snprintf(s->first[i], sizeof(s->first[i]), "%.*s", (int)str_find(bytes, '\r'), bytes.p);
	snprintf(s->last, sizeof(s->last), STR_FMT, STR_ARG(bytes));
	s->watch = watch;
	s->sent++;
	return REASON_NONE;
}

static inline void script_request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	struct script *s = arg;

	(void)m;
	s->server = t;
	s->requests++;
}

static inline void script_ack(void *arg, const struct sipside_msg *m)
{
	(void)m;
	((struct script *)arg)->acks++;
}

static inline bool script_stray(void *arg, const struct sipside_msg *m)
{
	struct script *s = arg;

	(void)m;
	s->strays++;
	return s->take_stray;
}

static inline void script_init(struct script *s, enum sipside_transport transport)
{
	static const struct sipside_transaction_handlers up = { script_request, script_ack, script_stray };
	struct sipside_transaction_config config = { .node = STR("br1.example.net"), .max_servers = 100 };

	memset(s, 0, sizeof(*s));
	fake_env_init(&s->fake);
	s->layer = sipside_transactions_create(&s->fake.env, NULL, &config, &up, s);
	sipside_transactions_output(s->layer, script_output, s);
	assert_true(sipside_target_set(&s->peer, transport, STR("192.0.2.1"), 5060));
}

static inline void script_finish(struct script *s)
{
	sipside_transactions_destroy(s->layer);
	fake_env_finish(&s->fake);
}

static inline void script_receive(struct script *s, const char *text)
{
	char *copy = strdup(text); /* exact size: overruns show */

	sipside_transactions_received(s->layer, &s->peer, str_c(copy));
	free(copy);
	env_end_turn(&s->fake.env);
}

/* Were the sends from number `from` on at exactly these times? Ends at -1. */
static inline void script_times(const struct script *s, unsigned from, const int *times)
{
	unsigned i = from;

	for (; *times >= 0; times++, i++)
		assert_int_equal(s->at_ms[i], *times);
	assert_int_equal(s->sent, i);
}

#endif

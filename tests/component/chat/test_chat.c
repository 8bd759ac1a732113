/* SPDX-License-Identifier: MIT */
/* The records of component/chat between two fake sides; routing, limits and mapping are the real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/chat/chat_table.h"
#include "component/config/config.h"
#include "component/limits.h"
#include "tests/lib/fake_env.h"

#include <stdio.h>
#include <string.h>
#include "tests/component/chat/fake_sides.h"

/* alice@example.com (XMPP) and bob@corp.example (sessions) or bob@simple.example (pager). */
struct house {
	struct fake_env fe;
	struct config config;
	struct config_domain domains[2];
	struct context ctx;
};

#define LINK ((struct xmppside_link *)(uintptr_t)8)
#define SIP(i) ((struct sipside_domain *)(uintptr_t)(16 + 8 * (i)))

static const struct str serves[] = { STR_INIT("example.com") };

static int setup(void **state)
{
	struct house *h = alloc_zero(sizeof(*h));
	static const char *const names[] = { "corp.example", "simple.example" };

	fake_reset();
	fake_env_init(&h->fe);
	for (unsigned i = 0; i < 2; i++)
		h->domains[i] = (struct config_domain){ .name = str_c(names[i]),
			.mode = CONFIG_FEDERATED,
			.profile = map_profile_at(i),
			.link = { .component = str_c(names[i]) },
			.serves = serves,
			.serves_count = 1 };
	h->config = (struct config){ .domains = h->domains, .domains_count = 2 };
	h->config.limits.sessions = 100;
	h->config.limits.messages_per_user = 1000;
	h->config.limits.messages_per_user_ms = 1000;
	h->config.limits.message_bytes = 65536;
	h->config.limits.session_setup_ms = 120000;
	h->config.limits.session_idle_ms = 600000;
	h->ctx = (struct context){ .env = &h->fe.env, .config = &h->config };
	h->ctx.routing = routing_create(&h->config);
	for (unsigned i = 0; i < 2; i++) {
		routing_at(h->ctx.routing, i)->link = LINK;
		routing_at(h->ctx.routing, i)->sip = SIP(i);
	}
	h->ctx.limits = limits_create(&h->fe.env, &h->config);
	h->ctx.chat = chat_create(&h->ctx);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct house *h = *state;

	for (unsigned i = 0; i < fake.tickets_n; i++) /* every ticket is answered exactly once */
		assert_int_equal(fake.tickets[i].answers, 1);
	chat_destroy(h->ctx.chat);
	for (unsigned i = 0; i < fake.sends_n; i++)
		if (fake.sends[i].open)
			fake_outcome(i, &(struct s_result){ .why = REASON_SHUTTING_DOWN });
	for (unsigned i = 0; i < fake.deliveries_n; i++)
		if (fake.deliveries[i].open)
			fake_delivered(i, &(struct x_error){ .why = REASON_LINK_LOST });
	limits_destroy(h->ctx.limits);
	routing_destroy(h->ctx.routing);
	fake_env_finish(&h->fe);
	fake_reset();
	free(h);
	return 0;
}

/* What was said on both sides since the last time. */
static void expect_at(int line, const char *want)
{
	buf_addc(&fake.said, 0);
	if (strcmp(fake.said.p, want))
		fail_msg("line %d: said\n%s\ninstead of\n%s", line, fake.said.p, want);
	buf_clear(&fake.said);
}
#define expect(want) expect_at(__LINE__, (want))

static bool said(const char *part)
{
	buf_addc(&fake.said, 0);
	fake.said.n--;
	return strstr(fake.said.p, part) != NULL;
}

static struct x_message from_alice(const char *id, const char *body)
{
	return (struct x_message){ .flow = 1,
		.from = { STR("alice"), STR("example.com"), STR("phone") },
		.to = { STR("bob"), STR("corp.example"), STR_NONE },
		.id = str_c(id),
		.type = X_TYPE_CHAT,
		.body = str_c(body),
		.has_body = body != NULL,
		.wants_receipt = true };
}

static void write_text(struct house *h, const char *id, const char *body)
{
	struct x_message m = from_alice(id, body);

	chat_x2s_message(&h->ctx, LINK, &m);
}

static void page_text(struct house *h, const char *id, const char *body)
{
	struct x_message m = from_alice(id, body);

	m.to.domain = STR("simple.example");
	chat_x2s_message(&h->ctx, LINK, &m);
}

static void chat_state(struct house *h, enum x_chat chat, const char *domain)
{
	struct x_message m = from_alice("s", NULL);

	m.to.domain = str_c(domain);
	m.chat = chat;
	chat_x2s_message(&h->ctx, LINK, &m);
}

static struct s_request from_bob(const char *key, const char *type, const char *body)
{
	return (struct s_request){ .flow = 2,
		.method = S_MESSAGE,
		.from = { STR("bob"), STR("corp.example"), STR_NONE },
		.to = { STR("alice"), STR("example.com"), STR_NONE },
		.call_id = STR("call-1"),
		.key = str_c(key),
		.hops = 70,
		.expires_s = -1,
		.body = { .type = str_c(type), .bytes = str_c(body) } };
}

static struct sipside_request *page_in(struct house *h, const char *key, const char *type, const char *body)
{
	struct s_request r = from_bob(key, type, body);
	struct sipside_request *t = fake_ticket();

	r.from.host = STR("simple.example");
	chat_s2x_message(&h->ctx, SIP(1), t, &r);
	return t;
}

static struct sipside_request *in_session(unsigned usage, const char *key, const char *type, const char *body)
{
	struct s_request r = from_bob(key, type, body);
	struct sipside_request *t = fake_ticket();

	fake.usages[usage].owner->request(fake.usages[usage].arg, t, &r);
	return t;
}

static void invite(struct house *h)
{
	struct s_request r = from_bob("invite", NULL, NULL);

	r.method = S_INVITE;
	chat_s2x_invite(&h->ctx, SIP(0), fake_ticket(), &r);
}

#define PLAIN "text/plain; charset=UTF-8"
#define ISCOMPOSING "application/im-iscomposing+xml"
#define COMPOSING(state)                                                                                               \
	"<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>" state "</state></isComposing>"
#define KEYBOARD(status) "<KeyboardActivity><status status=\"" status "\"/></KeyboardActivity>"

static const struct s_result ok = { .status = 200 };
static const struct s_result accepted = { .status = 202 };
static const struct s_result no_404 = { .why = REASON_SIP_STATUS, .status = 404 };
static const struct s_result gone_481 = { .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true };
static const struct s_result bye = { .why = REASON_NONE };

/* -- XMPP to SIP */

static void test_texts_open_a_session(void **state)
{
	struct house *h = *state;

	write_text(h, "m1", "Lunch?");
	write_text(h, "m2", "Or tea?");
	expect("0 begin INVITE\n");
	assert_int_equal(chat_in_flight(h->ctx.chat), 2);
	fake_up(0);
	expect("0 send MESSAGE text:Lunch?\n");
	fake_outcome(0, &ok);
	expect("signal bob@corp.example to alice@example.com/phone received=m1\n0 send MESSAGE text:Or tea?\n");
	fake_outcome(1, &accepted);
	expect("");
	assert_int_equal(h->fe.counts[EVENT_MESSAGE], 2);
	assert_int_equal(h->fe.counts[EVENT_RECEIPT], 1);
	assert_int_equal(chat_in_flight(h->ctx.chat), 0);
}

static void test_failures_go_back_with_their_ids(void **state)
{
	struct house *h = *state;

	write_text(h, "m1", "a");
	write_text(h, "m2", "b");
	fake_ended(0, &(struct s_result){ .why = REASON_SIP_STATUS, .status = 486 });
	expect("0 begin INVITE\nbounce id=m1 to alice/phone recipient-unavailable\n"
	       "bounce id=m2 to alice/phone recipient-unavailable\n");
	fake.begin_fails = REASON_NO_ROUTE;
	write_text(h, "m3", "c");
	assert_true(said("bounce id=m3"));
	buf_clear(&fake.said);
	fake.begin_fails = REASON_NONE;
	write_text(h, "m4", "d");
	fake_up(1);
	fake_outcome(0, &no_404);
	expect("1 begin INVITE\n1 send MESSAGE text:d\nbounce id=m4 to alice/phone item-not-found\n");
	assert_int_equal(h->fe.counts[EVENT_MESSAGE], 4);
}

/* Unknown on both sides: the request came back to us. For half a minute nobody asks again. */
static void test_what_comes_back_is_not_asked_again(void **state)
{
	struct house *h = *state;

	page_text(h, "m1", "a");
	fake_outcome(0, &(struct s_result){ .why = REASON_SIP_STATUS, .status = 482 });
	page_text(h, "m2", "b");
	expect("page MESSAGE text:a\nbounce id=m1 to alice/phone item-not-found\n"
	       "bounce id=m2 to alice/phone item-not-found\n");
	fake_env_advance(&h->fe, ABSENT_MS);
	page_text(h, "m3", "c");
	expect("page MESSAGE text:c\n");
	fake_outcome(1, &(struct s_result){ .why = REASON_SIP_STATUS, .status = 482 });
	page_in(h, "k1", PLAIN, "here I am");
	fake_delivered(0, NULL);
	buf_clear(&fake.said);
	page_text(h, "m4", "d");
	expect("page MESSAGE text:d\n");
}

/* A server that hands to the component what it does not know gives back our own stanza. */
static void test_our_own_stanza_ends_here(void **state)
{
	static const struct str both[] = { STR_INIT("example.com"), STR_INIT("simple.example") };
	struct house *h = *state;

	h->domains[1].serves = both;
	h->domains[1].serves_count = 2;
	page_in(h, "k1", PLAIN, "hello");
	buf_clear(&fake.said);
	struct x_message m = from_alice(fake.deliveries[0].id, "hello");

	m.from = (struct x_jid){ STR("bob"), STR("simple.example"), STR_NONE };
	m.to = (struct x_jid){ STR("alice"), STR("example.com"), STR_NONE };
	m.to.domain = STR("simple.example");
	chat_x2s_message(&h->ctx, LINK, &m); /* other addresses than ours had: a message like any other */
	assert_true(said("page MESSAGE"));
	buf_clear(&fake.said);
	m = from_alice("m1", "far travelled");
	m.hops = 1;
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("bounce id=m1 to alice/phone item-not-found\n");
	fake_delivered(0, NULL);
}

static void test_dead_dialog_is_replaced(void **state)
{
	struct house *h = *state;

	write_text(h, "m1", "a");
	fake_up(0);
	fake.usages[0].owner->keep(fake.usages[0].arg, STR("line0"));
	expect("0 begin INVITE\n0 send MESSAGE text:a\nput line0\n");
	fake_outcome(0, &gone_481);
	expect("1 begin INVITE\n");
	fake_ended(0, &gone_481);
	expect("drop\n");
	fake_up(1);
	fake_outcome(1, &ok);
	expect("1 send MESSAGE text:a\nsignal bob@corp.example to alice@example.com/phone received=m1\n");
}

static void test_sends_that_fail_at_once(void **state)
{
	struct house *h = *state;

	for (int i = 0; i < 100; i++)
		write_text(h, "m", "a");
	expect("0 begin INVITE\n");
	write_text(h, "over", "a");
	expect("bounce id=over to alice/phone resource-constraint\n");
	fake.send_fails = REASON_TOO_LARGE;
	fake_up(0);
	assert_int_equal(chat_in_flight(h->ctx.chat), 0);
	assert_int_equal(h->fe.counts[EVENT_MESSAGE], 101);
	buf_clear(&fake.said);
}

static void test_pager(void **state)
{
	struct house *h = *state;

	page_text(h, "m1", "a");
	page_text(h, "m2", "b");
	expect("page MESSAGE text:a\n");
	fake_outcome(0, &accepted);
	expect("page MESSAGE text:b\n");
	fake_outcome(1, &ok);
	expect("signal bob@simple.example to alice@example.com/phone received=m2\n");
	chat_state(h, X_CHAT_COMPOSING, "simple.example");
	expect("");
	page_in(h, "k1", ISCOMPOSING, COMPOSING("active"));
	expect("answer 200\nsignal bob@simple.example to alice@example.com/phone <composing>\npage MESSAGE "
	       "typing:active\n");
	fake_outcome(2, &ok);
	chat_state(h, X_CHAT_PAUSED, "simple.example");
	expect("page MESSAGE typing:idle\n");
	fake_env_advance(&h->fe, 121000);
	expect("signal bob@simple.example to alice@example.com/phone <paused>\n");
}

static void test_refused_at_the_door(void **state)
{
	struct house *h = *state;
	struct x_message m = from_alice("g", "x");

	m.type = X_TYPE_GROUPCHAT;
	chat_x2s_message(&h->ctx, LINK, &m);
	m = from_alice("r", "x");
	m.from.domain = STR("elsewhere.example");
	chat_x2s_message(&h->ctx, LINK, &m);
	assert_true(said("bounce id=g"));
	assert_true(said("bounce id=r"));
	buf_clear(&fake.said);
	m.has_body = false; /* chat states are worth no error */
	m.body = STR_NONE;
	m.chat = X_CHAT_COMPOSING;
	chat_x2s_message(&h->ctx, LINK, &m);
	m = from_alice("c", "x");
	m.is_copy = true;
	chat_x2s_message(&h->ctx, LINK, &m);
	m = from_alice("e", "x");
	m.type = X_TYPE_ERROR;
	chat_x2s_message(&h->ctx, LINK, &m);
	m = from_alice("", "");
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("");
	assert_int_equal(h->fe.counts[EVENT_REFUSED], 3);
}

/* -- SIP to XMPP */

static void test_ticket_waits_for_the_outcome(void **state)
{
	struct house *h = *state;

	page_in(h, "k1", PLAIN, "Hi");
	expect("deliver bob@simple.example to alice@example.com \"Hi\" <active> thread=call-1\n");
	fake_delivered(0, NULL);
	expect("answer 202\n");
	invite(h);
	fake_up(0);
	in_session(0, "k2", PLAIN, "Hi");
	expect("0 accept\nanswer 200\n"
	       "deliver bob@corp.example to alice@example.com \"Hi\" <active> thread=call-1\n");
	fake_delivered(1, NULL);
	expect("answer 200\n");
}

/* limits.message-size, told to whoever wrote. */
static void test_too_long_texts(void **state)
{
	struct house *h = *state;

	h->config.limits.message_bytes = 8;
	write_text(h, "m1", "far too long");
	expect("bounce id=m1 to alice/phone policy-violation\n");
	assert_int_equal(page_in(h, "k1", PLAIN, "far too long")->status, 513);
	expect("answer 513\n");
	h->config.limits.message_bytes = 65536;
}

/* What cannot cross is told once, however often the request comes, and never without limit. */
static void test_offers(void **state)
{
	struct house *h = *state;

	h->config.limits.messages_per_user = 1; /* and twenty at once */
	assert_int_equal(page_in(h, "k1", "image/png", "x")->status, 415);
	expect("answer 415\nsignal bob@simple.example to alice@example.com "
	       "\"bob@simple.example tried to send a picture; this bridge cannot carry it.\"\n");
	assert_int_equal(page_in(h, "k1", "image/png", "x")->status, 415);
	expect("answer 415\n");
	struct sipside_request *t = NULL;

	for (unsigned i = 0; i < 40; i++)
		t = page_in(h, arena_printf(h->fe.env.turn, "o%u", i).p, "image/png", "x");
	assert_int_equal(t->status, 480);
	buf_clear(&fake.said);
}

/* The same id and origin-id: the same message, unless the first one was refused. */
static void test_text_that_comes_twice(void **state)
{
	struct house *h = *state;
	struct x_message m = from_alice("m1", "a");

	m.origin_id = STR("o1");
	m.to.domain = STR("simple.example");
	chat_x2s_message(&h->ctx, LINK, &m);
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("page MESSAGE text:a\n");
	fake_outcome(0, &no_404);
	expect("bounce id=m1 to alice/phone item-not-found\n");
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("page MESSAGE text:a\n");
	fake_outcome(1, &ok);
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("signal bob@simple.example to alice@example.com/phone received=m1\n");
}

static void test_refusals(void **state)
{
	struct house *h = *state;
	static const struct {
		struct x_error error;
		int status;
	} rows[] = {
		{ { .why = REASON_STANZA_ERROR,
			  .condition = STR_INIT("service-unavailable"),
			  .type = STR_INIT("cancel") },
			480 },
		{ { .why = REASON_STANZA_ERROR, .condition = STR_INIT("item-not-found"), .type = STR_INIT("cancel") },
			480 },
		{ { .why = REASON_STANZA_ERROR, .condition = STR_INIT("policy-violation"), .type = STR_INIT("modify") },
			403 },
		{ { .why = REASON_NO_ANSWER }, 480 },
		{ { .why = REASON_LINK_LOST }, 480 },
		{ { .why = REASON_LINK_DOWN }, 503 },
	};
	char key[8];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(key, sizeof(key), "k%u", i);
		struct sipside_request *t = page_in(h, key, PLAIN, "Hi");

		fake_delivered(i, &rows[i].error);
		assert_int_equal(t->status, rows[i].status);
		assert_true((t->status == 503) == (t->retry_after_s > 0));
	}
	fake.deliver_fails = REASON_LINK_DOWN;
	assert_int_equal(page_in(h, "k9", PLAIN, "Hi")->status, 503);
	fake.deliver_fails = REASON_NONE;
	assert_int_equal(page_in(h, "k10", "image/png", "x")->status, 415);
	assert_int_equal(page_in(h, "k11", PLAIN, "")->status, 200);
	struct sipside_request *t = page_in(h, "k9", PLAIN, "Hi"); /* it had not been written: now it is */

	fake_delivered(sizeof(rows) / sizeof(rows[0]), NULL);
	assert_int_equal(t->status, 202);
	buf_clear(&fake.said);
}

static void test_sent_again_is_the_same(void **state)
{
	struct house *h = *state;

	page_in(h, "k1", PLAIN, "Hi");
	page_in(h, "k1", PLAIN, "Hi");
	expect("deliver bob@simple.example to alice@example.com \"Hi\" <active> thread=call-1\n");
	fake_delivered(0, NULL);
	expect("answer 202\nanswer 202\n");
	page_in(h, "k1", PLAIN, "Hi");
	expect("answer 202\n");
	fake_env_advance(&h->fe, 12 * 60000);
	page_in(h, "k1", PLAIN, "Hi");
	expect("deliver bob@simple.example to alice@example.com \"Hi\" <active> thread=call-1\n");
	for (int i = 0; i < 3; i++)
		page_in(h, "k1", PLAIN, "Hi");
	expect("");
	page_in(h, "k1", PLAIN, "Hi"); /* one too many */
	expect("answer 480\n");
	fake_delivered(1, NULL);
	expect("answer 202\nanswer 202\nanswer 202\nanswer 202\n");
}

static void test_unknown_user_ends_the_session(void **state)
{
	struct house *h = *state;

	invite(h);
	fake_up(0);
	in_session(0, "k1", PLAIN, "Hi");
	buf_clear(&fake.said);
	fake_delivered(0,
		&(struct x_error){
			.why = REASON_STANZA_ERROR, .condition = STR("service-unavailable"), .type = STR("cancel") });
	expect("answer 480\n0 end\n");
}

static void test_typing_in_a_session(void **state)
{
	struct house *h = *state;

	invite(h);
	fake_up(0);
	write_text(h, "m1", "a");
	fake_outcome(0, &ok);
	buf_clear(&fake.said);
	in_session(0, "k1", "application/xml", KEYBOARD("type"));
	in_session(0, "k2", "application/xml", KEYBOARD("type"));
	expect("answer 200\nsignal bob@corp.example to alice@example.com/phone <composing>\nanswer 200\n");
	fake_env_advance(&h->fe, 15001);
	expect("signal bob@corp.example to alice@example.com/phone <paused>\n");
	chat_state(h, X_CHAT_COMPOSING, "corp.example");
	expect("0 send INFO typing:active\n");
	fake_outcome(1, &ok);
	fake_env_advance(&h->fe, 5001);
	expect("0 send INFO typing:active\n");
	fake_outcome(2, &ok);
	chat_state(h, X_CHAT_ACTIVE, "corp.example");
	expect("0 send INFO typing:idle\n");
	fake_outcome(3, &ok);
	fake_ended(0, &bye);
	expect("signal bob@corp.example to alice@example.com/phone <gone>\n");
}

static void test_gone_and_idle_end_sessions(void **state)
{
	struct house *h = *state;

	invite(h);
	fake_up(0);
	buf_clear(&fake.said);
	chat_state(h, X_CHAT_GONE, "corp.example");
	expect("0 end\n");
	invite(h);
	fake_up(1);
	fake.usages[1].owner->keep(fake.usages[1].arg, STR("line1"));
	buf_clear(&fake.said);
	fake_env_advance(&h->fe, 601000);
	expect("drop\n1 end\n");
	fake_env_advance(&h->fe, 1201000);
	assert_null(h->ctx.chat->conversations); /* forgotten */
}

/* -- Locking, threads, late errors, restart */

static void test_resource_lock(void **state)
{
	struct house *h = *state;
	struct x_message m = from_alice("m1", "a");
	struct x_presence p = { .from = m.from, .to = m.to, .kind = X_UNAVAILABLE };

	m.thread = STR("t-1");
	chat_x2s_message(&h->ctx, LINK, &m);
	fake_up(0);
	fake_outcome(0, &ok);
	buf_clear(&fake.said);
	in_session(0, "k1", PLAIN, "x");
	expect("deliver bob@corp.example to alice@example.com/phone \"x\" <active> thread=t-1\n");
	fake_delivered(0, NULL);
	chat_user_presence(h->ctx.chat, &p);
	in_session(0, "k2", PLAIN, "y");
	expect("answer 200\ndeliver bob@corp.example to alice@example.com \"y\" <active> thread=t-1\n");
	fake_delivered(1, NULL);
	fake_ended(0, &bye);
	invite(h);
	fake_up(1);
	buf_clear(&fake.said);
	in_session(1, "k3", PLAIN, "z"); /* a new session, a new thread */
	expect("deliver bob@corp.example to alice@example.com \"z\" <active> thread=call-1\n");
	fake_delivered(2, NULL);
	buf_clear(&fake.said);
}

static void test_late_errors_are_told_once(void **state)
{
	struct house *h = *state;
	struct x_error error = { .why = REASON_STANZA_ERROR, .condition = STR("recipient-unavailable") };
	struct x_message late = { .from = { STR("alice"), STR("example.com"), STR("old") },
		.to = { STR("bob"), STR("simple.example"), STR_NONE },
		.type = X_TYPE_ERROR,
		.error = &error };

	page_in(h, "k1", PLAIN, "Hi");
	late.id = str_c(fake.deliveries[0].id);
	chat_x2s_refused_late(&h->ctx, LINK, &late); /* still open: not late */
	fake_delivered(0, NULL);
	buf_clear(&fake.said);
	fake_env_advance(&h->fe, 10 * 60000);
	struct x_message forged = late;

	forged.from.node = STR("mallory");
	chat_x2s_refused_late(&h->ctx, LINK, &forged);
	expect("");
	chat_x2s_refused_late(&h->ctx, LINK, &late);
	chat_x2s_refused_late(&h->ctx, LINK, &late);
	expect("page MESSAGE text:Your message of 00:00 UTC was not delivered to alice@example.com after all "
	       "(recipient-unavailable).\n");
	fake_outcome(0, &no_404); /* nobody is told about the notice's own fate */
	expect("");
	assert_int_equal(h->fe.counts[EVENT_MESSAGE_LATE], 1);
}

static void test_devices(void **state)
{
	struct house *h = *state;
	struct s_request r = from_bob("k1", PLAIN, "Hi");

	r.from = (struct s_uri){ STR("bob"), STR("simple.example"), STR("desk") };
	r.to.gruu = STR("laptop");
	chat_s2x_message(&h->ctx, SIP(1), fake_ticket(), &r);
	expect("deliver bob@simple.example/desk to alice@example.com/laptop \"Hi\" <active> thread=call-1\n");
	fake_delivered(0, NULL);
	expect("answer 202\n");
}

static void test_sessions_are_counted(void **state)
{
	struct house *h = *state;

	h->config.limits.sessions = 1;
	invite(h);
	fake_up(0);
	expect("0 accept\nanswer 200\n");
	invite(h);
	expect("answer 480\n");
	struct x_message m = from_alice("m1", "a");

	m.to.node = STR("carol");
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("bounce id=m1 to alice/phone resource-constraint\n");
	fake_ended(0, &bye);
	chat_x2s_message(&h->ctx, LINK, &m);
	expect("1 begin INVITE\n");
}

static void test_restart(void **state)
{
	struct house *h = *state;
	struct store_row row = { .kind = STORE_CONVERSATION,
		.user = { STR("alice"), STR("example.com"), STR_NONE },
		.other = { STR("bob"), STR("corp.example"), STR_NONE },
		.key = STR("0123456789abcdef"),
		.dialog = STR("saved-line") };

	chat_restore(h->ctx.chat, &row);
	expect("0 restore saved-line\n");
	in_session(0, "k1", PLAIN, "still there?");
	expect("deliver bob@corp.example to alice@example.com \"still there?\" <active> thread=call-1\n");
	fake_delivered(0, NULL);
	write_text(h, "m1", "yes");
	expect("answer 200\n0 send MESSAGE text:yes\n");
	fake_outcome(0, &ok);
	buf_clear(&fake.said);
	fake.restore_fails = REASON_INTERNAL;
	row.key = STR("1");
	chat_restore(h->ctx.chat, &row);
	expect("1 restore saved-line\ndrop\n");
	row.other.host = STR("forgotten.example");
	chat_restore(h->ctx.chat, &row);
	expect("drop\n");
}

static void test_the_end_is_told_to_who_still_waits(void **state)
{
	struct house *h = *state;

	write_text(h, "m1", "in flight");
	fake_up(0);
	write_text(h, "m2", "waiting");
	buf_clear(&fake.said);
	chat_give_up(h->ctx.chat);
	assert_true(said("m1"));
	assert_true(said("remote-server-timeout"));
	assert_true(said("m2"));
	assert_true(said("resource-constraint"));
	buf_clear(&fake.said);
}

static void test_destroy_answers_tickets(void **state)
{
	struct house *h = *state;
	struct sipside_request *t = page_in(h, "k1", PLAIN, "Hi");

	write_text(h, "m1", "a");
	fake_up(0);
	buf_clear(&fake.said);
	chat_destroy(h->ctx.chat);
	expect("answer 480\n");
	assert_int_equal(t->status, 480);
	fake_outcome(0, &(struct s_result){ .why = REASON_SHUTTING_DOWN });
	fake_delivered(0, &(struct x_error){ .why = REASON_LINK_LOST });
	expect("");
	h->ctx.chat = NULL;
}

/* -- Anything in any order: every ticket one answer, every text one end, nothing left behind */

struct chaos {
	struct house *h;
	unsigned written, keys;
};

static unsigned pick(struct chaos *x, unsigned n)
{
	return (unsigned)(env_random_u64(&x->h->fe.env) >> 16) % n;
}

static void chaos_xmpp(struct chaos *x)
{
	struct x_message m = from_alice("id", "text");
	struct x_presence p = { .from = m.from, .to = m.to, .kind = X_AVAILABLE };

	if (pick(x, 2))
		m.to.domain = STR("simple.example");
	if (pick(x, 2)) {
		m.has_body = false;
		m.body = STR_NONE;
		m.chat = (enum x_chat)pick(x, X_CHATS);
	} else {
		x->written++;
	}
	chat_x2s_message(&x->h->ctx, LINK, &m);
	if (pick(x, 10) == 0)
		chat_user_presence(x->h->ctx.chat, &p);
}

/* A usage whose owner still listens; -1: the one picked does not. */
static int chaos_usage(struct chaos *x)
{
	unsigned i = fake.usages_n ? pick(x, fake.usages_n) : 0;

	if (fake.usages_n > 8 && pick(x, 4))
		i = fake.usages_n - 1 - pick(x, 8);
	return i < fake.usages_n && !fake.usages[i].ended ? (int)i : -1;
}

static void chaos_sip(struct chaos *x)
{
	static const char *const bodies[][2] = { { PLAIN, "x" }, { PLAIN, "x" }, { PLAIN, "" }, { "image/png", "x" },
		{ "application/xml", KEYBOARD("type") }, { ISCOMPOSING, COMPOSING("idle") } };
	unsigned which = pick(x, 6);
	int usage = chaos_usage(x);
	char key[16];

	snprintf(key, sizeof(key), "k%u", pick(x, 4) ? x->keys++ : pick(x, x->keys + 1));
	if (pick(x, 8) == 0)
		invite(x->h);
	else if (usage < 0 || pick(x, 3) == 0)
		page_in(x->h, key, bodies[which][0], bodies[which][1]);
	else if (!fake.usages[usage].dying)
		in_session((unsigned)usage, key, bodies[which][0], bodies[which][1]);
}

static void chaos_outcome(struct chaos *x, unsigned send)
{
	static const struct s_result stale = { .why = REASON_SIP_STATUS, .status = 500, .words = STR_INIT("Stale") };
	static const struct s_result silent = { .why = REASON_NO_ANSWER, .usage_gone = true };
	static const struct s_result closed = { .why = REASON_NO_SESSION, .not_processed = true };
	const struct s_result *const results[] = { &ok, &ok, &accepted, &no_404, &gone_481, &stale, &silent, &closed };

	if (fake.sends[send].open)
		fake_outcome(send, results[pick(x, 8)]);
}

static void chaos_delivered(struct chaos *x, unsigned delivery)
{
	static const struct x_error refused = {
		.why = REASON_STANZA_ERROR, .condition = STR_INIT("service-unavailable"), .type = STR_INIT("cancel")
	};
	static const struct x_error lost = { .why = REASON_LINK_LOST };
	static const struct x_error down = { .why = REASON_LINK_DOWN };
	const struct x_error *const errors[] = { NULL, NULL, NULL, &refused, &lost, &down };

	if (fake.deliveries[delivery].open)
		fake_delivered(delivery, errors[pick(x, 6)]);
}

static void chaos_session(struct chaos *x, unsigned usage)
{
	struct sipside_usage *u = &fake.usages[usage];

	for (unsigned i = 0; i < fake.sends_n; i++)
		if (fake.sends[i].open && fake.sends[i].usage == u)
			return; /* every open send has its outcome before `ended` */
	if (!u->up && !u->dying && pick(x, 2))
		fake_up(usage);
	else if (u->dying || pick(x, 3) == 0)
		fake_ended(usage, pick(x, 2) ? &bye : &no_404);
}

static void chaos_step(struct chaos *x)
{
	int usage;

	switch (pick(x, 7)) {
	case 0:
		chaos_xmpp(x);
		break;
	case 1:
		chaos_sip(x);
		break;
	case 2:
		if (fake.sends_n)
			chaos_outcome(x, fake.sends_n - 1 - pick(x, fake.sends_n < 8 ? fake.sends_n : 8));
		break;
	case 3:
		if (fake.deliveries_n)
			chaos_delivered(
				x, fake.deliveries_n - 1 - pick(x, fake.deliveries_n < 8 ? fake.deliveries_n : 8));
		break;
	case 4:
	case 5:
		usage = chaos_usage(x);
		if (usage >= 0)
			chaos_session(x, (unsigned)usage);
		break;
	default:
		fake_env_advance(&x->h->fe, pick(x, 60) ? pick(x, 2000) : 700000);
	}
	buf_clear(&fake.said);
}

static void chaos_rest(struct chaos *x)
{
	for (int turn = 0; turn < 500 && x->h->ctx.chat->conversations; turn++) {
		for (unsigned i = 0; i < fake.sends_n; i++)
			chaos_outcome(x, i);
		for (unsigned i = 0; i < fake.deliveries_n; i++)
			chaos_delivered(x, i);
		for (unsigned i = 0; i < fake.usages_n; i++)
			if (!fake.usages[i].ended)
				chaos_session(x, i);
		fake_env_advance(&x->h->fe, 130000);
		buf_clear(&fake.said);
	}
}

static void test_chaos(void **state)
{
	struct chaos x = { .h = *state };

	for (uint64_t seed = 1; seed <= 10; seed++) {
		x.h->fe.seed = seed;
		memset(x.h->fe.counts, 0, sizeof(x.h->fe.counts));
		x.written = x.keys = 0;
		fake_reset();
		for (int i = 0; i < 3000; i++)
			chaos_step(&x);
		chaos_rest(&x);
		assert_null(x.h->ctx.chat->conversations);
		assert_int_equal(chat_in_flight(x.h->ctx.chat), 0);
		assert_int_equal(x.h->ctx.chat->sessions, 0);
		assert_int_equal(x.h->ctx.chat->outcomes, 0);
		assert_int_equal(x.h->fe.counts[EVENT_MESSAGE], x.written + fake.deliveries_n);
		for (unsigned i = 0; i < fake.tickets_n; i++)
			assert_int_equal(fake.tickets[i].answers, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(test_texts_open_a_session),
		TEST(test_failures_go_back_with_their_ids),
		TEST(test_what_comes_back_is_not_asked_again),
		TEST(test_our_own_stanza_ends_here),
		TEST(test_dead_dialog_is_replaced),
		TEST(test_sends_that_fail_at_once),
		TEST(test_too_long_texts),
		TEST(test_offers),
		TEST(test_text_that_comes_twice),
		TEST(test_pager),
		TEST(test_refused_at_the_door),
		TEST(test_ticket_waits_for_the_outcome),
		TEST(test_refusals),
		TEST(test_sent_again_is_the_same),
		TEST(test_unknown_user_ends_the_session),
		TEST(test_typing_in_a_session),
		TEST(test_gone_and_idle_end_sessions),
		TEST(test_resource_lock),
		TEST(test_late_errors_are_told_once),
		TEST(test_devices),
		TEST(test_sessions_are_counted),
		TEST(test_restart),
		TEST(test_the_end_is_told_to_who_still_waits),
		TEST(test_destroy_answers_tickets),
		TEST(test_chaos),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/uas/uas.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct world {
	struct fake_env fake;
	struct sipside_transactions *layer;
	struct sipside_uas *uas;
	struct sipside_target peer;
	struct own_mark mark;
	bool stranger, down, has_dialog;
	unsigned outside, inside, sent;
	char last[8192];
};

static bool peer_allowed(void *arg, const struct sipside_target *from, const struct sipside_msg *m)
{
	struct world *w = arg;

	(void)m;
	assert_true(sipside_target_same_host(from, &w->peer));
	return !w->stranger;
}

static bool serves(void *arg, struct str host)
{
	(void)arg;
	return str_eq(host, STR("corp.example"));
}

static bool our_port(void *arg, uint16_t port)
{
	(void)arg;
	return port == 5060 || port == 5061;
}

static bool in_service(void *arg)
{
	return !((struct world *)arg)->down;
}

static bool inside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	struct world *w = arg;

	if (!w->has_dialog)
		return false;
	w->inside++;
	if (m->method == S_BENOTIFY)
		sipside_server_drop(t); /* taken, and never answered */
	else
		sipside_server_reply(t, &(struct sipside_reply){ .status = 200 });
	return true;
}

static void outside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	(void)m;
	((struct world *)arg)->outside++;
	sipside_server_reply(t, &(struct sipside_reply){ .status = 202 });
}

static void request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	sipside_uas_request(((struct world *)arg)->uas, t, m);
}

static void acknowledged(void *arg, const struct sipside_msg *m)
{
	(void)arg;
	(void)m;
}

static enum reason output(void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct world *w = arg;

	(void)to;
	(void)watch;
	snprintf(w->last, sizeof(w->last), STR_FMT, STR_ARG(bytes));
	w->sent++;
	return REASON_NONE;
}

static void world_init(struct world *w)
{
	static const struct sipside_uas_handlers up = { peer_allowed, serves, our_port, in_service, inside, outside };
	static const struct sipside_transaction_handlers middle = { .request = request, .ack = acknowledged };
	struct sipside_transaction_config config = { .node = STR("br1.example.net") };
	struct sipside_uas_config door = { .node = STR("br1.example.net"), .mark = &w->mark };

	memset(w, 0, sizeof(*w));
	fake_env_init(&w->fake);
	w->layer = sipside_transactions_create(&w->fake.env, NULL, &config, &middle, w);
	sipside_transactions_output(w->layer, output, w);
	own_mark_init(&w->mark, STR("sip.corp.example"));
	w->uas = sipside_uas_create(&w->fake.env, &door, &up, w);
	assert_true(sipside_target_set(&w->peer, SIPSIDE_TCP, STR("192.0.2.1"), 5060));
}

static void world_finish(struct world *w)
{
	sipside_uas_destroy(w->uas);
	sipside_transactions_destroy(w->layer);
	fake_env_finish(&w->fake);
}

/* Each a request with fresh identifiers. 0: no answer. */
static int ask(struct world *w, const char *method, const char *uri, const char *to_tag, const char *lines)
{
	static unsigned count;
	char text[2048];
	unsigned sent = w->sent;

	count++;
	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK%u\r\nFrom: <sip:b@c.example>;tag=1\r\n"
		"To: <sip:ann@corp.example>%s\r\nCall-ID: c%u\r\nCSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n",
		method, uri, count, to_tag, count, method, lines);
	sipside_transactions_received(w->layer, &w->peer, str_c(text));
	env_end_turn(&w->fake.env);
	return w->sent == sent ? 0 : atoi(w->last + 8);
}

#define ANN "sip:ann@corp.example"

static void every_method_has_its_place(void **state)
{
	static const struct {
		const char *method;
		int outside, inside, without_dialog;
	} rows[] = { { "INVITE", 202, 200, 481 }, { "BYE", 481, 200, 481 }, { "OPTIONS", 200, 200, 481 },
		{ "MESSAGE", 202, 200, 202 /* who counts texts decides */ }, { "INFO", 481, 200, 481 },
		{ "SUBSCRIBE", 202, 200, 481 }, { "NOTIFY", 481, 200, 481 }, { "BENOTIFY", 0, 0, 0 },
		{ "UPDATE", 481, 200, 481 }, { "PRACK", 405, 405, 405 }, { "REFER", 405, 405, 405 },
		{ "PUBLISH", 405, 405, 405 }, { "REGISTER", 405, 405, 405 }, { "SERVICE", 405, 405, 405 },
		{ "NEGOTIATE", 405, 405, 405 }, { "PING", 501, 501, 501 }, { "message", 501, 501, 501 } };
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_init(&w);
		assert_int_equal(ask(&w, rows[i].method, ANN, "", "Event: presence\r\n"), rows[i].outside);
		assert_int_equal(ask(&w, rows[i].method, ANN, ";tag=x", ""), rows[i].without_dialog);
		w.has_dialog = true;
		assert_int_equal(ask(&w, rows[i].method, ANN, ";tag=x", ""), rows[i].inside);
		world_finish(&w);
	}
}

static int ask_with_body(struct world *w, const char *line)
{
	static unsigned count;
	char text[1024];

	snprintf(text, sizeof(text),
		"MESSAGE " ANN " SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKbody%u\r\n"
		"From: <sip:b@c.example>;tag=1\r\nTo: <sip:ann@corp.example>\r\nCall-ID: body%u\r\n"
		"CSeq: 1 MESSAGE\r\n%sContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
		count, count, line);
	count++;
	sipside_transactions_received(w->layer, &w->peer, str_c(text));
	env_end_turn(&w->fake.env);
	return atoi(w->last + 8);
}

static void refusals_say_what_would_do(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(ask(&w, "REGISTER", ANN, "", ""), 405);
	assert_non_null(strstr(w.last, "\r\nAllow: INVITE, "));
	assert_int_equal(ask(&w, "SUBSCRIBE", ANN, "", "Event: vnd-microsoft-roaming-contacts\r\n"), 489);
	assert_non_null(strstr(w.last, "\r\nAllow-Events: presence\r\n"));
	assert_int_equal(ask(&w, "SUBSCRIBE", ANN, "", ""), 489);
	assert_int_equal(ask(&w, "INVITE", ANN, "", "Require: 100rel, timer\r\nRequire: x\r\n"), 420);
	assert_non_null(strstr(w.last, "\r\nUnsupported: 100rel, timer, x\r\n"));
	assert_int_equal(ask(&w, "SUBSCRIBE", ANN, "", "Event: presence\r\nRequire: eventlist\r\n"), 420);
	w.has_dialog = true;
	assert_int_equal(ask(&w, "NOTIFY", ANN, ";tag=x", "Require: eventlist\r\n"), 200); /* as Lync has it */
	assert_int_equal(ask(&w, "NOTIFY", ANN, ";tag=x", "Require: eventlist, 100rel\r\n"), 420);
	assert_non_null(strstr(w.last, "\r\nUnsupported: 100rel\r\n"));
	w.has_dialog = false;
	assert_int_equal(ask_with_body(&w, "Content-Encoding: gzip\r\n"), 415);
	assert_non_null(strstr(w.last, "\r\nAccept-Encoding: identity\r\n"));
	assert_int_equal(ask_with_body(&w, "e: Identity\r\n"), 202);
	assert_int_equal(ask(&w, "MESSAGE", "tel:+15550100", "", ""), 416);
	assert_int_equal(ask(&w, "MESSAGE", "sip:ann@other.example", "", ""), 404);
	assert_int_equal(ask(&w, "MESSAGE", "SIP:ann@CORP.example", "", ""), 202);
	assert_int_equal(ask(&w, "OPTIONS", "sip:corp.example", "", ""), 200);
	assert_non_null(strstr(w.last, "\r\nAccept: text/plain"));
	world_finish(&w);
}

static int ask_with_agent(struct world *w, const struct own_mark *mark)
{
	struct str line = arena_printf(
		&w->fake.turn, "User-Agent: " STR_FMT "\r\n%c", STR_ARG(own_mark_agent(mark, &w->fake.env)), 0);

	return ask(w, "MESSAGE", ANN, "", line.p);
}

static void loops_end_here(void **state)
{
	struct own_mark other;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "Via: SIP/2.0/TLS BR1.example.net:5061;branch=z9hG4bKx\r\n"), 482);
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "v: SIP/2.0/UDP other, SIP / 2.0 / UDP br1.example.net\r\n"), 482);
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "v: SIP/2.0/UDP br1.example.net.evil\r\n"), 202);
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "v: SIP/2.0/UDP br1.example.net:5080\r\n"), 202); /* a neighbour */
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "v: SIP / 2.0 / tls  br1.example.net ;x\r\n"), 482); /* 5061 */
	assert_int_equal(ask_with_agent(&w, &w.mark), 482);
	own_mark_init(&other, STR("sip.other.example"));
	assert_int_equal(ask_with_agent(&w, &other), 202);
	assert_int_equal(ask(&w, "MESSAGE", ANN, "", "Max-Forwards: 0\r\n"), 483);
	assert_int_equal(ask(&w, "OPTIONS", ANN, "", "Max-Forwards: 0\r\n"), 200);
	assert_int_equal(ask(&w, "NEGOTIATE", "sip:192.0.2.9:5061", "", "Max-Forwards: 0\r\n"), 405);
	world_finish(&w);
}

static void strangers_and_outages(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.stranger = true;
	assert_int_equal(ask(&w, "PING", ANN, "", ""), 403); /* before anything else is told */
	w.stranger = false;
	w.down = true;
	assert_int_equal(ask(&w, "OPTIONS", ANN, "", ""), 503);
	assert_non_null(strstr(w.last, "\r\nRetry-After: 10\r\n"));
	assert_int_equal(ask(&w, "INVITE", ANN, "", ""), 503);
	assert_int_equal(w.outside, 0);
	ask(&w, "MESSAGE", ANN, "", ""); /* perhaps one that was delivered before: not ours to judge */
	assert_int_equal(w.outside, 1);
	w.has_dialog = true;
	assert_int_equal(ask(&w, "BYE", ANN, ";tag=x", ""), 200);
	assert_int_equal(w.outside, 1);
	assert_int_equal(w.fake.counts[EVENT_REFUSED], 2);
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_has_its_place),
		cmocka_unit_test(refusals_say_what_would_do),
		cmocka_unit_test(loops_end_here),
		cmocka_unit_test(strangers_and_outages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

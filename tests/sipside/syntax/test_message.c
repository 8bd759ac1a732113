/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/syntax/message.h"
#include "tests/lib/fake_env.h"
#include "tests/lib/vectors.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static struct fake_env fake;

static int parse(const char *text, struct sipside_msg *m)
{
	const char *why;

	return sipside_msg_parse(&fake.env, str_c(text), m, &why);
}

#define LINES                                                                                                          \
	"Via: SIP/2.0/tls 10.0.0.21:61234;branch=z9hG4bK1;rport;ms-internal-info=\"q,w\" , SIP/2.0/TCP h\r\n"          \
	"v: SIP/2.0/TLS 10.0.5.7;ms-received-cid=1B2C00\r\n"                                                           \
	"From: \"Bob \\\"B\\\" Brown\"<SIP:bob%%20b@Corp.Example>;tag=c0ff;epid=0a\r\n"                                \
	"To: <sip:ann@corp.example>;epid=5f\r\nCall-ID: c1\r\nCSeq: 1 %s\r\n"

static void one_lync_invite_read_whole(void **state)
{
	char text[2048];
	struct sipside_msg m;
	struct sipside_party p;
	struct sipside_walk at = { 0 };
	struct str value, *routes;

	(void)state;
	snprintf(text, sizeof(text),
		"INVITE sip:ann@corp.example;gr=a%%3Ab SIP/2.0\r\n"
		"Record-Route: <sip:p1;lr;sig=%%41,x>;tag=5A , <sip:p2;lr>\r\n" LINES "Record-Route: <sip:p3>\r\n"
		"Max-Forwards: 0069\r\nSupported: ms-sender, Timer\r\nk: 100rel;q=1\r\n"
		"Contact: <sip:bob@corp.example;opaque=user:epid:kQ;gruu>;expires=60\r\nSubject: a\r\n  b\r\n"
		"P-Asserted-Identity: \"B\"<SIP:BOB@corp.example>,<tel:+1>\r\nDate: Thu, 01 Jan 1970 00:00:10 GMT\r\n"
		"Expires: 99999999999\r\nRetry-After: 17 (busy)\r\nMs-Conversation-ID: AdA=\r\n"
		"Content-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhello world",
		"INVITE");
	assert_int_equal(parse(text, &m), 0);
	assert_true(m.is_request && m.method == S_INVITE && m.cseq == 1 && m.max_forwards == 69);
	assert_true(str_eq(m.uri.as.user, STR("ann")) && str_eq(m.uri.as.gruu, STR("a:b")));
	assert_true(
		str_eq(m.via.raw, STR("SIP/2.0/tls 10.0.0.21:61234;branch=z9hG4bK1;rport;ms-internal-info=\"q,w\"")));
	assert_true(m.via.rport && m.via.port == 61234 && str_eq(m.via.transport, STR("TLS")));
	assert_true(str_eq(m.from.display, STR("Bob \"B\" Brown")) && str_eq(m.from.tag, STR("c0ff")));
	assert_true(str_eq(m.from.uri.as.user, STR("bob b")) && str_eq(m.from.uri.as.host, STR("corp.example")));
	assert_true(str_eq(m.from.uri.raw, STR("SIP:bob%20b@Corp.Example")) && str_eq(m.from.uri.scheme, STR("sip")));
	assert_true(str_ends(m.from.raw, STR(";epid=0a")) && m.to.tag.n == 0);
	assert_int_equal(sipside_msg_routes(&m, HDR_RECORD_ROUTE, &routes), 3);
	assert_true(str_eq(routes[0], STR("<sip:p1;lr;sig=%41,x>;tag=5A")) && str_eq(routes[2], STR("<sip:p3>")));
	assert_true(
		sipside_msg_has(&m, HDR_SUPPORTED, STR("timer")) && sipside_msg_has(&m, HDR_SUPPORTED, STR("100rel")));
	assert_false(sipside_msg_has(&m, HDR_SUPPORTED, STR("time")));
	assert_true(sipside_msg_contact(&m, &p) && p.expires_s == 60);
	assert_true(str_eq(p.uri.raw, STR("sip:bob@corp.example;opaque=user:epid:kQ;gruu")));
	assert_true(sipside_msg_each(&m, HDR_P_ASSERTED_IDENTITY, &at, &value) && sipside_msg_party(&m, value, &p));
	assert_true(str_eq(p.uri.as.user, STR("BOB")) && str_eq(p.display, STR("B")));
	assert_true(sipside_msg_each(&m, HDR_P_ASSERTED_IDENTITY, &at, &value) && sipside_msg_party(&m, value, &p));
	assert_true(str_eq(p.uri.scheme, STR("tel")));
	assert_false(sipside_msg_each(&m, HDR_P_ASSERTED_IDENTITY, &at, &value));
	assert_true(str_eq(sipside_msg_text(&m, HDR_SUBJECT), STR("a    b")));
	assert_true(str_eq(sipside_msg_named(&m, STR("ms-conversation-id")), STR("AdA=")));
	assert_true(sipside_msg_date(&m) == 10000);
	assert_true(sipside_msg_expires(&m) == INT_MAX && sipside_msg_retry_after(&m) == 17);
	assert_true(str_eq(sipside_msg_body(&m).bytes, STR("hello")));
	assert_int_equal(m.bytes.n, strlen(text) - strlen(" world"));
	assert_int_equal(sipside_msg_key(&m).n, 16);
	sipside_msg_finish(&m);
	env_end_turn(&fake.env);
}

static void states_of_a_subscription(void **state)
{
	static const struct {
		const char *line;
		bool ok;
		enum s_substate state;
		enum s_subreason reason;
		int expires_s;
		unsigned retry_after_s;
	} rows[] = {
		{ "active;expires=3600", true, S_SUB_ACTIVE, S_WHY_NONE, 3600, 0 },
		{ "Pending", true, S_SUB_PENDING, S_WHY_NONE, -1, 0 },
		{ "terminated;reason=probation;retry-after=5", true, S_SUB_TERMINATED, S_WHY_PROBATION, -1, 5 },
		{ "terminated;reason=Rejected", true, S_SUB_TERMINATED, S_WHY_REJECTED, -1, 0 },
		{ "terminated;reason=unheard", true, S_SUB_TERMINATED, S_WHY_OTHER, -1, 0 },
		{ "waiting", true, S_SUB_ACTIVE, S_WHY_NONE, -1, 0 },
		{ "", false, S_SUB_NONE, S_WHY_NONE, -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[1024];
		struct sipside_msg m;
		struct sipside_substate ss;
		struct sipside_event e;

		snprintf(text, sizeof(text),
			"NOTIFY sip:a@b SIP/2.0\r\n" LINES "o: Presence;id=7\r\nSubscription-State: %s\r\n\r\n",
			"NOTIFY", rows[i].line);
		assert_int_equal(parse(text, &m), 0);
		assert_true(sipside_msg_event(&m, &e) && str_eq(e.id, STR("7")));
		assert_int_equal(sipside_msg_substate(&m, &ss), rows[i].ok);
		assert_true(!rows[i].ok || (ss.state == rows[i].state && ss.reason == rows[i].reason));
		assert_true(ss.expires_s == rows[i].expires_s && ss.retry_after_s == rows[i].retry_after_s);
		sipside_msg_finish(&m);
		env_end_turn(&fake.env);
	}
}

static void requests_that_are_refused(void **state)
{
	static const struct {
		const char *name, *text;
		int status;
	} rows[] = {
		{ "no user", "OPTIONS sip:b SIP/2.0\r\n%s\r\n", 0 },
		{ "IPv6", "OPTIONS sip:[::1]:5060 SIP/2.0\r\n%s\r\n", 0 },
		{ "tel", "OPTIONS tel:+1 SIP/2.0\r\n%s\r\n", 0 },
		{ "no host", "OPTIONS sip: SIP/2.0\r\n%s\r\n", 400 },
		{ "no scheme", "OPTIONS a@b SIP/2.0\r\n%s\r\n", 400 },
		{ "escaped headers", "OPTIONS sip:a@b?c=d SIP/2.0\r\n%s\r\n", 400 },
		{ "port", "OPTIONS sip:a@b:70000 SIP/2.0\r\n%s\r\n", 400 },
		{ "version", "OPTIONS sip:a@b SIP/3.0\r\n%s\r\n", 505 },
		{ "two To", "OPTIONS sip:a@b SIP/2.0\r\n%sTo: <sip:x>\r\n\r\n", 400 },
		{ "two CSeq", "OPTIONS sip:a@b SIP/2.0\r\n%sCSeq: 2 OPTIONS\r\n\r\n", 400 },
		{ "other method", "MESSAGE sip:a@b SIP/2.0\r\n%s\r\n", 400 },
		{ "length", "OPTIONS sip:a@b SIP/2.0\r\n%sl: 1\r\n\r\n", 400 },
		{ "huge", "OPTIONS sip:a@b SIP/2.0\r\n%sl: 70000\r\n\r\n", 513 },
		{ "hops", "OPTIONS sip:a@b SIP/2.0\r\n%sMax-Forwards: x\r\n\r\n", 400 },
		{ "many hops", "OPTIONS sip:a@b SIP/2.0\r\n%sMax-Forwards: 300\r\n\r\n", 0 },
		{ "contact", "OPTIONS sip:a@b SIP/2.0\r\n%sm: <sip:x\r\n\r\n", 400 },
		{ "any contact", "OPTIONS sip:a@b SIP/2.0\r\n%sm: *\r\n\r\n", 0 },
		{ "bad date", "OPTIONS sip:a@b SIP/2.0\r\n%sDate: soon\r\n\r\n", 0 },
		{ "no empty line", "OPTIONS sip:a@b SIP/2.0\r\n%s", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char head[1024], text[2048];
		struct sipside_msg m;

		snprintf(head, sizeof(head), LINES, "OPTIONS");
		size_t before = strcspn(rows[i].text, "%");

		snprintf(text, sizeof(text), "%.*s%s%s", (int)before, rows[i].text, head, rows[i].text + before + 2);
		int status = parse(text, &m);

		if (status != rows[i].status)
			fail_msg("%s: %d instead of %d", rows[i].name, status, rows[i].status);
		sipside_msg_finish(&m);
		env_end_turn(&fake.env);
	}
}

static void every_message_of_a_real_client_is_read(void **state)
{
	char path[512];
	unsigned seen = 0;
	DIR *d = opendir(SHARED_TESTDATA "/ms-client");

	(void)state;
	if (!d) {
		printf("skipped: %s/ms-client is not here\n", SHARED_TESTDATA);
		return;
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (!strstr(e->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/ms-client/%s", SHARED_TESTDATA, e->d_name);
		struct str bytes = file_bytes(path);
		struct sipside_msg m;
		const char *why;

		if (sipside_msg_parse(&fake.env, bytes, &m, &why) != 0)
			fail_msg("%s: %s", e->d_name, why);
		seen++;
		sipside_msg_finish(&m);
		env_end_turn(&fake.env);
		free((char *)bytes.p);
	}
	closedir(d);
	assert_true(seen > 50);
}

static void a_walk_over_values_ends(void **state)
{
	char text[8192];
	struct sipside_msg m;
	struct str *routes;
	size_t n =
		(size_t)snprintf(text, sizeof(text), "OPTIONS sip:a@b SIP/2.0\r\n" LINES "Record-Route: ", "OPTIONS");

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "<sip:r>,");
	snprintf(text + n, sizeof(text) - n, "\r\n\r\n");
	assert_int_equal(parse(text, &m), 0);
	assert_int_equal(sipside_msg_routes(&m, HDR_RECORD_ROUTE, &routes), WALK_MAX_STEPS);
	sipside_msg_finish(&m);
	env_end_turn(&fake.env);
}

/* -- Hostile messages: 64 KiB of one thing, in lines that are as long as they may be */

static void touch_everything(const struct sipside_msg *m)
{
	struct sipside_party p;
	struct sipside_event e;
	struct sipside_substate ss;
	struct str *routes;

	sipside_msg_contact(m, &p);
	sipside_msg_event(m, &e);
	sipside_msg_substate(m, &ss);
	sipside_msg_routes(m, HDR_RECORD_ROUTE, &routes);
	sipside_msg_has(m, HDR_SUPPORTED, STR("none"));
	sipside_msg_has(m, HDR_REQUIRE, STR("none"));
	sipside_msg_text(m, HDR_SUBJECT);
	sipside_msg_date(m);
	sipside_msg_body(m);
	sipside_msg_key(m);
}

static size_t hostile(char *out, const char *begin, const char *repeat, const char *end, size_t room)
{
	size_t n = (size_t)snprintf(out, room, "MESSAGE sip:a@b SIP/2.0\r\n" LINES, "MESSAGE");

	while (n + 2 * strlen(begin) + strlen(end) + 8300 < room) {
		size_t start = n;

		n += (size_t)snprintf(out + n, room - n, "%s", begin);
		while (*repeat && n - start < 8000)
			n += (size_t)snprintf(out + n, room - n, "%s", repeat);
		n += (size_t)snprintf(out + n, room - n, "%s\r\n", end);
	}
	return n + (size_t)snprintf(out + n, room - n, "\r\n");
}

/* One CPU millisecond is the limit for the daemon as it is built for use; a build with sanitizers is given ten, which
 * is still far from what a quadratic reader needs (889 ms for the first row in sofia-sip's message parser). */
static void hostile_messages_cost_little(void **state)
{
	static const char *const rows[][3] = {
		{ "k: a", "", "" },
		{ "X:", "", "" },
		{ "Via: SIP/2.0/UDP h", ";a", "" },
		{ "Via: ", "SIP/2.0/UDP h,", "" },
		{ "Contact: <sip:a@b>", ";a", "" },
		{ "Contact: ", "<sip:a>,", "" },
		{ "Contact: <sip:a@b", ";a", ">" },
		{ "Contact: <sip:a@b?", "a=b&", ">" },
		{ "Contact: \"", "\\\"", "\" <sip:a@b>" },
		{ "Contact: <sip:", "%41", "@b>" },
		{ "Contact: ", "<", "" },
		{ "Contact: ", "\"", "" },
		{ "Contact: ", "(", "" },
		{ "Contact: ", "\r\n ", "<sip:a>" },
		{ "Record-Route: ", "<sip:a;lr>,", "" },
		{ "Record-Route: ", "<a,", "" },
		{ "Event: presence", ";a", "" },
		{ "Subscription-State: active", ";a=b", "" },
		{ "Supported: ", ",", "" },
		{ "Require: ", "a,", "" },
		{ "Subject: ", "\r\n a", "" },
		{ "Date: ", "1 ", "" },
		{ "Expires: ", "9", "" },
	};
	enum { ROOM = SCAN_MAX_BYTES };
	char *text = malloc(ROOM);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = hostile(text, rows[i][0], rows[i][1], rows[i][2], ROOM);
		clock_t best = CLOCKS_PER_SEC;

		for (unsigned again = 0; again < 5; again++) {
			clock_t start = clock();
			struct sipside_msg m;
			const char *why;

			if (sipside_msg_parse(&fake.env, (struct str){ text, n }, &m, &why) == 0)
				touch_everything(&m);
			sipside_msg_finish(&m);
			env_end_turn(&fake.env);
			best = clock() - start < best ? clock() - start : best;
		}
		if (best > CLOCKS_PER_SEC / 100)
			fail_msg("%s: %ld us", rows[i][0], (long)best);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_lync_invite_read_whole),
		cmocka_unit_test(states_of_a_subscription),
		cmocka_unit_test(requests_that_are_refused),
		cmocka_unit_test(every_message_of_a_real_client_is_read),
		cmocka_unit_test(a_walk_over_values_ends),
		cmocka_unit_test(hostile_messages_cost_little),
	};

	fake_env_init(&fake);
	int failures = cmocka_run_group_tests(tests, NULL, NULL);

	fake_env_finish(&fake);
	return failures;
}

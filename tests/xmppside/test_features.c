/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/fake_env.h"
#include "xmppside/feature/features.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_reader.h"

#define CAPS_VER "KogObCuINd1XR4Wo2OWi72tno/o="

static struct fake_env f;
static struct xmppside_features features;
static struct buf out;

static void on_opened(void *arg, const struct xmppside_element *header)
{
	(void)arg;
	(void)header;
}

static void on_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	(void)arg;
	(void)whole;
	xmppside_features_answer(&features, e, &out);
}

static void on_ended(void *arg)
{
	(void)arg;
}

/* The answer to one iq, as text. */
static const char *answer(const char *iq)
{
	static const struct xmppside_reader_events events = { on_opened, on_stanza, on_ended };
	struct xmppside_reader *r = xmppside_reader_create(&f.env, &events, NULL);

	buf_clear(&out);
	xmppside_reader_feed(r, STR("<stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "'>"));
	xmppside_reader_feed(r, str_c(iq));
	xmppside_reader_destroy(r);
	buf_addc(&out, '\0');
	return out.p;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

#define IQ(type, to, payload) "<iq type='" type "' from='ann@x.test/d' to='" to "' id='i&apos;1'>" payload "</iq>"

static void test_each_request_and_its_answer(void **state)
{
	static const struct {
		const char *iq, *parts[4];
	} rows[] = {
		{ IQ("get", "sip.test", "<ping xmlns='urn:xmpp:ping'/>"), { "type=\"result\"", "from=\"sip.test\"" } },
		{ IQ("get", "sue@sip.test", "<ping xmlns='urn:xmpp:ping'/>"),
			{ "type=\"result\"", "from=\"sue@sip.test\"", "to=\"ann@x.test/d\"" } },
		{ IQ("get", "sip.test", "\n <query xmlns='jabber:iq:version'/>\n"),
			{ "<name>Tombolo</name>", "<version>" } },
		{ IQ("get", "sip.test", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
			{ "category=\"gateway\"", "type=\"simple\"", "var=\"urn:xmpp:ping\"" } },
		{ IQ("get", "sue@sip.test", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
			{ "category=\"account\"", "http://jabber.org/protocol/chatstates", "urn:xmpp:receipts" } },
		{ IQ("get", "sue@sip.test/x", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
			{ "category=\"client\"", "http://jabber.org/protocol/chatstates", "urn:xmpp:receipts" } },
		{ IQ("get", "sip.test", "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>"),
			{ "type=\"error\"", "item-not-found" } },
		{ IQ("get", "sip.test", "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
			{ "type=\"result\"", "disco#items" } },
		{ IQ("get", "sip.test", "<query xmlns='http://jabber.org/protocol/disco#items' node='x'/>"),
			{ "item-not-found" } },
		{ IQ("get", "sue@sip.test", "<vCard xmlns='vcard-temp'/>"),
			{ "type=\"error\"", "service-unavailable", "from=\"sue@sip.test\"", "type=\"cancel\"" } },
		{ IQ("set", "sip.test", "<query xmlns='jabber:iq:version'/>"),
			{ "type=\"error\"", "service-unavailable" } },
		{ IQ("get", "sip.test", ""), { "type=\"error\"", "bad-request", "type=\"modify\"" } },
		{ IQ("get", "sip.test", "text"), { "bad-request" } },
		{ IQ("get", "sip.test", "<a xmlns='a'/><b xmlns='b'/>"), { "bad-request" } },
		{ IQ("get", "sip.test", "<ping xmlns='other'/>"), { "service-unavailable" } },
		{ IQ("get", "sip.test", "<ping xmlns=''/>"), { "service-unavailable" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = answer(rows[i].iq);

		for (const char *const *part = rows[i].parts; part < rows[i].parts + 4 && *part; part++)
			assert_has(text, *part);
		assert_has(text, "id=\"i'1\"");
		assert_null(strstr(strstr(text, "<iq") + 1, "<iq"));
	}
}

/* The hash that clients recompute from our answer (XEP-0115 5.1); value worked out with openssl. */
static void test_caps_name_what_disco_says(void **state)
{
	static const char query[] = "<query xmlns='http://jabber.org/protocol/disco#info' node='" STR_FMT "'/>";
	struct buf iq = { 0 };

	(void)state;
	assert_true(str_ends(features.caps_node, STR("#" CAPS_VER)));
	buf_lit(&iq, "<iq type='get' from='ann@x.test/d' to='sue@sip.test' id='1'>");
	buf_printf(&iq, query, STR_ARG(features.caps_node));
	buf_lit(&iq, "</iq>");
	buf_addc(&iq, '\0');
	const char *text = answer(iq.p);

	assert_has(text, "type=\"result\"");
	assert_has(text, "category=\"client\"");
	assert_has(text, CAPS_VER);
	buf_finish(&iq);
}

static int set_up(void **state)
{
	(void)state;
	fake_env_init(&f);
	xmppside_features_init(&features);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	xmppside_features_finish(&features);
	buf_finish(&out);
	fake_env_finish(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_request_and_its_answer),
		cmocka_unit_test(test_caps_name_what_disco_says),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

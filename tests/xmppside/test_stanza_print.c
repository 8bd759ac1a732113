/* SPDX-License-Identifier: MIT */
/* What is printed, read back: both halves against each other, and against the standards' own words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/lib/fake_env.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/syntax/stanza_print.h"
#include "xmppside/syntax/stanza_reader.h"
#include "xmppside/syntax/xml_writer.h"

#define HEADER "<stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "' id='x'>"

static struct fake_env f;
static struct arena arena;
static struct x_message message;
static struct x_presence presence;
static bool parsed;
static struct xmppside_reader *reader;

static void on_opened(void *arg, const struct xmppside_element *header)
{
	(void)arg;
	(void)header;
}

static struct str keep(struct str s)
{
	return s.p ? arena_str(&arena, s) : s;
}

static void keep_error(const struct x_error **error)
{
	struct x_error *copy;

	if (!*error)
		return;
	copy = arena_alloc(&arena, sizeof(*copy));
	*copy = **error;
	copy->condition = keep(copy->condition);
	copy->type = keep(copy->type);
	copy->text = keep(copy->text);
	copy->by = keep(copy->by);
	copy->gone_to = keep(copy->gone_to);
	*error = copy;
}

static void keep_jid(struct x_jid *jid)
{
	*jid = (struct x_jid){ keep(jid->node), keep(jid->domain), keep(jid->resource) };
}

static void on_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	(void)arg;
	assert_true(whole);
	if (str_eq(e->name, STR("message"))) {
		parsed = xmppside_parse_message(&arena, e, &message);
		keep_jid(&message.from);
		keep_jid(&message.to);
		message.id = keep(message.id);
		message.body = keep(message.body);
		message.subject = keep(message.subject);
		message.thread = keep(message.thread);
		message.lang = keep(message.lang);
		message.received = keep(message.received);
		message.displayed = keep(message.displayed);
		keep_error(&message.error);
	} else {
		parsed = xmppside_parse_presence(&arena, e, &presence);
		keep_jid(&presence.from);
		presence.status = keep(presence.status);
		presence.nick = keep(presence.nick);
		presence.lang = keep(presence.lang);
		keep_error(&presence.error);
	}
}

static void on_ended(void *arg)
{
	(void)arg;
}

/* Reads one stanza into the two records above; false where it is no value. */
static bool read_back(struct str stanza)
{
	static const struct xmppside_reader_events events = { on_opened, on_stanza, on_ended };

	parsed = false;
	reader = xmppside_reader_create(&f.env, &events, NULL);
	assert_int_equal(xmppside_reader_feed(reader, STR(HEADER)).n, 0);
	assert_int_equal(xmppside_reader_feed(reader, stanza).n, 0);
	xmppside_reader_destroy(reader);
	return parsed;
}

static const struct x_jid sue = { STR_INIT("sue\\20o'x"), STR_INIT("sip.test"), STR_INIT("a/b@c<&>") };
static const struct x_jid ann = { STR_INIT("ann"), STR_INIT("x.test"), STR_INIT("") };

#define ASSERT_STR(a, b) assert_true(str_eq((a), (b)))

static void test_message_there_and_back(void **state)
{
	struct buf out = { 0 };
	struct x_message m = { .from = sue,
		.to = ann,
		.id = STR("i'd\"<>&\n\t"),
		.type = X_TYPE_CHAT,
		.has_body = true,
		.body = STR("a\nb <c> & \"d\" 'e' \xf0\x9f\x98\x80 \t]]>"),
		.subject = STR("s"),
		.thread = STR("t"),
		.lang = STR("de"),
		.chat = X_CHAT_ACTIVE,
		.wants_receipt = true,
		.received = STR("r1"),
		.displayed = STR("d1"),
		.stamp_ms = 1767225600123,
		.hops = 69 };

	(void)state;
	xmppside_print_message(&arena, &out, &m);
	assert_true(read_back(buf_str(&out)));
	ASSERT_STR(message.from.node, sue.node);
	ASSERT_STR(message.from.resource, sue.resource);
	ASSERT_STR(message.to.domain, ann.domain);
	ASSERT_STR(message.id, m.id);
	assert_int_equal(message.type, X_TYPE_CHAT);
	assert_true(message.has_body);
	ASSERT_STR(message.body, m.body);
	ASSERT_STR(message.subject, m.subject);
	ASSERT_STR(message.thread, m.thread);
	ASSERT_STR(message.lang, m.lang);
	assert_int_equal(message.chat, X_CHAT_ACTIVE);
	assert_true(message.wants_receipt);
	ASSERT_STR(message.received, m.received);
	ASSERT_STR(message.displayed, m.displayed);
	assert_int_equal(message.stamp_ms, m.stamp_ms);
	assert_int_equal(message.hops, 69);
	assert_false(message.is_copy);
	assert_null(message.error);
	buf_finish(&out);
}

static void test_every_type_and_state(void **state)
{
	(void)state;
	for (unsigned type = 0; type < X_TYPES; type++)
		for (unsigned chat = 0; chat < X_CHATS; chat++) {
			struct buf out = { 0 };
			struct x_message m = {
				.from = ann, .to = sue, .type = (enum x_type)type, .chat = (enum x_chat)chat
			};

			xmppside_print_message(&arena, &out, &m);
			assert_true(read_back(buf_str(&out)));
			assert_int_equal(message.type, type);
			assert_int_equal(message.chat, chat);
			assert_false(message.has_body);
			buf_finish(&out);
		}
}

static void test_presence_there_and_back(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < X_KINDS; kind++)
		for (unsigned show = 0; show < X_SHOWS; show++) {
			struct buf out = { 0 };
			struct x_presence p = { .from = sue,
				.to = ann,
				.kind = (enum x_kind)kind,
				.show = (enum x_show)show,
				.priority = show % 2 ? -128 : 127,
				.status = STR("at <lunch>"),
				.lang = STR("en"),
				.nick = STR("Sue & Co"),
				.stamp_ms = 1767225600000,
				.idle_since_ms = 1767225500000,
				.hops = 3 };

			xmppside_print_presence(&arena, &out, &p, STR("<c xmlns='x'/>"));
			assert_true(read_back(buf_str(&out)));
			assert_int_equal(presence.kind, kind);
			ASSERT_STR(presence.status, p.status);
			ASSERT_STR(presence.nick, p.nick);
			ASSERT_STR(presence.lang, p.lang);
			assert_int_equal(presence.stamp_ms, p.stamp_ms);
			assert_int_equal(presence.hops, 3);
			assert_int_equal(presence.show, kind == X_AVAILABLE ? show : X_SHOW_NONE);
			assert_int_equal(presence.priority, kind == X_AVAILABLE ? p.priority : 0);
			assert_int_equal(presence.idle_since_ms, kind == X_AVAILABLE ? p.idle_since_ms : 0);
			buf_finish(&out);
		}
}

static void test_errors(void **state)
{
	struct buf out = { 0 };
	struct x_message original = { .from = ann, .to = sue, .id = STR("o1"), .type = X_TYPE_CHAT };
	struct x_error error = { .why = REASON_SIP_STATUS,
		.condition = STR("gone"),
		.type = STR("cancel"),
		.text = STR("Moved <away>"),
		.by = STR("sip.test"),
		.gone_to = STR("xmpp:new@x.test") };

	(void)state;
	xmppside_print_bounce(&out, &original, &error);
	assert_true(read_back(buf_str(&out)));
	assert_int_equal(message.type, X_TYPE_ERROR);
	ASSERT_STR(message.id, original.id);
	ASSERT_STR(message.to.node, ann.node);
	ASSERT_STR(message.from.node, sue.node);
	assert_int_equal(message.error->why, REASON_STANZA_ERROR);
	ASSERT_STR(message.error->condition, error.condition);
	ASSERT_STR(message.error->type, error.type);
	ASSERT_STR(message.error->text, error.text);
	ASSERT_STR(message.error->by, error.by);
	ASSERT_STR(message.error->gone_to, error.gone_to);
	buf_clear(&out);
	error = (struct x_error){ .why = REASON_INTERNAL, .condition = STR("x/><iq") };
	xmppside_print_bounce(&out, &original, &error);
	assert_true(read_back(buf_str(&out)));
	ASSERT_STR(message.error->condition, STR("undefined-condition"));
	assert_true(read_back(STR("<message type='error' from='a@b' to='c@d'/>")));
	ASSERT_STR(message.error->condition, STR("undefined-condition"));
	buf_finish(&out);
}

/* Whatever the bytes, the stream stays well-formed. */
static void test_hostile_bytes_are_replaced(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ STR_INIT("\x00\x01\x1f"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("a\x80z"), STR_INIT("a\xef\xbf\xbdz") },
		{ STR_INIT("\xc0\xaf"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xed\xa0\x80"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xef\xbf\xbe"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xf4\x90\x80\x80"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xe2\x82"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xbc"), STR_INIT("\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xbc") },
		{ STR_INIT("a\r\nb"), STR_INIT("a\r\nb") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = { 0 };
		struct x_message m = { .from = ann, .to = sue, .id = rows[i].in, .has_body = true, .body = rows[i].in };

		xmppside_print_message(&arena, &out, &m);
		assert_true(read_back(buf_str(&out)));
		ASSERT_STR(message.body, rows[i].out);
		ASSERT_STR(message.id, rows[i].out);
		buf_finish(&out);
	}
}

static void test_languages(void **state)
{
	(void)state;
	assert_true(read_back(STR("<message from='a@b' to='c@d' xml:lang='en'><body xml:lang='cs'>cs</body>"
				  "<body>en</body><body xml:lang='de'>de</body></message>")));
	ASSERT_STR(message.body, STR("en"));
	ASSERT_STR(message.lang, STR("en"));
	assert_true(read_back(STR("<message from='a@b' to='c@d'><body xml:lang='cs'>cs</body>"
				  "<body xml:lang='de'>de</body></message>")));
	ASSERT_STR(message.body, STR("cs"));
	ASSERT_STR(message.lang, STR("cs"));
	assert_true(read_back(STR("<message from='a@b' to='c@d'><body/></message>")));
	assert_true(message.has_body);
	assert_int_equal(message.body.n, 0);
	assert_true(read_back(STR("<message from='a@b' to='c@d'><body xmlns='other'>x</body></message>")));
	assert_false(message.has_body);
}

static void test_copies_are_marked(void **state)
{
	static const char *const wrappers[] = { "<received xmlns='urn:xmpp:carbons:2'/>",
		"<sent xmlns='urn:xmpp:carbons:2'/>", "<forwarded xmlns='urn:xmpp:forward:0'/>",
		"<result xmlns='urn:xmpp:mam:2'/>" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		struct buf out = { 0 };

		buf_printf(&out, "<message from='a@b' to='c@d'>%s</message>", wrappers[i]);
		assert_true(read_back(buf_str(&out)));
		assert_true(message.is_copy);
		assert_int_equal(message.received.n, 0);
		buf_finish(&out);
	}
	assert_true(read_back(
		STR("<message from='a@b' to='c@d'><body>x</body><private xmlns='urn:xmpp:carbons:2'/></message>")));
	assert_false(message.is_copy);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *text, *node, *domain, *resource;
	} rows[] = {
		{ "a@b/c", "a", "b", "c" },
		{ "b", "", "b", "" },
		{ "b/c@d/e", "", "b", "c@d/e" },
		{ "a@b/c@d/e", "a", "b", "c@d/e" },
		{ "", NULL, NULL, NULL },
		{ "@b", NULL, NULL, NULL },
		{ "a@", NULL, NULL, NULL },
		{ "a@b/", NULL, NULL, NULL },
		{ "a@b@c", NULL, NULL, NULL },
		{ "/c", NULL, NULL, NULL },
	};
	char longest[2000];
	struct x_jid jid;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok = xmppside_jid_split(str_c(rows[i].text), &jid);

		assert_int_equal(ok, rows[i].domain != NULL);
		if (!ok)
			continue;
		ASSERT_STR(jid.node, str_c(rows[i].node));
		ASSERT_STR(jid.domain, str_c(rows[i].domain));
		ASSERT_STR(jid.resource, str_c(rows[i].resource));
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(xmppside_jid_split((struct str){ longest, 1023 }, &jid));
	assert_false(xmppside_jid_split((struct str){ longest, 1024 }, &jid));
}

static void test_what_is_no_value(void **state)
{
	(void)state;
	assert_false(read_back(STR("<message to='c@d'/>")));
	assert_false(read_back(STR("<message from='a@b'/>")));
	assert_false(read_back(STR("<message from='@' to='c@d'/>")));
	assert_false(read_back(STR("<presence from='a@b' to='c@d' type='invisible'/>")));
	assert_true(read_back(
		STR("<presence from='a@b' to='c@d'><priority>300</priority><show>gone fishing</show></presence>")));
	assert_int_equal(presence.priority, 0);
	assert_int_equal(presence.show, X_SHOW_NONE);
	assert_true(read_back(STR("<message from='a@b' to='c@d' type='telegram'/>")));
	assert_int_equal(message.type, X_TYPE_NORMAL);
}

static int set_up(void **state)
{
	(void)state;
	fake_env_init(&f);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	fake_env_finish(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_there_and_back),
		cmocka_unit_test(test_every_type_and_state),
		cmocka_unit_test(test_presence_there_and_back),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_hostile_bytes_are_replaced),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_copies_are_marked),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_what_is_no_value),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

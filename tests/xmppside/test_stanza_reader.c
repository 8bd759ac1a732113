/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <time.h>
#include <cmocka.h>
#include "tests/lib/fake_env.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/syntax/stanza_reader.h"

#define HEADER "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "' id='x'>"

struct seen {
	struct fake_env f;
	struct xmppside_reader *r;
	unsigned opened, stanzas, not_whole, ended;
	bool stop_at_first;
	struct buf dump;
};

static void dump(struct buf *out, const struct xmppside_element *e)
{
	if (e->name.n == 0) {
		buf_add(out, e->text);
		return;
	}
	buf_printf(out, "{" STR_FMT "}" STR_FMT, STR_ARG(e->ns), STR_ARG(e->name));
	for (const struct xmppside_attr *a = e->attrs; a; a = a->next)
		buf_printf(out, " " STR_FMT "=" STR_FMT, STR_ARG(a->name), STR_ARG(a->value));
	buf_addc(out, '[');
	for (const struct xmppside_element *c = e->first; c; c = c->next)
		dump(out, c);
	buf_addc(out, ']');
}

static void on_opened(void *arg, const struct xmppside_element *header)
{
	struct seen *s = arg;

	s->opened++;
	assert_true(str_eq(xmppside_attr(header, STR("id")), STR("x")));
}

static void on_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	struct seen *s = arg;

	s->stanzas++;
	s->not_whole += !whole;
	dump(&s->dump, e);
	if (s->stop_at_first)
		xmppside_reader_stop(s->r);
}

static void on_ended(void *arg)
{
	((struct seen *)arg)->ended++;
}

static const struct xmppside_reader_events events = { on_opened, on_stanza, on_ended };

static void begin(struct seen *s)
{
	*s = (struct seen){ .opened = 0 };
	fake_env_init(&s->f);
	s->r = xmppside_reader_create(&s->f.env, &events, s);
}

static void finish(struct seen *s)
{
	xmppside_reader_destroy(s->r);
	buf_finish(&s->dump);
	fake_env_finish(&s->f);
}

static struct str feed(struct seen *s, const char *text)
{
	return xmppside_reader_feed(s->r, str_c(text));
}

static const char sample[] = HEADER
	" <message from='a@b/c' to='d@e' xml:lang='de' id='&lt;1&gt;'><body>Gr\xc3\xbc\xc3\x9f &amp; <![CDATA[<b>]]>\n"
	"2</body><x:active xmlns:x='" NS_CHATSTATES "' x:odd='1'/></message>\n"
	"<presence from='a@b' to='d@e'/><stream:error><conflict xmlns='" NS_STREAM_ERROR
	"'/></stream:error></stream:stream>";

static void test_reads_a_stream(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	assert_int_equal(feed(&s, sample).n, 0);
	assert_int_equal(s.opened, 1);
	assert_int_equal(s.stanzas, 3);
	assert_int_equal(s.ended, 1);
	buf_addc(&s.dump, '\0');
	assert_string_equal(s.dump.p,
		"{jabber:component:accept}message from=a@b/c to=d@e xml:lang=de id=<1>[{jabber:component:accept}body["
		"Gr\xc3\xbc\xc3\x9f & <b>\n2]{http://jabber.org/protocol/chatstates}active[]]"
		"{jabber:component:accept}presence from=a@b to=d@e[]"
		"{http://etherx.jabber.org/streams}error[{urn:ietf:params:xml:ns:xmpp-streams}conflict[]]");
	finish(&s);
}

static void test_byte_by_byte_is_the_same(void **state)
{
	struct seen whole, bytes;

	(void)state;
	begin(&whole);
	begin(&bytes);
	feed(&whole, sample);
	for (size_t i = 0; i < sizeof(sample) - 1; i++)
		assert_int_equal(xmppside_reader_feed(bytes.r, (struct str){ sample + i, 1 }).n, 0);
	assert_int_equal(bytes.stanzas, 3);
	assert_true(str_eq(buf_str(&whole.dump), buf_str(&bytes.dump)));
	finish(&whole);
	finish(&bytes);
}

/* A stanza is handed out with its last byte, not with the first of the next. */
static void test_does_not_wait_for_more(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	feed(&s, HEADER);
	feed(&s, "<presence from='a@b' to='c@d'/");
	assert_int_equal(s.stanzas, 0);
	feed(&s, ">");
	assert_int_equal(s.stanzas, 1);
	finish(&s);
}

static void test_refuses_what_xmpp_forbids(void **state)
{
	static const struct {
		const char *text, *condition;
	} rows[] = {
		{ "<!DOCTYPE a [<!ENTITY l 'lol'>]>" HEADER, "restricted-xml" },
		{ HEADER "<?php x?>", "restricted-xml" },
		{ HEADER "<!-- x -->", "restricted-xml" },
		{ HEADER "<message>&lol;</message>", "not-well-formed" },
		{ HEADER "<message></presence>", "not-well-formed" },
		{ HEADER "<message a='1' a='2'/>", "not-well-formed" },
		{ HEADER "<x:message/>", "not-well-formed" },
		{ HEADER "<message>\xff</message>", "not-well-formed" },
		{ HEADER "<message>\x01</message>", "not-well-formed" },
		{ HEADER "<message>&#0;</message>", "not-well-formed" },
		{ HEADER "]]>", "not-well-formed" },
		{ "<html/>", "invalid-namespace" },
		{ "<stream xmlns='jabber:component:accept'>", "invalid-namespace" },
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", "not-well-formed" },
		{ "\x16\x03\x01", "not-well-formed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen s;

		begin(&s);
		struct str condition = feed(&s, rows[i].text);

		if (!str_eq(condition, str_c(rows[i].condition)))
			fail_msg("%s: " STR_FMT, rows[i].text, STR_ARG(condition));
		assert_int_equal(s.stanzas, 0);
		finish(&s);
	}
}

static void repeat(struct buf *b, const char *text, size_t n)
{
	while (n--)
		buf_add(b, str_c(text));
}

static void test_passes_over_what_is_too_deep_or_crowded(void **state)
{
	struct buf deep = { 0 }, crowded = { 0 }, attrs = { 0 };
	struct seen s;

	(void)state;
	begin(&s);
	feed(&s, HEADER);
	repeat(&deep, "<a>", 10000);
	repeat(&deep, "</a>", 10000);
	assert_int_equal(feed(&s, "<message from='a@b' to='c@d' id='1'>x").n, 0);
	assert_int_equal(xmppside_reader_feed(s.r, buf_str(&deep)).n, 0);
	assert_int_equal(feed(&s, "</message>").n, 0);
	assert_int_equal(s.not_whole, 1);
	assert_non_null(memmem(s.dump.p, s.dump.n, "message from=a@b to=c@d id=1[]", 30));
	repeat(&crowded, "<a/>t", 20000);
	feed(&s, "<iq>");
	assert_int_equal(xmppside_reader_feed(s.r, buf_str(&crowded)).n, 0);
	feed(&s, "</iq>");
	buf_add(&attrs, STR("<iq><a"));
	for (int i = 0; i < 20000; i++)
		buf_printf(&attrs, " a%d='%d'", i, i);
	buf_add(&attrs, STR("/></iq>"));
	assert_int_equal(xmppside_reader_feed(s.r, buf_str(&attrs)).n, 0);
	assert_int_equal(s.not_whole, 3);
	buf_clear(&s.dump);
	feed(&s, "<message><body>still here</body></message>");
	assert_int_equal(s.stanzas, 4);
	assert_int_equal(s.not_whole, 3);
	assert_non_null(memmem(s.dump.p, s.dump.n, "[still here]", 12));
	finish(&s);
	buf_finish(&deep);
	buf_finish(&crowded);
	buf_finish(&attrs);
}

static void test_ends_at_a_stanza_without_end(void **state)
{
	static const char *const starts[] = { "<message><body>", "<message a='", "<message><![CDATA[", "<!--", "<" };
	struct buf filler = { 0 };

	(void)state;
	repeat(&filler, "xxxxxxxxxxxxxxxx", 4096);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct seen s;
		struct str fault;
		size_t fed = 0;

		begin(&s);
		feed(&s, HEADER);
		fault = feed(&s, starts[i]);
		while (!fault.n && fed < 4 * STANZA_MAX_BYTES) {
			fault = xmppside_reader_feed(s.r, buf_str(&filler));
			fed += filler.n;
		}
		assert_true(str_eq(fault, STR("policy-violation")));
		assert_true(fed <= STANZA_MAX_BYTES + 2 * filler.n);
		finish(&s);
	}
	buf_finish(&filler);
}

static void test_header_without_end(void **state)
{
	struct buf filler = { 0 };
	struct seen s;

	(void)state;
	begin(&s);
	repeat(&filler, " ", 5000);
	assert_int_equal(feed(&s, "<stream:stream").n, 0);
	assert_true(str_eq(xmppside_reader_feed(s.r, buf_str(&filler)), STR("policy-violation")));
	finish(&s);
	buf_finish(&filler);
}

/* One token in single bytes: expat would scan it again for each. The work ends, not only the bytes. */
static void test_slow_token_is_bounded(void **state)
{
	struct seen s;
	struct str fault = STR_NONE;
	clock_t start = clock();
	size_t fed = 0;

	(void)state;
	begin(&s);
	feed(&s, HEADER "<message a='");
	while (!fault.n && fed++ < STANZA_MAX_BYTES)
		fault = feed(&s, "x");
	assert_true(str_eq(fault, STR("resource-constraint")));
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	finish(&s);
}

/* A new parser takes over now and then: nobody can fill the memory with ever new names. */
static void test_parser_is_renewed_unnoticed(void **state)
{
	struct seen s;
	struct buf text = { 0 };

	(void)state;
	begin(&s);
	feed(&s, HEADER);
	for (int i = 0; i < 100000; i++) {
		buf_printf(&text, "<message n%d='1'><x%d xmlns='n%d'/></message> ", i, i, i);
		if (text.n > 5000) {
			assert_int_equal(xmppside_reader_feed(s.r, buf_str(&text)).n, 0);
			buf_clear(&text);
		}
	}
	assert_int_equal(xmppside_reader_feed(s.r, buf_str(&text)).n, 0);
	assert_int_equal(s.stanzas, 100000);
	assert_int_equal(s.opened, 1);
	assert_true(str_ends(buf_str(&s.dump), STR("{jabber:component:accept}message n99999=1[{n99999}x99999[]]")));
	assert_int_equal(feed(&s, "</stream:stream>").n, 0);
	assert_int_equal(s.ended, 1);
	finish(&s);
	buf_finish(&text);
}

static void test_stops_from_inside(void **state)
{
	struct seen s;

	(void)state;
	begin(&s);
	s.stop_at_first = true;
	assert_int_equal(feed(&s, HEADER "<iq/><iq/><iq/>").n, 0);
	assert_int_equal(s.stanzas, 1);
	finish(&s);
}

static void test_white_space_for_ever(void **state)
{
	struct buf blanks = { 0 };
	struct seen s;

	(void)state;
	begin(&s);
	feed(&s, HEADER);
	repeat(&blanks, " \n", 4096);
	for (int i = 0; i < 300; i++)
		assert_int_equal(xmppside_reader_feed(s.r, buf_str(&blanks)).n, 0);
	feed(&s, "<iq/>");
	assert_int_equal(s.stanzas, 1);
	finish(&s);
	buf_finish(&blanks);
}

static void test_random_bytes_never_hurt(void **state)
{
	static const char *const bits[] = { "<message>", "</message>", "<body>", "</body>", "<a b='", "'/>", ">", "<",
		"&", "&amp;", "&#x", ";", "x", " ", "\n", "<![CDATA[", "]]>", "<?", "?>", "<!", "xmlns='", "\xc3\xbc",
		"\xff", "</stream:stream>", "xmlns:x='y'", "x:", "\1" };

	(void)state;
	for (unsigned seed = 1; seed < 3000; seed++) {
		struct seen s;
		struct str fault = STR_NONE;

		begin(&s);
		srand(seed);
		feed(&s, HEADER);
		for (int i = 0; i < 60 && !fault.n; i++)
			fault = feed(&s, bits[(size_t)rand() % (sizeof(bits) / sizeof(bits[0]))]);
		finish(&s);
	}
}

static void feed_file(const char *path)
{
	char text[65536];
	FILE *file = fopen(path, "r");
	struct seen s;

	assert_non_null(file);
	size_t n = fread(text, 1, sizeof(text), file);

	fclose(file);
	begin(&s);
	feed(&s, HEADER);
	xmppside_reader_feed(s.r, (struct str){ text, n });
	finish(&s);
	begin(&s);
	feed(&s, HEADER);
	for (size_t i = 0; i < n; i++)
		if (xmppside_reader_feed(s.r, (struct str){ text + i, 1 }).n)
			break;
	finish(&s);
}

/* Every example stanza of 33 XEPs; some are broken on purpose. */
static unsigned feed_folder(const char *path)
{
	DIR *dir = opendir(path);
	unsigned files = 0;

	if (!dir)
		return 0;
	for (struct dirent *e; (e = readdir(dir));) {
		char name[1024];

		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (str_ends(str_c(e->d_name), STR(".xml"))) {
			feed_file(name);
			files++;
		} else if (e->d_name[0] != '.' && e->d_type == DT_DIR) {
			files += feed_folder(name);
		}
	}
	closedir(dir);
	return files;
}

static void test_examples_of_the_xeps(void **state)
{
	unsigned files = feed_folder(SHARED_TESTDATA "/xep-examples");

	(void)state;
	if (!files) {
		printf("skipped: no " SHARED_TESTDATA "/xep-examples\n");
		skip();
	}
	assert_true(files > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_stream),
		cmocka_unit_test(test_byte_by_byte_is_the_same),
		cmocka_unit_test(test_does_not_wait_for_more),
		cmocka_unit_test(test_refuses_what_xmpp_forbids),
		cmocka_unit_test(test_passes_over_what_is_too_deep_or_crowded),
		cmocka_unit_test(test_ends_at_a_stanza_without_end),
		cmocka_unit_test(test_header_without_end),
		cmocka_unit_test(test_slow_token_is_bounded),
		cmocka_unit_test(test_parser_is_renewed_unnoticed),
		cmocka_unit_test(test_stops_from_inside),
		cmocka_unit_test(test_white_space_for_ever),
		cmocka_unit_test(test_random_bytes_never_hurt),
		cmocka_unit_test(test_examples_of_the_xeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "mapping/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct bytes_row {
	struct str bytes, charset, text;
	enum reason why;
};

static void bodies_become_xmpp_text(void **state)
{
	(void)state;
	static const struct bytes_row rows[] = {
		{ STR_INIT("Lunch at noon?"), STR_INIT(""), STR_INIT("Lunch at noon?"), REASON_NONE },
		{ STR_INIT("f\xc3\xbcr 5 \xe2\x82\xac \xf0\x9f\x98\x80"), STR_INIT("UTF-8"),
			STR_INIT("f\xc3\xbcr 5 \xe2\x82\xac \xf0\x9f\x98\x80"), REASON_NONE },
		{ STR_INIT("one\r\ntwo\nthree\rfour\r\n"), STR_INIT("utf-8"), STR_INIT("one\ntwo\nthree\nfour\n"),
			REASON_NONE },
		{ STR_INIT("a\x01"
			   "b\0c\x1f"),
			STR_INIT(""),
			STR_INIT("a\xef\xbf\xbd"
				 "b\xef\xbf\xbd"
				 "c\xef\xbf\xbd"),
			REASON_NONE },
		{ STR_INIT("tab\tstays, \x7f too"), STR_INIT(""), STR_INIT("tab\tstays, \x7f too"), REASON_NONE },
		{ STR_INIT("\xef\xbf\xbe \xef\xbf\xbf"), STR_INIT(""), STR_INIT("\xef\xbf\xbd \xef\xbf\xbd"),
			REASON_NONE },
		{ STR_INIT("f\xfcr"), STR_INIT("ISO-8859-1"), STR_INIT("f\xc3\xbcr"), REASON_NONE },
		{ STR_INIT("\x80 \x99"), STR_INIT("windows-1252"), STR_INIT("\xe2\x82\xac \xe2\x84\xa2"), REASON_NONE },
		{ STR_INIT("a\0\xfc\0\r\0\n\0"), STR_INIT("utf-16le"), STR_INIT("a\xc3\xbc\n"), REASON_NONE },
		{ STR_INIT("plain"), STR_INIT("us-ascii"), STR_INIT("plain"), REASON_NONE },
		{ STR_INIT("a"), STR_INIT("windows-1258"), STR_INIT("a"), REASON_NONE },
		{ STR_INIT(""), STR_INIT(""), STR_INIT(""), REASON_NONE },
		{ STR_INIT("f\xfcr"), STR_INIT(""), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("f\xfcr"), STR_INIT("utf-8"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("\xed\xa0\x80"), STR_INIT("utf-8"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("\xc0\x80"), STR_INIT("utf-8"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("\xf4\x90\x80\x80"), STR_INIT("utf-8"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("\xe2\x82"), STR_INIT("utf-8"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("\0\xd8"), STR_INIT("utf-16le"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("x"), STR_INIT("klingon"), STR_INIT(""), REASON_BAD_CHARSET },
		{ STR_INIT("x"), STR_INIT("iso-8859-1//TRANSLIT"), STR_INIT(""), REASON_BAD_CHARSET },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text = { 0 };
		enum reason why = map_text_s2x(&a, rows[i].bytes, rows[i].charset, &text);

		if (why != rows[i].why || !str_eq(text, rows[i].text))
			fail_msg("row %zu: %d \"" STR_FMT "\"", i, why, STR_ARG(text));
	}
	arena_finish(&a);
}

/* A clean text is the same bytes at the same place, whatever its length modulo the eight the fast path takes. */
static void clean_text_is_not_copied(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str whole = STR("plain words, f\xc3\xbcr alle, and\nsome more \xe2\x82\xac than eight"), out;

	for (size_t from = 0; from < 14; from++) {
		struct str s = str_cut(whole, from, whole.n);

		assert_int_equal(map_text_s2x(&a, s, STR_NONE, &out), REASON_NONE);
		assert_ptr_equal(out.p, s.p);
		assert_ptr_equal(map_text_clean(&a, s).p, s.p);
	}
	assert_ptr_equal(map_text_x2s(&a, STR("one line")).p, STR("one line").p);
	arena_finish(&a);
}

/* The fast path and the plain one agree on every byte at every place. */
static void every_byte_at_every_place(void **state)
{
	(void)state;
	struct arena a = { 0 };

	for (unsigned c = 0; c < 256; c++)
		for (unsigned at = 0; at < 20; at++) {
			char text[20];
			bool forbidden = c < 0x20 && c != '\t' && c != '\n' && c != '\r';

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			struct str s = { text, sizeof(text) }, clean = map_text_clean(&a, s);

			assert_int_equal(map_text_is_utf8(s), c < 0x80);
			assert_int_equal(clean.n, forbidden || c >= 0x80 ? 22 : 20);
			assert_true(map_text_is_utf8(clean));
			arena_reset(&a);
		}
	arena_finish(&a);
}

static void lines_end_with_crlf_in_sip(void **state)
{
	(void)state;
	struct arena a = { 0 };

	assert_true(str_eq(map_text_x2s(&a, STR("a\nb\r\nc\rd\n\n")), STR("a\r\nb\r\nc\r\nd\r\n\r\n")));
	arena_finish(&a);
}

static void content_types_are_read(void **state)
{
	(void)state;
	static const struct {
		struct str type, name, value;
	} rows[] = {
		{ STR_INIT("text/plain; charset=UTF-8;msgr=WAAtAE0"), STR_INIT("charset"), STR_INIT("UTF-8") },
		{ STR_INIT("text/plain; charset=UTF-8;msgr=WAAtAE0"), STR_INIT("msgr"), STR_INIT("WAAtAE0") },
		{ STR_INIT("text/plain;CHARSET = \"utf-8\" "), STR_INIT("charset"), STR_INIT("utf-8") },
		{ STR_INIT("m/x;a=\"1;b=2\\\"\";boundary=\"x y\""), STR_INIT("boundary"), STR_INIT("x y") },
		{ STR_INIT("m/x;a=\"1;b=2\\\"\";boundary=z"), STR_INIT("a"), STR_INIT("1;b=2\"") },
		{ STR_INIT("m/x;a=\"1;b=2\\\"\";boundary=z"), STR_INIT("b"), STR_INIT("") },
		{ STR_INIT("text/plain"), STR_INIT("charset"), STR_INIT("") },
		{ STR_INIT("text/plain;;;=;\""), STR_INIT("charset"), STR_INIT("") },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!str_eq(map_type_param(&a, rows[i].type, rows[i].name), rows[i].value))
			fail_msg("row %zu", i);
	assert_true(map_type_is(STR("Text/Plain ; charset=x"), STR("text/plain")));
	assert_false(map_type_is(STR("text/plainer"), STR("text/plain")));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_become_xmpp_text),
		cmocka_unit_test(clean_text_is_not_copied),
		cmocka_unit_test(every_byte_at_every_place),
		cmocka_unit_test(lines_end_with_crlf_in_sip),
		cmocka_unit_test(content_types_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "mapping/rtf.h"
#include "mapping/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HEAD                                                                                                           \
	"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil\\fcharset0 Segoe UI;}{\\f1\\fnil\\fcharset204 "        \
	"Arial;}}"

static const struct {
	struct str rtf, text;
} rows[] = {
	{ STR_INIT(HEAD "{\\colortbl ;\\red0\\green0\\blue255;}\r\n\\viewkind4\\uc1\\pard\\cf1\\f0\\fs20 Lunch at "
			"noon?\\par\r\n}"),
		STR_INIT("Lunch at noon?") },
	{ STR_INIT("{\\rtf1 one\\par two\\line three\\tab four}"), STR_INIT("one\ntwo\nthree\tfour") },
	{ STR_INIT("{\\rtf1 a\\{b\\}c\\\\d\\~e\\_f}"), STR_INIT("a{b}c\\d e-f") },
	{ STR_INIT(HEAD "Gr\\'fc\\'dfe \\'80}"), STR_INIT("Gr\xc3\xbc\xc3\x9f"
							  "e \xe2\x82\xac") },
	/* the font says which code page: Cyrillic */
	{ STR_INIT(HEAD "\\f0 a\\f1\\'ef\\f0\\'ef}"), STR_INIT("a\xd0\xbf\xc3\xaf") },
	{ STR_INIT("{\\rtf1\\ansicpg1251 \\'cf{\\f5 \\'cf}}"), STR_INIT("\xd0\x9f\xd0\x9f") },
	/* \u with its fallback, of one character, of none, of two bytes */
	{ STR_INIT("{\\rtf1\\uc1 \\u8364?!}"), STR_INIT("\xe2\x82\xac!") },
	{ STR_INIT("{\\rtf1\\uc0 \\u8364 !}"), STR_INIT("\xe2\x82\xac!") },
	{ STR_INIT("{\\rtf1\\uc2 \\u20320\\'c4\\'e3!}"), STR_INIT("\xe4\xbd\xa0!") },
	/* a surrogate pair, signed as RTF has it, and half of one */
	{ STR_INIT("{\\rtf1 \\u-10179?\\u-8704?!}"), STR_INIT("\xf0\x9f\x98\x80!") },
	{ STR_INIT("{\\rtf1 x\\u-8704?!}"), STR_INIT("x\xef\xbf\xbd!") },
	/* what is no text */
	{ STR_INIT("{\\rtf1{\\info{\\title no}}{\\*\\generator Msftedit;}{\\stylesheet{\\s1 no;}}yes}"),
		STR_INIT("yes") },
	{ STR_INIT("{\\rtf1{\\field{\\*\\fldinst{HYPERLINK \"http://a.example/\"}}{\\fldrslt{a.example}}}}"),
		STR_INIT("a.example") },
	{ STR_INIT("{\\rtf1{\\pict\\wmetafile8 0100090000}end}"), STR_INIT("[picture]end") },
	{ STR_INIT("{\\rtf1{\\*\\shppict{\\pict\\pngblip 89504e47}}{\\nonshppict{\\pict 0}}}"), STR_INIT("[picture]") },
	{ STR_INIT("{\\rtf1 a{\\pict\\bin4 }}}}}b}"), STR_INIT("a[picture]b") },
	{ STR_INIT("{\\rtf1 a\\v hidden\\v0 b}"), STR_INIT("ab") },
	/* a double-byte code page without \u */
	{ STR_INIT("{\\rtf1\\ansicpg932 a\\'93\\'fa}"), STR_INIT("a\xef\xbf\xbd\xef\xbf\xbd") },
	/* broken */
	{ STR_INIT("{\\rtf1 }}}} still here"), STR_INIT("still here") },
	{ STR_INIT("{\\rtf1 cut off \\'f"), STR_INIT("cut off f") },
	{ STR_INIT("{\\rtf1\\bin99999999 all of it}"), STR_INIT("") },
	{ STR_INIT("{\\rtf1}"), STR_INIT("") },
};

static void a_document_is_its_text(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text;

		assert_true(map_rtf_to_text(&a, rows[i].rtf, &text));
		if (!str_eq(text, rows[i].text))
			fail_msg("row %zu: \"" STR_FMT "\"", i, STR_ARG(text));
	}
	arena_finish(&a);
}

static void what_does_not_begin_like_one_is_none(void **state)
{
	struct arena a = { 0 };
	struct str text;

	(void)state;
	assert_false(map_rtf_to_text(&a, STR("hello"), &text));
	assert_false(map_rtf_to_text(&a, STR(""), &text));
	assert_false(map_rtf_to_text(&a, STR("{\\html}"), &text));
	arena_finish(&a);
}

/* Deeper than we keep: what is down there is not shown, what comes behind it is. */
static void depth_is_bounded(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct str text;

	(void)state;
	buf_lit(&b, "{\\rtf1 a");
	for (unsigned i = 0; i < 30000; i++)
		buf_addc(&b, '{');
	buf_lit(&b, "\\pict deep");
	for (unsigned i = 0; i < 30000; i++)
		buf_addc(&b, '}');
	buf_lit(&b, "b}");
	assert_true(map_rtf_to_text(&a, buf_str(&b), &text));
	assert_true(str_eq(text, STR("ab")));
	buf_finish(&b);
	arena_finish(&a);
}

/* More code pages than are kept: the text stays text. */
static void many_code_pages_stay_bounded(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct str text;

	(void)state;
	buf_lit(&b, "{\\rtf1 ");
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(&b, "\\ansicpg%u\\'e4", 1250 + i % 60);
	buf_lit(&b, "}");
	assert_true(map_rtf_to_text(&a, buf_str(&b), &text));
	assert_true(text.n > 5000 && map_text_is_utf8(text));
	buf_finish(&b);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_its_text),
		cmocka_unit_test(what_does_not_begin_like_one_is_none),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(many_code_pages_stay_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

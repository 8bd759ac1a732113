/* SPDX-License-Identifier: MIT */
#include "mapping/im.h"
#include "mapping/html.h"
#include "mapping/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define PART(type, text) "--b\r\nContent-Type: " type "\r\n\r\n" text "\r\n"

static const struct {
	struct str type, bytes, text;
	enum map_im_kind kind;
	enum reason why;
} rows[] = {
	{ STR_INIT("text/plain"), STR_INIT("hi\r\nyou"), STR_INIT("hi\nyou"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("text/plain; charset=UTF-8;msgr=WAAtAE0ATQBTAC0A"), STR_INIT("hi"), STR_INIT("hi"), MAP_IM_TEXT,
		REASON_NONE },
	{ STR_INIT("Text/Plain; Charset=\"iso-8859-1\""), STR_INIT("\xfc"), STR_INIT("\xc3\xbc"), MAP_IM_TEXT,
		REASON_NONE },
	{ STR_INIT("text/plain; charset=klingon"), STR_INIT("hi"), STR_INIT(""), MAP_IM_UNSUPPORTED,
		REASON_BAD_CHARSET },
	{ STR_INIT("text/plain"), STR_INIT("\xff"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CHARSET },
	{ STR_INIT("text/plain"), STR_INIT(""), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT(""), STR_INIT(""), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("image/png"), STR_INIT(""), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT(""), STR_INIT("hi"), STR_INIT("hi"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("text/html"),
		STR_INIT("<html><head><title>no</title></head><body>5 &lt; 6<br>a&nbsp;b<p>c  d</p>e</body>"),
		STR_INIT("5 < 6\na b\nc d\ne"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("text/html"), STR_INIT("<style>x</style><!-- no -->"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("text/html"), STR_INIT("&#1;&#x20AC;&#55296;"), STR_INIT("\xef\xbf\xbd\xe2\x82\xac&#55296;"),
		MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/alternative;boundary=b"), STR_INIT("--b\r\n\r\nbare\r\n--b--\r\n"), STR_INIT("bare"),
		MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/alternative; boundary=\"b\""),
		STR_INIT("intro\r\n" PART("text/html", "<b>x</b>")
				PART("text/plain; charset=utf-8", "one\r\n\r\ntwo") "--b--"),
		STR_INIT("one\n\ntwo"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT(PART("text/rtf", "{\\rtf}") PART("text/html", "<b>x</b>") "--b--"), STR_INIT("x"), MAP_IM_TEXT,
		REASON_NONE },
	{ STR_INIT("multipart/alternative;boundary=b"), STR_INIT(PART("text/rtf", "{\\rtf}") "--b--"), STR_INIT(""),
		MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT("--b\nContent-Transfer-Encoding: base64\n\naGk=\n--b--"), STR_INIT(""), MAP_IM_UNSUPPORTED,
		REASON_BAD_CONTENT },
	{ STR_INIT("multipart/alternative"), STR_INIT(PART("text/plain", "x") "--b--"), STR_INIT(""),
		MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("multipart/alternative;boundary=b"), STR_INIT(PART("text/plain", "cut off")), STR_INIT(""),
		MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("application/im-iscomposing+xml"), STR_INIT("<isComposing><state>active</state></isComposing>"),
		STR_INIT(""), MAP_IM_TYPING, REASON_NONE },
	{ STR_INIT("application/xml"), STR_INIT("<KeyboardActivity><status status=\"type\"/></KeyboardActivity>"),
		STR_INIT(""), MAP_IM_TYPING, REASON_NONE },
	{ STR_INIT("application/xml"), STR_INIT("<other/>"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("application/ms-imdn+xml"), STR_INIT("<imdn/>"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("application/xml+conversationinfo"), STR_INIT("<c/>"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("image/png"), STR_INIT("x"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("text/rtf"), STR_INIT("{\\rtf1}"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("text/x-msmsgsinvite"), STR_INIT("x"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("application/x-ms-mim"), STR_INIT("x"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
};

static void a_body_is_what_its_type_says(void **state)
{
	(void)state;
	struct arena a = { 0 };
	unsigned kinds = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct s_body body = { .type = rows[i].type, .bytes = rows[i].bytes };
		struct map_im im = { .kind = MAP_IM_KINDS };
		enum reason why = map_im_s2x(&a, &body, &im);

		if (why != rows[i].why || im.kind != rows[i].kind || !str_eq(im.text, rows[i].text))
			fail_msg("row %zu: reason %d, kind %d, \"" STR_FMT "\"", i, why, im.kind, STR_ARG(im.text));
		assert_int_equal(im.typing, im.kind == MAP_IM_TYPING ? MAP_TYPING_ACTIVE : MAP_TYPING_NONE);
		kinds |= 1u << im.kind;
	}
	assert_int_equal(kinds, (1u << MAP_IM_KINDS) - 1);
	arena_finish(&a);
}

static void a_message_becomes_a_body_and_comes_back(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_message m = { .body = STR("one\ntwo \xe2\x82\xac"), .lang = STR("de"), .has_body = true };
	struct s_body body = map_im_x2s(&a, &m);
	struct map_im im;

	assert_true(str_eq(body.bytes, STR("one\r\ntwo \xe2\x82\xac")) && str_eq(body.lang, STR("de")));
	assert_true(str_eq(body.type, STR("text/plain; charset=UTF-8")));
	assert_int_equal(map_im_s2x(&a, &body, &im), REASON_NONE);
	assert_true(str_eq(im.text, m.body));
	arena_finish(&a);
}

/* All that Accept promises is taken. */
static void what_is_offered_is_accepted(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str rest = map_im_accept;

	while (rest.n) {
		struct str type = str_trim(str_next(&rest, ','));
		struct s_body body = { .type = arena_printf(&a, STR_FMT ";boundary=b", STR_ARG(type)),
			.bytes = STR("--b\n\nx\n--b--") };
		struct map_im im;

		assert_int_equal(map_im_s2x(&a, &body, &im), REASON_NONE);
	}
	arena_finish(&a);
}

/* 64 KiB of what costs most must cost next to nothing: linear, whatever it is. */
static void hostile_bodies_cost_linear_time(void **state)
{
	(void)state;
	static const char *const pieces[] = { "<", "< ", "<a ", "<!--", "&", "&#", "\r", "\x01", "--b\n", "\n", "</",
		"<p>", "<x\n" };
	static const char *const types[] = { "text/html", "text/plain", "multipart/alternative;boundary=b",
		"application/xml" };
	struct arena a = { 0 };
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
			struct buf b = { 0 };
			struct map_im im;

			while (b.n < 64 * 1024)
				buf_add(&b, str_c(pieces[i]));
			map_im_s2x(&a, &(struct s_body){ .type = str_c(types[t]), .bytes = buf_str(&b) }, &im);
			assert_true(map_text_is_utf8(im.text));
			buf_finish(&b);
			arena_reset(&a);
		}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(after.tv_sec - before.tv_sec <= 1); /* 52 bodies under sanitizers; quadratic work takes minutes */
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_what_its_type_says),
		cmocka_unit_test(a_message_becomes_a_body_and_comes_back),
		cmocka_unit_test(what_is_offered_is_accepted),
		cmocka_unit_test(hostile_bodies_cost_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	{ STR_INIT("multipart/alternative;boundary=b"), STR_INIT(PART("text/rtf", "{\\rtf1 r}") "--b--"), STR_INIT("r"),
		MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT("--b\nContent-Transfer-Encoding: base64\n\naGk=\n--b--"), STR_INIT("hi"), MAP_IM_TEXT,
		REASON_NONE },
	{ STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT("--b\nContent-Transfer-Encoding: x-odd\n\naGk=\n--b--"), STR_INIT(""), MAP_IM_UNSUPPORTED,
		REASON_BAD_CONTENT },
	/* Lync's words for its emoticons are words */
	{ STR_INIT("multipart/alternative;boundary=b"),
		STR_INIT(PART("text/plain", "ok (smile)") PART("text/html", "ok <img src=smile.gif>") "--b--"),
		STR_INIT("ok (smile)"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/related;boundary=b;type=\"text/html\""),
		STR_INIT(PART("text/html", "see <img src=cid:1>") PART("image/png", "bytes") "--b--"),
		STR_INIT("see [picture]"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/mixed;boundary=b"), STR_INIT(PART("text/plain", "alone") "--b--"), STR_INIT("alone"),
		MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("multipart/mixed;boundary=b"), STR_INIT(PART("text/plain", "a") PART("image/png", "b") "--b--"),
		STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
	{ STR_INIT("message/cpim"), STR_INIT("From: <im:b@c>\r\n\r\nContent-Type: text/plain\r\n\r\nwrapped"),
		STR_INIT("wrapped"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("message/cpim"), STR_INIT("nothing of the kind"), STR_INIT(""), MAP_IM_UNSUPPORTED,
		REASON_BAD_CONTENT },
	{ STR_INIT("message/imdn+xml"),
		STR_INIT("<imdn><message-id>1</message-id><delivery-notification><status><delivered/></status>"
			 "</delivery-notification></imdn>"),
		STR_INIT(""), MAP_IM_REPORT, REASON_NONE },
	{ STR_INIT("message/imdn+xml"), STR_INIT("<imdn/>"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
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
	{ STR_INIT("text/rtf"), STR_INIT("{\\rtf1}"), STR_INIT(""), MAP_IM_NOTHING, REASON_NONE },
	{ STR_INIT("text/rtf"), STR_INIT("{\\rtf1 a&b}"), STR_INIT("a&b"), MAP_IM_TEXT, REASON_NONE },
	{ STR_INIT("text/rtf"), STR_INIT("no"), STR_INIT(""), MAP_IM_UNSUPPORTED, REASON_BAD_CONTENT },
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

/* What a person misses is named, what nobody misses is not. */
static void an_offer_is_named(void **state)
{
	static const struct {
		struct str type, bytes, offer;
	} offers[] = {
		{ STR_INIT("image/gif"), STR_INIT("GIF89a"), STR_INIT("a picture") },
		{ STR_INIT("application/x-ms-ink"), STR_INIT("x"), STR_INIT("a drawing") },
		{ STR_INIT("text/x-msmsgsinvite; charset=UTF-8"),
			STR_INIT("Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\n\r\n"),
			STR_INIT("a file") },
		{ STR_INIT("text/x-msmsgsinvite"), STR_INIT("Invitation-Command: CANCEL\r\n"), STR_INIT("") },
		{ STR_INIT("multipart/mixed;boundary=b"),
			STR_INIT(PART("text/plain", "a") PART("image/png", "b") "--b--"),
			STR_INIT("a message with attachments") },
		{ STR_INIT("message/cpim"), STR_INIT("From: <im:b@c>\r\n\r\nContent-Type: image/png\r\n\r\nx"),
			STR_INIT("a picture") },
		{ STR_INIT("application/x-ms-mim"), STR_INIT("x"), STR_INIT("") },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		struct map_im im;

		assert_int_equal(
			map_im_s2x(&a, &(struct s_body){ .type = offers[i].type, .bytes = offers[i].bytes }, &im),
			REASON_BAD_CONTENT);
		assert_int_equal(im.kind, MAP_IM_UNSUPPORTED);
		if (!str_eq(im.offer, offers[i].offer))
			fail_msg("row %zu: \"" STR_FMT "\"", i, STR_ARG(im.offer));
	}
	arena_finish(&a);
}

static void a_wrapper_tells_more(void **state)
{
	struct s_body body = { .type = STR("message/cpim"),
		.bytes = STR("DateTime: 2026-02-11T09:00:00Z\r\nSubject: Lunch\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
			     "imdn.Message-ID: m1\r\nimdn.Disposition-Notification: display\r\n\r\n"
			     "Content-Type: multipart/alternative; boundary=b\r\n\r\n" PART(
				     "text/html", "<i>yes</i>") "--b--") };
	struct arena a = { 0 };
	struct map_im im;

	(void)state;
	assert_int_equal(map_im_s2x(&a, &body, &im), REASON_NONE);
	assert_true(im.kind == MAP_IM_TEXT && str_eq(im.text, STR("yes")) && str_eq(im.subject, STR("Lunch")));
	assert_int_equal(im.stamp_ms, 1770800400000);
	assert_true(str_eq(im.wish.id, STR("m1")) && im.wish.display && !im.wish.delivery);
	arena_finish(&a);
}

/* Wrappers in wrappers end. */
static void depth_is_bounded(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct map_im im;

	(void)state;
	for (unsigned i = 0; i < MAP_IM_DEPTH; i++)
		buf_lit(&b, "From: <im:b@c>\r\n\r\nContent-Type: message/cpim\r\n\r\n");
	buf_lit(&b, "From: <im:b@c>\r\n\r\n\r\nx");
	assert_int_equal(map_im_s2x(&a, &(struct s_body){ .type = STR("message/cpim"), .bytes = buf_str(&b) }, &im),
		REASON_BAD_CONTENT);
	buf_finish(&b);
	arena_finish(&a);
}

static void what_a_message_says(void **state)
{
	static const struct {
		struct x_message m;
		struct str words;
	} rows_of_words[] = {
		{ { .body = STR_INIT("hi"), .has_body = true }, STR_INIT("hi") },
		{ { .has_body = true }, STR_INIT("") },
		{ { .body = STR_INIT("noon"), .has_body = true, .replaces = STR_INIT("m0") },
			STR_INIT("Correction: noon") },
		{ { .reactions = STR_INIT("+1 :)") }, STR_INIT("Reaction: +1 :)") },
		{ { .body = STR_INIT("> hi\n+1"), .has_body = true, .reactions = STR_INIT("+1") },
			STR_INIT("> hi\n+1") },
		{ { .chat = X_CHAT_ACTIVE }, STR_INIT("") },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows_of_words) / sizeof(rows_of_words[0]); i++)
		assert_true(str_eq(map_im_words(&a, &rows_of_words[i].m), rows_of_words[i].words));
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
			.bytes = str_eq(type, STR("message/cpim")) ? STR("From: <im:b@c>\n\n\nx")
								   : STR("--b\n\nx\n--b--") };
		struct map_im im;

		assert_int_equal(map_im_s2x(&a, &body, &im), REASON_NONE);
	}
	arena_finish(&a);
}

/* 64 KiB of what costs most must cost next to nothing: linear, whatever it is. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A millisecond in a release build; sanitizers and a busy machine take some ten times that, quadratic work seconds. */
static void must_be_cheap(struct str type, struct str head, struct str piece)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct map_im im;

	buf_add(&b, head);
	while (b.n < 64 * 1024)
		buf_add(&b, piece);
	int64_t before = cpu_us();

	map_im_s2x(&a, &(struct s_body){ .type = type, .bytes = buf_str(&b) }, &im);
	int64_t took = cpu_us() - before;

	assert_true(map_text_is_utf8(im.text));
	if (took > 200000)
		fail_msg(STR_FMT " of " STR_FMT " took %lld us", STR_ARG(type), STR_ARG(piece), (long long)took);
	buf_finish(&b);
	arena_finish(&a);
}

static void hostile_bodies_cost_linear_time(void **state)
{
	(void)state;
	static const char *const pieces[] = { "<", "< ", "<a ", "<!--", "&", "&#", "\r", "\x01", "--b\n", "\n", "</",
		"<p>", "<x\n", "<a \"'>", "<a href=http://x>", "<img alt=x>", "{", "{\\rtf", "}", "\\'e4", "\\u1?",
		"\\f1\\'e4", "\\ansicpg1251\\'e4", "\\bin1 ", "\\*", "=", "=\r\n", "a:b\n", " \n", "a: \\u00e4\n",
		"NS: i <urn:ietf:params:imdn>\n" };
	static const char *const types[] = { "text/html", "text/plain", "multipart/alternative;boundary=b",
		"application/xml", "text/rtf", "message/cpim", "multipart/related;boundary=b",
		"multipart/mixed;boundary=b", "message/imdn+xml", "text/x-msmsgsinvite" };
	static const char *const heads[] = { "", "{\\rtf1 ",
		"From: <im:a@b>\r\n\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++)
			for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); h++)
				must_be_cheap(str_c(types[t]), str_c(heads[h]), str_c(pieces[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_what_its_type_says),
		cmocka_unit_test(a_message_becomes_a_body_and_comes_back),
		cmocka_unit_test(an_offer_is_named),
		cmocka_unit_test(a_wrapper_tells_more),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(what_a_message_says),
		cmocka_unit_test(what_is_offered_is_accepted),
		cmocka_unit_test(hostile_bodies_cost_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

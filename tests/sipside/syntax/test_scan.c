/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct scan_line lines[SCAN_MAX_LINES];

static struct scan scanned(const char *text)
{
	struct scan s;

	assert_true(scan_message(str_c(text), lines, SCAN_MAX_LINES, &s));
	return s;
}

static void start_lines(void **state)
{
	struct scan s;

	(void)state;
	s = scanned("MESSAGE sip:a@b SIP/2.0\r\n\r\n");
	assert_true(s.is_request && s.start_line_ok && s.has_end && s.lines_ok);
	assert_true(str_eq(s.method, STR("MESSAGE")) && str_eq(s.uri, STR("sip:a@b")));
	s = scanned("SIP/2.0 404 Not  Found\r\n\r\n");
	assert_true(!s.is_request && s.start_line_ok && s.status == 404 && str_eq(s.phrase, STR("Not  Found")));
	assert_int_equal(scanned("SIP/2.0 404\r\n\r\n").status, 404);
	assert_true(scanned("OPTIONS sip:a SIP/2.0  \r\n\r\n").start_line_ok); /* trailing space is forgiven */
	assert_false(scanned("OPTIONS  sip:a SIP/2.0\r\n\r\n").start_line_ok);
	assert_false(scanned("OPTIONS sip:a b SIP/2.0\r\n\r\n").start_line_ok);
	assert_false(scanned("OPTIONS  SIP/2.0\r\n\r\n").start_line_ok);
	assert_false(scanned("SIP/2.0 99 x\r\n\r\n").start_line_ok);
	assert_false(scanned("SIP/2.0 700 x\r\n\r\n").start_line_ok);
	assert_false(scanned("SIP/2.0 2000 x\r\n\r\n").start_line_ok);
	assert_true(str_eq(scanned("OPTIONS sip:a SIP/7.0\r\n\r\n").version, STR("SIP/7.0")));
	struct scan none;

	assert_false(scan_message(STR(""), lines, SCAN_MAX_LINES, &none));
	assert_false(scan_message(STR("\r\n\r\n"), lines, SCAN_MAX_LINES, &none));
	assert_false(scan_message(STR("GET / HTTP/1.1\r\n\r\n"), lines, SCAN_MAX_LINES, &none));
	assert_false(scan_message(STR(" SIP/2.0\r\n\r\n"), lines, SCAN_MAX_LINES, &none));
}

static void header_lines_keep_their_bytes(void **state)
{
	struct scan s = scanned("A sip:a SIP/2.0\r\nvIA : x\r\n y\r\nSubject:\r\nX-Y: \t z \nl:3\r\n\r\nabc\r\n");

	(void)state;
	assert_int_equal(s.count, 4);
	assert_int_equal(s.lines[0].id, HDR_VIA);
	assert_true(str_eq(s.lines[0].name, STR("vIA")) && str_eq(s.lines[0].value, STR("x\r\n y")));
	assert_true(s.lines[1].id == HDR_SUBJECT && s.lines[1].value.n == 0);
	assert_true(s.lines[2].id == HDR_OTHER && str_eq(s.lines[2].value, STR("z")));
	assert_int_equal(scan_content_length(&s), 3);
	assert_true(str_eq(s.rest, STR("abc\r\n")));
}

static void bad_lines_are_noticed(void **state)
{
	(void)state;
	assert_false(scanned("A sip:a SIP/2.0\r\n folded nothing\r\n\r\n").lines_ok);
	assert_false(scanned("A sip:a SIP/2.0\r\nno colon\r\n\r\n").lines_ok);
	assert_false(scanned("A sip:a SIP/2.0\r\n: no name\r\n\r\n").lines_ok);
	assert_false(scanned("A sip:a SIP/2.0\r\nTwo words: x\r\n\r\n").lines_ok);
	assert_false(scanned("A sip:a SIP/2.0\r\nSubject: a\rVia: b\r\n\r\n").lines_ok); /* a bare CR hides a line */
	assert_true(scanned("A sip:a SIP/2.0\r\nSubject: a\r\n\r\nbody\rwith CR").lines_ok);
}

static void content_lengths(void **state)
{
	static const struct {
		const char *line;
		int64_t length;
	} rows[] = { { "", -1 }, { "l: 7\r\n", 7 }, { "l: 7\r\nContent-Length: 007\r\n", 7 },
		{ "l: 7\r\nl: 8\r\n", -2 }, { "l: -1\r\n", -2 }, { "l: 1 2\r\n", -2 }, { "l:\r\n", -2 },
		{ "l: 4294967296\r\n", -2 }, { "l: 0x10\r\n", -2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256] = "A sip:a SIP/2.0\r\n";

		strcat(strcat(text, rows[i].line), "\r\n");
		struct scan s = scanned(text);

		assert_true(scan_content_length(&s) == rows[i].length);
	}
}

static void caps_hold(void **state)
{
	char *text = malloc(SCAN_MAX_BYTES);
	size_t n;

	(void)state;
	strcpy(text, "A sip:a SIP/2.0\r\n");
	n = strlen(text);
	for (unsigned i = 0; i < SCAN_MAX_LINES; i++, n += 6)
		memcpy(text + n, "k: a\r\n", 7);
	strcpy(text + n, "\r\n");
	struct scan s = scanned(text);

	assert_true(!s.too_large && s.count == SCAN_MAX_LINES);
	strcpy(text + n, "k: a\r\n\r\n");
	s = scanned(text);
	assert_true(s.too_large && s.count == SCAN_MAX_LINES);
	strcpy(text, "A sip:a SIP/2.0\r\nX: ");
	n = strlen(text);
	memset(text + n, 'x', SCAN_MAX_LINE);
	strcpy(text + n + SCAN_MAX_LINE, "\r\nTo: y\r\n\r\n");
	s = scanned(text);
	assert_true(
		s.too_large && s.count == 1 && s.lines[0].id == HDR_TO); /* what fits is still there to answer from */
	free(text);
}

static void values_split_at_commas_outside_quotes_and_brackets(void **state)
{
	struct str rest = STR(" \"a,\\\",b\" <sip:c,d;e=\"f>,g> ;h, <sip:i?j=k,l>,, sip:m");

	(void)state;
	assert_true(str_eq(scan_next_value(&rest), STR("\"a,\\\",b\" <sip:c,d;e=\"f>")));
	assert_true(str_eq(scan_next_value(&rest), STR("g> ;h")));
	assert_true(str_eq(scan_next_value(&rest), STR("<sip:i?j=k,l>")));
	assert_int_equal(scan_next_value(&rest).n, 0);
	assert_true(str_eq(scan_next_value(&rest), STR("sip:m")));
	assert_int_equal(rest.n, 0);
	rest = STR("\"never closed, <a>\\");
	assert_true(str_eq(scan_next_value(&rest), STR("\"never closed, <a>\\")));
	assert_int_equal(rest.n, 0);
}

static void the_end_of_the_head_is_found_from_any_piece(void **state)
{
	static const char text[] = "A sip:a SIP/2.0\r\nX: y\r\n\r\nbody";

	(void)state;
	for (size_t first = 0; first < sizeof(text); first++) {
		size_t at = 0, end = scan_end_of_head((struct str){ text, first }, &at);

		assert_int_equal(end, first >= 25 ? 25 : 0);
		assert_int_equal(scan_end_of_head(str_c(text), &at), 25);
	}
}

static void every_name_is_known_both_ways(void **state)
{
	(void)state;
	for (unsigned id = HDR_OTHER + 1; id < HDR_COUNT; id++) {
		assert_true(name_of_header((enum sipside_header)id).n > 0);
		assert_int_equal(name_header(name_of_header((enum sipside_header)id)), id);
	}
	for (unsigned m = 0; m < S_METHOD_UNKNOWN; m++) {
		assert_true(name_of_method((enum s_method)m).n > 0);
		assert_int_equal(name_method(name_of_method((enum s_method)m)), m);
	}
	assert_int_equal(name_method(STR("message")), S_METHOD_UNKNOWN);
	assert_int_equal(name_header(STR("K")), HDR_SUPPORTED);
	assert_int_equal(name_header(STR("cALL-iD")), HDR_CALL_ID);
	assert_true(str_eq(name_of_status(481), STR("Call/Transaction Does Not Exist")));
	assert_true(name_of_status(499).n && name_of_status(0).n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_lines),
		cmocka_unit_test(header_lines_keep_their_bytes),
		cmocka_unit_test(bad_lines_are_noticed),
		cmocka_unit_test(content_lengths),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(values_split_at_commas_outside_quotes_and_brackets),
		cmocka_unit_test(the_end_of_the_head_is_found_from_any_piece),
		cmocka_unit_test(every_name_is_known_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

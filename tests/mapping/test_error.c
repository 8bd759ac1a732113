/* SPDX-License-Identifier: MIT */
#include "mapping/error.h"
#include "mapping/text.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static int number(struct str s)
{
	uint64_t v = 0;

	assert_true(str_number(s, 999, &v));
	return (int)v;
}

static void x2s_row(const struct vector *row)
{
	static const char *const profiles[] = { "simple", "lync" };
	struct x_error e = { .why = REASON_STANZA_ERROR, .condition = row->fields[1], .text = STR("Words") };

	assert_true(str_eq(map_error_type(e.condition), row->fields[2]));
	for (unsigned i = 0; i < 4; i++) {
		const struct map_profile *profile = map_profile_find(str_c(profiles[i / 2]));
		struct s_result r = map_error_x2s(&e, i % 2 == 0, profile);

		assert_int_equal(r.status, number(row->fields[3 + i]));
		assert_true(r.status != 401 && r.status != 407 && r.status != 408 && r.status != 503);
		assert_true(r.status < 600 || !profile->no_auth_codes);
		assert_true(str_eq(r.words, STR("Words")));
		assert_int_equal(r.expires_s, -1);
	}
}

static void s2x_row(struct arena *a, const struct vector *row)
{
	struct s_result r = { .why = REASON_SIP_STATUS, .status = number(row->fields[1]), .words = STR("Not today") };
	struct x_error e = map_error_s2x(a, &r);
	struct str told = arena_printf(a, " [SIP %d Not today]", r.status);

	if (!str_eq(e.condition, row->fields[2]))
		print_error("errors.tsv:%u: " STR_FMT "\n", row->line, STR_ARG(e.condition));
	assert_true(str_eq(e.condition, row->fields[2]));
	assert_true(str_eq(e.type, map_error_type(e.condition)));
	assert_int_equal(e.why, REASON_SIP_STATUS);
	assert_true(str_ends(e.text, told) && e.text.n > told.n + 20);
	r.words = STR_NONE;
	told = arena_printf(a, " [SIP %d " STR_FMT "]", r.status, STR_ARG(map_status_phrase(r.status)));
	assert_true(str_ends(map_error_s2x(a, &r).text, told));
}

static void every_row_of_the_vectors_holds(void **state)
{
	(void)state;
	struct vectors v;
	struct arena a = { 0 };

	vectors_read(&v, "errors.tsv");
	for (unsigned i = 0; i < v.count; i++)
		if (str_eq(v.rows[i].fields[0], STR("x2s")))
			x2s_row(&v.rows[i]);
		else
			s2x_row(&a, &v.rows[i]);
	vectors_finish(&v);
	arena_finish(&a);
}

static bool is_sentence(struct str s)
{
	return s.n > 20 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[s.n - 1] == '.';
}

static bool says(struct str s, const char *words)
{
	return memmem(s.p, s.n, words, strlen(words)) != NULL;
}

static void every_reason_has_a_whole_row_and_a_word_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_COUNT; i++) {
		const struct map_reason *row = map_reason((enum reason)i);

		if (!row->word.n)
			print_error("reason %u has no row\n", i);
		assert_true(row->word.n > 0 && is_sentence(row->sentence));
		assert_true(!str_eq(map_error_type(row->condition), STR_NONE) && row->condition.n);
		assert_true(row->status >= 400 && row->status < 600);
		assert_true(row->status != 401 && row->status != 407 && row->status != 408);
		assert_true((row->status == 503) == (row->retry_after_s > 0));
		for (unsigned j = 0; j < i; j++)
			assert_false(str_eq(row->word, map_reason((enum reason)j)->word));
	}
	assert_true(map_reason(REASON_COUNT) == map_reason(REASON_INTERNAL));
}

/* Three outcomes: an unknown one is told as such, and no other is. */
static void the_unknown_outcome_is_told_as_such(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_COUNT; i++) {
		const struct map_reason *row = map_reason((enum reason)i);
		bool unknown = i == REASON_LINK_LOST || i == REASON_CONNECTION_LOST || i == REASON_NO_ANSWER;

		assert_int_equal(says(row->sentence, "may have arrived"), unknown);
		assert_false(unknown && says(row->sentence, "not delivered"));
		if (unknown) {
			assert_true(str_eq(row->condition, STR("remote-server-timeout")));
			assert_int_equal(row->status, 480);
		}
	}
	for (int status = 100; status < 700; status++)
		assert_int_equal(
			says(map_status(status)->sentence, "may have arrived"), status == 408 || status == 504);
}

static void every_status_has_a_phrase_a_condition_and_a_sentence(void **state)
{
	(void)state;
	for (int status = -1; status < 1000; status++) {
		const struct map_status *row = map_status(status);

		assert_true(map_status_phrase(status).n > 0 && row->condition.n > 0 && is_sentence(row->sentence));
	}
	assert_true(str_eq(map_status_phrase(480), STR("Temporarily Unavailable")));
}

static void only_a_link_that_is_known_to_be_down_gives_503(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_COUNT; i++) {
		bool whole_bridge = i == REASON_LINK_DOWN || i == REASON_LINK_REFUSED || i == REASON_SHUTTING_DOWN;
		struct s_result r = map_error_s((enum reason)i);

		assert_int_equal(r.status == 503, whole_bridge);
		assert_int_equal(r.why, i);
		assert_true(r.words.n > 0);
	}
}

/* SIP has no status for it; the words are what people see. */
static void in_sip_the_words_tell_the_unknown_outcome(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_COUNT; i++) {
		struct s_result r = map_error_s((enum reason)i);
		bool unknown = str_eq(map_reason((enum reason)i)->condition, STR("remote-server-timeout"));

		assert_int_equal(str_eq(r.words, STR("Temporarily Unavailable, May Have Arrived")), unknown);
	}
}

static void local_reasons_keep_their_row_both_ways(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_result r = { .why = REASON_NO_ANSWER, .words = STR("timer F") };
	struct x_error e = map_error_s2x(&a, &r);

	assert_int_equal(e.why, REASON_NO_ANSWER);
	assert_true(str_eq(e.condition, STR("remote-server-timeout")) && str_eq(e.type, STR("wait")));
	assert_true(str_ends(e.text, STR(" [timer F]")) && says(e.text, "may have arrived"));
	e = (struct x_error){ .why = REASON_LINK_DOWN };
	assert_int_equal(map_error_x2s(&e, true, map_profile_at(0)).status, 503);
	assert_int_equal(map_error_x2s(&e, true, map_profile_at(0)).retry_after_s, 5);
	arena_finish(&a);
}

static void a_new_address_travels(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_result r = { .why = REASON_SIP_STATUS, .status = 301, .gone_to = STR("sip:new@d") };
	struct x_error gone = { .why = REASON_STANZA_ERROR, .condition = STR("gone"), .gone_to = STR("new@d") };

	assert_true(str_eq(map_error_s2x(&a, &r).gone_to, STR("sip:new@d")));
	r.status = 410; /* must not carry one */
	assert_true(map_error_s2x(&a, &r).gone_to.n == 0);
	assert_int_equal(map_error_x2s(&gone, false, map_profile_at(1)).status, 301);
	assert_true(str_eq(map_error_x2s(&gone, false, map_profile_at(1)).gone_to, STR("new@d")));
	arena_finish(&a);
}

/* Foreign words go into a header line here and into XML there. */
static void foreign_words_are_made_harmless(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_error e = { .why = REASON_STANZA_ERROR, .condition = STR("gone"), .text = STR("Bye\r\nVia: evil") };
	char many[1000];

	assert_true(str_eq(map_error_x2s(&e, true, map_profile_at(0)).words, STR("Bye")));
	e.text = STR("\xff");
	assert_true(str_eq(map_error_x2s(&e, true, map_profile_at(0)).words, STR("Gone")));
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = "\xe2\x82\xac"[i % 3];
	e.text = (struct str){ many, sizeof(many) };
	struct str cut = map_error_x2s(&e, true, map_profile_at(0)).words;

	assert_int_equal(cut.n, 198);
	assert_true(map_text_is_utf8(cut));
	struct s_result r = { .why = REASON_SIP_STATUS, .status = 486, .words = STR("B\x01usy\xff") };

	assert_true(map_text_is_utf8(map_error_s2x(&a, &r).text));
	assert_true(memchr(map_error_s2x(&a, &r).text.p, 1, map_error_s2x(&a, &r).text.n) == NULL);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_vectors_holds),
		cmocka_unit_test(every_reason_has_a_whole_row_and_a_word_of_its_own),
		cmocka_unit_test(the_unknown_outcome_is_told_as_such),
		cmocka_unit_test(every_status_has_a_phrase_a_condition_and_a_sentence),
		cmocka_unit_test(only_a_link_that_is_known_to_be_down_gives_503),
		cmocka_unit_test(in_sip_the_words_tell_the_unknown_outcome),
		cmocka_unit_test(local_reasons_keep_their_row_both_ways),
		cmocka_unit_test(a_new_address_travels),
		cmocka_unit_test(foreign_words_are_made_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

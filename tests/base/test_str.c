/* SPDX-License-Identifier: MIT */
#include "mapping/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void cuts_are_clamped(void **state)
{
	(void)state;
	struct str s = STR("abc");

	assert_true(str_eq(str_cut(s, 1, 2), STR("b")));
	assert_true(str_eq(str_cut(s, 1, SIZE_MAX), STR("bc")));
	assert_int_equal(str_cut(s, 3, 3).n, 0);
	assert_int_equal(str_cut(s, 9, 2).n, 0);
	assert_int_equal(str_cut(STR_NONE, 0, 5).n, 0);
	assert_int_equal(str_c(NULL).n, 0);
}

static void pieces_are_taken_off_the_front(void **state)
{
	(void)state;
	struct str rest = STR("a,,b");

	assert_true(str_eq(str_next(&rest, ','), STR("a")));
	assert_true(str_eq(str_next(&rest, ','), STR("")));
	assert_true(str_eq(str_next(&rest, ','), STR("b")));
	assert_int_equal(rest.n, 0);
	assert_int_equal(str_next(&rest, ',').n, 0);
	assert_int_equal(str_find(STR("abc"), 'c'), 2);
	assert_int_equal(str_find(STR("abc"), 'x'), 3);
	assert_int_equal(str_find(STR_NONE, 'x'), 0);
	assert_true(str_eq(str_trim(STR(" \t\r\n x y \n")), STR("x y")));
	assert_int_equal(str_trim(STR("  ")).n, 0);
}

static void comparisons_know_length_and_case(void **state)
{
	(void)state;
	assert_true(str_eq(STR(""), STR_NONE));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_eq_nocase(STR("Ab"), STR("aB")));
	assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
	assert_true(str_starts_nocase(STR("SIP:x"), STR("sip:")));
	assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	assert_true(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("b"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("ab"), STR("a")) > 0);
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
}

static void numbers_are_digits_within_bounds(void **state)
{
	(void)state;
	uint64_t v = 7;

	assert_true(str_number(STR("65535"), 65535, &v) && v == 65535);
	assert_true(str_number(STR("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
	v = 7;
	assert_false(str_number(STR("65536"), 65535, &v));
	assert_false(str_number(STR("18446744073709551616"), UINT64_MAX, &v));
	assert_false(str_number(STR(""), 9, &v) || str_number(STR("-1"), 9, &v) || str_number(STR("1 "), 9, &v));
	assert_int_equal(v, 7);
	assert_true(str_number(STR("0"), 0, &v) && v == 0);
	assert_false(str_number(STR("5"), 3, &v)); /* a maximum below one digit */
}

static void a_buffer_grows_and_shrinks(void **state)
{
	(void)state;
	struct buf b = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		buf_printf(&b, "%03u,", i);
	assert_int_equal(b.n, 4000);
	assert_true(str_starts(buf_str(&b), STR("000,001,")) && str_ends(buf_str(&b), STR("998,999,")));
	buf_drop_front(&b, 3996);
	assert_true(str_eq(buf_str(&b), STR("999,")));
	buf_drop_front(&b, 100);
	assert_int_equal(b.n, 0);
	buf_number(&b, 0);
	buf_addc(&b, ' ');
	buf_number(&b, UINT64_MAX);
	buf_lit(&b, "!");
	buf_add(&b, STR_NONE);
	assert_true(str_eq(buf_str(&b), STR("0 18446744073709551615!")));
	memset(buf_room(&b, 10000), 'x', 10000);
	b.n += 10000;
	assert_int_equal(b.n, 10023);
	buf_clear(&b);
	assert_true(b.n == 0 && b.cap >= 10023);
	buf_finish(&b);
	assert_null(b.p);
	buf_addc(&b, 'x');
	assert_int_equal(b.n, 1);
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_are_clamped),
		cmocka_unit_test(pieces_are_taken_off_the_front),
		cmocka_unit_test(comparisons_know_length_and_case),
		cmocka_unit_test(numbers_are_digits_within_bounds),
		cmocka_unit_test(a_buffer_grows_and_shrinks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

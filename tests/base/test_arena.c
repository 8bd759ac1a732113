/* SPDX-License-Identifier: MIT */
#include "mapping/base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena a = { 0 };

	for (unsigned turn = 0; turn < 3; turn++) { /* the block kept by a reset is dirty */
		char *last = NULL;

		for (size_t n = 1; n < 3000; n += 7) {
			char *p = arena_alloc(&a, n);

			assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, n);
			assert_ptr_not_equal(p, last);
			last = p;
		}
		arena_reset(&a);
	}
	arena_finish(&a);
}

static void a_large_piece_is_given_back_by_a_reset(void **state)
{
	(void)state;
	struct arena a = { 0 };
	char *p = arena_alloc(&a, 1 << 20);

	p[(1 << 20) - 1] = 1;
	arena_reset(&a);
	assert_null(a.blocks);
	arena_alloc(&a, 1);
	arena_alloc(&a, 1 << 20);
	arena_reset(&a);
	assert_non_null(a.blocks); /* the small one is kept for the next turn */
	struct arena_block *kept = a.blocks;

	arena_alloc(&a, 100);
	assert_ptr_equal(a.blocks, kept);
	arena_finish(&a);
	assert_null(a.blocks);
	arena_reset(&a);
	arena_finish(&a);
}

static void copies_are_terminated(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str copy = arena_str(&a, str_cut(STR("abcdef"), 0, 3));

	assert_int_equal(copy.n, 3);
	assert_string_equal(copy.p, "abc");
	assert_string_equal(arena_str(&a, STR_NONE).p, "");
	struct str printed = arena_printf(&a, "%s-%d", "x", 7);

	assert_int_equal(printed.n, 3);
	assert_string_equal(printed.p, "x-7");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(a_large_piece_is_given_back_by_a_reset),
		cmocka_unit_test(copies_are_terminated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

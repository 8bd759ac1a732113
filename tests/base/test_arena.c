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

static void a_busy_turn_leaves_memory_for_the_next_one(void **state)
{
	(void)state;
	struct arena a = { 0 };

	for (unsigned i = 0; i < 100; i++)
		arena_alloc(&a, 20000); /* each takes a block */
	arena_reset(&a);
	unsigned kept = a.spares;

	assert_in_range(kept, 1, 16); /* not all of the hundred */
	arena_alloc(&a, 20000);
	arena_alloc(&a, 20000);
	assert_int_equal(a.spares, kept - 1);
	arena_finish(&a);
	assert_null(a.spare);
}

static void text_longer_than_the_room_left_is_whole(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static char text[40000];

	memset(text, 'x', sizeof(text) - 1);
	for (size_t n = 0; n < sizeof(text); n += 4999) {
		struct str printed = arena_printf(&a, "%.*s", (int)n, text);

		assert_int_equal(printed.n, n);
		assert_int_equal(strlen(printed.p), n);
	}
	arena_finish(&a);
}

static void parts_are_joined(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str joined = arena_join(&a, STR("a"), STR_NONE, STR("bc"));

	assert_int_equal(joined.n, 3);
	assert_string_equal(joined.p, "abc");
	assert_string_equal(arena_join(&a, STR_NONE).p, "");
	assert_string_equal(arena_hex(&a, 0).p, "0000000000000000");
	assert_string_equal(arena_hex(&a, 0x0123456789abcdef).p, "0123456789abcdef");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(a_large_piece_is_given_back_by_a_reset),
		cmocka_unit_test(copies_are_terminated),
		cmocka_unit_test(a_busy_turn_leaves_memory_for_the_next_one),
		cmocka_unit_test(text_longer_than_the_room_left_is_whole),
		cmocka_unit_test(parts_are_joined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

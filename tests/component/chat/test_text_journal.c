/* SPDX-License-Identifier: MIT */
/* What one life of the daemon leaves to the next about the texts it wrote to XMPP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/chat/text_journal.h"
#include "mapping/base/alloc.h"
#include "tests/lib/fake_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	struct fake_env fe;
	char path[64];
	struct str fault;
};

static int setup(void **state)
{
	struct folder *f = alloc_zero(sizeof(*f));

	fake_env_init(&f->fe);
	strcpy(f->path, "/tmp/test-text-journal-XXXXXX");
	close(mkstemp(f->path));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct folder *f = *state;

	unlink(f->path);
	fake_env_finish(&f->fe);
	free(f);
	return 0;
}

static struct text_journal *begin_life(struct folder *f)
{
	struct text_journal *j = text_journal_open(&f->fe.env, str_c(f->path), &f->fault);

	assert_int_equal(f->fault.n, 0);
	return j;
}

static void the_next_life_knows_what_was_written(void **state)
{
	struct folder *f = *state;
	struct text_journal *j = begin_life(f);
	const char *const names[] = { "taken", "refused", "open", "never written" };
	const int statuses[] = { 202, 480, -1, 0 };
	const enum text_journal_word words[] = { TEXT_JOURNAL_ENDED, TEXT_JOURNAL_ENDED, TEXT_JOURNAL_OPEN,
		TEXT_JOURNAL_UNKNOWN };
	uint64_t ids[4];
	int status;

	for (unsigned i = 0; i < 4; i++) {
		ids[i] = text_journal_id(j, str_c(names[i]));
		uint32_t row = text_journal_begin(j, ids[i]);

		if (statuses[i] >= 0)
			text_journal_end(j, row, ids[i], statuses[i]);
		assert_int_equal(text_journal_recall(j, ids[i], &status), TEXT_JOURNAL_UNKNOWN); /* its own life */
	}
	text_journal_close(j);
	j = begin_life(f);
	for (unsigned i = 0; i < 4; i++) {
		status = 0;
		assert_true(text_journal_id(j, str_c(names[i])) == ids[i]);
		assert_int_equal(text_journal_recall(j, ids[i], &status), words[i]);
		if (words[i] == TEXT_JOURNAL_ENDED)
			assert_int_equal(status, statuses[i]);
	}
	text_journal_close(j);
}

static void what_is_old_is_not_believed(void **state)
{
	struct folder *f = *state;
	struct text_journal *j = begin_life(f);
	uint64_t id = text_journal_id(j, STR("k"));
	int status;

	text_journal_end(j, text_journal_begin(j, id), id, 202);
	text_journal_close(j);
	j = begin_life(f);
	assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_ENDED);
	fake_env_advance(&f->fe, TEXT_JOURNAL_KEPT_MS + 1);
	assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_UNKNOWN);
	text_journal_close(j);
	j = begin_life(f);
	assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_UNKNOWN);
	text_journal_close(j);
}

static void the_ring_comes_round(void **state)
{
	struct folder *f = *state;
	struct text_journal *j = begin_life(f);
	uint32_t first = text_journal_begin(j, 1);
	int status;

	for (uint64_t id = 2; id < 2 + TEXT_JOURNAL_ROWS; id++)
		text_journal_end(j, text_journal_begin(j, id), id, 200);
	text_journal_end(j, first, 1, 480); /* its row is another's now */
	text_journal_close(j);
	j = begin_life(f);
	assert_int_equal(text_journal_recall(j, 1, &status), TEXT_JOURNAL_UNKNOWN);
	for (uint64_t id = 2; id < 2 + TEXT_JOURNAL_ROWS; id++) {
		assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_ENDED);
		assert_int_equal(status, 200);
	}
	text_journal_close(j);
}

static void a_file_that_is_no_journal_is_begun_anew(void **state)
{
	struct folder *f = *state;
	FILE *file = fopen(f->path, "w");
	struct stat about;
	int status;

	for (int i = 0; i < 100000; i++)
		fputs("tomboloJ?", file);
	fclose(file);
	struct text_journal *j = begin_life(f);
	uint64_t id = text_journal_id(j, STR("k"));

	assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_UNKNOWN);
	text_journal_begin(j, id);
	text_journal_close(j);
	j = begin_life(f);
	assert_int_equal(text_journal_recall(j, id, &status), TEXT_JOURNAL_OPEN);
	text_journal_close(j);
	assert_int_equal(stat(f->path, &about), 0);
}

static void without_a_file_it_works_for_one_life(void **state)
{
	struct folder *f = *state;
	struct text_journal *j = text_journal_open(&f->fe.env, STR_NONE, &f->fault);

	assert_int_equal(f->fault.n, 0);
	text_journal_begin(j, text_journal_id(j, STR("k")));
	text_journal_close(j);
	j = text_journal_open(&f->fe.env, STR("/nowhere/at/all"), &f->fault);
	assert_true(f->fault.n > 0);
	text_journal_begin(j, text_journal_id(j, STR("k")));
	text_journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_next_life_knows_what_was_written, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_old_is_not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_ring_comes_round, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_journal_is_begun_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_file_it_works_for_one_life, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

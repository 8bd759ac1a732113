/* SPDX-License-Identifier: MIT */
/* tombolo(8) has a row for every word the log knows: those of event=, those of why=. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "mapping/base/event.h"
#include "mapping/reason.h"

static void slurp_page(struct buf *out)
{
	FILE *in = fopen(TESTS_DIR "/../component/doc/tombolo.8.scd", "re");
	size_t got;

	assert_non_null(in);
	do {
		got = fread(buf_room(out, 4096), 1, 4096, in);
		out->n += got;
	} while (got);
	fclose(in);
}

/* What stands under a heading, up to the next one. */
static struct str section_of(struct str page, const char *heading)
{
	const char *from = memmem(page.p, page.n, heading, strlen(heading)), *end;
	struct str section;

	assert_non_null(from);
	from += strlen(heading);
	section = (struct str){ from, (size_t)(page.p + page.n - from) };
	end = memmem(section.p, section.n, "\n#", 2);
	return end ? str_cut(section, 0, (size_t)(end - section.p)) : section;
}

static bool has_row(struct str section, struct str word)
{
	char row[80];

	snprintf(row, sizeof(row), "\n|  *" STR_FMT "*\n:  ", STR_ARG(word));
	return memmem(section.p, section.n, row, strlen(row));
}

static unsigned rows_of(struct str section)
{
	unsigned rows = 0;

	while (section.n)
		rows += str_starts(str_next(&section, '\n'), STR("|  *"));
	return rows;
}

static void need_row(struct str section, struct str word)
{
	if (has_row(section, word))
		return;
	print_error("tombolo(8) has no row for \"" STR_FMT "\"\n", STR_ARG(word));
	fail();
}

/* As many rows as words: none is left of a word that is gone. */
static void test_every_event(void **state)
{
	struct buf page = { .n = 0 };
	struct str section;

	(void)state;
	slurp_page(&page);
	section = section_of(buf_str(&page), "\n## Events\n");
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		need_row(section, event_row((enum event_kind)kind)->word);
	assert_int_equal(rows_of(section), EVENT_KINDS);
	buf_finish(&page);
}

/* "ok" is left out of the log. */
static void test_every_reason(void **state)
{
	struct buf page = { .n = 0 };
	struct str section;

	(void)state;
	slurp_page(&page);
	section = section_of(buf_str(&page), "\n## Reasons\n");
	for (unsigned why = REASON_NONE + 1; why < REASON_COUNT; why++)
		need_row(section, map_reason((enum reason)why)->word);
	assert_int_equal(rows_of(section), REASON_COUNT - 1);
	buf_finish(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_event),
		cmocka_unit_test(test_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/usage/dialog_line.h"
#include "sipside/usage/dialog_table.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void make(struct fake_env *f, struct dialog *d, const char *routes)
{
	const struct dialog_caller c = { STR("a b%c@x"), STR("\"Ann A\" <sip:ann@x>"), STR("t1"), STR("<sip:bob@y>"),
		STR("sip:bob@y") };

	*d = (struct dialog){ 0 };
	assert_true(dialog_init_caller(d, &f->env, &c));
	assert_true(dialog_set_part(d, DIALOG_REMOTE, STR("\"tag=no\" <sip:bob@y;tag=5>;epid=1; TAG = r9 ;x=r9")));
	dialog_set_remote_tag(d, STR("r9"));
	assert_true(dialog_set_part(d, DIALOG_ROUTES, str_c(routes)));
}

static void assert_part(const struct dialog *d, enum dialog_part part, const char *want)
{
	struct str s = dialog_part(d, part);

	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p, want, s.n);
}

static void the_line_gives_back_every_byte(void **state)
{
	struct fake_env f;
	struct dialog d, again = { 0 };
	enum dialog_usage usage;
	bool reserve;

	(void)state;
	fake_env_init(&f);
	make(&f, &d, "<sip:a;lr;sig=%41 x>;tag=1\n<sip:b;lr>");
	assert_int_equal(dialog_next_cseq(&d, &reserve), 1);
	assert_true(reserve);
	struct str line = dialog_line_write(&f.env, &d, DIALOG_NOTIFIER, 7);

	for (size_t i = 0; i < line.n; i++)
		assert_true(line.p[i] >= ' ' && line.p[i] < 0x7f);
	assert_true(dialog_line_read(&f.env, line, 8, &again, &usage));
	assert_int_equal(usage, DIALOG_NOTIFIER);
	for (int i = 0; i < DIALOG_PARTS; i++)
		assert_true(str_eq(dialog_part(&d, (enum dialog_part)i), dialog_part(&again, (enum dialog_part)i)));
	assert_part(&again, DIALOG_ROUTES, "<sip:a;lr;sig=%41 x>;tag=1\n<sip:b;lr>");
	assert_true(str_eq(dialog_local_tag(&again), STR("t1")));
	assert_true(str_eq(dialog_remote_tag(&again), STR("r9")));
	assert_int_equal(again.remote_tag_at, d.remote_tag_at);
	assert_int_equal(dialog_next_cseq(&again, &reserve), DIALOG_CSEQ_BLOCK + 1);
	assert_false(reserve); /* this start owns the block */
	assert_true(dialog_line_read(&f.env, line, 11, &again, &usage)); /* and each of the three between owned one */
	assert_int_equal(dialog_next_cseq(&again, &reserve), 4 * DIALOG_CSEQ_BLOCK + 1);
	dialog_finish(&d);
	dialog_finish(&again);
	fake_env_finish(&f);
}

static void hostile_lines_are_refused(void **state)
{
	struct fake_env f;
	struct dialog d, other = { 0 };
	enum dialog_usage usage;

	(void)state;
	fake_env_init(&f);
	make(&f, &d, "<sip:a;lr>");
	struct str good = dialog_line_write(&f.env, &d, DIALOG_SESSION, 7);
	char *bad = malloc(good.n + 2);

	for (size_t n = 0; n < good.n; n++) { /* every truncation, exact size */
		char *cut = malloc(n ? n : 1);

		memcpy(cut, good.p, n);
		/* the last field is the empty event id: a line without it is not whole */
		assert_false(dialog_line_read(&f.env, (struct str){ cut, n }, 8, &other, &usage));
		free(cut);
	}
	for (size_t at = 0; at < good.n; at++) { /* every byte turned into what it must not be */
		static const char wrong[] = { '\n', '\0', '\x80', '%', ' ' };

		for (size_t k = 0; k < sizeof(wrong); k++) {
			memcpy(bad, good.p, good.n);
			bad[at] = wrong[k];
			if (dialog_line_read(&f.env, (struct str){ bad, good.n }, 8, &other, &usage))
				dialog_finish(&other);
		}
	}
	static const char *const lines[] = { "", "1", "2 s 1 1 t r a b c d e f",
		"1 q 1 1 t1 r9 c x;tag=t1 y;tag=r9 z % %", "1 s -1 1 t1 r9 c x;tag=t1 y;tag=r9 z % %",
		"1 s 2147483647 1 t1 r9 c x;tag=t1 y;tag=r9 z % %", "1 s 1 1 t1 r9 c x;tag=t2 y;tag=r9 z % %",
		"1 s 1 1 t1 r9 c x;tag=t1 y;tag=r8 z % %", "1 s 1 1 t1 r9 c%0a x;tag=t1 y;tag=r9 z % %",
		"1 s 1 1 t1 r9 c x;tag=t1 y;tag=r9 z%0dEvil: % %", "1 s 1 1 t1 r9 c x;tag=t1 y;tag=r9 z % % %" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(dialog_line_read(&f.env, str_c(lines[i]), 8, &other, &usage));
	assert_true(dialog_line_read(&f.env, STR("1 s 1 -1 t1 r9 c x;tag=t1 y;tag=r9 z % %"), 8, &other, &usage));
	dialog_finish(&other);
	free(bad);
	dialog_finish(&d);
	fake_env_finish(&f);
}

static void strict_and_loose_routers(void **state)
{
	static const struct dialog_request r = { .method = S_BYE, .cseq = 7 };
	struct fake_env f;
	struct sipside_outgoing out;
	struct dialog d;
	struct str hop;

	(void)state;
	fake_env_init(&f);
	make(&f, &d, "<sip:p1;lr>\n<sip:p2;lr>");
	dialog_compose(&f.env, &d, &r, &out, &hop);
	assert_true(str_eq(out.uri, STR("sip:bob@y")));
	assert_true(str_eq(hop, STR("sip:p1;lr")));
	assert_true(
		str_starts(out.headers, STR("Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\nMax-Forwards: 70\r\nFrom: ")));
	assert_true(str_ends(out.headers, STR("CSeq: 7 BYE\r\n")));
	dialog_finish(&d);
	make(&f, &d, "<sip:p1>\n<sip:p2;lr>");
	dialog_compose(&f.env, &d, &r, &out, &hop);
	assert_true(str_eq(out.uri, STR("sip:p1")));
	assert_true(str_eq(hop, STR("sip:p1")));
	assert_true(str_starts(out.headers, STR("Route: <sip:p2;lr>\r\nRoute: <sip:bob@y>\r\nMax-Forwards: ")));
	dialog_finish(&d);
	fake_env_finish(&f);
}

static void the_table_finds_by_id_and_tags(void **state)
{
	struct dialog_table table = { 0 };
	struct dialog *d = calloc(2000, sizeof(*d));
	struct fake_env f;

	(void)state;
	fake_env_init(&f);
	for (int i = 0; i < 2000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "call-%d", i / 2); /* two to each Call-ID */
		const struct dialog_caller c = { str_c(id), STR("<sip:a@b>"), i % 2 ? STR("odd") : STR("even"),
			STR("<sip:b@c>"), STR("sip:b@c") };

		assert_true(dialog_init_caller(&d[i], &f.env, &c));
		assert_true(dialog_table_add(&table, &d[i]));
	}
	assert_int_equal(table.count, 2000);
	assert_ptr_equal(dialog_table_find(&table, STR("call-77"), STR("odd"), STR_NONE), &d[155]);
	assert_null(dialog_table_find(&table, STR("call-77"), STR("ODD"), STR_NONE));
	assert_null(dialog_table_find(&table, STR("CALL-77"), STR("odd"), STR_NONE));
	dialog_table_remove(&table, &d[155]);
	assert_null(dialog_table_find(&table, STR("call-77"), STR("odd"), STR_NONE));
	assert_ptr_equal(dialog_table_next(&table, STR("call-77"), NULL), &d[154]);
	assert_null(dialog_table_next(&table, STR("call-77"), &d[154]));
	for (int i = 0; i < 2000; i++) {
		dialog_table_remove(&table, &d[i]);
		dialog_finish(&d[i]);
	}
	assert_int_equal(table.count, 0);
	free(d);
	dialog_table_finish(&table);
	fake_env_finish(&f);
}

static void one_call_id_cannot_make_the_table_slow(void **state)
{
	struct dialog_table table = { 0 };
	struct dialog d[DIALOG_TABLE_SAME_ID + 1] = { 0 };
	struct fake_env f;

	(void)state;
	fake_env_init(&f);
	for (int i = 0; i <= DIALOG_TABLE_SAME_ID; i++) {
		const struct dialog_caller c = { STR("same"), STR("<sip:a@b>"), STR("t"), STR("<sip:b@c>"),
			STR("sip:b@c") };

		assert_true(dialog_init_caller(&d[i], &f.env, &c));
		assert_int_equal(dialog_table_add(&table, &d[i]), i < DIALOG_TABLE_SAME_ID);
	}
	for (int i = 0; i <= DIALOG_TABLE_SAME_ID; i++)
		dialog_finish(&d[i]);
	dialog_table_finish(&table);
	fake_env_finish(&f);
}

static void too_long_dialogs_are_refused(void **state)
{
	struct fake_env f;
	struct dialog d;
	char *long_route = calloc(1, DIALOG_MAX_BYTES + 1);

	(void)state;
	fake_env_init(&f);
	memset(long_route, 'x', DIALOG_MAX_BYTES);
	make(&f, &d, "<sip:p1;lr>");
	assert_false(dialog_set_part(&d, DIALOG_ROUTES, str_c(long_route)));
	assert_part(&d, DIALOG_ROUTES, "<sip:p1;lr>");
	free(long_route);
	dialog_finish(&d);
	fake_env_finish(&f);
}

/* RFC 5057, RFC 6665 4.1.2.2, wire-lync 1.7: what ends and what does not. */
static void statuses_end_what_the_rfcs_say(void **state)
{
	static const int watch[] = { 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604, 0 };
	static const int session[] = { 404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604, 0 };

	(void)state;
	for (int status = 300; status < 700; status++) {
		bool ends_watch = false, ends_session = false;

		for (int i = 0; watch[i]; i++)
			ends_watch = ends_watch || watch[i] == status;
		for (int i = 0; session[i]; i++)
			ends_session = ends_session || session[i] == status;
		assert_int_equal(dialog_status_ends(DIALOG_SUBSCRIBER, status, STR_NONE), ends_watch);
		assert_int_equal(dialog_status_ends(DIALOG_NOTIFIER, status, STR_NONE), ends_watch);
		assert_int_equal(dialog_status_ends(DIALOG_SESSION, status, STR_NONE), ends_session);
	}
	assert_true(dialog_status_ends(DIALOG_SESSION, 500, STR("Stale CSeq Value")));
	assert_true(dialog_status_not_processed(500, STR("Stale CSeq Value")));
	assert_false(dialog_status_not_processed(408, STR_NONE));
	assert_false(dialog_silence_ends(DIALOG_SUBSCRIBER, S_SUBSCRIBE));
	assert_true(dialog_silence_ends(DIALOG_NOTIFIER, S_NOTIFY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_gives_back_every_byte),
		cmocka_unit_test(hostile_lines_are_refused),
		cmocka_unit_test(strict_and_loose_routers),
		cmocka_unit_test(the_table_finds_by_id_and_tags),
		cmocka_unit_test(one_call_id_cannot_make_the_table_slow),
		cmocka_unit_test(too_long_dialogs_are_refused),
		cmocka_unit_test(statuses_end_what_the_rfcs_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/presence/user.h"

static const struct x_jid ann = { STR_INIT("ann"), STR_INIT("home.example"), { NULL, 0 } };

static struct x_presence presence(enum x_kind kind, const char *resource, const char *status)
{
	struct x_presence p = { .from = ann, .kind = kind, .status = str_c(status) };

	p.from.resource = str_c(resource);
	return p;
}

static bool note(struct users *u, struct user_view *v, enum x_kind kind, const char *resource, const char *status)
{
	struct x_presence p = presence(kind, resource, status);

	return user_note(u, v, &p);
}

static void resources_come_and_go(void **state)
{
	struct users u = { 0 };
	struct user_view v = { 0 };

	(void)state;
	assert_true(note(&u, &v, X_AVAILABLE, "desk", "here"));
	assert_false(note(&u, &v, X_AVAILABLE, "desk", "here"));
	assert_true(note(&u, &v, X_AVAILABLE, "desk", "lunch"));
	assert_true(note(&u, &v, X_AVAILABLE, "phone", NULL));
	assert_int_equal(user_resources(&v), 2);
	assert_false(note(&u, &v, X_UNAVAILABLE, "tablet", NULL));
	assert_true(note(&u, &v, X_UNAVAILABLE, "desk", "bye"));
	assert_true(user_is_online(&v)); /* X24 */
	assert_true(note(&u, &v, X_AVAILABLE, "desk", NULL));
	assert_true(note(&u, &v, X_UNAVAILABLE, NULL, NULL)); /* from the bare JID: all */
	assert_false(user_is_online(&v));
	assert_false(note(&u, &v, X_UNAVAILABLE, NULL, NULL));
	assert_false(note(&u, &v, X_PROBE, "desk", NULL)); /* P30 */
	assert_null(u.table);
}

static void views_are_apart_and_share(void **state)
{
	struct users u = { 0 };
	struct user_view bob = { 0 }, carl = { 0 };
	struct arena a = { 0 };
	unsigned count;

	(void)state;
	note(&u, &bob, X_AVAILABLE, "desk", "here");
	note(&u, &carl, X_AVAILABLE, "desk", "here");
	note(&u, &carl, X_AVAILABLE, "desk", "only for carl");
	const struct x_presence *const *list = user_list(&a, &bob, &ann, &count);

	assert_int_equal(count, 1);
	assert_true(str_eq(list[0]->status, STR("here")));
	assert_true(str_eq(list[0]->from.resource, STR("desk")));
	note(&u, &bob, X_UNAVAILABLE, "desk", NULL);
	assert_true(user_is_online(&carl)); /* ann has blocked bob */
	list = user_list(&a, &carl, &ann, &count);
	assert_true(str_eq(list[0]->status, STR("only for carl")));
	user_forget(&u, &carl);
	assert_null(u.table);
	arena_finish(&a);
}

static void what_is_kept_is_bounded(void **state)
{
	struct users u = { 0 };
	struct user_view v = { 0 };
	struct arena a = { 0 };
	char resource[16], status[2 * RESOURCE_MAX_STATUS + 1] = "";
	unsigned count;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(resource, sizeof(resource), "r%u", i);
		note(&u, &v, X_AVAILABLE, resource, NULL);
	}
	assert_int_equal(user_resources(&v), RESOURCE_MAX);
	user_forget(&u, &v);
	status[0] = 'a'; /* so that the cut falls into a character */
	for (unsigned i = 1; i + 1 < sizeof(status) - 1; i += 2)
		memcpy(status + i, "\xC3\xA4", 2);
	note(&u, &v, X_AVAILABLE, "desk", status);
	const struct x_presence *const *list = user_list(&a, &v, &ann, &count);

	assert_int_equal(list[0]->status.n, RESOURCE_MAX_STATUS - 1);
	assert_false(note(&u, &v, X_AVAILABLE, "desk", status));
	user_forget(&u, &v);
	arena_finish(&a);
}

/* Random presences to three addresses: at the end nothing is left, whatever was shared in between. */
static void nothing_leaks(void **state)
{
	struct users u = { 0 };
	struct user_view views[3] = { 0 };
	static const char *const names[] = { "desk", "phone", "", "car" }, *const words[] = { "here", "away", NULL };
	unsigned seed = 5;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		seed = seed * 1103515245u + 12345u;
		unsigned dice = seed >> 8;

		note(&u, &views[dice % 3], dice % 7 < 4 ? X_AVAILABLE : X_UNAVAILABLE, names[dice / 7 % 4],
			words[dice / 28 % 3]);
	}
	for (unsigned i = 0; i < 3; i++)
		user_forget(&u, &views[i]);
	assert_null(u.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_come_and_go),
		cmocka_unit_test(views_are_apart_and_share),
		cmocka_unit_test(what_is_kept_is_bounded),
		cmocka_unit_test(nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

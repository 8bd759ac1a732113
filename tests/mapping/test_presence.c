/* SPDX-License-Identifier: MIT */
#include "mapping/presence.h"
#include "mapping/activity.h"
#include "mapping/show.h"
#include "mapping/tuple_id.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static const int64_t now_ms = 1767225600000;
static const struct s_uri entity = { .user = STR_INIT("ann"), .host = STR_INIT("d"), .gruu = STR_INIT("r") };

static struct str field(const struct vector *row, unsigned i)
{
	return str_eq(row->fields[i], STR("-")) ? STR_NONE : row->fields[i];
}

static struct x_presence only_presence(struct arena *a, struct s_tuple tuple, const char *profile, enum x_show busy_as)
{
	struct s_presence in = { .tuples = &tuple, .count = 1 };
	struct x_presence *out;

	assert_int_equal(map_presence_s2x(a, &in, map_profile_find(str_c(profile)), busy_as, &out), 1);
	return out[0];
}

static bool activity_row(struct arena *a, const struct vector *row, unsigned *seen)
{
	unsigned bit = map_activity_bit(row->fields[1]);

	if (!bit || (*seen & bit))
		return false;
	*seen |= bit;
	const struct map_activity *activity = map_activity((enum s_activity)__builtin_ctz(bit));
	struct s_tuple tuple = { .open = true, .activities = bit, .priority_milli = -1 };
	struct x_presence dnd = only_presence(a, tuple, "lync", X_SHOW_DND);
	struct x_presence away = only_presence(a, tuple, "lync", X_SHOW_AWAY);

	return str_eq(map_show_word(dnd.show), field(row, 2)) && str_eq(map_show_word(away.show), field(row, 3)) &&
	       str_eq(dnd.status, field(row, 4)) && str_eq(away.status, field(row, 4)) &&
	       str_eq(activity->element, field(row, 5)) && str_eq(activity->draft, field(row, 6)) &&
	       map_show_of_activities(bit, X_SHOW_DND) == dnd.show;
}

static bool show_row(struct arena *a, const struct vector *row, unsigned *seen)
{
	bool offline = str_eq(row->fields[1], STR("unavailable"));
	struct x_presence p = { .kind = X_AVAILABLE, .show = map_show_read(field(row, 1)) };
	const struct x_presence *resources[] = { &p };
	bool good = true;

	*seen |= offline ? 0 : 1u << p.show;
	for (unsigned i = 0; map_profile_at(i); i++) {
		struct s_presence out;

		map_presence_x2s(a, resources, offline ? 0 : 1, &entity, map_profile_at(i), now_ms, &out);
		good = good && out.count == 1 && out.tuples[0].open == str_eq(row->fields[2], STR("open")) &&
		       out.tuples[0].activities == map_activity_bit(field(row, 3)) && out.tuples[0].show == p.show;
	}
	return good;
}

static bool id_row(struct arena *a, const struct vector *row)
{
	struct str resource = { 0 }, kind = row->fields[0];
	bool read = map_tuple_id_to_resource(a, field(row, 2), &resource);

	if (str_eq(kind, STR("no-id")))
		return !read;
	return read && str_eq(resource, row->fields[1]) &&
	       (str_eq(kind, STR("id-s2x")) || str_eq(map_tuple_id_of_resource(a, row->fields[1]), row->fields[2]));
}

static bool priority_row(const struct vector *row)
{
	int x = atoi(row->fields[1].p), milli = atoi(row->fields[2].p);

	return map_priority_x2s(x) == milli && map_priority_s2x(milli) == x;
}

static void every_row_of_the_vectors_holds(void **state)
{
	(void)state;
	struct vectors v;
	struct arena a = { 0 };
	unsigned activities = 0, shows = 0;

	vectors_read(&v, "presence.tsv");
	for (unsigned i = 0; i < v.count; i++) {
		const struct vector *row = &v.rows[i];
		struct str kind = row->fields[0];
		bool good = str_eq(kind, STR("activity"))   ? activity_row(&a, row, &activities)
			    : str_eq(kind, STR("show"))     ? show_row(&a, row, &shows)
			    : str_eq(kind, STR("priority")) ? priority_row(row)
							    : id_row(&a, row);

		if (!good)
			fail_msg("presence.tsv:%u: " STR_FMT, row->line, STR_ARG(row->fields[1]));
	}
	assert_int_equal(activities, (1u << S_ACTIVITIES) - 1); /* every value of either enum has its row */
	assert_int_equal(shows, (1u << X_SHOWS) - 1);
	vectors_finish(&v);
	arena_finish(&a);
}

static void all_128_priorities_come_back(void **state)
{
	(void)state;
	for (int p = 0; p < 128; p++) {
		int milli = map_priority_x2s(p);

		assert_int_equal(map_priority_s2x(milli), p);
		assert_true(p == 0 || milli > map_priority_x2s(p - 1));
		assert_true(milli >= 0 && milli <= 1000);
	}
	for (int p = -128; p < 0; p++)
		assert_int_equal(map_priority_x2s(p), -1);
	assert_int_equal(map_priority_s2x(-1), 0);
	assert_int_equal(map_priority_s2x(5000), 127);
}

static void the_strongest_activity_speaks(void **state)
{
	(void)state;
	unsigned phone = 1u << S_ACT_ON_THE_PHONE, away = 1u << S_ACT_AWAY, trip = 1u << S_ACT_TRAVEL;

	assert_int_equal(map_activity_first(phone | away | trip), S_ACT_ON_THE_PHONE);
	assert_int_equal(map_activity_first(away | trip), S_ACT_TRAVEL);
	assert_int_equal(map_activity_first(0), S_ACTIVITIES);
	assert_int_equal(map_show_of_activities(away | 1u << S_ACT_WORKING, X_SHOW_DND), X_SHOW_AWAY);
	assert_int_equal(map_show_of_activities(0, X_SHOW_DND), X_SHOW_NONE);
}

static struct x_presence device(const char *resource, int priority, enum x_show show)
{
	return (struct x_presence){ .from.resource = str_c(resource),
		.kind = X_AVAILABLE,
		.show = show,
		.priority = priority,
		.status = str_c(resource),
		.lang = STR("de") };
}

static void one_tuple_is_that_of_the_best_resource(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_presence devices[] = { device("bot", -5, X_SHOW_CHAT), device("desk", 5, X_SHOW_AWAY),
		device("phone", 5, X_SHOW_DND) };
	const struct x_presence *resources[] = { &devices[0], &devices[1], &devices[2] };
	const struct map_profile *lync = map_profile_find(STR("lync"));
	struct s_presence out;

	map_presence_x2s(&a, resources, 3, &entity, lync, now_ms, &out);
	assert_int_equal(out.count, 1);
	assert_true(str_eq(out.tuples[0].note, STR("desk")) && str_eq(out.tuples[0].id, STR("t0")));
	assert_int_equal(out.tuples[0].activities, 1u << S_ACT_AWAY);
	assert_true(out.entity.gruu.n == 0);
	map_presence_x2s(&a, resources, 1, &entity, lync, now_ms, &out);
	assert_true(str_eq(out.tuples[0].note, STR("bot")) && out.tuples[0].open);
	assert_int_equal(out.tuples[0].priority_milli, -1);
	arena_finish(&a);
}

/* RFC 8048: show, status, priority, language, time and resource of each device are the same on the other side. */
static void a_tuple_for_each_resource_comes_back_whole(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_presence devices[X_SHOWS], *back;
	const struct x_presence *resources[X_SHOWS];
	const struct map_profile *simple = map_profile_find(STR("simple"));
	static const char *const names[X_SHOWS] = { "a b/c@\xc3\xbc", "1x", "", "_", "ID-" };
	struct s_presence said;

	for (unsigned i = 0; i < X_SHOWS; i++) {
		devices[i] = device(names[i], (int)i * 30, (enum x_show)i);
		devices[i].status = i ? str_c(names[i]) : STR_NONE;
		devices[i].stamp_ms = i ? now_ms - i : 0;
		resources[i] = &devices[i];
	}
	map_presence_x2s(&a, resources, X_SHOWS, &entity, simple, now_ms, &said);
	assert_int_equal(map_presence_s2x(&a, &said, simple, X_SHOW_AWAY, &back), X_SHOWS);
	for (unsigned i = 0; i < X_SHOWS; i++) {
		assert_int_equal(back[i].kind, X_AVAILABLE);
		assert_int_equal(back[i].show, i);
		assert_int_equal(back[i].priority, devices[i].priority);
		assert_true(str_eq(back[i].status, devices[i].status) && str_eq(back[i].lang, STR("de")));
		assert_true(str_eq(back[i].from.resource, devices[i].from.resource));
		assert_true(back[i].stamp_ms == (i ? devices[i].stamp_ms : now_ms));
	}
	arena_finish(&a);
}

static void foreign_ids_give_one_presence_from_the_bare_jid(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_tuple tuples[] = {
		{ .id = STR("ID-a"), .open = false, .priority_milli = 1000, .note = STR("gone") },
		{ .id = STR("xy"), .open = true, .priority_milli = 100, .note = STR("low") },
		{ .id = STR("ID-b"), .open = true, .priority_milli = 900, .activities = 1u << S_ACT_MEETING },
	};
	struct s_presence in = { .tuples = tuples, .count = 3 };
	const struct map_profile *simple = map_profile_find(STR("simple"));
	struct x_presence *out;

	assert_int_equal(map_presence_s2x(&a, &in, simple, X_SHOW_DND, &out), 1);
	assert_true(out[0].kind == X_AVAILABLE && out[0].from.resource.n == 0 && out[0].show == X_SHOW_DND);
	assert_true(str_eq(out[0].status, STR("In a meeting")) && str_eq(out[0].lang, STR("en")));
	tuples[1].id = STR("ID-b"); /* twice the same is no device either */
	assert_int_equal(map_presence_s2x(&a, &in, simple, X_SHOW_DND, &out), 1);
	tuples[1].id = STR("ID-c");
	assert_int_equal(map_presence_s2x(&a, &in, simple, X_SHOW_DND, &out), 3);
	assert_true(out[0].kind == X_UNAVAILABLE && str_eq(out[0].from.resource, STR("a")));
	assert_true(out[0].show == X_SHOW_NONE && str_eq(out[0].status, STR("gone")));
	in.count = 0;
	assert_int_equal(map_presence_s2x(&a, &in, simple, X_SHOW_DND, &out), 1);
	assert_true(out[0].kind == X_UNAVAILABLE);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_vectors_holds),
		cmocka_unit_test(all_128_priorities_come_back),
		cmocka_unit_test(the_strongest_activity_speaks),
		cmocka_unit_test(one_tuple_is_that_of_the_best_resource),
		cmocka_unit_test(a_tuple_for_each_resource_comes_back_whole),
		cmocka_unit_test(foreign_ids_give_one_presence_from_the_bare_jid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

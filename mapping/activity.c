/* SPDX-License-Identifier: MIT */
#include "mapping/activity.h"

#define ROW(activity, said, rfc4480, short_word, shown, words)                                                         \
	[activity] = { STR_INIT(said), STR_INIT(rfc4480), STR_INIT(short_word), shown, STR_INIT(words) }

static const struct map_activity activities[S_ACTIVITIES] = {
	ROW(S_ACT_AWAY, "away", "away", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_BUSY, "busy", "busy", "busy", X_SHOW_DND, "Busy"),
	ROW(S_ACT_DND, "do-not-disturb", "busy", "busy", X_SHOW_DND, "Do not disturb"),
	ROW(S_ACT_ON_THE_PHONE, "on-the-phone", "on-the-phone", "busy", X_SHOW_DND, "On the phone"),
	ROW(S_ACT_MEETING, "meeting", "meeting", "busy", X_SHOW_DND, "In a meeting"),
	ROW(S_ACT_APPOINTMENT, "appointment", "appointment", "busy", X_SHOW_DND, "In a meeting"),
	ROW(S_ACT_PRESENTATION, "presentation", "presentation", "busy", X_SHOW_DND, "In a meeting"),
	ROW(S_ACT_PERFORMANCE, "performance", "performance", "busy", X_SHOW_DND, "Busy"),
	ROW(S_ACT_PLAYING, "playing", "playing", "busy", X_SHOW_DND, "Busy"),
	ROW(S_ACT_STEERING, "steering", "steering", "busy", X_SHOW_DND, "Busy"),
	ROW(S_ACT_WORSHIP, "worship", "worship", "busy", X_SHOW_DND, "Busy"),
	ROW(S_ACT_IN_TRANSIT, "in-transit", "in-transit", "away", X_SHOW_AWAY, "Be right back"),
	ROW(S_ACT_MEAL, "meal", "meal", "away", X_SHOW_AWAY, "Out to lunch"),
	ROW(S_ACT_BREAKFAST, "breakfast", "breakfast", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_LUNCH, "lunch", "meal", "away", X_SHOW_AWAY, "Out to lunch"),
	ROW(S_ACT_DINNER, "dinner", "dinner", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_SHOPPING, "shopping", "shopping", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_SLEEPING, "sleeping", "sleeping", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_HOLIDAY, "holiday", "holiday", "away", X_SHOW_AWAY, "Away"),
	ROW(S_ACT_VACATION, "vacation", "vacation", "away", X_SHOW_XA, "Out of office"),
	ROW(S_ACT_TRAVEL, "travel", "travel", "away", X_SHOW_XA, "Out of office"),
	ROW(S_ACT_PERMANENT_ABSENCE, "permanent-absence", "permanent-absence", "away", X_SHOW_XA, "Out of office"),
	ROW(S_ACT_WORKING, "working", "working", "", X_SHOW_NONE, ""),
	ROW(S_ACT_LOOKING_FOR_WORK, "looking-for-work", "looking-for-work", "", X_SHOW_NONE, ""),
	ROW(S_ACT_SPECTATOR, "spectator", "spectator", "", X_SHOW_NONE, ""),
	ROW(S_ACT_TV, "tv", "tv", "", X_SHOW_NONE, ""),
	ROW(S_ACT_AVAILABLE, "available", "", "", X_SHOW_NONE, ""),
	ROW(S_ACT_OTHER, "other", "other", "", X_SHOW_NONE, ""),
	ROW(S_ACT_UNKNOWN, "unknown", "unknown", "", X_SHOW_NONE, ""),
};

const struct map_activity *map_activity(enum s_activity activity)
{
	return &activities[activity];
}

unsigned map_activity_bit(struct str word)
{
	for (unsigned i = 0; i < S_ACTIVITIES; i++)
		if (str_eq_nocase(word, activities[i].word))
			return 1u << i;
	return 0;
}

enum s_activity map_activity_first(unsigned bits)
{
	static const enum x_show order[] = { X_SHOW_DND, X_SHOW_XA, X_SHOW_AWAY, X_SHOW_NONE };

	for (unsigned o = 0; o < sizeof(order) / sizeof(order[0]); o++)
		for (unsigned i = 0; i < S_ACTIVITIES; i++)
			if (activities[i].show == order[o] && (bits & 1u << i))
				return (enum s_activity)i;
	return S_ACTIVITIES;
}

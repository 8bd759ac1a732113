/* SPDX-License-Identifier: MIT */
#include "mapping/presence.h"
#include "mapping/activity.h"
#include "mapping/tuple_id.h"

/* -- Single values */

unsigned map_activities_of_show(enum x_show show)
{
	static const unsigned table[X_SHOWS] = {
		[X_SHOW_NONE] = 0,
		[X_SHOW_CHAT] = 0, /* no peer has a word for "free for chat": available */
		[X_SHOW_AWAY] = 1u << S_ACT_AWAY,
		[X_SHOW_XA] = 1u << S_ACT_AWAY,
		[X_SHOW_DND] = 1u << S_ACT_BUSY,
	};

	return table[show];
}

enum x_show map_show_of_activities(unsigned activities, enum x_show busy_as)
{
	enum s_activity first = map_activity_first(activities);
	enum x_show show = first < S_ACTIVITIES ? map_activity(first)->show : X_SHOW_NONE;

	return show == X_SHOW_DND ? busy_as : show;
}

/* RFC 8048's sample values are p/127 cut to three decimals; cutting one way and rounding up the other keeps all 128. */
int map_priority_x2s(int priority)
{
	if (priority < 0)
		return -1;
	return (priority > 127 ? 127 : priority) * 1000 / 127;
}

int map_priority_s2x(int milli)
{
	if (milli < 0)
		return 0;
	return ((milli > 1000 ? 1000 : milli) * 127 + 999) / 1000;
}

/* -- XMPP to SIP */

static void tuple_of(const struct x_presence *p, int64_t now_ms, struct s_tuple *out)
{
	*out = (struct s_tuple){
		.open = true,
		.activities = map_activities_of_show(p->show),
		.show = p->show,
		.note = p->status,
		.lang = p->lang,
		.priority_milli = map_priority_x2s(p->priority),
		.stamp_ms = p->stamp_ms ? p->stamp_ms : now_ms,
	};
}

/* RFC 6121 4.7.2.3: a negative priority wants nothing sent to it, so it speaks only where no other does. */
static const struct x_presence *best_of(const struct x_presence *const *resources, unsigned count)
{
	const struct x_presence *best = resources[0];

	for (unsigned i = 1; i < count; i++)
		if (resources[i]->priority > best->priority)
			best = resources[i];
	return best;
}

static struct str nick_of(const struct x_presence *const *resources, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (resources[i]->nick.n)
			return resources[i]->nick;
	return STR_NONE;
}

void map_presence_x2s(struct arena *a, const struct x_presence *const *resources, unsigned count,
	const struct s_uri *entity, const struct map_profile *profile, int64_t now_ms, struct s_presence *out)
{
	bool single = profile->one_tuple || count == 0;
	unsigned tuples = single ? 1 : count;

	*out = (struct s_presence){
		.entity = *entity,
		.display_name = nick_of(resources, count),
		.tuples = arena_alloc(a, tuples * sizeof(struct s_tuple)),
		.count = tuples,
	};
	out->entity.gruu = STR_NONE; /* the entity is the user, never a device */
	for (unsigned i = 0; i < tuples && count; i++) {
		const struct x_presence *p = single ? best_of(resources, count) : resources[i];

		tuple_of(p, now_ms, &out->tuples[i]);
		out->tuples[i].id = single ? STR("t0") : map_tuple_id_of_resource(a, p->from.resource);
	}
	if (count == 0)
		out->tuples[0] = (struct s_tuple){ .id = STR("t0"), .priority_milli = -1, .stamp_ms = now_ms };
}

/* -- SIP to XMPP */

/* A tuple with a show of its own comes from another bridge: it means what its user chose, words included. */
static void presence_of(const struct s_tuple *t, enum x_show busy_as, struct x_presence *out)
{
	*out = (struct x_presence){
		.kind = t->open ? X_AVAILABLE : X_UNAVAILABLE,
		.status = t->note,
		.lang = t->lang,
		.priority = map_priority_s2x(t->priority_milli),
		.stamp_ms = t->stamp_ms,
	};
	if (!t->open)
		return;
	out->show = t->show != X_SHOW_NONE ? t->show : map_show_of_activities(t->activities, busy_as);
	enum s_activity first = map_activity_first(t->activities);

	if (t->show == X_SHOW_NONE && t->note.n == 0 && first < S_ACTIVITIES && map_activity(first)->text.n) {
		out->status = map_activity(first)->text;
		out->lang = STR("en");
	}
}

/* Fills the resources; false where one id is none, or two are the same. */
static bool read_resources(struct arena *a, const struct s_presence *in, struct x_presence *out)
{
	for (unsigned i = 0; i < in->count; i++) {
		if (!map_tuple_id_to_resource(a, in->tuples[i].id, &out[i].from.resource))
			return false;
		for (unsigned j = 0; j < i; j++)
			if (str_eq(out[i].from.resource, out[j].from.resource))
				return false;
	}
	return true;
}

/* The tuple that speaks for all: an open one before a closed one, then the highest priority, then the first. */
static const struct s_tuple *best_tuple(const struct s_presence *in)
{
	const struct s_tuple *best = &in->tuples[0];

	for (unsigned i = 1; i < in->count; i++) {
		const struct s_tuple *t = &in->tuples[i];

		if (t->open != best->open ? t->open : t->priority_milli > best->priority_milli)
			best = t;
	}
	return best;
}

unsigned map_presence_s2x(struct arena *a, const struct s_presence *in, const struct map_profile *profile,
	enum x_show busy_as, struct x_presence **out)
{
	*out = arena_alloc(a, (in->count + 1) * sizeof(**out));
	if (in->count == 0) {
		(*out)[0] = (struct x_presence){ .kind = X_UNAVAILABLE };
		return 1;
	}
	struct x_presence *ids = arena_alloc(a, in->count * sizeof(*ids));

	if (profile->one_tuple || !read_resources(a, in, ids)) {
		presence_of(best_tuple(in), busy_as, *out);
		return 1;
	}
	for (unsigned i = 0; i < in->count; i++) {
		presence_of(&in->tuples[i], busy_as, &(*out)[i]);
		(*out)[i].from.resource = ids[i].from.resource;
	}
	return in->count;
}

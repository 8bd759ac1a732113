/* SPDX-License-Identifier: MIT */
#include "component/presence/shown.h"

static void say_unavailable(const struct relation *r, uint64_t flow, struct str resource, const struct x_jid *to)
{
	struct x_presence p = { .flow = flow, .kind = X_UNAVAILABLE, .from.resource = resource };

	if (to)
		p.to = *to;
	relation_say(r, &p);
}

static void say_resource(
	const struct relation *r, uint64_t flow, const struct resource *resource, const struct x_jid *to)
{
	struct x_presence p = resource_presence(resource, &(struct x_jid){ 0 });

	p.flow = flow;
	if (to)
		p.to = *to;
	relation_say(r, &p);
}

void shown_repeat(struct shown *s, const struct relation *r, uint64_t flow, const struct x_jid *asker)
{
	s->told = true;
	if (!s->first)
		say_unavailable(r, flow, STR_NONE, asker);
	for (const struct resource *at = s->first; at; at = at->next)
		say_resource(r, flow, at, asker);
}

static void drop(struct resource **at)
{
	struct resource *dead = *at;

	*at = dead->next;
	resource_release(dead);
}

void shown_clear(struct shown *s)
{
	while (s->first)
		drop(&s->first);
	s->told = false;
}

void shown_hide(struct shown *s, const struct relation *r, uint64_t flow)
{
	for (const struct resource *at = s->first; at; at = at->next)
		say_unavailable(r, flow, resource_name(at), NULL);
	shown_clear(s);
	s->told = true;
}

static bool speaks_of(const struct x_presence *news, unsigned count, struct str resource)
{
	for (unsigned i = 0; i < count; i++)
		if (news[i].kind == X_AVAILABLE && str_eq(news[i].from.resource, resource))
			return true;
	return false;
}

static void hide_vanished(
	struct shown *s, const struct relation *r, uint64_t flow, const struct x_presence *news, unsigned count)
{
	struct resource **at = &s->first;

	while (*at) {
		if (speaks_of(news, count, resource_name(*at))) {
			at = &(*at)->next;
			continue;
		}
		say_unavailable(r, flow, resource_name(*at), NULL);
		s->told = true;
		drop(at);
	}
}

/* Where the resource stands in the list, or the list's end; NULL: a new one would be too many. */
static struct resource **find(struct shown *s, struct str name)
{
	struct resource **at = &s->first;
	unsigned count = 0;

	while (*at && !str_eq(resource_name(*at), name)) {
		at = &(*at)->next;
		count++;
	}
	return *at || count < RESOURCE_MAX ? at : NULL;
}

static void show(struct shown *s, const struct relation *r, uint64_t flow, const struct x_presence *p)
{
	struct resource **at = find(s, p->from.resource);

	if (!at || (*at && p->stamp_ms && p->stamp_ms < (*at)->stamp_ms))
		return;
	if (*at && resource_says(*at, p)) {
		(*at)->stamp_ms = p->stamp_ms;
		return;
	}
	struct resource *now = resource_new(p);

	if (*at) {
		now->next = (*at)->next;
		resource_release(*at);
	}
	*at = now;
	s->told = true;
	say_resource(r, flow, now, NULL);
}

void shown_news(struct shown *s, const struct relation *r, uint64_t flow, const struct x_presence *news, unsigned count)
{
	hide_vanished(s, r, flow, news, count);
	for (unsigned i = 0; i < count; i++)
		if (news[i].kind == X_AVAILABLE)
			show(s, r, flow, &news[i]);
	if (!s->first && !s->told)
		shown_repeat(s, r, flow, NULL);
}

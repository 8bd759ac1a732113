/* SPDX-License-Identifier: MIT */
#include "component/presence/user.h"
#include "mapping/base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct user {
	UT_hash_handle hh;
	struct resource *said; /* each thing the user says to anybody, once */
	struct str jid; /* "node@domain", behind the struct */
	char text[];
};

struct user_entry {
	struct user_entry *next;
	struct user *user;
	struct resource *resource;
};

enum { JID_BYTES = 2048 }; /* two parts of at most 1,023 bytes and the @ between them */

static struct user *user_get(struct users *u, const struct x_jid *jid)
{
	char text[JID_BYTES];
	size_t n = jid->node.n + 1 + jid->domain.n;
	struct user *found = NULL;

	if (n > sizeof(text))
		return NULL;
	if (jid->node.n)
		memcpy(text, jid->node.p, jid->node.n);
	text[jid->node.n] = '@';
	if (jid->domain.n)
		memcpy(text + jid->node.n + 1, jid->domain.p, jid->domain.n);
	hash_find_str(u->table, ((struct str){ text, n }), found);
	if (found)
		return found;
	found = alloc_zero(sizeof(*found) + n);
	memcpy(found->text, text, n);
	found->jid = (struct str){ found->text, n };
	hash_add_str(u->table, jid, found);
	return found;
}

static void user_free_if_silent(struct users *u, struct user *user)
{
	if (user->said)
		return;
	HASH_DEL(u->table, user);
	free(user);
}

/* One holder less; what nobody is told any more is forgotten. */
static void unsay(struct user *user, struct resource *r)
{
	if (r->refs == 1) {
		struct resource **at = &user->said;

		while (*at != r)
			at = &(*at)->next;
		*at = r->next;
	}
	resource_release(r);
}

static struct resource *say(struct user *user, const struct x_presence *p)
{
	for (struct resource *r = user->said; r; r = r->next)
		if (resource_says(r, p)) {
			r->refs++;
			return r;
		}
	struct resource *r = resource_new(p);

	r->next = user->said;
	user->said = r;
	return r;
}

static void drop(struct users *u, struct user_entry **at)
{
	struct user_entry *e = *at;

	*at = e->next;
	unsay(e->user, e->resource);
	user_free_if_silent(u, e->user);
	free(e);
}

static struct user_entry **find(struct user_view *v, struct str name)
{
	struct user_entry **at = &v->first;

	while (*at && !str_eq(resource_name((*at)->resource), name))
		at = &(*at)->next;
	return at;
}

static bool note_available(struct users *u, struct user_view *v, const struct x_presence *p)
{
	struct user_entry **at = find(v, p->from.resource);

	if (*at) {
		if (resource_says((*at)->resource, p))
			return false;
		struct resource *old = (*at)->resource;

		(*at)->resource = say((*at)->user, p);
		unsay((*at)->user, old);
		return true;
	}
	if (user_resources(v) >= RESOURCE_MAX)
		return false;
	struct user *user = user_get(u, &p->from);

	if (!user)
		return false;
	*at = alloc_zero(sizeof(**at));
	(*at)->user = user;
	(*at)->resource = say(user, p);
	return true;
}

bool user_note(struct users *u, struct user_view *v, const struct x_presence *p)
{
	if (p->kind == X_AVAILABLE)
		return note_available(u, v, p);
	if (p->kind != X_UNAVAILABLE)
		return false;
	bool was = user_is_online(v);

	if (!p->from.resource.n) {
		user_forget(u, v);
		return was;
	}
	struct user_entry **at = find(v, p->from.resource);

	if (!*at)
		return false;
	drop(u, at);
	return true;
}

uint64_t user_digest(const struct user_view *v)
{
	uint64_t sum = 2; /* who is offline says so: 0 is nothing, 1 is the watcher's */

	for (const struct user_entry *e = v->first; e; e = e->next)
		sum += resource_digest(e->resource);
	return sum > 1 ? sum : 2;
}

unsigned user_resources(const struct user_view *v)
{
	unsigned n = 0;

	for (const struct user_entry *e = v->first; e; e = e->next)
		n++;
	return n;
}

const struct x_presence *const *user_list(
	struct arena *a, const struct user_view *v, const struct x_jid *user, unsigned *count)
{
	*count = user_resources(v);
	const struct x_presence **list = arena_alloc(a, (*count + 1) * sizeof(struct x_presence *));
	struct x_presence *values = arena_alloc(a, (*count + 1) * sizeof(struct x_presence));
	unsigned i = 0;

	for (const struct user_entry *e = v->first; e; e = e->next, i++) {
		values[i] = resource_presence(e->resource, user);
		list[i] = &values[i];
	}
	return list;
}

void user_forget(struct users *u, struct user_view *v)
{
	while (v->first)
		drop(u, &v->first);
}

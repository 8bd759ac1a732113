/* SPDX-License-Identifier: MIT */
#include "component/chat/absent.h"

#include <stdlib.h>

struct absent_user {
	UT_hash_handle hh;
	struct str uri;
	uint64_t until_ms;
};

void absent_init(struct absent *a, const struct env *env)
{
	*a = (struct absent){ .env = env };
}

static void drop(struct absent *a, struct absent_user *u)
{
	HASH_DEL(a->users, u);
	alloc_str_free(&u->uri);
	free(u);
}

void absent_finish(struct absent *a)
{
	while (a->users)
		drop(a, a->users);
}

/* The table is in the order in which they came, and all stay equally long. */
static void drop_old(struct absent *a)
{
	while (a->users && a->users->until_ms <= env_now_ms(a->env))
		drop(a, a->users);
}

void absent_note(struct absent *a, struct str uri)
{
	struct absent_user *u;

	absent_forget(a, uri);
	drop_old(a);
	if (HASH_COUNT(a->users) >= ABSENT_MAX)
		drop(a, a->users);
	u = alloc_zero(sizeof(*u));
	u->uri = alloc_str(uri);
	u->until_ms = env_now_ms(a->env) + ABSENT_MS;
	hash_add_str(a->users, uri, u);
}

bool absent_is(struct absent *a, struct str uri)
{
	struct absent_user *u;

	drop_old(a);
	hash_find_str(a->users, uri, u);
	return u != NULL;
}

unsigned absent_count(const struct absent *a)
{
	return HASH_COUNT(a->users);
}

void absent_forget(struct absent *a, struct str uri)
{
	struct absent_user *u;

	hash_find_str(a->users, uri, u);
	if (u)
		drop(a, u);
}

/* SPDX-License-Identifier: MIT */
#include "sipside/usage/dialog_table.h"

#include <stdlib.h>
#include "mapping/base/hash.h"

enum { FIRST_SIZE = 64 };

static struct dialog **bucket(const struct dialog_table *t, uint32_t hash)
{
	return &t->buckets[hash & (t->size - 1)];
}

static void grow(struct dialog_table *t)
{
	struct dialog_table bigger = { .size = t->size ? t->size * 2 : FIRST_SIZE, .count = t->count };

	bigger.buckets = alloc_array(bigger.size, sizeof(*bigger.buckets));
	for (uint32_t i = 0; i < t->size; i++)
		while (t->buckets[i]) {
			struct dialog *d = t->buckets[i], **to = bucket(&bigger, d->hash);

			t->buckets[i] = d->next;
			d->next = *to;
			*to = d;
		}
	free(t->buckets);
	*t = bigger;
}

struct dialog *dialog_table_next(const struct dialog_table *t, struct str call_id, const struct dialog *after)
{
	uint32_t hash = after ? after->hash : (uint32_t)hash_str(call_id);
	struct dialog *d = after ? after->next : t->size ? *bucket(t, hash) : NULL;

	while (d && !(d->hash == hash && str_eq(dialog_part(d, DIALOG_CALL_ID), call_id)))
		d = d->next;
	return d;
}

bool dialog_table_add(struct dialog_table *t, struct dialog *d)
{
	struct str call_id = dialog_part(d, DIALOG_CALL_ID);
	unsigned same = 0;

	for (struct dialog *o = dialog_table_next(t, call_id, NULL); o; o = dialog_table_next(t, call_id, o))
		if (++same >= DIALOG_TABLE_SAME_ID)
			return false;
	if (t->count >= t->size)
		grow(t);
	d->hash = (uint32_t)hash_str(call_id);
	struct dialog **at = bucket(t, d->hash);

	d->next = *at;
	*at = d;
	t->count++;
	return true;
}

void dialog_table_remove(struct dialog_table *t, struct dialog *d)
{
	for (struct dialog **at = t->size ? bucket(t, d->hash) : NULL; at && *at; at = &(*at)->next)
		if (*at == d) {
			*at = d->next;
			d->next = NULL;
			t->count--;
			return;
		}
}

struct dialog *dialog_table_find(
	const struct dialog_table *t, struct str call_id, struct str local_tag, struct str remote_tag)
{
	struct dialog *d = dialog_table_next(t, call_id, NULL);

	while (d && !(str_eq(dialog_local_tag(d), local_tag) && str_eq(dialog_remote_tag(d), remote_tag)))
		d = dialog_table_next(t, call_id, d);
	return d;
}

struct dialog *dialog_table_any(const struct dialog_table *t)
{
	for (uint32_t i = 0; t->count && i < t->size; i++)
		if (t->buckets[i])
			return t->buckets[i];
	return NULL;
}

void dialog_table_finish(struct dialog_table *t)
{
	free(t->buckets);
	*t = (struct dialog_table){ 0 };
}

/* SPDX-License-Identifier: MIT */
/* All dialogs of one sipside, found by Call-ID under a keyed hash, told apart by their tags. */
#ifndef TOMBOLO_DIALOG_TABLE_H
#define TOMBOLO_DIALOG_TABLE_H

#include "sipside/usage/dialog.h"

enum { DIALOG_TABLE_SAME_ID = 32 }; /* dialogs that may share a Call-ID: forks, and peers that re-use it */

struct dialog_table {
	struct dialog **buckets;
	uint32_t size; /* a power of two; 0: empty */
	uint32_t count;
};

/* false: too many with this Call-ID already. */
bool dialog_table_add(struct dialog_table *t, struct dialog *d);
void dialog_table_remove(struct dialog_table *t, struct dialog *d);
/* Walks the dialogs with one Call-ID: the first for `after` NULL, else the next one; NULL: no more. */
struct dialog *dialog_table_next(const struct dialog_table *t, struct str call_id, const struct dialog *after);
/* RFC 3261 12: Call-ID and both tags, case-sensitive. local and remote as we see them. */
struct dialog *dialog_table_find(
	const struct dialog_table *t, struct str call_id, struct str local_tag, struct str remote_tag);
/* Any dialog; NULL: there is none. For taking the table down. */
struct dialog *dialog_table_any(const struct dialog_table *t);
void dialog_table_finish(struct dialog_table *t); /* the table, not what is in it */

#endif

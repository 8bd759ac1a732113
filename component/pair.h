/* SPDX-License-Identifier: MIT */
/* One XMPP user and one SIP user: what a conversation, a contact and a watcher are about. */
#ifndef TOMBOLO_PAIR_H
#define TOMBOLO_PAIR_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

struct pair {
	struct x_jid user; /* bare */
	struct s_uri contact; /* without gruu, as first seen */
	struct str key; /* the same for every spelling of the two; the records' table key */
};

/* In the arena; for a look-up. */
struct pair pair_of(struct arena *a, const struct x_jid *user, const struct s_uri *contact);
/* A copy in one heap block that the record owns; free with pair_free. */
struct pair pair_keep(const struct pair *p);
void pair_free(struct pair *p);

#endif

/* SPDX-License-Identifier: MIT */
#include "component/pair.h"
#include "mapping/address.h"
#include "mapping/base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct pair pair_of(struct arena *a, const struct x_jid *user, const struct s_uri *contact)
{
	struct pair p = { .user = map_jid_bare(user), .contact = *contact };

	p.contact.gruu = STR_NONE;
	struct str jid = map_jid_print(a, &p.user), uri = map_uri_key(a, &p.contact);

	p.key = arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(jid), STR_ARG(uri));
	return p;
}

static struct str keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

struct pair pair_keep(const struct pair *p)
{
	/* The key goes first: its pointer is the block's. */
	char *at = alloc_zero(p->key.n + p->user.node.n + p->user.domain.n + p->contact.user.n + p->contact.host.n);
	struct pair kept = { .key = keep(&at, p->key) };

	kept.user.node = keep(&at, p->user.node);
	kept.user.domain = keep(&at, p->user.domain);
	kept.contact.user = keep(&at, p->contact.user);
	kept.contact.host = keep(&at, p->contact.host);
	return kept;
}

void pair_free(struct pair *p)
{
	free((char *)(uintptr_t)p->key.p);
	*p = (struct pair){ 0 };
}

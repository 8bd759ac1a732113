/* SPDX-License-Identifier: MIT */
#include "component/presence/relation.h"
#include "mapping/address.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"

#include <stdlib.h>
#include <string.h>

struct relation *relation_find(struct presence *room, struct str pair_key)
{
	struct relation *r = NULL;

	hash_find_str(room->table, pair_key, r);
	return r;
}

static bool keep(struct relation *r, size_t *at, uint16_t *n, struct str s)
{
	if (s.n > UINT16_MAX)
		return false;
	if (s.n)
		memcpy(r->text + *at, s.p, s.n);
	*at += s.n;
	*n = (uint16_t)s.n;
	return true;
}

static bool keep_pair(struct relation *r, const struct pair *p)
{
	size_t at = 0;

	return keep(r, &at, &r->node_n, p->user.node) && keep(r, &at, &r->domain_n, p->user.domain) &&
	       keep(r, &at, &r->user_n, p->contact.user) && keep(r, &at, &r->host_n, p->contact.host) &&
	       keep(r, &at, &r->key_n, p->key);
}

struct relation *relation_get(struct presence *room, const struct pair *pair)
{
	struct relation *r = relation_find(room, pair->key);

	if (r)
		return r;
	if (HASH_COUNT(room->table) >= room->ctx->config->limits.subscriptions)
		return NULL;
	r = alloc_zero(sizeof(*r) + pair->user.node.n + pair->user.domain.n + pair->contact.user.n +
		       pair->contact.host.n + pair->key.n);
	r->room = room;
	if (!keep_pair(r, pair)) {
		free(r);
		return NULL;
	}
	struct pair kept = relation_pair(r);

	HASH_ADD_KEYPTR(hh, room->table, kept.key.p, kept.key.n, r);
	return r;
}

void relation_settle(struct relation *r)
{
	if (r->contact || r->watcher)
		return;
	struct presence_lanes *lanes = relation_lanes(r);

	if (lanes)
		pacer_remove(&lanes->xmpp, &r->waiting);
	user_forget(&r->room->users, &r->view);
	HASH_DEL(r->room->table, r);
	free(r);
}

static struct str next(const char **at, uint16_t n)
{
	struct str s = { *at, n };

	*at += n;
	return s;
}

struct pair relation_pair(const struct relation *r)
{
	const char *at = r->text;
	struct pair p = { 0 };

	p.user.node = next(&at, r->node_n);
	p.user.domain = next(&at, r->domain_n);
	p.contact.user = next(&at, r->user_n);
	p.contact.host = next(&at, r->host_n);
	p.key = next(&at, r->key_n);
	return p;
}

struct routing_verdict relation_route(const struct relation *r)
{
	struct pair pair = relation_pair(r);

	return routing_pair(r->room->ctx->routing, r->room->ctx->env->turn, &pair);
}

struct presence_lanes *relation_lanes(const struct relation *r)
{
	struct presence *room = r->room;
	struct routing_domain *d = routing_by_name(room->ctx->routing, relation_pair(r).contact.host);

	for (unsigned i = 0; d && i < room->lanes_count; i++)
		if (routing_at(room->ctx->routing, i) == d)
			return &room->lanes[i];
	return NULL;
}

void relation_event(const struct relation *r, const struct relation_fact *fact)
{
	const struct env *env = r->room->ctx->env;
	struct pair pair = relation_pair(r);
	struct str user = map_jid_print(env->turn, &pair.user), contact = map_uri_print(env->turn, &pair.contact);

	env_event(env, &(struct event){ .kind = fact->kind,
			       .dir = fact->dir,
			       .flow = fact->flow ? fact->flow : env_flow(env),
			       .from = fact->dir == DIR_X2S ? user : contact,
			       .to = fact->dir == DIR_X2S ? contact : user,
			       .sip = fact->sip,
			       .xmpp = fact->xmpp,
			       .why = fact->why ? map_reason(fact->why)->word : STR_NONE,
			       .detail = fact->detail });
}

void relation_say(const struct relation *r, const struct x_presence *p)
{
	struct routing_verdict v = relation_route(r);

	if (v.why || !v.domain->link)
		return;
	struct x_presence out = *p;

	out.from = v.contact_jid;
	out.from.resource = p->from.resource;
	if (!p->to.domain.n)
		out.to = v.pair.user;
	if (!out.flow)
		out.flow = env_flow(r->room->ctx->env);
	xmppside_presence(v.domain->link, &out);
}

struct store_row relation_row(const struct relation *r, enum store_kind kind)
{
	struct pair pair = relation_pair(r);

	return (struct store_row){ .kind = kind, .user = pair.user, .other = pair.contact };
}

void relation_store(const struct relation *r, enum store_kind kind, struct str state)
{
	struct store_row put = relation_row(r, kind);

	put.state = state;
	store_put(r->room->ctx->store, &put);
}

void relation_unstore(const struct relation *r, enum store_kind kind)
{
	struct store_row dead = relation_row(r, kind);

	store_drop(r->room->ctx->store, &dead);
}

/* SPDX-License-Identifier: MIT */
/* What exists between one XMPP user and one SIP user: a contact (he watches), a watcher (he is watched), and what the SIP
 * user is told of him. The room's one table; contact and watcher share its addresses. */
#ifndef TOMBOLO_RELATION_H
#define TOMBOLO_RELATION_H

#include "component/context.h"
#include "component/pair.h"
#include "component/presence/pacer.h"
#include "component/presence/user.h"
#include "component/routing.h"
#include "component/store/store.h"

enum {
	SIP_INTERVAL_MS = 50, /* SUBSCRIBEs to one SIP domain: 20/s (wire-lync 2.2) */
	XMPP_INTERVAL_MS = 5, /* probes and repeats to one component's server: 200/s */
};

struct contact;
struct watcher;
struct relation;

/* One for each configured domain. */
struct presence_lanes {
	struct pacer sip, xmpp;
};

struct presence {
	struct context *ctx;
	struct relation *table;
	struct users users;
	unsigned devices; /* subscription dialogs in which we are the notifier */
	unsigned lanes_count;
	struct presence_lanes lanes[]; /* in the order of routing_at() */
};

struct relation {
	UT_hash_handle hh;
	struct presence *room;
	struct contact *contact; /* NULL: none */
	struct watcher *watcher; /* NULL: none */
	struct user_view view; /* what the XMPP user lets this SIP user see */
	struct pacer_item waiting; /* to be told that the link is up */
	uint16_t node_n, domain_n, user_n, host_n, key_n; /* lengths in text, in this order */
	char text[];
};

struct relation *relation_find(struct presence *room, struct str pair_key); /* NULL: there is none */
/* Finds or makes it. NULL: limits.subscriptions is reached, or an address is longer than any protocol allows. */
struct relation *relation_get(struct presence *room, const struct pair *pair);
/* Frees it where neither contact nor watcher is left. */
void relation_settle(struct relation *r);

struct pair relation_pair(const struct relation *r); /* borrows the relation's strings */
/* Both addresses in both languages, in the turn's arena; .why where the configuration does not carry the pair any more. */
struct routing_verdict relation_route(const struct relation *r);
/* The lanes of the pair's domain; NULL where it is not configured any more. */
struct presence_lanes *relation_lanes(const struct relation *r);

/* What an event adds to the pair's addresses. */
struct relation_fact {
	enum event_kind kind;
	enum event_dir dir;
	uint64_t flow; /* 0: a new journey */
	int sip;
	struct str xmpp, detail;
	enum reason why;
};
void relation_event(const struct relation *r, const struct relation_fact *fact);
/* Sends p from the SIP user's JID (p->from.resource is kept) to the XMPP user's bare JID, or to p->to where it is set. */
void relation_say(const struct relation *r, const struct x_presence *p);

struct store_row relation_row(
	const struct relation *r, enum store_kind kind); /* its name; borrows the relation's strings */
void relation_store(const struct relation *r, enum store_kind kind, struct str state);
void relation_unstore(const struct relation *r, enum store_kind kind);

#endif

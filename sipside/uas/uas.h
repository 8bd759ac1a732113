/* SPDX-License-Identifier: MIT */
/* What RFC 3261 8.2 lets no one choose about a new request: who may speak, which methods, schemes, domains and
 * extensions there are, loops, OPTIONS. What passes goes up to usage/. */
#ifndef TOMBOLO_UAS_H
#define TOMBOLO_UAS_H

#include "sipside/syntax/own_mark.h"
#include "sipside/transaction/transaction.h"

struct sipside_uas_handlers {
	/* May this peer send us anything? false: 403. Asked for each new request. */
	bool (*peer_allowed)(void *arg, const struct sipside_target *from, const struct sipside_msg *m);
	/* Is this host one whose users (or we ourselves: node, our addresses) may be addressed? false: 404. */
	bool (*serves)(void *arg, struct str host);
	/* Do we listen on this port? With the node's name it makes a Via ours. NULL: any port is. */
	bool (*our_port)(void *arg, uint16_t port);
	/* false: OPTIONS and new requests are answered 503 with Retry-After. In-dialog ones still go up. */
	bool (*in_service)(void *arg);
	/* Is it inside a dialog? Asked for every request, as dialects match by other marks than a To tag. true: taken, it
	 * answers. false: not ours: 481 where it had a To tag (or is BYE, INFO, NOTIFY, UPDATE), but for a MESSAGE; else `outside`.
	 * A BENOTIFY comes here too: who takes it ends it with sipside_server_drop(). */
	bool (*inside)(void *arg, struct sipside_server *t, const struct sipside_msg *m);
	/* INVITE, MESSAGE, SUBSCRIBE (Event: presence) outside a dialog, and a MESSAGE whose dialog is not known (its To has
	 * a tag): a ticket. */
	void (*outside)(void *arg, struct sipside_server *t, const struct sipside_msg *m);
};

struct sipside_uas_config {
	struct str node; /* host of our Via: a request that carries it, with a port of ours, has looped (482) */
	const struct own_mark *mark; /* a request that carries it has looped; stays the caller's; NULL: none */
	unsigned retry_after_s; /* of a 503; 0: 10 */
};

struct sipside_uas;
struct sipside_uas *sipside_uas_create(const struct env *env, const struct sipside_uas_config *config,
	const struct sipside_uas_handlers *handlers, void *arg);
void sipside_uas_destroy(struct sipside_uas *u); /* NULL is allowed */
/* For sipside_transaction_handlers.request; arg is the struct sipside_uas. */
void sipside_uas_request(void *arg, struct sipside_server *t, const struct sipside_msg *m);

/* The lines of what we can do, each with CRLF: Allow, Supported, Allow-Events, Accept as they fit (RFC 3261 20). */
struct str sipside_uas_allow(void); /* "Allow: ...\r\n" */
struct str sipside_uas_allow_events(void);
struct str sipside_uas_accept(void);

#endif

/* SPDX-License-Identifier: MIT */
/* A ticket: a peer's request that component/ answers, exactly once. One that is forgotten answers 500 by itself before
 * the peer gives up; a test build aborts, as it does for one answered twice. */
#ifndef TOMBOLO_TICKET_H
#define TOMBOLO_TICKET_H

#include "sipside/usage/usage.h"

enum { TICKET_LIMIT_MS = 31000, TICKET_INVITE_LIMIT_MS = 180000 };

/* How a request came: the addresses of ours in its answer name the same way back. */
struct ticket_way {
	enum sipside_transport transport;
	bool sips; /* it came over TLS for a sips URI: TLS on every hop */
};
struct ticket_way ticket_way_of(const struct sipside_server *server, const struct sipside_msg *m);

struct sipside_request {
	struct sipside_request *next, **link; /* usages.tickets */
	struct usages *all;
	struct sipside_domain *domain;
	struct sipside_server *server; /* NULL: the peer wants no answer any more, or never did (BENOTIFY) */
	struct sipside_usage *usage; /* the one it belongs to, or would make; held; NULL: none */
	struct timer timer;
	struct env_flush flush; /* memory goes when the turn ends, so that a second answer is seen */
	enum s_method method;
	struct ticket_way way;
	int expires_s; /* asked for; -1: not said */
	bool forms; /* INVITE or SUBSCRIBE that makes a usage */
	bool accepted; /* by sipside_accept */
	bool answered;
};

/* usage may be NULL; else the ticket holds it. server's owner is the caller's business. */
struct sipside_request *ticket_create(struct usages *all, struct sipside_domain *d, struct sipside_usage *usage,
	struct sipside_server *server, const struct sipside_msg *m);
/* What the peer said, for the handlers; strings borrow from m and the turn's arena. from: the identity to believe. */
struct s_request ticket_request(
	const struct sipside_server *server, const struct sipside_msg *m, const struct sipside_party *from);
/* The request was withdrawn: later answers go nowhere. */
void ticket_withdraw(struct sipside_request *t);
void ticket_destroy_all(struct usages *all); /* no answers */

/* sipside_accept() and sipside_answer() */
struct sipside_usage *ticket_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg);
void ticket_answer(struct sipside_request *t, const struct s_result *r);

/* For the answers of session_called.c and notifier.c: those that carry nothing of their own. */
void ticket_refuse(struct sipside_request *t, const struct s_result *r);

/* "Contact: <sip:node:port>\r\n" and, where the profile wants it, the Record-Route line. */
struct str ticket_contact(const struct usages *all, struct ticket_way way);
struct str ticket_record_route(const struct sipside_domain *d, struct ticket_way way);

#endif

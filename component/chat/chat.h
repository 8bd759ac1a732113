/* SPDX-License-Identifier: MIT */
/* Conversations: text, typing, receipts and gone are facets of one record for each pair. */
#ifndef TOMBOLO_CHAT_H
#define TOMBOLO_CHAT_H

#include "component/context.h"
#include "component/store/store.h"

struct chat *chat_create(struct context *ctx); /* the table of conversations */
/* The process ends with texts still in the queues: their writers are told, the one in flight as unknown. Before the links are
 * closed, and nothing else may be asked of the chat afterwards but chat_destroy. */
void chat_give_up(struct chat *c);
/* Open tickets are answered 480: what they brought may have arrived. Nothing is sent to XMPP; sessions stay in the store.
 * NULL is allowed. Sends that are still open keep the memory until the sides have told their outcomes, so sipside is
 * destroyed after this and before the loop turns again. */
void chat_destroy(struct chat *c);
void chat_restore(struct chat *c, const struct store_row *row); /* a STORE_CONVERSATION row, before ports open */
unsigned chat_in_flight(const struct chat *c); /* messages whose outcome is not known yet */
/* Presence of an XMPP user, towards a SIP user: replies go to his bare JID again (RFC 6121 5.1). */
void chat_user_presence(struct chat *c, const struct x_presence *p);

/* Handlers; the first argument is the struct context. */
void chat_x2s_message(void *context, struct xmppside_link *link, const struct x_message *m);
void chat_x2s_refused_late(void *context, struct xmppside_link *link, const struct x_message *m);
void chat_s2x_message(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);
void chat_s2x_invite(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);

#endif

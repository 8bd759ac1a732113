/* SPDX-License-Identifier: MIT */
/* Conversations: text, typing, receipts and gone are facets of one record for each pair. */
#ifndef TOMBOLO_CHAT_H
#define TOMBOLO_CHAT_H

#include "component/context.h"
#include "component/store/store.h"

struct chat *chat_create(struct context *ctx); /* the table of conversations */
void chat_destroy(struct chat *c); /* NULL is allowed; open tickets are answered 503, nothing is sent to XMPP */
void chat_restore(struct chat *c, const struct store_row *row); /* a STORE_CONVERSATION row, before ports open */
unsigned chat_in_flight(const struct chat *c); /* messages whose outcome is not known yet */

/* Handlers; the first argument is the struct context. */
void chat_x2s_message(void *context, struct xmppside_link *link, const struct x_message *m);
void chat_x2s_refused_late(void *context, struct xmppside_link *link, const struct x_message *m);
void chat_s2x_message(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);
void chat_s2x_invite(void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);

#endif

/* SPDX-License-Identifier: MIT */
/* Contacts (we watch SIP users), watchers (SIP users watch us) and who of our users is online. */
#ifndef TOMBOLO_PRESENCE_ROOM_H
#define TOMBOLO_PRESENCE_ROOM_H

#include "component/context.h"
#include "component/store/store.h"

struct presence *presence_create(struct context *ctx);
void presence_destroy(struct presence *p); /* NULL is allowed; says nothing on the wire: state is in the store */
/* STORE_CONTACT, STORE_WATCHER and STORE_DIALOG rows, before the ports open. */
void presence_restore(struct presence *p, const struct store_row *row);
/* A component link came up or was lost (X7: nothing was queued by the server, so users are probed and told again). */
void presence_link(struct presence *p, struct xmppside_link *link, bool up);
/* A route of a SIP domain came up: who waited for the network is asked after again, paced. */
void presence_route_up(struct presence *p, const struct sipside_domain *d);

/* Handlers; the first argument is the struct context. */
void presence_x2s(void *context, struct xmppside_link *link, const struct x_presence *p);
void presence_s2x_subscribe(
	void *context, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);

#endif

/* SPDX-License-Identifier: MIT */
/* A peer's subscription to a user of ours (RFC 6665 4.2, RFC 3856). What the NOTIFYs say, and when it is over, is its
 * owner's word. */
#ifndef TOMBOLO_NOTIFIER_H
#define TOMBOLO_NOTIFIER_H

#include "sipside/usage/ticket.h"

extern const struct usage_kind notifier_kind;

/* A new SUBSCRIBE for domain d; from: the identity to believe. */
void notifier_subscribed(struct usages *all, struct sipside_domain *d, struct sipside_server *server,
	const struct sipside_msg *m, const struct sipside_party *from);
/* The ticket of a SUBSCRIBE, the first or a refresh, was answered. */
void notifier_answer(struct sipside_request *t, const struct s_result *r);

#endif

/* SPDX-License-Identifier: MIT */
/* Our subscription to a SIP user's presence (RFC 6665 4.1, RFC 3856). Never refreshes by itself: its owner does. */
#ifndef TOMBOLO_SUBSCRIBER_H
#define TOMBOLO_SUBSCRIBER_H

#include "sipside/usage/usage.h"

enum { SUBSCRIBER_TIMER_N_MS = 32000 }; /* 64*T1 (RFC 6665 4.1.2.4) */

extern const struct usage_kind subscriber_kind;

/* NULL with *why: nothing was sent. */
struct sipside_usage *subscriber_begin(struct usages *all, struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why);

#endif

/* SPDX-License-Identifier: MIT */
/* Our INVITE: provisional answers, the first 2xx makes the session, every other fork is ACKed and BYEd (RFC 3261
 * 13.2.2.4), a limit on the set-up. */
#ifndef TOMBOLO_SESSION_CALLING_H
#define TOMBOLO_SESSION_CALLING_H

#include "sipside/usage/session.h"

/* NULL with *why: nothing was sent. */
struct sipside_usage *session_call(struct usages *all, struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why);
/* CANCEL; a 2xx that crosses it is ACKed and BYEd. */
void session_give_up(struct sipside_usage *u);
void session_setup_timer(struct sipside_usage *u);

#endif

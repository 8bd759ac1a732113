/* SPDX-License-Identifier: MIT */
/* A peer's INVITE: what can be an IM session is a ticket, the rest is refused. */
#ifndef TOMBOLO_SESSION_CALLED_H
#define TOMBOLO_SESSION_CALLED_H

#include "sipside/usage/session.h"
#include "sipside/usage/ticket.h"

/* A new INVITE for domain d; from: the identity to believe. */
void session_invited(struct usages *all, struct sipside_domain *d, struct sipside_server *server,
	const struct sipside_msg *m, const struct sipside_party *from);
/* The ticket of an INVITE was answered. */
void session_answer(struct sipside_request *t, const struct s_result *r);
/* The peer took its INVITE back before it was answered. */
void session_cancelled(struct sipside_usage *u);

#endif

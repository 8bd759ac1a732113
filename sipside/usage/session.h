/* SPDX-License-Identifier: MIT */
/* An IM session: INVITE m=message, MESSAGE and INFO inside it, BYE (wire-lync.md 1, RFC 7573). This file: what both
 * roles share; session_calling.c and session_called.c set one up. */
#ifndef TOMBOLO_SESSION_H
#define TOMBOLO_SESSION_H

#include "sipside/usage/usage.h"

extern const struct usage_kind session_kind;

enum { SESSION_SETUP_MS = 120000 };

/* Our description as a body: the answer to this offer, or an offer where it is empty. to: who the peer called. */
struct s_body session_description(const struct usages *all, struct str offer, struct str party);
/* BYE, for whose outcome nobody waits. */
void session_bye(struct sipside_usage *u);
/* ACK of a 2xx to our INVITE, for this dialog. */
void session_ack(struct sipside_usage *u, const struct dialog *d, const struct sipside_target *answered_from);
/* The INVITE was answered 2xx by us: sent again until its ACK comes. */
void session_answered(struct sipside_usage *u, struct sipside_server *server);
/* RFC 3261 13.2.2.4, 13.3.1.4: an ACK for the INVITE of this usage. */
void session_acked(struct sipside_usage *u);
/* The owner of server transactions that are INVITEs of a session; its arg is the usage. */
extern const struct sipside_server_owner session_server_owner;

#endif

/* SPDX-License-Identifier: MIT */
/* Where requests that passed uas/ go: to the usage they belong to, or as new tickets to the handlers. */
#ifndef TOMBOLO_REQUESTS_H
#define TOMBOLO_REQUESTS_H

#include "sipside/uas/uas.h"
#include "sipside/usage/ticket.h"

/* For struct sipside_uas_handlers and sipside_transaction_handlers. */
bool requests_inside(struct usages *all, struct sipside_server *server, const struct sipside_msg *m);
void requests_outside(struct usages *all, struct sipside_server *server, const struct sipside_msg *m);
void requests_ack(struct usages *all, const struct sipside_msg *m);
/* A CANCEL whose branch matches nothing (a peer may write none): true where it names an INVITE by its dialog. */
bool requests_stray_cancel(struct usages *all, const struct sipside_msg *m);

/* Answers and says so in the event stream. */
void requests_refuse(
	struct usages *all, struct sipside_server *server, const struct sipside_msg *m, int status, enum reason why);
/* The usage a request asks for, its dialog filled in and registered. NULL: refused. */
struct sipside_usage *requests_new_usage(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind,
	struct sipside_server *server, const struct sipside_msg *m);
/* Its ticket; the usage lives by it until somebody accepts. */
struct sipside_request *requests_forming_ticket(
	struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m);

#endif

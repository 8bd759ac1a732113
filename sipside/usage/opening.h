/* SPDX-License-Identifier: MIT */
/* The request that asks for a dialog, INVITE or SUBSCRIBE, as its sender. */
#ifndef TOMBOLO_OPENING_H
#define TOMBOLO_OPENING_H

#include "sipside/usage/usage.h"

/* A usage of this kind with its dialog begun and registered; NULL with *why: no route, addresses that are none. */
struct sipside_usage *opening_create(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind,
	const struct s_request *r, enum reason *why);
/* Sends it to the domain's routes; the attempt holds the usage and stands in work->opening. */
void opening_send(struct sipside_usage *u, const struct s_request *r, struct str lines, struct s_body body,
	const struct attempt_owner *owner);

#endif

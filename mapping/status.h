/* SPDX-License-Identifier: MIT */
/* SIP statuses: the standard phrase (RFC 3261 21 and the registry) and what each is in XMPP (RFC 7247 7.2). */
#ifndef TOMBOLO_STATUS_H
#define TOMBOLO_STATUS_H

#include "mapping/values.h"

/* What a SIP status is: a row for each registered one we know, one for each class for the others. */
struct map_status {
	int status;
	struct str phrase; /* standard reason phrase, never empty */
	struct str condition;
	struct str sentence; /* for people */
};
const struct map_status *map_status(int status); /* never NULL */
/* The standard reason phrase of a status; never empty. */
struct str map_status_phrase(int status);

#endif

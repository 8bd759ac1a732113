/* SPDX-License-Identifier: MIT */
/* One resource's last presence, as a record keeps it: one small heap block each. Used for both directions: what an XMPP user's
 * resource said, and what we last told of a SIP user's tuple. */
#ifndef TOMBOLO_RESOURCE_H
#define TOMBOLO_RESOURCE_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

enum {
	RESOURCE_MAX_STATUS = 1024, /* bytes kept of a status text; cut at a character */
	RESOURCE_MAX = 32, /* resources kept of one user; the rest is not shown */
};

struct resource {
	struct resource *next;
	unsigned refs; /* holders of this block; who makes it holds it */
	int8_t priority;
	uint8_t show; /* enum x_show */
	uint16_t name_n, status_n, lang_n;
	int64_t stamp_ms;
	char text[]; /* name, status, lang */
};

/* Only available presence is kept. The name is p->from.resource (empty: the bare address speaks). */
struct resource *resource_new(const struct x_presence *p);
bool resource_says(const struct resource *r, const struct x_presence *p); /* the same, but for its time */
uint64_t resource_digest(const struct resource *r); /* of all that but its time; the same in every run */
struct str resource_name(const struct resource *r);
void resource_release(struct resource *r); /* one holder less */
/* As presence of the user; the strings are the resource's. from.resource is set, kind is X_AVAILABLE. */
struct x_presence resource_presence(const struct resource *r, const struct x_jid *user);

#endif

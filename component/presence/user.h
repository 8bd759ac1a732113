/* SPDX-License-Identifier: MIT */
/* Our XMPP users as SIP users see them. A server sends presence to each address a user has allowed, so that what a user says
 * may differ between them (blocking, directed presence): every SIP user has his own view, and nothing is ever shown of one
 * view in another. Views of one user that say the same share the text: a user of 200 watchers has it once. */
#ifndef TOMBOLO_USER_H
#define TOMBOLO_USER_H

#include "component/presence/resource.h"
#include "mapping/base/hash.h"

struct user;
struct user_entry;

/* What one SIP user is told of one XMPP user. Zero-initialised: offline. */
struct user_view {
	struct user_entry *first;
};

/* All users of whom anything is known. Zero-initialised is empty; empty again once every view is cleared. */
struct users {
	struct user *table;
};

/* Takes in an available or unavailable presence from the view's user. unavailable from the bare JID ends all resources (RFC
 * 6121 4.5). True if the view changed. More than RESOURCE_MAX resources are not taken in. */
bool user_note(struct users *u, struct user_view *v, const struct x_presence *p);
static inline bool user_is_online(const struct user_view *v)
{
	return v->first != NULL;
}
/* Of what the view says, whatever the order; never 0, the same in every run. */
uint64_t user_digest(const struct user_view *v);
unsigned user_resources(const struct user_view *v);
/* The view as presence values of `user`, in the arena. */
const struct x_presence *const *user_list(
	struct arena *a, const struct user_view *v, const struct x_jid *user, unsigned *count);
void user_forget(struct users *u, struct user_view *v); /* offline, without a word */

#endif

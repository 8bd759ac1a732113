/* SPDX-License-Identifier: MIT */
/* A watcher: a SIP user's authorization to see one XMPP user's presence, and the dialogs in which he does (RFC 8048 5.3). The
 * record performs what watcher_rules decide. */
#ifndef TOMBOLO_WATCHER_H
#define TOMBOLO_WATCHER_H

#include "component/presence/relation.h"
#include "component/presence/watcher_rules.h"

struct watcher *watcher_create(struct relation *r); /* for a relation that has none */
/* From a STORE_WATCHER row's line; unknown words are as if nothing had been decided. Makes the watcher where needed. */
void watcher_restore(struct relation *r, struct str state);
/* From a STORE_DIALOG row. false: it cannot be used; the row should be dropped. */
bool watcher_restore_device(struct relation *r, const struct store_row *row);

/* A SUBSCRIBE outside any dialog, with a grant (device_grant) of 0 or more. Answers the ticket, now or later; may free the
 * watcher and the relation. */
void watcher_subscribe(struct watcher *w, struct sipside_request *t, const struct s_request *r, int grant_s);
/* The XMPP user's word: `subscribed`, `unsubscribed`. */
void watcher_decide(struct watcher *w, bool allowed, uint64_t flow);
/* Presence of the XMPP user came in; changed: the view did. */
void watcher_presence(struct watcher *w, bool changed, uint64_t flow);
/* Returns true where the user is being probed. */
bool watcher_link_up(struct watcher *w);
bool watcher_is_allowed(const struct watcher *w);
/* Where neither device nor decision is left, frees the watcher (not the relation). */
void watcher_settle(struct watcher *w);
void watcher_destroy(struct watcher *w); /* without a word on the wire; NULL is allowed */
size_t watcher_size(void); /* bytes of one record, for the memory budget */

#endif

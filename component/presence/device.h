/* SPDX-License-Identifier: MIT */
/* A device: one subscription dialog of a watcher. A SIP user has as many as he has clients that watch. The record performs
 * what device_rules decide and keeps the dialog and the digest of what it was told last in the store (STORE_DIALOG). */
#ifndef TOMBOLO_DEVICE_H
#define TOMBOLO_DEVICE_H

#include "component/presence/device_rules.h"
#include "component/presence/relation.h"

enum { DEVICE_MAX_EACH = 16 /* dialogs of one watcher */ };

enum device_notice {
	DEVICE_SAYS_NOW,
	DEVICE_SAYS_FETCHED, /* terminated, with the state of now */
	DEVICE_SAYS_LEFT, /* terminated, offline */
	DEVICE_SAYS_REJECTED, /* terminated, nothing */
	DEVICE_NOTICES
};

struct device;

/* What a device asks of the watcher it belongs to, and tells it. */
struct device_owner {
	/* Fills state, and body where there is something to say. */
	void (*describe)(struct watcher *w, enum device_notice notice, struct s_request *notify);
	bool (*has_content)(const struct watcher *w); /* would DEVICE_SAYS_NOW carry a document */
	uint64_t (*digest)(const struct watcher *w); /* of what DEVICE_SAYS_NOW would say; 0: nothing to remember */
	void (*refreshed)(struct watcher *w);
	void (*left)(struct watcher *w, struct device *d); /* by farewell or expiry; it is still there */
	/* The last word: the watcher takes it out of its list and destroys it. */
	void (*gone)(struct watcher *w, struct device *d);
};

/* In the watcher's list. */
struct device *device_next(const struct device *d);
void device_link(struct device *d, struct device *next);

/* Makes the dialog for the ticket of a SUBSCRIBE. NULL: that was not possible; the ticket is still the caller's. */
struct device *device_open(struct watcher *w, struct relation *r, const struct device_owner *owner,
	struct sipside_request *t, uint64_t flow);
/* To be called when the watcher has the device in its list. A grant of more than 0 is answered 200 and notified once the
 * store has it; a fetch (grant 0) at once. May free the device. */
void device_start(struct device *d, int grant_s);
/* From a STORE_DIALOG row. NULL: it cannot be read. */
struct device *device_restore(
	struct watcher *w, struct relation *r, const struct device_owner *owner, const struct store_row *row);

/* The watcher's state has changed; now: do not merge. May free the device. */
void device_tell(struct device *d, bool now);
void device_reject(struct device *d);
/* Without a word on the wire; an open ticket is answered 503. NULL is allowed. */
void device_destroy(struct device *d);
size_t device_size(void); /* bytes of one record, for the memory budget */

#endif

/* SPDX-License-Identifier: MIT */
/* May one SIP user watch one XMPP user, and what is he told (RFC 8048 5.3)? The authorization; each of his dialogs follows
 * device_rules. Pure. */
#ifndef TOMBOLO_WATCHER_RULES_H
#define TOMBOLO_WATCHER_RULES_H

#include "mapping/values.h"

enum {
	WATCHER_PROBE_MS = 5 * 1000, /* a server may answer a probe with silence: offline (P34) */
	WATCHER_GATHER_MS = 200, /* each resource answers with a stanza of its own: told together */
	WATCHER_ASK_AGAIN_MS =
		24 * 3600 * 1000, /* an open question is put again by a new SUBSCRIBE only after so long */
	WATCHER_MAX_ACTIONS = 5,
};

enum watcher_auth { WATCHER_NONE, WATCHER_ASKED, WATCHER_ALLOWED, WATCHER_DENIED, WATCHER_AUTHS };
/* What we know of the XMPP user's presence. */
enum watcher_known {
	WATCHER_UNKNOWN,
	WATCHER_GRANTED, /* allowed just now, probed: `active` waits a moment for what it can say */
	WATCHER_PROBING,
	WATCHER_GATHERING,
	WATCHER_KNOWN
};

/* The domain's configuration. */
struct watcher_policy {
	bool ask; /* new watchers: the user is asked; else they are denied */
	bool polite; /* who is denied sees an offline user; else he is told so */
};

enum watcher_on {
	WATCHER_ON_SUBSCRIBE, /* a new dialog of the SIP user */
	WATCHER_ON_FETCH, /* he asks once (P29) */
	WATCHER_ON_SUBSCRIBED, /* the XMPP user's word */
	WATCHER_ON_UNSUBSCRIBED,
	WATCHER_ON_PRESENCE, /* the view changed, or was confirmed */
	WATCHER_ON_LINK_UP, /* what we know may be old (X7) */
	WATCHER_ON_LAST_GONE, /* the last dialog has ended */
	WATCHER_ON_WAKE,
	WATCHER_ONS
};
struct watcher_event {
	enum watcher_on on;
	struct watcher_policy policy;
	bool wanted; /* LINK_UP: dialogs are alive, or the user watches him too: his presence matters */
	bool devices; /* a dialog is alive */
};

enum watcher_do {
	WATCHER_DO_ASK, /* presence subscribe to the XMPP user */
	WATCHER_DO_PROBE,
	WATCHER_DO_CLEAR, /* the view: it will be told anew */
	WATCHER_DO_TELL, /* every dialog: what watcher_tells() says has changed */
	WATCHER_DO_TELL_NOW, /* the same without waiting: the authorization has changed */
	WATCHER_DO_TERMINATE, /* every dialog: rejected */
	WATCHER_DO_OFFLINE, /* the XMPP user turned out to be offline */
	WATCHER_DO_STORE, /* the authorization */
	WATCHER_DO_FORGET, /* the record; always the last */
	WATCHER_DOS
};
struct watcher_verdict {
	enum watcher_do actions[WATCHER_MAX_ACTIONS];
	unsigned count;
	enum reason why;
	uint64_t wake_ms; /* 0: no deadline */
};

/* Zero-initialised: nothing asked yet. */
struct watcher_rules {
	uint8_t auth; /* enum watcher_auth */
	uint8_t known; /* enum watcher_known */
	uint64_t asked_ms; /* when the question was put last; 0: not in this life */
	uint64_t wake_ms;
};

/* REASON_NONE: SUBSCRIBE is accepted. REASON_NOT_ALLOWED: refused at once (403, RFC 3856 6.6.2). */
enum reason watcher_admits(const struct watcher_rules *w, struct watcher_policy policy);

/* What a NOTIFY says now. Only WATCHER_TELL_STATE has anything of the user in it (E42). */
enum watcher_tell {
	WATCHER_TELL_PENDING, /* pending, no body */
	WATCHER_TELL_NOTHING, /* active, no body: we know nothing yet (P25) */
	WATCHER_TELL_STATE, /* active, the view */
	WATCHER_TELL_CLOSED, /* active, offline for ever: polite block (P24) */
	WATCHER_TELLS
};
enum watcher_tell watcher_tells(const struct watcher_rules *w, struct watcher_policy policy);

struct watcher_verdict watcher_step(struct watcher_rules *w, const struct watcher_event *e, uint64_t now_ms);

#endif

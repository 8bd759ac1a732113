/* SPDX-License-Identifier: MIT */
/* What is done for one XMPP user who watches one SIP user (RFC 8048 5.2, RFC 6665 4.1). Pure: an event goes in, ordered
 * actions come out. contact.c performs them and holds the one deadline. */
#ifndef TOMBOLO_CONTACT_RULES_H
#define TOMBOLO_CONTACT_RULES_H

#include "component/presence/contact_outcome.h"
#include "mapping/values.h"

enum {
	CONTACT_EXPIRES_S = 7200, /* what we ask for; refreshed about every 1 h 55 min */
	CONTACT_RETRY_MS = 15 * 1000, /* the first wait after a failure, doubled each time */
	CONTACT_RETRY_MAX_MS = 3600 * 1000,
	CONTACT_AGAIN_MS = 2 * 1000, /* the floor under "subscribe again now" (E10) */
	CONTACT_STEADY_MS = 300 * 1000, /* a subscription that lived so long forgets earlier failures */
	CONTACT_GONE_MS = 600 * 1000, /* so long an unknown SIP user is not looked for again (wire-lync 2.2) */
	CONTACT_REFRESH_RETRY_MS = 30 * 1000,
	CONTACT_REFRESH_MIN_MS = 5 * 1000,
	CONTACT_MAX_EXPIRES_S = 7 * 24 * 3600,
	CONTACT_MAX_ACTIONS = 6,
};

/* The XMPP subscription (authorization). */
enum contact_auth { CONTACT_NONE, CONTACT_ASKED, CONTACT_ALLOWED, CONTACT_AUTHS };
/* The SIP subscription (dialog). */
enum contact_dialog {
	CONTACT_IDLE, /* none, and none wanted */
	CONTACT_DUE, /* in the pacer's queue */
	CONTACT_WAITING, /* for wake_ms, after a failure */
	CONTACT_TRYING, /* SUBSCRIBE is out */
	CONTACT_LIVE, /* accepted, or notified before that (E4) */
	CONTACT_OVER, /* the peer said terminated; the usage is about to end */
	CONTACT_LEAVING, /* a last SUBSCRIBE with Expires 0 is out (P10) */
	CONTACT_DIALOGS
};
enum contact_on {
	CONTACT_ON_SUBSCRIBE, /* the user's subscription stanzas */
	CONTACT_ON_UNSUBSCRIBE,
	CONTACT_ON_ONLINE, /* he has somewhere to be told */
	CONTACT_ON_OFFLINE, /* his last resource has gone */
	CONTACT_ON_PROBE,
	CONTACT_ON_LINK_UP, /* the component link came (back) */
	CONTACT_ON_ROUTE_UP, /* a route to the SIP domain came (back) */
	CONTACT_ON_RESTORED, /* allowed, expires_s left of a dialog of an earlier life; the first event of all */
	CONTACT_ON_SERVED, /* by the pacer: it is our turn */
	CONTACT_ON_FAILED, /* the SUBSCRIBE could not be sent; result */
	CONTACT_ON_ACCEPTED, /* its 2xx; result */
	CONTACT_ON_NOTIFIED, /* state, state_reason, expires_s, retry_after_s */
	CONTACT_ON_REFRESHED, /* outcome of a refresh; result */
	CONTACT_ON_ENDED, /* the usage is gone; result */
	CONTACT_ON_WAKE,
	CONTACT_ONS
};
struct contact_event {
	enum contact_on on;
	const struct s_result *result; /* FAILED, ACCEPTED, REFRESHED, ENDED */
	enum s_substate state; /* NOTIFIED */
	enum s_subreason state_reason;
	int expires_s; /* NOTIFIED: of Subscription-State, -1: not said; RESTORED */
	bool allowed; /* RESTORED: the authorization */
	bool kept; /* RESTORED: there is a dialog */
	unsigned retry_after_s;
	bool probed; /* LINK_UP: the user is being probed, his presence will follow */
	uint32_t dice; /* random, for jitter */
};

enum contact_do {
	CONTACT_DO_QUEUE, /* into the pacer */
	CONTACT_DO_UNQUEUE,
	CONTACT_DO_BEGIN, /* SUBSCRIBE with verdict.expires_s; 0 is a farewell without a dialog */
	CONTACT_DO_REFRESH, /* the same in the dialog */
	CONTACT_DO_END, /* leave the dialog in good order; no more is heard of it */
	CONTACT_DO_SUBSCRIBED, /* stanzas to the user, from the contact's bare JID */
	CONTACT_DO_UNSUBSCRIBED,
	CONTACT_DO_SHOW, /* what the NOTIFY at hand says */
	CONTACT_DO_REPEAT, /* what was shown last; unavailable where nothing is */
	CONTACT_DO_HIDE, /* unavailable for all that was shown, which is forgotten */
	CONTACT_DO_CLEAR, /* the same without a word: the user is offline */
	CONTACT_DO_STORE, /* the authorization */
	CONTACT_DO_SAVE, /* the dialog, and how long it lives */
	CONTACT_DO_UNSTORE,
	CONTACT_DO_FORGET, /* the record; always the last */
	CONTACT_DOS
};
struct contact_verdict {
	enum contact_do actions[CONTACT_MAX_ACTIONS];
	unsigned count;
	enum reason why; /* REASON_NONE, or what made the user lose the contact, or wait for it */
	uint64_t wake_ms; /* 0: no deadline */
	unsigned expires_s;
};

/* Zero-initialised: nothing asked yet. */
struct contact_rules {
	uint8_t auth; /* enum contact_auth */
	uint8_t dialog; /* enum contact_dialog */
	bool online; /* somebody is there to be told */
	bool refreshing;
	bool unheard; /* CONTACT_WAITING: for the network, not for the peer */
	bool kept; /* IDLE, DUE: a dialog of an earlier life is there; what it said is not known any more */
	uint8_t tries; /* failures in a row */
	uint8_t over; /* CONTACT_OVER: enum contact_outcome of what the peer said */
	unsigned expires_s; /* to ask for; 0: CONTACT_EXPIRES_S */
	unsigned retry_after_s; /* CONTACT_OVER: as the peer said */
	uint64_t since_ms; /* CONTACT_LIVE: since when */
	uint64_t
		until_ms; /* CONTACT_LIVE, kept: the peer's promise; CONTACT_WAITING without authorization: not sought before */
	uint64_t wake_ms;
};

struct contact_verdict contact_step(struct contact_rules *c, const struct contact_event *e, uint64_t now_ms);

#endif

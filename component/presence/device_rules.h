/* SPDX-License-Identifier: MIT */
/* One subscription dialog of a watcher, we are the notifier (RFC 6665 4.2): when does it get a NOTIFY, when does it end? What
 * a NOTIFY says is the watcher's business. Pure. */
#ifndef TOMBOLO_DEVICE_RULES_H
#define TOMBOLO_DEVICE_RULES_H

#include "mapping/values.h"

enum {
	DEVICE_EXPIRES_S = 3600, /* where the peer says none (RFC 3856 6.4) */
	DEVICE_EXPIRES_MAX_S = 7200,
	DEVICE_EXPIRES_MIN_S = 60, /* less is answered 423 (RFC 6665 4.2.1.1) */
	DEVICE_GRACE_MS = 32 * 1000, /* clients refresh at the very end, or a little after it (wire-ms-client) */
	DEVICE_MERGE_MS = 5 * 1000, /* RFC 3856 6.10: at most one change in so long */
	DEVICE_RETRY_MS = 30 * 1000, /* after a NOTIFY that failed for the moment */
	DEVICE_MAX_ACTIONS = 4,
};

enum device_phase {
	DEVICE_COMMITTING, /* the ticket is open until the store has it */
	DEVICE_LIVE,
	DEVICE_CLOSING, /* the last NOTIFY is out */
	DEVICE_GONE,
	DEVICE_PHASES
};
enum device_on {
	DEVICE_ON_NEW, /* expires_s > 0, as granted */
	DEVICE_ON_FETCH,
	DEVICE_ON_DURABLE, /* result of the store: what was put or marked before is on disk */
	DEVICE_ON_RESTORED, /* expires_s left, may be negative; told */
	DEVICE_ON_CHANGED, /* what a NOTIFY would say */
	DEVICE_ON_REFRESHED, /* expires_s > 0, as granted */
	DEVICE_ON_LEFT, /* SUBSCRIBE with Expires 0 */
	DEVICE_ON_REJECTED,
	DEVICE_ON_NOTIFIED, /* outcome of a NOTIFY; result */
	DEVICE_ON_ENDED, /* the usage is gone */
	DEVICE_ON_WAKE,
	DEVICE_ONS
};
struct device_event {
	enum device_on on;
	int expires_s;
	const struct s_result *result; /* DURABLE, NOTIFIED */
	uint64_t digest; /* of what a NOTIFY sent now would say; 0: nothing that anybody would remember */
	uint64_t told; /* RESTORED: of what he was told; 0: that is not certain */
	bool content; /* a NOTIFY sent now would carry a document */
	bool now; /* CHANGED: not to be merged */
};

enum device_do {
	DEVICE_DO_ANSWER, /* the open ticket: 200 */
	DEVICE_DO_REFUSE, /* the open ticket: the store failed */
	DEVICE_DO_NOTIFY, /* with what is true now */
	DEVICE_DO_FINAL, /* terminated, with verdict.reason */
	DEVICE_DO_STORE, /* the dialog, its expiry, what was told */
	DEVICE_DO_MARK, /* on disk: what he was told is not certain any more; DURABLE follows */
	DEVICE_DO_TOLD, /* on disk, without waiting: what he was told */
	DEVICE_DO_UNSTORE,
	DEVICE_DO_END, /* let go of the usage */
	DEVICE_DO_FREE, /* the record; always the last */
	DEVICE_DOS
};
struct device_verdict {
	enum device_do actions[DEVICE_MAX_ACTIONS];
	unsigned count;
	enum s_subreason reason; /* of DEVICE_DO_FINAL */
	bool left; /* of DEVICE_DO_FINAL: he left or ran out; the document says closed (P26, P28). Else the current state (P29) */
	uint64_t wake_ms; /* 0: no deadline */
};

/* Zero-initialised: not begun. */
struct device_rules {
	uint8_t phase; /* enum device_phase */
	bool in_flight; /* a NOTIFY waits for its outcome (E37) */
	bool dirty; /* and another has to follow */
	bool rejected; /* while COMMITTING */
	bool marking; /* in_flight, but the mark has to be on disk before the NOTIFY leaves */
	uint64_t told; /* digest of what he has for certain; 0: unknown. The store has the same */
	uint64_t saying; /* digest of the NOTIFY in flight */
	uint64_t until_ms; /* granted */
	uint64_t merge_ms; /* before that no further change is told */
	uint64_t wake_ms;
};

/* What is granted for a wish; -1: none said. 0: a fetch, or a farewell. Less than 0: refused as too short (423). */
int device_grant(int wish_s);
unsigned device_left_s(
	const struct device_rules *d, uint64_t now_ms); /* what Subscription-State says; 0 in the grace time */
struct device_verdict device_step(struct device_rules *d, const struct device_event *e, uint64_t now_ms);

#endif

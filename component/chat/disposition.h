/* SPDX-License-Identifier: MIT */
/* The texts of which somebody still wants to hear what became of them, after they were taken: an XMPP user by a receipt or a
 * marker (XEP-0184, XEP-0333), a SIP user by an IMDN (RFC 5438). Each has one id in each language; this is the table between
 * them, bounded in number and time. What falls out of it is never told: silence says nothing, and is no lie. Private to
 * component/chat. */
#ifndef TOMBOLO_DISPOSITION_H
#define TOMBOLO_DISPOSITION_H

#include "mapping/base/env.h"
#include "mapping/base/hash.h"
#include "mapping/values.h"

enum {
	DISPOSITION_KEPT_MS = 24 * 3600 * 1000, /* people read in the morning what came in the evening */
	DISPOSITION_MAX = 20000, /* then the oldest are forgotten earlier */
};

/* What is kept of one text; all strings are copied. */
struct disposition_order {
	enum event_dir dir; /* which way the text went; the reports go the other way */
	struct str pair; /* key of the two users */
	struct str told_by; /* the id that a report about it will name */
	struct str known_as; /* the id its writer gave it */
	struct x_jid writer; /* DIR_X2S: full JID of who wrote; else empty */
	enum x_type type; /* of his message */
	bool delivery, display; /* what is wanted */
};
struct disposition {
	UT_hash_handle hh; /* by key */
	struct disposition *older, *younger;
	uint64_t since_ms;
	struct str key;
	struct disposition_order order;
};
struct dispositions {
	const struct env *env;
	struct disposition *all, *oldest, *youngest;
	struct timer timer;
};

void dispositions_init(struct dispositions *t, const struct env *env);
void dispositions_finish(struct dispositions *t);
void dispositions_expect(struct dispositions *t, const struct disposition_order *order);
/* A report between these two users names the text; NULL: not known (any more). */
struct disposition *dispositions_find(struct dispositions *t, enum event_dir dir, struct str pair, struct str told_by);
/* One report has been passed on, and whatever it implies; NULL is allowed. Freed when nothing more is wanted. */
void dispositions_settle(struct dispositions *t, struct disposition *d, bool delivery, bool display);

#endif

/* SPDX-License-Identifier: MIT */
/* The texts from SIP that are being delivered, or were lately: so that a request sent again is the same message, and an
 * error that comes late finds the SIP user who was told "delivered". Bounded in number and time; what a re-send needs is
 * also in the journal, so that it is the same message to the next process too. */
#ifndef TOMBOLO_LEDGER_H
#define TOMBOLO_LEDGER_H

#include "component/chat/text_journal.h"
#include "mapping/base/env.h"
#include "mapping/base/hash.h"
#include "sipside/sipside.h"

struct conversation;

enum {
	LEDGER_ID = 16,
	LEDGER_TICKETS = 4, /* of one text that was sent again while it was being delivered */
	LEDGER_KEPT_MS = 11 * 60000, /* late errors find their text for at least ten minutes */
	LEDGER_MAX = 100000, /* then the oldest are forgotten earlier */
};

struct ledger_entry {
	UT_hash_handle hh; /* by id */
	struct ledger_entry *older, *younger;
	char id[LEDGER_ID + 1]; /* of the stanza: the journal's, in hexadecimal */
	uint32_t journal_row;
	struct conversation *conversation; /* held */
	uint8_t slot; /* session it came in, with its generation; or CONVERSATION_NO_SLOT */
	uint32_t generation;
	uint64_t flow, since_ms;
	int64_t unix_ms; /* since, on the wall */
	struct sipside_request *tickets[LEDGER_TICKETS]; /* open while the outcome is */
	unsigned tickets_count;
	bool open, full, told; /* full: it went to a full JID; told: its late error was */
	struct s_result answer; /* once it is not open */
};

struct ledger {
	const struct env *env;
	struct text_journal *journal; /* owned */
	struct ledger_entry *entries, *oldest, *youngest;
	unsigned open;
	struct timer timer;
};

void ledger_init(struct ledger *l, const struct env *env, struct text_journal *journal);
void ledger_finish(struct ledger *l); /* forgets all without a word; releases no conversation */
/* The stanza id of a request, the same for every re-send, also to the next process: a keyed hash of s_request.key. In the
 * turn's arena. */
struct str ledger_id(const struct ledger *l, struct str request_key);
struct ledger_entry *ledger_find(struct ledger *l, struct str id); /* NULL: not known (any more) */
/* How the process before this one answered the request, or that it may have delivered it; false: it did not see it. */
bool ledger_recall(struct ledger *l, struct str id, struct s_result *answer);
/* A new open entry; holds the conversation. */
struct ledger_entry *ledger_add(struct ledger *l, struct str id, struct conversation *c);
/* The outcome is known: kept for re-sends and late errors. */
void ledger_close(struct ledger *l, struct ledger_entry *e, const struct s_result *answer);
/* It was never written: the same request may be delivered when it is sent again. May free the conversation. */
void ledger_forget(struct ledger *l, struct ledger_entry *e);

#endif

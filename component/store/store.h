/* SPDX-License-Identifier: MIT */
/* What must survive a restart. Rows are copied at the call, written in call order by a writer thread, committed in
 * groups; the loop thread never waits for the disk. One implementation for each database; this is all anyone else sees. */
#ifndef TOMBOLO_STORE_H
#define TOMBOLO_STORE_H

#include "mapping/base/env.h"
#include "mapping/values.h"

struct store;
enum store_kind { /* stored as numbers: never renumber */
	STORE_CONTACT = 1, /* x2s: an XMPP user watches a SIP user */
	STORE_WATCHER = 2, /* s2x: a SIP user's authorization to watch an XMPP user */
	STORE_DIALOG = 3, /* one subscription dialog of a watcher; key: its number; state: what it was told last */
	STORE_CONVERSATION = 4,
};
/* (kind, user, other, key) names a row. */
struct store_row {
	enum store_kind kind;
	struct x_jid user; /* bare */
	struct s_uri other; /* without gruu */
	struct str key; /* tells several rows of a pair apart; else empty */
	struct str state; /* the record's own printable line */
	struct str dialog; /* sipside's line (sipside_owner.keep); may be empty */
	int64_t expires_unix_s; /* 0: never; expired rows are still loaded, their record decides */
};

/* url: "sqlite:PATH", ":memory:" allowed as PATH. Creates or migrates the schema (blocking, before the loop turns).
 * NULL with *error in words (turn's arena): unreadable, corrupt, newer schema, not writable. */
struct store *store_open(struct str url, const struct env *env, struct str *error);
/* How often this store has been opened to be written, this time included; on disk before store_open returned. */
unsigned store_starts(const struct store *s);
/* Every row, any order; blocking, before the loop turns. Rows are borrowed for the call. */
enum reason store_load(struct store *s, void (*row)(void *arg, const struct store_row *), void *arg);
void store_put(struct store *s, const struct store_row *row); /* insert or replace */
void store_restate(
	struct store *s, const struct store_row *row); /* only the state, of a row that is there; else nothing */
void store_drop(struct store *s, const struct store_row *row); /* by its name */
/* `durable` once all calls before it are on disk (REASON_NONE) or known to have failed (REASON_INTERNAL);
 * on the loop thread, never before the call has returned. */
void store_after(struct store *s, void (*durable)(void *arg, enum reason why), void *arg);
/* Writes what is queued, stops the thread; outstanding `durable` calls are made before it returns. NULL is allowed. */
void store_close(struct store *s);

#endif

/* SPDX-License-Identifier: MIT */
/* What was written to XMPP lately, in a file that is mapped into memory: a request that is sent again to a daemon that was
 * killed meanwhile is known to it, so a text is neither shown twice nor refused although it was shown. A ring of a fixed
 * size, no system call after the file is open, nothing to be durable before a text may go: the file survives the process
 * (kill -9), not the machine, whose re-sends come too late anyway (RFC 3261 17.1.2.2: 32 s). */
#ifndef TOMBOLO_TEXT_JOURNAL_H
#define TOMBOLO_TEXT_JOURNAL_H

#include "mapping/base/env.h"

enum {
	TEXT_JOURNAL_ROWS = 16384,
	TEXT_JOURNAL_KEPT_MS = 10 * 60000, /* rows of an earlier life are believed so long */
};

struct text_journal;

/* path: empty for one that ends with the process; a file that is no journal is begun anew. Never fails: where the file cannot
 * be used *fault says why (static or the turn's arena, else empty) and the journal ends with the process. Blocking. */
struct text_journal *text_journal_open(const struct env *env, struct str path, struct str *fault);
void text_journal_close(struct text_journal *j); /* NULL is allowed */

/* The id of a request, the same in every life of this journal: a keyed hash. */
uint64_t text_journal_id(const struct text_journal *j, struct str request_key);
/* The text is about to be written to XMPP. Returns its row. */
uint32_t text_journal_begin(struct text_journal *j, uint64_t id);
/* How the request was answered: a status. 0: the text was never written, a re-send is a first try. */
void text_journal_end(struct text_journal *j, uint32_t row, uint64_t id, int status);

enum text_journal_word {
	TEXT_JOURNAL_UNKNOWN, /* this request was not seen in an earlier life */
	TEXT_JOURNAL_OPEN, /* written; the outcome died with the process */
	TEXT_JOURNAL_ENDED, /* answered with *status */
};
enum text_journal_word text_journal_recall(struct text_journal *j, uint64_t id, int *status);

#endif

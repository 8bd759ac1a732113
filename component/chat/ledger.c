/* SPDX-License-Identifier: MIT */
#include "component/chat/ledger.h"
#include "component/chat/conversation.h"
#include "mapping/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ledger_fire(void *arg);

void ledger_init(struct ledger *l, const struct env *env, struct text_journal *journal)
{
	*l = (struct ledger){ .env = env, .journal = journal, .timer = { .fire = ledger_fire, .arg = l } };
}

void ledger_finish(struct ledger *l)
{
	struct ledger_entry *e, *next;

	wheel_cancel(l->env->wheel, &l->timer);
	HASH_CLEAR(hh, l->entries);
	for (e = l->oldest; e; e = next) {
		next = e->younger;
		free(e);
	}
	l->oldest = l->youngest = NULL;
	text_journal_close(l->journal);
	l->journal = NULL;
}

struct str ledger_id(const struct ledger *l, struct str request_key)
{
	return arena_printf(l->env->turn, "%016llx", (unsigned long long)text_journal_id(l->journal, request_key));
}

static uint64_t number_of(struct str id)
{
	char digits[LEDGER_ID + 1] = { 0 };

	memcpy(digits, id.p, id.n < LEDGER_ID ? id.n : LEDGER_ID);
	return strtoull(digits, NULL, 16);
}

bool ledger_recall(struct ledger *l, struct str id, struct s_result *answer)
{
	int status = 0;

	switch (text_journal_recall(l->journal, number_of(id), &status)) {
	case TEXT_JOURNAL_UNKNOWN:
		break;
	case TEXT_JOURNAL_OPEN:
		*answer = map_error_s(REASON_NO_ANSWER);
		return true;
	case TEXT_JOURNAL_ENDED:
		*answer = (struct s_result){ .why = status < 300 ? REASON_NONE : REASON_STANZA_ERROR,
			.status = status,
			.words = map_status_phrase(status),
			.expires_s = -1 };
		return true;
	}
	return false;
}

struct ledger_entry *ledger_find(struct ledger *l, struct str id)
{
	struct ledger_entry *e;

	HASH_FIND(hh, l->entries, id.p, id.n, e);
	return e;
}

/* Entries are in order of time; an open one (3 s at most) holds the younger ones back. */
static bool is_due(const struct ledger *l, const struct ledger_entry *e)
{
	return e && !e->open &&
	       (e->since_ms + LEDGER_KEPT_MS <= env_now_ms(l->env) || HASH_COUNT(l->entries) > LEDGER_MAX);
}

static void take_out(struct ledger *l, struct ledger_entry *e)
{
	*(e->older ? &e->older->younger : &l->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &l->youngest) = e->older;
	if (e->open)
		l->open--;
	HASH_DEL(l->entries, e);
}

void ledger_forget(struct ledger *l, struct ledger_entry *e)
{
	struct conversation *c = e->conversation;

	if (e->open)
		text_journal_end(l->journal, e->journal_row, number_of(str_c(e->id)), 0);
	take_out(l, e);
	free(e);
	conversation_release(c);
}

static void expire(struct ledger *l)
{
	while (is_due(l, l->oldest))
		ledger_forget(l, l->oldest);
	if (l->oldest && !wheel_is_set(&l->timer))
		wheel_set(l->env->wheel, &l->timer, l->oldest->since_ms + LEDGER_KEPT_MS + 1000);
}

static void ledger_fire(void *arg)
{
	expire(arg);
}

struct ledger_entry *ledger_add(struct ledger *l, struct str id, struct conversation *c)
{
	struct ledger_entry *e = alloc_zero(sizeof(*e));

	e->since_ms = env_now_ms(l->env);
	e->unix_ms = env_unix_ms(l->env);
	e->conversation = c;
	e->open = true;
	memcpy(e->id, id.p, id.n < LEDGER_ID ? id.n : LEDGER_ID);
	e->journal_row = text_journal_begin(l->journal, number_of(str_c(e->id)));
	conversation_hold(c);
	HASH_ADD_KEYPTR(hh, l->entries, e->id, LEDGER_ID, e);
	e->older = l->youngest;
	*(e->older ? &e->older->younger : &l->oldest) = e;
	l->youngest = e;
	l->open++;
	expire(l);
	return e;
}

void ledger_close(struct ledger *l, struct ledger_entry *e, const struct s_result *answer)
{
	/* What is borrowed does not last; our own phrases do. */
	bool is_own = answer->why != REASON_NONE && answer->why != REASON_STANZA_ERROR;

	e->answer = (struct s_result){ .why = answer->why,
		.status = answer->status,
		.words = is_own ? map_error_s(answer->why).words : map_status_phrase(answer->status),
		.retry_after_s = answer->retry_after_s,
		.expires_s = -1 };
	/* Unknown is what the journal says of a row that stays open. */
	if (answer->why != REASON_LINK_LOST && answer->why != REASON_NO_ANSWER)
		text_journal_end(l->journal, e->journal_row, number_of(str_c(e->id)), answer->status);
	e->open = false;
	e->tickets_count = 0;
	l->open--;
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "component/chat/conversation_answer.h"
#include "component/chat/conversation_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETUP_MS = 120000, IDLE_MS = 600000 };

static const struct map_profile session_peer = {
	.sessions = true, .keyboard_activity = true, .typing_refresh_ms = 5000, .typing_expiry_ms = 15000
};
static const struct map_profile pager_peer = { .typing_refresh_ms = 60000, .typing_expiry_ms = 120000 };

static const struct s_result ok = { .status = 200 };
static const struct s_result accepted = { .status = 202 };
static const struct s_result gone_481 = { .why = REASON_SIP_STATUS, .status = 481, .usage_gone = true };
static const struct s_result no_480 = { .why = REASON_SIP_STATUS, .status = 480 };
static const struct s_result stale_500 = {
	.why = REASON_SIP_STATUS, .status = 500, .words = STR_INIT("Stale CSeq Value")
};
static const struct s_result fault_500 = { .why = REASON_SIP_STATUS, .status = 500, .words = STR_INIT("Oops") };
static const struct s_result no_404 = { .why = REASON_SIP_STATUS, .status = 404 };
static const struct s_result no_408 = { .why = REASON_SIP_STATUS, .status = 408 };
static const struct s_result no_415 = { .why = REASON_SIP_STATUS, .status = 415 };
static const struct s_result no_486 = { .why = REASON_SIP_STATUS, .status = 486 };
static const struct s_result same_id = { .why = REASON_SIP_STATUS, .status = 488, .diagnosis = 52035 };
static const struct s_result silent = { .why = REASON_NO_ANSWER };
static const struct s_result broken = { .why = REASON_CONNECTION_LOST };
static const struct s_result unreachable = { .why = REASON_UNREACHABLE, .not_processed = true };
static const struct s_result bye = { .why = REASON_NONE };

/* -- The words of an answer */

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		const struct s_result *r;
		bool receipt, stale, dead, not_understood;
	} rows[] = {
		{ &ok, true, false, false, false },
		{ &accepted, false, false, false, false },
		{ &gone_481, false, true, true, false },
		{ &no_480, false, true, true, false },
		{ &stale_500, false, true, true, false },
		{ &fault_500, false, false, false, false },
		{ &no_404, false, false, false, false },
		{ &no_408, false, false, true, false }, /* may have arrived: never again */
		{ &silent, false, false, true, false },
		{ &broken, false, false, false, false },
		{ &unreachable, false, true, true, false },
		{ &no_415, false, false, false, true },
		{ &no_486, false, false, false, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(conversation_answer_is_receipt(rows[i].r), rows[i].receipt);
		assert_int_equal(conversation_answer_is_stale(rows[i].r), rows[i].stale);
		assert_int_equal(conversation_answer_is_dead(rows[i].r), rows[i].dead);
		assert_int_equal(conversation_answer_is_not_understood(rows[i].r), rows[i].not_understood);
	}
}

/* -- Tables: each row is an event, when it comes and what it must cause, in words */

struct row {
	uint64_t at_ms; /* since the row before */
	struct conversation_event e;
	const char *expect;
};

static const char *const do_words[CONVERSATION_DOS] = { "queue", "refuse", "begin", "end", "send", "page", "taken",
	"bounce", "bounce-all", "type", "say" };
static const char *const typing_words[] = { "none", "active", "idle" };
static const char *const chat_words[X_CHATS] = { "none", "active", "composing", "paused", "inactive", "gone" };

static void print_action(char *out, size_t n, const struct conversation_action *a)
{
	size_t used = strlen(out);
	const char *sep = used ? " " : "";
	const char *word = do_words[a->what];

	if (a->what == CONVERSATION_SAY)
		snprintf(out + used, n - used, "%s%s-%s", sep, word, chat_words[a->chat]);
	else if (a->what == CONVERSATION_TYPE && a->slot == CONVERSATION_NO_SLOT)
		snprintf(out + used, n - used, "%s%s-%s:pager", sep, word, typing_words[a->typing]);
	else if (a->what == CONVERSATION_TYPE)
		snprintf(out + used, n - used, "%s%s-%s:%d", sep, word, typing_words[a->typing], a->slot);
	else if (a->what == CONVERSATION_TAKEN)
		snprintf(out + used, n - used, "%s%s", sep, a->receipt ? "receipt" : "taken");
	else if (a->slot != CONVERSATION_NO_SLOT)
		snprintf(out + used, n - used, "%s%s:%d", sep, word, a->slot);
	else
		snprintf(out + used, n - used, "%s%s", sep, word);
}

static void play(const char *name, const struct map_profile *profile, const struct row *rows, size_t count)
{
	struct conversation_rules r;
	uint64_t now = 1000;

	conversation_rules_init(&r, profile, SETUP_MS, IDLE_MS, now);
	for (size_t i = 0; i < count; i++) {
		char got[512] = "";

		now += rows[i].at_ms;
		struct conversation_verdict v = conversation_step(&r, &rows[i].e, now);

		for (unsigned k = 0; k < v.count; k++)
			print_action(got, sizeof(got), &v.actions[k]);
		if (strcmp(got, rows[i].expect))
			fail_msg("%s, row %zu: \"%s\" instead of \"%s\"", name, i, got, rows[i].expect);
	}
}
#define PLAY(name, profile, ...)                                                                                       \
	do {                                                                                                           \
		static const struct row rows[] = { __VA_ARGS__ };                                                      \
		play(name, &(profile), rows, sizeof(rows) / sizeof(rows[0]));                                          \
	} while (0)

#define TEXT                                                                                                           \
	{                                                                                                              \
		.kind = CONVERSATION_TEXT                                                                              \
	}
#define STATE(c)                                                                                                       \
	{                                                                                                              \
		.kind = CONVERSATION_STATE, .chat = X_CHAT_##c                                                         \
	}
#define OUTCOME(res)                                                                                                   \
	{                                                                                                              \
		.kind = CONVERSATION_OUTCOME, .result = &(res)                                                         \
	}
#define TYPED(res)                                                                                                     \
	{                                                                                                              \
		.kind = CONVERSATION_TYPED, .result = &(res)                                                           \
	}
#define UP(s)                                                                                                          \
	{                                                                                                              \
		.kind = CONVERSATION_UP, .slot = (s)                                                                   \
	}
#define INVITED                                                                                                        \
	{                                                                                                              \
		.kind = CONVERSATION_INVITED                                                                           \
	}
#define RESTORED                                                                                                       \
	{                                                                                                              \
		.kind = CONVERSATION_RESTORED                                                                          \
	}
#define ENDED(s, res)                                                                                                  \
	{                                                                                                              \
		.kind = CONVERSATION_ENDED, .slot = (s), .result = &(res)                                              \
	}
#define PEER(k, s)                                                                                                     \
	{                                                                                                              \
		.kind = CONVERSATION_PEER_##k, .slot = (s)                                                             \
	}
#define PEER_TYPING(s, t)                                                                                              \
	{                                                                                                              \
		.kind = CONVERSATION_PEER_TYPING, .slot = (s), .typing = MAP_TYPING_##t                                \
	}
#define WAKE                                                                                                           \
	{                                                                                                              \
		.kind = CONVERSATION_WAKE                                                                              \
	}
#define PAGER CONVERSATION_NO_SLOT

static void test_session(void **state)
{
	(void)state;
	PLAY("texts wait for the session and leave in order", session_peer, { 0, TEXT, "queue begin:0" },
		{ 10, TEXT, "queue" }, { 10, UP(0), "send:0" }, { 10, OUTCOME(ok), "receipt send:0" },
		{ 10, OUTCOME(accepted), "taken" }, { 10, TEXT, "queue send:0" }, { 10, OUTCOME(ok), "receipt" });
	PLAY("set-up refused", session_peer, { 0, TEXT, "queue begin:0" }, { 0, TEXT, "queue" },
		{ 10, ENDED(0, no_486), "bounce-all" }, { 10, TEXT, "queue begin:0" });
	PLAY("set-up refused for its conversation id: once more with another", session_peer,
		{ 0, TEXT, "queue begin:0" }, { 10, ENDED(0, same_id), "begin:0" },
		{ 10, ENDED(0, same_id), "bounce-all" }, { 10, TEXT, "queue begin:0" },
		{ 10, ENDED(0, same_id), "begin:0" }, { 10, UP(0), "send:0" }, { 10, OUTCOME(ok), "receipt" });
	PLAY("set-up takes too long", session_peer, { 0, TEXT, "queue begin:0" },
		{ SETUP_MS, WAKE, "end:0 bounce-all" });
	PLAY("a refused text fails alone", session_peer, { 0, TEXT, "queue begin:0" }, { 0, TEXT, "queue" },
		{ 0, UP(0), "send:0" }, { 0, OUTCOME(no_404), "bounce send:0" }, { 0, OUTCOME(ok), "receipt" });
	PLAY("dead dialog: once more in a new one", session_peer, { 0, RESTORED, "" }, { 0, TEXT, "queue send:0" },
		{ 0, TEXT, "queue" }, { 5, OUTCOME(gone_481), "begin:1" }, { 0, ENDED(0, gone_481), "" },
		{ 5, UP(1), "send:1" }, { 5, OUTCOME(gone_481), "bounce begin:0" }, { 5, UP(0), "send:0" },
		{ 5, OUTCOME(ok), "receipt" });
	PLAY("stale CSeq: left with BYE, once more", session_peer, { 0, RESTORED, "" }, { 0, TEXT, "queue send:0" },
		{ 5, OUTCOME(stale_500), "end:0 begin:0" }, { 5, UP(0), "send:0" }, { 5, OUTCOME(ok), "receipt" });
	PLAY("408 and silence are never repeated", session_peer, { 0, RESTORED, "" }, { 0, TEXT, "queue send:0" },
		{ 0, TEXT, "queue" }, { 5, OUTCOME(no_408), "end:0 bounce begin:0" }, { 5, UP(0), "send:0" },
		{ 5, OUTCOME(silent), "end:0 bounce" });
	PLAY("a broken connection is no end of the dialog", session_peer, { 0, RESTORED, "" },
		{ 0, TEXT, "queue send:0" }, { 5, OUTCOME(broken), "bounce" }, { 5, TEXT, "queue send:0" });
	PLAY("idle", session_peer, { 0, RESTORED, "" }, { IDLE_MS - 1, PEER(TEXT, 0), "" }, { 1, WAKE, "" },
		{ IDLE_MS, WAKE, "end:0" });
}

static void test_peer_sessions(void **state)
{
	(void)state;
	PLAY("theirs is used", session_peer, { 0, INVITED, "" }, { 0, TEXT, "queue" }, { 5, UP(0), "send:0" },
		{ 5, OUTCOME(ok), "receipt" });
	PLAY("the pager profile uses it too, and pages without", pager_peer, { 0, INVITED, "" }, { 5, UP(0), "" },
		{ 0, TEXT, "queue send:0" }, { 5, OUTCOME(ok), "receipt" }, { 5, ENDED(0, bye), "" },
		{ 0, TEXT, "queue page" }, { 0, TEXT, "queue" }, { 5, OUTCOME(accepted), "taken page" },
		{ 5, OUTCOME(ok), "receipt" });
	PLAY("a new one takes the place of the old one for sending", session_peer, { 0, RESTORED, "" },
		{ 0, INVITED, "" }, { 0, TEXT, "queue" }, { 5, UP(1), "send:1" }, { 5, OUTCOME(ok), "receipt" },
		{ 5, ENDED(1, bye), "" }, { 5, TEXT, "queue send:0" });
	PLAY("glare: theirs carries the text, ours stays for receiving", session_peer, { 0, TEXT, "queue begin:0" },
		{ 1, INVITED, "" }, { 1, UP(0), "" }, { 1, UP(1), "send:1" }, { 1, OUTCOME(ok), "receipt" });
	PLAY("glare: theirs is taken back, ours carries it", session_peer, { 0, TEXT, "queue begin:0" },
		{ 1, INVITED, "" }, { 1, ENDED(1, bye), "" }, { 1, UP(0), "send:0" }, { 1, OUTCOME(ok), "receipt" });
	PLAY("glare: ours is refused, theirs carries it", session_peer, { 0, TEXT, "queue begin:0" },
		{ 1, INVITED, "" }, { 1, ENDED(0, no_486), "" }, { 1, UP(1), "send:1" });
	PLAY("the fifth pushes the oldest out", session_peer, { 0, RESTORED, "" }, { 0, RESTORED, "" },
		{ 0, RESTORED, "" }, { 0, RESTORED, "" }, { 0, INVITED, "end:0" });
	PLAY("an answer of a session pushed out does not end the one in its place", session_peer, { 0, RESTORED, "" },
		{ 0, TEXT, "queue send:0" }, { 0, INVITED, "" }, { 0, INVITED, "" }, { 0, INVITED, "" },
		{ 0, INVITED, "end:0" }, { 0, UP(0), "" }, { 1, OUTCOME(no_480), "send:0" },
		{ 1, OUTCOME(ok), "receipt" });
	PLAY("ours fails while a text is on its way in a session that was left", session_peer,
		{ 0, TEXT, "queue begin:0" }, { 0, INVITED, "" }, { 0, UP(1), "send:1" }, { 0, OUTCOME(ok), "receipt" },
		{ 0, STATE(COMPOSING), "type-active:1" }, { 0, TEXT, "queue send:1" }, { 0, TYPED(no_480), "end:1" },
		{ 0, ENDED(0, no_486), "" }, { 0, OUTCOME(ok), "receipt" });
	PLAY("nobody there: the session ends with the first text", session_peer, { 0, INVITED, "" }, { 1, UP(0), "" },
		{ 1, PEER(TEXT, 0), "" }, { 1, PEER(REFUSED, 0), "end:0" });
	PLAY("refused later: the session stays", session_peer, { 0, INVITED, "" }, { 1, UP(0), "" },
		{ 1, PEER(TEXT, 0), "" }, { 1, PEER(TAKEN, 0), "" }, { 1, PEER(REFUSED, 0), "" });
	PLAY("gone from the user ends it, after his texts", session_peer, { 0, RESTORED, "" },
		{ 0, TEXT, "queue send:0" }, { 0, STATE(GONE), "" }, { 5, OUTCOME(ok), "receipt end:0" });
	PLAY("BYE is gone for him who knows chat states", session_peer, { 0, RESTORED, "" }, { 0, STATE(ACTIVE), "" },
		{ 5, ENDED(0, bye), "say-gone" });
	PLAY("and nothing for him who does not", session_peer, { 0, RESTORED, "" }, { 5, ENDED(0, bye), "" });
	PLAY("but an indicator ends", session_peer, { 0, RESTORED, "" }, { 5, PEER_TYPING(0, ACTIVE), "say-composing" },
		{ 5, ENDED(0, bye), "say-paused" });
}

static void test_typing(void **state)
{
	(void)state;
	PLAY("repeated while it lasts, then idle once", session_peer, { 0, RESTORED, "" },
		{ 0, STATE(COMPOSING), "type-active:0" }, { 10, TYPED(ok), "" }, { 4990, WAKE, "type-active:0" },
		{ 10, TYPED(ok), "" }, { 10, STATE(PAUSED), "type-idle:0" }, { 10, TYPED(ok), "" },
		{ 10, STATE(ACTIVE), "" });
	PLAY("30 s without news", session_peer, { 0, RESTORED, "" }, { 0, STATE(COMPOSING), "type-active:0" },
		{ 10, TYPED(ok), "" }, { 29990, WAKE, "type-idle:0" });
	PLAY("a text ends it by itself", session_peer, { 0, RESTORED, "" }, { 0, STATE(COMPOSING), "type-active:0" },
		{ 10, TYPED(ok), "" }, { 10, TEXT, "queue send:0" }, { 10, OUTCOME(ok), "receipt" });
	PLAY("opens no session and is not kept", session_peer, { 0, STATE(COMPOSING), "" }, { 0, STATE(PAUSED), "" },
		{ 0, TEXT, "queue begin:0" }, { 0, STATE(COMPOSING), "" }, { 0, STATE(PAUSED), "" },
		{ 1, UP(0), "send:0" }, { 1, OUTCOME(ok), "receipt" });
	PLAY("415 once is never again in this session", session_peer, { 0, RESTORED, "" },
		{ 0, STATE(COMPOSING), "type-active:0" }, { 1, TYPED(no_415), "" }, { 1, STATE(PAUSED), "" },
		{ 1, STATE(COMPOSING), "" });
	PLAY("481 to it ends the session", session_peer, { 0, RESTORED, "" }, { 0, STATE(COMPOSING), "type-active:0" },
		{ 1, TYPED(no_480), "end:0" }, { 1, TEXT, "queue begin:0" });
	PLAY("outside sessions only for him who typed first", pager_peer, { 0, STATE(COMPOSING), "" },
		{ 0, PEER_TYPING(PAGER, ACTIVE), "say-composing type-active:pager" }, { 1, TEXT, "queue" },
		{ 1, TYPED(ok), "page" }, { 1, OUTCOME(ok), "receipt" });
	PLAY("from the peer: once, own end", session_peer, { 0, RESTORED, "" },
		{ 0, PEER_TYPING(0, ACTIVE), "say-composing" }, { 5000, PEER_TYPING(0, ACTIVE), "" },
		{ 14999, WAKE, "" }, { 1, WAKE, "say-paused" }, { 1, PEER_TYPING(0, IDLE), "" });
	PLAY("a text from the peer ends his typing", session_peer, { 0, RESTORED, "" },
		{ 0, PEER_TYPING(0, ACTIVE), "say-composing" }, { 1, PEER(TEXT, 0), "" }, { 20000, WAKE, "" });
}

static void test_queue_is_bounded(void **state)
{
	(void)state;
	struct conversation_rules r;
	struct conversation_event text = { .kind = CONVERSATION_TEXT, .bytes = 10 };
	struct conversation_verdict v;

	conversation_rules_init(&r, &session_peer, SETUP_MS, IDLE_MS, 0);
	for (int i = 0; i < CONVERSATION_TEXTS; i++)
		assert_int_equal(conversation_step(&r, &text, 0).why, REASON_NONE);
	v = conversation_step(&r, &text, 0);
	assert_int_equal(v.why, REASON_QUEUE_FULL);
	assert_int_equal(v.actions[0].what, CONVERSATION_REFUSE);

	conversation_rules_init(&r, &session_peer, SETUP_MS, IDLE_MS, 0);
	text.bytes = CONVERSATION_BYTES + 1;
	assert_int_equal(conversation_step(&r, &text, 0).why, REASON_QUEUE_FULL);
}

static void test_peer_refresh_is_bounded(void **state)
{
	(void)state;
	struct conversation_rules r;
	struct conversation_event typing = {
		.kind = CONVERSATION_PEER_TYPING, .slot = PAGER, .typing = MAP_TYPING_ACTIVE, .refresh_s = 4000000000u
	};

	conversation_rules_init(&r, &pager_peer, SETUP_MS, IDLE_MS, 0);
	assert_int_equal(conversation_step(&r, &typing, 0).wake_ms, CONVERSATION_REFRESH_MAX_S * 1000);
	typing.refresh_s = 90;
	assert_int_equal(conversation_step(&r, &typing, 0).wake_ms, 90000);
}

/* -- The model: a world that keeps the doors' contracts and otherwise does what it likes */

enum { WORLD_TEXTS = 1 << 12, LEFT = 254 };
struct world {
	struct conversation_rules r;
	uint64_t now, wake, seed;
	enum { W_NONE, W_OPENING, W_ARRIVING, W_UP, W_ENDING } sessions[CONVERSATION_SESSIONS];
	/* Our texts, numbered as they came. */
	uint64_t written, finished; /* [finished, written) is the queue */
	struct {
		unsigned sends;
		bool maybe_processed;
	} texts[WORLD_TEXTS];
	bool in_flight;
	uint8_t flight_slot;
	bool typing_in_flight;
	uint8_t typing_slot;
	/* What people see. */
	bool peer_sees_typing;
	uint64_t peer_sees_since;
	enum x_chat user_sees;
	uint64_t user_sees_until;
	uint64_t quiet_since;
};

static unsigned long steps;

static unsigned pick(struct world *w, unsigned n)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->seed >> 33) % n;
}

static void finish_text(struct world *w)
{
	assert_true(w->finished < w->written); /* one outcome each, in order */
	w->texts[w->finished % WORLD_TEXTS].sends = 0;
	w->texts[w->finished % WORLD_TEXTS].maybe_processed = false;
	w->finished++;
}

static void send_head(struct world *w, uint8_t slot)
{
	assert_false(w->in_flight);
	assert_true(w->finished < w->written);
	assert_false(
		w->texts[w->finished % WORLD_TEXTS].maybe_processed); /* never sent twice but provably not processed */
	assert_true(++w->texts[w->finished % WORLD_TEXTS].sends <= 2);
	w->in_flight = true;
	w->flight_slot = slot;
}

static void feed(struct world *w, struct conversation_event e);

static void perform(struct world *w, const struct conversation_event *e, const struct conversation_action *a)
{
	switch (a->what) {
	case CONVERSATION_QUEUE:
		assert_int_equal(e->kind, CONVERSATION_TEXT);
		w->written++;
		break;
	case CONVERSATION_REFUSE:
		assert_true(w->written - w->finished >= CONVERSATION_TEXTS);
		break;
	case CONVERSATION_BEGIN:
		assert_true(w->r.profile->sessions);
		for (int i = 0; i < CONVERSATION_SESSIONS; i++)
			assert_true(w->sessions[i] == W_NONE || w->sessions[i] == W_ENDING);
		assert_int_equal(w->sessions[a->slot], W_NONE);
		w->sessions[a->slot] = W_OPENING;
		break;
	case CONVERSATION_END:
		assert_int_not_equal(w->sessions[a->slot], W_NONE);
		w->sessions[a->slot] = W_NONE;
		if (w->flight_slot == a->slot)
			w->flight_slot = PAGER; /* the outcome comes all the same */
		if (w->typing_slot == a->slot)
			w->typing_slot = LEFT;
		break;
	case CONVERSATION_SEND:
		assert_int_equal(w->sessions[a->slot], W_UP);
		w->peer_sees_typing = false;
		send_head(w, a->slot);
		break;
	case CONVERSATION_PAGE:
		assert_false(w->r.profile->sessions);
		assert_false(w->typing_in_flight && w->typing_slot == PAGER);
		w->peer_sees_typing = false;
		send_head(w, PAGER);
		break;
	case CONVERSATION_TAKEN:
		assert_int_equal(e->result->why, REASON_NONE);
		finish_text(w);
		break;
	case CONVERSATION_BOUNCE:
		assert_int_not_equal(e->result->why, REASON_NONE);
		finish_text(w);
		break;
	case CONVERSATION_BOUNCE_ALL:
		assert_false(w->in_flight);
		assert_true(w->finished < w->written);
		while (w->finished < w->written)
			finish_text(w);
		break;
	case CONVERSATION_TYPE:
		assert_false(w->typing_in_flight);
		assert_int_equal(w->finished, w->written);
		if (a->slot != PAGER)
			assert_int_equal(w->sessions[a->slot], W_UP);
		else
			assert_true(w->r.peer_typed && !w->r.profile->sessions);
		assert_true(a->typing == MAP_TYPING_ACTIVE || w->peer_sees_typing); /* idle once */
		w->peer_sees_typing = a->typing == MAP_TYPING_ACTIVE;
		w->peer_sees_since = w->now;
		w->typing_in_flight = true;
		w->typing_slot = a->slot;
		break;
	case CONVERSATION_SAY:
		assert_int_not_equal(a->chat, w->user_sees); /* no two equal states */
		w->user_sees = a->chat;
		break;
	case CONVERSATION_DOS:
		fail();
	}
}

static void check(struct world *w)
{
	bool any_live = false;

	assert_int_equal(w->r.queued, w->written - w->finished);
	assert_int_equal(w->r.in_flight, w->in_flight);
	for (int i = 0; i < CONVERSATION_SESSIONS; i++) {
		assert_int_equal(w->sessions[i] == W_NONE, w->r.sessions[i].state == CONVERSATION_SESSION_NONE);
		any_live |= w->sessions[i] == W_OPENING || w->sessions[i] == W_ARRIVING || w->sessions[i] == W_UP;
	}
	/* Nothing is left lying: a waiting text waits for an outcome or for a session on its way. */
	if (w->r.queued && !w->in_flight) {
		bool waits = w->typing_in_flight && w->typing_slot == PAGER;

		for (int i = 0; i < CONVERSATION_SESSIONS; i++)
			waits |= w->sessions[i] == W_OPENING || w->sessions[i] == W_ARRIVING;
		assert_true(waits);
	}
	/* Indicators end: whoever sees one has a deadline behind it. */
	if (w->user_sees == X_CHAT_COMPOSING)
		assert_true(w->wake <= w->user_sees_until);
	if (w->r.told && any_live && w->r.composing)
		assert_true(w->wake <= w->r.composing_until_ms);
	if (conversation_is_over(&w->r, w->now))
		assert_true(!w->in_flight && !w->typing_in_flight && w->finished == w->written && !any_live);
	else
		assert_true(w->wake != UINT64_MAX || w->in_flight || w->typing_in_flight || w->r.queued ||
			    w->sessions[0] || w->sessions[1] || w->sessions[2] || w->sessions[3]);
}

static void feed(struct world *w, struct conversation_event e)
{
	steps++;
	struct conversation_verdict v = conversation_step(&w->r, &e, w->now);

	assert_true(v.count <= CONVERSATION_ACTIONS);
	assert_true(v.wake_ms > w->now); /* no deadline is set that has passed: the loop would spin */
	for (unsigned i = 0; i < v.count; i++)
		perform(w, &e, &v.actions[i]);
	w->wake = v.wake_ms;
	if (v.slot != CONVERSATION_NO_SLOT) {
		assert_int_equal(w->sessions[v.slot], W_NONE);
		w->sessions[v.slot] = e.kind == CONVERSATION_INVITED ? W_ARRIVING : W_UP;
	}
	check(w);
}

static void feed_outcome(struct world *w)
{
	static const struct s_result *const results[] = { &ok, &ok, &ok, &accepted, &no_404, &no_480, &stale_500,
		&gone_481, &no_408, &silent, &broken, &unreachable, &fault_500, &no_415 };
	const struct s_result *r = results[pick(w, sizeof(results) / sizeof(results[0]))];

	w->in_flight = false;
	if (!conversation_answer_is_stale(r))
		w->texts[w->finished % WORLD_TEXTS].maybe_processed = true;
	if (r->usage_gone && w->flight_slot != PAGER && w->sessions[w->flight_slot] == W_UP)
		w->sessions[w->flight_slot] = W_ENDING;
	feed(w, (struct conversation_event){ .kind = CONVERSATION_OUTCOME, .result = r });
}

static void feed_typed(struct world *w)
{
	static const struct s_result *const results[] = { &ok, &ok, &ok, &no_415, &gone_481, &no_480, &silent,
		&no_404 };
	const struct s_result *r = results[pick(w, sizeof(results) / sizeof(results[0]))];

	w->typing_in_flight = false;
	if (r->usage_gone && w->typing_slot < LEFT && w->sessions[w->typing_slot] == W_UP)
		w->sessions[w->typing_slot] = W_ENDING;
	feed(w, (struct conversation_event){ .kind = CONVERSATION_TYPED, .result = r });
}

/* The slot of a session that ended by itself or was left while a send was open: the outcome still comes. */
static void feed_session(struct world *w, uint8_t slot)
{
	static const struct s_result *const results[] = { &bye, &no_486, &silent, &no_404, &same_id };
	bool sending = (w->in_flight && w->flight_slot == slot) || (w->typing_in_flight && w->typing_slot == slot);

	if (w->sessions[slot] == W_NONE)
		return;
	if ((w->sessions[slot] == W_OPENING || w->sessions[slot] == W_ARRIVING) && pick(w, 2)) {
		w->sessions[slot] = W_UP;
		feed(w, (struct conversation_event){ .kind = CONVERSATION_UP, .slot = slot });
	} else if (!sending && (w->sessions[slot] == W_ENDING || pick(w, 4) == 0)) {
		w->sessions[slot] = W_NONE;
		feed(w, (struct conversation_event){
				.kind = CONVERSATION_ENDED, .slot = slot, .result = results[pick(w, 5)] });
	}
}

static void advance(struct world *w)
{
	uint64_t until = w->now + (pick(w, 20) ? pick(w, 3000) : pick(w, 400000));

	for (int turns = 0; w->wake <= until; turns++) {
		assert_true(turns < 10000);
		if (w->wake > w->now)
			w->now = w->wake;
		feed(w, (struct conversation_event){ .kind = CONVERSATION_WAKE });
		if (w->user_sees == X_CHAT_COMPOSING)
			assert_true(w->now < w->user_sees_until);
	}
	w->now = until;
}

static void feed_peer(struct world *w)
{
	uint8_t slot = (uint8_t)pick(w, CONVERSATION_SESSIONS + 1);

	if (slot == CONVERSATION_SESSIONS)
		slot = PAGER;
	else if (w->sessions[slot] != W_UP)
		return;
	switch (pick(w, 5)) {
	case 0:
		w->user_sees = X_CHAT_ACTIVE;
		feed(w, (struct conversation_event){ .kind = CONVERSATION_PEER_TEXT, .slot = slot });
		break;
	case 1:
		feed(w, (struct conversation_event){ .kind = CONVERSATION_PEER_TAKEN, .slot = slot });
		break;
	case 2:
		feed(w, (struct conversation_event){ .kind = CONVERSATION_PEER_REFUSED, .slot = slot });
		break;
	default: {
		unsigned refresh_s = pick(w, 2) ? 0 : pick(w, 100);
		enum map_typing typing = pick(w, 3) ? MAP_TYPING_ACTIVE : MAP_TYPING_IDLE;

		if (typing == MAP_TYPING_ACTIVE)
			w->user_sees_until = w->now + (refresh_s ? refresh_s * 1000 : w->r.profile->typing_expiry_ms);
		feed(w, (struct conversation_event){ .kind = CONVERSATION_PEER_TYPING,
				.slot = slot,
				.typing = typing,
				.refresh_s = refresh_s });
	}
	}
}

static void random_step(struct world *w)
{
	switch (pick(w, 12)) {
	case 0:
	case 1:
		if (w->written - w->finished < CONVERSATION_TEXTS + 1)
			feed(w, (struct conversation_event){ .kind = CONVERSATION_TEXT, .bytes = 1 });
		break;
	case 2:
		feed(w, (struct conversation_event){
				.kind = CONVERSATION_STATE, .chat = (enum x_chat)(1 + pick(w, X_CHATS - 1)) });
		break;
	case 3:
	case 4:
		if (w->in_flight)
			feed_outcome(w);
		break;
	case 5:
		if (w->typing_in_flight)
			feed_typed(w);
		break;
	case 6:
		if (pick(w, 4) == 0)
			feed(w, (struct conversation_event){ .kind = CONVERSATION_INVITED });
		break;
	case 7:
	case 8:
		feed_session(w, (uint8_t)pick(w, CONVERSATION_SESSIONS));
		break;
	case 9:
	case 10:
		feed_peer(w);
		break;
	default:
		advance(w);
	}
}

/* From any state the world comes to rest: every text has its outcome, every indicator has ended, the record may go. */
static void come_to_rest(struct world *w)
{
	for (int i = 0; i < 3000 && !conversation_is_over(&w->r, w->now); i++) {
		if (w->in_flight)
			feed_outcome(w);
		else if (w->typing_in_flight)
			feed_typed(w);
		for (uint8_t slot = 0; slot < CONVERSATION_SESSIONS; slot++)
			if (w->sessions[slot] == W_ENDING && !w->in_flight)
				feed_session(w, slot);
		advance(w);
	}
	assert_true(conversation_is_over(&w->r, w->now));
	assert_int_equal(w->finished, w->written);
	assert_int_not_equal(w->user_sees, X_CHAT_COMPOSING);
}

static void test_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct world *w = calloc(1, sizeof(*w));

		assert_non_null(w);
		w->seed = seed * 0x9e3779b97f4a7c15u;
		w->now = 1000;
		conversation_rules_init(&w->r, seed % 2 ? &session_peer : &pager_peer, SETUP_MS, IDLE_MS, w->now);
		w->wake = UINT64_MAX;
		for (unsigned i = pick(w, 6); i > 0; i--)
			feed(w, (struct conversation_event){ .kind = CONVERSATION_RESTORED });
		for (int i = 0; i < 5000; i++)
			random_step(w);
		come_to_rest(w);
		free(w);
	}
	print_message("%lu steps\n", steps);
	assert_true(steps > 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_peer_sessions),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_peer_refresh_is_bounded),
		cmocka_unit_test(test_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

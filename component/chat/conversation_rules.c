/* SPDX-License-Identifier: MIT */
#include "component/chat/conversation_rules.h"
#include "component/chat/conversation_answer.h"

/* One step in the making. */
struct step {
	struct conversation_rules *r;
	const struct conversation_event *e;
	uint64_t now_ms;
	struct conversation_verdict v;
};

/* -- Sessions */

static struct conversation_action *act(struct step *s, enum conversation_do what, uint8_t slot)
{
	struct conversation_action *a = &s->v.actions[s->v.count++];

	*a = (struct conversation_action){ .what = what, .slot = slot };
	return a;
}

static bool is_live(const struct conversation_session *s)
{
	return s->state == CONVERSATION_SESSION_OPENING || s->state == CONVERSATION_SESSION_ARRIVING ||
	       s->state == CONVERSATION_SESSION_UP;
}

/* The session for sending: the one begun or arrived last, up or not. NO_SLOT: none. */
static uint8_t latest(const struct conversation_rules *r)
{
	uint8_t best = CONVERSATION_NO_SLOT;

	for (uint8_t i = 0; i < CONVERSATION_SESSIONS; i++)
		if (is_live(&r->sessions[i]) &&
			(best == CONVERSATION_NO_SLOT || r->sessions[i].order > r->sessions[best].order))
			best = i;
	return best;
}

/* Whatever was on its way in that session has no session any more; its outcome still comes. */
static void forget(struct conversation_rules *r, uint8_t slot)
{
	r->sessions[slot] = (struct conversation_session){ 0 };
	if (r->in_flight && r->flight_slot == slot)
		r->flight_slot = CONVERSATION_NO_SLOT;
	if (r->typing_in_flight && r->typing_slot == slot)
		r->typing_slot = CONVERSATION_NO_SLOT;
	if (r->told && r->told_slot == slot)
		r->told = false;
}

static void end(struct step *s, uint8_t slot)
{
	forget(s->r, slot);
	act(s, CONVERSATION_END, slot);
}

/* A place for one more session; the oldest makes room. */
static uint8_t take_slot(struct step *s)
{
	struct conversation_rules *r = s->r;
	uint8_t oldest = 0;

	for (uint8_t i = 0; i < CONVERSATION_SESSIONS; i++) {
		if (r->sessions[i].state == CONVERSATION_SESSION_NONE)
			return i;
		if (r->sessions[i].order < r->sessions[oldest].order)
			oldest = i;
	}
	end(s, oldest);
	return oldest;
}

static uint8_t place(struct step *s, enum conversation_session_state state, uint32_t limit_ms)
{
	uint8_t slot = take_slot(s);

	s->r->sessions[slot] = (struct conversation_session){
		.state = state, .order = ++s->r->last_order, .until_ms = s->now_ms + limit_ms
	};
	return slot;
}

/* Something crossed: neither the conversation nor this session is silent. */
static void touch(struct step *s, uint8_t slot)
{
	s->r->silent_ms = s->now_ms + s->r->idle_ms;
	if (slot != CONVERSATION_NO_SLOT && s->r->sessions[slot].state == CONVERSATION_SESSION_UP)
		s->r->sessions[slot].until_ms = s->now_ms + s->r->idle_ms;
}

/* An answer said that the session is dead: leave it, or wait for the side to say that it ended by itself. */
static void bury(struct step *s, uint8_t slot, const struct s_result *result)
{
	if (slot == CONVERSATION_NO_SLOT || !is_live(&s->r->sessions[slot]))
		return;
	if (!result->usage_gone) {
		end(s, slot);
		return;
	}
	uint32_t order = s->r->sessions[slot].order;

	forget(s->r, slot);
	s->r->sessions[slot] = (struct conversation_session){ .state = CONVERSATION_SESSION_LOST, .order = order };
}

/* -- What the XMPP user is told about the peer */

static void say(struct step *s, enum x_chat chat)
{
	if (s->r->said == chat)
		return; /* no two equal states in a row (XEP-0085) */
	s->r->said = chat;
	act(s, CONVERSATION_SAY, CONVERSATION_NO_SLOT)->chat = chat;
}

static bool shows_composing(const struct conversation_rules *r)
{
	return r->said == X_CHAT_COMPOSING;
}

/* The peer left: gone to him who knows the word (XEP-0085 5.1), the end of an indicator to anybody. */
static void say_left(struct step *s)
{
	if (s->r->user_has_states)
		say(s, X_CHAT_GONE);
	else if (shows_composing(s->r))
		say(s, X_CHAT_PAUSED);
}

/* -- One function for each event */

static void on_text(struct step *s)
{
	struct conversation_rules *r = s->r;

	touch(s, CONVERSATION_NO_SLOT);
	r->composing = false;
	if (r->queued >= CONVERSATION_TEXTS || s->e->bytes > CONVERSATION_BYTES) {
		s->v.why = REASON_QUEUE_FULL;
		act(s, CONVERSATION_REFUSE, CONVERSATION_NO_SLOT);
		return;
	}
	r->leaving = false;
	r->queued++;
	act(s, CONVERSATION_QUEUE, CONVERSATION_NO_SLOT);
}

static void on_state(struct step *s)
{
	struct conversation_rules *r = s->r;

	r->user_has_states = true;
	r->composing = s->e->chat == X_CHAT_COMPOSING;
	if (r->composing) {
		r->composing_until_ms = s->now_ms + CONVERSATION_COMPOSING_MS;
		touch(s, latest(r));
	}
	if (s->e->chat == X_CHAT_GONE)
		r->leaving = true;
}

static void leave_queue(struct step *s, enum conversation_do what)
{
	s->r->queued--;
	s->r->resent = s->r->reopened = false;
	act(s, what, CONVERSATION_NO_SLOT);
}

static void on_outcome(struct step *s)
{
	struct conversation_rules *r = s->r;
	const struct s_result *result = s->e->result;
	uint8_t slot = r->flight_slot;
	bool paged = r->paging;

	r->in_flight = r->paging = false;
	touch(s, slot);
	s->v.why = result->why;
	if (result->why == REASON_NONE) {
		if (slot != CONVERSATION_NO_SLOT)
			r->sessions[slot].used = true;
		leave_queue(s, CONVERSATION_TAKEN);
		s->v.actions[s->v.count - 1].receipt = conversation_answer_is_receipt(result);
		return;
	}
	if (conversation_answer_is_dead(result))
		bury(s, slot, result);
	if (!paged && !r->resent && conversation_answer_is_stale(result))
		r->resent = true; /* still the head */
	else
		leave_queue(s, CONVERSATION_BOUNCE);
}

static void on_typed(struct step *s)
{
	struct conversation_rules *r = s->r;
	const struct s_result *result = s->e->result;
	uint8_t slot = r->typing_slot;

	r->typing_in_flight = false;
	if (conversation_answer_is_not_understood(result)) {
		if (r->typing_paged)
			r->no_paged_typing = true;
		else if (slot != CONVERSATION_NO_SLOT)
			r->sessions[slot].no_typing = true;
	} else if (!r->typing_paged && conversation_answer_is_dead(result)) {
		bury(s, slot, result);
	}
	r->typing_paged = false;
}

static void on_invited(struct step *s)
{
	touch(s, CONVERSATION_NO_SLOT);
	s->v.slot = place(s, CONVERSATION_SESSION_ARRIVING, s->r->setup_ms);
}

static void on_restored(struct step *s)
{
	touch(s, CONVERSATION_NO_SLOT);
	s->v.slot = place(s, CONVERSATION_SESSION_UP, s->r->idle_ms);
}

static void on_up(struct step *s)
{
	struct conversation_session *session = &s->r->sessions[s->e->slot];

	if (session->state != CONVERSATION_SESSION_OPENING && session->state != CONVERSATION_SESSION_ARRIVING)
		return;
	session->state = CONVERSATION_SESSION_UP;
	touch(s, s->e->slot);
}

static void bounce_all(struct step *s)
{
	struct conversation_rules *r = s->r;

	if (!r->queued || r->in_flight)
		return; /* in flight: its outcome comes, then we shall see */
	r->queued = 0;
	r->resent = r->reopened = false;
	act(s, CONVERSATION_BOUNCE_ALL, CONVERSATION_NO_SLOT);
}

static void on_ended(struct step *s)
{
	struct conversation_rules *r = s->r;
	enum conversation_session_state was = r->sessions[s->e->slot].state;

	forget(r, s->e->slot);
	s->v.why = s->e->result->why;
	if (latest(r) != CONVERSATION_NO_SLOT)
		return;
	if (was == CONVERSATION_SESSION_OPENING && !r->reopened && conversation_answer_is_same_id(s->e->result))
		r->reopened = true; /* once: move_queue begins another session */
	else if (was == CONVERSATION_SESSION_OPENING)
		bounce_all(s);
	else if (was == CONVERSATION_SESSION_UP && !r->queued)
		say_left(s);
}

static void on_peer_text(struct step *s)
{
	touch(s, s->e->slot);
	s->r->said = X_CHAT_ACTIVE; /* the text carries it */
}

static void on_peer_taken(struct step *s)
{
	if (s->e->slot != CONVERSATION_NO_SLOT)
		s->r->sessions[s->e->slot].used = true;
}

/* The INVITE was accepted for any address; its first text has shown that nobody can be talked to there. */
static void on_peer_refused(struct step *s)
{
	uint8_t slot = s->e->slot;

	if (slot != CONVERSATION_NO_SLOT && is_live(&s->r->sessions[slot]) && !s->r->sessions[slot].used &&
		!(s->r->in_flight && s->r->flight_slot == slot)) {
		s->v.why = REASON_UNKNOWN_USER;
		end(s, slot);
	}
}

static uint64_t typing_lasts_ms(const struct conversation_rules *r, unsigned refresh_s)
{
	if (refresh_s == 0)
		return r->profile->typing_expiry_ms;
	return 1000 * (uint64_t)(refresh_s < CONVERSATION_REFRESH_MAX_S ? refresh_s : CONVERSATION_REFRESH_MAX_S);
}

static void on_peer_typing(struct step *s)
{
	struct conversation_rules *r = s->r;

	r->peer_typed = true;
	touch(s, s->e->slot);
	if (s->e->typing == MAP_TYPING_ACTIVE) {
		r->peer_typing_until_ms = s->now_ms + typing_lasts_ms(r, s->e->refresh_s);
		say(s, X_CHAT_COMPOSING);
	} else if (s->e->typing == MAP_TYPING_IDLE && shows_composing(r)) {
		say(s, map_typing_s2x(MAP_TYPING_IDLE));
	}
}

static void wake_session(struct step *s, uint8_t slot)
{
	struct conversation_rules *r = s->r;
	struct conversation_session *session = &r->sessions[slot];
	enum conversation_session_state was = session->state;

	if (!is_live(session) || session->until_ms > s->now_ms)
		return;
	if (was == CONVERSATION_SESSION_UP && r->queued) {
		touch(s, slot); /* not silent: texts are waiting for an answer */
		return;
	}
	end(s, slot);
	if (was != CONVERSATION_SESSION_UP && r->queued)
		s->v.why = REASON_GIVEN_UP;
	if (was == CONVERSATION_SESSION_OPENING && latest(r) == CONVERSATION_NO_SLOT)
		bounce_all(s);
}

static void on_wake(struct step *s)
{
	for (uint8_t i = 0; i < CONVERSATION_SESSIONS; i++)
		wake_session(s, i);
	if (shows_composing(s->r) && s->r->peer_typing_until_ms <= s->now_ms)
		say(s, X_CHAT_PAUSED);
}

static void (*const on[CONVERSATION_EVENTS])(struct step *s) = {
	[CONVERSATION_TEXT] = on_text,
	[CONVERSATION_STATE] = on_state,
	[CONVERSATION_OUTCOME] = on_outcome,
	[CONVERSATION_TYPED] = on_typed,
	[CONVERSATION_INVITED] = on_invited,
	[CONVERSATION_RESTORED] = on_restored,
	[CONVERSATION_UP] = on_up,
	[CONVERSATION_ENDED] = on_ended,
	[CONVERSATION_PEER_TEXT] = on_peer_text,
	[CONVERSATION_PEER_TAKEN] = on_peer_taken,
	[CONVERSATION_PEER_REFUSED] = on_peer_refused,
	[CONVERSATION_PEER_TYPING] = on_peer_typing,
	[CONVERSATION_WAKE] = on_wake,
};

/* -- After each event: what can move now */

static void launch(struct step *s, enum conversation_do what, uint8_t slot)
{
	struct conversation_rules *r = s->r;

	r->in_flight = true;
	r->paging = what == CONVERSATION_PAGE;
	r->flight_slot = slot;
	if (r->told && r->told_slot == slot)
		r->told = false; /* a text ends "is typing" by itself */
	act(s, what, slot);
}

static void move_queue(struct step *s)
{
	struct conversation_rules *r = s->r;
	uint8_t slot = latest(r);

	if (!r->queued || r->in_flight)
		return;
	if (slot != CONVERSATION_NO_SLOT) {
		if (r->sessions[slot].state == CONVERSATION_SESSION_UP)
			launch(s, CONVERSATION_SEND, slot);
	} else if (r->profile->sessions) {
		slot = place(s, CONVERSATION_SESSION_OPENING, r->setup_ms);
		act(s, CONVERSATION_BEGIN, slot);
	} else if (!r->typing_in_flight || !r->typing_paged) {
		launch(s, CONVERSATION_PAGE, CONVERSATION_NO_SLOT); /* one outside sessions at a time (RFC 3428 8) */
	}
}

/* The XMPP user said gone and everything he wrote has its outcome. An unacknowledged INVITE cannot be left (RFC 3261 15). */
static void move_leaving(struct step *s)
{
	if (!s->r->leaving || s->r->queued)
		return;
	s->r->leaving = false;
	for (uint8_t i = 0; i < CONVERSATION_SESSIONS; i++)
		if (is_live(&s->r->sessions[i]) && s->r->sessions[i].state != CONVERSATION_SESSION_ARRIVING)
			end(s, i);
}

/* Where "is typing" may go now; false: nowhere: it never opens a session and never waits. */
static bool typing_channel(const struct conversation_rules *r, uint8_t *slot)
{
	*slot = latest(r);
	if (*slot != CONVERSATION_NO_SLOT)
		return r->sessions[*slot].state == CONVERSATION_SESSION_UP && !r->sessions[*slot].no_typing;
	return !r->profile->sessions && r->peer_typed && !r->no_paged_typing;
}

static void type(struct step *s, uint8_t slot, enum map_typing typing)
{
	struct conversation_rules *r = s->r;

	r->told = typing == MAP_TYPING_ACTIVE;
	r->told_slot = slot;
	r->typing_in_flight = true;
	r->typing_paged = slot == CONVERSATION_NO_SLOT;
	r->typing_slot = slot;
	r->repeat_ms = s->now_ms + r->profile->typing_refresh_ms;
	act(s, CONVERSATION_TYPE, slot)->typing = typing;
}

static void move_typing(struct step *s)
{
	struct conversation_rules *r = s->r;
	uint8_t slot;

	if (r->composing && r->composing_until_ms <= s->now_ms)
		r->composing = false;
	if (r->queued || r->typing_in_flight)
		return;
	if (!typing_channel(r, &slot)) {
		r->told = false;
		return;
	}
	if (r->told && r->told_slot != slot)
		r->told = false;
	if (r->composing && (!r->told || r->repeat_ms <= s->now_ms))
		type(s, slot, MAP_TYPING_ACTIVE);
	else if (!r->composing && r->told)
		type(s, slot, MAP_TYPING_IDLE);
}

/* -- The next deadline */

static void earlier(uint64_t *wake_ms, uint64_t at_ms)
{
	if (at_ms < *wake_ms)
		*wake_ms = at_ms;
}

static uint64_t next_wake(const struct conversation_rules *r, uint64_t now_ms)
{
	uint64_t wake_ms = UINT64_MAX;

	for (unsigned i = 0; i < CONVERSATION_SESSIONS; i++)
		if (is_live(&r->sessions[i]))
			earlier(&wake_ms, r->sessions[i].until_ms);
	if (shows_composing(r))
		earlier(&wake_ms, r->peer_typing_until_ms);
	if (r->composing)
		earlier(&wake_ms, r->composing_until_ms);
	/* While it waits for an outcome nothing is repeated; the outcome moves it. */
	if (r->composing && r->told && !r->typing_in_flight && !r->queued)
		earlier(&wake_ms, r->repeat_ms);
	if (r->silent_ms > now_ms)
		earlier(&wake_ms, r->silent_ms);
	return wake_ms;
}

/* -- The doors */

void conversation_rules_init(struct conversation_rules *r, const struct map_profile *profile, uint32_t setup_ms,
	uint32_t idle_ms, uint64_t now_ms)
{
	*r = (struct conversation_rules){
		.profile = profile, .setup_ms = setup_ms, .idle_ms = idle_ms, .silent_ms = now_ms + idle_ms
	};
}

struct conversation_verdict conversation_step(
	struct conversation_rules *r, const struct conversation_event *e, uint64_t now_ms)
{
	struct step s = { .r = r, .e = e, .now_ms = now_ms, .v.slot = CONVERSATION_NO_SLOT };

	on[e->kind](&s);
	move_queue(&s);
	move_leaving(&s);
	move_typing(&s);
	s.v.wake_ms = next_wake(r, now_ms);
	return s.v;
}

uint8_t conversation_session_in_use(const struct conversation_rules *r)
{
	uint8_t slot = latest(r);

	return slot != CONVERSATION_NO_SLOT && r->sessions[slot].state == CONVERSATION_SESSION_UP
		       ? slot
		       : CONVERSATION_NO_SLOT;
}

bool conversation_is_over(const struct conversation_rules *r, uint64_t now_ms)
{
	for (unsigned i = 0; i < CONVERSATION_SESSIONS; i++)
		if (r->sessions[i].state != CONVERSATION_SESSION_NONE)
			return false;
	return !r->queued && !r->in_flight && !r->typing_in_flight && !shows_composing(r) && r->silent_ms <= now_ms;
}

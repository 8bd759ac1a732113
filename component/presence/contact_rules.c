/* SPDX-License-Identifier: MIT */
/* The dialog (the authorization beside it: none -subscribe-> asked -first active-> allowed; any no -> none):
 *
 *            wanted             pacer           2xx or NOTIFY
 *    IDLE ----------> DUE ---------> TRYING -----------------> LIVE <--+ refresh
 *     ^                ^ \______________|__________________ __/ |  \___/
 *     |                |   not wanted   |                  X    | NOTIFY terminated
 *     |                +--- WAITING <---+ transient failure     v
 *     |                      (wake_ms) <---------------------- OVER -> ended -> WAITING, IDLE or forgotten
 *     +--- user offline, unsubscribe: END
 *
 * A dialog is wanted while the answer to the first request is open, and later while the user is online (P8, P9). One that was
 * kept over a restart waits in IDLE and DUE; served, it is refreshed instead of begun, and its NOTIFY says what we forgot. */
#include "component/presence/contact_rules.h"

#include <stddef.h>

enum { REFRESH_EARLY_S = 120, MAX_TRIES = 30, JITTER_PARTS = 10 };

/* -- Small parts */
static void act(struct contact_verdict *v, enum contact_do action)
{
	v->actions[v->count++] = action;
}

static bool wanted(const struct contact_rules *c)
{
	return c->auth == CONTACT_ASKED || (c->auth == CONTACT_ALLOWED && c->online);
}

static bool has_usage(const struct contact_rules *c)
{
	return c->kept || c->dialog == CONTACT_TRYING || c->dialog == CONTACT_LIVE || c->dialog == CONTACT_OVER ||
	       c->dialog == CONTACT_LEAVING;
}

static void enter(struct contact_rules *c, enum contact_dialog dialog)
{
	c->dialog = (uint8_t)dialog;
	c->wake_ms = 0;
	c->refreshing = false;
}

/* Lets go of the dialog, whatever state it is in. */
static void leave(struct contact_rules *c, struct contact_verdict *v)
{
	c->kept = false;
	act(v, CONTACT_DO_END);
}

static void make_due(struct contact_rules *c, struct contact_verdict *v)
{
	enter(c, CONTACT_DUE);
	act(v, CONTACT_DO_QUEUE);
}

/* Up to a tenth less, so that what began together does not stay together. */
static uint64_t earlier(uint64_t ms, uint32_t dice)
{
	return ms - dice % (ms / JITTER_PARTS + 1);
}

static uint64_t backoff_ms(unsigned tries, uint32_t dice)
{
	uint64_t ms = CONTACT_RETRY_MS;

	while (tries-- && ms < CONTACT_RETRY_MAX_MS)
		ms *= 2;
	return earlier(ms < CONTACT_RETRY_MAX_MS ? ms : CONTACT_RETRY_MAX_MS, dice);
}

static uint64_t longer(uint64_t ms, unsigned retry_after_s)
{
	uint64_t asked =
		(uint64_t)(retry_after_s < CONTACT_MAX_EXPIRES_S ? retry_after_s : CONTACT_MAX_EXPIRES_S) * 1000;

	return asked > ms ? asked : ms;
}

/* After a failure: wait while the dialog is wanted, else rest. */
static void wait(struct contact_rules *c, uint64_t ms, uint64_t now)
{
	if (!wanted(c)) {
		enter(c, CONTACT_IDLE);
		return;
	}
	enter(c, CONTACT_WAITING);
	c->wake_ms = now + ms;
	if (c->tries < MAX_TRIES)
		c->tries++;
}

/* max(half, 120 s before the end), a little earlier (E20, wire-lync 2.2). */
static uint64_t refresh_ms(unsigned expires_s, uint32_t dice)
{
	unsigned half = expires_s / 2, late = expires_s > REFRESH_EARLY_S ? expires_s - REFRESH_EARLY_S : 0;
	uint64_t ms = earlier((uint64_t)(half > late ? half : late) * 1000, dice);

	return ms > CONTACT_REFRESH_MIN_MS ? ms : CONTACT_REFRESH_MIN_MS;
}

static unsigned asked_s(const struct contact_rules *c)
{
	return c->expires_s ? c->expires_s : CONTACT_EXPIRES_S;
}

/* The peer promised so long; more than we asked for does not count (E2). */
static void promise(struct contact_rules *c, int expires_s, uint32_t dice, uint64_t now)
{
	unsigned s = expires_s >= 0 && (unsigned)expires_s < asked_s(c) ? (unsigned)expires_s : asked_s(c);

	c->until_ms = now + (uint64_t)s * 1000;
	c->wake_ms = now + refresh_ms(s, dice);
	if (c->wake_ms > c->until_ms)
		c->wake_ms = c->until_ms > now ? c->until_ms : now + CONTACT_REFRESH_MIN_MS;
}

static void go_live(struct contact_rules *c, uint64_t now)
{
	if (c->dialog == CONTACT_LIVE)
		return;
	enter(c, CONTACT_LIVE);
	c->since_ms = now;
}

/* The authorization ends by the peer's word. */
static void lose(struct contact_rules *c, struct contact_verdict *v)
{
	c->auth = CONTACT_NONE;
	act(v, CONTACT_DO_HIDE);
	act(v, CONTACT_DO_UNSUBSCRIBED);
	act(v, CONTACT_DO_UNSTORE);
}

static void rest_unauthorized(
	struct contact_rules *c, enum contact_outcome outcome, struct contact_verdict *v, uint64_t now)
{
	if (outcome == CONTACT_UNKNOWN) {
		enter(c, CONTACT_WAITING);
		c->wake_ms = c->until_ms = now + CONTACT_GONE_MS;
		return;
	}
	enter(c, CONTACT_IDLE);
	act(v, CONTACT_DO_FORGET);
}

/* The usage has gone, or never came to be. */
static void settle(struct contact_rules *c, enum contact_outcome outcome, const struct contact_event *e,
	unsigned retry_s, struct contact_verdict *v, uint64_t now)
{
	if (c->dialog == CONTACT_LIVE && now - c->since_ms >= CONTACT_STEADY_MS)
		c->tries = 0;
	c->unheard = e->result->why != REASON_NONE && e->result->why != REASON_SIP_STATUS;
	switch (outcome) {
	case CONTACT_REFUSED:
	case CONTACT_UNKNOWN:
		lose(c, v);
		rest_unauthorized(c, outcome, v, now);
		return;
	case CONTACT_STAYS:
		enter(c, CONTACT_IDLE);
		return;
	case CONTACT_AGAIN:
	case CONTACT_LONGER:
		if (!c->tries) {
			wait(c, longer(earlier(CONTACT_AGAIN_MS, e->dice), retry_s), now);
			return;
		}
		break;
	case CONTACT_TRANSIENT:
	case CONTACT_OUTCOMES:
		break;
	}
	act(v, c->online ? CONTACT_DO_HIDE : CONTACT_DO_CLEAR);
	wait(c, longer(backoff_ms(c->tries, e->dice), retry_s), now);
}

/* Takes over Min-Expires. False: asking again would not help, or might go on for long (it has to double each time). */
static bool ask_longer(struct contact_rules *c, const struct s_result *r)
{
	if (r->min_expires_s <= asked_s(c) || r->min_expires_s > CONTACT_MAX_EXPIRES_S)
		return false;
	if (c->expires_s && r->min_expires_s < 2 * c->expires_s)
		return false;
	c->expires_s = r->min_expires_s;
	return true;
}

static enum contact_outcome outcome_of(struct contact_rules *c, const struct s_result *r)
{
	enum contact_outcome outcome =
		r->why == REASON_SIP_STATUS ? contact_outcome_of_status(r->status) : CONTACT_TRANSIENT;

	return outcome == CONTACT_LONGER && !ask_longer(c, r) ? CONTACT_TRANSIENT : outcome;
}

/* -- The user's events */
static void on_subscribe(
	struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)e;
	c->online = true;
	if (c->auth == CONTACT_ALLOWED) { /* X22: repeated */
		act(v, CONTACT_DO_SUBSCRIBED);
		act(v, CONTACT_DO_REPEAT);
	} else if (c->auth == CONTACT_NONE && c->dialog == CONTACT_WAITING && now < c->until_ms) {
		act(v, CONTACT_DO_UNSUBSCRIBED);
		v->why = REASON_UNKNOWN_USER;
		return;
	} else if (c->auth == CONTACT_NONE) {
		if (has_usage(c))
			leave(c, v);
		enter(c, CONTACT_IDLE);
		c->auth = CONTACT_ASKED;
		c->tries = 0;
		act(v, CONTACT_DO_STORE);
	}
	if (c->dialog == CONTACT_IDLE)
		make_due(c, v);
}

static void on_unsubscribe(
	struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)e;
	(void)now;
	if (c->auth == CONTACT_NONE)
		return;
	c->auth = CONTACT_NONE;
	act(v, CONTACT_DO_HIDE);
	if (c->dialog == CONTACT_DUE)
		act(v, CONTACT_DO_UNQUEUE);
	if (has_usage(c)) {
		leave(c, v);
		enter(c, CONTACT_IDLE);
	} else {
		enter(c, CONTACT_LEAVING);
		act(v, CONTACT_DO_BEGIN);
		v->expires_s = 0;
	}
	act(v, CONTACT_DO_UNSUBSCRIBED);
	act(v, CONTACT_DO_UNSTORE);
	if (c->dialog == CONTACT_IDLE)
		act(v, CONTACT_DO_FORGET);
}

static void on_online(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	bool was = c->online;

	(void)now;
	c->online = true;
	/* While he is online, a change of his own show is no reason to ask again; a probe is. */
	if (c->dialog == CONTACT_IDLE && wanted(c) && (!was || e->on == CONTACT_ON_PROBE))
		make_due(c, v);
}

static void on_offline(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)e;
	(void)now;
	c->online = false;
	if (c->auth != CONTACT_ALLOWED)
		return;
	act(v, CONTACT_DO_CLEAR);
	if (c->dialog == CONTACT_DUE)
		act(v, CONTACT_DO_UNQUEUE);
	if (has_usage(c))
		leave(c, v);
	if (c->dialog != CONTACT_WAITING) /* a back-off runs on, or each login would begin it anew */
		enter(c, CONTACT_IDLE);
}

static void on_probe(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	act(v, c->auth == CONTACT_NONE ? CONTACT_DO_UNSUBSCRIBED : CONTACT_DO_REPEAT);
	if (c->auth != CONTACT_NONE)
		on_online(c, e, now, v);
}

/* The server lost what we said before (X7). Who is probed will be ONLINE or OFFLINE by the answer; of the others nobody would
 * ever tell us, so they count as there. */
static void on_link_up(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	if (c->auth == CONTACT_ALLOWED && c->online)
		act(v, CONTACT_DO_REPEAT);
	if (c->auth == CONTACT_ASKED || (c->auth == CONTACT_ALLOWED && !e->probed))
		on_online(c, e, now, v);
	if (c->auth == CONTACT_ASKED && c->dialog == CONTACT_IDLE)
		make_due(c, v);
}

/* What only the network kept from being asked is asked now; a peer's own "later" stays its word. */
static void on_route_up(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)e;
	(void)now;
	if (c->dialog != CONTACT_WAITING || !c->unheard || !wanted(c))
		return;
	c->tries = 0;
	make_due(c, v);
}

/* -- The dialog's events */
static void refresh(struct contact_rules *c, struct contact_verdict *v)
{
	c->refreshing = true;
	c->wake_ms = c->until_ms;
	act(v, CONTACT_DO_REFRESH);
	v->expires_s = asked_s(c);
}

static void on_restored(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)v;
	c->auth = e->allowed ? CONTACT_ALLOWED : CONTACT_ASKED;
	c->kept = e->kept;
	if (!e->kept)
		return;
	c->until_ms = now + (uint64_t)(e->expires_s > 0 ? e->expires_s : 0) * 1000;
	c->wake_ms = c->until_ms;
}

static void on_served(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)e;
	if (c->dialog != CONTACT_DUE)
		return;
	if (c->kept && now < c->until_ms) {
		c->kept = false;
		go_live(c, now);
		refresh(c, v);
		return;
	}
	if (c->kept)
		leave(c, v);
	enter(c, CONTACT_TRYING);
	act(v, CONTACT_DO_BEGIN);
	v->expires_s = asked_s(c);
}

static void on_failed(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	v->why = e->result->why;
	if (c->auth == CONTACT_NONE) { /* the farewell could not be said */
		enter(c, CONTACT_IDLE);
		act(v, CONTACT_DO_FORGET);
		return;
	}
	settle(c, outcome_of(c, e->result), e, e->result->retry_after_s, v, now);
}

static void on_accepted(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	(void)v;
	if (c->dialog != CONTACT_TRYING && c->dialog != CONTACT_LIVE)
		return;
	go_live(c, now);
	promise(c, e->result->expires_s, e->dice, now);
}

static void notified_active(struct contact_rules *c, struct contact_verdict *v)
{
	if (c->auth == CONTACT_ASKED) {
		c->auth = CONTACT_ALLOWED;
		act(v, CONTACT_DO_STORE);
		act(v, CONTACT_DO_SUBSCRIBED);
	}
	act(v, CONTACT_DO_SHOW);
	if (!wanted(c)) { /* approved while the user is away */
		act(v, CONTACT_DO_CLEAR);
		act(v, CONTACT_DO_END);
		enter(c, CONTACT_IDLE);
	}
}

static void notified_terminated(
	struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	enum contact_outcome outcome = contact_outcome_of_reason(e->state_reason);

	if (outcome == CONTACT_STAYS && c->auth != CONTACT_ALLOWED)
		outcome = CONTACT_TRANSIENT; /* no state was ours yet that could stay */
	if (c->dialog == CONTACT_LIVE && now - c->since_ms >= CONTACT_STEADY_MS)
		c->tries = 0;
	enter(c, CONTACT_OVER);
	c->over = (uint8_t)outcome;
	c->retry_after_s = e->retry_after_s;
	if (outcome == CONTACT_REFUSED || outcome == CONTACT_UNKNOWN)
		lose(c, v);
	else if (outcome != CONTACT_STAYS)
		act(v, CONTACT_DO_HIDE);
	else
		act(v, CONTACT_DO_SHOW); /* invariant: this document is the last word */
}

/* News in a dialog of an earlier life: for a user who is there it is up again; the end counts in any case. Else the refresh
 * will say it once more when he comes. */
static bool takes_up_kept(struct contact_rules *c, const struct contact_event *e, struct contact_verdict *v)
{
	if (!wanted(c) && e->state != S_SUB_TERMINATED)
		return false;
	if (c->dialog == CONTACT_DUE)
		act(v, CONTACT_DO_UNQUEUE);
	return true;
}

static void on_notified(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	if (c->kept && !takes_up_kept(c, e, v))
		return;
	if (!c->kept && c->dialog != CONTACT_TRYING && c->dialog != CONTACT_LIVE)
		return;
	if (e->state == S_SUB_TERMINATED) {
		c->kept = false;
		notified_terminated(c, e, now, v);
		return;
	}
	bool first = c->dialog != CONTACT_LIVE;
	int left_s = c->kept ? (int)((c->until_ms > now ? c->until_ms - now : 0) / 1000) : -1;

	c->kept = false;
	go_live(c, now);
	if (e->expires_s > 0 || first)
		promise(c, e->expires_s > 0 ? e->expires_s : left_s, e->dice, now);
	if (e->state == S_SUB_ACTIVE)
		notified_active(c, v);
	else if (c->auth == CONTACT_ALLOWED)
		act(v, CONTACT_DO_HIDE); /* pending again: not ours to show any more */
}

static void on_refreshed(
	struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	if (c->dialog != CONTACT_LIVE || !c->refreshing)
		return;
	c->refreshing = false;
	if (e->result->why == REASON_NONE) {
		promise(c, e->result->expires_s, e->dice, now);
		act(v, CONTACT_DO_SAVE);
		return;
	}
	v->why = e->result->why;
	if (e->result->usage_gone)
		return; /* ENDED follows and decides */
	if (outcome_of(c, e->result) == CONTACT_LONGER) {
		refresh(c, v);
		return;
	}
	/* The old subscription stays valid until its end (E12). */
	c->wake_ms = now + longer(earlier(CONTACT_REFRESH_RETRY_MS, e->dice), e->result->retry_after_s);
	if (c->wake_ms > c->until_ms)
		c->wake_ms = c->until_ms;
}

static void on_ended(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	enum contact_outcome outcome =
		c->dialog == CONTACT_OVER ? (enum contact_outcome)c->over : outcome_of(c, e->result);
	unsigned retry_s = c->dialog == CONTACT_OVER ? c->retry_after_s : e->result->retry_after_s;

	if (!has_usage(c))
		return;
	v->why = e->result->why;
	if (c->kept) { /* DUE: another one is begun when it is served */
		c->kept = false;
		if (c->dialog == CONTACT_IDLE)
			c->wake_ms = 0;
		act(v, CONTACT_DO_SAVE);
		return;
	}
	if (c->auth == CONTACT_NONE)
		rest_unauthorized(c, c->dialog == CONTACT_OVER ? outcome : CONTACT_REFUSED, v, now);
	else
		settle(c, outcome, e, retry_s, v, now);
}

static void wake_live(struct contact_rules *c, uint32_t dice, uint64_t now, struct contact_verdict *v)
{
	if (now < c->until_ms) {
		if (c->refreshing)
			c->wake_ms = c->until_ms;
		else
			refresh(c, v);
		return;
	}
	/* It ran out under our hands. Not due at once: a peer that grants no time at all would keep us busy. */
	act(v, CONTACT_DO_END);
	act(v, CONTACT_DO_HIDE);
	v->why = REASON_NO_ANSWER;
	if (now - c->since_ms >= CONTACT_STEADY_MS)
		c->tries = 0;
	wait(c, c->tries ? backoff_ms(c->tries, dice) : CONTACT_AGAIN_MS, now);
}

static void on_wake(struct contact_rules *c, const struct contact_event *e, uint64_t now, struct contact_verdict *v)
{
	if (!c->wake_ms || now < c->wake_ms)
		return;
	c->wake_ms = 0;
	if (c->dialog == CONTACT_IDLE && c->kept) {
		leave(c, v); /* it has run out, and nobody has asked for it */
	} else if (c->dialog == CONTACT_LIVE) {
		wake_live(c, e->dice, now, v);
	} else if (c->dialog == CONTACT_WAITING) {
		if (wanted(c)) {
			make_due(c, v);
			return;
		}
		enter(c, CONTACT_IDLE);
		if (c->auth == CONTACT_NONE)
			act(v, CONTACT_DO_FORGET);
	}
}

static void (*const table[CONTACT_ONS])(
	struct contact_rules *, const struct contact_event *, uint64_t, struct contact_verdict *) = {
	[CONTACT_ON_SUBSCRIBE] = on_subscribe,
	[CONTACT_ON_UNSUBSCRIBE] = on_unsubscribe,
	[CONTACT_ON_ONLINE] = on_online,
	[CONTACT_ON_OFFLINE] = on_offline,
	[CONTACT_ON_PROBE] = on_probe,
	[CONTACT_ON_LINK_UP] = on_link_up,
	[CONTACT_ON_ROUTE_UP] = on_route_up,
	[CONTACT_ON_RESTORED] = on_restored,
	[CONTACT_ON_SERVED] = on_served,
	[CONTACT_ON_FAILED] = on_failed,
	[CONTACT_ON_ACCEPTED] = on_accepted,
	[CONTACT_ON_NOTIFIED] = on_notified,
	[CONTACT_ON_REFRESHED] = on_refreshed,
	[CONTACT_ON_ENDED] = on_ended,
	[CONTACT_ON_WAKE] = on_wake,
};

struct contact_verdict contact_step(struct contact_rules *c, const struct contact_event *e, uint64_t now_ms)
{
	struct contact_verdict v = { .why = REASON_NONE };

	table[e->on](c, e, now_ms, &v);
	v.wake_ms = c->wake_ms;
	return v;
}

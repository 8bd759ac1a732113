/* SPDX-License-Identifier: MIT */
/* The authorization:                                          what is known of the user's presence, while ALLOWED:
 *
 *        SUBSCRIBE            subscribed              UNKNOWN -- probe --> PROBING -- presence --> GATHERING -- 0.2 s --> KNOWN
 *   NONE ---------> ASKED ----------------> ALLOWED                           \____________ silence, 5 s _______________^ |
 *                     |  unsubscribed         | ^                             ^_______________ link came back ___________/
 *                     +-----------> DENIED <--+ | subscribed
 *                                      \________/
 * Nothing a SIP user does ends an authorization (P27); only the XMPP user's word changes one. */
#include "component/presence/watcher_rules.h"

#include <stddef.h>

static void act(struct watcher_verdict *v, enum watcher_do action)
{
	v->actions[v->count++] = action;
}

enum reason watcher_admits(const struct watcher_rules *w, struct watcher_policy policy)
{
	bool denied = w->auth == WATCHER_DENIED || (w->auth == WATCHER_NONE && !policy.ask);

	return denied && !policy.polite ? REASON_NOT_ALLOWED : REASON_NONE;
}

enum watcher_tell watcher_tells(const struct watcher_rules *w, struct watcher_policy policy)
{
	switch ((enum watcher_auth)w->auth) {
	case WATCHER_ALLOWED:
		return w->known == WATCHER_KNOWN ? WATCHER_TELL_STATE : WATCHER_TELL_NOTHING;
	case WATCHER_DENIED:
		return WATCHER_TELL_CLOSED;
	case WATCHER_ASKED:
		return WATCHER_TELL_PENDING;
	case WATCHER_NONE:
	case WATCHER_AUTHS:
		break;
	}
	return policy.ask ? WATCHER_TELL_PENDING : WATCHER_TELL_CLOSED;
}

static void ask(struct watcher_rules *w, uint64_t now, struct watcher_verdict *v)
{
	w->auth = WATCHER_ASKED;
	w->asked_ms = now;
	act(v, WATCHER_DO_ASK);
}

/* Only of an authorised user: Prosody deletes an open request when it is probed (P33). */
static void probe(struct watcher_rules *w, uint64_t now, struct watcher_verdict *v)
{
	w->known = WATCHER_PROBING;
	w->wake_ms = now + WATCHER_PROBE_MS;
	act(v, WATCHER_DO_PROBE);
}

static void on_subscribe(
	struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	if (w->auth == WATCHER_NONE && e->policy.ask) {
		ask(w, now, v);
		act(v, WATCHER_DO_STORE);
	} else if (w->auth == WATCHER_ASKED && (!w->asked_ms || now - w->asked_ms >= WATCHER_ASK_AGAIN_MS)) {
		ask(w, now, v);
	} else if (w->auth == WATCHER_ALLOWED && w->known == WATCHER_UNKNOWN) {
		probe(w, now, v);
	}
}

static void on_fetch(struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	(void)e;
	if (w->auth == WATCHER_ALLOWED && w->known == WATCHER_UNKNOWN)
		probe(w, now, v);
}

static void on_subscribed(
	struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	(void)e;
	if (w->auth != WATCHER_ASKED && w->auth != WATCHER_DENIED)
		return; /* nothing was asked, or it is a repetition (X22) */
	w->auth = WATCHER_ALLOWED;
	act(v, WATCHER_DO_STORE);
	probe(w, now, v); /* one of the servers says no more than `subscribed` (P35) */
	w->known = WATCHER_GRANTED;
	w->wake_ms = now + WATCHER_GATHER_MS;
}

static void on_unsubscribed(
	struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	(void)now;
	if (w->auth != WATCHER_ASKED && w->auth != WATCHER_ALLOWED)
		return;
	w->auth = WATCHER_DENIED;
	w->known = WATCHER_UNKNOWN;
	w->wake_ms = 0;
	v->why = REASON_NOT_ALLOWED;
	act(v, WATCHER_DO_STORE);
	act(v, e->policy.polite ? WATCHER_DO_TELL_NOW : WATCHER_DO_TERMINATE);
}

static void gather(struct watcher_rules *w, uint64_t now)
{
	w->known = WATCHER_GATHERING;
	w->wake_ms = now + WATCHER_GATHER_MS;
}

/* An unauthorised SIP user hears nothing of it: the bare `unavailable` behind a request means nothing (P32). */
static void on_presence(struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	if (w->auth != WATCHER_ALLOWED)
		return;
	switch ((enum watcher_known)w->known) {
	case WATCHER_UNKNOWN: /* one resource speaks; whether there are others is what the probe asks */
		if (!e->devices)
			return;
		probe(w, now, v);
		gather(w, now);
		break;
	case WATCHER_GRANTED:
	case WATCHER_PROBING:
		gather(w, now);
		break;
	case WATCHER_GATHERING:
		break;
	case WATCHER_KNOWN:
		act(v, WATCHER_DO_TELL);
		break;
	}
}

static void on_link_up(struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	if (w->auth == WATCHER_ALLOWED) {
		act(v, WATCHER_DO_CLEAR);
		w->known = WATCHER_UNKNOWN;
		w->wake_ms = 0;
		if (e->wanted)
			probe(w, now, v);
		return;
	}
	if (!e->devices)
		return;
	act(v, WATCHER_DO_TELL); /* who was told something else in an earlier life */
	if (!e->policy.ask)
		return;
	/* The question may have been lost with the link; a repeated one is harmless (X20). */
	if (w->auth == WATCHER_ASKED) {
		ask(w, now, v);
	} else if (w->auth == WATCHER_NONE) {
		ask(w, now, v);
		act(v, WATCHER_DO_STORE);
	}
}

static void on_last_gone(
	struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	(void)e;
	(void)now;
	if (w->auth == WATCHER_NONE)
		act(v, WATCHER_DO_FORGET);
}

static void on_wake(struct watcher_rules *w, const struct watcher_event *e, uint64_t now, struct watcher_verdict *v)
{
	(void)e;
	if (!w->wake_ms || now < w->wake_ms)
		return;
	w->wake_ms = 0;
	if (w->auth == WATCHER_ALLOWED &&
		w->known == WATCHER_GRANTED) { /* P22: active, even if there is no more to say */
		w->known = WATCHER_PROBING;
		w->wake_ms = now + WATCHER_PROBE_MS - WATCHER_GATHER_MS;
		act(v, WATCHER_DO_TELL_NOW);
		return;
	}
	if (w->auth != WATCHER_ALLOWED || (w->known != WATCHER_PROBING && w->known != WATCHER_GATHERING))
		return;
	w->known = WATCHER_KNOWN;
	act(v, WATCHER_DO_TELL);
	act(v, WATCHER_DO_OFFLINE);
}

static void (*const table[WATCHER_ONS])(
	struct watcher_rules *, const struct watcher_event *, uint64_t, struct watcher_verdict *) = {
	[WATCHER_ON_SUBSCRIBE] = on_subscribe,
	[WATCHER_ON_FETCH] = on_fetch,
	[WATCHER_ON_SUBSCRIBED] = on_subscribed,
	[WATCHER_ON_UNSUBSCRIBED] = on_unsubscribed,
	[WATCHER_ON_PRESENCE] = on_presence,
	[WATCHER_ON_LINK_UP] = on_link_up,
	[WATCHER_ON_LAST_GONE] = on_last_gone,
	[WATCHER_ON_WAKE] = on_wake,
};

struct watcher_verdict watcher_step(struct watcher_rules *w, const struct watcher_event *e, uint64_t now_ms)
{
	struct watcher_verdict v = { .why = REASON_NONE };

	table[e->on](w, e, now_ms, &v);
	v.wake_ms = w->wake_ms;
	return v;
}

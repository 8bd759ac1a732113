/* SPDX-License-Identifier: MIT */
/*   SUBSCRIBE            durable: 200, NOTIFY             Expires 0, expiry + 32 s, rejected: last NOTIFY
 *   ----------> COMMITTING -----------------> LIVE <--+ ----------------------------------------> CLOSING --> GONE
 *                    |                         |   \__/ refresh, change: NOTIFY                      ^         ^
 *                    | the store failed: 500   |                                                     |         |
 *                    +-------------------------+--- usage gone, NOTIFY unanswered ------------------ | --------+
 *   fetch: 200 and the last NOTIFY at once --------------------------------------------------------- +
 *
 * What the peer was told last stands in the store as a digest, so that after a restart only those hear of us whose state is
 * another one now. Before something else is said, the digest there is wiped out; after the 2xx the new one is written. */
#include "component/presence/device_rules.h"

#include <stddef.h>

static void act(struct device_verdict *v, enum device_do action)
{
	v->actions[v->count++] = action;
}

int device_grant(int wish_s)
{
	if (wish_s < 0)
		return DEVICE_EXPIRES_S;
	if (wish_s > 0 && wish_s < DEVICE_EXPIRES_MIN_S)
		return -1;
	return wish_s < DEVICE_EXPIRES_MAX_S ? wish_s : DEVICE_EXPIRES_MAX_S;
}

unsigned device_left_s(const struct device_rules *d, uint64_t now)
{
	return d->until_ms > now ? (unsigned)((d->until_ms - now + 999) / 1000) : 0;
}

static void grant(struct device_rules *d, int expires_s, uint64_t now)
{
	d->until_ms = expires_s > 0 ? now + (uint64_t)expires_s * 1000 : now;
	d->wake_ms = d->until_ms + DEVICE_GRACE_MS;
}

/* Only a NOTIFY that carries a document opens a merge window: what follows an empty one is news. */
static void say(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	d->dirty = false;
	d->saying = e->digest;
	if (e->content)
		d->merge_ms = now + DEVICE_MERGE_MS;
	act(v, DEVICE_DO_NOTIFY);
}

/* A NOTIFY now, or as soon as the store knows that what it has is over. */
static void notify(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	d->in_flight = true;
	d->wake_ms = d->until_ms + DEVICE_GRACE_MS;
	if (d->told && e->digest && e->digest != d->told) {
		d->told = 0;
		d->marking = true;
		act(v, DEVICE_DO_MARK);
	} else {
		say(d, e, now, v);
	}
}

static void notify_or_wait(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	if (!d->in_flight && (e->now || now >= d->merge_ms)) {
		notify(d, e, now, v);
		return;
	}
	d->dirty = true;
	if (!d->in_flight && d->merge_ms < d->wake_ms)
		d->wake_ms = d->merge_ms;
	if (e->now)
		d->merge_ms = now;
}

static void close_with(struct device_rules *d, enum s_subreason reason, bool left, struct device_verdict *v)
{
	d->phase = DEVICE_CLOSING;
	d->wake_ms = 0;
	if (d->marking)
		d->marking = d->in_flight = false;
	v->reason = reason;
	v->left = left;
	act(v, DEVICE_DO_UNSTORE);
	act(v, DEVICE_DO_FINAL);
}

static void gone(struct device_rules *d, bool end, struct device_verdict *v)
{
	if (end)
		act(v, DEVICE_DO_END);
	if (d->phase != DEVICE_CLOSING)
		act(v, DEVICE_DO_UNSTORE);
	d->phase = DEVICE_GONE;
	d->wake_ms = 0;
	act(v, DEVICE_DO_FREE);
}

static void on_new(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	d->phase = DEVICE_COMMITTING;
	grant(d, e->expires_s, now);
	d->wake_ms = 0;
	act(v, DEVICE_DO_STORE);
}

static void on_fetch(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	(void)e;
	(void)now;
	d->phase = DEVICE_CLOSING;
	act(v, DEVICE_DO_ANSWER);
	act(v, DEVICE_DO_FINAL);
	v->reason = S_WHY_TIMEOUT;
}

static void on_durable(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	if (d->phase == DEVICE_LIVE && d->marking) { /* a disk that fails holds no news back */
		d->marking = false;
		say(d, e, now, v);
	}
	if (d->phase != DEVICE_COMMITTING)
		return;
	if (e->result->why) {
		act(v, DEVICE_DO_REFUSE);
		gone(d, true, v);
		return;
	}
	d->phase = DEVICE_LIVE;
	act(v, DEVICE_DO_ANSWER);
	if (d->rejected)
		close_with(d, S_WHY_REJECTED, false, v);
	else
		notify(d, e, now, v);
}

static void on_restored(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	(void)v;
	d->phase = DEVICE_LIVE;
	d->told = e->told;
	grant(d, e->expires_s, now);
}

static void on_changed(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	if (d->phase != DEVICE_LIVE)
		return;
	if (e->digest && e->digest == (d->in_flight && !d->marking ? d->saying : d->told))
		d->dirty = false; /* he has it, or is about to */
	else
		notify_or_wait(d, e, now, v);
}

/* Every accepted SUBSCRIBE gets its NOTIFY at once (E35); behind one in flight, right after that. */
static void on_refreshed(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	struct device_event at_once = *e;

	if (d->phase != DEVICE_LIVE)
		return;
	grant(d, e->expires_s, now);
	act(v, DEVICE_DO_STORE);
	at_once.now = true;
	notify_or_wait(d, &at_once, now, v);
}

static void on_left(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	(void)e;
	(void)now;
	if (d->phase == DEVICE_LIVE)
		close_with(d, S_WHY_TIMEOUT, true, v);
}

static void on_rejected(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	(void)e;
	(void)now;
	if (d->phase == DEVICE_COMMITTING)
		d->rejected = true;
	else if (d->phase == DEVICE_LIVE)
		close_with(d, S_WHY_REJECTED, false, v);
}

static void on_notified(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	const struct s_result *r = e->result;
	bool earlier = d->in_flight;

	d->in_flight = false;
	if (d->phase == DEVICE_CLOSING) {
		if (!earlier) /* it is the last one's outcome, not that of one before it */
			gone(d, true, v);
		return;
	}
	if (d->phase != DEVICE_LIVE || r->usage_gone)
		return; /* ENDED follows */
	if (r->why == REASON_NO_ANSWER) { /* E36: timer F */
		gone(d, true, v);
		return;
	}
	if (r->why) {
		uint64_t again = (uint64_t)r->retry_after_s * 1000;

		d->dirty = true;
		d->merge_ms =
			now +
			(again > DEVICE_RETRY_MS && r->retry_after_s < DEVICE_EXPIRES_MAX_S ? again : DEVICE_RETRY_MS);
	}
	if (d->dirty)
		notify_or_wait(d, &(struct device_event){ .content = e->content, .digest = e->digest }, now, v);
	else if (!d->told && d->saying) {
		d->told = d->saying;
		act(v, DEVICE_DO_TOLD);
	}
}

static void on_ended(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	(void)e;
	(void)now;
	if (d->phase == DEVICE_COMMITTING)
		act(v, DEVICE_DO_REFUSE);
	gone(d, false, v);
}

static void on_wake(struct device_rules *d, const struct device_event *e, uint64_t now, struct device_verdict *v)
{
	if (d->phase != DEVICE_LIVE || !d->wake_ms || now < d->wake_ms)
		return;
	if (now >= d->until_ms + DEVICE_GRACE_MS)
		close_with(d, S_WHY_TIMEOUT, true, v);
	else if (d->dirty && !d->in_flight)
		notify_or_wait(d, e, now, v);
	else
		d->wake_ms = d->until_ms + DEVICE_GRACE_MS;
}

static void (*const table[DEVICE_ONS])(
	struct device_rules *, const struct device_event *, uint64_t, struct device_verdict *) = {
	[DEVICE_ON_NEW] = on_new,
	[DEVICE_ON_FETCH] = on_fetch,
	[DEVICE_ON_DURABLE] = on_durable,
	[DEVICE_ON_RESTORED] = on_restored,
	[DEVICE_ON_CHANGED] = on_changed,
	[DEVICE_ON_REFRESHED] = on_refreshed,
	[DEVICE_ON_LEFT] = on_left,
	[DEVICE_ON_REJECTED] = on_rejected,
	[DEVICE_ON_NOTIFIED] = on_notified,
	[DEVICE_ON_ENDED] = on_ended,
	[DEVICE_ON_WAKE] = on_wake,
};

struct device_verdict device_step(struct device_rules *d, const struct device_event *e, uint64_t now_ms)
{
	struct device_verdict v = { .reason = S_WHY_NONE };

	table[e->on](d, e, now_ms, &v);
	v.wake_ms = d->wake_ms;
	return v;
}

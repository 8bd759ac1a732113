/* SPDX-License-Identifier: MIT */
#include "component/presence/watcher.h"
#include "component/presence/contact.h"
#include "component/presence/device.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"
#include "mapping/pidf.h"
#include "mapping/presence.h"

#include <stdlib.h>

struct watcher {
	struct watcher_rules rules;
	struct relation *relation;
	struct device *devices;
	struct timer timer;
};

/* What the event at hand brought along. */
struct moment {
	uint64_t flow;
	struct str nick; /* the SIP user's display name */
};

static void step(struct watcher *w, struct watcher_event *e, const struct moment *m);

static const struct env *env_of(const struct watcher *w)
{
	return w->relation->room->ctx->env;
}

static struct watcher_policy policy_of(const struct watcher *w)
{
	struct str name = relation_pair(w->relation).contact.host;
	struct routing_domain *d = routing_by_name(w->relation->room->ctx->routing, name);

	if (!d)
		return (struct watcher_policy){ .polite = true };
	return (struct watcher_policy){ .ask = d->config->authorize != CONFIG_DENY,
		.polite = d->config->denied == CONFIG_OFFLINE };
}

/* -- What a NOTIFY says */
/* The user's document: the view, or offline. */
static struct s_body document(const struct watcher *w, bool closed)
{
	struct arena *a = env_of(w)->turn;
	struct routing_verdict v = relation_route(w->relation);
	struct s_presence doc;
	unsigned count = 0;
	const struct x_presence *const *list = NULL;

	if (v.why)
		return (struct s_body){ 0 };
	if (!closed)
		list = user_list(a, &w->relation->view, &v.pair.user, &count);
	struct s_uri entity = v.user_uri;

	entity.gruu = STR_NONE;
	map_presence_x2s(a, list, count, &entity, v.domain->config->profile, env_unix_ms(env_of(w)), &doc);
	return (struct s_body){ .type = map_pidf_type, .bytes = map_pidf_write(a, &doc, v.domain->config->profile) };
}

static void describe(struct watcher *w, enum device_notice notice, struct s_request *notify)
{
	enum watcher_tell tell = watcher_tells(&w->rules, policy_of(w));

	if (notice == DEVICE_SAYS_NOW)
		notify->state = tell == WATCHER_TELL_PENDING ? S_SUB_PENDING : S_SUB_ACTIVE;
	else
		notify->state = S_SUB_TERMINATED;
	if (notice == DEVICE_SAYS_REJECTED || tell == WATCHER_TELL_PENDING)
		return;
	if (notice == DEVICE_SAYS_LEFT || tell == WATCHER_TELL_CLOSED)
		notify->body = document(w, true);
	else if (tell == WATCHER_TELL_STATE)
		notify->body = document(w, false);
}

static bool has_content(const struct watcher *w)
{
	enum watcher_tell tell = watcher_tells(&w->rules, policy_of(w));

	return tell == WATCHER_TELL_STATE || tell == WATCHER_TELL_CLOSED;
}

static uint64_t digest(const struct watcher *w)
{
	static const struct user_view offline = { NULL };

	switch (watcher_tells(&w->rules, policy_of(w))) {
	case WATCHER_TELL_PENDING:
		return 1;
	case WATCHER_TELL_NOTHING:
	case WATCHER_TELLS:
		break;
	case WATCHER_TELL_STATE:
		return user_digest(&w->relation->view);
	case WATCHER_TELL_CLOSED: /* who is blocked politely sees what he would see of an offline user */
		return user_digest(&offline);
	}
	return 0;
}

/* -- What devices tell */
static void tell_watch(struct watcher *w, uint64_t flow, struct str detail)
{
	relation_event(w->relation,
		&(struct relation_fact){ .kind = EVENT_WATCH, .dir = DIR_S2X, .flow = flow, .detail = detail });
}

static void refreshed(struct watcher *w)
{
	step(w, &(struct watcher_event){ .on = WATCHER_ON_SUBSCRIBE }, &(struct moment){ 0 });
}

/* P26: the XMPP user is told that the SIP user has gone, unless he watches him too and sees that he is there. */
static void left(struct watcher *w, struct device *d)
{
	struct relation *r = w->relation;
	bool other = w->devices != d || device_next(d);

	tell_watch(w, 0, STR("ended"));
	if (!other && w->rules.auth == WATCHER_ALLOWED && !(r->contact && contact_is_shown(r->contact)))
		relation_say(r, &(struct x_presence){ .kind = X_UNAVAILABLE });
}

static void unlink_device(struct watcher *w, struct device *d)
{
	struct device *before = NULL;

	for (struct device *at = w->devices; at != d; at = device_next(at))
		before = at;
	if (before)
		device_link(before, device_next(d));
	else
		w->devices = device_next(d);
}

static void gone(struct watcher *w, struct device *d)
{
	struct relation *r = w->relation;

	unlink_device(w, d);
	device_destroy(d);
	watcher_settle(w);
	relation_settle(r);
}

static const struct device_owner device_owner = {
	.describe = describe,
	.has_content = has_content,
	.digest = digest,
	.refreshed = refreshed,
	.left = left,
	.gone = gone,
};

/* -- Carrying out */
static void say(struct watcher *w, const struct moment *m, enum x_kind kind, struct str nick)
{
	relation_say(w->relation, &(struct x_presence){ .flow = m->flow, .kind = kind, .nick = nick });
}

static void tell_devices(struct watcher *w, bool now)
{
	for (struct device *d = w->devices, *next; d; d = next) {
		next = device_next(d);
		device_tell(d, now);
	}
}

static void terminate_devices(struct watcher *w)
{
	for (struct device *d = w->devices, *next; d; d = next) {
		next = device_next(d);
		device_reject(d);
	}
}

static const struct str auth_words[WATCHER_AUTHS] = {
	[WATCHER_NONE] = STR_INIT("none"),
	[WATCHER_ASKED] = STR_INIT("asked"),
	[WATCHER_ALLOWED] = STR_INIT("allowed"),
	[WATCHER_DENIED] = STR_INIT("denied"),
};

static void do_store(struct watcher *w, const struct moment *m)
{
	struct str word = auth_words[w->rules.auth];

	relation_store(w->relation, STORE_WATCHER, word);
	relation_event(w->relation, &(struct relation_fact){ .kind = EVENT_AUTHORIZATION,
					    .dir = DIR_S2X,
					    .flow = m->flow,
					    .xmpp = w->rules.auth == WATCHER_ASKED ? STR("pending") : word });
}

static void offline(struct watcher *w)
{
	struct contact *c = w->relation->contact;

	if (c && !user_is_online(&w->relation->view))
		contact_hear(c, CONTACT_ON_OFFLINE, NULL, 0);
}

static void perform(struct watcher *w, enum watcher_do action, const struct moment *m)
{
	switch (action) {
	case WATCHER_DO_ASK:
		say(w, m, X_SUBSCRIBE, m->nick);
		break;
	case WATCHER_DO_PROBE:
		say(w, m, X_PROBE, STR_NONE);
		break;
	case WATCHER_DO_CLEAR:
		user_forget(&w->relation->room->users, &w->relation->view);
		break;
	case WATCHER_DO_TELL:
		tell_devices(w, false);
		break;
	case WATCHER_DO_TELL_NOW:
		tell_devices(w, true);
		break;
	case WATCHER_DO_TERMINATE:
		terminate_devices(w);
		break;
	case WATCHER_DO_OFFLINE:
		offline(w);
		break;
	case WATCHER_DO_STORE:
		do_store(w, m);
		break;
	case WATCHER_DO_FORGET:
	case WATCHER_DOS:
		break;
	}
}

static void forget(struct watcher *w)
{
	struct relation *r = w->relation;

	watcher_destroy(w);
	r->watcher = NULL;
}

static void step(struct watcher *w, struct watcher_event *e, const struct moment *m)
{
	e->policy = policy_of(w);
	e->devices = w->devices != NULL;
	struct watcher_verdict v = watcher_step(&w->rules, e, env_now_ms(env_of(w)));

	/* First the deadline: a device may be the last one, and take the watcher along. */
	if (v.wake_ms)
		wheel_set(env_of(w)->wheel, &w->timer, v.wake_ms);
	else
		wheel_cancel(env_of(w)->wheel, &w->timer);
	for (unsigned i = 0; i < v.count; i++) {
		if (v.actions[i] == WATCHER_DO_FORGET) {
			forget(w);
			return;
		}
		perform(w, v.actions[i], m);
	}
}

static void wake(void *arg)
{
	step(arg, &(struct watcher_event){ .on = WATCHER_ON_WAKE }, &(struct moment){ 0 });
}

/* -- The record */
struct watcher *watcher_create(struct relation *r)
{
	struct watcher *w = alloc_zero(sizeof(*w));

	w->relation = r;
	w->timer.fire = wake;
	w->timer.arg = w;
	r->watcher = w;
	return w;
}

void watcher_restore(struct relation *r, struct str state)
{
	struct watcher *w = r->watcher ? r->watcher : watcher_create(r);

	for (unsigned i = 0; i < WATCHER_AUTHS; i++)
		if (str_eq(state, auth_words[i]))
			w->rules.auth = (uint8_t)i;
}

bool watcher_restore_device(struct relation *r, const struct store_row *row)
{
	struct watcher *w = r->watcher ? r->watcher : watcher_create(r);
	struct device *d = device_restore(w, r, &device_owner, row);

	if (!d)
		return false;
	device_link(d, w->devices);
	w->devices = d;
	return true;
}

static unsigned count_devices(const struct watcher *w)
{
	unsigned n = 0;

	for (const struct device *d = w->devices; d; d = device_next(d))
		n++;
	return n;
}

static enum reason room_for_device(const struct watcher *w)
{
	const struct presence *room = w->relation->room;

	if (count_devices(w) >= DEVICE_MAX_EACH || room->devices >= room->ctx->config->limits.subscriptions)
		return REASON_TOO_MANY;
	return watcher_admits(&w->rules, policy_of(w));
}

static void refuse(struct watcher *w, struct sipside_request *t, uint64_t flow, enum reason why)
{
	struct s_result r = map_error_s(why);
	struct relation *rel = w->relation;

	sipside_answer(t, &r);
	relation_event(rel, &(struct relation_fact){ .kind = EVENT_REFUSED,
				    .dir = DIR_S2X,
				    .flow = flow,
				    .sip = r.status,
				    .why = why,
				    .detail = STR("subscribe") });
	watcher_settle(w);
	relation_settle(rel);
}

void watcher_subscribe(struct watcher *w, struct sipside_request *t, const struct s_request *r, int grant_s)
{
	enum reason why = room_for_device(w);
	struct device *d = why ? NULL : device_open(w, w->relation, &device_owner, t, r->flow);

	if (!d) {
		refuse(w, t, r->flow, why ? why : REASON_INTERNAL);
		return;
	}
	tell_watch(w, r->flow, grant_s ? STR("subscribe") : STR("fetch"));
	step(w, &(struct watcher_event){ .on = grant_s ? WATCHER_ON_SUBSCRIBE : WATCHER_ON_FETCH },
		&(struct moment){ .flow = r->flow, .nick = r->display });
	device_link(d, w->devices);
	w->devices = d;
	device_start(d, grant_s);
}

void watcher_decide(struct watcher *w, bool allowed, uint64_t flow)
{
	step(w, &(struct watcher_event){ .on = allowed ? WATCHER_ON_SUBSCRIBED : WATCHER_ON_UNSUBSCRIBED },
		&(struct moment){ .flow = flow });
}

void watcher_presence(struct watcher *w, bool changed, uint64_t flow)
{
	if (changed || w->rules.known != WATCHER_KNOWN)
		step(w, &(struct watcher_event){ .on = WATCHER_ON_PRESENCE }, &(struct moment){ .flow = flow });
}

bool watcher_link_up(struct watcher *w)
{
	struct contact *c = w->relation->contact;

	step(w,
		&(struct watcher_event){
			.on = WATCHER_ON_LINK_UP, .wanted = w->devices || (c && contact_is_allowed(c)) },
		&(struct moment){ .flow = env_flow(env_of(w)) });
	return w->rules.known == WATCHER_PROBING;
}

bool watcher_is_allowed(const struct watcher *w)
{
	return w->rules.auth == WATCHER_ALLOWED;
}

void watcher_settle(struct watcher *w)
{
	if (!w->devices)
		step(w, &(struct watcher_event){ .on = WATCHER_ON_LAST_GONE }, &(struct moment){ 0 });
}

void watcher_destroy(struct watcher *w)
{
	if (!w)
		return;
	while (w->devices) {
		struct device *d = w->devices;

		w->devices = device_next(d);
		device_destroy(d);
	}
	wheel_cancel(env_of(w)->wheel, &w->timer);
	free(w);
}

size_t watcher_size(void)
{
	return sizeof(struct watcher);
}

/* SPDX-License-Identifier: MIT */
#include "component/presence/device.h"
#include "component/presence/proxy.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"

#include <inttypes.h>
#include <stdlib.h>

struct device {
	struct device_rules rules;
	struct device *next;
	struct watcher *watcher;
	struct relation *relation;
	const struct device_owner *owner;
	struct sipside_usage *usage;
	struct sipside_request *ticket; /* open while COMMITTING */
	struct proxy *proxy; /* for outcomes of NOTIFYs and the store */
	uint64_t id; /* names the row */
	uint64_t flow; /* of the journey at hand */
	struct timer timer;
};

static void step(struct device *d, struct device_event *e);

static const struct env *env_of(const struct device *d)
{
	return d->relation->room->ctx->env;
}

/* -- The store */
static struct str hex(const struct device *d, uint64_t number)
{
	return arena_printf(env_of(d)->turn, "%016" PRIx64, number);
}

static struct store_row row(const struct device *d)
{
	const struct env *env = env_of(d);
	struct pair pair = relation_pair(d->relation);

	return (struct store_row){ .kind = STORE_DIALOG,
		.user = pair.user,
		.other = pair.contact,
		.key = hex(d, d->id),
		.state = d->rules.told ? hex(d, d->rules.told) : STR_NONE,
		.expires_unix_s = env_unix_ms(env) / 1000 + device_left_s(&d->rules, env_now_ms(env)) };
}

static void put(struct device *d, struct str saved)
{
	struct store_row put = row(d);

	put.dialog = saved;
	if (saved.n)
		store_put(d->relation->room->ctx->store, &put);
}

static void do_told(struct device *d)
{
	struct store_row told = row(d);

	store_restate(d->relation->room->ctx->store, &told);
}

static void do_unstore(struct device *d)
{
	struct store_row dead = row(d);

	store_drop(d->relation->room->ctx->store, &dead);
}

static void on_durable(void *arg, enum reason why)
{
	struct device *d = proxy_return(arg);

	if (d)
		step(d, &(struct device_event){ .on = DEVICE_ON_DURABLE, .result = &(struct s_result){ .why = why } });
}

static void sync(struct device *d)
{
	store_after(d->relation->room->ctx->store, on_durable, proxy_lend(&d->proxy, d));
}

/* -- The dialog */
static void on_notified(void *arg, const struct s_result *r)
{
	struct device *d = proxy_return(arg);

	if (!d)
		return;
	relation_event(d->relation,
		&(struct relation_fact){
			.kind = EVENT_NOTIFY, .dir = DIR_X2S, .flow = d->flow, .sip = r->status, .why = r->why });
	step(d, &(struct device_event){ .on = DEVICE_ON_NOTIFIED, .result = r });
}

static enum reason send_notify(struct device *d, enum device_notice notice, enum s_subreason reason)
{
	struct s_request r = { .method = S_NOTIFY,
		.state_reason = reason,
		.expires_s = (int)device_left_s(&d->rules, env_now_ms(env_of(d))) };
	struct proxy *p = proxy_lend(&d->proxy, d);

	d->flow = r.flow = env_flow(env_of(d));
	d->owner->describe(d->watcher, notice, &r);
	enum reason why = sipside_send(d->usage, &r, on_notified, p);

	if (why)
		proxy_return(p);
	return why;
}

static enum reason do_final(struct device *d, const struct device_verdict *v)
{
	enum device_notice notice = v->reason == S_WHY_REJECTED ? DEVICE_SAYS_REJECTED
				    : v->left                   ? DEVICE_SAYS_LEFT
								: DEVICE_SAYS_FETCHED;
	enum reason why = send_notify(d, notice, v->reason);

	if (v->left)
		d->owner->left(d->watcher, d);
	return why;
}

static void answer(struct device *d, const struct s_result *r)
{
	struct sipside_request *t = d->ticket;

	d->ticket = NULL;
	if (t)
		sipside_answer(t, r);
}

static void refuse(struct device *d, enum reason why)
{
	struct s_result r = map_error_s(why);

	answer(d, &r);
}

static void do_end(struct device *d)
{
	proxy_abandon(&d->proxy);
	if (d->usage)
		sipside_end(d->usage);
	d->usage = NULL;
}

/* SUBSCRIBE in the dialog: a refresh or a farewell. */
static void on_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct device *d = arg;
	int grant_s = device_grant(r->expires_s);

	if (r->method != S_SUBSCRIBE || d->rules.phase != DEVICE_LIVE) {
		sipside_answer(t, &(struct s_result){ .why = REASON_SIP_STATUS,
					  .status = r->method == S_SUBSCRIBE ? 481 : 405,
					  .expires_s = -1 });
		return;
	}
	if (grant_s < 0) {
		sipside_answer(t, &(struct s_result){ .why = REASON_SIP_STATUS,
					  .status = 423,
					  .min_expires_s = DEVICE_EXPIRES_MIN_S,
					  .expires_s = -1 });
		return;
	}
	sipside_answer(t, &(struct s_result){ .status = 200, .expires_s = grant_s });
	if (grant_s) {
		d->owner->refreshed(d->watcher);
		step(d, &(struct device_event){ .on = DEVICE_ON_REFRESHED, .expires_s = grant_s });
	} else {
		step(d, &(struct device_event){ .on = DEVICE_ON_LEFT });
	}
}

static void on_ended(void *arg, const struct s_result *r)
{
	struct device *d = arg;

	(void)r; /* every NOTIFY's outcome has been told already */
	d->usage = NULL;
	proxy_abandon(&d->proxy);
	step(d, &(struct device_event){ .on = DEVICE_ON_ENDED });
}

static void on_keep(void *arg, struct str saved)
{
	struct device *d = arg;

	if (d->rules.phase == DEVICE_COMMITTING || d->rules.phase == DEVICE_LIVE)
		put(d, saved);
}

static const struct sipside_owner usage_owner = { .request = on_request, .ended = on_ended, .keep = on_keep };

/* -- Carrying out */
static enum reason perform(struct device *d, enum device_do action, const struct device_verdict *v)
{
	switch (action) {
	case DEVICE_DO_ANSWER:
		answer(d, &(struct s_result){
				  .status = 200, .expires_s = (int)device_left_s(&d->rules, env_now_ms(env_of(d))) });
		break;
	case DEVICE_DO_REFUSE:
		refuse(d, REASON_INTERNAL);
		break;
	case DEVICE_DO_NOTIFY:
		return send_notify(d, DEVICE_SAYS_NOW, S_WHY_NONE);
	case DEVICE_DO_FINAL:
		return do_final(d, v);
	case DEVICE_DO_STORE:
		put(d, sipside_saved(d->usage));
		break;
	case DEVICE_DO_MARK:
		do_told(d);
		sync(d);
		break;
	case DEVICE_DO_TOLD:
		do_told(d);
		break;
	case DEVICE_DO_UNSTORE:
		do_unstore(d);
		break;
	case DEVICE_DO_END:
		do_end(d);
		break;
	case DEVICE_DO_FREE:
	case DEVICE_DOS:
		break;
	}
	return REASON_NONE;
}

static void set_timer(struct device *d, uint64_t wake_ms)
{
	if (wake_ms)
		wheel_set(env_of(d)->wheel, &d->timer, wake_ms);
	else
		wheel_cancel(env_of(d)->wheel, &d->timer);
}

/* The one place where an event becomes actions. May free the device, and with the last one its watcher. */
static void step(struct device *d, struct device_event *e)
{
	e->content = d->owner->has_content(d->watcher);
	e->digest = d->owner->digest(d->watcher);
	struct device_verdict v = device_step(&d->rules, e, env_now_ms(env_of(d)));
	enum reason failed = REASON_NONE;

	for (unsigned i = 0; i < v.count; i++) {
		if (v.actions[i] == DEVICE_DO_FREE) {
			d->owner->gone(d->watcher, d);
			return;
		}
		enum reason why = perform(d, v.actions[i], &v);

		failed = why ? why : failed;
	}
	set_timer(d, v.wake_ms);
	if (failed)
		step(d, &(struct device_event){
				.on = DEVICE_ON_NOTIFIED, .result = &(struct s_result){ .why = failed } });
}

static void wake(void *arg)
{
	step(arg, &(struct device_event){ .on = DEVICE_ON_WAKE });
}

/* -- The record */
static struct device *create(struct watcher *w, struct relation *r, const struct device_owner *owner)
{
	struct device *d = alloc_zero(sizeof(*d));

	d->watcher = w;
	d->relation = r;
	d->owner = owner;
	d->timer.fire = wake;
	d->timer.arg = d;
	r->room->devices++;
	return d;
}

struct device *device_open(struct watcher *w, struct relation *r, const struct device_owner *owner,
	struct sipside_request *t, uint64_t flow)
{
	struct device *d = create(w, r, owner);

	d->id = env_random_u64(env_of(d));
	d->flow = flow;
	d->usage = sipside_accept(t, &usage_owner, d);
	if (!d->usage) {
		device_destroy(d);
		return NULL;
	}
	d->ticket = t;
	return d;
}

void device_start(struct device *d, int grant_s)
{
	if (grant_s) {
		step(d, &(struct device_event){ .on = DEVICE_ON_NEW, .expires_s = grant_s });
		sync(d);
	} else {
		step(d, &(struct device_event){ .on = DEVICE_ON_FETCH });
	}
}

static bool read_hex(struct str hex, uint64_t *number)
{
	char text[17] = { 0 };

	if (hex.n != 16)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		text[i] = hex.p[i];
	char *end;

	*number = strtoull(text, &end, 16);
	return end == text + 16;
}

struct device *device_restore(
	struct watcher *w, struct relation *r, const struct device_owner *owner, const struct store_row *saved)
{
	struct routing_verdict v = relation_route(r);
	struct device *d = create(w, r, owner);
	int64_t left_s = saved->expires_unix_s - env_unix_ms(env_of(d)) / 1000;

	if (!v.why && v.domain->sip && read_hex(saved->key, &d->id))
		d->usage = sipside_restore(v.domain->sip, saved->dialog, &usage_owner, d);
	if (!d->usage) {
		device_destroy(d);
		return NULL;
	}
	uint64_t told = 0;

	read_hex(saved->state, &told);
	left_s = left_s > DEVICE_EXPIRES_MAX_S ? DEVICE_EXPIRES_MAX_S : left_s > 0 ? left_s : 0;
	step(d, &(struct device_event){ .on = DEVICE_ON_RESTORED, .expires_s = (int)left_s, .told = told });
	return d;
}

struct device *device_next(const struct device *d)
{
	return d->next;
}

void device_link(struct device *d, struct device *next)
{
	d->next = next;
}

void device_tell(struct device *d, bool now)
{
	step(d, &(struct device_event){ .on = DEVICE_ON_CHANGED, .now = now });
}

void device_reject(struct device *d)
{
	step(d, &(struct device_event){ .on = DEVICE_ON_REJECTED });
}

void device_destroy(struct device *d)
{
	if (!d)
		return;
	refuse(d, REASON_SHUTTING_DOWN);
	wheel_cancel(env_of(d)->wheel, &d->timer);
	proxy_abandon(&d->proxy);
	d->relation->room->devices--;
	free(d);
}

size_t device_size(void)
{
	return sizeof(struct device);
}

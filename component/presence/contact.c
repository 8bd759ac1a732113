/* SPDX-License-Identifier: MIT */
#include "component/presence/contact.h"
#include "component/presence/proxy.h"
#include "component/presence/shown.h"
#include "mapping/base/alloc.h"
#include "mapping/error.h"
#include "mapping/pidf.h"
#include "mapping/presence.h"
#include "mapping/text.h"

#include <stddef.h>
#include <stdlib.h>

struct contact {
	struct contact_rules rules;
	struct relation *relation;
	struct sipside_usage *usage; /* NULL: no dialog */
	struct proxy *proxy; /* for the outcome of a refresh */
	struct shown shown; /* what the user was told last */
	struct timer timer;
	struct pacer_item due;
};

/* What the event at hand brought along, for the actions. */
struct moment {
	uint64_t flow;
	const struct x_jid *asker; /* who gets a repetition; NULL: the bare JID */
	const struct x_presence *news; /* what a NOTIFY says; NULL: nothing */
	unsigned news_count;
};

static void step(struct contact *c, struct contact_event *e, const struct moment *m);

static const struct env *env_of(const struct contact *c)
{
	return c->relation->room->ctx->env;
}

/* -- What the user is told */
static void say(struct contact *c, const struct moment *m, enum x_kind kind)
{
	relation_say(c->relation, &(struct x_presence){ .flow = m->flow, .kind = kind });
}

/* -- The authorization */
static void save(struct contact *c, struct str line)
{
	const struct env *env = env_of(c);
	uint64_t now = env_now_ms(env), left_ms = c->rules.until_ms > now ? c->rules.until_ms - now : 0;
	struct store_row row = relation_row(c->relation, STORE_CONTACT);

	row.state = c->rules.auth == CONTACT_ALLOWED ? STR("allowed") : STR("asked");
	row.dialog = line;
	row.expires_unix_s = line.n ? (env_unix_ms(env) + (int64_t)left_ms) / 1000 : 0;
	store_put(c->relation->room->ctx->store, &row);
}

static void do_save(struct contact *c)
{
	save(c, c->usage ? sipside_saved(c->usage) : STR_NONE);
}

static void do_store(struct contact *c, const struct moment *m)
{
	bool allowed = c->rules.auth == CONTACT_ALLOWED;

	do_save(c);
	relation_event(c->relation, &(struct relation_fact){ .kind = EVENT_AUTHORIZATION,
					    .dir = DIR_X2S,
					    .flow = m->flow,
					    .xmpp = allowed ? STR("allowed") : STR("pending") });
}

static void do_unstore(struct contact *c, const struct moment *m)
{
	relation_unstore(c->relation, STORE_CONTACT);
	relation_event(c->relation,
		&(struct relation_fact){
			.kind = EVENT_AUTHORIZATION, .dir = DIR_X2S, .flow = m->flow, .xmpp = STR("ended") });
}

/* -- The dialog */
static void on_refreshed(void *arg, const struct s_result *r)
{
	struct contact *c = proxy_return(arg);

	if (c)
		step(c, &(struct contact_event){ .on = CONTACT_ON_REFRESHED, .result = r }, &(struct moment){ 0 });
}

static void tell_dialog(struct contact *c, const struct moment *m, struct str detail, const struct s_result *r)
{
	relation_event(c->relation, &(struct relation_fact){ .kind = EVENT_SUBSCRIBE,
					    .dir = DIR_X2S,
					    .flow = m->flow,
					    .sip = r ? r->status : 0,
					    .why = r ? r->why : REASON_NONE,
					    .detail = detail });
}

/* The same, for who comes from outside the room: contact and relation may be gone afterwards. */
static void step_and_settle(struct contact *c, struct contact_event *e, const struct moment *m)
{
	struct relation *r = c->relation;

	step(c, e, m);
	relation_settle(r);
}

static void on_request(void *arg, struct sipside_request *t, const struct s_request *r);

static void on_up(void *arg, const struct s_result *r)
{
	step_and_settle(arg, &(struct contact_event){ .on = CONTACT_ON_ACCEPTED, .result = r }, &(struct moment){ 0 });
}

static void on_ended(void *arg, const struct s_result *r)
{
	struct contact *c = arg;
	struct moment m = { .flow = env_flow(env_of(c)) };

	c->usage = NULL;
	proxy_abandon(&c->proxy);
	tell_dialog(c, &m, STR("ended"), r);
	step_and_settle(c, &(struct contact_event){ .on = CONTACT_ON_ENDED, .result = r }, &m);
}

static void on_keep(void *arg, struct str saved)
{
	struct contact *c = arg;

	if (c->rules.auth != CONTACT_NONE)
		save(c, saved);
}

static const struct sipside_owner owner = { .request = on_request, .up = on_up, .ended = on_ended, .keep = on_keep };

/* REASON_NONE, or why the SUBSCRIBE could not even be sent. */
static enum reason do_begin(struct contact *c, const struct moment *m, unsigned expires_s)
{
	struct routing_verdict v = relation_route(c->relation);
	enum reason why = REASON_NO_ROUTE;

	if (v.why)
		return v.why;
	struct s_request r = { .flow = m->flow ? m->flow : env_flow(env_of(c)),
		.method = S_SUBSCRIBE,
		.from = v.user_uri,
		.to = v.pair.contact,
		.expires_s = (int)expires_s };

	r.from.gruu = STR_NONE;
	if (!v.domain->sip)
		return REASON_NO_ROUTE;
	c->usage = sipside_begin(v.domain->sip, &r, &owner, c, &why);
	tell_dialog(c, m, expires_s ? STR("subscribe") : STR("farewell"),
		c->usage ? NULL : &(struct s_result){ .why = why });
	return c->usage ? REASON_NONE : why;
}

static enum reason do_refresh(struct contact *c, const struct moment *m, unsigned expires_s)
{
	struct s_request r = {
		.flow = m->flow ? m->flow : env_flow(env_of(c)), .method = S_SUBSCRIBE, .expires_s = (int)expires_s
	};
	struct proxy *p = proxy_lend(&c->proxy, c);
	enum reason why = sipside_send(c->usage, &r, on_refreshed, p);

	if (why)
		proxy_return(p);
	return why;
}

static void do_end(struct contact *c)
{
	if (!c->usage)
		return;
	proxy_abandon(&c->proxy);
	sipside_end(c->usage);
	c->usage = NULL;
	if (c->rules.auth != CONTACT_NONE)
		do_save(c); /* without it */
}

static void queue(struct contact *c, bool in)
{
	struct presence_lanes *lanes = relation_lanes(c->relation);

	if (!lanes)
		return;
	if (in)
		pacer_add(&lanes->sip, &c->due);
	else
		pacer_remove(&lanes->sip, &c->due);
}

void contact_serve(struct pacer_item *item)
{
	struct contact *c = (struct contact *)((char *)item - offsetof(struct contact, due));

	step_and_settle(
		c, &(struct contact_event){ .on = CONTACT_ON_SERVED }, &(struct moment){ .flow = env_flow(env_of(c)) });
}

/* -- A NOTIFY */
/* What the document says, in the XMPP user's words; REASON_NONE with nothing where there is no document. */
static enum reason read_news(struct contact *c, const struct s_request *r, struct moment *m)
{
	struct arena *a = env_of(c)->turn;
	struct routing_verdict v = relation_route(c->relation);
	struct s_presence doc;
	struct x_presence *news;

	if (!r->body.type.n && !r->body.bytes.n)
		return REASON_NONE;
	if (v.why || !map_type_is(r->body.type, map_pidf_type))
		return v.why ? v.why : REASON_BAD_CONTENT;
	if (!r->body.bytes.n)
		return REASON_NONE;
	enum reason why = map_pidf_read(a, r->body.bytes, &doc);

	if (why)
		return why;
	m->news_count = map_presence_s2x(a, &doc, v.domain->config->profile, v.domain->config->busy_as, &news);
	for (unsigned i = 0; i < m->news_count; i++)
		if (!news[i].lang.n)
			news[i].lang = r->body.lang;
	m->news = news;
	return REASON_NONE;
}

static void on_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct contact *c = arg;
	struct moment m = { .flow = r->flow };

	if (r->method != S_NOTIFY && r->method != S_BENOTIFY) {
		sipside_answer(t, &(struct s_result){ .why = REASON_SIP_STATUS, .status = 405, .expires_s = -1 });
		return;
	}
	enum reason why = read_news(c, r, &m);
	struct s_result answer = why ? map_error_s(why) : (struct s_result){ .status = 200, .expires_s = -1 };

	sipside_answer(t, &answer);
	relation_event(c->relation, &(struct relation_fact){ .kind = EVENT_NOTIFY,
					    .dir = DIR_S2X,
					    .flow = r->flow,
					    .sip = answer.status,
					    .why = why,
					    .xmpp = !m.news                         ? STR_NONE
						    : m.news[0].kind == X_AVAILABLE ? STR("available")
										    : STR("unavailable") });
	step_and_settle(c,
		&(struct contact_event){ .on = CONTACT_ON_NOTIFIED,
			.state = r->state,
			.state_reason = r->state_reason,
			.expires_s = r->expires_s,
			.retry_after_s = r->retry_after_s },
		&m);
}

/* -- Carrying out */
static void forget(struct contact *c)
{
	struct relation *r = c->relation;

	contact_destroy(c);
	r->contact = NULL;
}

/* REASON_NONE, or why a SUBSCRIBE could not be sent. */
static enum reason perform(
	struct contact *c, enum contact_do action, const struct contact_verdict *v, const struct moment *m)
{
	switch (action) {
	case CONTACT_DO_QUEUE:
		queue(c, true);
		break;
	case CONTACT_DO_UNQUEUE:
		queue(c, false);
		break;
	case CONTACT_DO_BEGIN:
		return do_begin(c, m, v->expires_s);
	case CONTACT_DO_REFRESH:
		return do_refresh(c, m, v->expires_s);
	case CONTACT_DO_END:
		do_end(c);
		break;
	case CONTACT_DO_SUBSCRIBED:
		say(c, m, X_SUBSCRIBED);
		break;
	case CONTACT_DO_UNSUBSCRIBED:
		say(c, m, X_UNSUBSCRIBED);
		break;
	case CONTACT_DO_SHOW:
		if (m->news)
			shown_news(&c->shown, c->relation, m->flow, m->news, m->news_count);
		break;
	case CONTACT_DO_REPEAT:
		shown_repeat(&c->shown, c->relation, m->flow, m->asker);
		break;
	case CONTACT_DO_HIDE:
		shown_hide(&c->shown, c->relation, m->flow);
		break;
	case CONTACT_DO_CLEAR:
		shown_clear(&c->shown);
		break;
	case CONTACT_DO_STORE:
		do_store(c, m);
		break;
	case CONTACT_DO_SAVE:
		do_save(c);
		break;
	case CONTACT_DO_UNSTORE:
		do_unstore(c, m);
		break;
	case CONTACT_DO_FORGET:
	case CONTACT_DOS:
		break;
	}
	return REASON_NONE;
}

static void set_timer(struct contact *c, uint64_t wake_ms)
{
	if (wake_ms)
		wheel_set(env_of(c)->wheel, &c->timer, wake_ms);
	else
		wheel_cancel(env_of(c)->wheel, &c->timer);
}

/* The one place where an event becomes actions. May free the contact (not the relation). */
static void step(struct contact *c, struct contact_event *e, const struct moment *m)
{
	e->dice = (uint32_t)env_random_u64(env_of(c));
	struct contact_verdict v = contact_step(&c->rules, e, env_now_ms(env_of(c)));
	enum reason failed = REASON_NONE;
	enum contact_on on = CONTACT_ON_FAILED;
	bool last = false;

	for (unsigned i = 0; i < v.count; i++) {
		enum reason why = perform(c, v.actions[i], &v, m);

		if (why) {
			failed = why;
			on = v.actions[i] == CONTACT_DO_REFRESH ? CONTACT_ON_REFRESHED : CONTACT_ON_FAILED;
		}
		last = v.actions[i] == CONTACT_DO_FORGET;
	}
	if (last) {
		forget(c);
		return;
	}
	set_timer(c, v.wake_ms);
	if (failed)
		step(c,
			&(struct contact_event){
				.on = on, .result = &(struct s_result){ .why = failed, .expires_s = -1 } },
			m);
}

static void wake(void *arg)
{
	struct contact *c = arg;

	step_and_settle(
		c, &(struct contact_event){ .on = CONTACT_ON_WAKE }, &(struct moment){ .flow = env_flow(env_of(c)) });
}

/* -- The record */
struct contact *contact_create(struct relation *r)
{
	struct contact *c = alloc_zero(sizeof(*c));

	c->relation = r;
	c->timer.fire = wake;
	c->timer.arg = c;
	r->contact = c;
	return c;
}

void contact_restore(struct relation *r, const struct store_row *row)
{
	struct contact *c = contact_create(r);
	struct routing_verdict v = relation_route(r);
	int64_t left_s = row->expires_unix_s - env_unix_ms(env_of(c)) / 1000;

	if (row->dialog.n && left_s > 0 && !v.why && v.domain->sip)
		c->usage = sipside_restore(v.domain->sip, row->dialog, &owner, c);
	step(c,
		&(struct contact_event){ .on = CONTACT_ON_RESTORED,
			.allowed = str_eq(row->state, STR("allowed")),
			.kept = c->usage != NULL,
			.expires_s = left_s < CONTACT_MAX_EXPIRES_S ? (int)left_s : CONTACT_MAX_EXPIRES_S },
		&(struct moment){ 0 });
}

void contact_hear(struct contact *c, enum contact_on on, const struct x_jid *asker, uint64_t flow)
{
	step(c, &(struct contact_event){ .on = on }, &(struct moment){ .flow = flow, .asker = asker });
}

void contact_link_up(struct contact *c, bool probed)
{
	step(c, &(struct contact_event){ .on = CONTACT_ON_LINK_UP, .probed = probed },
		&(struct moment){ .flow = env_flow(env_of(c)) });
}

void contact_route_up(struct contact *c)
{
	step(c, &(struct contact_event){ .on = CONTACT_ON_ROUTE_UP }, &(struct moment){ 0 });
}

bool contact_is_shown(const struct contact *c)
{
	return c->shown.first != NULL;
}

bool contact_is_allowed(const struct contact *c)
{
	return c->rules.auth == CONTACT_ALLOWED;
}

void contact_destroy(struct contact *c)
{
	if (!c)
		return;
	queue(c, false);
	shown_clear(&c->shown);
	wheel_cancel(env_of(c)->wheel, &c->timer);
	proxy_abandon(&c->proxy);
	free(c);
}

size_t contact_size(void)
{
	return sizeof(struct contact);
}

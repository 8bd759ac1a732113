/* SPDX-License-Identifier: MIT */
/* Presence that comes from XMPP: one row for each kind of stanza. Subscriptions of the user's own go to the contact, his word
 * about the SIP user's wish to the watcher (P12: the two never touch each other). */
#include "component/presence/presence_room.h"
#include "component/chat/chat.h"
#include "component/presence/contact.h"
#include "component/presence/watcher.h"
#include "mapping/address.h"
#include "mapping/error.h"

/* One stanza on its way. */
struct stanza {
	struct presence *room;
	struct xmppside_link *link;
	const struct x_presence *p;
	struct routing_verdict route;
	struct relation *relation; /* NULL: none yet */
};

static void answer(const struct stanza *s, enum x_kind kind, const struct x_error *error)
{
	struct x_presence out = {
		.flow = s->p->flow, .from = map_jid_bare(&s->p->to), .to = s->p->from, .kind = kind, .error = error
	};

	xmppside_presence(s->link, &out);
}

static void refuse(const struct stanza *s, enum reason why)
{
	const struct env *env = s->room->ctx->env;
	struct x_error error = map_error_x(env->turn, why, STR_NONE);

	answer(s, X_PRESENCE_ERROR, &error);
	env_event(env, &(struct event){ .kind = EVENT_REFUSED,
			       .dir = DIR_X2S,
			       .flow = s->p->flow,
			       .from = map_jid_print(env->turn, &s->p->from),
			       .to = map_jid_print(env->turn, &s->p->to),
			       .xmpp = error.condition,
			       .why = map_reason(why)->word });
}

/* -- The user watches */
static void on_subscribe(struct stanza *s)
{
	if (!s->relation)
		s->relation = relation_get(s->room, &s->route.pair);
	if (!s->relation) {
		refuse(s, REASON_TOO_MANY);
		return;
	}
	struct contact *c = s->relation->contact ? s->relation->contact : contact_create(s->relation);

	contact_hear(c, CONTACT_ON_SUBSCRIBE, NULL, s->p->flow);
}

static void on_unsubscribe(struct stanza *s)
{
	if (s->relation && s->relation->contact)
		contact_hear(s->relation->contact, CONTACT_ON_UNSUBSCRIBE, NULL, s->p->flow);
}

/* P16: who is not authorised is told so. */
static void on_probe(struct stanza *s)
{
	if (s->relation && s->relation->contact)
		contact_hear(s->relation->contact, CONTACT_ON_PROBE, &s->p->from, s->p->flow);
	else
		answer(s, X_UNSUBSCRIBED, NULL);
}

/* -- The user is watched */
static void on_subscribed(struct stanza *s)
{
	if (s->relation && s->relation->watcher)
		watcher_decide(s->relation->watcher, true, s->p->flow);
}

static void on_unsubscribed(struct stanza *s)
{
	if (s->relation && s->relation->watcher)
		watcher_decide(s->relation->watcher, false, s->p->flow);
}

/* -- The user comes and goes */
static void tell_watcher(struct stanza *s, bool changed)
{
	if (s->relation->watcher)
		watcher_presence(s->relation->watcher, changed, s->p->flow);
}

static void on_available(struct stanza *s)
{
	chat_user_presence(s->room->ctx->chat, s->p);
	if (!s->relation)
		return;
	bool changed = user_note(&s->room->users, &s->relation->view, s->p);

	if (s->relation->contact)
		contact_hear(s->relation->contact, CONTACT_ON_ONLINE, NULL, s->p->flow);
	tell_watcher(s, changed);
}

/* Prosody says `unavailable` to every request for authorization; only of an authorised SIP user does it mean anything (P32). */
static void on_unavailable(struct stanza *s)
{
	chat_user_presence(s->room->ctx->chat, s->p);
	if (!s->relation)
		return;
	bool changed = user_note(&s->room->users, &s->relation->view, s->p);
	bool meant = changed || (s->relation->watcher && watcher_is_allowed(s->relation->watcher));

	if (meant && s->relation->contact && !user_is_online(&s->relation->view))
		contact_hear(s->relation->contact, CONTACT_ON_OFFLINE, NULL, s->p->flow);
	tell_watcher(s, changed);
}

/* Never answered: two that answer errors with errors do not stop. */
static void on_error(struct stanza *s)
{
	const struct env *env = s->room->ctx->env;

	env_event(env, &(struct event){ .kind = EVENT_DROPPED,
			       .dir = DIR_X2S,
			       .flow = s->p->flow,
			       .from = map_jid_print(env->turn, &s->p->from),
			       .to = map_jid_print(env->turn, &s->p->to),
			       .xmpp = s->p->error ? s->p->error->condition : STR_NONE,
			       .why = map_reason(REASON_STANZA_ERROR)->word,
			       .detail = STR("presence error") });
}

static const struct {
	void (*handle)(struct stanza *);
	bool answered; /* a request: refused with an error where the pair may not be carried; others end in silence */
} rows[X_KINDS] = {
	[X_AVAILABLE] = { on_available, false },
	[X_UNAVAILABLE] = { on_unavailable, false },
	[X_SUBSCRIBE] = { on_subscribe, true },
	[X_SUBSCRIBED] = { on_subscribed, false },
	[X_UNSUBSCRIBE] = { on_unsubscribe, false },
	[X_UNSUBSCRIBED] = { on_unsubscribed, false },
	[X_PROBE] = { on_probe, true },
	[X_PRESENCE_ERROR] = { on_error, false },
};

void presence_x2s(void *context, struct xmppside_link *link, const struct x_presence *p)
{
	struct context *ctx = context;
	struct stanza s = { .room = ctx->presence, .link = link, .p = p };

	s.route = routing_x2s(ctx->routing, ctx->env->turn, link, &p->from, &p->to);
	if (s.route.why) {
		if (rows[p->kind].answered)
			refuse(&s, s.route.why);
		return;
	}
	s.relation = relation_find(s.room, s.route.pair.key);
	rows[p->kind].handle(&s);
	if (s.relation)
		relation_settle(s.relation);
}

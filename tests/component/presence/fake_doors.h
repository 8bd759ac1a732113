/* SPDX-License-Identifier: MIT */
/* Both doors, the store and the chat room as the presence room sees them, defined here instead of linked: what the room does is
 * written down, what the world does is called from the test. Included once by a test of records. Every function of the two doors
 * is here, so that the linker takes nothing from the real ones. */
#ifndef TOMBOLO_FAKE_DOORS_H
#define TOMBOLO_FAKE_DOORS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/chat/chat.h"
#include "component/presence/presence_room.h"
#include "component/presence/relation.h"
#include "mapping/address.h"
#include "mapping/base/alloc.h"
#include "mapping/pidf.h"
#include "mapping/presence.h"
#include "tests/lib/fake_env.h"

struct xmppside_link {
	char unused;
};
struct sipside_domain {
	char unused;
};
struct sipside_request {
	int status; /* 0: open */
	int expires_s;
	unsigned min_expires_s;
};
struct sipside_usage {
	const struct sipside_owner *owner;
	void *arg;
	bool alive;
};
struct fake_send {
	sipside_done *done;
	void *arg;
	struct sipside_usage *usage;
};

enum { FAKE_MAX = 4096 };

/* Everything that left the room, in order, one line each; asked for with took(). */
static struct {
	struct fake_env env;
	struct config config;
	struct config_domain domain;
	struct str serves;
	struct context ctx;
	struct xmppside_link link;
	struct sipside_domain sip;
	struct buf log;
	struct sipside_usage usages[FAKE_MAX];
	unsigned usages_count;
	struct fake_send sends[FAKE_MAX];
	unsigned sends_count, sends_done;
	enum reason begin_fails, send_fails;
	struct {
		void (*durable)(void *arg, enum reason why);
		void *arg;
	} waiting[FAKE_MAX]; /* for the disk */
	unsigned waiting_count, waiting_done;
	unsigned puts, restates, drops;
	struct buf row_state;
} fake;

static const char *const kinds[X_KINDS] = { "available", "unavailable", "subscribe", "subscribed", "unsubscribe",
	"unsubscribed", "probe", "error" };
static const char *const shows[X_SHOWS] = { "-", "chat", "away", "xa", "dnd" };
static const char *const substates[S_SUBSTATES] = { "none", "pending", "active", "terminated" };

/* -- xmppside */
void xmppside_presence(struct xmppside_link *link, const struct x_presence *p)
{
	struct arena *a = fake.env.env.turn;

	(void)link;
	buf_printf(&fake.log, "%s " STR_FMT " " STR_FMT, kinds[p->kind], STR_ARG(map_jid_print(a, &p->from)),
		STR_ARG(map_jid_print(a, &p->to)));
	if (p->kind == X_AVAILABLE)
		buf_printf(&fake.log, " %s", shows[p->show]);
	if (p->error)
		buf_printf(&fake.log, " " STR_FMT, STR_ARG(p->error->condition));
	if (p->nick.n)
		buf_printf(&fake.log, " nick=" STR_FMT, STR_ARG(p->nick));
	buf_addc(&fake.log, '\n');
}

struct str xmppside_component(const struct xmppside_link *link)
{
	(void)link;
	return STR("sip.example");
}

bool xmppside_is_up(const struct xmppside_link *link)
{
	(void)link;
	return true;
}

/* -- sipside */
struct sipside_usage *sipside_begin(struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why)
{
	(void)d;
	if (fake.begin_fails) {
		*why = fake.begin_fails;
		return NULL;
	}
	buf_printf(&fake.log, "SUBSCRIBE " STR_FMT " expires=%d\n", STR_ARG(r->to.user), r->expires_s);
	struct sipside_usage *u = &fake.usages[fake.usages_count++];

	*u = (struct sipside_usage){ .owner = owner, .arg = arg, .alive = true };
	return u;
}

struct sipside_usage *sipside_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg)
{
	struct sipside_usage *u = &fake.usages[fake.usages_count++];

	(void)t;
	*u = (struct sipside_usage){ .owner = owner, .arg = arg, .alive = true };
	return u;
}

struct sipside_usage *sipside_restore(
	struct sipside_domain *d, struct str saved, const struct sipside_owner *owner, void *arg)
{
	(void)d;
	if (!str_eq(saved, STR("line")))
		return NULL;
	return sipside_accept(NULL, owner, arg);
}

struct str sipside_saved(struct sipside_usage *u)
{
	return u->alive ? STR("line") : STR_NONE;
}

static const char *body_word(const struct s_body *body)
{
	struct s_presence doc;
	struct x_presence *news;

	if (!body->bytes.n)
		return "empty";
	if (map_pidf_read(fake.env.env.turn, body->bytes, &doc))
		return "unreadable";
	map_presence_s2x(fake.env.env.turn, &doc, fake.domain.profile, X_SHOW_DND, &news);
	return news[0].kind == X_AVAILABLE ? shows[news[0].show] : "closed";
}

enum reason sipside_send(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg)
{
	if (!u->alive)
		abort();
	if (fake.send_fails)
		return fake.send_fails;
	if (r->method == S_NOTIFY)
		buf_printf(&fake.log, "NOTIFY %u %s %s\n", (unsigned)(u - fake.usages), substates[r->state],
			body_word(&r->body));
	else
		buf_printf(&fake.log, "REFRESH %u expires=%d\n", (unsigned)(u - fake.usages), r->expires_s);
	fake.sends[fake.sends_count++] = (struct fake_send){ done, arg, u };
	return REASON_NONE;
}

void sipside_end(struct sipside_usage *u)
{
	if (!u->alive)
		abort();
	u->alive = false;
	buf_printf(&fake.log, "END %u\n", (unsigned)(u - fake.usages));
}

void sipside_answer(struct sipside_request *t, const struct s_result *r)
{
	if (t->status)
		abort(); /* exactly once */
	t->status = r->status;
	t->expires_s = r->expires_s;
	t->min_expires_s = r->min_expires_s;
	buf_printf(&fake.log, "%d\n", r->status);
}

struct str sipside_domain_name(const struct sipside_domain *d)
{
	(void)d;
	return STR("corp.example");
}

/* -- the store and chat */
void store_put(struct store *s, const struct store_row *row)
{
	(void)s;
	fake.puts++;
	buf_clear(&fake.row_state);
	buf_add(&fake.row_state, row->state);
}

void store_restate(struct store *s, const struct store_row *row)
{
	(void)s;
	fake.restates++;
	buf_clear(&fake.row_state);
	buf_add(&fake.row_state, row->state);
}

void store_drop(struct store *s, const struct store_row *row)
{
	(void)s;
	(void)row;
	fake.drops++;
}

void store_after(struct store *s, void (*durable)(void *arg, enum reason why), void *arg)
{
	(void)s;
	fake.waiting[fake.waiting_count].durable = durable;
	fake.waiting[fake.waiting_count++].arg = arg;
}

void chat_user_presence(struct chat *c, const struct x_presence *p)
{
	(void)c;
	(void)p;
}

/* -- What the world does */
static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake_env_init(&fake.env);
	fake.serves = STR("home.example");
	fake.domain = (struct config_domain){ .name = STR("corp.example"),
		.mode = CONFIG_GATEWAY,
		.profile = map_profile_find(STR("simple")),
		.link.component = STR("sip.example"),
		.serves = &fake.serves,
		.serves_count = 1,
		.authorize = CONFIG_ASK,
		.busy_as = X_SHOW_DND };
	fake.config = (struct config){ .domains = &fake.domain, .domains_count = 1, .limits.subscriptions = 1000 };
	fake.ctx = (struct context){ .env = &fake.env.env, .config = &fake.config };
	fake.ctx.routing = routing_create(&fake.config);
	routing_at(fake.ctx.routing, 0)->sip = &fake.sip;
	routing_at(fake.ctx.routing, 0)->link = &fake.link;
	fake.ctx.presence = presence_create(&fake.ctx);
	return 0;
}

/* The outcomes that are still out arrive after the room has gone, as at the end of the daemon. */
static int tear_down(void **state)
{
	(void)state;
	presence_destroy(fake.ctx.presence);
	for (unsigned i = fake.sends_done; i < fake.sends_count; i++)
		fake.sends[i].done(fake.sends[i].arg, &(struct s_result){ .why = REASON_SHUTTING_DOWN });
	while (fake.waiting_done < fake.waiting_count) {
		unsigned i = fake.waiting_done++;

		fake.waiting[i].durable(fake.waiting[i].arg, REASON_NONE);
	}
	routing_destroy(fake.ctx.routing);
	buf_finish(&fake.log);
	buf_finish(&fake.row_state);
	fake_env_finish(&fake.env);
	return 0;
}

/* The disk has, or has not, what was put before the oldest question. */
static void durable(enum reason why)
{
	unsigned i = fake.waiting_done++;

	fake.waiting[i].durable(fake.waiting[i].arg, why);
	env_end_turn(&fake.env.env);
}

static void committed(void)
{
	while (fake.waiting_done < fake.waiting_count)
		durable(REASON_NONE);
}

static struct x_jid jid(const char *text)
{
	struct x_jid out = { 0 };

	if (map_jid_parse(fake.env.env.turn, str_c(text), &out))
		abort();
	return out;
}

static void x_says_show(const char *from, enum x_kind kind, const char *to, enum x_show show)
{
	struct x_presence p = { .flow = 1, .from = jid(from), .to = jid(to), .kind = kind, .show = show };

	presence_x2s(&fake.ctx, &fake.link, &p);
	env_end_turn(&fake.env.env);
	committed();
}

static inline void x_says(const char *from, enum x_kind kind, const char *to)
{
	x_says_show(from, kind, to, X_SHOW_NONE);
}

static inline struct s_uri uri(const char *text)
{
	struct s_uri out = { 0 };

	if (map_uri_parse(fake.env.env.turn, str_c(text), &out))
		abort();
	return out;
}

static inline void pass(uint64_t ms)
{
	fake_env_advance(&fake.env, ms);
	committed();
}

/* All that left the room since the last call is exactly this. */
#define took(expected)                                                                                                 \
	do {                                                                                                           \
		buf_addc(&fake.log, '\0');                                                                             \
		assert_string_equal(fake.log.p, expected);                                                             \
		buf_clear(&fake.log);                                                                                  \
	} while (0)

#endif

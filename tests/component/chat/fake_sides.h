/* SPDX-License-Identifier: MIT */
/* Both doors and the store as a test sees them: every call is a line of `said`, every open end waits for the test.
 * Defines the doors' functions, so it is included once in an executable, and the real sides are not linked. */
#ifndef TOMBOLO_FAKE_SIDES_H
#define TOMBOLO_FAKE_SIDES_H

#include "component/store/store.h"
#include "mapping/base/alloc.h"
#include "sipside/sipside.h"
#include "xmppside/xmppside.h"

#include <stdlib.h>

enum { FAKE_MAX = 8192 };

struct sipside_request {
	int answers, status;
	unsigned retry_after_s;
};
struct sipside_usage {
	const struct sipside_owner *owner;
	void *arg;
	bool up, ended, dying; /* dying: an answer ended the dialog */
};
struct fake_send {
	struct sipside_usage *usage; /* NULL: a page */
	sipside_done *done;
	void *arg;
	bool open;
};
struct fake_delivery {
	xmppside_done *done;
	void *arg;
	char id[64];
	bool open;
};

static struct {
	struct buf said;
	struct sipside_request tickets[FAKE_MAX];
	struct sipside_usage usages[FAKE_MAX];
	struct fake_send sends[FAKE_MAX];
	struct fake_delivery deliveries[FAKE_MAX];
	unsigned tickets_n, usages_n, sends_n, deliveries_n;
	enum reason begin_fails, send_fails, deliver_fails, restore_fails;
} fake;

static inline void fake_reset(void)
{
	buf_finish(&fake.said);
	memset(&fake, 0, sizeof(fake));
}

static inline struct sipside_request *fake_ticket(void)
{
	return &fake.tickets[fake.tickets_n++];
}

static inline void fake_say_request(const char *what, const struct s_request *r)
{
	static const char *const methods[S_METHODS] = {
		[S_INVITE] = "INVITE", [S_MESSAGE] = "MESSAGE", [S_INFO] = "INFO"
	};

	buf_printf(&fake.said, "%s %s", what, methods[r->method]);
	if (r->body.bytes.n)
		buf_printf(&fake.said, " %s",
			r->body.type.n >= 10 && str_starts(r->body.type, STR("text/plain")) ? "text:" : "typing:");
	if (str_starts(r->body.type, STR("text/plain")))
		buf_add(&fake.said, r->body.bytes);
	else if (r->body.bytes.n) {
		bool idle = false;

		for (size_t i = 0; i + 4 <= r->body.bytes.n; i++)
			idle |= str_eq(str_cut(r->body.bytes, i, i + 4), STR("idle"));
		buf_printf(&fake.said, "%s", idle ? "idle" : "active");
	}
	buf_lit(&fake.said, "\n");
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
	buf_printf(&fake.said, "%u ", fake.usages_n);
	fake_say_request("begin", r);
	fake.usages[fake.usages_n] = (struct sipside_usage){ .owner = owner, .arg = arg };
	return &fake.usages[fake.usages_n++];
}

struct sipside_usage *sipside_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg)
{
	(void)t;
	buf_printf(&fake.said, "%u accept\n", fake.usages_n);
	fake.usages[fake.usages_n] = (struct sipside_usage){ .owner = owner, .arg = arg };
	return &fake.usages[fake.usages_n++];
}

struct sipside_usage *sipside_restore(
	struct sipside_domain *d, struct str saved, const struct sipside_owner *owner, void *arg)
{
	(void)d;
	buf_printf(&fake.said, "%u restore " STR_FMT "\n", fake.usages_n, STR_ARG(saved));
	if (fake.restore_fails)
		return NULL;
	fake.usages[fake.usages_n] = (struct sipside_usage){ .owner = owner, .arg = arg, .up = true };
	return &fake.usages[fake.usages_n++];
}

static inline enum reason fake_sent(struct sipside_usage *u, sipside_done *done, void *arg)
{
	fake.sends[fake.sends_n++] = (struct fake_send){ .usage = u, .done = done, .arg = arg, .open = true };
	return REASON_NONE;
}

enum reason sipside_send(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg)
{
	if (fake.send_fails)
		return fake.send_fails;
	buf_printf(&fake.said, "%u ", (unsigned)(u - fake.usages));
	fake_say_request("send", r);
	if (u->ended || !u->up)
		abort();
	return fake_sent(u, done, arg);
}

void sipside_end(struct sipside_usage *u)
{
	buf_printf(&fake.said, "%u end\n", (unsigned)(u - fake.usages));
	if (u->ended)
		abort();
	u->ended = true;
}

enum reason sipside_page(struct sipside_domain *d, const struct s_request *r, sipside_done *done, void *arg)
{
	(void)d;
	if (fake.send_fails)
		return fake.send_fails;
	fake_say_request("page", r);
	return fake_sent(NULL, done, arg);
}

void sipside_answer(struct sipside_request *t, const struct s_result *r)
{
	t->answers++;
	t->status = r->status;
	t->retry_after_s = r->retry_after_s;
	buf_printf(&fake.said, "answer %d\n", r->status);
	if (t->answers > 1 || r->status < 200 || r->words.n == 0)
		abort();
}

/* -- xmppside */

static inline void fake_say_message(const char *what, const struct x_message *m)
{
	static const char *const chats[X_CHATS] = { "", " <active>", " <composing>", " <paused>", " <inactive>",
		" <gone>" };

	buf_printf(&fake.said, "%s " STR_FMT "@" STR_FMT, what, STR_ARG(m->from.node), STR_ARG(m->from.domain));
	if (m->from.resource.n)
		buf_printf(&fake.said, "/" STR_FMT, STR_ARG(m->from.resource));
	buf_printf(&fake.said, " to " STR_FMT "@" STR_FMT, STR_ARG(m->to.node), STR_ARG(m->to.domain));
	if (m->to.resource.n)
		buf_printf(&fake.said, "/" STR_FMT, STR_ARG(m->to.resource));
	if (m->has_body)
		buf_printf(&fake.said, " \"" STR_FMT "\"", STR_ARG(m->body));
	buf_printf(&fake.said, "%s", chats[m->chat]);
	if (m->thread.n)
		buf_printf(&fake.said, " thread=" STR_FMT, STR_ARG(m->thread));
	if (m->received.n)
		buf_printf(&fake.said, " received=" STR_FMT, STR_ARG(m->received));
}

struct str xmppside_component(const struct xmppside_link *link)
{
	(void)link;
	return STR("sip.example.com");
}

enum reason xmppside_deliver(struct xmppside_link *link, const struct x_message *m, xmppside_done *done, void *arg)
{
	(void)link;
	if (fake.deliver_fails)
		return fake.deliver_fails;
	struct fake_delivery *d = &fake.deliveries[fake.deliveries_n++];

	*d = (struct fake_delivery){ .done = done, .arg = arg, .open = true };
	snprintf(d->id, sizeof(d->id), STR_FMT, STR_ARG(m->id));
	fake_say_message("deliver", m);
	buf_lit(&fake.said, "\n");
	return REASON_NONE;
}

void xmppside_signal(struct xmppside_link *link, const struct x_message *m)
{
	(void)link;
	fake_say_message("signal", m);
	buf_lit(&fake.said, "\n");
}

void xmppside_bounce(struct xmppside_link *link, const struct x_message *original, const struct x_error *error)
{
	(void)link;
	buf_printf(&fake.said, "bounce id=" STR_FMT " to " STR_FMT "/" STR_FMT " " STR_FMT "\n", STR_ARG(original->id),
		STR_ARG(original->from.node), STR_ARG(original->from.resource), STR_ARG(error->condition));
	if (original->type == X_TYPE_ERROR || error->text.n == 0)
		abort();
}

/* -- store */

void store_put(struct store *s, const struct store_row *row)
{
	(void)s;
	buf_printf(&fake.said, "put " STR_FMT "\n", STR_ARG(row->dialog));
}

void store_drop(struct store *s, const struct store_row *row)
{
	(void)s, (void)row;
	buf_lit(&fake.said, "drop\n");
}

/* -- What the test makes happen */

static inline void fake_outcome(unsigned send, const struct s_result *r)
{
	struct fake_send *s = &fake.sends[send];

	if (!s->open)
		abort();
	s->open = false;
	if (r->usage_gone && s->usage)
		s->usage->dying = true;
	s->done(s->arg, r);
}

static inline void fake_delivered(unsigned delivery, const struct x_error *error)
{
	struct fake_delivery *d = &fake.deliveries[delivery];

	if (!d->open)
		abort();
	d->open = false;
	d->done(d->arg, error);
}

static inline void fake_up(unsigned usage)
{
	fake.usages[usage].up = true;
	fake.usages[usage].owner->up(fake.usages[usage].arg, &(struct s_result){ .status = 200 });
}

static inline void fake_ended(unsigned usage, const struct s_result *r)
{
	if (fake.usages[usage].ended)
		abort();
	fake.usages[usage].ended = true;
	fake.usages[usage].owner->ended(fake.usages[usage].arg, r);
}

#endif

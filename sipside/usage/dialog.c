/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/dialog.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"
#include "sipside/syntax/names.h"

struct str dialog_part(const struct dialog *d, enum dialog_part part)
{
	size_t from = part == 0 ? 0 : d->end[part - 1];

	return (struct str){ d->text + from, d->end[part] - from };
}

struct str dialog_local_tag(const struct dialog *d)
{
	struct str local = dialog_part(d, DIALOG_LOCAL);

	return str_cut(local, local.n - d->local_tag_n, local.n);
}

struct str dialog_remote_tag(const struct dialog *d)
{
	return str_cut(dialog_part(d, DIALOG_REMOTE), d->remote_tag_at, (size_t)d->remote_tag_at + d->remote_tag_n);
}

/* A value goes back out on one line of ours: folds become blanks. */
static void copy_flat(char *to, struct str from)
{
	for (size_t i = 0; i < from.n; i++)
		to[i] = from.p[i] == '\r' || from.p[i] == '\n' ? ' ' : from.p[i];
}

bool dialog_set_parts(struct dialog *d, const struct str parts[DIALOG_PARTS])
{
	size_t n = 0;

	for (int i = 0; i < DIALOG_PARTS; i++)
		n += parts[i].n;
	if (n > DIALOG_MAX_BYTES)
		return false;
	char *text = alloc_zero(n + 1), *at = text;

	for (int i = 0; i < DIALOG_PARTS; i++) {
		if (i == DIALOG_ROUTES && parts[i].n)
			memcpy(at, parts[i].p, parts[i].n); /* its line ends divide the values */
		else
			copy_flat(at, parts[i]);
		at += parts[i].n;
		d->end[i] = (uint16_t)(at - text);
	}
	free(d->text);
	d->text = text;
	return true;
}

bool dialog_set_part(struct dialog *d, enum dialog_part part, struct str value)
{
	struct str parts[DIALOG_PARTS];

	for (int i = 0; i < DIALOG_PARTS; i++)
		parts[i] = i == (int)part ? value : dialog_part(d, (enum dialog_part)i);
	return dialog_set_parts(d, parts);
}

static bool is_tag_name(struct str s, size_t at)
{
	return str_starts_nocase(str_cut(s, at, s.n), STR("tag"));
}

/* Parameters follow the angle brackets, or a plain URI's first semicolon: the last ";tag=" with this value is it. */
void dialog_set_remote_tag(struct dialog *d, struct str tag)
{
	struct str remote = dialog_part(d, DIALOG_REMOTE);

	d->remote_tag_at = d->remote_tag_n = 0;
	for (size_t at = remote.n; tag.n && at-- > 0;) {
		struct str rest = str_cut(remote, at, remote.n);
		size_t name = at;

		while (name > 0 && (remote.p[name - 1] == ' ' || remote.p[name - 1] == '\t'))
			name--;
		if (!str_starts(rest, tag) || name < 4 || remote.p[name - 1] != '=')
			continue;
		while (name > 1 && (remote.p[name - 2] == ' ' || remote.p[name - 2] == '\t'))
			name--;
		if (name < 4 || !is_tag_name(remote, name - 4))
			continue;
		d->remote_tag_at = (uint16_t)at;
		d->remote_tag_n = (uint16_t)tag.n;
		return;
	}
}

void dialog_finish(struct dialog *d)
{
	free(d->text);
	d->text = NULL;
}

/* -- Making one */

static struct str with_tag(const struct env *env, struct str value, struct str tag)
{
	char *p = arena_alloc(env->turn, value.n + tag.n + 6);

	memcpy(p, value.p, value.n);
	memcpy(p + value.n, ";tag=", 5);
	memcpy(p + value.n + 5, tag.p, tag.n);
	return (struct str){ p, value.n + 5 + tag.n };
}

bool dialog_init_caller(struct dialog *d, const struct env *env, const struct dialog_caller *c)
{
	const struct str parts[DIALOG_PARTS] = {
		[DIALOG_CALL_ID] = c->call_id,
		[DIALOG_LOCAL] = with_tag(env, c->from, c->tag),
		[DIALOG_REMOTE] = c->to,
		[DIALOG_TARGET] = c->target,
	};

	d->local_tag_n = (uint16_t)c->tag.n;
	return dialog_set_parts(d, parts);
}

/* The URI of a Route value: what stands in its angle brackets. */
static struct str route_uri(struct str value)
{
	size_t open = str_find(value, '<');
	struct str rest = str_cut(value, open + 1, value.n);

	return open == value.n ? value : str_cut(rest, 0, str_find(rest, '>'));
}

static bool read_uri(const struct env *env, struct str text, struct sipside_uri *out)
{
	struct sipside_msg m = { .env = env }; /* a URI needs nothing else of the message it stands in */

	return sipside_msg_uri(&m, text, out);
}

/* The Record-Routes of m as one part. Our own were put there by us (mapping/profile: record_route). */
static struct str route_set(const struct sipside_msg *m, bool reversed, const struct locate *self)
{
	struct str *values;
	unsigned count = sipside_msg_routes(m, HDR_RECORD_ROUTE, &values);
	char *text = arena_alloc(m->env->turn, m->bytes.n + count + 1), *at = text;

	for (unsigned i = 0; i < count; i++) {
		struct str value = values[reversed ? count - 1 - i : i];
		struct sipside_uri uri;

		if (read_uri(m->env, route_uri(value), &uri) && locate_is_us(self, uri.as.host, uri.port))
			continue;
		if (at > text)
			*at++ = '\n';
		copy_flat(at, value);
		at += value.n;
	}
	return (struct str){ text, (size_t)(at - text) };
}

static struct str contact_uri(const struct sipside_msg *m)
{
	struct sipside_party contact;

	return sipside_msg_contact(m, &contact) ? contact.uri.raw : STR_NONE;
}

bool dialog_init_called(struct dialog *d, const struct sipside_msg *m, struct str tag, const struct locate *self)
{
	struct sipside_event event = { STR_NONE, STR_NONE };
	struct str parts[DIALOG_PARTS] = {
		[DIALOG_CALL_ID] = m->call_id,
		[DIALOG_REMOTE] = m->from.raw,
		[DIALOG_TARGET] = contact_uri(m),
		[DIALOG_ROUTES] = route_set(m, false, self),
	};

	if (m->method == S_SUBSCRIBE && sipside_msg_event(m, &event))
		parts[DIALOG_EVENT_ID] = event.id;
	parts[DIALOG_LOCAL] = with_tag(m->env, m->to.raw, tag);
	if (!parts[DIALOG_TARGET].n || !dialog_set_parts(d, parts))
		return false;
	d->local_tag_n = (uint16_t)tag.n;
	dialog_set_remote_tag(d, m->from.tag);
	d->remote_cseq = m->cseq;
	d->remote_cseq_known = true;
	return true;
}

static bool take_remote(struct dialog *d, const struct sipside_msg *m, const struct sipside_party *remote,
	bool reversed, const struct locate *self)
{
	struct str target = contact_uri(m);
	const struct str parts[DIALOG_PARTS] = {
		[DIALOG_CALL_ID] = dialog_part(d, DIALOG_CALL_ID),
		[DIALOG_LOCAL] = dialog_part(d, DIALOG_LOCAL),
		[DIALOG_REMOTE] = remote->raw,
		[DIALOG_TARGET] = target.n ? target : dialog_part(d, DIALOG_TARGET),
		[DIALOG_ROUTES] = route_set(m, reversed, self),
		[DIALOG_EVENT_ID] = dialog_part(d, DIALOG_EVENT_ID),
	};

	if (!dialog_set_parts(d, parts))
		return false;
	dialog_set_remote_tag(d, remote->tag);
	return true;
}

bool dialog_take_answer(struct dialog *d, const struct sipside_msg *m, const struct locate *self)
{
	return take_remote(d, m, &m->to, true, self);
}

bool dialog_take_notify(struct dialog *d, const struct sipside_msg *m, const struct locate *self)
{
	return take_remote(d, m, &m->from, false, self);
}

bool dialog_refresh_target(struct dialog *d, const struct sipside_msg *m, bool *changed)
{
	struct str target = contact_uri(m);

	*changed = target.n && !str_eq(target, dialog_part(d, DIALOG_TARGET));
	return !*changed || dialog_set_part(d, DIALOG_TARGET, target);
}

/* -- Using it */

bool dialog_in_order(struct dialog *d, uint32_t cseq)
{
	if (d->remote_cseq_known && cseq < d->remote_cseq)
		return false;
	d->remote_cseq = cseq;
	d->remote_cseq_known = true;
	return true;
}

uint32_t dialog_next_cseq(struct dialog *d, bool *reserve)
{
	*reserve = d->reserved_cseq - d->local_cseq <= DIALOG_CSEQ_BLOCK / 2;
	if (*reserve)
		d->reserved_cseq += DIALOG_CSEQ_BLOCK;
	return ++d->local_cseq;
}

/* Route lines, and by a strict router the other Request-URI; *next_hop is whose host gets the request. */
static void add_routes(const struct env *env, const struct dialog *d, struct buf *b, struct sipside_outgoing *out,
	struct str *next_hop)
{
	struct str routes = dialog_part(d, DIALOG_ROUTES), rest = routes, target = out->uri;
	struct sipside_uri uri;

	*next_hop = target;
	if (!routes.n)
		return;
	*next_hop = route_uri(str_next(&rest, '\n'));
	bool strict = read_uri(env, *next_hop, &uri) && !uri.lr;

	if (strict)
		out->uri = *next_hop;
	else
		rest = routes;
	while (rest.n) {
		buf_lit(b, "Route: ");
		buf_add(b, str_next(&rest, '\n'));
		buf_lit(b, "\r\n");
	}
	/* A strict router finds itself in the Request-URI and the target last in the route set. */
	if (strict)
		buf_printf(b, "Route: <" STR_FMT ">\r\n", STR_ARG(target));
}

void dialog_compose(const struct env *env, const struct dialog *d, const struct dialog_request *r,
	struct sipside_outgoing *out, struct str *next_hop)
{
	struct buf b = { 0 };

	*out = (struct sipside_outgoing){ .method = r->method, .uri = dialog_part(d, DIALOG_TARGET) };
	add_routes(env, d, &b, out, next_hop);
	buf_printf(&b,
		"Max-Forwards: %d\r\nFrom: " STR_FMT "\r\nTo: " STR_FMT "\r\nCall-ID: " STR_FMT "\r\nCSeq: %u " STR_FMT
		"\r\n",
		r->hops > 0 ? r->hops : 70, STR_ARG(dialog_part(d, DIALOG_LOCAL)),
		STR_ARG(dialog_part(d, DIALOG_REMOTE)), STR_ARG(dialog_part(d, DIALOG_CALL_ID)), r->cseq,
		STR_ARG(name_of_method(r->method)));
	buf_add(&b, r->lines);
	out->headers = arena_str(env->turn, buf_str(&b));
	buf_finish(&b);
	out->content_type = r->body.type;
	out->body = r->body.bytes;
}

/* -- Which answer ends what */

enum { SESSION = 1 << DIALOG_SESSION, WATCH = 1 << DIALOG_SUBSCRIBER | 1 << DIALOG_NOTIFIER };
static const struct {
	int status;
	unsigned ends; /* bits of enum dialog_usage */
	bool not_processed;
} status_table[] = {
	{ 404, SESSION | WATCH, false },
	{ 405, WATCH, false },
	{ 408, SESSION, false }, /* it may have arrived */
	{ 410, SESSION | WATCH, false },
	{ 416, SESSION | WATCH, false },
	{ 480, SESSION | WATCH, true }, /* Lync: the dialog is dead (wire-lync.md 1.7) */
	{ 481, SESSION | WATCH, true },
	{ 482, SESSION | WATCH, false },
	{ 483, SESSION | WATCH, false },
	{ 484, SESSION | WATCH, false },
	{ 485, SESSION | WATCH, false },
	{ 489, WATCH, false },
	{ 501, WATCH, false },
	{ 502, SESSION, false },
	{ 503, 0, true },
	{ 604, SESSION | WATCH, false },
};
enum { STATUSES = sizeof(status_table) / sizeof(status_table[0]) };

/* Communicator loses count of its own dialog and says so with a 500; nothing of the request was looked at. */
static bool is_stale_cseq(int status, struct str phrase)
{
	return status == 500 && str_starts_nocase(phrase, STR("Stale CSeq"));
}

bool dialog_status_ends(enum dialog_usage usage, int status, struct str phrase)
{
	for (int i = 0; i < STATUSES; i++)
		if (status_table[i].status == status)
			return (status_table[i].ends & 1u << usage) != 0;
	return usage == DIALOG_SESSION && is_stale_cseq(status, phrase);
}

bool dialog_silence_ends(enum dialog_usage usage, enum s_method method)
{
	return usage == DIALOG_SESSION || (usage == DIALOG_NOTIFIER && method == S_NOTIFY);
}

bool dialog_status_not_processed(int status, struct str phrase)
{
	for (int i = 0; i < STATUSES; i++)
		if (status_table[i].status == status)
			return status_table[i].not_processed;
	return is_stale_cseq(status, phrase);
}

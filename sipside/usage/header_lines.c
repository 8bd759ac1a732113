/* SPDX-License-Identifier: MIT */
#include "sipside/usage/header_lines.h"

#include "mapping/address.h"
#include "sipside/uas/uas.h"

static const struct str state_words[S_SUBSTATES] = {
	[S_SUB_NONE] = STR_INIT("active"),
	[S_SUB_PENDING] = STR_INIT("pending"),
	[S_SUB_ACTIVE] = STR_INIT("active"),
	[S_SUB_TERMINATED] = STR_INIT("terminated"),
};
static const struct str reason_words[S_WHYS] = {
	[S_WHY_NONE] = STR_INIT(""),
	[S_WHY_DEACTIVATED] = STR_INIT("deactivated"),
	[S_WHY_PROBATION] = STR_INIT("probation"),
	[S_WHY_REJECTED] = STR_INIT("rejected"),
	[S_WHY_TIMEOUT] = STR_INIT("timeout"),
	[S_WHY_GIVEUP] = STR_INIT("giveup"),
	[S_WHY_NORESOURCE] = STR_INIT("noresource"),
	[S_WHY_INVARIANT] = STR_INIT("invariant"),
	[S_WHY_OTHER] = STR_INIT("giveup"),
};

struct str header_clean(const struct env *env, struct str s)
{
	struct str copy = arena_str(env->turn, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return copy;
}

struct str header_lines_of_text(const struct env *env, struct str subject, struct str lang)
{
	struct str a = STR_NONE, b = STR_NONE;

	if (subject.n)
		a = arena_printf(env->turn, "Subject: " STR_FMT "\r\n", STR_ARG(header_clean(env, subject)));
	if (lang.n)
		b = arena_printf(env->turn, "Content-Language: " STR_FMT "\r\n", STR_ARG(header_clean(env, lang)));
	return a.n || b.n ? arena_printf(env->turn, STR_FMT STR_FMT, STR_ARG(a), STR_ARG(b)) : STR_NONE;
}

static struct str event_line(const struct env *env, struct str id)
{
	if (!id.n)
		return STR("Event: presence\r\n");
	return arena_printf(env->turn, "Event: presence;id=" STR_FMT "\r\n", STR_ARG(id));
}

struct str header_lines_subscribe(const struct env *env, struct str event_id, int expires_s)
{
	return arena_printf(env->turn, STR_FMT "Accept: application/pidf+xml\r\nExpires: %d\r\n",
		STR_ARG(event_line(env, event_id)), expires_s < 0 ? 3600 : expires_s);
}

/* RFC 6665 3.1.1: active and pending say how long it still lasts, terminated says why. */
static struct str notify_lines(const struct env *env, struct str event_id, const struct usage_send *s)
{
	struct buf b = { 0 };

	buf_add(&b, event_line(env, event_id));
	buf_lit(&b, "Subscription-State: ");
	buf_add(&b, state_words[s->state]);
	if (s->state != S_SUB_TERMINATED && s->expires_s >= 0)
		buf_printf(&b, ";expires=%d", s->expires_s);
	if (s->state == S_SUB_TERMINATED && s->state_reason != S_WHY_NONE)
		buf_printf(&b, ";reason=" STR_FMT, STR_ARG(reason_words[s->state_reason]));
	if (s->state == S_SUB_TERMINATED && s->retry_after_s)
		buf_printf(&b, ";retry-after=%u", s->retry_after_s);
	buf_lit(&b, "\r\n");
	buf_add(&b, header_lines_of_text(env, STR_NONE, s->body.lang));
	struct str lines = arena_str(env->turn, buf_str(&b));

	buf_finish(&b);
	return lines;
}

struct str header_lines_of_send(const struct sipside_usage *u, const struct usage_send *s)
{
	struct str id = dialog_part(&u->dialog, DIALOG_EVENT_ID);

	if (s->method == S_NOTIFY)
		return notify_lines(u->all->env, id, s);
	if (s->method == S_SUBSCRIBE)
		return header_lines_subscribe(u->all->env, id, s->expires_s);
	return header_lines_of_text(u->all->env, s->subject, s->body.lang);
}

/* What a person at the other side may see of our reason (RFC 3261 20.43, code 399). */
static void add_warning(struct buf *b, const struct locate *l, struct str words)
{
	struct str clean = header_clean(l->env, words);

	buf_printf(b, "Warning: 399 " STR_FMT " \"", STR_ARG(l->node));
	for (size_t i = 0; i < clean.n && i < 200; i++) {
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, clean.p[i]);
	}
	buf_lit(b, "\"\r\n");
}

struct str header_lines_of_refusal(const struct locate *l, const struct s_result *r)
{
	struct buf b = { 0 };

	if (r->status < 300)
		return STR_NONE;
	if (r->retry_after_s)
		buf_printf(&b, "Retry-After: %u\r\n", r->retry_after_s);
	if (r->status == 423)
		buf_printf(&b, "Min-Expires: %u\r\n", r->min_expires_s ? r->min_expires_s : 60);
	if (r->status == 405)
		buf_add(&b, sipside_uas_allow());
	if (r->status == 415)
		buf_add(&b, sipside_uas_accept());
	if (r->status == 489)
		buf_add(&b, sipside_uas_allow_events());
	if (r->words.n)
		add_warning(&b, l, r->words);
	struct str lines = arena_str(l->env->turn, buf_str(&b));

	buf_finish(&b);
	return lines;
}

struct str header_uri(const struct env *env, const struct s_uri *uri)
{
	return map_uri_print(env->turn, uri);
}

/* A display name as a quoted-string and a blank behind; empty where there is none. */
static struct str quoted_name(const struct env *env, struct str display)
{
	if (!display.n)
		return STR_NONE;
	char *text = arena_room(env->turn, 2 * display.n + 3), *p = text;
	struct str clean = header_clean(env, display);

	*p++ = '"';
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			*p++ = '\\';
		*p++ = clean.p[i];
	}
	*p++ = '"';
	*p++ = ' ';
	return (struct str){ text, (size_t)(p - text) };
}

struct str header_party(const struct env *env, struct str display, const struct s_uri *uri)
{
	return arena_join(env->turn, quoted_name(env, display), STR("<"), header_uri(env, uri), STR(">"));
}

/* RFC 3261 25.1 callid, without the characters that would need quoting somewhere on the way. */
static bool fit_for_call_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '.' || c == '_' || c == '@' || c == '+' || c == '~' || c == '!'))
			return false;
	}
	return s.n > 0 && s.n <= 128;
}

struct str header_call_id(const struct locate *l, struct str wanted)
{
	if (fit_for_call_id(wanted))
		return wanted;
	return arena_join(l->env->turn, env_token(l->env, 8), STR("@"), l->node);
}

/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/stanza_parse.h"

#include "mapping/timestamp.h"
#include "xmppside/syntax/namespaces.h"

enum { JID_PART_MAX_BYTES = 1023, HOPS_MAX = 255, REACTIONS_MAX_BYTES = 256 };

static bool is_part(struct str s)
{
	return s.n >= 1 && s.n <= JID_PART_MAX_BYTES;
}

bool xmppside_jid_split(struct str text, struct x_jid *out)
{
	struct x_jid jid = { .resource = STR_NONE };
	size_t slash = str_find(text, '/');
	struct str bare = str_cut(text, 0, slash);
	size_t at = str_find(bare, '@');

	if (slash < text.n) {
		jid.resource = str_cut(text, slash + 1, text.n);
		if (!is_part(jid.resource))
			return false;
	}
	if (at < bare.n) {
		jid.node = str_cut(bare, 0, at);
		if (!is_part(jid.node))
			return false;
		at++;
	} else {
		at = 0;
	}
	jid.domain = str_cut(bare, at, bare.n);
	if (!is_part(jid.domain) || str_find(jid.domain, '@') < jid.domain.n)
		return false;
	*out = jid;
	return true;
}

static bool parse_addresses(const struct xmppside_element *e, struct x_jid *from, struct x_jid *to)
{
	return xmppside_jid_split(xmppside_attr(e, STR("from")), from) &&
	       xmppside_jid_split(xmppside_attr(e, STR("to")), to);
}

static struct str lang_of(const struct xmppside_element *e)
{
	return xmppside_attr(e, STR("xml:lang"));
}

/* Of several in different languages the default one counts, else the first (RFC 6121 5.2.3). */
static const struct xmppside_element *in_default_lang(
	const struct xmppside_element *stanza, struct str name, struct str lang)
{
	const struct xmppside_element *found = NULL;

	for (const struct xmppside_element *c = stanza->first; c; c = c->next) {
		if (!xmppside_is(c, name, stanza->ns))
			continue;
		if (!lang_of(c).p || str_eq_nocase(lang_of(c), lang))
			return c;
		if (!found)
			found = c;
	}
	return found;
}

static struct str text_in_default_lang(
	struct arena *a, const struct xmppside_element *stanza, struct str name, struct str lang)
{
	const struct xmppside_element *e = in_default_lang(stanza, name, lang);

	return e ? xmppside_text(a, e) : STR_NONE;
}

static struct str condition_text(struct arena *a, const struct xmppside_element *c, struct x_error *out)
{
	if (str_eq(c->name, STR("gone")) || str_eq(c->name, STR("redirect")))
		out->gone_to = str_trim(xmppside_text(a, c));
	return c->name;
}

struct x_error *xmppside_parse_error(struct arena *a, const struct xmppside_element *stanza)
{
	const struct xmppside_element *error = xmppside_child(stanza, STR("error"), stanza->ns);
	struct x_error *out = arena_alloc(a, sizeof(*out));

	*out = (struct x_error){ .why = REASON_STANZA_ERROR,
		.condition = STR("undefined-condition"),
		.type = STR("cancel"),
		.by = STR_NONE };
	if (!error)
		return out;
	if (xmppside_attr(error, STR("type")).n)
		out->type = xmppside_attr(error, STR("type"));
	out->by = xmppside_attr(error, STR("by"));
	for (const struct xmppside_element *c = error->first; c; c = c->next) {
		if (!str_eq(c->ns, STR(NS_STANZA_ERROR)))
			continue;
		if (str_eq(c->name, STR("text")))
			out->text = xmppside_text(a, c);
		else
			out->condition = condition_text(a, c, out);
	}
	return out;
}

static enum x_type parse_type(struct str type)
{
	static const struct str words[X_TYPES] = { [X_TYPE_NORMAL] = STR_INIT("normal"),
		[X_TYPE_CHAT] = STR_INIT("chat"),
		[X_TYPE_GROUPCHAT] = STR_INIT("groupchat"),
		[X_TYPE_HEADLINE] = STR_INIT("headline"),
		[X_TYPE_ERROR] = STR_INIT("error") };

	for (unsigned i = 0; i < X_TYPES; i++)
		if (str_eq(type, words[i]))
			return (enum x_type)i;
	return X_TYPE_NORMAL; /* RFC 6121 5.2.2: none and unknown ones */
}

static enum x_chat parse_chat(struct str name)
{
	static const struct str words[X_CHATS] = { [X_CHAT_ACTIVE] = STR_INIT("active"),
		[X_CHAT_COMPOSING] = STR_INIT("composing"),
		[X_CHAT_PAUSED] = STR_INIT("paused"),
		[X_CHAT_INACTIVE] = STR_INIT("inactive"),
		[X_CHAT_GONE] = STR_INIT("gone") };

	for (unsigned i = X_CHAT_ACTIVE; i < X_CHATS; i++)
		if (str_eq(name, words[i]))
			return (enum x_chat)i;
	return X_CHAT_NONE;
}

static int parse_hops(const struct xmppside_element *bridge)
{
	uint64_t hops = 0;

	str_number(xmppside_attr(bridge, STR("hops")), HOPS_MAX, &hops);
	return (int)hops;
}

/* A carbon copy, a forward or a message out of an archive: what it wraps was said elsewhere. */
static bool is_wrapper(const struct xmppside_element *c)
{
	if (str_eq(c->ns, STR(NS_CARBONS)))
		return !str_eq(c->name, STR("private"));
	if (str_starts(c->ns, STR(NS_MAM_PREFIX)))
		return str_eq(c->name, STR("result"));
	return xmppside_is(c, STR("forwarded"), STR(NS_FORWARD));
}

/* Unix milliseconds; 0 where it is no point in time. */
static int64_t parse_time(struct str text)
{
	int64_t ms = 0;

	map_timestamp_read(text, &ms);
	return ms;
}

/* XEP-0444: a person has few of them at a message; what comes after many is left out. */
static struct str parse_reactions(struct arena *a, const struct xmppside_element *e)
{
	struct buf b = { 0 };

	for (const struct xmppside_element *c = e->first; c && b.n < REACTIONS_MAX_BYTES; c = c->next) {
		struct str reaction = xmppside_is(c, STR("reaction"), e->ns) ? str_trim(xmppside_text(a, c)) : STR_NONE;

		if (reaction.n == 0 || reaction.n > REACTIONS_MAX_BYTES)
			continue;
		if (b.n)
			buf_addc(&b, ' ');
		buf_add(&b, reaction);
	}
	struct str made = arena_str(a, buf_str(&b));

	buf_finish(&b);
	return made;
}

/* Those that say what the message itself is, not what became of another one. */
static bool parse_meaning(struct arena *a, const struct xmppside_element *c, struct x_message *out)
{
	if (xmppside_is(c, STR("replace"), STR(NS_CORRECT)))
		out->replaces = xmppside_attr(c, STR("id"));
	else if (xmppside_is(c, STR("reactions"), STR(NS_REACTIONS)))
		out->reactions = parse_reactions(a, c);
	else if (xmppside_is(c, STR("origin-id"), STR(NS_SID)))
		out->origin_id = xmppside_attr(c, STR("id"));
	else if (xmppside_is(c, STR("markable"), STR(NS_MARKERS)))
		out->markable = true;
	else if (xmppside_is(c, STR("x"), STR(NS_CONFERENCE)) ||
		 (xmppside_is(c, STR("x"), STR(NS_MUC_USER)) && xmppside_child(c, STR("invite"), c->ns)))
		out->is_invitation = true;
	else
		return false;
	return true;
}

static void parse_extension(const struct xmppside_element *c, struct x_message *out)
{
	if (str_eq(c->ns, STR(NS_CHATSTATES)))
		out->chat = parse_chat(c->name);
	else if (xmppside_is(c, STR("request"), STR(NS_RECEIPTS)))
		out->wants_receipt = true;
	else if (xmppside_is(c, STR("received"), STR(NS_RECEIPTS)))
		out->received = xmppside_attr(c, STR("id"));
	else if (xmppside_is(c, STR("displayed"), STR(NS_MARKERS)))
		out->displayed = xmppside_attr(c, STR("id"));
	else if (xmppside_is(c, STR("delay"), STR(NS_DELAY)) && !out->stamp_ms)
		out->stamp_ms = parse_time(xmppside_attr(c, STR("stamp")));
	else if (xmppside_is(c, STR("bridge"), STR(NS_BRIDGE)))
		out->hops = parse_hops(c);
	else if (is_wrapper(c))
		out->is_copy = true;
}

bool xmppside_parse_message(struct arena *a, const struct xmppside_element *e, struct x_message *out)
{
	*out = (struct x_message){ .id = xmppside_attr(e, STR("id")), .lang = lang_of(e) };
	if (!parse_addresses(e, &out->from, &out->to))
		return false;
	out->type = parse_type(xmppside_attr(e, STR("type")));
	if (out->type == X_TYPE_ERROR)
		out->error = xmppside_parse_error(a, e);
	const struct xmppside_element *body = in_default_lang(e, STR("body"), out->lang);

	if (body) {
		out->has_body = true;
		out->body = xmppside_text(a, body);
	}
	out->subject = text_in_default_lang(a, e, STR("subject"), out->lang);
	out->thread = text_in_default_lang(a, e, STR("thread"), STR_NONE);
	if (body && lang_of(body).n)
		out->lang = lang_of(body);
	for (const struct xmppside_element *c = e->first; c; c = c->next)
		if (c->name.n && !str_eq(c->ns, e->ns) && !parse_meaning(a, c, out))
			parse_extension(c, out);
	return true;
}

static bool parse_kind(struct str type, enum x_kind *out)
{
	static const struct str words[X_KINDS] = { [X_AVAILABLE] = STR_INIT(""),
		[X_UNAVAILABLE] = STR_INIT("unavailable"),
		[X_SUBSCRIBE] = STR_INIT("subscribe"),
		[X_SUBSCRIBED] = STR_INIT("subscribed"),
		[X_UNSUBSCRIBE] = STR_INIT("unsubscribe"),
		[X_UNSUBSCRIBED] = STR_INIT("unsubscribed"),
		[X_PROBE] = STR_INIT("probe"),
		[X_PRESENCE_ERROR] = STR_INIT("error") };

	for (unsigned i = 0; i < X_KINDS; i++)
		if (str_eq(type, words[i])) {
			*out = (enum x_kind)i;
			return true;
		}
	return false;
}

static enum x_show parse_show(struct str text)
{
	static const struct str words[X_SHOWS] = { [X_SHOW_CHAT] = STR_INIT("chat"),
		[X_SHOW_AWAY] = STR_INIT("away"),
		[X_SHOW_XA] = STR_INIT("xa"),
		[X_SHOW_DND] = STR_INIT("dnd") };

	for (unsigned i = X_SHOW_CHAT; i < X_SHOWS; i++)
		if (str_eq(text, words[i]))
			return (enum x_show)i;
	return X_SHOW_NONE;
}

/* RFC 6121 4.7.2.3: -128 to 127; what is none counts as 0. */
static int parse_priority(struct str text)
{
	uint64_t v = 0;
	bool negative = text.n && text.p[0] == '-';

	if (negative || (text.n && text.p[0] == '+'))
		text = str_cut(text, 1, text.n);
	if (!str_number(text, negative ? 128 : 127, &v))
		return 0;
	return negative ? -(int)v : (int)v;
}

static void parse_presence_child(struct arena *a, const struct xmppside_element *c, struct x_presence *out)
{
	if (xmppside_is(c, STR("delay"), STR(NS_DELAY)) && !out->stamp_ms)
		out->stamp_ms = parse_time(xmppside_attr(c, STR("stamp")));
	else if (xmppside_is(c, STR("idle"), STR(NS_IDLE)))
		out->idle_since_ms = parse_time(xmppside_attr(c, STR("since")));
	else if (xmppside_is(c, STR("nick"), STR(NS_NICK)))
		out->nick = xmppside_text(a, c);
	else if (xmppside_is(c, STR("bridge"), STR(NS_BRIDGE)))
		out->hops = parse_hops(c);
}

bool xmppside_parse_presence(struct arena *a, const struct xmppside_element *e, struct x_presence *out)
{
	*out = (struct x_presence){ .lang = lang_of(e) };
	if (!parse_addresses(e, &out->from, &out->to) || !parse_kind(xmppside_attr(e, STR("type")), &out->kind))
		return false;
	if (out->kind == X_PRESENCE_ERROR)
		out->error = xmppside_parse_error(a, e);
	const struct xmppside_element *status = in_default_lang(e, STR("status"), out->lang);

	if (status) {
		out->status = xmppside_text(a, status);
		if (lang_of(status).n)
			out->lang = lang_of(status);
	}
	out->show = parse_show(str_trim(text_in_default_lang(a, e, STR("show"), STR_NONE)));
	out->priority = parse_priority(str_trim(text_in_default_lang(a, e, STR("priority"), STR_NONE)));
	for (const struct xmppside_element *c = e->first; c; c = c->next)
		if (c->name.n && !str_eq(c->ns, e->ns))
			parse_presence_child(a, c, out);
	return true;
}

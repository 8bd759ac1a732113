/* SPDX-License-Identifier: MIT */
#include "xmppside/syntax/stanza_print.h"

#include "mapping/timestamp.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/xml_writer.h"

void xmppside_print_jid(struct buf *out, const struct x_jid *jid)
{
	if (jid->node.n) {
		buf_add(out, jid->node);
		buf_addc(out, '@');
	}
	buf_add(out, jid->domain);
	if (jid->resource.n) {
		buf_addc(out, '/');
		buf_add(out, jid->resource);
	}
}

static void print_address(struct buf *out, struct str name, const struct x_jid *jid)
{
	buf_addc(out, ' ');
	buf_add(out, name);
	buf_lit(out, "='");
	if (jid->node.n) {
		xmppside_write_value(out, jid->node);
		buf_addc(out, '@');
	}
	xmppside_write_value(out, jid->domain);
	if (jid->resource.n) {
		buf_addc(out, '/');
		xmppside_write_value(out, jid->resource);
	}
	buf_addc(out, '\'');
}

static void print_addresses(struct buf *out, const struct x_jid *from, const struct x_jid *to)
{
	print_address(out, STR("from"), from);
	print_address(out, STR("to"), to);
}

static void print_optional(struct buf *out, struct str name, struct str value)
{
	if (value.n)
		xmppside_write_attr(out, name, value);
}

static void print_leaf(struct buf *out, struct str name, struct str text)
{
	if (text.n)
		xmppside_write_leaf(out, name, text);
}

static void print_stamp(struct arena *a, struct buf *out, int64_t stamp_ms)
{
	if (!stamp_ms)
		return;
	buf_lit(out, "<delay xmlns='" NS_DELAY "' stamp='");
	buf_add(out, map_timestamp_print(a, stamp_ms));
	buf_lit(out, "'/>");
}

static void print_hops(struct buf *out, int hops)
{
	if (hops <= 0)
		return;
	buf_lit(out, "<bridge xmlns='" NS_BRIDGE "' hops='");
	buf_number(out, (uint64_t)hops);
	buf_lit(out, "'/>");
}

/* A condition is the name of an element: one that came from elsewhere must not break the stream. */
static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '-' && (s.p[i] < 'a' || s.p[i] > 'z'))
			return false;
	return s.n > 0 && s.p[0] != '-';
}

static void print_error(struct buf *out, const struct x_error *e)
{
	struct str condition = is_name(e->condition) ? e->condition : STR("undefined-condition");

	buf_lit(out, "<error");
	xmppside_write_attr(out, STR("type"), e->type.n ? e->type : STR("cancel"));
	print_optional(out, STR("by"), e->by);
	buf_lit(out, "><");
	buf_add(out, condition);
	buf_lit(out, " xmlns='" NS_STANZA_ERROR "'>");
	xmppside_write_text(out, e->gone_to);
	buf_lit(out, "</");
	buf_add(out, condition);
	buf_addc(out, '>');
	if (e->text.n) {
		buf_lit(out, "<text xmlns='" NS_STANZA_ERROR "'>");
		xmppside_write_text(out, e->text);
		buf_lit(out, "</text>");
	}
	buf_lit(out, "</error>");
}

static void print_receipts(struct buf *out, const struct x_message *m)
{
	if (m->wants_receipt)
		buf_lit(out, "<request xmlns='" NS_RECEIPTS "'/>");
	if (m->markable)
		buf_lit(out, "<markable xmlns='" NS_MARKERS "'/>");
	if (m->received.n) {
		buf_lit(out, "<received xmlns='" NS_RECEIPTS "'");
		xmppside_write_attr(out, STR("id"), m->received);
		buf_lit(out, "/>");
	}
	if (m->displayed.n) {
		buf_lit(out, "<displayed xmlns='" NS_MARKERS "'");
		xmppside_write_attr(out, STR("id"), m->displayed);
		buf_lit(out, "/>");
	}
}

static void print_chat(struct buf *out, const struct x_message *m)
{
	static const struct str words[X_CHATS] = { [X_CHAT_NONE] = STR_INIT(""),
		[X_CHAT_ACTIVE] = STR_INIT("<active xmlns='" NS_CHATSTATES "'/>"),
		[X_CHAT_COMPOSING] = STR_INIT("<composing xmlns='" NS_CHATSTATES "'/>"),
		[X_CHAT_PAUSED] = STR_INIT("<paused xmlns='" NS_CHATSTATES "'/>"),
		[X_CHAT_INACTIVE] = STR_INIT("<inactive xmlns='" NS_CHATSTATES "'/>"),
		[X_CHAT_GONE] = STR_INIT("<gone xmlns='" NS_CHATSTATES "'/>") };

	buf_add(out, words[m->chat]);
	/* XEP-0085 5.7: what is of use only now is not to be kept for later. */
	if (m->chat != X_CHAT_NONE && !m->has_body)
		buf_lit(out, "<no-store xmlns='" NS_HINTS "'/>");
}

void xmppside_print_message(struct arena *a, struct buf *out, const struct x_message *m)
{
	static const struct str types[X_TYPES] = { [X_TYPE_NORMAL] = STR_INIT(""),
		[X_TYPE_CHAT] = STR_INIT("chat"),
		[X_TYPE_GROUPCHAT] = STR_INIT("groupchat"),
		[X_TYPE_HEADLINE] = STR_INIT("headline"),
		[X_TYPE_ERROR] = STR_INIT("error") };

	buf_lit(out, "<message");
	print_addresses(out, &m->from, &m->to);
	print_optional(out, STR("id"), m->id);
	print_optional(out, STR("type"), types[m->type]);
	print_optional(out, STR("xml:lang"), m->lang);
	buf_addc(out, '>');
	print_leaf(out, STR("subject"), m->subject);
	if (m->has_body)
		xmppside_write_leaf(out, STR("body"), m->body);
	print_leaf(out, STR("thread"), m->thread);
	print_chat(out, m);
	print_receipts(out, m);
	print_stamp(a, out, m->stamp_ms);
	print_hops(out, m->hops);
	if (m->error)
		print_error(out, m->error);
	buf_lit(out, "</message>");
}

void xmppside_print_bounce(struct buf *out, const struct x_message *original, const struct x_error *error)
{
	buf_lit(out, "<message type='error'");
	print_addresses(out, &original->to, &original->from);
	print_optional(out, STR("id"), original->id);
	buf_addc(out, '>');
	print_error(out, error);
	buf_lit(out, "</message>");
}

static void print_availability(struct arena *a, struct buf *out, const struct x_presence *p, struct str caps)
{
	static const struct str shows[X_SHOWS] = { [X_SHOW_NONE] = STR_INIT(""),
		[X_SHOW_CHAT] = STR_INIT("chat"),
		[X_SHOW_AWAY] = STR_INIT("away"),
		[X_SHOW_XA] = STR_INIT("xa"),
		[X_SHOW_DND] = STR_INIT("dnd") };

	print_leaf(out, STR("show"), shows[p->show]);
	if (p->priority)
		buf_printf(out, "<priority>%d</priority>", p->priority);
	if (p->idle_since_ms) {
		buf_lit(out, "<idle xmlns='" NS_IDLE "' since='");
		buf_add(out, map_timestamp_print(a, p->idle_since_ms));
		buf_lit(out, "'/>");
	}
	buf_add(out, caps);
}

void xmppside_print_presence(struct arena *a, struct buf *out, const struct x_presence *p, struct str caps)
{
	static const struct str kinds[X_KINDS] = { [X_AVAILABLE] = STR_INIT(""),
		[X_UNAVAILABLE] = STR_INIT("unavailable"),
		[X_SUBSCRIBE] = STR_INIT("subscribe"),
		[X_SUBSCRIBED] = STR_INIT("subscribed"),
		[X_UNSUBSCRIBE] = STR_INIT("unsubscribe"),
		[X_UNSUBSCRIBED] = STR_INIT("unsubscribed"),
		[X_PROBE] = STR_INIT("probe"),
		[X_PRESENCE_ERROR] = STR_INIT("error") };

	buf_lit(out, "<presence");
	print_addresses(out, &p->from, &p->to);
	print_optional(out, STR("type"), kinds[p->kind]);
	print_optional(out, STR("xml:lang"), p->lang);
	buf_addc(out, '>');
	print_leaf(out, STR("status"), p->status);
	if (p->nick.n) {
		buf_lit(out, "<nick xmlns='" NS_NICK "'>");
		xmppside_write_text(out, p->nick);
		buf_lit(out, "</nick>");
	}
	if (p->kind == X_AVAILABLE)
		print_availability(a, out, p, caps);
	print_stamp(a, out, p->stamp_ms);
	print_hops(out, p->hops);
	if (p->error)
		print_error(out, p->error);
	buf_lit(out, "</presence>");
}

static struct x_jid bare(const struct x_jid *jid)
{
	return (struct x_jid){ .node = jid->node, .domain = jid->domain };
}

static void print_iq_get(struct buf *out, struct str id, const struct x_jid *from, const struct x_jid *to)
{
	struct x_jid bare_from = bare(from), bare_to = bare(to);

	buf_lit(out, "<iq type='get'");
	print_addresses(out, &bare_from, &bare_to);
	xmppside_write_attr(out, STR("id"), id);
	buf_addc(out, '>');
}

void xmppside_print_ping(struct buf *out, struct str id, const struct x_jid *from, const struct x_jid *to)
{
	print_iq_get(out, id, from, to);
	buf_lit(out, "<ping xmlns='" NS_PING "'/></iq>");
}

void xmppside_print_version_get(struct buf *out, struct str id, const struct x_jid *from, struct str domain)
{
	struct x_jid to = { .domain = domain };

	print_iq_get(out, id, from, &to);
	buf_lit(out, "<query xmlns='" NS_VERSION "'/></iq>");
}

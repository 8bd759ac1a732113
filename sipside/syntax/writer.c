/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/writer.h"

#include <string.h>
#include <strings.h>

/* Content-Type, Content-Length, the empty line and the body: how every message of ours ends. */
static void write_body(struct buf *out, struct str type, struct str body)
{
	if (body.n && type.n) {
		buf_lit(out, "Content-Type: ");
		buf_add(out, type);
		buf_lit(out, "\r\n");
	}
	buf_lit(out, "Content-Length: ");
	buf_number(out, body.n);
	buf_lit(out, "\r\n\r\n");
	buf_add(out, body);
}

void write_request(struct buf *out, const struct sipside_outgoing *r, struct str via)
{
	buf_room(out, 128 + r->uri.n + via.n + r->headers.n + r->content_type.n + r->body.n);
	buf_add(out, name_of_method(r->method));
	buf_addc(out, ' ');
	buf_add(out, r->uri);
	buf_lit(out, " SIP/2.0\r\nVia: ");
	buf_add(out, via);
	buf_lit(out, "\r\n");
	buf_add(out, r->headers);
	write_body(out, r->content_type, r->body);
}

static void write_line(struct buf *out, enum sipside_header id, struct str value)
{
	buf_add(out, name_of_header(id));
	buf_lit(out, ": ");
	buf_add(out, value);
	buf_lit(out, "\r\n");
}

/* Where a parameter without a value stands in a Via: the offset behind its name. 0: not there. */
static size_t bare_parameter(struct str via, struct str name)
{
	bool quoted = false;

	for (size_t i = 0; i < via.n; i++) {
		if (quoted && via.p[i] == '\\')
			i++;
		else if (via.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && via.p[i] == ';') {
			struct str word = str_cut(via, i + 1, via.n);
			size_t end = str_find(word, ';');
			struct str trimmed = str_trim(str_cut(word, 0, end));

			if (str_eq_nocase(trimmed, name))
				return (size_t)(trimmed.p + trimmed.n - via.p);
		}
	}
	return 0;
}

static bool same_host(struct str sent_by, struct str received)
{
	if (sent_by.n > 2 && sent_by.p[0] == '[')
		sent_by = str_cut(sent_by, 1, sent_by.n - 1);
	return str_eq_nocase(sent_by, received);
}

/* RFC 3261 18.2.1 and RFC 3581 4: what the sender cannot know is added, every other byte stays. */
static void write_top_via(
	struct buf *out, const struct sipside_msg *m, struct str rest, struct str received, uint16_t port)
{
	struct str top = m->via.raw;
	size_t at = m->via.rport ? bare_parameter(top, STR("rport")) : 0;

	buf_lit(out, "Via: ");
	buf_add(out, str_cut(top, 0, at));
	if (at) {
		buf_addc(out, '=');
		buf_number(out, port);
	}
	buf_add(out, str_cut(top, at, top.n));
	if (m->via.host.n && (m->via.rport || !same_host(m->via.host, received))) {
		buf_lit(out, ";received="); /* without brackets also for IPv6 (RFC 3261 25.1) */
		buf_add(out, received);
	}
	if (str_trim(rest).n) {
		buf_addc(out, ',');
		buf_add(out, rest);
	}
	buf_lit(out, "\r\n");
}

static void write_vias(struct buf *out, const struct sipside_msg *m, struct str received, uint16_t port)
{
	for (unsigned i = m->scan.first[HDR_VIA]; i < m->scan.count; i++) {
		struct str value = m->scan.lines[i].value;

		if (m->scan.lines[i].id != HDR_VIA)
			continue;
		if (i > m->scan.first[HDR_VIA]) {
			write_line(out, HDR_VIA, value);
			continue;
		}
		struct str rest = value;

		scan_next_value(&rest);
		write_top_via(out, m, rest, received, port);
	}
}

struct reply_head write_reply_head(struct buf *out, const struct sipside_msg *m, struct str received, uint16_t rport)
{
	static const enum sipside_header copied[] = { HDR_FROM, HDR_CALL_ID, HDR_CSEQ };
	struct reply_head head = { .has_tag = m->to.tag.n > 0 };
	const struct scan *s = &m->scan;
	size_t start = out->n;

	for (unsigned i = s->first[HDR_RECORD_ROUTE]; s->counts[HDR_RECORD_ROUTE] && i < s->count; i++)
		if (s->lines[i].id == HDR_RECORD_ROUTE)
			write_line(out, HDR_RECORD_ROUTE, s->lines[i].value);
	head.route_bytes = (unsigned)(out->n - start);
	write_vias(out, m, received, rport);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (s->counts[copied[i]])
			write_line(out, copied[i], s->lines[s->first[copied[i]]].value);
	if (s->counts[HDR_TO]) {
		buf_lit(out, "To: ");
		buf_add(out, s->lines[s->first[HDR_TO]].value);
	} else {
		out->n -= 2; /* the line end of what is last instead; no tag fits there */
		head.has_tag = true;
	}
	head.text = (struct str){ out->p + start, out->n - start };
	return head;
}

/* Record-Route belongs into answers that may make a dialog (RFC 3261 12.1.1). */
static bool forms_dialog(int status)
{
	return status > 100 && status < 300;
}

void write_reply(struct buf *out, const struct reply_head *head, struct str tag, const struct sipside_reply *r)
{
	struct str lines = head->text;

	buf_room(out, 160 + lines.n + r->route.n + r->headers.n + r->content_type.n + r->body.n);
	buf_lit(out, "SIP/2.0 ");
	buf_number(out, (uint64_t)r->status);
	buf_addc(out, ' ');
	buf_add(out, r->phrase.n ? r->phrase : name_of_status(r->status));
	buf_lit(out, "\r\n");
	if (forms_dialog(r->status))
		buf_add(out, r->route);
	buf_add(out, forms_dialog(r->status) ? lines : str_cut(lines, head->route_bytes, lines.n));
	if (!head->has_tag && r->status != 100) {
		buf_lit(out, ";tag=");
		buf_add(out, tag);
	}
	buf_lit(out, "\r\n");
	buf_add(out, r->headers);
	write_body(out, r->content_type, r->body);
}

/* Request line with another method, and of our own request those lines that ACK and CANCEL repeat. */
static void write_sibling(struct buf *out, struct str request, enum s_method method, struct str to)
{
	struct scan_line lines[SCAN_MAX_LINES];
	struct scan s;

	if (!scan_message(request, lines, SCAN_MAX_LINES, &s))
		return;
	buf_add(out, name_of_method(method));
	buf_addc(out, ' ');
	buf_add(out, s.uri);
	buf_lit(out, " SIP/2.0\r\n");
	for (unsigned i = 0; i < s.count; i++) {
		struct str value = s.lines[i].value;

		switch (s.lines[i].id) {
		case HDR_VIA:
		case HDR_FROM:
		case HDR_CALL_ID:
		case HDR_ROUTE:
			write_line(out, s.lines[i].id, value);
			break;
		case HDR_TO:
			write_line(out, HDR_TO, to.n ? to : value);
			break;
		case HDR_CSEQ:
			buf_lit(out, "CSeq: ");
			buf_add(out, str_cut(value, 0, str_find(value, ' ')));
			buf_addc(out, ' ');
			buf_add(out, name_of_method(method));
			buf_lit(out, "\r\n");
			break;
		default:
			break;
		}
	}
	buf_lit(out, "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
}

void write_ack(struct buf *out, struct str request, struct str to_value)
{
	write_sibling(out, request, S_ACK, to_value);
}

void write_cancel(struct buf *out, struct str request)
{
	write_sibling(out, request, S_CANCEL, STR_NONE);
}

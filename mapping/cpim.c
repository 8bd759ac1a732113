/* SPDX-License-Identifier: MIT */
#include "mapping/cpim.h"
#include "mapping/address.h"
#include "mapping/mime.h"
#include "mapping/text.h"
#include "mapping/timestamp.h"

static const struct str imdn_space = STR_INIT("urn:ietf:params:imdn");

struct wrapper {
	struct arena *arena;
	struct map_cpim *out;
	struct map_mime_field fields[MAP_CPIM_FIELDS];
	unsigned count;
	struct str prefix; /* of the imdn namespace; empty: it is not declared */
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static uint32_t hex_number(struct str s)
{
	uint32_t c = 0;

	for (size_t i = 0; i < s.n; i++)
		c = c * 16 + (uint32_t)(s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 0x20) - 'a' + 10);
	return c >= 0xd800 && c <= 0xdfff ? 0xfffd : c;
}

/* RFC 3862 2.3.1: \uXXXX and the escapes of a character. An escaped control character is a blank here. */
static struct str unescaped(struct arena *a, struct str s)
{
	if (str_find(s, '\\') == s.n)
		return s;
	char *made = arena_alloc(a, s.n + 1), *p = made;

	for (size_t i = 0; i < s.n; i++) {
		char next = s.p[i] == '\\' && i + 1 < s.n ? s.p[i + 1] : 0;

		if (next == 'u' && i + 5 < s.n && is_hex(s.p[i + 2]) && is_hex(s.p[i + 3]) && is_hex(s.p[i + 4]) &&
			is_hex(s.p[i + 5])) {
			p += map_text_character(hex_number(str_cut(s, i + 2, i + 6)), p);
			i += 5;
		} else if (next == '\\' || next == '"' || next == '\'') {
			*p++ = next;
			i++;
		} else if (next == 'b' || next == 't' || next == 'n' || next == 'r') {
			*p++ = ' ';
			i++;
		} else {
			*p++ = s.p[i];
		}
	}
	return (struct str){ made, (size_t)(p - made) };
}

/* -- Fields; their names are case-sensitive, those of other namespaces have a prefix (RFC 3862 2.3, 3.4) */

/* "imdn <urn:ietf:params:imdn>" */
static void read_space(struct wrapper *w, struct str value)
{
	struct str prefix = str_trim(str_next(&value, '<'));

	if (str_eq_nocase(str_trim(str_next(&value, '>')), imdn_space))
		w->prefix = prefix;
}

/* ";lang=fr Salut" */
static void read_subject(struct wrapper *w, struct str value)
{
	struct str lang = STR_NONE;

	if (w->out->subject.n)
		return;
	while (value.n && value.p[0] == ';') {
		struct str param = str_next(&value, ' ');

		if (str_starts_nocase(param, STR(";lang=")))
			lang = str_cut(param, 6, param.n);
	}
	w->out->subject = map_text_clean(w->arena, unescaped(w->arena, str_trim(value)));
	w->out->subject_lang = map_text_clean(w->arena, lang);
}

/* The name behind our prefix; empty: another namespace. */
static struct str imdn_name(const struct wrapper *w, struct str name)
{
	if (w->prefix.n == 0 || !str_starts(name, w->prefix) || name.n <= w->prefix.n || name.p[w->prefix.n] != '.')
		return STR_NONE;
	return str_cut(name, w->prefix.n + 1, name.n);
}

static bool knows(const struct wrapper *w, struct str name)
{
	static const struct str ours[] = { STR_INIT("From"), STR_INIT("To"), STR_INIT("cc"), STR_INIT("DateTime"),
		STR_INIT("Subject"), STR_INIT("NS"), STR_INIT("Require") };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (str_eq(name, ours[i]))
			return true;
	return imdn_name(w, name).n > 0;
}

static bool knows_all(const struct wrapper *w, struct str names)
{
	while (names.n)
		if (!knows(w, str_trim(str_next(&names, ','))))
			return false;
	return true;
}

static bool fits_an_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] == 0x7f)
			return false;
	return id.n <= MAP_IMDN_ID_BYTES && map_text_is_utf8(id);
}

static void read_imdn(struct wrapper *w, struct str name, struct str value)
{
	struct map_imdn_wish *wish = &w->out->wish;

	if (str_eq(name, STR("Message-ID")))
		wish->id = fits_an_id(value) ? value : STR_NONE;
	else if (str_eq(name, STR("Disposition-Notification")))
		map_imdn_read_wish(value, wish);
}

static bool read_field(struct wrapper *w, const struct map_mime_field *f)
{
	if (str_eq(f->name, STR("Require")))
		return knows_all(w, f->value);
	if (str_eq(f->name, STR("Subject")))
		read_subject(w, f->value);
	else if (str_eq(f->name, STR("DateTime")))
		map_timestamp_read(f->value, &w->out->stamp_ms);
	else
		read_imdn(w, imdn_name(w, f->name), f->value);
	return true;
}

/* -- The wrapper */

static bool take_block(struct wrapper *w, struct str *rest)
{
	struct map_mime_field field;

	w->count = 0;
	while (map_mime_next(w->arena, rest, &field)) {
		if (w->count == MAP_CPIM_FIELDS)
			return false;
		w->fields[w->count++] = field;
	}
	return w->count > 0;
}

/* The fields of the message; *rest: the entity behind them. Some write the wrapper's own type before them once more. */
static bool take_fields(struct wrapper *w, struct str *rest)
{
	if (!take_block(w, rest))
		return false;
	if (str_starts_nocase(w->fields[0].name, STR("Content-")) && !take_block(w, rest))
		return false;
	for (unsigned i = 0; i < w->count; i++) /* first: a namespace may be declared behind its use */
		if (str_eq(w->fields[i].name, STR("NS")))
			read_space(w, w->fields[i].value);
	return rest->n > 0;
}

enum reason map_cpim_read(struct arena *a, struct str bytes, struct map_cpim *out)
{
	struct wrapper w = { .arena = a, .out = out };

	*out = (struct map_cpim){ .stamp_ms = 0 };
	if (!take_fields(&w, &bytes))
		return REASON_BAD_CONTENT;
	for (unsigned i = 0; i < w.count; i++)
		if (!read_field(&w, &w.fields[i]))
			return REASON_BAD_CONTENT;
	return map_mime_read(a, bytes, &out->inner) ? REASON_NONE : REASON_BAD_CONTENT;
}

/* -- Writing */

static void add_wish(struct buf *b, const struct map_imdn_wish *wish)
{
	if (wish->id.n == 0)
		return;
	buf_printf(b, "NS: imdn <" STR_FMT ">\r\nimdn.Message-ID: " STR_FMT "\r\n", STR_ARG(imdn_space),
		STR_ARG(wish->id));
	if (wish->delivery || wish->failure || wish->display)
		buf_printf(b, "imdn.Disposition-Notification: %s%s%s%s%s\r\n",
			wish->delivery ? "positive-delivery" : "", wish->delivery && wish->failure ? ", " : "",
			wish->failure ? "negative-delivery" : "",
			(wish->delivery || wish->failure) && wish->display ? ", " : "", wish->display ? "display" : "");
}

struct s_body map_cpim_write(struct arena *a, const struct map_cpim_order *order, const struct s_body *inner)
{
	struct buf b = { 0 };

	buf_printf(&b, "From: <" STR_FMT ">\r\nTo: <" STR_FMT ">\r\nDateTime: " STR_FMT "\r\n",
		STR_ARG(map_uri_print(a, order->from)), STR_ARG(map_uri_print(a, order->to)),
		STR_ARG(map_timestamp_print(a, order->unix_ms)));
	add_wish(&b, &order->wish);
	buf_printf(&b, "\r\nContent-Type: " STR_FMT "\r\n", STR_ARG(inner->type));
	if (order->notification)
		buf_lit(&b, "Content-Disposition: notification\r\n");
	buf_printf(&b, "Content-Length: %zu\r\n\r\n", inner->bytes.n);
	buf_add(&b, inner->bytes);
	struct s_body made = { .type = STR("message/cpim"), .lang = inner->lang, .bytes = arena_str(a, buf_str(&b)) };

	buf_finish(&b);
	return made;
}

/* SPDX-License-Identifier: MIT */
#include "mapping/im.h"
#include "mapping/cpim.h"
#include "mapping/html.h"
#include "mapping/multipart.h"
#include "mapping/rtf.h"
#include "mapping/text.h"

/* depth: how many wrappers it stands in. Failing, only out->offer may be set. */
typedef enum reason reader(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out);
static reader read_any;

/* -- Text */

static enum reason found_text(struct str text, const struct s_body *body, struct map_im *out)
{
	*out = (struct map_im){ .kind = text.n ? MAP_IM_TEXT : MAP_IM_NOTHING, .text = text, .lang = body->lang };
	return REASON_NONE;
}

static enum reason read_plain(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct str text;
	enum reason why = map_text_s2x(a, body->bytes, map_type_param(a, body->type, STR("charset")), &text);

	(void)depth;
	return why ? why : found_text(text, body, out);
}

/* The references of a hostile document make any character: so the text is cleaned behind the tags, too. */
static enum reason read_html(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct str html;
	enum reason why = map_text_s2x(a, body->bytes, map_type_param(a, body->type, STR("charset")), &html);

	(void)depth;
	return why ? why : found_text(map_text_clean(a, map_html_to_text(a, html)), body, out);
}

static enum reason read_rtf(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct str text;

	(void)depth;
	if (!map_rtf_to_text(a, body->bytes, &text))
		return REASON_BAD_CONTENT;
	return found_text(map_text_clean(a, text), body, out);
}

/* -- What is no text */

static enum reason read_typing(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	(void)depth;
	*out = (struct map_im){ .kind = MAP_IM_TYPING };
	out->typing = map_typing_read(a, body, &out->refresh_s);
	if (out->typing == MAP_TYPING_NONE)
		out->kind = MAP_IM_NOTHING;
	return REASON_NONE;
}

static enum reason read_report(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	(void)depth;
	*out = (struct map_im){ .kind = MAP_IM_REPORT };
	map_imdn_read(a, body->bytes, &out->report);
	if (out->report.status == MAP_IMDN_NONE)
		out->kind = MAP_IM_NOTHING;
	return REASON_NONE;
}

static enum reason read_nothing(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	(void)a, (void)body, (void)depth;
	*out = (struct map_im){ .kind = MAP_IM_NOTHING };
	return REASON_NONE;
}

/* Microsoft's file transfer inside of a chat: only its opening is something that a person misses. */
static enum reason refuse_invitation(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct str rest = body->bytes;

	(void)a, (void)depth;
	while (rest.n) {
		struct str value = str_next(&rest, '\n'), name = str_trim(str_next(&value, ':'));

		if (str_eq_nocase(name, STR("Invitation-Command")) && str_eq_nocase(str_trim(value), STR("INVITE")))
			out->offer = STR("a file");
	}
	return REASON_BAD_CONTENT;
}

static enum reason refuse_drawing(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	(void)a, (void)body, (void)depth;
	out->offer = STR("a drawing");
	return REASON_BAD_CONTENT;
}

/* -- Wrappers */

/* The parts say the same thing, the plainest first (RFC 2046 5.1.4): plain text is the one we lose nothing of. */
static enum reason read_alternative(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	static const struct str wanted[] = { STR_INIT("text/plain"), STR_INIT("message/cpim"), STR_INIT("text/html"),
		STR_INIT("multipart/related"), STR_INIT("text/rtf"), STR_INIT("application/rtf") };
	struct s_body parts[MAP_MULTIPART_PARTS];
	unsigned count = map_multipart_read(a, body, parts);

	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
		for (unsigned i = 0; i < count; i++)
			if (map_type_is(parts[i].type, wanted[w]))
				return read_any(a, &parts[i], depth + 1, out);
	return count ? read_any(a, &parts[0], depth + 1, out) : REASON_BAD_CONTENT;
}

/* The first part is the document, the others are its pictures (RFC 2387 3.2). */
static enum reason read_related(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct s_body parts[MAP_MULTIPART_PARTS];

	return map_multipart_read(a, body, parts) ? read_any(a, &parts[0], depth + 1, out) : REASON_BAD_CONTENT;
}

/* The parts are different things: to show one and be silent about the others would be a loss. */
static enum reason read_mixed(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct s_body parts[MAP_MULTIPART_PARTS];
	unsigned count = map_multipart_read(a, body, parts);

	if (count == 1)
		return read_any(a, &parts[0], depth + 1, out);
	if (count > 1)
		out->offer = STR("a message with attachments");
	return REASON_BAD_CONTENT;
}

static enum reason read_cpim(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	struct map_cpim cpim;
	enum reason why = map_cpim_read(a, body->bytes, &cpim);

	if (!why)
		why = read_any(a, &cpim.inner, depth + 1, out);
	if (why || out->kind != MAP_IM_TEXT)
		return why;
	if (cpim.subject.n)
		out->subject = cpim.subject;
	if (cpim.wish.id.n)
		out->wish = cpim.wish;
	out->stamp_ms = cpim.stamp_ms;
	return REASON_NONE;
}

/* -- By type */

static const struct {
	struct str type;
	reader *read;
} readers[] = {
	{ STR_INIT("text/plain"), read_plain },
	{ STR_INIT("application/xml"), read_typing }, /* KeyboardActivity */
	{ STR_INIT("application/im-iscomposing+xml"), read_typing },
	{ STR_INIT("text/html"), read_html },
	{ STR_INIT("text/rtf"), read_rtf },
	{ STR_INIT("application/rtf"), read_rtf },
	{ STR_INIT("multipart/alternative"), read_alternative },
	{ STR_INIT("multipart/related"), read_related },
	{ STR_INIT("multipart/mixed"), read_mixed },
	{ STR_INIT("message/cpim"), read_cpim },
	{ STR_INIT("message/imdn+xml"), read_report },
	{ STR_INIT("application/ms-imdn+xml"), read_nothing },
	{ STR_INIT("application/xml+conversationinfo"), read_nothing },
	{ STR_INIT("application/conversationinfo+xml"), read_nothing },
	{ STR_INIT("text/x-msmsgsinvite"), refuse_invitation },
	{ STR_INIT("application/x-ms-ink"), refuse_drawing },
	{ STR_INIT("image/x-ms-ink"), refuse_drawing },
};

const struct str map_im_accept =
	STR_INIT("text/plain, text/html, multipart/alternative, application/im-iscomposing+xml, "
		 "application/xml, message/cpim, message/imdn+xml");

/* What a type that nobody can read here is to people. */
static struct str offer_of(struct str type)
{
	static const struct {
		struct str prefix, offer;
	} rows[] = { { STR_INIT("image/"), STR_INIT("a picture") }, { STR_INIT("audio/"), STR_INIT("a sound") },
		{ STR_INIT("video/"), STR_INIT("a film") },
		{ STR_INIT("application/vnd.gsma.rcs-ft"), STR_INIT("a file") } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts_nocase(str_trim(type), rows[i].prefix))
			return rows[i].offer;
	return STR_NONE;
}

/* A body without a type is read as what RFC 3428 peers mean by it. */
static reader *reader_of(struct str type)
{
	if (str_trim(type).n == 0)
		return read_plain;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (map_type_is(type, readers[i].type))
			return readers[i].read;
	return NULL;
}

static enum reason read_any(struct arena *a, const struct s_body *body, unsigned depth, struct map_im *out)
{
	reader *read = body->bytes.n ? reader_of(body->type) : read_nothing;

	if (read && depth < MAP_IM_DEPTH)
		return read(a, body, depth, out);
	if (!read)
		out->offer = offer_of(body->type);
	return REASON_BAD_CONTENT;
}

enum reason map_im_s2x(struct arena *a, const struct s_body *body, struct map_im *out)
{
	*out = (struct map_im){ .kind = MAP_IM_UNSUPPORTED };
	return read_any(a, body, 0, out);
}

/* -- To SIP */

struct str map_im_words(struct arena *a, const struct x_message *m)
{
	if (m->has_body && m->body.n && m->replaces.n)
		return arena_printf(a, "Correction: " STR_FMT, STR_ARG(m->body));
	if (m->has_body && m->body.n)
		return m->body;
	return m->reactions.n ? arena_printf(a, "Reaction: " STR_FMT, STR_ARG(m->reactions)) : STR_NONE;
}

struct s_body map_im_x2s(struct arena *a, const struct x_message *m)
{
	return (struct s_body){
		.type = STR("text/plain; charset=UTF-8"), .lang = m->lang, .bytes = map_text_x2s(a, m->body)
	};
}

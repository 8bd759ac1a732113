/* SPDX-License-Identifier: MIT */
#include "mapping/im.h"
#include "mapping/html.h"
#include "mapping/multipart.h"
#include "mapping/text.h"

typedef enum reason reader(struct arena *a, const struct s_body *body, struct map_im *out);

static enum reason found_text(struct str text, struct map_im *out)
{
	*out = (struct map_im){ .kind = text.n ? MAP_IM_TEXT : MAP_IM_NOTHING, .text = text };
	return REASON_NONE;
}

static enum reason read_plain(struct arena *a, const struct s_body *body, struct map_im *out)
{
	struct str text;
	enum reason why = map_text_s2x(a, body->bytes, map_type_param(a, body->type, STR("charset")), &text);

	return why ? why : found_text(text, out);
}

/* The references of a hostile document make any character: so the text is cleaned behind the tags, too. */
static enum reason read_html(struct arena *a, const struct s_body *body, struct map_im *out)
{
	struct str html;
	enum reason why = map_text_s2x(a, body->bytes, map_type_param(a, body->type, STR("charset")), &html);

	return why ? why : found_text(map_text_clean(a, map_html_to_text(a, html)), out);
}

static enum reason read_typing(struct arena *a, const struct s_body *body, struct map_im *out)
{
	*out = (struct map_im){ .kind = MAP_IM_TYPING };
	out->typing = map_typing_read(a, body, &out->refresh_s);
	if (out->typing == MAP_TYPING_NONE)
		out->kind = MAP_IM_NOTHING;
	return REASON_NONE;
}

static enum reason read_nothing(struct arena *a, const struct s_body *body, struct map_im *out)
{
	(void)a, (void)body;
	*out = (struct map_im){ .kind = MAP_IM_NOTHING };
	return REASON_NONE;
}

/* The parts say the same thing, the plainest first (RFC 2046 5.1.4): plain text is the one we lose nothing of. */
static enum reason read_alternative(struct arena *a, const struct s_body *body, struct map_im *out)
{
	static const struct {
		struct str type;
		reader *read;
	} wanted[] = { { STR_INIT("text/plain"), read_plain }, { STR_INIT("text/html"), read_html } };
	struct s_body parts[MAP_MULTIPART_PARTS];
	unsigned count = map_multipart_read(a, body, parts);

	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
		for (unsigned i = 0; i < count; i++)
			if (map_type_is(parts[i].type, wanted[w].type))
				return wanted[w].read(a, &parts[i], out);
	return REASON_BAD_CONTENT;
}

static const struct {
	struct str type;
	reader *read;
} readers[] = {
	{ STR_INIT("text/plain"), read_plain },
	{ STR_INIT("application/xml"), read_typing }, /* KeyboardActivity */
	{ STR_INIT("application/im-iscomposing+xml"), read_typing },
	{ STR_INIT("text/html"), read_html },
	{ STR_INIT("multipart/alternative"), read_alternative },
	{ STR_INIT("application/ms-imdn+xml"), read_nothing },
	{ STR_INIT("application/xml+conversationinfo"), read_nothing },
	{ STR_INIT("application/conversationinfo+xml"), read_nothing },
};

const struct str map_im_accept =
	STR_INIT("text/plain, text/html, multipart/alternative, application/im-iscomposing+xml, application/xml");

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

enum reason map_im_s2x(struct arena *a, const struct s_body *body, struct map_im *out)
{
	reader *read = body->bytes.n ? reader_of(body->type) : read_nothing;
	enum reason why = read ? read(a, body, out) : REASON_BAD_CONTENT;

	if (why)
		*out = (struct map_im){ .kind = MAP_IM_UNSUPPORTED };
	return why;
}

struct s_body map_im_x2s(struct arena *a, const struct x_message *m)
{
	return (struct s_body){
		.type = STR("text/plain; charset=UTF-8"), .lang = m->lang, .bytes = map_text_x2s(a, m->body)
	};
}

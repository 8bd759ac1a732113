/* SPDX-License-Identifier: MIT */
/* What an instant message body is, by content type, not by method. */
#ifndef TOMBOLO_IM_H
#define TOMBOLO_IM_H

#include "mapping/base/arena.h"
#include "mapping/profile.h"
#include "mapping/typing.h"
#include "mapping/values.h"

enum map_im_kind {
	MAP_IM_TEXT,
	MAP_IM_TYPING,
	MAP_IM_NOTHING, /* to be answered 2xx and ignored: an empty body, a delivery report, conversation info */
	MAP_IM_UNSUPPORTED, /* 415 */
	MAP_IM_KINDS
};
struct map_im {
	enum map_im_kind kind;
	struct str text; /* UTF-8, LF; kind TEXT, never empty */
	enum map_typing typing; /* kind TYPING */
	unsigned refresh_s;
};
/* REASON_NONE, or REASON_BAD_CONTENT / REASON_BAD_CHARSET with kind UNSUPPORTED. */
enum reason map_im_s2x(struct arena *a, const struct s_body *body, struct map_im *out);
/* The text of an XMPP message as a body: text/plain; charset=UTF-8, CRLF. */
struct s_body map_im_x2s(struct arena *a, const struct x_message *m);
/* The content types we take, for Accept and a=accept-types. */
extern const struct str map_im_accept;

#endif

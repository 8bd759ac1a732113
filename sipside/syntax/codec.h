/* SPDX-License-Identifier: MIT */
/* sofia-sip's header codecs behind plain structs, one value at a time: its message parser needs time that grows with
 * the square of the number of headers, its codecs do not. Used by message.c and header_values.c only. */
#ifndef TOMBOLO_CODEC_H
#define TOMBOLO_CODEC_H

#include "sipside/syntax/header_values.h"
#include "sipside/syntax/message.h"

struct sofia *codec_create(const struct env *env); /* in the turn's arena, but codec_finish() has to follow */
void codec_finish(struct sofia *s);
/* NUL-terminated for sofia, folds and control characters turned into spaces; in the turn's arena. */
char *codec_text(const struct env *env, struct str value);

/* All: false where sofia cannot read the value. */
bool codec_uri(const struct sipside_msg *m, struct str value, struct sipside_uri *out);
bool codec_from(const struct sipside_msg *m, struct str value, struct sipside_party *out); /* From, To: one, with tag */
bool codec_contact(const struct sipside_msg *m, struct str value, struct sipside_party *out); /* one value of a list */
bool codec_via(const struct sipside_msg *m, struct str value, struct sipside_via *out);
bool codec_event(const struct sipside_msg *m, struct str value, struct sipside_event *out);
bool codec_substate(const struct sipside_msg *m, struct str value, struct sipside_substate *out);
bool codec_date(const struct sipside_msg *m, struct str value, int64_t *unix_ms);

#endif

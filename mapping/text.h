/* SPDX-License-Identifier: MIT */
/* Text bodies: charset, line ends, characters XML forbids. */
#ifndef TOMBOLO_TEXT_H
#define TOMBOLO_TEXT_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

/* A parameter of a Content-Type value ("charset", "boundary"), quotes removed; empty: absent. */
struct str map_type_param(struct arena *a, struct str content_type, struct str name);
/* Is the media type (before any `;`) this one? Case-insensitive. */
bool map_type_is(struct str content_type, struct str type);

/* Bytes of a text/plain body as XMPP can carry it: UTF-8, LF, forbidden characters replaced by U+FFFD.
 * REASON_BAD_CHARSET: a charset iconv does not know, or bytes that are not in it. */
enum reason map_text_s2x(struct arena *a, struct str bytes, struct str charset, struct str *out);
/* UTF-8 with LF as a SIP body: CRLF line ends. */
struct str map_text_x2s(struct arena *a, struct str text);
bool map_text_is_utf8(struct str s);
size_t map_text_character(uint32_t c, char out[4]); /* `c` (at most U+10FFFF) as UTF-8; its length */
/* Forbidden characters (XML 1.0 2.2) and bad UTF-8 replaced by U+FFFD; returns `s` itself where nothing is wrong. */
struct str map_text_clean(struct arena *a, struct str s);

#endif

/* SPDX-License-Identifier: MIT */
/* The two escapings of a user's name: \hh in a JID (XEP-0106), %HH in a URI (RFC 3986 2.1, RFC 3261 25.1). */
#ifndef TOMBOLO_ESCAPE_H
#define TOMBOLO_ESCAPE_H

#include "mapping/base/arena.h"

enum map_escape_place { MAP_ESCAPE_USER = 1, MAP_ESCAPE_PARAM = 2 };

/* Writes `s` at p, at most three bytes for each, and returns the end. */
char *map_escape_percent(char *p, struct str s, enum map_escape_place place);
/* Undoes it. False for a broken escape, a character no URI may hold bare (space, quote, angle bracket, control), NUL,
 * bad UTF-8 or more than MAP_PART_BYTES. *out lives in `a`. */
bool map_escape_decode(struct arena *a, struct str s, struct str *out);

/* The ten escapes of XEP-0106, made and undone. False: a space at either end; a result of more than MAP_PART_BYTES.
 * The way back refuses what the way there would not have made. *out lives in `a`. */
bool map_escape_node(struct arena *a, struct str user, struct str *out);
bool map_escape_undo(struct arena *a, struct str node, struct str *out);
unsigned map_escape_count(struct str node); /* how many of them stand in it */

#endif

/* SPDX-License-Identifier: MIT */
/* What an HTML body says in plain text. For people to read, not for rendering again. */
#ifndef TOMBOLO_HTML_H
#define TOMBOLO_HTML_H

#include "mapping/base/arena.h"

/* Tags go, <br> and the ends of blocks become line feeds, white space runs one space, references their characters;
 * the inside of script, style, head and comments is dropped. `html` is UTF-8, any rubbish otherwise; linear time. */
struct str map_html_to_text(struct arena *a, struct str html);

#endif

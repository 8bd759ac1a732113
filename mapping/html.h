/* SPDX-License-Identifier: MIT */
/* What an HTML body says in plain text. For people to read, not for rendering again. */
#ifndef TOMBOLO_HTML_H
#define TOMBOLO_HTML_H

#include "mapping/base/arena.h"

/* Tags go, <br> and the ends of blocks become line feeds (never more than two empty lines in a row), items of lists begin
 * with "- ", white space runs one space but in <pre>, references their characters; a link whose text does not name its
 * address gets it in angle brackets behind it, a picture is its alternative text or "[picture]". The inside of script,
 * style, head and comments is dropped. `html` is UTF-8, any rubbish otherwise; linear time. */
struct str map_html_to_text(struct arena *a, struct str html);

#endif

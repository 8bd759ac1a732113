/* SPDX-License-Identifier: MIT */
/* Character references of HTML: "&amp;", "&#8364;", "&#x20AC;". */
#ifndef TOMBOLO_HTML_REFERENCE_H
#define TOMBOLO_HTML_REFERENCE_H

#include "mapping/base/arena.h"

/* At a `&`: how many bytes the reference takes, and its character. 0: it is none we know, the `&` stands for itself. */
size_t map_html_reference(struct str s, uint32_t *character);
/* An attribute's value with its references undone. */
struct str map_html_value(struct arena *a, struct str value);

#endif

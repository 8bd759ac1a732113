/* SPDX-License-Identifier: MIT */
/* Header fields as MIME has them, and the entities that begin with them (RFC 2045, RFC 5322 2.2.3). */
#ifndef TOMBOLO_MIME_H
#define TOMBOLO_MIME_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

struct map_mime_field {
	struct str name, value; /* both trimmed; a folded value is in one line */
};
/* Takes one field off the front of *rest, its continuation lines included. False: the blank line that ends the fields was
 * taken, or nothing is left. A line without a colon is a field without a value. Lines end with CRLF or LF. */
bool map_mime_next(struct arena *a, struct str *rest, struct map_mime_field *out);

/* Fields, a blank line, a body: its type (text/plain where there is none) and its bytes, transfer encoding undone.
 * False: an encoding that cannot be undone. Strings borrow from `entity` or live in `a`. */
bool map_mime_read(struct arena *a, struct str entity, struct s_body *out);

#endif

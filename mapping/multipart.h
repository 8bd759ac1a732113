/* SPDX-License-Identifier: MIT */
/* The parts of a MIME multipart body (RFC 2046 5.1). */
#ifndef TOMBOLO_MULTIPART_H
#define TOMBOLO_MULTIPART_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

enum { MAP_MULTIPART_PARTS = 8 };

/* The first parts whose transfer encoding can be undone; their strings borrow from `body` or live in `a`. A part without a
 * type is text/plain. Returns their number, 0 where the body has no boundary or no whole part. */
unsigned map_multipart_read(struct arena *a, const struct s_body *body, struct s_body parts[MAP_MULTIPART_PARTS]);

#endif

/* SPDX-License-Identifier: MIT */
/* "Is typing": KeyboardActivity (Lync), isComposing (RFC 3994), chat states (XEP-0085, RFC 7573 6). */
#ifndef TOMBOLO_TYPING_H
#define TOMBOLO_TYPING_H

#include "mapping/base/arena.h"
#include "mapping/profile.h"
#include "mapping/values.h"

enum map_typing { MAP_TYPING_NONE, MAP_TYPING_ACTIVE, MAP_TYPING_IDLE };

/* What a document of either kind says. NONE: it is of neither kind or says nothing we know (answer 200, ignore).
 * *refresh_s: isComposing's refresh, 0 where it has none. */
enum map_typing map_typing_read(struct arena *a, const struct s_body *body, unsigned *refresh_s);
/* The document in the profile's kind. MAP_TYPING_NONE is not allowed. */
struct s_body map_typing_write(struct arena *a, enum map_typing typing, const struct map_profile *profile);

enum map_typing map_typing_x2s(enum x_chat chat); /* gone and none: NONE */
enum x_chat map_typing_s2x(enum map_typing typing);

#endif

/* SPDX-License-Identifier: MIT */
/* PIDF documents (RFC 3863) with RPID in both dialects (RFC 4480; the draft inside status). */
#ifndef TOMBOLO_PIDF_H
#define TOMBOLO_PIDF_H

#include "mapping/base/arena.h"
#include "mapping/profile.h"
#include "mapping/values.h"

/* Reads by local name, activities wherever they stand, decides the encoding by bytes, refuses a DTD; at most 64 KiB, 32
 * levels, 64 tuples. REASON_BAD_CONTENT: no PIDF, or not well-formed. */
enum reason map_pidf_read(struct arena *a, struct str bytes, struct s_presence *out);
/* In the profile's dialect; valid by the schemas. */
struct str map_pidf_write(struct arena *a, const struct s_presence *in, const struct map_profile *profile);
extern const struct str map_pidf_type; /* application/pidf+xml */

#endif

/* SPDX-License-Identifier: MIT */
/* Points in time as XML writes them (RFC 3339, XML Schema dateTime, XEP-0082): Unix milliseconds. */
#ifndef TOMBOLO_TIMESTAMP_H
#define TOMBOLO_TIMESTAMP_H

#include "mapping/base/arena.h"

/* "2026-02-11T10:00:00.5+01:00"; no zone means UTC. False: not such a text, or before 1970; *out is left alone. */
bool map_timestamp_read(struct str text, int64_t *out);
/* "2026-02-11T09:00:00Z", with milliseconds where there are any. For years 1970 to 9999. */
struct str map_timestamp_print(struct arena *a, int64_t unix_ms);

#endif

/* SPDX-License-Identifier: MIT */
/* Readers of single values: names, addresses, durations, sizes, rates. Pure. */
#ifndef TOMBOLO_CONFIG_UNITS_H
#define TOMBOLO_CONFIG_UNITS_H

#include "mapping/base/arena.h"
#include "mapping/base/str.h"
#include "sipside/sipside.h"

/* false: the text is no such value; the results are left alone. */
bool config_read_name(struct arena *a, struct str text, struct str *out); /* lower case; host name or IP address */
bool config_read_duration(struct str text, uint64_t *ms); /* ms s min h d */
bool config_read_size(struct str text, uint64_t *bytes); /* B KiB MiB GiB */
bool config_read_rate(struct str text, uint64_t *count, uint64_t *per_ms); /* /s /min /h */
bool config_read_peer(struct arena *a, struct str text, struct str *out); /* name, address, network */
/* transport:host[:port]; port 0 where none is given; *explicit_zero: it says ":0". */
bool config_read_address(struct arena *a, struct str text, struct sipside_address *out, bool *explicit_zero);
bool config_read_server(struct arena *a, struct str text, struct str *host, uint16_t *port); /* port 0: none given */

#endif

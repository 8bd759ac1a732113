/* SPDX-License-Identifier: MIT */
/* Charsets other than UTF-8 (RFC 2046 4.1.2), by iconv. */
#ifndef TOMBOLO_CHARSET_H
#define TOMBOLO_CHARSET_H

#include "mapping/base/arena.h"

enum { MAP_CHARSET_BYTES = 256 * 1024 }; /* no longer body is converted */

/* Absent, utf-8 or us-ascii: UTF-8 is what RFC 3428 9 and our peers mean by all three. */
bool map_charset_is_utf8(struct str charset);
/* False: a charset not in our list, or bytes that are not in it. The list is short on purpose: some of iconv's rarer
 * converters had overflows and endless loops, and their names come from the wire. */
bool map_charset_to_utf8(struct arena *a, struct str bytes, struct str charset, struct str *out);
/* The characters of bytes 0x80 to 0xff in a charset of single bytes; 0: none. All are 0 where the charset is not in our list
 * or takes more than a byte for one. */
void map_charset_upper_half(struct str charset, uint32_t characters[128]);

#endif

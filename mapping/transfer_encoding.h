/* SPDX-License-Identifier: MIT */
/* Content transfer encodings of MIME (RFC 2045 section 6). */
#ifndef TOMBOLO_TRANSFER_ENCODING_H
#define TOMBOLO_TRANSFER_ENCODING_H

#include "mapping/base/arena.h"

/* Undoes `encoding` (7bit, 8bit, binary, none at all; base64; quoted-printable). False: another encoding, or base64 that is
 * none; quoted-printable is read as far as it makes sense (RFC 2045 6.7). *out lives in `a` or is `bytes` itself. */
bool map_transfer_decode(struct arena *a, struct str encoding, struct str bytes, struct str *out);

#endif

/* SPDX-License-Identifier: MIT */
/* A resource as a PIDF tuple's id and back (RFC 8048 6.2: "ID-" and the resource). An id is an xs:ID and takes few
 * characters, a resource any: all but letters, digits, `-` and `.` of ASCII become "_HH", each byte of the UTF-8 for
 * itself, `_` too. So "my phone/ü" is "ID-my_20phone_2F_C3_BC", and every resource comes back as it was. */
#ifndef TOMBOLO_TUPLE_ID_H
#define TOMBOLO_TUPLE_ID_H

#include "mapping/base/arena.h"

struct str map_tuple_id_of_resource(struct arena *a, struct str resource);
/* False: no "ID-" in front, or what stands behind is no resource. "_" without two digits (a foreign "ID-my_phone") stands
 * for itself. "ID-" alone is the empty resource. */
bool map_tuple_id_to_resource(struct arena *a, struct str id, struct str *out);

#endif

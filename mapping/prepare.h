/* SPDX-License-Identifier: MIT */
/* The parts of an address in the one spelling both servers compare: nodeprep, resourceprep, nameprep (RFC 6122), and
 * A-labels for SIP hosts (RFC 5890). Plain ASCII never reaches a Unicode library. */
#ifndef TOMBOLO_PREPARE_H
#define TOMBOLO_PREPARE_H

#include "mapping/base/arena.h"

enum { MAP_PART_BYTES = 1023, MAP_HOST_BYTES = 255 };

/* Each gives false for what its profile forbids, for bad UTF-8 and for a part of more than MAP_PART_BYTES, before or
 * after. *out lives in `a`; where the part is in its final form already, it is `s` itself. Empty is not allowed. */
bool map_prepare_node(struct arena *a, struct str s, struct str *out);
bool map_prepare_resource(struct arena *a, struct str s, struct str *out);
bool map_prepare_domain(struct arena *a, struct str s, struct str *out); /* U-labels stay; a trailing dot goes */
/* A host name, IPv4 address or [IPv6] reference as a SIP host: ASCII, lower case, at most MAP_HOST_BYTES. */
bool map_prepare_host(struct arena *a, struct str s, struct str *out);
/* The same host as a JID's domain: A-labels become U-labels. */
bool map_prepare_domain_of_host(struct arena *a, struct str host, struct str *out);

#endif

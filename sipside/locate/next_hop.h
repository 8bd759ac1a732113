/* SPDX-License-Identifier: MIT */
/* From a URI, or a configured address, to where bytes go. */
#ifndef TOMBOLO_NEXT_HOP_H
#define TOMBOLO_NEXT_HOP_H

#include "sipside/locate/domains.h"

/* The host, port and transport a URI names (RFC 3263 4.1; maddr wins over the host); *open: it names neither transport
 * nor port, so that DNS may choose both. Borrows from the turn's arena. false: no SIP URI with a host. */
bool next_hop_read(const struct sipside_domain *d, struct str uri, struct sipside_address *out, bool *open);
struct sipside_target next_hop_target(const union resolver_address *host, const struct sipside_address *to);
/* Where an ACK to a 2xx goes, at once: the next hop if its address is known without asking, else where the answer came
 * from. */
struct sipside_target next_hop_for_ack(
	struct sipside_domain *d, struct str uri, const struct sipside_target *answered_from);

#endif

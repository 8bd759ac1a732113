/* SPDX-License-Identifier: MIT */
/* Instant message disposition notifications (RFC 5438): what became of a message, told by the other side. */
#ifndef TOMBOLO_IMDN_H
#define TOMBOLO_IMDN_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

enum { MAP_IMDN_ID_BYTES = 128 }; /* no longer message id is answered: it would come back in our own request */

enum map_imdn_status {
	MAP_IMDN_NONE, /* says nothing that XMPP has a word for: processed, stored, or no IMDN at all */
	MAP_IMDN_DELIVERED,
	MAP_IMDN_DISPLAYED,
	MAP_IMDN_FAILED, /* it will not be delivered */
	MAP_IMDN_FORBIDDEN, /* the report is refused, not the message */
	MAP_IMDN_ERROR, /* no report could be made */
	MAP_IMDN_STATUSES
};
struct map_imdn {
	struct str id; /* imdn.Message-ID of the message that is meant */
	enum map_imdn_status status;
};
/* What the sender of a message wants to hear of it (RFC 5438 6.3). */
struct map_imdn_wish {
	struct str id; /* imdn.Message-ID; empty: nothing is wanted, or not answerable */
	bool delivery, failure, display;
};

/* A message/imdn+xml document; status NONE where it is none of the above. out->id lives in `a`. */
void map_imdn_read(struct arena *a, struct str bytes, struct map_imdn *out);
/* DELIVERED or DISPLAYED as a document about a message to `recipient`. unix_ms: when it was sent. */
struct str map_imdn_write(struct arena *a, const struct map_imdn *imdn, const struct s_uri *recipient, int64_t unix_ms);
/* Adds the words of an imdn.Disposition-Notification header to *wish. */
void map_imdn_read_wish(struct str value, struct map_imdn_wish *wish);

#endif

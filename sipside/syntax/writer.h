/* SPDX-License-Identifier: MIT */
/* SIP as flat text: the bytes a peer gave (Via, From, To, Route ...) go back out as they came in. */
#ifndef TOMBOLO_WRITER_H
#define TOMBOLO_WRITER_H

#include "sipside/syntax/message.h"

/* What a request consists of, beside the Via that the transaction puts on top. */
struct sipside_outgoing {
	enum s_method method;
	struct str uri;
	/* All other header lines, each ending in CRLF: Route, Max-Forwards, From, To, Call-ID, CSeq, Contact, ...
	 * but not Via, Content-Type, Content-Length. */
	struct str headers;
	struct str content_type; /* empty: no body */
	struct str body;
};
/* via: the value of the one Via. Content-Length is added and counts bytes. */
void write_request(struct buf *out, const struct sipside_outgoing *r, struct str via);

/* The lines of a request that every answer to it repeats, in one piece of text, kept while an answer is open:
 * Record-Route lines first (only dialog-forming answers carry them), then Via with received and rport, From, Call-ID,
 * CSeq and last To, without its line end, so that a tag can be put behind. */
struct reply_head {
	struct str text;
	unsigned route_bytes; /* length of the Record-Route lines */
	bool has_tag; /* To had one already */
};
/* Appends the text to *out; text points into it until it grows again. received: numeric address of the sender. */
struct reply_head write_reply_head(struct buf *out, const struct sipside_msg *m, struct str received, uint16_t rport);

struct sipside_reply {
	int status;
	struct str phrase; /* empty: the usual one */
	struct str route; /* our own Record-Route line with CRLF; goes above the copied ones (RFC 3261 12.1.1, 16.6) */
	struct str headers; /* further lines, each ending in CRLF */
	struct str content_type, body;
};
/* tag is put behind To where it has none, except in a 100. */
void write_reply(struct buf *out, const struct reply_head *head, struct str tag, const struct sipside_reply *r);

/* ACK of a 300-699 answer and CANCEL, made from the request as it was sent (RFC 3261 17.1.1.3, 9.1). */
void write_ack(struct buf *out, struct str request, struct str to_value);
void write_cancel(struct buf *out, struct str request);

#endif

/* SPDX-License-Identifier: MIT */
/* Cuts a stream of bytes into messages by Content-Length (RFC 3261 18.3), whatever the sizes of the pieces it comes in.
 * Linear: no byte is looked for a line end twice. */
#ifndef TOMBOLO_FRAMER_H
#define TOMBOLO_FRAMER_H

#include "mapping/base/str.h"

struct framer {
	struct buf in;
	size_t from; /* bytes of `in` that are done with */
	size_t looked; /* of the message begun: where the search for the empty line goes on */
	size_t whole; /* its length, once the head is there; else 0 */
	bool first_line_seen;
	unsigned line_ends; /* keep-alive bytes seen since the last message */
};

enum framed {
	FRAMED_MORE, /* not yet */
	FRAMED_MESSAGE,
	FRAMED_PING, /* CR LF CR LF between messages: wants one CR LF back (RFC 5626 4.4.1) */
	FRAMED_LAST, /* a message (perhaps only its head) after which nobody knows where the next one starts */
	FRAMED_GARBAGE, /* not SIP, or a head without end */
};

/* What stands next in the stream; *message is valid until bytes are added. limit: of a message, in bytes. */
enum framed framer_next(struct framer *f, size_t limit, struct str *message);
/* Room for n more bytes; the caller writes there and reports how many with framer_added(). */
char *framer_room(struct framer *f, size_t n);
void framer_added(struct framer *f, size_t n);
bool framer_inside_message(const struct framer *f); /* is a message begun and not whole */
void framer_settle(struct framer *f); /* after a series of framer_next: gives back what is done with */
void framer_finish(struct framer *f);

#endif

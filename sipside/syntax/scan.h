/* SPDX-License-Identifier: MIT */
/* The raw scanner that stands before every other reader: start line, header lines, body, as views of the bytes that
 * came (RFC 3261 section 7). Linear in the length of the message, whatever it holds, and capped. */
#ifndef TOMBOLO_SCAN_H
#define TOMBOLO_SCAN_H

#include "sipside/syntax/names.h"

enum {
	SCAN_MAX_BYTES = 64 * 1024, /* a message */
	SCAN_MAX_LINE = 8 * 1024, /* a header with its continuation lines */
	SCAN_MAX_LINES = 200,
};

struct scan_line {
	enum sipside_header id;
	struct str name, value; /* as they came; value without the space around it, folds kept inside */
};

struct scan {
	bool is_request;
	struct str method, uri, version; /* a request's; uri may be empty where the line is malformed */
	int status; /* a response's */
	struct str phrase;
	bool start_line_ok; /* exactly as RFC 3261 25.1 wants it, trailing space aside */
	bool lines_ok; /* every header line had a name and a colon */
	bool too_large; /* a cap was passed: lines holds what fitted */
	struct scan_line *lines;
	unsigned count, room;
	unsigned counts[HDR_COUNT]; /* how many lines of each */
	unsigned first[HDR_COUNT]; /* index of the first line of each, where counts is not 0 */
	struct str rest; /* what follows the empty line; Content-Length not yet applied */
	bool has_end; /* the empty line is there */
};

/* How many lines this message may need: enough for all it has, or the cap. */
unsigned scan_room(struct str bytes);
/* lines: the caller's, with that room. false: no start line of either kind, nothing can be said about it. */
bool scan_message(struct str bytes, struct scan_line *lines, unsigned room, struct scan *out);
/* The one Content-Length of these lines: -1 none, -2 invalid, negative, too large or contradictory. */
int64_t scan_content_length(const struct scan *s);
/* Where a header section ends: the offset behind the empty line, looking from *at on, which it moves so that the next
 * call with more bytes does not look twice; 0: not there yet. */
size_t scan_end_of_head(struct str bytes, size_t *at);
/* Takes the part before the first comma outside quotes and angle brackets off the front of *rest, trimmed. */
struct str scan_next_value(struct str *rest);

#endif

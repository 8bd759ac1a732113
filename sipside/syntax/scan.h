/* SPDX-License-Identifier: MIT */
/* The raw scanner that stands before every other reader: start line, header lines, body, as views of the bytes that
 * came (RFC 3261 section 7). Linear in the length of the message, whatever it holds, and capped. */
#ifndef TOMBOLO_SCAN_H
#define TOMBOLO_SCAN_H

#include "mapping/values.h"

enum {
	SCAN_MAX_BYTES = 64 * 1024, /* a message */
	SCAN_MAX_LINE = 8 * 1024, /* a header with its continuation lines */
	SCAN_MAX_LINES = 200,
};

/* The headers we look at; compact names included. Any other is HDR_OTHER and found by name. */
enum sipside_header {
	HDR_OTHER,
	HDR_ACCEPT,
	HDR_ALLOW,
	HDR_CALL_ID,
	HDR_CONTACT,
	HDR_CONTENT_ENCODING,
	HDR_CONTENT_LANGUAGE,
	HDR_CONTENT_LENGTH,
	HDR_CONTENT_TYPE,
	HDR_CSEQ,
	HDR_DATE,
	HDR_EVENT,
	HDR_EXPIRES,
	HDR_FROM,
	HDR_MAX_FORWARDS,
	HDR_MIN_EXPIRES,
	HDR_P_ASSERTED_IDENTITY,
	HDR_PROXY_REQUIRE,
	HDR_RECORD_ROUTE,
	HDR_REQUIRE,
	HDR_RETRY_AFTER,
	HDR_ROUTE,
	HDR_SUBJECT,
	HDR_SUBSCRIPTION_STATE,
	HDR_SUPPORTED,
	HDR_TO,
	HDR_USER_AGENT,
	HDR_VIA,
	HDR_COUNT
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
	unsigned count;
	unsigned counts[HDR_COUNT]; /* how many lines of each */
	unsigned first[HDR_COUNT]; /* index of the first line of each, where counts is not 0 */
	struct str rest; /* what follows the empty line; Content-Length not yet applied */
	bool has_end; /* the empty line is there */
};

/* lines: room for SCAN_MAX_LINES, the caller's. false: no start line of either kind, nothing can be said about it. */
bool scan_message(struct str bytes, struct scan_line *lines, struct scan *out);
/* The one Content-Length of these lines: -1 none, -2 invalid, negative, too large or contradictory. */
int64_t scan_content_length(const struct scan *s);
/* Where a header section ends: the offset behind the empty line, looking from *at on, which it moves so that the next
 * call with more bytes does not look twice; 0: not there yet. */
size_t scan_end_of_head(struct str bytes, size_t *at);
/* Takes the part before the first comma outside quotes and angle brackets off the front of *rest, trimmed. */
struct str scan_next_value(struct str *rest);
struct str scan_header_name(enum sipside_header id); /* the long form */
enum sipside_header scan_header_id(struct str name);
enum s_method scan_method(struct str word); /* case-sensitive; S_METHOD_UNKNOWN where there is none such */
struct str scan_method_name(enum s_method m);

#endif

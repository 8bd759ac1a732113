/* SPDX-License-Identifier: MIT */
/* The words of SIP as tables: header names with their compact forms (RFC 3261 7.3.3), methods, reason phrases. */
#ifndef TOMBOLO_NAMES_H
#define TOMBOLO_NAMES_H

#include "mapping/values.h"

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

enum sipside_header name_header(struct str name); /* case ignored; HDR_OTHER where it is none of ours */
struct str name_of_header(enum sipside_header id); /* the long form; empty for HDR_OTHER */
enum s_method name_method(struct str word); /* case matters (RFC 3261 7.1); S_METHOD_UNKNOWN */
struct str name_of_method(enum s_method m); /* empty for S_METHOD_UNKNOWN */
struct str name_of_status(int status); /* "Not Found"; the phrase of its class for a status without one */

#endif

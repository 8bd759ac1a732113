/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/names.h"

static const struct {
	struct str name;
	char compact; /* 0: none */
} headers[HDR_COUNT] = {
	[HDR_OTHER] = { STR_INIT(""), 0 },
	[HDR_ACCEPT] = { STR_INIT("Accept"), 0 },
	[HDR_ALLOW] = { STR_INIT("Allow"), 0 },
	[HDR_CALL_ID] = { STR_INIT("Call-ID"), 'i' },
	[HDR_CONTACT] = { STR_INIT("Contact"), 'm' },
	[HDR_CONTENT_ENCODING] = { STR_INIT("Content-Encoding"), 'e' },
	[HDR_CONTENT_LANGUAGE] = { STR_INIT("Content-Language"), 0 },
	[HDR_CONTENT_LENGTH] = { STR_INIT("Content-Length"), 'l' },
	[HDR_CONTENT_TYPE] = { STR_INIT("Content-Type"), 'c' },
	[HDR_CSEQ] = { STR_INIT("CSeq"), 0 },
	[HDR_DATE] = { STR_INIT("Date"), 0 },
	[HDR_EVENT] = { STR_INIT("Event"), 'o' },
	[HDR_EXPIRES] = { STR_INIT("Expires"), 0 },
	[HDR_FROM] = { STR_INIT("From"), 'f' },
	[HDR_MAX_FORWARDS] = { STR_INIT("Max-Forwards"), 0 },
	[HDR_MIN_EXPIRES] = { STR_INIT("Min-Expires"), 0 },
	[HDR_P_ASSERTED_IDENTITY] = { STR_INIT("P-Asserted-Identity"), 0 },
	[HDR_PROXY_REQUIRE] = { STR_INIT("Proxy-Require"), 0 },
	[HDR_RECORD_ROUTE] = { STR_INIT("Record-Route"), 0 },
	[HDR_REQUIRE] = { STR_INIT("Require"), 0 },
	[HDR_RETRY_AFTER] = { STR_INIT("Retry-After"), 0 },
	[HDR_ROUTE] = { STR_INIT("Route"), 0 },
	[HDR_SUBJECT] = { STR_INIT("Subject"), 's' },
	[HDR_SUBSCRIPTION_STATE] = { STR_INIT("Subscription-State"), 0 },
	[HDR_SUPPORTED] = { STR_INIT("Supported"), 'k' },
	[HDR_TO] = { STR_INIT("To"), 't' },
	[HDR_USER_AGENT] = { STR_INIT("User-Agent"), 0 },
	[HDR_VIA] = { STR_INIT("Via"), 'v' },
};

enum sipside_header name_header(struct str name)
{
	if (name.n == 0)
		return HDR_OTHER;
	char initial = (char)(name.p[0] | 0x20);

	for (unsigned id = HDR_OTHER + 1; id < HDR_COUNT; id++) {
		if (name.n == 1 && headers[id].compact == initial)
			return (enum sipside_header)id;
		if (name.n == headers[id].name.n && initial == (headers[id].name.p[0] | 0x20) &&
			str_eq_nocase(name, headers[id].name))
			return (enum sipside_header)id;
	}
	return HDR_OTHER;
}

struct str name_of_header(enum sipside_header id)
{
	return headers[id].name;
}

static const struct str methods[S_METHODS] = {
	[S_INVITE] = STR_INIT("INVITE"),
	[S_ACK] = STR_INIT("ACK"),
	[S_BYE] = STR_INIT("BYE"),
	[S_CANCEL] = STR_INIT("CANCEL"),
	[S_OPTIONS] = STR_INIT("OPTIONS"),
	[S_MESSAGE] = STR_INIT("MESSAGE"),
	[S_INFO] = STR_INIT("INFO"),
	[S_SUBSCRIBE] = STR_INIT("SUBSCRIBE"),
	[S_NOTIFY] = STR_INIT("NOTIFY"),
	[S_BENOTIFY] = STR_INIT("BENOTIFY"),
	[S_UPDATE] = STR_INIT("UPDATE"),
	[S_PRACK] = STR_INIT("PRACK"),
	[S_REFER] = STR_INIT("REFER"),
	[S_PUBLISH] = STR_INIT("PUBLISH"),
	[S_REGISTER] = STR_INIT("REGISTER"),
	[S_SERVICE] = STR_INIT("SERVICE"),
	[S_NEGOTIATE] = STR_INIT("NEGOTIATE"),
	[S_METHOD_UNKNOWN] = STR_INIT(""),
};

enum s_method name_method(struct str word)
{
	for (unsigned m = 0; m < S_METHOD_UNKNOWN; m++)
		if (str_eq(word, methods[m]))
			return (enum s_method)m;
	return S_METHOD_UNKNOWN;
}

struct str name_of_method(enum s_method m)
{
	return methods[m];
}

static const struct {
	int status;
	struct str phrase;
} phrases[] = {
	{ 100, STR_INIT("Trying") },
	{ 180, STR_INIT("Ringing") },
	{ 183, STR_INIT("Session Progress") },
	{ 200, STR_INIT("OK") },
	{ 202, STR_INIT("Accepted") },
	{ 302, STR_INIT("Moved Temporarily") },
	{ 400, STR_INIT("Bad Request") },
	{ 401, STR_INIT("Unauthorized") },
	{ 403, STR_INIT("Forbidden") },
	{ 404, STR_INIT("Not Found") },
	{ 405, STR_INIT("Method Not Allowed") },
	{ 406, STR_INIT("Not Acceptable") },
	{ 407, STR_INIT("Proxy Authentication Required") },
	{ 408, STR_INIT("Request Timeout") },
	{ 410, STR_INIT("Gone") },
	{ 413, STR_INIT("Request Entity Too Large") },
	{ 414, STR_INIT("Request-URI Too Long") },
	{ 415, STR_INIT("Unsupported Media Type") },
	{ 416, STR_INIT("Unsupported URI Scheme") },
	{ 420, STR_INIT("Bad Extension") },
	{ 421, STR_INIT("Extension Required") },
	{ 422, STR_INIT("Session Interval Too Small") },
	{ 423, STR_INIT("Interval Too Brief") },
	{ 433, STR_INIT("Anonymity Disallowed") },
	{ 480, STR_INIT("Temporarily Unavailable") },
	{ 481, STR_INIT("Call/Transaction Does Not Exist") },
	{ 482, STR_INIT("Loop Detected") },
	{ 483, STR_INIT("Too Many Hops") },
	{ 484, STR_INIT("Address Incomplete") },
	{ 485, STR_INIT("Ambiguous") },
	{ 486, STR_INIT("Busy Here") },
	{ 487, STR_INIT("Request Terminated") },
	{ 488, STR_INIT("Not Acceptable Here") },
	{ 489, STR_INIT("Bad Event") },
	{ 491, STR_INIT("Request Pending") },
	{ 493, STR_INIT("Undecipherable") },
	{ 500, STR_INIT("Server Internal Error") },
	{ 501, STR_INIT("Not Implemented") },
	{ 502, STR_INIT("Bad Gateway") },
	{ 503, STR_INIT("Service Unavailable") },
	{ 504, STR_INIT("Server Time-out") },
	{ 505, STR_INIT("Version Not Supported") },
	{ 513, STR_INIT("Message Too Large") },
	{ 600, STR_INIT("Busy Everywhere") },
	{ 603, STR_INIT("Decline") },
	{ 604, STR_INIT("Does Not Exist Anywhere") },
	{ 606, STR_INIT("Not Acceptable") },
};

struct str name_of_status(int status)
{
	static const struct str classes[] = { STR_INIT("Unknown"), STR_INIT("Progress"), STR_INIT("OK"),
		STR_INIT("Redirected"), STR_INIT("Refused"), STR_INIT("Server Failure"), STR_INIT("Declined") };

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return classes[status >= 100 && status < 700 ? status / 100 : 0];
}

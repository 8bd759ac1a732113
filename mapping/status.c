/* SPDX-License-Identifier: MIT */
#include "mapping/status.h"

#define UNKNOWN_CONTACT "There is no such user in the other chat system. Check how the address is written."
#define AWAY_CONTACT "Your contact cannot be reached at the moment; nothing was delivered. Try again later."
#define REFUSED "The chat system of your contact refused this; nothing was delivered."
#define NOT_ALLOWED "The chat system of your contact does not allow this. Ask your administrator if it should."
#define UNACCEPTABLE "Your contact's program cannot take this kind of content; nothing was delivered. Send plain text."
#define NOT_UNDERSTOOD "The chat system of your contact did not understand this; nothing was delivered."
#define CANNOT "The chat system of your contact cannot do this."
#define FAULT "The chat system of your contact has a fault; nothing was delivered. Try again later."
#define MOVED "Your contact has moved to another address. Write to the new one."
#define TOO_LARGE "Your message is too large for the chat system of your contact. Send it in shorter parts."
#define MAYBE "The chat system of your contact did not answer in time; your message may have arrived."
#define LOST "The conversation was closed on the other side; nothing was delivered. Try again."

#define ROW(status, phrase, stanza, people)                                                                            \
	{                                                                                                              \
		status, STR_INIT(phrase), STR_INIT(stanza), STR_INIT(people)                                           \
	}

static const struct map_status statuses[] = {
	ROW(100, "Trying", "undefined-condition", REFUSED),
	ROW(180, "Ringing", "undefined-condition", REFUSED),
	ROW(183, "Session Progress", "undefined-condition", REFUSED),
	ROW(200, "OK", "undefined-condition", REFUSED),
	ROW(202, "Accepted", "undefined-condition", REFUSED),
	ROW(300, "Multiple Choices", "redirect", MOVED),
	ROW(301, "Moved Permanently", "gone", MOVED),
	ROW(302, "Moved Temporarily", "redirect", MOVED),
	ROW(305, "Use Proxy", "redirect", MOVED),
	ROW(380, "Alternative Service", "not-acceptable", REFUSED),
	ROW(400, "Bad Request", "bad-request", NOT_UNDERSTOOD),
	ROW(401, "Unauthorized", "not-authorized", NOT_ALLOWED),
	ROW(402, "Payment Required", "bad-request", NOT_ALLOWED),
	ROW(403, "Forbidden", "forbidden", NOT_ALLOWED),
	ROW(404, "Not Found", "item-not-found", UNKNOWN_CONTACT),
	ROW(405, "Method Not Allowed", "feature-not-implemented", CANNOT),
	ROW(406, "Not Acceptable", "not-acceptable", UNACCEPTABLE),
	ROW(407, "Proxy Authentication Required", "registration-required", NOT_ALLOWED),
	ROW(408, "Request Timeout", "remote-server-timeout", MAYBE),
	ROW(410, "Gone", "gone", "Your contact has no account in the other chat system any more."),
	ROW(413, "Request Entity Too Large", "policy-violation", TOO_LARGE),
	ROW(414, "Request-URI Too Long", "policy-violation", TOO_LARGE),
	ROW(415, "Unsupported Media Type", "not-acceptable", UNACCEPTABLE),
	ROW(416, "Unsupported URI Scheme", "not-acceptable", NOT_UNDERSTOOD),
	ROW(420, "Bad Extension", "feature-not-implemented", CANNOT),
	ROW(421, "Extension Required", "not-acceptable", CANNOT),
	ROW(422, "Session Interval Too Small", "bad-request", NOT_UNDERSTOOD),
	ROW(423, "Interval Too Brief", "resource-constraint", FAULT),
	ROW(429, "Provide Referrer Identity", "bad-request", NOT_UNDERSTOOD),
	ROW(430, "Flow Failed", "recipient-unavailable", AWAY_CONTACT),
	ROW(439, "First Hop Lacks Outbound Support", "feature-not-implemented", CANNOT),
	ROW(440, "Max-Breadth Exceeded", "policy-violation", REFUSED),
	ROW(480, "Temporarily Unavailable", "recipient-unavailable", AWAY_CONTACT),
	ROW(481, "Call/Transaction Does Not Exist", "item-not-found", LOST),
	/* RFC 7247 has not-acceptable; but what goes round between two systems is a user whom neither of them knows */
	ROW(482, "Loop Detected", "item-not-found", UNKNOWN_CONTACT),
	ROW(483, "Too Many Hops", "not-acceptable", UNKNOWN_CONTACT),
	ROW(484, "Address Incomplete", "item-not-found", UNKNOWN_CONTACT),
	ROW(485, "Ambiguous", "item-not-found", UNKNOWN_CONTACT),
	ROW(486, "Busy Here", "recipient-unavailable",
		"Your contact does not want to be disturbed; nothing was delivered. Try again later."),
	ROW(487, "Request Terminated", "recipient-unavailable", AWAY_CONTACT),
	ROW(488, "Not Acceptable Here", "not-acceptable", UNACCEPTABLE),
	ROW(489, "Bad Event", "policy-violation", CANNOT),
	ROW(491, "Request Pending", "unexpected-request", "Both sides began at the same moment. Try again."),
	ROW(493, "Undecipherable", "bad-request", NOT_UNDERSTOOD),
	ROW(494, "Security Agreement Required", "bad-request", NOT_ALLOWED),
	ROW(500, "Server Internal Error", "internal-server-error", FAULT),
	ROW(501, "Not Implemented", "feature-not-implemented", CANNOT),
	ROW(502, "Bad Gateway", "remote-server-not-found", FAULT),
	ROW(503, "Service Unavailable", "internal-server-error", FAULT),
	ROW(504, "Server Time-out", "remote-server-timeout", MAYBE),
	ROW(505, "Version Not Supported", "not-acceptable", CANNOT),
	ROW(513, "Message Too Large", "policy-violation", TOO_LARGE),
	ROW(580, "Precondition Failure", "internal-server-error", REFUSED),
	ROW(600, "Busy Everywhere", "recipient-unavailable", AWAY_CONTACT),
	ROW(603, "Decline", "recipient-unavailable", "Your contact declined; nothing was delivered."),
	ROW(604, "Does Not Exist Anywhere", "item-not-found", UNKNOWN_CONTACT),
	ROW(606, "Not Acceptable", "not-acceptable", UNACCEPTABLE),
};
enum { STATUSES = sizeof(statuses) / sizeof(statuses[0]) };

/* For a status not listed: RFC 7247 7.2 goes by its class. 2xx and below are no errors; a caller's mistake reads "failed". */
static const struct map_status classes[] = {
	ROW(0, "Failed", "undefined-condition", REFUSED),
	ROW(1, "In Progress", "undefined-condition", REFUSED),
	ROW(2, "OK", "undefined-condition", REFUSED),
	ROW(3, "Redirected", "redirect", MOVED),
	ROW(4, "Request Failed", "bad-request", REFUSED),
	ROW(5, "Server Failed", "internal-server-error", FAULT),
	ROW(6, "Declined Everywhere", "recipient-unavailable", AWAY_CONTACT),
};

const struct map_status *map_status(int status)
{
	for (unsigned i = 0; i < STATUSES; i++)
		if (statuses[i].status == status)
			return &statuses[i];
	return &classes[status >= 100 && status < 700 ? status / 100 : 0];
}

struct str map_status_phrase(int status)
{
	return map_status(status)->phrase;
}

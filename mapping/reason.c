/* SPDX-License-Identifier: MIT */
#include "mapping/reason.h"

#define ROW(reason, log, stanza, sip, retry, people)                                                                   \
	[reason] = { STR_INIT(log), STR_INIT(stanza), sip, retry, STR_INIT(people) }

/* remote-server-timeout is for "it may have arrived" alone; remote-server-not-found says it did not. */
static const struct map_reason reasons[REASON_COUNT] = {
	ROW(REASON_NONE, "ok", "", 200, 0, ""),
	ROW(REASON_LINK_DOWN, "link-down", "remote-server-not-found", 503, 5,
		"The bridge has no connection to the chat server at the moment; nothing was delivered. Try again in a "
		"minute."),
	ROW(REASON_LINK_LOST, "link-lost", "remote-server-timeout", 480, 0,
		"The connection to the chat server broke just then; your message may have arrived. Ask before you "
		"repeat it."),
	ROW(REASON_LINK_REFUSED, "link-refused", "remote-server-not-found", 503, 30,
		"The chat server does not let the bridge in; nothing was delivered. Tell your administrator."),
	ROW(REASON_NO_ROUTE, "no-route", "remote-server-not-found", 480, 0,
		"No way to the chat system of your contact is open at the moment; nothing was delivered. Try again "
		"later."),
	ROW(REASON_UNREACHABLE, "unreachable", "remote-server-not-found", 480, 0,
		"The chat system of your contact could not be reached; nothing was delivered. Try again later."),
	ROW(REASON_CONNECTION_LOST, "connection-lost", "remote-server-timeout", 480, 0,
		"The connection to the chat system of your contact broke just then; your message may have arrived. Ask "
		"before "
		"you repeat it."),
	ROW(REASON_NO_ANSWER, "no-answer", "remote-server-timeout", 480, 0,
		"The chat system of your contact did not answer in time; your message may have arrived. Ask before you "
		"repeat "
		"it."),
	ROW(REASON_TLS, "tls", "remote-server-not-found", 480, 0,
		"No secure connection to the chat system of your contact could be made; nothing was delivered. Tell "
		"your "
		"administrator."),
	ROW(REASON_SHUTTING_DOWN, "shutting-down", "resource-constraint", 503, 10,
		"The bridge is being restarted; nothing was delivered. Try again in a minute."),
	ROW(REASON_SIP_STATUS, "sip-status", "undefined-condition", 480, 0,
		"The chat system of your contact refused this."),
	ROW(REASON_STANZA_ERROR, "stanza-error", "undefined-condition", 480, 0,
		"The chat server of your contact refused this."),
	ROW(REASON_BAD_ADDRESS, "bad-address", "jid-malformed", 404, 0,
		"This address cannot exist in the other chat system. Check how it is written."),
	ROW(REASON_BAD_REQUEST, "bad-request", "bad-request", 400, 0,
		"The other program sent something that is not allowed here; nothing was delivered."),
	ROW(REASON_BAD_CONTENT, "bad-content", "not-acceptable", 415, 0,
		"This kind of content cannot cross to the other chat system; nothing was delivered. Send it as plain "
		"text."),
	ROW(REASON_BAD_CHARSET, "bad-charset", "not-acceptable", 415, 0,
		"The text has characters that could not be read; nothing was delivered. Send it as plain text in "
		"UTF-8."),
	ROW(REASON_TOO_LARGE, "too-large", "policy-violation", 513, 0,
		"Your message is too long for the other chat system; it was not delivered. Send it in shorter parts."),
	ROW(REASON_QUEUE_FULL, "queue-full", "resource-constraint", 480, 0,
		"Too many of your messages are still waiting for this contact; this one was not delivered. Try again "
		"in a "
		"minute."),
	ROW(REASON_TOO_MANY, "too-many", "resource-constraint", 480, 0,
		"That was more at once than the bridge may carry for you; nothing was delivered. Wait a little, then "
		"try again."),
	ROW(REASON_NOT_OURS, "not-ours", "remote-server-not-found", 404, 0,
		"The bridge does not serve this domain. Check the address."),
	ROW(REASON_NOT_ALLOWED, "not-allowed", "forbidden", 403, 0,
		"You are not allowed to do this through the bridge. Ask your administrator if you should be."),
	/* what comes back to us is nearly always a user who exists on neither side */
	ROW(REASON_LOOP, "loop", "item-not-found", 482, 0,
		"This address exists in neither of the two chat systems. Check how it is written."),
	ROW(REASON_UNKNOWN_USER, "unknown-user", "item-not-found", 480, 0,
		"There is no such user. Check how the address is written."),
	ROW(REASON_OFFLINE, "offline", "recipient-unavailable", 480, 0,
		"Your contact is not online; nothing was delivered. Try again later."),
	ROW(REASON_GROUPCHAT, "groupchat", "service-unavailable", 488, 0,
		"Group chats cannot cross to the other chat system. Write to each person instead."),
	ROW(REASON_NO_SESSION, "no-session", "item-not-found", 481, 0,
		"The conversation this belongs to has ended; nothing was delivered. Start a new one."),
	ROW(REASON_GIVEN_UP, "given-up", "recipient-unavailable", 480, 0,
		"Your contact's program did not open the conversation in time; nothing was delivered. Try again "
		"later."),
	ROW(REASON_NO_NOTIFY, "no-notify", "remote-server-timeout", 480, 0,
		"The chat system of your contact accepted to tell the presence, but never did."),
	ROW(REASON_SUPERSEDED, "superseded", "conflict", 487, 0, "A newer request took the place of this one."),
	ROW(REASON_NOT_SUPPORTED, "not-supported", "feature-not-implemented", 501, 0,
		"The bridge cannot do this. Use plain chat and presence."),
	ROW(REASON_EXPIRED, "expired", "remote-server-timeout", 480, 0,
		"The message was on its way for longer than its sender allowed; it was not shown. Send it again if it "
		"still matters."),
	ROW(REASON_INTERNAL, "internal", "internal-server-error", 500, 0,
		"The bridge has a fault; nothing was delivered. Tell your administrator."),
};

const struct map_reason *map_reason(enum reason why)
{
	return (unsigned)why < REASON_COUNT ? &reasons[why] : &reasons[REASON_INTERNAL];
}

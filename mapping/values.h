/* SPDX-License-Identifier: MIT */
/* What BOTH languages have a word for. x_ things as XMPP says them, s_ things as SIP does.
 * Values are borrowed for the call that passes them; their strings live in the turn's arena (env.turn) or in the
 * caller's record. Who keeps one, copies it. Nothing here is ever allocated on its own. */
#ifndef TOMBOLO_VALUES_H
#define TOMBOLO_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include "mapping/base/str.h"

/* -- Addresses. Unescaped in neither language: a JID part is as XMPP writes it (XEP-0106 escapes included), a URI user
 *    is percent-decoded bytes; mapping/address turns one into the other. No mix-up compiles. */
struct x_jid {
	struct str node, domain, resource; /* prepared (nodeprep, nameprep, resourceprep); resource empty: bare */
};
struct s_uri {
	struct str user; /* percent-decoded, case kept */
	struct str host; /* lower case; an IPv6 reference keeps its brackets */
	struct str gruu; /* the `gr` parameter, decoded; empty: none */
};

/* -- Why something ended. One row each in mapping/error.c: log word, stanza error, SIP status, sentence. */
enum reason {
	REASON_NONE,
	/* the links */
	REASON_LINK_DOWN, /* no XMPP link; nothing was written */
	REASON_LINK_LOST, /* the XMPP link broke after the stanza was written: outcome unknown */
	REASON_LINK_REFUSED, /* the XMPP server refused our log-in */
	REASON_NO_ROUTE, /* no route of the domain can be tried */
	REASON_UNREACHABLE, /* connection refused, no such host: the request provably did not arrive */
	REASON_CONNECTION_LOST, /* the connection broke after the request was written: outcome unknown */
	REASON_NO_ANSWER, /* SIP timer B or F, or the barrier's time limit: outcome unknown */
	REASON_TLS, /* certificate or handshake */
	REASON_SHUTTING_DOWN,
	/* the peer's word */
	REASON_SIP_STATUS, /* a final status of 300 or above; see s_result.status */
	REASON_STANZA_ERROR, /* a stanza error; see x_error.condition */
	/* our own decisions */
	REASON_BAD_ADDRESS, /* no valid JID or URI can be made of it */
	REASON_BAD_REQUEST, /* the request contradicts its protocol */
	REASON_BAD_CONTENT, /* a body of a type we do not carry */
	REASON_BAD_CHARSET, /* text that is not what its charset says */
	REASON_TOO_LARGE,
	REASON_QUEUE_FULL,
	REASON_TOO_MANY, /* a cap on sessions, subscriptions, rate */
	REASON_NOT_OURS, /* a domain that is not configured here */
	REASON_NOT_ALLOWED, /* this peer or user may not do that */
	REASON_LOOP,
	REASON_UNKNOWN_USER,
	REASON_OFFLINE,
	REASON_GROUPCHAT, /* group chat does not cross */
	REASON_NO_SESSION, /* in-dialog request without its dialog */
	REASON_GIVEN_UP, /* session set-up took longer than configured */
	REASON_NO_NOTIFY, /* RFC 6665 timer N: accepted, but never notified */
	REASON_SUPERSEDED, /* a newer request of the same user took its place */
	REASON_NOT_SUPPORTED,
	REASON_EXPIRED, /* the sender's own limit had passed (RFC 3428 7) */
	REASON_INTERNAL, /* a fault of ours, the store's included */
	REASON_COUNT
};

/* -- Errors and outcomes */
struct x_error {
	enum reason why; /* never REASON_NONE in an error that is passed */
	struct str condition; /* RFC 6120 8.3.3, e.g. "item-not-found" */
	struct str type; /* auth cancel continue modify wait */
	struct str text; /* for people; may be empty */
	struct str by; /* the server or gateway that spoke; may be empty */
	struct str gone_to; /* the new address of gone and redirect; else empty */
};
struct s_result {
	enum reason why; /* REASON_NONE: 2xx. Else REASON_SIP_STATUS with a status, or a local reason with status 0 */
	int status; /* 0: no answer came */
	struct str words; /* reason phrase, or what a local reason adds in words */
	struct str gone_to; /* Contact of a 3xx, a URI; else empty */
	unsigned retry_after_s; /* 0: not said */
	int expires_s; /* granted by a 2xx to SUBSCRIBE; -1: not said */
	unsigned min_expires_s; /* of a 423 */
	int warning; /* warn-code of a Warning header (RFC 3261 20.43); 0: none */
	int diagnosis; /* number in ms-diagnostics or ms-client-diagnostics; 0: none */
	bool usage_gone; /* RFC 5057, RFC 6665 4.1.2.2: the dialog usage ended with this answer */
	bool not_processed; /* provably not acted on: may be sent again elsewhere without doubling */
};

/* -- Messages */
enum x_type { X_TYPE_NORMAL, X_TYPE_CHAT, X_TYPE_GROUPCHAT, X_TYPE_HEADLINE, X_TYPE_ERROR, X_TYPES };
enum x_chat { X_CHAT_NONE, X_CHAT_ACTIVE, X_CHAT_COMPOSING, X_CHAT_PAUSED, X_CHAT_INACTIVE, X_CHAT_GONE, X_CHATS };
struct x_message {
	uint64_t flow;
	struct x_jid from, to;
	struct str id;
	enum x_type type;
	struct str body; /* UTF-8, LF line ends; empty with has_body: an empty <body/> */
	bool has_body;
	struct str html; /* XHTML-IM; later */
	struct str subject, thread, lang;
	enum x_chat chat; /* XEP-0085 */
	struct str replaces; /* XEP-0308: id of the message that this one corrects */
	struct str reactions; /* XEP-0444: divided by blanks; empty: none, or taken back */
	struct str origin_id; /* XEP-0359: the id its writer gave it, the same when it is sent again */
	bool wants_receipt; /* XEP-0184 request */
	bool markable; /* XEP-0333: wants to hear that it was displayed */
	struct str received; /* XEP-0184: id of the message that was received */
	struct str displayed; /* XEP-0333 */
	int64_t stamp_ms; /* XEP-0203, Unix; 0: none */
	bool is_invitation; /* to a group chat (XEP-0045 7.8, XEP-0249) */
	bool is_copy; /* a carbon or an archive wrapper: never a user's message to us (XEP-0280) */
	int hops; /* Max-Forwards left for what this causes; 0: not said (RFC 3261 16.6, carried across) */
	const struct x_error *error; /* type error only, else NULL */
};

/* -- Presence as XMPP says it */
enum x_kind {
	X_AVAILABLE,
	X_UNAVAILABLE,
	X_SUBSCRIBE,
	X_SUBSCRIBED,
	X_UNSUBSCRIBE,
	X_UNSUBSCRIBED,
	X_PROBE,
	X_PRESENCE_ERROR,
	X_KINDS
};
enum x_show { X_SHOW_NONE, X_SHOW_CHAT, X_SHOW_AWAY, X_SHOW_XA, X_SHOW_DND, X_SHOWS };
struct x_presence {
	uint64_t flow;
	struct x_jid from, to;
	enum x_kind kind;
	enum x_show show;
	int priority; /* -128..127 */
	struct str status, lang, nick;
	int64_t stamp_ms; /* XEP-0203, Unix; 0: none */
	int64_t idle_since_ms; /* XEP-0319, Unix; 0: none */
	int hops; /* as in x_message */
	const struct x_error *error; /* X_PRESENCE_ERROR only, else NULL */
};

/* -- Presence as SIP says it (RFC 3863, RFC 4480) */
enum s_activity { /* one bit each: 1u << S_ACT_... */
	S_ACT_AWAY,
	S_ACT_BUSY,
	S_ACT_DND, /* not in RFC 4480; peers write do-not-disturb */
	S_ACT_ON_THE_PHONE,
	S_ACT_MEETING,
	S_ACT_APPOINTMENT,
	S_ACT_PRESENTATION,
	S_ACT_PERFORMANCE,
	S_ACT_PLAYING,
	S_ACT_STEERING,
	S_ACT_WORSHIP,
	S_ACT_IN_TRANSIT,
	S_ACT_MEAL,
	S_ACT_BREAKFAST,
	S_ACT_LUNCH, /* not in RFC 4480; draft word */
	S_ACT_DINNER,
	S_ACT_SHOPPING,
	S_ACT_SLEEPING,
	S_ACT_HOLIDAY,
	S_ACT_VACATION,
	S_ACT_TRAVEL,
	S_ACT_PERMANENT_ABSENCE,
	S_ACT_WORKING,
	S_ACT_LOOKING_FOR_WORK,
	S_ACT_SPECTATOR,
	S_ACT_TV,
	S_ACT_AVAILABLE, /* draft word */
	S_ACT_OTHER,
	S_ACT_UNKNOWN,
	S_ACTIVITIES
};
struct s_tuple {
	struct str id; /* xs:ID, e.g. "t0" */
	bool open;
	unsigned activities; /* bits of enum s_activity */
	enum x_show show; /* <show xmlns='jabber:client'> of RFC 8048; X_SHOW_NONE: absent */
	struct str note, lang;
	int priority_milli; /* contact priority 0..1000; -1: none */
	int64_t stamp_ms; /* Unix; 0: none */
};
struct s_presence {
	struct s_uri entity;
	struct str display_name;
	struct s_tuple *tuples;
	unsigned count;
};

/* -- A body: a document, unopened. mapping/ opens it, sipside never does. */
struct s_body {
	struct str type; /* Content-Type as it stands, parameters included; empty: no body */
	struct str lang; /* Content-Language */
	struct str bytes;
};

/* -- A SIP request as an envelope */
enum s_method {
	S_INVITE,
	S_ACK,
	S_BYE,
	S_CANCEL,
	S_OPTIONS,
	S_MESSAGE,
	S_INFO,
	S_SUBSCRIBE,
	S_NOTIFY,
	S_BENOTIFY,
	S_UPDATE,
	S_PRACK,
	S_REFER,
	S_PUBLISH,
	S_REGISTER,
	S_SERVICE,
	S_NEGOTIATE,
	S_METHOD_UNKNOWN,
	S_METHODS
};
enum s_substate { S_SUB_NONE, S_SUB_PENDING, S_SUB_ACTIVE, S_SUB_TERMINATED, S_SUBSTATES };
enum s_subreason { /* RFC 6665 4.1.3 */
	S_WHY_NONE,
	S_WHY_DEACTIVATED,
	S_WHY_PROBATION,
	S_WHY_REJECTED,
	S_WHY_TIMEOUT,
	S_WHY_GIVEUP,
	S_WHY_NORESOURCE,
	S_WHY_INVARIANT,
	S_WHY_OTHER,
	S_WHYS
};
struct s_request {
	uint64_t flow;
	enum s_method method;
	struct s_uri from, to; /* as people: From and To (inbound `to` is the Request-URI's user and host) */
	struct str display; /* From's display name, unquoted */
	struct str call_id;
	struct str key; /* inbound: the same for every re-send of this request (Call-ID, CSeq, From tag) */
	struct str subject;
	bool orphan; /* inbound MESSAGE of a dialog that is not known (any more): all that counts is whether it was taken before */
	int hops; /* Max-Forwards; outbound 0: the default of 70 */
	int expires_s; /* -1: not said */
	enum s_substate state;
	enum s_subreason state_reason;
	unsigned retry_after_s; /* of a terminated Subscription-State */
	int64_t date_ms; /* Date header, Unix; 0: none */
	struct s_body body;
};

#endif

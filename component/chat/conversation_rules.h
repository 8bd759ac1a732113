/* SPDX-License-Identifier: MIT */
/* What a conversation does next: the pure twin of conversation.c. Knows no side, no clock, no text: only that there are
 * texts in a queue, sessions in slots and people typing. A text ends as taken, refused or unknown (it may have arrived);
 * which one is decided here, and unknown is never treated as either of the others.
 *
 * A session (one of CONVERSATION_SESSIONS slots):
 *
 *	          BEGIN                  INVITED
 *	 NONE ------------> OPENING   NONE ------> ARRIVING
 *	                       |  UP (2xx)            |  UP (ACK)
 *	                       +--------> UP <--------+
 *	                                  |
 *	     ENDED, END  <----------------+---- an answer that ended the dialog ----> LOST ---- ENDED ----> NONE
 *
 * The queue: texts leave in order, one at a time. The head is waiting or in flight; an outcome takes it from the queue,
 * but a dead dialog (provably not processed) leaves it there once more.
 *
 *	 TEXT -> waiting --SEND/PAGE--> in flight --taken, refused, unknown--> TAKEN/BOUNCE
 *	            ^                        |
 *	            +---- dead dialog, once -+
 *
 * Which way: on the session that was begun or arrived last and has not ended, once it is up; where there is none, BEGIN one
 * (profile->sessions) or PAGE. */
#ifndef TOMBOLO_CONVERSATION_RULES_H
#define TOMBOLO_CONVERSATION_RULES_H

#include "mapping/profile.h"
#include "mapping/typing.h"
#include "mapping/values.h"

enum {
	CONVERSATION_SESSIONS = 4,
	CONVERSATION_TEXTS = 100, /* in the queue, the one in flight included */
	CONVERSATION_BYTES = 256 * 1024, /* their bodies together */
	CONVERSATION_COMPOSING_MS = 30000, /* we stop repeating "is typing" without news from the XMPP user */
	CONVERSATION_REFRESH_MAX_S =
		600, /* the longest the peer's typing may last without news (RFC 3994 leaves it open) */
	CONVERSATION_NO_SLOT = 255, /* outside any session */
	CONVERSATION_ACTIONS = 12,
};

enum conversation_session_state {
	CONVERSATION_SESSION_NONE,
	CONVERSATION_SESSION_OPENING, /* our INVITE is out */
	CONVERSATION_SESSION_ARRIVING, /* theirs was answered 200, the ACK is missing */
	CONVERSATION_SESSION_UP,
	CONVERSATION_SESSION_LOST, /* an answer ended the dialog; ENDED is to come */
	CONVERSATION_SESSION_STATES
};

struct conversation_session {
	enum conversation_session_state state;
	bool used; /* a text was taken in it, either way */
	bool no_typing; /* the peer refused our "is typing" in it */
	uint32_t order; /* higher: begun or arrived later */
	uint64_t until_ms; /* the limit of its set-up, then of its silence */
};

struct conversation_rules {
	const struct map_profile *profile;
	uint32_t setup_ms, idle_ms; /* limits from the configuration */

	struct conversation_session sessions[CONVERSATION_SESSIONS];
	uint32_t last_order;
	uint64_t silent_ms; /* when the whole conversation has been silent for idle_ms */

	/* The queue to the peer. */
	unsigned queued; /* the head in flight included */
	bool in_flight, paging; /* the head; paging: outside any session */
	uint8_t flight_slot; /* NO_SLOT while paging, or where that session has ended meanwhile */
	bool reopened; /* the head waits for a second INVITE, the first was refused for its Ms-Conversation-ID */
	bool resent; /* the head was in flight once and found a dead dialog */
	bool leaving; /* the XMPP user is gone: end the sessions when the queue is empty */

	/* The XMPP user's typing, as the peer knows it. */
	bool composing;
	uint64_t composing_until_ms;
	bool told; /* the peer believes that he is typing */
	uint8_t told_slot;
	bool typing_in_flight, typing_paged;
	uint8_t typing_slot;
	uint64_t repeat_ms; /* when to tell again */
	bool peer_typed; /* the peer sent typing: it understands typing outside sessions (RFC 3994) */
	bool no_paged_typing; /* the peer refused it */

	/* The peer's typing, as the XMPP user knows it. */
	enum x_chat said; /* the last state told */
	uint64_t peer_typing_until_ms; /* while said is composing */
	bool user_has_states; /* he sent chat states himself (XEP-0085 5.1) */
};

enum conversation_event_kind {
	CONVERSATION_TEXT, /* the XMPP user (or the gateway itself) wrote: bytes */
	CONVERSATION_STATE, /* his chat state: chat */
	CONVERSATION_OUTCOME, /* of the text in flight: result */
	CONVERSATION_TYPED, /* the outcome of our "is typing": result */
	CONVERSATION_INVITED, /* the peer opens a session; verdict.slot is its place */
	CONVERSATION_RESTORED, /* a session of before the restart; verdict.slot is its place */
	CONVERSATION_UP, /* slot */
	CONVERSATION_ENDED, /* slot, result; also where BEGIN was not possible */
	CONVERSATION_PEER_TEXT, /* slot; its text was written to the XMPP stream */
	CONVERSATION_PEER_TAKEN, /* slot; the XMPP server has it */
	CONVERSATION_PEER_REFUSED, /* slot; the XMPP user does not exist or does not want it */
	CONVERSATION_PEER_TYPING, /* slot, typing, refresh_s */
	CONVERSATION_WAKE, /* the deadline of the last verdict */
	CONVERSATION_EVENTS
};
struct conversation_event {
	enum conversation_event_kind kind;
	uint8_t slot;
	uint32_t bytes; /* of the whole queue, this text included */
	enum x_chat chat;
	enum map_typing typing;
	unsigned refresh_s; /* 0: not said */
	const struct s_result *result;
};

enum conversation_do {
	CONVERSATION_QUEUE, /* put this event's text at the end of the queue */
	CONVERSATION_REFUSE, /* this event's text is not queued: bounce it, why */
	CONVERSATION_BEGIN, /* INVITE, into slot */
	CONVERSATION_END, /* leave the session in slot */
	CONVERSATION_SEND, /* the head, in slot */
	CONVERSATION_PAGE, /* the head, outside sessions */
	CONVERSATION_TAKEN, /* the head leaves the queue; receipt: it reached the user */
	CONVERSATION_BOUNCE, /* the head leaves the queue: this event's result */
	CONVERSATION_BOUNCE_ALL, /* the whole queue: this event's result, or why where it has none */
	CONVERSATION_TYPE, /* tell the peer: typing, in slot or (NO_SLOT) outside sessions */
	CONVERSATION_SAY, /* tell the XMPP user: chat */
	CONVERSATION_DOS
};
struct conversation_action {
	enum conversation_do what;
	uint8_t slot;
	bool receipt;
	enum map_typing typing;
	enum x_chat chat;
};
struct conversation_verdict {
	struct conversation_action actions[CONVERSATION_ACTIONS]; /* to be performed in this order */
	unsigned count;
	enum reason why; /* what decided; REASON_NONE: all in good order */
	uint8_t slot; /* the place of an INVITED or RESTORED session */
	uint64_t wake_ms; /* CONVERSATION_WAKE then; UINT64_MAX: nothing to wait for */
};

void conversation_rules_init(struct conversation_rules *r, const struct map_profile *profile, uint32_t setup_ms,
	uint32_t idle_ms, uint64_t now_ms);
struct conversation_verdict conversation_step(
	struct conversation_rules *r, const struct conversation_event *e, uint64_t now_ms);
/* Where to send what needs no queue: the session that is up, begun or arrived last; NO_SLOT: none is. */
uint8_t conversation_session_in_use(const struct conversation_rules *r);
/* Nothing is open and all has been silent long enough: the record may be forgotten. */
bool conversation_is_over(const struct conversation_rules *r, uint64_t now_ms);

#endif

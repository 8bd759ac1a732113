/* SPDX-License-Identifier: MIT */
/* The record of one conversation: one XMPP user (bare) and one SIP user. It keeps the texts on their way to SIP and the
 * sessions, does what conversation_rules.c decides, and holds its one deadline. Private to component/chat. */
#ifndef TOMBOLO_CONVERSATION_H
#define TOMBOLO_CONVERSATION_H

#include "component/chat/chat.h"
#include "component/chat/conversation_rules.h"
#include "component/routing.h"
#include "mapping/base/hash.h"

enum { CHAT_TOKEN = 16, CHAT_THREAD_MAX = 256, CHAT_CONVERSATIONS_MAX = 200000, CHAT_RECENT = 16 };

/* A text on its way to the SIP user; one heap block. */
struct conversation_text {
	struct conversation_text *next;
	struct x_message m; /* a copy; link is the conversation's domain's */
	uint64_t since_ms;
	bool notice; /* written by the gateway itself: nobody to tell about its fate */
	uint64_t recent; /* its mark in conversation.recent; 0: none */
	char report_id[CHAT_TOKEN + 1]; /* imdn.Message-ID; empty: the peer is asked for no IMDN */
};

/* The place of a session; the arg of its sipside_owner. */
struct conversation_place {
	struct conversation *conversation;
	struct sipside_usage *usage; /* NULL: none */
	uint64_t flow; /* of the journey that opened it */
	bool theirs; /* the peer opened it */
	uint32_t generation; /* another one for each session in this place */
	bool up, kept; /* kept: has a row in the store */
	char key[CHAT_TOKEN + 1]; /* of that row */
};

struct conversation {
	UT_hash_handle hh; /* in chat.conversations, by pair.key */
	struct chat *chat;
	struct routing_domain *domain;
	struct pair pair; /* owned */
	struct x_jid contact_jid; /* the SIP user as the XMPP user sees him; node is owned */
	struct s_uri user_uri; /* the XMPP user as the SIP user sees him; owned */
	struct str resource; /* replies go there; empty: to the bare JID (RFC 6121 5.1); owned */
	struct str thread; /* the XMPP user's own, copied back in replies; owned */
	struct conversation_rules rules;
	struct conversation_place places[CONVERSATION_SESSIONS];
	struct conversation_text *first, *last; /* the queue; first is the head */
	size_t bytes; /* of their bodies */
	uint64_t recent[CHAT_RECENT]; /* marks of the texts that came last from XMPP, bounced ones taken out */
	unsigned recent_at;
	bool knows_imdn; /* the peer asked for an IMDN (RFC 5438): so it can make them, too */
	struct timer timer;
	unsigned holds; /* open outcomes, ledger entries, callers in the middle of something */
};

/* Finds it or makes it; NULL: CHAT_CONVERSATIONS_MAX is reached. */
struct conversation *conversation_get(struct chat *chat, const struct routing_verdict *v);
struct conversation *conversation_find(struct chat *chat, struct str pair_key);
/* The record is freed when it is over and nobody holds it; so any call below may free one that is not held. */
void conversation_hold(struct conversation *c);
void conversation_release(struct conversation *c);
void conversation_destroy(struct conversation *c); /* at once, without a word to anybody */

/* One step of the rules, its actions performed. `e->slot` says which session. Returns the place of INVITED and RESTORED. */
uint8_t conversation_event(struct conversation *c, const struct conversation_event *e);
/* The same stanza came before, by its id and origin-id (XEP-0359), and was not refused: its outcome is being told, or was. */
bool conversation_has_seen(const struct conversation *c, const struct x_message *m);
/* An IMDN to the SIP user: in a session that is up, else outside where the dialect allows. False: there is no way now. */
bool conversation_notify(struct conversation *c, const struct s_body *body);
/* A text for the SIP user; m is copied. notice: the gateway's own words. */
void conversation_write(struct conversation *c, const struct x_message *m, bool notice);

/* Where an answer to the XMPP user goes now. */
struct x_jid conversation_user(const struct conversation *c);

#endif

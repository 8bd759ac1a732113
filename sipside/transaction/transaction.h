/* SPDX-License-Identifier: MIT */
/* Transactions (RFC 3261 section 17, RFC 6026, RFC 4320): retransmission, matching, time limits. Knows no dialog.
 * Received messages come in here, from sipside/transport; new requests go up to uas/. */
#ifndef TOMBOLO_TRANSACTION_H
#define TOMBOLO_TRANSACTION_H

#include "sipside/syntax/writer.h"
#include "sipside/transport/transport.h"

struct sipside_transactions;
struct sipside_client;
struct sipside_server;

struct sipside_transaction_handlers {
	/* A new request, once; never ACK, never CANCEL. Wants one final sipside_server_reply(), now or later. */
	void (*request)(void *arg, struct sipside_server *t, const struct sipside_msg *m);
	/* An ACK that acknowledges a 2xx (or nothing we know). */
	void (*ack)(void *arg, const struct sipside_msg *m);
	/* A CANCEL that matches no INVITE. The CANCEL is answered here: 481, or 200 where this returns true (a dialect
	 * may know the INVITE by other marks). May be NULL. */
	bool (*stray_cancel)(void *arg, const struct sipside_msg *m);
};

struct sipside_transaction_config {
	struct str node; /* host of our Via */
	/* Open server transactions; 0: 50,000. Above, what is new is refused 503 without state; requests inside dialogs
	 * only when there are a quarter more. Of those that have their answer four times as many are remembered. */
	unsigned max_servers;
	unsigned t1_ms, t2_ms, t4_ms; /* 0: 500, 4000, 5000 */
};

/* net may be NULL; then sipside_transactions_output() has to be given before anything is sent (tests). */
struct sipside_transactions *sipside_transactions_create(const struct env *env, struct sipside_net *net,
	const struct sipside_transaction_config *config, const struct sipside_transaction_handlers *handlers,
	void *arg);
/* Forgets everything without a word: client callbacks fire with REASON_SHUTTING_DOWN, server owners hear nothing.
 * NULL is allowed. */
void sipside_transactions_destroy(struct sipside_transactions *t);
typedef enum reason sipside_output(
	void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch);
void sipside_transactions_output(struct sipside_transactions *t, sipside_output *output, void *arg);
/* For sipside_transport_handlers.received and .undelivered; arg is the struct sipside_transactions. */
void sipside_transactions_received(void *arg, const struct sipside_target *from, struct str bytes);
void sipside_transactions_undelivered(void *arg, const struct sipside_target *to, struct str bytes);
unsigned sipside_transactions_servers(const struct sipside_transactions *t); /* open and lingering */
unsigned sipside_transactions_clients(const struct sipside_transactions *t);

/* -- Client: a request of ours */
struct sipside_client_owner {
	/* Each provisional answer but 100, then the one final answer. INVITE: every further 2xx as well, for 64*T1 (a
	 * re-send or another fork: the owner ACKs each). from: where the answer came from. After the final answer of
	 * anything but a 2xx to INVITE, and after `failed`, the sipside_client pointer is dead. */
	void (*answer)(void *arg, const struct sipside_msg *m, const struct sipside_target *from);
	/* No final answer: REASON_NO_ANSWER (timer B or F), REASON_UNREACHABLE, REASON_TLS (provably not sent),
	 * REASON_CONNECTION_LOST (written, outcome unknown), REASON_SHUTTING_DOWN. Never after a final answer. */
	void (*failed)(void *arg, enum reason why, struct str words);
	/* INVITE: 64*T1 after its first 2xx (RFC 6026 timer M): no more answers, the pointer is dead. May be NULL. */
	void (*over)(void *arg);
};
/* Sends it. Via, Content-Type and Content-Length are added. NULL with *why (no callback follows): see
 * sipside_transport_send(); a request too large for UDP is REASON_TOO_LARGE: send it on a stream. */
struct sipside_client *sipside_client_send(struct sipside_transactions *t, const struct sipside_target *to,
	const struct sipside_outgoing *r, const struct sipside_client_owner *owner, void *arg, enum reason *why);
/* No callback any more; the transaction goes on without its owner (non-2xx answers are still ACKed). */
void sipside_client_abandon(struct sipside_client *c);
/* INVITE: CANCEL it, as soon as a provisional answer allows. The INVITE's own outcome follows; where the peer never
 * gives one, 64*T1 later `failed` says REASON_NO_ANSWER. */
void sipside_client_cancel(struct sipside_client *c);
/* An ACK for a 2xx: no transaction of its own; r->method is S_ACK. Keep its bytes? Not needed: send it again. */
enum reason sipside_send_ack(
	struct sipside_transactions *t, const struct sipside_target *to, const struct sipside_outgoing *r);

/* -- Server: a request of a peer */
struct sipside_server_owner {
	/* INVITE: the peer CANCELled (the CANCEL has its 200). The owner answers 487. May be NULL: done here. */
	void (*cancelled)(void *arg);
	/* INVITE answered 2xx: no ACK within 64*T1 (the pointer is dead). May be NULL. */
	void (*no_ack)(void *arg);
};
/* Who owns the ticket from now on; may be set again. */
void sipside_server_own(struct sipside_server *t, const struct sipside_server_owner *owner, void *arg);
/* Provisional (INVITE only) or the one final answer. After a final answer the pointer is dead, except that of an INVITE
 * answered 2xx: it is sent again until sipside_server_acked() or no_ack. Non-INVITE later than 64*T1: dropped
 * (RFC 4320); 408 to non-INVITE is a mistake of the caller and becomes 480. */
void sipside_server_reply(struct sipside_server *t, const struct sipside_reply *r);
/* The ACK of our 2xx came; the pointer is dead. */
void sipside_server_acked(struct sipside_server *t);
/* The final answer to one who is owed nothing: no state stays, a re-send is refused anew (RFC 3261 8.2.7). */
void sipside_server_brush_off(struct sipside_server *t, const struct sipside_reply *r);
/* Ends it without an answer (BENOTIFY). */
void sipside_server_drop(struct sipside_server *t);
/* The To tag all our answers carry; the request's own where it had one. Lives as long as the pointer. */
struct str sipside_server_tag(const struct sipside_server *t);
const struct sipside_target *sipside_server_source(const struct sipside_server *t);
uint64_t sipside_server_flow(const struct sipside_server *t); /* the journey's id */

#endif

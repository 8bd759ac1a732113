/* SPDX-License-Identifier: MIT */
/* What the files of transaction/ share: the tables, the timing, the way out. Nobody else includes it. */
#ifndef TOMBOLO_LAYER_H
#define TOMBOLO_LAYER_H

#include "mapping/base/hash.h"
#include "sipside/transaction/answered.h"
#include "sipside/transaction/transaction.h"

struct sipside_transactions {
	const struct env *env;
	struct sipside_net *net;
	sipside_output *output;
	void *output_arg;
	struct sipside_transaction_handlers handlers;
	void *arg;
	struct str node; /* as it stands in Via */
	uint64_t t1_ms, t2_ms, t4_ms, limit_ms; /* limit: 64*T1, timers B F H J L M and N */
	unsigned max_servers;
	struct sipside_server *servers; /* by key */
	struct answered_table answered; /* what is left of others */
	struct sipside_server *merged; /* by merge key: those that had no To tag */
	struct sipside_client *clients; /* by key */
	struct buf scratch; /* a message while it is written */
};

/* Sends and shows it to whoever wants wire bytes. */
enum reason layer_send(
	struct sipside_transactions *l, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch);
/* "SIP/2.0/UDP node:5060;branch=...;rport" in the turn's arena. */
struct str layer_via(const struct sipside_transactions *l, enum sipside_transport t, struct str branch);
/* Where the answers to a request from there go (RFC 3261 18.2.2, RFC 3581): over streams back on the connection. */
struct sipside_target layer_reply_target(const struct sipside_msg *m, const struct sipside_target *from);
/* Answers without keeping anything. */
void layer_reply_stateless(struct sipside_transactions *l, const struct sipside_msg *m,
	const struct sipside_target *from, const struct sipside_reply *r);

/* client_transaction.c */
void client_received(struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from);
void client_undelivered(struct sipside_transactions *l, struct str bytes);
void client_free_all(struct sipside_transactions *l);
/* server_transaction.c */
void server_received(struct sipside_transactions *l, const struct sipside_msg *m, const struct sipside_target *from);
void server_received_ack(struct sipside_transactions *l, const struct sipside_msg *m);
void server_free_all(struct sipside_transactions *l);

#endif

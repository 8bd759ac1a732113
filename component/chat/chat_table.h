/* SPDX-License-Identifier: MIT */
/* What all conversations share. Private to component/chat. */
#ifndef TOMBOLO_CHAT_TABLE_H
#define TOMBOLO_CHAT_TABLE_H

#include "component/chat/absent.h"
#include "component/chat/conversation.h"
#include "component/chat/disposition.h"
#include "component/chat/ledger.h"

struct chat {
	struct context *ctx;
	struct conversation *conversations; /* by pair.key */
	struct absent absent;
	struct ledger ledger;
	struct dispositions dispositions;
	unsigned sessions; /* places in use */
	unsigned texts; /* in the queues to SIP */
	unsigned outcomes; /* sends and deliveries that still call back */
	bool closing; /* chat_destroy was called */
};

/* Each send that was accepted counts as an outcome to come. */
void chat_outcome_expected(struct chat *chat);
/* First thing in each `done`: false means that the chat is closing, and that it may just have been freed. */
bool chat_outcome_came(struct chat *chat);

#endif

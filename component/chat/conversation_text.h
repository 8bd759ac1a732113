/* SPDX-License-Identifier: MIT */
/* Texts on their way to SIP: the queue of a conversation and their ends. Private to component/chat. */
#ifndef TOMBOLO_CONVERSATION_TEXT_H
#define TOMBOLO_CONVERSATION_TEXT_H

#include "component/chat/chat_table.h"

/* A copy in one heap block; free(). notice: the gateway's own words. */
struct conversation_text *conversation_text_copy(const struct x_message *m, uint64_t now_ms, bool notice);
void conversation_text_push(struct conversation *c, struct conversation_text *t); /* to the end; owned by the queue */
struct conversation_text *conversation_text_pop(struct conversation *c); /* the head; owned by the caller */
/* It will not be, or may not have been, delivered: goes back to its writer with words, and is freed. */
void conversation_text_bounce(struct conversation *c, struct conversation_text *t, const struct s_result *result);
/* The SIP side has the head, which is freed; receipt: and its user too, so that the writer may be told (XEP-0184). */
void conversation_text_taken(struct conversation *c, bool receipt, const struct s_result *result);

#endif

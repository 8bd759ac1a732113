/* SPDX-License-Identifier: MIT */
/* What a SIP outcome means for a conversation. Pure. */
#ifndef TOMBOLO_CONVERSATION_ANSWER_H
#define TOMBOLO_CONVERSATION_ANSWER_H

#include "mapping/values.h"

/* May it be told as a receipt (XEP-0184)? 200 is "it reached the user", 202 is not (RFC 3428 section 4). */
bool conversation_answer_is_receipt(const struct s_result *r);
/* The dialog is dead and the request was not acted on: the same may go in a new one. */
bool conversation_answer_is_stale(const struct s_result *r);
/* Nobody is there any more, whether or not the dialog has been declared dead (RFC 3261 12.2.1.2). Stale ones too. */
bool conversation_answer_is_dead(const struct s_result *r);
/* The INVITE was refused only for its Ms-Conversation-ID: one with another may be taken. */
bool conversation_answer_is_same_id(const struct s_result *r);
/* The peer does not take "is typing" of our kind (RFC 3994). */
bool conversation_answer_is_not_understood(const struct s_result *r);

#endif

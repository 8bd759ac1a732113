/* SPDX-License-Identifier: MIT */
/* What chat_s2x.c offers inside component/chat; its handlers are in chat.h. */
#ifndef TOMBOLO_CHAT_S2X_H
#define TOMBOLO_CHAT_S2X_H

#include "component/chat/chat_table.h"

/* A MESSAGE or INFO in a session of ours: a ticket. */
void chat_s2x_in_session(struct conversation_place *place, struct sipside_request *t, const struct s_request *r);

#endif

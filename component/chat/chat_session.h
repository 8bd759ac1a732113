/* SPDX-License-Identifier: MIT */
/* The sessions of a conversation: sipside's usages in their places, who owns them, and their rows in the store, by which
 * they come back after a restart. Private to component/chat. */
#ifndef TOMBOLO_CHAT_SESSION_H
#define TOMBOLO_CHAT_SESSION_H

#include "component/chat/chat_table.h"

bool chat_session_allowed(const struct chat *chat); /* by limits.sessions */
/* Into a place that is free. An error leaves it so: the caller tells the rules that the session has ended. */
enum reason chat_session_begin(struct conversation *c, uint8_t slot, const struct s_request *invite);
enum reason chat_session_accept(
	struct conversation *c, uint8_t slot, struct sipside_request *t, const struct s_request *invite);
enum reason chat_session_restore(struct conversation *c, uint8_t slot, const struct store_row *row);
void chat_session_end(struct conversation *c, uint8_t slot); /* leaves it; nothing where the place is free */

#endif

/* SPDX-License-Identifier: MIT */
/* What the chat tells the event stream. Private to component/chat. */
#ifndef TOMBOLO_CHAT_REPORT_H
#define TOMBOLO_CHAT_REPORT_H

#include "component/chat/chat_table.h"
#include "mapping/imdn.h"

/* A text to SIP reached its end; condition: the stanza error that its writer got, or empty. */
void chat_report_x2s(const struct conversation *c, const struct conversation_text *t, const struct s_result *result,
	struct str condition);
/* A text to XMPP did: answer is what the SIP user got, error what XMPP said, or NULL. */
void chat_report_s2x(const struct conversation *c, uint64_t flow, uint64_t since_ms, const struct s_result *answer,
	const struct x_error *error);
/* One that was told as taken was refused afterwards. */
void chat_report_late(const struct conversation *c, const struct ledger_entry *e, const struct x_error *error);
void chat_report_receipt(const struct conversation *c, const struct conversation_text *t);
/* An IMDN became a receipt, marker or error (DIR_S2X), or the other way. */
void chat_report_disposition(const struct conversation *c, enum event_dir dir, enum map_imdn_status status);
/* A text that was there already came again from XMPP. */
void chat_report_repeated(const struct conversation *c, const struct x_message *m);
void chat_report_typing(const struct conversation *c, enum event_dir dir, uint64_t flow, enum x_chat chat);
/* words: "opened", "closed", "failed". */
void chat_report_session(const struct conversation_place *p, struct str words, const struct s_result *result);
/* A stanza or a request that never reached a conversation; condition or status is what its sender got. */
void chat_report_refused_x2s(
	const struct context *ctx, const struct x_message *m, enum reason why, struct str condition);
void chat_report_refused_s2x(const struct context *ctx, const struct s_request *r, enum reason why, int status);

#endif

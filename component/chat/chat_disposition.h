/* SPDX-License-Identifier: MIT */
/* Receipts, markers and IMDNs across: XEP-0184 `received` <-> delivered, XEP-0333 `displayed` <-> displayed (RFC 5438). We ask
 * a peer for IMDNs only where its dialect has them and after it asked us for one; then the receipt of an XMPP user waits for
 * the IMDN, because a 200 says less. Private to component/chat. */
#ifndef TOMBOLO_CHAT_DISPOSITION_H
#define TOMBOLO_CHAT_DISPOSITION_H

#include "component/chat/chat_table.h"
#include "mapping/imdn.h"

/* -- Texts from SIP */
/* One was written to XMPP as stanza `id`; its sender's wish is kept. */
void chat_disposition_asked_by_sip(struct conversation *c, struct str id, const struct map_imdn_wish *wish);
/* `received` or `displayed` from the XMPP user: becomes an IMDN, where it was asked for. c: NULL where there is none. */
void chat_disposition_of_xmpp(struct chat *chat, const struct routing_verdict *v, const struct x_message *m);

/* -- Texts from XMPP */
/* Does this text ask the peer for an IMDN? Then its body is wrapped, *body being what it would be without. */
void chat_disposition_ask_sip(struct conversation *c, struct conversation_text *t, struct s_body *body);
/* It was not delivered: nothing will be reported. */
void chat_disposition_withdraw(struct conversation *c, const struct conversation_text *t);
/* An IMDN from the SIP user. An unknown one is passed over. */
void chat_disposition_of_sip(struct conversation *c, const struct map_imdn *report);

#endif

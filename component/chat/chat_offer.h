/* SPDX-License-Identifier: MIT */
/* What a SIP user wanted to hand over and no bridge can carry. Private to component/chat. */
#ifndef TOMBOLO_CHAT_OFFER_H
#define TOMBOLO_CHAT_OFFER_H

#include "component/chat/chat_table.h"

/* One line to the XMPP user, as stanza `id`: silence would look as if nothing had been sent to him. offer: map_im.offer. */
void chat_offer_tell(struct conversation *c, struct str id, const struct s_request *r, struct str offer);

#endif

/* SPDX-License-Identifier: MIT */
#include "component/chat/chat_offer.h"
#include "mapping/address.h"
#include "mapping/text.h"

enum { NAME_BYTES = 64 };

/* The name a person goes by, without what could break the sentence. */
static struct str name_of(const struct conversation *c, const struct s_request *r)
{
	struct arena *turn = c->chat->ctx->env->turn;
	struct str name = str_trim(map_text_clean(turn, str_cut(r->display, 0, NAME_BYTES)));

	return name.n ? name : map_jid_print(turn, &c->contact_jid);
}

void chat_offer_tell(struct conversation *c, struct str id, const struct s_request *r, struct str offer)
{
	struct str words = arena_printf(c->chat->ctx->env->turn,
		STR_FMT " tried to send " STR_FMT "; this bridge cannot carry it.", STR_ARG(name_of(c, r)),
		STR_ARG(offer));

	xmppside_signal(c->domain->link, &(struct x_message){ .flow = r->flow,
						 .from = c->contact_jid,
						 .to = conversation_user(c),
						 .id = id,
						 .type = X_TYPE_CHAT,
						 .body = words,
						 .has_body = true,
						 .thread = c->thread });
}

/* SPDX-License-Identifier: MIT */
#include "xmppside/iq.h"

#include <inttypes.h>
#include <stdio.h>

void xmppside_iqs_init(struct xmppside_iqs *iqs, const struct env *env)
{
	*iqs = (struct xmppside_iqs){ .env = env, .prefix = env_random_u64(env) };
}

void xmppside_iq_cancel(struct xmppside_iq *iq)
{
	if (!iq->owner)
		return;
	HASH_DEL(iq->owner->open, iq);
	wheel_cancel(iq->owner->env->wheel, &iq->deadline);
	iq->owner = NULL;
}

static void end(struct xmppside_iq *iq, enum iq_end how, const struct xmppside_element *answer)
{
	xmppside_iq_cancel(iq);
	iq->ended(iq->arg, how, answer);
}

static void on_deadline(void *arg)
{
	end(arg, IQ_TIMEOUT, NULL);
}

static struct str new_id(struct xmppside_iqs *iqs, char bytes[IQ_ID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *at = bytes + IQ_ID_BYTES;

	for (uint64_t v = ++iqs->counter; v; v >>= 4)
		*--at = digits[v & 15];
	*--at = '-';
	for (unsigned i = 0; i < 64; i += 4)
		*--at = digits[iqs->prefix >> i & 15];
	return (struct str){ at, (size_t)(bytes + IQ_ID_BYTES - at) };
}

void xmppside_iq_open(struct xmppside_iqs *iqs, struct xmppside_iq *iq, struct str to, uint64_t due_ms)
{
	iq->owner = iqs;
	iq->id = new_id(iqs, iq->id_bytes);
	iq->to = to;
	iq->deadline.fire = on_deadline;
	iq->deadline.arg = iq;
	wheel_set(iqs->env->wheel, &iq->deadline, due_ms);
	hash_add_str(iqs->open, id, iq);
}

bool xmppside_iq_answer(struct xmppside_iqs *iqs, const struct xmppside_element *answer)
{
	struct str id = xmppside_attr(answer, STR("id"));
	struct str from = xmppside_attr(answer, STR("from"));
	struct xmppside_iq *iq;

	hash_find_str(iqs->open, id, iq);
	if (!iq || !str_eq_nocase(iq->to, from))
		return false;
	end(iq, str_eq(xmppside_attr(answer, STR("type")), STR("result")) ? IQ_RESULT : IQ_ERROR, answer);
	return true;
}

void xmppside_iqs_lose(struct xmppside_iqs *iqs)
{
	while (iqs->open)
		end(iqs->open, IQ_LINK_LOST, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "component/chat/conversation_answer.h"
#include "mapping/diagnosis.h"

bool conversation_answer_is_receipt(const struct s_result *r)
{
	return r->why == REASON_NONE && r->status != 202;
}

static bool has_stale(struct str words)
{
	for (size_t i = 0; i + 5 <= words.n; i++)
		if (str_eq_nocase(str_cut(words, i, i + 5), STR("stale")))
			return true;
	return false;
}

/* 480 and 481 are RFC 5057's word for it; Communicator also says 500 "Stale CSeq Value" on traffic in perfect order. */
bool conversation_answer_is_stale(const struct s_result *r)
{
	if (r->why == REASON_SIP_STATUS)
		return r->status == 480 || r->status == 481 || (r->status == 500 && has_stale(r->words)) ||
		       (r->not_processed && r->usage_gone);
	return r->why != REASON_NONE && r->not_processed;
}

bool conversation_answer_is_dead(const struct s_result *r)
{
	return conversation_answer_is_stale(r) || r->usage_gone || r->why == REASON_NO_ANSWER ||
	       (r->why == REASON_SIP_STATUS && r->status == 408);
}

bool conversation_answer_is_same_id(const struct s_result *r)
{
	return r->why == REASON_SIP_STATUS && r->diagnosis == MAP_DIAGNOSIS_SAME_CONVERSATION;
}

bool conversation_answer_is_not_understood(const struct s_result *r)
{
	static const int statuses[] = { 405, 406, 415, 469, 488, 489, 501 };

	for (size_t i = 0; r->why == REASON_SIP_STATUS && i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (r->status == statuses[i])
			return true;
	return false;
}

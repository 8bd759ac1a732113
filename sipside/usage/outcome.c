/* SPDX-License-Identifier: MIT */
#include "sipside/usage/outcome.h"

struct s_result outcome_of_answer(const struct sipside_msg *m, const enum dialog_usage *usage)
{
	bool good = m->status < 300;

	return (struct s_result){
		.why = good ? REASON_NONE : REASON_SIP_STATUS,
		.status = m->status,
		.words = m->phrase,
		.retry_after_s = good ? 0 : sipside_msg_retry_after(m),
		.expires_s = sipside_msg_expires(m),
		.min_expires_s = sipside_msg_min_expires(m),
		.usage_gone = usage && !good && dialog_status_ends(*usage, m->status, m->phrase),
		.not_processed = !good && dialog_status_not_processed(m->status, m->phrase),
	};
}

struct s_result outcome_of_failure(
	enum reason why, struct str words, bool not_processed, enum s_method method, const enum dialog_usage *usage)
{
	return (struct s_result){
		.why = why,
		.words = words,
		.expires_s = -1,
		.usage_gone = usage && why == REASON_NO_ANSWER && dialog_silence_ends(*usage, method),
		.not_processed = not_processed,
	};
}

struct s_result outcome_unsent(enum reason why)
{
	return (struct s_result){ .why = why, .expires_s = -1, .not_processed = true };
}

/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/usage/outcome.h"

/* The number a value begins with; 0: none. */
static int number_of(struct str value)
{
	size_t n = 0;
	uint64_t number = 0;

	value = str_trim(value);
	while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9')
		n++;
	str_number(str_cut(value, 0, n), 999999, &number);
	return (int)number;
}

/* Microsoft's headers, the more particular one first. */
static int diagnosis_of(const struct sipside_msg *m)
{
	static const struct str names[] = { STR_INIT("Ms-Client-Diagnostics"), STR_INIT("Ms-Diagnostics"),
		STR_INIT("Ms-Diagnostics-Public") };
	int number = 0;

	for (size_t i = 0; !number && i < sizeof(names) / sizeof(names[0]); i++)
		number = number_of(sipside_msg_named(m, names[i]));
	return number;
}

struct s_result outcome_of_answer(const struct sipside_msg *m, const enum dialog_usage *usage)
{
	bool good = m->status < 300;

	return (struct s_result){
		.why = good ? REASON_NONE : REASON_SIP_STATUS,
		.status = m->status,
		.words = m->phrase,
		.retry_after_s = good ? 0 : sipside_msg_retry_after(m),
		.warning = good ? 0 : number_of(sipside_msg_named(m, STR("Warning"))),
		.diagnosis = good ? 0 : diagnosis_of(m),
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

/* SPDX-License-Identifier: MIT */
#include "mapping/error.h"
#include "mapping/base/arena.h"
#include "mapping/diagnosis.h"
#include "mapping/text.h"

enum { PHRASE_BYTES = 200 }; /* of a foreign phrase or text that we pass on */

/* -- Conditions (RFC 6120 8.3.3) and their way to SIP (RFC 7247 7.1)
 * What the RFC's table says and we never do: 401 and 407 need a challenge (RFC 3261 22), which we cannot make: 403. 408 is
 * forbidden as an answer to all but INVITE (RFC 4320): 480 or 404. 503 would take the whole bridge out of service.
 * service-unavailable is what both XMPP servers answer for a user who is unknown, has no storage while offline, or
 * blocks; these must look alike, and be worth another try: 480. unexpected-request: 491 is about offers in an INVITE. */
static const struct {
	struct str condition, type;
	int full, bare; /* a full JID has the error, or a bare one */
	int bare_no_auth; /* bare, towards a peer that takes 6xx for more than it says */
} conditions[] = {
	{ STR_INIT("bad-request"), STR_INIT("modify"), 400, 400, 400 },
	{ STR_INIT("conflict"), STR_INIT("cancel"), 400, 400, 400 },
	{ STR_INIT("feature-not-implemented"), STR_INIT("cancel"), 405, 501, 501 },
	{ STR_INIT("forbidden"), STR_INIT("auth"), 403, 603, 403 },
	{ STR_INIT("gone"), STR_INIT("cancel"), 410, 410, 410 },
	{ STR_INIT("internal-server-error"), STR_INIT("cancel"), 500, 500, 500 },
	{ STR_INIT("item-not-found"), STR_INIT("cancel"), 404, 604, 404 },
	{ STR_INIT("jid-malformed"), STR_INIT("modify"), 400, 400, 400 },
	{ STR_INIT("not-acceptable"), STR_INIT("modify"), 406, 606, 488 },
	{ STR_INIT("not-allowed"), STR_INIT("cancel"), 403, 403, 403 },
	{ STR_INIT("not-authorized"), STR_INIT("auth"), 403, 403, 403 },
	{ STR_INIT("policy-violation"), STR_INIT("modify"), 403, 403, 403 },
	{ STR_INIT("recipient-unavailable"), STR_INIT("wait"), 480, 600, 480 },
	{ STR_INIT("redirect"), STR_INIT("modify"), 302, 302, 302 },
	{ STR_INIT("registration-required"), STR_INIT("auth"), 403, 403, 403 },
	{ STR_INIT("remote-server-not-found"), STR_INIT("cancel"), 404, 404, 404 },
	{ STR_INIT("remote-server-timeout"), STR_INIT("wait"), 480, 480, 480 },
	{ STR_INIT("resource-constraint"), STR_INIT("wait"), 500, 500, 500 },
	{ STR_INIT("service-unavailable"), STR_INIT("cancel"), 480, 480, 480 },
	{ STR_INIT("subscription-required"), STR_INIT("auth"), 400, 400, 400 },
	{ STR_INIT("undefined-condition"), STR_INIT("cancel"), 400, 400, 400 },
	{ STR_INIT("unexpected-request"), STR_INIT("wait"), 400, 400, 400 },
};
enum { CONDITIONS = sizeof(conditions) / sizeof(conditions[0]) };

static unsigned condition_row(struct str condition)
{
	unsigned i = 0;

	while (i < CONDITIONS && !str_eq(conditions[i].condition, condition))
		i++;
	return i;
}

struct str map_error_type(struct str condition)
{
	unsigned row = condition_row(condition);

	return row < CONDITIONS ? conditions[row].type : STR("cancel");
}

/* A phrase stands in one header line: it ends where a control character is, or at its cap. */
static struct str phrase_of(struct str text)
{
	size_t n = 0;

	while (n < text.n && n < PHRASE_BYTES && (unsigned char)text.p[n] >= ' ' && text.p[n] != 0x7f)
		n++;
	while (n && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) /* not inside a character */
		n--;
	struct str phrase = str_trim(str_cut(text, 0, n));

	return map_text_is_utf8(phrase) ? phrase : STR_NONE;
}

static int status_of(const struct x_error *e, bool full, const struct map_profile *profile)
{
	unsigned row = condition_row(e->condition);

	if (row == CONDITIONS)
		row = condition_row(STR("undefined-condition"));
	if (e->gone_to.n && str_eq(e->condition, STR("gone")))
		return 301;
	if (full)
		return conditions[row].full;
	return profile->no_auth_codes ? conditions[row].bare_no_auth : conditions[row].bare;
}

struct s_result map_error_x2s(const struct x_error *e, bool full, const struct map_profile *profile)
{
	if (e->why != REASON_STANZA_ERROR && e->why != REASON_NONE)
		return map_error_s(e->why);
	int status = status_of(e, full, profile);
	struct str words = phrase_of(e->text);

	return (struct s_result){
		.why = REASON_STANZA_ERROR,
		.status = status,
		.words = words.n ? words : map_status_phrase(status),
		.gone_to = status == 301 || status == 302 ? e->gone_to : STR_NONE,
		.expires_s = -1,
	};
}

/* -- Local reasons */

struct x_error map_error_x(struct arena *a, enum reason why, struct str words)
{
	const struct map_reason *row = map_reason(why);
	struct str added = phrase_of(map_text_clean(a, words));
	struct str text = added.n ? arena_printf(a, STR_FMT " [" STR_FMT "]", STR_ARG(row->sentence), STR_ARG(added))
				  : row->sentence;

	return (struct x_error){
		.why = why, .condition = row->condition, .type = map_error_type(row->condition), .text = text
	};
}

/* SIP has no status for "it may have arrived" (408 is no answer to a MESSAGE, RFC 4320): the words say it, which reach people
 * as a Warning (RFC 3261 20.43). */
static struct str own_words(const struct map_reason *row)
{
	if (str_eq(row->condition, STR("remote-server-timeout")))
		return STR("Temporarily Unavailable, May Have Arrived");
	return map_status_phrase(row->status);
}

struct s_result map_error_s(enum reason why)
{
	const struct map_reason *row = map_reason(why);

	return (struct s_result){
		.why = why,
		.status = row->status,
		.words = own_words(row),
		.retry_after_s = row->retry_after_s,
		.expires_s = -1,
	};
}

/* -- SIP statuses on their way to XMPP (RFC 7247 7.2) */

/* The status and its phrase stand behind our sentence always: they are what a help desk asks for. */
static struct str text_of(struct arena *a, const struct s_result *r, const struct map_status *row)
{
	struct str phrase = phrase_of(map_text_clean(a, r->words)), sentence = map_diagnosis_sentence(r);

	if (phrase.n == 0)
		phrase = map_status_phrase(r->status);
	if (sentence.n == 0)
		sentence = row->sentence;
	if (!r->diagnosis)
		return arena_printf(a, STR_FMT " [SIP %d " STR_FMT "]", STR_ARG(sentence), r->status, STR_ARG(phrase));
	return arena_printf(a, STR_FMT " [SIP %d " STR_FMT ", ms-diagnostics %d]", STR_ARG(sentence), r->status,
		STR_ARG(phrase), r->diagnosis);
}

struct x_error map_error_s2x(struct arena *a, const struct s_result *r)
{
	if (r->why != REASON_SIP_STATUS)
		return map_error_x(a, r->why, r->words);
	const struct map_status *row = map_status(r->status);
	bool moved = str_eq(row->condition, STR("gone")) || str_eq(row->condition, STR("redirect"));

	return (struct x_error){
		.why = REASON_SIP_STATUS,
		.condition = row->condition,
		.type = map_error_type(row->condition),
		.text = text_of(a, r, row),
		.gone_to = moved && r->status != 410 ? r->gone_to : STR_NONE,
	};
}

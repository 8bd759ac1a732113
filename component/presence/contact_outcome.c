/* SPDX-License-Identifier: MIT */
#include "component/presence/contact_outcome.h"

#include <stddef.h>

static const struct {
	int status;
	enum contact_outcome outcome;
} statuses[] = {
	{ 403, CONTACT_REFUSED }, /* RFC 8048 5.2.2 */
	{ 489, CONTACT_REFUSED },
	{ 603, CONTACT_REFUSED },
	{ 400, CONTACT_UNKNOWN }, /* wire-lync 2.2: a malformed target */
	{ 404, CONTACT_UNKNOWN },
	{ 405, CONTACT_UNKNOWN },
	{ 406, CONTACT_UNKNOWN },
	{ 410, CONTACT_UNKNOWN },
	{ 415, CONTACT_UNKNOWN },
	{ 416, CONTACT_UNKNOWN },
	{ 420, CONTACT_UNKNOWN },
	{ 421, CONTACT_UNKNOWN },
	{ 482, CONTACT_UNKNOWN }, /* a loop is how a shared domain says "unknown on both sides" */
	{ 483, CONTACT_UNKNOWN },
	{ 484, CONTACT_UNKNOWN },
	{ 485, CONTACT_UNKNOWN },
	{ 488, CONTACT_UNKNOWN },
	{ 501, CONTACT_UNKNOWN },
	{ 604, CONTACT_UNKNOWN },
	{ 423, CONTACT_LONGER },
	{ 481, CONTACT_AGAIN },
};

enum contact_outcome contact_outcome_of_status(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].outcome;
	return CONTACT_TRANSIENT;
}

/* RFC 6665 4.1.3. No reason at all is what a server says of the older of two subscriptions (2139): coming back at once
 * would make the two take turns for ever. */
static const enum contact_outcome reasons[S_WHYS] = {
	[S_WHY_NONE] = CONTACT_TRANSIENT,
	[S_WHY_DEACTIVATED] = CONTACT_AGAIN,
	[S_WHY_PROBATION] = CONTACT_TRANSIENT,
	[S_WHY_REJECTED] = CONTACT_REFUSED,
	[S_WHY_TIMEOUT] = CONTACT_AGAIN,
	[S_WHY_GIVEUP] = CONTACT_TRANSIENT,
	[S_WHY_NORESOURCE] = CONTACT_UNKNOWN,
	[S_WHY_INVARIANT] = CONTACT_STAYS,
	[S_WHY_OTHER] = CONTACT_TRANSIENT,
};

enum contact_outcome contact_outcome_of_reason(enum s_subreason reason)
{
	return reasons[reason];
}

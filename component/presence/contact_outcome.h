/* SPDX-License-Identifier: MIT */
/* What a failed or terminated subscription means for the authorization behind it (RFC 8048 5.2.2, RFC 6665 4.1.3). */
#ifndef TOMBOLO_CONTACT_OUTCOME_H
#define TOMBOLO_CONTACT_OUTCOME_H

#include "mapping/values.h"

enum contact_outcome {
	CONTACT_TRANSIENT, /* kept; again after a wait */
	CONTACT_REFUSED, /* the SIP user, or his server, says no */
	CONTACT_UNKNOWN, /* there is no such user, or nobody who could tell: no, and not looked for again soon */
	CONTACT_AGAIN, /* a new dialog at once */
	CONTACT_LONGER, /* 423: at once, with Min-Expires */
	CONTACT_STAYS, /* the state shown stays true; nothing to do (invariant) */
	CONTACT_OUTCOMES
};
enum contact_outcome contact_outcome_of_status(int status); /* 0: no answer */
enum contact_outcome contact_outcome_of_reason(enum s_subreason reason);

#endif

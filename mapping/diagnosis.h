/* SPDX-License-Identifier: MIT */
/* What a refusal says beside its status: Warning (RFC 3261 20.43) and the ms-diagnostics of Microsoft's servers and clients
 * ([MS-OCER]), in words for people. */
#ifndef TOMBOLO_DIAGNOSIS_H
#define TOMBOLO_DIAGNOSIS_H

#include "mapping/values.h"

enum {
	MAP_WARNING_FILTER = 309, /* Microsoft's filter of message texts */
	MAP_DIAGNOSIS_SAME_CONVERSATION = 52035, /* a session under this Ms-Conversation-ID is open at the client */
};

/* A sentence that says more than that of the status; empty: there is none. */
struct str map_diagnosis_sentence(const struct s_result *r);

#endif

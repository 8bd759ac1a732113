/* SPDX-License-Identifier: MIT */
/* What `tombolo check` says about a log-in to the XMPP server that failed (XEP-0114). */
#ifndef TOMBOLO_CHECK_XMPP_H
#define TOMBOLO_CHECK_XMPP_H

#include "component/config/config.h"
#include "mapping/base/arena.h"

/* What to do about it, by the server's condition or the system's words; lives in `a`, never NULL. */
const char *check_xmpp_remedy(struct arena *a, const struct config_xmpp *x, struct str words);

#endif

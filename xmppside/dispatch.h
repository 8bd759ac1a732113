/* SPDX-License-Identifier: MIT */
/* Where each stanza that arrives goes: to the handlers, to the open delivery or request it answers, to the features. */
#ifndef TOMBOLO_DISPATCH_H
#define TOMBOLO_DISPATCH_H

#include "xmppside/link.h"

/* The link is up. whole as in stanza_reader.h; `a` lives as long as the stanza. The link may be closed on return. */
void xmppside_dispatch(struct xmppside_link *link, const struct xmppside_element *e, struct arena *a, bool whole);

#endif

/* SPDX-License-Identifier: MIT */
/* What every room of component/ works with: made and filled by bridge.c, handed to the sides as the handlers' arg, so that
 * a handler table can point straight at a room's function. */
#ifndef TOMBOLO_CONTEXT_H
#define TOMBOLO_CONTEXT_H

#include "mapping/base/env.h"
#include "sipside/sipside.h"
#include "xmppside/xmppside.h"

struct config;
struct store;
struct routing;
struct limits;
struct chat;
struct presence;

struct context {
	const struct env *env;
	const struct config *config;
	struct store *store;
	struct xmppside *xmpp;
	struct sipside *sip;
	struct routing *routing;
	struct limits *limits;
	struct chat *chat;
	struct presence *presence;
	bool stopping;
};

#endif

/* SPDX-License-Identifier: MIT */
/* Where does it go, and may it? Pure questions about the configuration; the answers carry the reason and the line that
 * decided, so that `explain` prints what the daemon does. Sends nothing. */
#ifndef TOMBOLO_ROUTING_H
#define TOMBOLO_ROUTING_H

#include "component/config/config.h"
#include "component/pair.h"
#include "sipside/sipside.h"
#include "xmppside/xmppside.h"

/* One configured SIP domain at run time. */
struct routing_domain {
	const struct config_domain *config;
	struct sipside_domain *sip;
	struct xmppside_link *link;
	struct str jid_domain; /* where its SIP users appear in XMPP */
};

struct routing;
/* The table, without sides yet; `config` outlives it. */
struct routing *routing_create(const struct config *config);
void routing_destroy(struct routing *r); /* NULL is allowed */
unsigned routing_count(const struct routing *r);
struct routing_domain *routing_at(struct routing *r, unsigned i);
/* NULL: not configured. */
struct routing_domain *routing_by_sip(struct routing *r, const struct sipside_domain *sip);
struct routing_domain *routing_by_name(struct routing *r, struct str sip_domain);

/* What was decided about a journey between the two users. */
struct routing_verdict {
	enum reason why; /* REASON_NONE: go ahead */
	unsigned line; /* of the configuration, 0 where none speaks */
	struct routing_domain *domain;
	struct pair pair; /* in the arena given */
	struct x_jid user_jid; /* the XMPP user, with resource where one was named (RFC 7247: gruu) */
	struct x_jid contact_jid; /* the SIP user in XMPP, bare */
	struct s_uri user_uri; /* the XMPP user in SIP; gruu where the dialect has them */
};

/* A stanza came over `link` from an XMPP user to what should be a SIP user's JID. */
struct routing_verdict routing_x2s(struct routing *r, struct arena *a, const struct xmppside_link *link,
	const struct x_jid *from, const struct x_jid *to);
/* A request came for domain `sip` from a SIP user to what should be an XMPP user. */
struct routing_verdict routing_s2x(struct routing *r, struct arena *a, const struct sipside_domain *sip,
	const struct s_uri *from, const struct s_uri *to);
/* Both addresses of a kept pair; for what we start ourselves. */
struct routing_verdict routing_pair(struct routing *r, struct arena *a, const struct pair *pair);

#endif

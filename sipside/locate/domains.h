/* SPDX-License-Identifier: MIT */
/* The configured SIP domains: names, routes with their state, who may speak for whom. */
#ifndef TOMBOLO_DOMAINS_H
#define TOMBOLO_DOMAINS_H

#include "sipside/locate/access.h"
#include "sipside/locate/route.h"
#include "sipside/syntax/own_mark.h"
#include "sipside/transaction/transaction.h"

enum { DOMAIN_MAX_ROUTES = 32 };

/* One version of a domain's configuration. Requests under way keep the one they began with, so versions stay. */
struct domain_rows {
	struct domain_rows *older;
	struct arena memory; /* of all that is below */
	struct str *serves;
	unsigned serves_count;
	struct route *routes; /* by priority */
	unsigned routes_count;
	struct access *access;
};
struct sipside_domain {
	struct sipside_domain *next;
	struct locate *locate;
	struct str name;
	const struct map_profile *profile;
	struct domain_rows *rows;
	bool configured; /* false: a later configuration left it out; its usages stay */
};

/* What everything in locate/ and usage/ shares. */
struct locate {
	const struct env *env;
	struct resolver *resolver;
	struct sipside_net *net; /* NULL where tests stand in for it */
	struct sipside_transactions *transactions;
	struct str node; /* owned */
	struct str agent; /* our User-Agent line with CRLF; owned */
	struct own_mark mark; /* by which our requests are known when they come back */
	struct sipside_domain *domains;
	struct attempt *attempts; /* all that are open */
	struct health *healths; /* of all watched routes */
	void (*route_changed)(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words);
	void *arg;
	bool closing;
};

/* net, transactions, node and agent are set by the caller. */
void locate_init(struct locate *l, const struct env *env);
void locate_finish(struct locate *l); /* after every attempt has ended */
/* All or nothing; on failure *error in words (turn's arena). */
bool locate_configure(struct locate *l, const struct sipside_config *config, struct str *error);
void locate_prepare(struct locate *l); /* resolves the names of the access lists */

/* Is this the host and port (0: none given) of a URI of our own: our Contact, our Record-Route? A peer may share the host. */
bool locate_is_us(const struct locate *l, struct str host, uint16_t port);
struct sipside_domain *locate_domain(struct locate *l, struct str name); /* NULL: not configured */
bool locate_peer_allowed(struct locate *l, const struct sipside_target *from); /* for any domain */
bool domain_allows(struct sipside_domain *d, const struct sipside_target *from);
bool domain_serves(const struct sipside_domain *d, struct str host);
/* Is this host one that requests may be addressed to: our node, a listener, a served XMPP domain? */
bool locate_serves(const struct locate *l, struct str host);

/* "<sip:node:port;transport=tcp>": how peers reach us, by this transport if we listen there. lr: as a Route. */
struct str locate_own_uri(const struct locate *l, enum sipside_transport t, bool lr);
/* "<sips:node:port>": for dialogs that a request to a sips URI began; it promises TLS on every hop (RFC 3261 12.1.1). */
struct str locate_own_sips_uri(const struct locate *l, bool lr);
struct str locate_own_host(const struct locate *l); /* numeric where a listener has one address, else node */

struct route *domain_route(struct sipside_domain *d, struct str name); /* NULL: not configured */
/* What an answer, or the lack of one, says about a route; a change is told, once. words: why, for people. */
void route_up(struct sipside_domain *d, struct route *r, bool options);
void route_down(struct sipside_domain *d, struct route *r, enum reason why, struct str words, unsigned retry_after_s);

#endif

/* SPDX-License-Identifier: MIT */
/* The SIP leg's only door. sipside does what the RFCs leave no choice about (retransmit, ACK, BYE an extra fork,
 * 405/420/481/489) and reports the rest. Values are borrowed for the call. A call that returns an error or NULL never
 * calls back; no callback fires before the call has returned. */
#ifndef TOMBOLO_SIPSIDE_H
#define TOMBOLO_SIPSIDE_H

#include "mapping/base/env.h"
#include "mapping/profile.h"
#include "mapping/values.h"

struct sipside;
struct sipside_domain; /* a configured SIP domain: its dialect, its routes, who may speak for it */
struct sipside_request; /* a ticket: a request that wants exactly one answer */
struct sipside_usage; /* an INVITE session or a subscription (RFC 5057), either role */

/* -- What comes up */
struct sipside_handlers {
	/* New requests outside any usage; each is a ticket. `domain` is the one that From names. */
	void (*message)(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);
	void (*invite)(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);
	void (*subscribe)(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r);
	/* A route of the domain came up (REASON_NONE) or went down. */
	void (*route)(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words);
	/* May an OPTIONS be answered 200, a request be let in? false: 503 with Retry-After. A MESSAGE is always let in: only
	 * its handler can tell a first one from one that was delivered before. */
	bool (*in_service)(void *arg);
};

/* What the owner of a usage hears. After `ended` the usage is gone; before it every open send had its outcome. */
struct sipside_owner {
	/* In-dialog MESSAGE, INFO, NOTIFY, SUBSCRIBE (refresh, or expires_s 0): a ticket. */
	void (*request)(void *arg, struct sipside_request *t, const struct s_request *r);
	/* begun: a 2xx came (expires_s of a SUBSCRIBE). accepted INVITE: the ACK came. Once. */
	void (*up)(void *arg, const struct s_result *r);
	/* BYE, CANCEL, refusal, timer N, a fatal answer; why REASON_NONE: the peer ended it in good order. */
	void (*ended)(void *arg, const struct s_result *r);
	/* What a restart needs has changed: one printable line, to be stored. May be NULL. */
	void (*keep)(void *arg, struct str saved);
};

typedef void sipside_done(void *arg, const struct s_result *r); /* once for each send */

/* -- Configuration: plain rows, copied at the call */
enum sipside_transport { SIPSIDE_UDP, SIPSIDE_TCP, SIPSIDE_TLS };
struct sipside_address {
	enum sipside_transport transport;
	struct str host; /* numeric or a name; IPv6 without brackets */
	uint16_t port; /* 0: the default of the transport (locate), or any free port (listen) */
};
struct sipside_route {
	struct str name;
	struct sipside_address to;
	int priority; /* lower number first */
	struct str user, password; /* for digest challenges (RFC 3261 22); empty: none is answered */
};
struct sipside_domain_config {
	struct str name; /* the SIP domain, lower case */
	const struct map_profile *profile;
	const struct str *serves; /* XMPP domains its requests may address */
	unsigned serves_count;
	const struct sipside_route *routes;
	unsigned routes_count;
	const struct str *allow; /* addresses, networks (CIDR) and TLS names; none: the routes' own hosts */
	unsigned allow_count;
};
/* Our certificate and whom we trust: files in PEM. Both sides of every TLS connection show a certificate. */
struct sipside_tls {
	struct str cert; /* ours, and the chain behind it; empty: no TLS */
	struct str key;
	struct str ca; /* who may sign a peer's certificate */
	struct str crl; /* what these have revoked; empty: nothing is looked up */
	unsigned min_version; /* 10, 11, 12 or 13; 0: 12 */
};
struct sipside_config {
	struct str node; /* host of our Contact, Via and Record-Route */
	/* What no other bridge is called; the same on all nodes of a cluster: our requests are known by it when they come
	 * back. Empty: the node. */
	struct str installation;
	const struct sipside_address *listen;
	unsigned listen_count;
	const struct sipside_domain_config *domains;
	unsigned domains_count;
	const struct str *hosts; /* "name=address" */
	unsigned hosts_count;
	const struct str *dns; /* name servers, "10.0.0.2:53"; none: the system's */
	unsigned dns_count;
	struct sipside_tls tls; /* read anew at each call: new connections get what the files say now */
	unsigned max_connections; /* in total; 0: 10,000 */
	unsigned max_message_bytes; /* 0: 64 KiB */
	unsigned session_setup_ms; /* INVITE without a final answer is CANCELled; 0: 120 s */
	unsigned
		start; /* the number of this start of the process (store_starts): dialogs of earlier ones go on above it */
};

/* env and handlers stay the caller's and outlive the sipside; never fails. */
struct sipside *sipside_create(const struct env *env, const struct sipside_handlers *handlers, void *arg);
/* All or nothing; on failure *error says in words what is wrong (turn's arena). Does not open ports. */
enum reason sipside_configure(struct sipside *s, const struct sipside_config *config, struct str *error);
/* Reads certificates, authorities and lists anew; only new connections get them. REASON_TLS with *error: all stays. */
enum reason sipside_renew(struct sipside *s, const struct sipside_tls *tls, struct str *error);
/* Opens the ports of the configuration. REASON_INTERNAL with *error in words where one cannot be bound. */
enum reason sipside_listen(struct sipside *s, struct str *error);
/* The address a listener got (for port 0), by its index in the configuration. */
bool sipside_bound(const struct sipside *s, unsigned index, struct sipside_address *out);
struct sipside_domain *sipside_domain(struct sipside *s, struct str name); /* NULL: not configured */
struct str sipside_domain_name(const struct sipside_domain *d);

/* A certificate, for `check` and the metrics. */
struct sipside_certificate {
	struct str names; /* what it proves, for people (turn's arena) */
	const char *version; /* of a peer's: "TLSv1.3" */
	int64_t until_ms; /* its last moment, Unix */
	bool proves_node; /* of our own: it holds our node's name */
};
bool sipside_own_certificate(const struct sipside *s, struct sipside_certificate *out); /* false: no TLS */
/* What the peer of a TLS route showed; false: no connection to it is open. */
bool sipside_route_certificate(struct sipside_domain *d, struct str route, struct sipside_certificate *out);

/* -- Usages */
/* INVITE or SUBSCRIBE to r->to from r->from. INVITE: session description is sipside's own. NULL: not possible now
 * (*why says so: no route, too many). */
struct sipside_usage *sipside_begin(struct sipside_domain *d, const struct s_request *r,
	const struct sipside_owner *owner, void *arg, enum reason *why);
/* Makes the dialog for a ticket of invite or subscribe; sipside_answer() with a 2xx still has to follow. */
struct sipside_usage *sipside_accept(struct sipside_request *t, const struct sipside_owner *owner, void *arg);
/* From a line that keep() gave, before the ports open. NULL: the line cannot be read. */
struct sipside_usage *sipside_restore(
	struct sipside_domain *d, struct str saved, const struct sipside_owner *owner, void *arg);
/* The line that keep() would give now, in the turn's arena: for who wants it on disk before he answers. Empty: there is
 * nothing to keep yet, or no more. */
struct str sipside_saved(struct sipside_usage *u);
/* MESSAGE and INFO in a session, NOTIFY as notifier, SUBSCRIBE (refresh, expires_s 0) as subscriber; sent in order.
 * r->from and r->to are the dialog's and ignored. */
enum reason sipside_send(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg);
/* Leaves in good order (BYE, CANCEL, SUBSCRIBE Expires 0; a notifier just forgets) and lets go: no owner callback
 * afterwards, but every open send still has its outcome. */
void sipside_end(struct sipside_usage *u);

/* -- Outside usages */
/* Pager MESSAGE (RFC 3428). */
enum reason sipside_page(struct sipside_domain *d, const struct s_request *r, sipside_done *done, void *arg);
/* OPTIONS to one route, by name; for `check` and probes. */
enum reason sipside_probe(struct sipside_domain *d, struct str route, sipside_done *done, void *arg);
/* Answers a ticket, now or later; exactly once. status is chosen by the caller (mapping/error). expires_s for a
 * SUBSCRIBE's 2xx. After a CANCEL the answer is dropped here. */
void sipside_answer(struct sipside_request *t, const struct s_result *r);

/* Drops everything without a word on the wire (state is in the store); open sends end with REASON_SHUTTING_DOWN,
 * usages are freed without `ended`. NULL is allowed. */
void sipside_destroy(struct sipside *s);

#endif

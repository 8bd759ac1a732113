/* SPDX-License-Identifier: MIT */
/* The XMPP leg's only door. One link for each component name (XEP-0114); a link connects, logs in, keeps itself alive
 * and reconnects by itself. Values passed in or handed to a handler are borrowed for that call.
 * A call that returns an error never calls back; no callback fires before the call has returned. */
#ifndef TOMBOLO_XMPPSIDE_H
#define TOMBOLO_XMPPSIDE_H

#include "mapping/base/env.h"
#include "mapping/values.h"

struct xmppside;
struct xmppside_link;

struct xmppside_handlers {
	/* REASON_NONE: the link is up. REASON_LINK_LOST: it was up; REASON_LINK_REFUSED: a log-in was refused (a
	 * conflict too); `words` adds what the server said. Called once for each change. */
	void (*link)(void *arg, struct xmppside_link *link, enum reason why, struct str words);
	/* Every message addressed to this component's domain, in order, type error excepted. */
	void (*message)(void *arg, struct xmppside_link *link, const struct x_message *m);
	/* An error stanza for a message whose delivery had been reported as taken, or was sent by xmppside_signal.
	 * m->id, from and to are of the error stanza as received (from: who refused; to: the SIP user's JID). */
	void (*refused_late)(void *arg, struct xmppside_link *link, const struct x_message *m);
	void (*presence)(void *arg, struct xmppside_link *link, const struct x_presence *p);
};

/* With this the detail of EVENT_LINK_DOWN and EVENT_LINK_REFUSED goes on behind what happened. */
#define XMPPSIDE_AGAIN "; trying again"

/* How one component is reached. Copied at the call. */
struct xmppside_server {
	struct str host; /* numeric address or name */
	uint16_t port;
	struct str component; /* our name */
	struct str secret;
};

/* The outcome of a delivery, once. NULL: the server has taken it. Else error->why says which kind of failure:
 * REASON_STANZA_ERROR refused by the server or user; REASON_LINK_DOWN not written;
 * REASON_LINK_LOST and REASON_NO_ANSWER it may have arrived. */
typedef void xmppside_done(void *arg, const struct x_error *error);

/* env and handlers stay the caller's and outlive the xmppside; never fails. */
struct xmppside *xmppside_create(const struct env *env, const struct xmppside_handlers *handlers, void *arg);
/* Starts connecting. The link lives until xmppside_close. */
struct xmppside_link *xmppside_open(struct xmppside *x, const struct xmppside_server *server);
struct str xmppside_component(const struct xmppside_link *link); /* its name; lives as long as the link */
bool xmppside_is_up(const struct xmppside_link *link);

/* Writes the message with a barrier behind it (an iq ping from the bare sender to the bare recipient; one barrier may
 * close a burst to the same pair; what its answer means is found out per recipient domain, beside the first delivery
 * to it). `done` within 3.0 s. Any of these and done is never called: REASON_LINK_DOWN no link is up,
 * REASON_QUEUE_FULL too many deliveries are open, REASON_BAD_ADDRESS, REASON_INTERNAL the id is open already.
 * m->id names the stanza and must be unique for ten minutes. */
enum reason xmppside_deliver(struct xmppside_link *link, const struct x_message *m, xmppside_done *done, void *arg);
/* Chat state, receipt, marker; no outcome. While the link is not up a receipt waits for it (somebody may wait for the
 * receipt), anything else is dropped. */
void xmppside_signal(struct xmppside_link *link, const struct x_message *m);
/* The original came from this link; it goes back to its sender (full JID) as type error with its own id (RFC 6120
 * 8.3). Waits for the link while it is not up: nobody is left without an answer. Never called for a message that is itself
 * an error. */
void xmppside_bounce(struct xmppside_link *link, const struct x_message *original, const struct x_error *error);
/* Presence of any kind. X_PRESENCE_ERROR answers p->id-less presence with p->error. Dropped while the link is down:
 * who must know is told again after `link` reports up. */
void xmppside_presence(struct xmppside_link *link, const struct x_presence *p);

/* Ends the stream; open deliveries end with REASON_LINK_LOST before it returns, no handler is called afterwards. */
void xmppside_close(struct xmppside_link *link);
/* Closes what is open; NULL is allowed. The loop has to turn once more: sockets and links go with that turn. */
void xmppside_destroy(struct xmppside *x);

#endif

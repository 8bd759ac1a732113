/* SPDX-License-Identifier: MIT */
/* Messages whose fate somebody waits for. XMPP answers a message only when it fails; so a barrier - an iq ping from the
 * message's own sender to its bare recipient, right behind it on the same stream - makes silence mean something:
 *
 *     message -> ping -> [answer -> another ping ->] answer: whatever was not refused until now is taken.
 *
 * The other pings are for servers that let a user's own session answer beside the router (ejabberd): see calibration.
 * One barrier closes all deliveries of a loop turn between the same two bare addresses. */
#ifndef TOMBOLO_DELIVERY_H
#define TOMBOLO_DELIVERY_H

#include "xmppside/barrier_calibration.h"
#include "xmppside/xmppside.h"

enum {
	DELIVERY_LIMIT_MS = 3000, /* the SIP transaction behind it has little more (RFC 4320) */
	DELIVERY_MAX_ROUNDS = 100, /* pings of one barrier */
	DELIVERY_MAX_OPEN = 20000,
	DELIVERY_MAX_QUEUED_BYTES = 4 * 1024 * 1024, /* waiting for the server to read */
};

struct xmppside_stream;
struct barrier;
struct delivery;
struct xmppside_deliveries {
	const struct env *env;
	struct xmppside_iqs *iqs;
	struct xmppside_domains *domains;
	struct xmppside_stream *stream; /* set by link while one is open, else NULL */
	struct delivery *open; /* by stanza id */
	struct barrier *unsent; /* this turn's, by pair of addresses */
	struct barrier *settling;
	struct env_flush flush;
};

void xmppside_deliveries_init(struct xmppside_deliveries *ds, const struct env *env, struct xmppside_iqs *iqs,
	struct xmppside_domains *domains);
/* As xmppside_deliver. */
enum reason xmppside_deliveries_add(
	struct xmppside_deliveries *ds, const struct x_message *m, xmppside_done *done, void *arg);
/* An error stanza came. False where it belongs to no open delivery: it is a late one. */
bool xmppside_deliveries_refuse(struct xmppside_deliveries *ds, const struct x_message *error);
/* The link is gone: all open ones end, with every other open iq. ds->stream still tells what was sent. */
void xmppside_deliveries_lose(struct xmppside_deliveries *ds);

#endif

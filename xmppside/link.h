/* SPDX-License-Identifier: MIT */
/* One component's connection for as long as it is wanted: connect, log in, keep alive, lose, try again.
 *
 *   WAITING --retry--> RESOLVING --addresses--> CONNECTING --tcp--> LOGGING_IN --handshake--> UP
 *      ^                   |                     |    ^ next address     |                    |
 *      '---- 2 s +-50 % ---+---------------------'----'                  |                    |
 *      '---- 2 s +-50 % (lost), 30 s (refused: an alarm) ----------------+--------------------'
 *   CLOSED: out of each, by xmppside_close.
 *
 * Private to this room; the door is xmppside.h. */
#ifndef TOMBOLO_LINK_H
#define TOMBOLO_LINK_H

#include "xmppside/delivery.h"
#include "xmppside/feature/features.h"
#include "xmppside/name_lookup.h"

enum { LINK_HELD_BYTES = 4 * 1024 * 1024 };

struct xmppside {
	const struct env *env;
	const struct xmppside_handlers *handlers;
	void *arg;
	struct xmppside_features features;
	struct xmppside_link *links;
};

enum link_state { LINK_WAITING, LINK_RESOLVING, LINK_CONNECTING, LINK_LOGGING_IN, LINK_UP, LINK_CLOSED };

struct xmppside_link {
	struct xmppside *x;
	const struct env *env;
	struct xmppside_link *next;
	struct str host, component, secret;
	uint16_t port;
	enum link_state state;
	enum reason reported; /* REASON_NONE while up, else why not; each change is told once */
	struct str reported_words;
	struct str last_words; /* of the last address that failed */
	struct sockaddr_storage addresses[NAME_LOOKUP_MAX];
	unsigned address_count, address_at;
	struct name_lookup *lookup;
	struct xmppside_stream *stream;
	struct timer timer; /* the state's only deadline */
	struct xmppside_iqs iqs;
	struct xmppside_domains domains;
	struct xmppside_deliveries deliveries;
	struct xmppside_iq ping; /* keep-alive */
	uint64_t heard; /* bytes received when we last looked */
	struct buf held; /* answers that wait for the link, LINK_HELD_BYTES at most */
	struct env_flush reap;
};

struct xmppside_link *xmppside_link_create(struct xmppside *x, const struct xmppside_server *server);
/* Ends it and what is open; its memory goes when the loop turn ends. */
void xmppside_link_close(struct xmppside_link *link);
/* Where stanzas are appended; NULL while the link is not up. */
struct buf *xmppside_link_out(struct xmppside_link *link);
/* Where what somebody waits for is appended: while the link is not up it is held and goes first when it is. NULL, with an
 * event: too much waits already, or the link is closed. */
struct buf *xmppside_link_out_later(struct xmppside_link *link);

#endif

/* SPDX-License-Identifier: MIT */
/* One XML stream to an XMPP server over one TCP life: connect, header, handshake (XEP-0114 section 3), stanzas both
 * ways, the end. It never tries again; link does. */
#ifndef TOMBOLO_XML_STREAM_H
#define TOMBOLO_XML_STREAM_H

#include "mapping/base/env.h"
#include "mapping/values.h"
#include "xmppside/syntax/element.h"

enum {
	STREAM_MAX_QUEUED_BYTES = 16 * 1024 * 1024, /* a server that lets more wait has stalled: the stream ends */
};

struct sockaddr;
struct xmppside_stream;

struct xmppside_stream_events {
	void (*connected)(void *arg); /* TCP is up; the log-in begins */
	void (*opened)(void *arg); /* the server accepted the handshake */
	/* whole is false for one that was too large to be read: only its attributes are there. */
	void (*stanza)(void *arg, struct xmppside_element *stanza, struct arena *a, bool whole);
	/* The stream has ended by itself; it frees itself. refused: the server said why before it accepted us.
	 * condition: of the stream error, either side's; may be empty. words: for people, never empty. */
	void (*closed)(void *arg, bool refused, struct str condition, struct str words);
};

/* Begins to connect; NULL where even that fails. component and secret are borrowed for the stream's life. No event comes before it has returned. */
struct xmppside_stream *xmppside_stream_open(const struct env *env, const struct sockaddr *address,
	struct str component, struct str secret, const struct xmppside_stream_events *events, void *arg);
/* Where to append stanzas; they leave in one write when the loop turn ends. Only between opened and closed. */
struct buf *xmppside_stream_out(struct xmppside_stream *s);
/* Bytes ever appended, and the part of them that was handed to the socket: what lies beyond was provably not sent. */
uint64_t xmppside_stream_appended(const struct xmppside_stream *s);
uint64_t xmppside_stream_sent(const struct xmppside_stream *s);
uint64_t xmppside_stream_received(const struct xmppside_stream *s); /* bytes ever read */
/* Writes what is queued as far as the socket takes it, ends the stream, frees it once the loop has turned. No event
 * comes any more. condition: of a stream error to send first; may be empty. May be called from inside an event. */
void xmppside_stream_close(struct xmppside_stream *s, struct str condition);

#endif

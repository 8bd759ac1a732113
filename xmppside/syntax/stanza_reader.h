/* SPDX-License-Identifier: MIT */
/* From the bytes of one XML stream to its stanzas, on expat. Linear in the bytes it is fed, whatever they are, and
 * bounded: XML that XMPP forbids ends the stream (RFC 6120 11.1), a stanza that is deep or crowded without end is passed
 * over as a whole, so that no single user can end the stream of all. */
#ifndef TOMBOLO_STANZA_READER_H
#define TOMBOLO_STANZA_READER_H

#include "mapping/base/env.h"
#include "xmppside/syntax/element.h"

enum {
	STANZA_MAX_BYTES = 1000 * 1000, /* twice what servers let through by default; more ends the stream */
	STANZA_MAX_DEPTH = 100, /* below the stanza itself; more is passed over */
	STANZA_MAX_NODES = 4096, /* elements, attributes and runs of text; more is passed over */
};

struct xmppside_reader;
struct xmppside_reader_events {
	/* The stream header; its element has attributes only. Once. */
	void (*opened)(void *arg, const struct xmppside_element *header);
	/* A first-level child of the stream, borrowed for the call. whole is false where it was too deep or too crowded:
	 * then only its name, namespace and attributes are there. */
	void (*stanza)(void *arg, struct xmppside_element *stanza, bool whole);
	/* </stream:stream> */
	void (*ended)(void *arg);
};

struct xmppside_reader *xmppside_reader_create(
	const struct env *env, const struct xmppside_reader_events *events, void *arg);
/* Reads on; handlers are called from in here. Returns the condition of the stream error to send (RFC 6120 4.9.3), or
 * the empty string. After an error, or xmppside_reader_stop, nothing more may be fed. */
struct str xmppside_reader_feed(struct xmppside_reader *r, struct str bytes);
/* From inside a handler: no further handler is called, the running feed returns the empty string. */
void xmppside_reader_stop(struct xmppside_reader *r);
/* The arena of the stanza being handled, emptied after it. */
struct arena *xmppside_reader_arena(struct xmppside_reader *r);
void xmppside_reader_destroy(struct xmppside_reader *r); /* never from inside a handler; NULL is allowed */

#endif

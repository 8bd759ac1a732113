/* SPDX-License-Identifier: MIT */
/* The one stream of everything observable. Whoever sees something fills a struct event and hands it to env_event();
 * log, counters, trace and the last-error ring are its sinks (component/operate). One row of event.c for each kind. */
#ifndef TOMBOLO_EVENT_H
#define TOMBOLO_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "mapping/base/str.h"

enum event_kind {
	EVENT_STARTING, /* detail: version and configuration */
	EVENT_READY, /* a component link is up and SIP listens */
	EVENT_STOPPING,
	EVENT_CONFIG, /* detail: what was loaded */
	EVENT_CONFIG_WARNING, /* detail: what in it has no effect or could not be read again */
	EVENT_LISTEN, /* to: tcp:127.0.0.1:5060 */
	EVENT_LINK_UP, /* from: component name */
	EVENT_LINK_DOWN, /* to: host:port; why, detail; tried again by itself */
	EVENT_LINK_REFUSED, /* why: the server's condition (wrong secret, unknown host): an alarm */
	EVENT_ROUTE_UP,
	EVENT_ROUTE_DOWN, /* to: route, why */
	EVENT_CONNECTION, /* a stream was opened or accepted */
	EVENT_CONNECTION_CLOSED, /* why */
	EVENT_TLS_FAILED, /* a handshake or a secured connection broke: detail says why, in words to act on */
	EVENT_MESSAGE, /* a text reached its end: result in sip, xmpp, why */
	EVENT_MESSAGE_LATE, /* refused after it had been confirmed; its sender was told */
	EVENT_TYPING,
	EVENT_RECEIPT,
	EVENT_SESSION, /* an IM session opened, closed or failed */
	EVENT_SUBSCRIBE, /* we watch a SIP user */
	EVENT_NOTIFY, /* presence crossed, either way */
	EVENT_WATCH, /* a SIP user watches an XMPP user */
	EVENT_AUTHORIZATION, /* xmpp: pending, allowed, denied, revoked */
	EVENT_REFUSED, /* a request ended at the door: why, sip or xmpp */
	EVENT_MALFORMED, /* bytes that are no message of their protocol */
	EVENT_DROPPED, /* something had to be thrown away: why */
	EVENT_STORE, /* the store failed or recovered: why, detail */
	EVENT_LIBRARY, /* a warning a library gave */
	EVENT_WIRE_SIP, /* bytes as sent or received, only while env_wants() it */
	EVENT_WIRE_XMPP,
	EVENT_KINDS
};

enum event_dir { DIR_NONE, DIR_X2S, DIR_S2X };
enum event_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/* Borrowed for the call. Whatever is zero is left out of the log line. */
struct event {
	enum event_kind kind;
	uint64_t flow;
	enum event_dir dir;
	struct str from, to; /* as a person would write the addresses */
	int sip; /* status code */
	struct str xmpp; /* condition or state */
	struct str why; /* the reason's log word (mapping/error) */
	struct str detail; /* free words, quoted in the log; never a body, never a secret */
	int64_t ms; /* how long the journey took; printed for kinds whose row says so */
	struct str bytes; /* EVENT_WIRE_* */
	bool outgoing; /* EVENT_WIRE_*: we sent it */
};

struct event_row {
	struct str word;
	enum event_level level;
	struct str metric; /* counter name without prefix; empty: not counted */
	bool timed;
};
const struct event_row *event_row(enum event_kind kind); /* a row for every kind, never NULL */
struct str event_dir_word(enum event_dir dir);
struct str event_level_word(enum event_level level);

#endif

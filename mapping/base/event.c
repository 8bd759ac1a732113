/* SPDX-License-Identifier: MIT */
#include "mapping/base/event.h"

#include <assert.h>

#define ROW(name, lvl, counter, with_ms)                                                                               \
	{                                                                                                              \
		.word = STR_INIT(name), .level = (lvl), .metric = STR_INIT(counter), .timed = (with_ms)                \
	}

static const struct event_row rows[EVENT_KINDS] = {
	[EVENT_STARTING] = ROW("starting", LEVEL_INFO, "", false),
	[EVENT_READY] = ROW("ready", LEVEL_INFO, "", false),
	[EVENT_STOPPING] = ROW("stopping", LEVEL_INFO, "", false),
	[EVENT_CONFIG] = ROW("config", LEVEL_INFO, "", false),
	[EVENT_CONFIG_WARNING] = ROW("config-warning", LEVEL_WARN, "", false),
	[EVENT_LISTEN] = ROW("listen", LEVEL_INFO, "", false),
	[EVENT_LINK_UP] = ROW("link-up", LEVEL_INFO, "component_links_total", false),
	[EVENT_LINK_DOWN] = ROW("link-down", LEVEL_WARN, "component_losses_total", false),
	[EVENT_LINK_REFUSED] = ROW("link-refused", LEVEL_ERROR, "component_refusals_total", false),
	[EVENT_ROUTE_UP] = ROW("route-up", LEVEL_INFO, "", false),
	[EVENT_ROUTE_DOWN] = ROW("route-down", LEVEL_WARN, "route_failovers_total", false),
	[EVENT_CONNECTION] = ROW("connection", LEVEL_DEBUG, "connections_total", false),
	[EVENT_CONNECTION_CLOSED] = ROW("connection-closed", LEVEL_DEBUG, "", false),
	[EVENT_TLS_FAILED] = ROW("tls-failed", LEVEL_WARN, "tls_failures_total", false),
	[EVENT_MESSAGE] = ROW("message", LEVEL_INFO, "messages_total", true),
	[EVENT_MESSAGE_LATE] = ROW("message-late", LEVEL_WARN, "messages_late_total", false),
	[EVENT_TYPING] = ROW("typing", LEVEL_DEBUG, "typing_total", false),
	[EVENT_RECEIPT] = ROW("receipt", LEVEL_DEBUG, "receipts_total", false),
	[EVENT_SESSION] = ROW("session", LEVEL_INFO, "sessions_total", false),
	[EVENT_SUBSCRIBE] = ROW("subscribe", LEVEL_INFO, "subscribes_total", false),
	[EVENT_NOTIFY] = ROW("notify", LEVEL_DEBUG, "notifies_total", false),
	[EVENT_WATCH] = ROW("watch", LEVEL_INFO, "watches_total", false),
	[EVENT_AUTHORIZATION] = ROW("authorization", LEVEL_INFO, "authorizations_total", false),
	[EVENT_REFUSED] = ROW("refused", LEVEL_WARN, "refused_total", false),
	[EVENT_MALFORMED] = ROW("malformed", LEVEL_WARN, "malformed_total", false),
	[EVENT_DROPPED] = ROW("dropped", LEVEL_WARN, "dropped_total", false),
	[EVENT_STORE] = ROW("store", LEVEL_ERROR, "store_failures_total", false),
	[EVENT_LIBRARY] = ROW("library", LEVEL_WARN, "", false),
	[EVENT_WIRE_SIP] = ROW("wire-sip", LEVEL_DEBUG, "", false),
	[EVENT_WIRE_XMPP] = ROW("wire-xmpp", LEVEL_DEBUG, "", false),
};

const struct event_row *event_row(enum event_kind kind)
{
	assert(kind < EVENT_KINDS);
	return &rows[kind];
}

struct str event_dir_word(enum event_dir dir)
{
	static const struct str words[] = {
		[DIR_NONE] = STR_INIT(""), [DIR_X2S] = STR_INIT("x2s"), [DIR_S2X] = STR_INIT("s2x")
	};

	return words[dir];
}

struct str event_level_word(enum event_level level)
{
	static const struct str words[] = { [LEVEL_DEBUG] = STR_INIT("debug"),
		[LEVEL_INFO] = STR_INIT("info"),
		[LEVEL_WARN] = STR_INIT("warn"),
		[LEVEL_ERROR] = STR_INIT("error") };

	return words[level];
}

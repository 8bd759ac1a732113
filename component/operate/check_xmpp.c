/* SPDX-License-Identifier: MIT */
#include "component/operate/check_xmpp.h"

enum cause { CONFLICT, WRONG_SECRET, NO_COMPONENT, NOBODY_LISTENS, OTHER };

static enum cause cause_of(struct str words)
{
	static const struct {
		struct str said;
		enum cause cause;
	} rows[] = {
		{ STR_INIT("conflict"), CONFLICT },
		{ STR_INIT("not-authorized"), WRONG_SECRET },
		{ STR_INIT("host-unknown"), NO_COMPONENT },
		{ STR_INIT("connection refused"), NOBODY_LISTENS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_starts(words, rows[i].said))
			return rows[i].cause;
	return OTHER;
}

static struct str remedy_of(struct arena *a, const struct config_xmpp *x, struct str words)
{
	struct str name = x->component;

	switch (cause_of(words)) {
	case CONFLICT:
		return arena_printf(a,
			"somebody is logged in as " STR_FMT " already: if that is your tombolo, all is well",
			STR_ARG(name));
	case WRONG_SECRET:
		return STR(
			"compare the secret with the server's (Prosody: component_secret of this Component; ejabberd: "
			"password of ejabberd_service)");
	case NO_COMPONENT:
		return arena_printf(a,
			"the server has no component " STR_FMT " (Prosody: Component \"" STR_FMT "\"; ejabberd: "
			"ejabberd_service), or %u is its port for clients: components have their own, usually 5347",
			STR_ARG(name), STR_ARG(name), x->port);
	case NOBODY_LISTENS:
		return STR("does the server run, does it listen there (Prosody: component_ports, component_interfaces; "
			   "ejabberd: listen, ejabberd_service)");
	default:
		return arena_printf(a,
			"does the server run, does it have the component " STR_FMT " (Prosody: Component \"" STR_FMT
			"\"; ejabberd: ejabberd_service), is the secret the same on both sides",
			STR_ARG(name), STR_ARG(name));
	}
}

const char *check_xmpp_remedy(struct arena *a, const struct config_xmpp *x, struct str words)
{
	return arena_str(a, remedy_of(a, x, words)).p;
}

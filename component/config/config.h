/* SPDX-License-Identifier: MIT */
/* The configuration as plain values: read once, checked whole, never changed. config_options.h has the table of keys. */
#ifndef TOMBOLO_CONFIG_H
#define TOMBOLO_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "mapping/base/arena.h"
#include "mapping/base/event.h"
#include "mapping/base/str.h"
#include "mapping/profile.h"
#include "mapping/values.h"
#include "sipside/sipside.h"

/* Every string lives as long as its configuration and has a NUL behind it. Domain and host names are lower case. */

enum config_mode {
	CONFIG_GATEWAY, /* SIP users appear as user@component */
	CONFIG_PARTITIONED, /* as user@NAME, NAME being the XMPP server's own host */
	CONFIG_FEDERATED, /* as user@NAME, the component is named NAME */
	CONFIG_MODES
};
enum config_routing { CONFIG_BASIC, CONFIG_ADVANCED };
enum config_authorize { CONFIG_ASK, CONFIG_AUTO, CONFIG_DENY };
enum config_denied { CONFIG_OFFLINE, CONFIG_REJECTED };

/* One component log-in. */
struct config_xmpp {
	struct str host; /* numeric address or name, IPv6 without brackets */
	uint16_t port;
	struct str component; /* our name there */
	struct str secret; /* the secret itself, read from where the file says */
	unsigned line;
};

struct config_domain {
	struct str name; /* the SIP domain */
	enum config_mode mode;
	const struct map_profile *profile;
	struct config_xmpp link; /* its own, or what it inherits from xmpp {}; complete */
	const struct str *serves; /* XMPP domains; at least one */
	unsigned serves_count;
	enum config_routing routing;
	const struct sipside_route *routes; /* at least one */
	const unsigned *route_lines; /* beside routes */
	unsigned routes_count;
	const struct str *allow; /* none: the routes' own hosts */
	unsigned allow_count;
	enum config_authorize authorize;
	enum config_denied denied;
	enum x_show busy_as; /* X_SHOW_DND or X_SHOW_AWAY */
	bool toast;
	bool remote_users;
	unsigned line; /* of `domain NAME {` */
	unsigned authorize_line, remote_users_line; /* of the key, or of the domain where it is left to its default */
	unsigned serves_line; /* 0: left out */
};

/* A setting that is understood but has no effect in this version. */
struct config_notice {
	unsigned line;
	bool refuse; /* running without it would mislead: `serve` does not start */
	struct str text; /* "cluster.enabled = yes is not yet supported: ..." */
};

struct config {
	struct arena memory; /* owns everything below */
	struct str path; /* as given to config_load */
	struct str node;
	struct config_xmpp xmpp; /* the default link */
	const struct sipside_address *listen; /* at least one */
	unsigned listen_count, listen_line;
	struct sipside_tls tls; /* cert, key and ca are set where a listener or route is TLS; the files can be read */
	struct {
		unsigned cert, key, ca, crl, min; /* where they stand; 0: nowhere */
	} tls_lines;
	const struct str *hosts; /* "name=address" */
	unsigned hosts_count;
	const struct str *dns; /* name servers, "10.0.0.2:53" */
	unsigned dns_count;
	const struct config_domain *domains; /* at least one */
	unsigned domains_count;
	struct str storage_url;
	struct {
		unsigned sessions, subscriptions;
		unsigned messages_per_user, messages_per_user_ms; /* so many in so long a time */
		unsigned message_bytes;
		unsigned session_setup_ms, session_idle_ms;
	} limits;
	struct {
		enum event_level level;
	} log;
	const struct config_notice *notices;
	unsigned notices_count;
};

/* Reads and checks the file. NULL: every fault found is a line "path:line: words" in *errors. */
struct config *config_load(const char *path, struct buf *errors);
/* The same for a text; `name` stands for the path in messages. Secrets are still read from where the text says. */
struct config *config_load_text(struct str text, const char *name, struct buf *errors);
void config_free(struct config *c); /* NULL is allowed */

#endif

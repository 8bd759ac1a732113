/* SPDX-License-Identifier: MIT */
#include "component/config/config_options.h"

#include "component/config/config.h"

/* -- Words */

static const struct config_word mode_words[] = { { STR_INIT("gateway"), CONFIG_GATEWAY, CONFIG_WORKS },
	{ STR_INIT("partitioned"), CONFIG_PARTITIONED, CONFIG_LATER_REFUSE },
	{ STR_INIT("federated"), CONFIG_FEDERATED, CONFIG_WORKS }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word routing_words[] = { { STR_INIT("basic"), CONFIG_BASIC, CONFIG_WORKS },
	{ STR_INIT("advanced"), CONFIG_ADVANCED, CONFIG_LATER_REFUSE }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word authorize_words[] = { { STR_INIT("ask"), CONFIG_ASK, CONFIG_WORKS },
	{ STR_INIT("auto"), CONFIG_AUTO, CONFIG_LATER_WARN }, { STR_INIT("deny"), CONFIG_DENY, CONFIG_WORKS },
	{ STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word denied_words[] = { { STR_INIT("offline"), CONFIG_OFFLINE, CONFIG_WORKS },
	{ STR_INIT("rejected"), CONFIG_REJECTED, CONFIG_WORKS }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word busy_words[] = { { STR_INIT("dnd"), X_SHOW_DND, CONFIG_WORKS },
	{ STR_INIT("away"), X_SHOW_AWAY, CONFIG_WORKS }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word level_words[] = { { STR_INIT("debug"), LEVEL_DEBUG, CONFIG_WORKS },
	{ STR_INIT("info"), LEVEL_INFO, CONFIG_WORKS }, { STR_INIT("warn"), LEVEL_WARN, CONFIG_WORKS },
	{ STR_INIT("error"), LEVEL_ERROR, CONFIG_WORKS }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word tls_words[] = { { STR_INIT("1.0"), 10, CONFIG_WORKS },
	{ STR_INIT("1.1"), 11, CONFIG_WORKS }, { STR_INIT("1.2"), 12, CONFIG_WORKS },
	{ STR_INIT("1.3"), 13, CONFIG_WORKS }, { STR_INIT(""), 0, CONFIG_WORKS } };
/* `no` is what this version does anyway; `yes` is understood. */
static const struct config_word later_words[] = { { STR_INIT("no"), 0, CONFIG_WORKS },
	{ STR_INIT("yes"), 1, CONFIG_LATER_WARN }, { STR_INIT(""), 0, CONFIG_WORKS } };
static const struct config_word refused_words[] = { { STR_INIT("no"), 0, CONFIG_WORKS },
	{ STR_INIT("yes"), 1, CONFIG_LATER_REFUSE }, { STR_INIT(""), 0, CONFIG_WORKS } };

/* -- Sections */

static const struct config_section sections[] = {
	{ .name = STR_INIT("") },
	{ .name = STR_INIT("xmpp") },
	{ .name = STR_INIT("sip") },
	{ .name = STR_INIT("domain"), .titled = true, .target = CONFIG_TO_DOMAIN },
	{ .name = STR_INIT("route"), .parent = STR_INIT("domain"), .titled = true, .target = CONFIG_TO_ROUTE },
	{ .name = STR_INIT("directory"),
		.titled = true,
		.support = CONFIG_LATER_WARN,
		.help = STR_INIT("no directory is read") },
	{ .name = STR_INIT("storage") },
	{ .name = STR_INIT("cluster") },
	{ .name = STR_INIT("limits") },
	{ .name = STR_INIT("admin") },
	{ .name = STR_INIT("log") },
};

/* -- Options. KEY: the value is used. SEEN: checked, then dropped (its feature is not in this version, or its section
 *    says so). */

#define AT_CONFIG(field) offsetof(struct config, field)
#define AT_DOMAIN(field) offsetof(struct config_domain, field)
#define AT_ROUTE(field) offsetof(struct sipside_route, field)
#define ROW(sec, key, kind, sentence)                                                                                  \
	.section = STR_INIT(sec), .name = STR_INIT(key), .type = (kind), .help = STR_INIT(sentence)
#define KEY(sec, key, kind, offset, sentence) ROW(sec, key, kind, sentence), .at = (offset)
#define SEEN(sec, key, kind, sentence) ROW(sec, key, kind, sentence), .at = CONFIG_NOWHERE
#define FALLBACK(text) .fallback = STR_INIT(text)
#define RANGE(low, high) .min = (low), .max = (high)

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR, KIB = 1024 };

/* clang-format off */
static const struct config_option options[] = {
	{ KEY("", "node", CONFIG_T_NAME, AT_CONFIG(node),
		"the name or address under which SIP peers reach sip.listen; it stands in Contact, Via and Record-Route, so it has "
		"to resolve, for them, to this machine"),
		.required = true },

	{ KEY("xmpp", "server", CONFIG_T_SERVER, AT_CONFIG(xmpp),
		"where the XMPP server takes components (XEP-0114)"),
		FALLBACK("127.0.0.1:5347") },
	{ KEY("xmpp", "component", CONFIG_T_NAME, AT_CONFIG(xmpp.component),
		"our name there; needed unless every domain has its own") },
	{ KEY("xmpp", "secret", CONFIG_T_SECRET, AT_CONFIG(xmpp.secret),
		"what both sides know: file:PATH, env:NAME or the secret itself; needed unless every domain has its own") },

	{ KEY("sip", "listen", CONFIG_T_ADDRESSES, AT_CONFIG(listen),
		"the addresses SIP is taken on; port 0 takes any free one"),
		.at_more = AT_CONFIG(listen_count), .required = true, .line_at = AT_CONFIG(listen_line) },
	{ KEY("sip", "cert", CONFIG_T_PATH, AT_CONFIG(tls.cert),
		"our certificate and the chain behind it, in PEM; with key and ca needed for TLS"),
		.line_at = AT_CONFIG(tls_lines.cert) },
	{ KEY("sip", "key", CONFIG_T_PATH, AT_CONFIG(tls.key), "the key of the certificate, in PEM, without a password"),
		.line_at = AT_CONFIG(tls_lines.key) },
	{ KEY("sip", "ca", CONFIG_T_PATH, AT_CONFIG(tls.ca),
		"who may sign a peer's certificate, in PEM; every TLS peer has to show one"),
		.line_at = AT_CONFIG(tls_lines.ca) },
	{ KEY("sip", "crl", CONFIG_T_PATH, AT_CONFIG(tls.crl),
		"the revocation lists of those who sign peers' certificates, in PEM; left out: none are looked up"),
		.line_at = AT_CONFIG(tls_lines.crl) },
	{ KEY("sip", "tls-min", CONFIG_T_WORD, AT_CONFIG(tls.min_version),
		"the oldest TLS version we speak; below 1.2 nothing protects against a forger, and old signatures are "
		"accepted"),
		FALLBACK("1.2"), .words = tls_words, .line_at = AT_CONFIG(tls_lines.min) },
	{ KEY("sip", "hosts", CONFIG_T_HOSTS, AT_CONFIG(hosts),
		"fixed addresses for names of peers: \"name=address\""),
		.at_more = AT_CONFIG(hosts_count) },
	{ KEY("sip", "dns", CONFIG_T_SERVERS, AT_CONFIG(dns),
		"addresses of name servers to ask instead of the system's"),
		.at_more = AT_CONFIG(dns_count) },

	{ KEY("domain", "mode", CONFIG_T_WORD, AT_DOMAIN(mode),
		"how its SIP users appear in XMPP: gateway (user@component), federated (the component has the domain's name), "
		"partitioned (both halves share the name)"),
		FALLBACK("gateway"), .words = mode_words,
		.instead = STR_INIT("the two halves of a shared domain cannot be told apart") },
	{ KEY("domain", "profile", CONFIG_T_PROFILE, AT_DOMAIN(profile),
		"the dialect its SIP servers speak: lync (Lync, Skype for Business, OCS, LCS) or simple (Kamailio and other RFC "
		"3261 systems)"),
		FALLBACK("lync") },
	{ KEY("domain", "serves", CONFIG_T_NAMES, AT_DOMAIN(serves),
		"the XMPP domains joined with it; left out: the domain's own name - in mode gateway almost never what you want"),
		.at_more = AT_DOMAIN(serves_count), .line_at = AT_DOMAIN(serves_line) },
	{ KEY("domain", "routing", CONFIG_T_WORD, AT_DOMAIN(routing),
		"basic: every address goes to SIP; advanced: only those the directory lists"),
		FALLBACK("basic"), .words = routing_words,
		.instead = STR_INIT("every unknown address would go to SIP") },
	{ SEEN("domain", "directory", CONFIG_T_TEXT, "the directory section that lists its users"), .support = CONFIG_LATER_WARN, .instead = STR_INIT("no directory is read") },
	{ SEEN("domain", "users", CONFIG_T_PATH, "a file that lists its users"),
		.support = CONFIG_LATER_WARN, .instead = STR_INIT("it is not read") },
	{ KEY("domain", "allow", CONFIG_T_PEERS, AT_DOMAIN(allow),
		"who may send for it: addresses, networks, TLS names; left out: the hosts of its routes"),
		.at_more = AT_DOMAIN(allow_count) },
	{ KEY("domain", "authorize", CONFIG_T_WORD, AT_DOMAIN(authorize),
		"may SIP users watch XMPP users: ask them, auto (yes), deny"),
		FALLBACK("ask"), .words = authorize_words, .line_at = AT_DOMAIN(authorize_line),
		.instead = STR_INIT("XMPP users are asked") },
	{ KEY("domain", "denied", CONFIG_T_WORD, AT_DOMAIN(denied),
		"what a denied watcher sees: offline (polite block) or rejected"),
		FALLBACK("offline"), .words = denied_words },
	{ KEY("domain", "busy-as", CONFIG_T_WORD, AT_DOMAIN(busy_as), "what Busy becomes in XMPP"),
		FALLBACK("dnd"), .words = busy_words },
	{ KEY("domain", "toast", CONFIG_T_YESNO, AT_DOMAIN(toast),
		"take the first text from inside the INVITE (LCS 2005)"),
		FALLBACK("no"), .words = later_words,
		.instead = STR_INIT("a text inside an INVITE is not delivered") },
	{ KEY("domain", "remote-users", CONFIG_T_YESNO, AT_DOMAIN(remote_users),
		"may users of other XMPP servers (s2s) cross"),
		FALLBACK("no"), .words = later_words, .line_at = AT_DOMAIN(remote_users_line),
		.instead = STR_INIT("nobody from another server may cross") },
	{ KEY("domain", "server", CONFIG_T_SERVER, AT_DOMAIN(link), "as xmpp.server, for this domain alone") },
	{ KEY("domain", "component", CONFIG_T_NAME, AT_DOMAIN(link.component), "as xmpp.component, for this domain alone") },
	{ KEY("domain", "secret", CONFIG_T_SECRET, AT_DOMAIN(link.secret), "as xmpp.secret, for this domain alone") },

	{ KEY("route", "to", CONFIG_T_ADDRESS, AT_ROUTE(to),
		"the next hop; without a port it is looked up in DNS (RFC 3263)"),
		.required = true },
	{ KEY("route", "priority", CONFIG_T_NUMBER, AT_ROUTE(priority), "lower is tried first"),
		FALLBACK("1"), RANGE(0, 1000) },
	{ KEY("route", "user", CONFIG_T_TEXT, AT_ROUTE(user),
		"our name where the peer wants digest authentication; without it a challenge is a failure") },
	{ KEY("route", "password", CONFIG_T_SECRET, AT_ROUTE(password),
		"its password, as a secret") },

	{ SEEN("directory", "url", CONFIG_T_TEXTS, "LDAP servers") },
	{ SEEN("directory", "base", CONFIG_T_TEXT, "where the search starts") },
	{ SEEN("directory", "bind", CONFIG_T_TEXT, "the name we log in with") },
	{ SEEN("directory", "secret", CONFIG_T_SECRET, "its password") },
	{ SEEN("directory", "refresh", CONFIG_T_DURATION, "how often it is read"),
		FALLBACK("10min"), RANGE(10 * SECOND, 7 * (uint64_t)DAY) },

	{ KEY("storage", "url", CONFIG_T_STORAGE, AT_CONFIG(storage_url), "where state is kept that a restart needs"),
		FALLBACK("sqlite:/var/lib/tombolo/tombolo.db"),
		.instead = STR_INIT("state would be lost at a restart") },

	{ SEEN("cluster", "enabled", CONFIG_T_YESNO, "one of several nodes with one database"),
		FALLBACK("no"), .words = refused_words,
		.instead = STR_INIT("this node would act as if it were alone") },
	{ SEEN("cluster", "lease", CONFIG_T_DURATION, "how long a silent node keeps what it owns"),
		FALLBACK("15s"), RANGE(SECOND, HOUR) },

	{ KEY("limits", "sessions", CONFIG_T_NUMBER, AT_CONFIG(limits.sessions), "IM sessions at one time"),
		FALLBACK("20000"), RANGE(1, 10000000) },
	{ KEY("limits", "subscriptions", CONFIG_T_NUMBER, AT_CONFIG(limits.subscriptions),
		"contacts and watchers at one time"),
		FALLBACK("200000"), RANGE(1, 10000000) },
	{ KEY("limits", "messages-per-user", CONFIG_T_RATE, AT_CONFIG(limits.messages_per_user),
		"how many texts one user may send in a second, a minute (/min) or an hour (/h), and up to 20 times that at once; "
		"more is refused with words"),
		.at_more = AT_CONFIG(limits.messages_per_user_ms), FALLBACK("5/s"), RANGE(1, 1000000) },
	{ KEY("limits", "message-size", CONFIG_T_SIZE, AT_CONFIG(limits.message_bytes), "the longest message, in bytes of UTF-8"),
		FALLBACK("64KiB"), RANGE(KIB, 1024 * KIB) },
	{ KEY("limits", "session-setup", CONFIG_T_DURATION, AT_CONFIG(limits.session_setup_ms),
		"how long an INVITE waits for an answer"),
		FALLBACK("120s"), RANGE(SECOND, HOUR) },
	{ KEY("limits", "session-idle", CONFIG_T_DURATION, AT_CONFIG(limits.session_idle_ms),
		"when a silent IM session is closed"),
		FALLBACK("10min"), RANGE(10 * SECOND, DAY) },

	{ SEEN("admin", "listen", CONFIG_T_SERVER, "where the admin page and the metrics are served"),
		.support = CONFIG_LATER_WARN, .instead = STR_INIT("nothing listens there") },
	{ SEEN("admin", "control", CONFIG_T_PATH, "the control socket"),
		.support = CONFIG_LATER_WARN, .instead = STR_INIT("no control socket is made") },
	{ SEEN("admin", "operators", CONFIG_T_TEXTS, "who may give ad-hoc commands"),
		.support = CONFIG_LATER_WARN, .instead = STR_INIT("nobody may") },

	{ KEY("log", "level", CONFIG_T_WORD, AT_CONFIG(log.level), "the least important lines that are still written"),
		FALLBACK("info"), .words = level_words },
	{ SEEN("log", "bodies", CONFIG_T_YESNO, "write texts into traces"),
		FALLBACK("no"), .words = later_words,
		.instead = STR_INIT("texts are never written") },
};
/* clang-format on */

static const struct {
	bool list;
	struct str words;
} types[CONFIG_TYPES] = {
	[CONFIG_T_NAME] = { false, STR_INIT("a host or domain name") },
	[CONFIG_T_NAMES] = { true, STR_INIT("a host or domain name") },
	[CONFIG_T_PEERS] = { true, STR_INIT("a name, an address or a network such as 10.0.0.0/8") },
	[CONFIG_T_HOSTS] = { true, STR_INIT("a name with its address such as \"fe1.example.com=10.0.0.9\"") },
	[CONFIG_T_ADDRESS] = { false, STR_INIT("an address such as tcp:fe1.example.com:5060") },
	[CONFIG_T_ADDRESSES] = { true, STR_INIT("an address such as udp:10.0.0.5:5060") },
	[CONFIG_T_SERVER] = { false, STR_INIT("a host with its port such as 127.0.0.1:5347") },
	[CONFIG_T_SERVERS] = { true, STR_INIT("a host with its port such as 10.0.0.2:53") },
	[CONFIG_T_SECRET] = { false, STR_INIT("file:PATH, env:NAME or the secret itself") },
	[CONFIG_T_WORD] = { false, STR_INIT("one of a few words") },
	[CONFIG_T_YESNO] = { false, STR_INIT("yes or no") },
	[CONFIG_T_PROFILE] = { false, STR_INIT("the name of a dialect") },
	[CONFIG_T_NUMBER] = { false, STR_INIT("a whole number") },
	[CONFIG_T_DURATION] = { false, STR_INIT("a duration such as 30s, 10min or 2h") },
	[CONFIG_T_SIZE] = { false, STR_INIT("a size such as 64KiB or 1MiB") },
	[CONFIG_T_RATE] = { false, STR_INIT("a rate such as 5/s or 100/min") },
	[CONFIG_T_PATH] = { false, STR_INIT("a path that starts with /") },
	[CONFIG_T_STORAGE] = { false, STR_INIT("sqlite:PATH") },
	[CONFIG_T_TEXT] = { false, STR_INIT("a text") },
	[CONFIG_T_TEXTS] = { true, STR_INIT("a text") },
};

const struct config_section *config_section_at(unsigned i)
{
	return i < sizeof(sections) / sizeof(*sections) ? &sections[i] : NULL;
}

const struct config_section *config_section_find(struct str parent, struct str name)
{
	const struct config_section *s;

	for (unsigned i = 1; (s = config_section_at(i)); i++)
		if (str_eq(s->parent, parent) && str_eq(s->name, name))
			return s;
	return NULL;
}

const struct config_option *config_option_at(unsigned i)
{
	return i < sizeof(options) / sizeof(*options) ? &options[i] : NULL;
}

const struct config_option *config_option_find(struct str section, struct str name)
{
	const struct config_option *o;

	for (unsigned i = 0; (o = config_option_at(i)); i++)
		if (str_eq(o->section, section) && str_eq(o->name, name))
			return o;
	return NULL;
}

bool config_type_is_list(enum config_type type)
{
	return types[type].list;
}

struct str config_type_words(enum config_type type)
{
	return types[type].words;
}

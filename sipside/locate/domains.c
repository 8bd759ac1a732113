/* SPDX-License-Identifier: MIT */
#include "sipside/locate/domains.h"

#include <inttypes.h>
#include <stdlib.h>
#include "mapping/base/alloc.h"

void locate_init(struct locate *l, const struct env *env)
{
	*l = (struct locate){ .env = env, .resolver = resolver_create(env) };
}

static void rows_free(struct domain_rows *rows)
{
	if (!rows)
		return;
	struct arena memory = rows->memory; /* rows itself lies in it */

	access_destroy(rows->access);
	arena_finish(&memory);
}

void locate_finish(struct locate *l)
{
	while (l->domains) {
		struct sipside_domain *d = l->domains;

		l->domains = d->next;
		while (d->rows) {
			struct domain_rows *rows = d->rows;

			d->rows = rows->older;
			rows_free(rows);
		}
		alloc_str_free(&d->name);
		free(d);
	}
	resolver_destroy(l->resolver);
	alloc_str_free(&l->node);
	alloc_str_free(&l->agent);
}

/* -- Configuration */

static int by_priority(const void *a, const void *b)
{
	const struct route *x = a, *y = b;

	return (x->priority > y->priority) - (x->priority < y->priority);
}

static void copy_routes(struct domain_rows *rows, const struct sipside_domain_config *c)
{
	rows->routes = arena_alloc(&rows->memory, (c->routes_count + 1) * sizeof(*rows->routes));
	rows->routes_count = c->routes_count;
	for (unsigned i = 0; i < c->routes_count; i++) {
		rows->routes[i].name = arena_str(&rows->memory, c->routes[i].name);
		rows->routes[i].to = c->routes[i].to;
		rows->routes[i].to.host = arena_str(&rows->memory, c->routes[i].to.host);
		rows->routes[i].priority = c->routes[i].priority;
		rows->routes[i].user = arena_str(&rows->memory, c->routes[i].user);
		rows->routes[i].password = arena_str(&rows->memory, c->routes[i].password);
	}
	if (rows->routes_count)
		qsort(rows->routes, rows->routes_count, sizeof(*rows->routes), by_priority);
}

/* Whose routes are all TLS has peers that can prove their names. */
static bool only_tls(const struct sipside_domain_config *c)
{
	for (unsigned i = 0; i < c->routes_count; i++)
		if (c->routes[i].to.transport != SIPSIDE_TLS)
			return false;
	return c->routes_count > 0;
}

static struct domain_rows *rows_create(struct locate *l, const struct sipside_domain_config *c, struct str *bad)
{
	struct arena memory = { 0 };
	struct domain_rows *rows = arena_alloc(&memory, sizeof(*rows));
	const struct str *rules = c->allow;
	unsigned count = c->allow_count;

	rows->memory = memory;
	rows->serves = arena_alloc(&rows->memory, (c->serves_count + 1) * sizeof(*rows->serves));
	rows->serves_count = c->serves_count;
	for (unsigned i = 0; i < c->serves_count; i++)
		rows->serves[i] = arena_str(&rows->memory, c->serves[i]);
	copy_routes(rows, c);
	if (!count) {
		struct str *hosts = arena_alloc(&rows->memory, (c->routes_count + 1) * sizeof(*hosts));

		for (count = 0; count < c->routes_count; count++)
			hosts[count] = rows->routes[count].to.host;
		rules = hosts;
	}
	rows->access = access_create(l->env, l->resolver, rules, count, bad);
	if (!rows->access) {
		rows_free(rows);
		return NULL;
	}
	if (only_tls(c))
		access_require_proof(rows->access);
	return rows;
}

static struct sipside_domain *find(struct locate *l, struct str name)
{
	struct sipside_domain *d = l->domains;

	while (d && !str_eq_nocase(d->name, name))
		d = d->next;
	return d;
}

/* What was known of a route stays known. */
static void keep_states(struct domain_rows *rows, const struct domain_rows *older)
{
	for (unsigned i = 0; i < rows->routes_count; i++)
		for (unsigned k = 0; older && k < older->routes_count; k++)
			if (str_eq(rows->routes[i].name, older->routes[k].name))
				route_inherit(&rows->routes[i], &older->routes[k]);
}

static void install(struct locate *l, const struct sipside_domain_config *c, struct domain_rows *rows)
{
	struct sipside_domain *d = find(l, c->name);

	if (!d) {
		d = alloc_zero(sizeof(*d));
		d->locate = l;
		d->name = alloc_str(c->name);
		d->next = l->domains;
		l->domains = d;
	}
	keep_states(rows, d->rows);
	rows->older = d->rows;
	d->rows = rows;
	d->profile = c->profile;
	d->configured = true;
}

static bool check_domain(const struct env *env, const struct sipside_config *config, unsigned at, struct str *error)
{
	const struct sipside_domain_config *c = &config->domains[at];

	*error = STR_NONE;
	if (!c->name.n || !c->profile)
		*error = STR("a domain needs a name and a profile");
	else if (c->routes_count > DOMAIN_MAX_ROUTES)
		*error = arena_printf(
			env->turn, "domain " STR_FMT ": more than %d routes", STR_ARG(c->name), DOMAIN_MAX_ROUTES);
	for (unsigned i = 0; i < at && !error->n; i++)
		if (str_eq_nocase(config->domains[i].name, c->name))
			*error = arena_printf(env->turn, "domain " STR_FMT " is there twice", STR_ARG(c->name));
	for (unsigned i = 0; i < c->routes_count && !error->n; i++)
		if (!c->routes[i].to.host.n)
			*error = arena_printf(env->turn, "domain " STR_FMT ": route " STR_FMT " has no host",
				STR_ARG(c->name), STR_ARG(c->routes[i].name));
	return !error->n;
}

static bool check_hosts(const struct env *env, const struct sipside_config *config, struct str *error)
{
	union resolver_address address;

	for (unsigned i = 0; i < config->hosts_count; i++) {
		struct str rest = config->hosts[i], name = str_trim(str_next(&rest, '='));

		if (name.n && resolver_literal(str_trim(rest), &address))
			continue;
		*error = arena_printf(
			env->turn, "hosts: \"" STR_FMT "\" is not name=address", STR_ARG(config->hosts[i]));
		return false;
	}
	return true;
}

/* "10.0.0.2:53, 10.0.0.3:53" */
static bool set_name_servers(struct locate *l, const struct sipside_config *config, struct str *error)
{
	struct buf list = { 0 };
	bool good = true;

	for (unsigned i = 0; i < config->dns_count; i++)
		buf_printf(&list, "%s" STR_FMT, i ? "," : "", STR_ARG(config->dns[i]));
	if (config->dns_count && !resolver_name_servers(l->resolver, buf_str(&list))) {
		*error = arena_printf(
			l->env->turn, "dns: \"" STR_FMT "\" is no list of address:port", STR_ARG(buf_str(&list)));
		good = false;
	}
	buf_finish(&list);
	return good;
}

static void set_hosts(struct locate *l, const struct sipside_config *config)
{
	resolver_clear_hosts(l->resolver);
	for (unsigned i = 0; i < config->hosts_count; i++) {
		struct str rest = config->hosts[i], name = str_trim(str_next(&rest, '='));

		resolver_add_host(l->resolver, name, str_trim(rest));
	}
}

bool locate_configure(struct locate *l, const struct sipside_config *config, struct str *error)
{
	struct domain_rows **rows =
		arena_alloc(l->env->turn, (config->domains_count + 1) * sizeof(struct domain_rows *));
	struct str bad = STR_NONE;
	unsigned n = 0;

	if (!check_hosts(l->env, config, error) || !set_name_servers(l, config, error))
		return false;
	for (; n < config->domains_count; n++) {
		const struct sipside_domain_config *c = &config->domains[n];

		rows[n] = NULL;
		if (!check_domain(l->env, config, n, error))
			break;
		rows[n] = rows_create(l, c, &bad);
		if (!rows[n]) {
			*error = arena_printf(l->env->turn,
				"domain " STR_FMT ": allow \"" STR_FMT "\" is no address, network or name",
				STR_ARG(c->name), STR_ARG(bad));
			break;
		}
	}
	if (n < config->domains_count) {
		while (n > 0)
			rows_free(rows[--n]);
		return false;
	}
	set_hosts(l, config);
	for (struct sipside_domain *d = l->domains; d; d = d->next)
		d->configured = false;
	for (unsigned i = 0; i < n; i++)
		install(l, &config->domains[i], rows[i]);
	return true;
}

void locate_prepare(struct locate *l)
{
	for (struct sipside_domain *d = l->domains; d; d = d->next)
		access_prepare(d->rows->access);
}

/* -- Asking */

bool locate_is_us(const struct locate *l, struct str host, uint16_t port)
{
	if (!str_eq_nocase(host, l->node) || !l->net)
		return str_eq_nocase(host, l->node);
	if (port)
		return sipside_transport_has_port(l->net, port);
	return sipside_transport_has_port(l->net, 5060) || sipside_transport_has_port(l->net, 5061);
}

struct sipside_domain *locate_domain(struct locate *l, struct str name)
{
	struct sipside_domain *d = find(l, name);

	return d && d->configured ? d : NULL;
}

bool domain_allows(struct sipside_domain *d, const struct sipside_target *from)
{
	const struct sipside_net *net = d->locate->net;

	return d->configured &&
	       access_allows(d->rows->access, &from->addr.any, net ? sipside_transport_identity(net, from) : NULL);
}

bool locate_peer_allowed(struct locate *l, const struct sipside_target *from)
{
	for (struct sipside_domain *d = l->domains; d; d = d->next)
		if (domain_allows(d, from))
			return true;
	return false;
}

bool domain_serves(const struct sipside_domain *d, struct str host)
{
	for (unsigned i = 0; d->configured && i < d->rows->serves_count; i++)
		if (str_eq_nocase(d->rows->serves[i], host))
			return true;
	return false;
}

static bool is_own_address(const struct locate *l, struct str host)
{
	struct sipside_address at;

	for (unsigned i = 0; l->net && sipside_transport_bound(l->net, i, &at); i++)
		if (str_eq(at.host, host))
			return true;
	return str_eq_nocase(host, l->node);
}

bool locate_serves(const struct locate *l, struct str host)
{
	for (const struct sipside_domain *d = l->domains; d; d = d->next)
		if (domain_serves(d, host))
			return true;
	if (host.n >= 2 && host.p[0] == '[')
		host = str_cut(host, 1, host.n - 1);
	return is_own_address(l, host);
}

static struct str own_uri(const struct locate *l, const char *scheme, uint16_t port, const char *parameter, bool lr)
{
	bool v6 = str_find(l->node, ':') < l->node.n;

	return arena_printf(l->env->turn, "<%s:%s" STR_FMT "%s:%u%s%s>", scheme, v6 ? "[" : "", STR_ARG(l->node),
		v6 ? "]" : "", port ? port : 5060u, parameter, lr ? ";lr" : "");
}

struct str locate_own_uri(const struct locate *l, enum sipside_transport t, bool lr)
{
	static const char *const parameters[] = { "", ";transport=tcp", ";transport=tls" };
	uint16_t port = l->net ? sipside_transport_port(l->net, t) : 5060;

	for (int other = SIPSIDE_UDP; !port && other <= SIPSIDE_TLS; other++) {
		port = sipside_transport_port(l->net, (enum sipside_transport)other);
		t = (enum sipside_transport)other;
	}
	return own_uri(l, "sip", port, parameters[t], lr);
}

struct str locate_own_sips_uri(const struct locate *l, bool lr)
{
	uint16_t port = l->net ? sipside_transport_port(l->net, SIPSIDE_TLS) : 0;

	return own_uri(l, "sips", port ? port : 5061, "", lr);
}

struct str locate_own_host(const struct locate *l)
{
	struct sipside_address at;

	for (unsigned i = 0; l->net && sipside_transport_bound(l->net, i, &at); i++)
		if (!str_eq(at.host, STR("0.0.0.0")) && !str_eq(at.host, STR("::")))
			return at.host;
	return l->node;
}

/* -- Routes */

struct route *domain_route(struct sipside_domain *d, struct str name)
{
	for (unsigned i = 0; d->configured && i < d->rows->routes_count; i++)
		if (str_eq(d->rows->routes[i].name, name))
			return &d->rows->routes[i];
	return NULL;
}

/* EVENT_ROUTE_UP and EVENT_ROUTE_DOWN are the receiver's to write: he knows what the change means for the domain. */
static void tell(struct sipside_domain *d, const struct route *r, struct str words)
{
	struct locate *l = d->locate;

	if (l->route_changed && !l->closing)
		l->route_changed(l->arg, d, r->name, r->why, words);
}

void route_up(struct sipside_domain *d, struct route *r, bool options)
{
	if (route_answered(r, options, env_now_ms(d->locate->env)))
		tell(d, r, STR_NONE);
}

void route_down(struct sipside_domain *d, struct route *r, enum reason why, struct str words, unsigned retry_after_s)
{
	if (route_failed(r, why, retry_after_s, env_now_ms(d->locate->env)))
		tell(d, r, words);
}

/* SPDX-License-Identifier: MIT */
#include "component/config/config_sip.h"

static struct sipside_domain_config domain_of(const struct config_domain *d)
{
	return (struct sipside_domain_config){ .name = d->name,
		.profile = d->profile,
		.serves = d->serves,
		.serves_count = d->serves_count,
		.routes = d->routes,
		.routes_count = d->routes_count,
		.allow = d->allow,
		.allow_count = d->allow_count };
}

struct sipside_config config_sip(struct arena *a, const struct config *c)
{
	struct sipside_domain_config *domains = arena_alloc(a, c->domains_count * sizeof(*domains));

	for (unsigned i = 0; i < c->domains_count; i++)
		domains[i] = domain_of(&c->domains[i]);
	return (struct sipside_config){ .node = c->node,
		.listen = c->listen,
		.listen_count = c->listen_count,
		.domains = domains,
		.domains_count = c->domains_count,
		.hosts = c->hosts,
		.hosts_count = c->hosts_count,
		.dns = c->dns,
		.dns_count = c->dns_count,
		.tls = c->tls,
		.session_setup_ms = c->limits.session_setup_ms };
}

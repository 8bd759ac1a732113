/* SPDX-License-Identifier: MIT */
#include "component/routing.h"
#include "mapping/address.h"
#include "mapping/base/alloc.h"

#include <stdlib.h>

struct routing {
	unsigned count;
	struct routing_domain domains[];
};

struct routing *routing_create(const struct config *config)
{
	struct routing *r = alloc_zero(sizeof(*r) + config->domains_count * sizeof(r->domains[0]));

	r->count = config->domains_count;
	for (unsigned i = 0; i < r->count; i++) {
		const struct config_domain *c = &config->domains[i];

		r->domains[i].config = c;
		r->domains[i].jid_domain = c->mode == CONFIG_GATEWAY ? c->link.component : c->name;
	}
	return r;
}

void routing_destroy(struct routing *r)
{
	free(r);
}

unsigned routing_count(const struct routing *r)
{
	return r->count;
}

struct routing_domain *routing_at(struct routing *r, unsigned i)
{
	return i < r->count ? &r->domains[i] : NULL;
}

struct routing_domain *routing_by_sip(struct routing *r, const struct sipside_domain *sip)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->domains[i].sip == sip)
			return &r->domains[i];
	return NULL;
}

struct routing_domain *routing_by_name(struct routing *r, struct str sip_domain)
{
	for (unsigned i = 0; i < r->count; i++)
		if (str_eq_nocase(r->domains[i].config->name, sip_domain))
			return &r->domains[i];
	return NULL;
}

static struct routing_domain *domain_of_jid(struct routing *r, const struct xmppside_link *link, struct str jid_domain)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->domains[i].link == link && str_eq_nocase(r->domains[i].jid_domain, jid_domain))
			return &r->domains[i];
	return NULL;
}

static bool serves(const struct config_domain *c, struct str xmpp_domain)
{
	for (unsigned i = 0; i < c->serves_count; i++)
		if (str_eq_nocase(c->serves[i], xmpp_domain))
			return true;
	return false;
}

static struct routing_verdict refuse(struct routing_domain *domain, enum reason why, unsigned line)
{
	return (struct routing_verdict){ .why = why, .line = line, .domain = domain };
}

/* Both users are known to be in the right domains: the SIP names of an XMPP-side pair. */
static struct routing_verdict accept_jids(
	struct routing_domain *d, struct arena *a, const struct x_jid *user, const struct x_jid *contact)
{
	struct routing_verdict v = { .domain = d, .line = d->config->line, .user_jid = *user };
	struct s_uri contact_uri;

	v.contact_jid = map_jid_bare(contact);
	if (map_address_x2s(a, &v.contact_jid, d->config->name, false, &contact_uri) ||
		map_address_x2s(a, user, user->domain, d->config->profile->gruu, &v.user_uri))
		return refuse(d, REASON_BAD_ADDRESS, 0);
	v.pair = pair_of(a, user, &contact_uri);
	return v;
}

struct routing_verdict routing_x2s(struct routing *r, struct arena *a, const struct xmppside_link *link,
	const struct x_jid *from, const struct x_jid *to)
{
	struct routing_domain *d = domain_of_jid(r, link, to->domain);

	if (!d)
		return refuse(NULL, REASON_NOT_OURS, 0);
	if (to->node.n == 0)
		return refuse(d, REASON_UNKNOWN_USER, d->config->line);
	if (from->node.n == 0)
		return refuse(d, REASON_NOT_ALLOWED, d->config->line);
	if (!serves(d->config, from->domain))
		return refuse(d, REASON_NOT_ALLOWED, d->config->remote_users_line);
	return accept_jids(d, a, from, to);
}

struct routing_verdict routing_s2x(struct routing *r, struct arena *a, const struct sipside_domain *sip,
	const struct s_uri *from, const struct s_uri *to)
{
	struct routing_domain *d = routing_by_sip(r, sip);

	if (!d || !str_eq_nocase(from->host, d->config->name))
		return refuse(d, REASON_NOT_ALLOWED, d ? d->config->line : 0);
	if (!serves(d->config, to->host))
		return refuse(d, REASON_NOT_OURS, d->config->line);
	if (to->user.n == 0 || from->user.n == 0)
		return refuse(d, REASON_UNKNOWN_USER, d->config->line);

	struct routing_verdict v = { .domain = d, .line = d->config->line, .user_uri = *to };

	if (map_address_s2x(a, to, to->host, &v.user_jid) || map_address_s2x(a, from, d->jid_domain, &v.contact_jid))
		return refuse(d, REASON_BAD_ADDRESS, 0);
	v.contact_jid = map_jid_bare(&v.contact_jid);
	v.pair = pair_of(a, &v.user_jid, from);
	return v;
}

struct routing_verdict routing_pair(struct routing *r, struct arena *a, const struct pair *pair)
{
	struct routing_domain *d = routing_by_name(r, pair->contact.host);

	if (!d)
		return refuse(NULL, REASON_NOT_OURS, 0);
	if (!serves(d->config, pair->user.domain))
		return refuse(d, REASON_NOT_ALLOWED, d->config->line);

	struct routing_verdict v = { .domain = d, .line = d->config->line, .user_jid = pair->user, .pair = *pair };

	if (map_address_s2x(a, &pair->contact, d->jid_domain, &v.contact_jid) ||
		map_address_x2s(a, &pair->user, pair->user.domain, false, &v.user_uri))
		return refuse(d, REASON_BAD_ADDRESS, 0);
	return v;
}

/* SPDX-License-Identifier: MIT */
#include "component/config/config_consistency.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* -- Inheritance */

static void inherit_link(struct config_reading *r, const struct config *c, struct config_domain *d)
{
	struct config_xmpp *x = &d->link;

	x->line = x->component.n || x->secret.n ? d->line : c->xmpp.line;
	if (!x->host.n) {
		x->host = c->xmpp.host;
		x->port = c->xmpp.port;
	}
	if (!x->component.n)
		x->component = d->mode == CONFIG_FEDERATED ? d->name : c->xmpp.component;
	if (!x->secret.n)
		x->secret = c->xmpp.secret;
	if (r->faults->count)
		return; /* what is missing may be there, but wrong */
	if (!x->component.n)
		config_fault(r->faults, d->line, "domain " STR_FMT " has no component: set xmpp.component",
			STR_ARG(d->name));
	if (!x->secret.n)
		config_fault(r->faults, d->line, "domain " STR_FMT " has no secret: set xmpp.secret", STR_ARG(d->name));
}

void config_inherit(struct config_reading *r, const struct config *c, struct config_domain *d)
{
	inherit_link(r, c, d);
	if (d->serves_count)
		return;
	d->serves = arena_alloc(r->arena, sizeof(struct str));
	((struct str *)d->serves)[0] = d->name;
	d->serves_count = 1;
}

/* -- Contradictions */

static bool serves(const struct config_domain *d, struct str name)
{
	for (unsigned i = 0; i < d->serves_count; i++)
		if (str_eq(d->serves[i], name))
			return true;
	return false;
}

static void judge_mode(struct config_reading *r, const struct config_domain *d)
{
	struct str component = d->link.component;

	if (d->mode == CONFIG_FEDERATED && component.n && !str_eq(component, d->name))
		config_fault(r->faults, d->line,
			"domain " STR_FMT ": mode = federated names the component after the domain, not " STR_FMT,
			STR_ARG(d->name), STR_ARG(component));
	if (d->mode == CONFIG_FEDERATED && serves(d, d->name))
		config_fault(r->faults, d->line,
			"domain " STR_FMT ": mode = federated needs serves = { the XMPP domains joined with it }",
			STR_ARG(d->name));
	if (d->mode == CONFIG_GATEWAY && component.n && str_eq(component, d->name))
		config_fault(r->faults, d->line,
			"domain " STR_FMT ": its component has its own name, that is mode = federated",
			STR_ARG(d->name));
	if (d->mode == CONFIG_GATEWAY && component.n && serves(d, component))
		config_fault(r->faults, d->line, "domain " STR_FMT ": it cannot serve its own component " STR_FMT,
			STR_ARG(d->name), STR_ARG(component));
}

/* Two domains behind one component could not be told apart: both would have bob@component. */
static void judge_component(struct config_reading *r, const struct config *c, unsigned at)
{
	const struct config_domain *d = &c->domains[at];

	for (unsigned i = 0; i < at; i++)
		if (d->link.component.n && str_eq(c->domains[i].link.component, d->link.component)) {
			config_fault(r->faults, d->line,
				"domain " STR_FMT " has the component of domain " STR_FMT " (" STR_FMT
				"): give it one of its own",
				STR_ARG(d->name), STR_ARG(c->domains[i].name), STR_ARG(d->link.component));
			return;
		}
}

static bool listens(const struct config *c, enum sipside_transport transport)
{
	for (unsigned i = 0; i < c->listen_count; i++)
		if (c->listen[i].transport == transport)
			return true;
	return false;
}

/* Once: who has none of them gets one line for each, not one for each route. */
static void need_certificate(struct config_reading *r, const struct config *c, unsigned line, struct str who)
{
	const struct {
		const char *key;
		struct str path;
	} needed[] = { { "cert", c->tls.cert }, { "key", c->tls.key }, { "ca", c->tls.ca } };

	if (r->faults->count)
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!needed[i].path.n)
			config_fault(r->faults, line, STR_FMT ": set sip.%s", STR_ARG(who), needed[i].key);
}

/* The peer's answers and its own requests come back to a port that is not there. */
static void judge_routes(struct config_reading *r, const struct config *c, const struct config_domain *d)
{
	static const char *const upper[] = { "UDP", "TCP", "TLS" }, *const lower[] = { "udp", "tcp", "tls" };

	for (unsigned i = 0; i < d->routes_count; i++) {
		enum sipside_transport transport = d->routes[i].to.transport;

		if (c->listen_count && !listens(c, transport))
			config_note(r, d->route_lines[i], false,
				"route " STR_FMT " goes over %s, but sip.listen has no %s address: requests of that "
				"peer have nowhere to go",
				STR_ARG(d->routes[i].name), upper[transport], lower[transport]);
		if (transport == SIPSIDE_TLS)
			need_certificate(r, c, d->route_lines[i],
				arena_printf(r->arena, "route " STR_FMT " goes over TLS", STR_ARG(d->routes[i].name)));
	}
}

/* Whether they hold what they should is seen when the SIP side reads them. */
static void judge_files(struct config_reading *r, const struct config *c)
{
	const struct {
		const char *key;
		struct str path;
		unsigned line;
	} files[] = { { "cert", c->tls.cert, c->tls_lines.cert }, { "key", c->tls.key, c->tls_lines.key },
		{ "ca", c->tls.ca, c->tls_lines.ca }, { "crl", c->tls.crl, c->tls_lines.crl } };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i].path.n && access(files[i].path.p, R_OK) != 0)
			config_fault(r->faults, files[i].line, "sip.%s = " STR_FMT ": %s", files[i].key,
				STR_ARG(files[i].path), strerror(errno));
}

static void judge_tls(struct config_reading *r, const struct config *c)
{
	if (listens(c, SIPSIDE_TLS))
		need_certificate(r, c, c->listen_line, STR("sip.listen has a tls address"));
	judge_files(r, c);
	if (c->tls_lines.min && c->tls.min_version < 12)
		config_note(r, c->tls_lines.min, false,
			"sip.tls-min = 1.%u: TLS before 1.2 can be broken; set it only for a peer that speaks nothing "
			"newer",
			c->tls.min_version - 10);
}

void config_judge(struct config_reading *r, const struct config *c)
{
	if (!c->domains_count)
		config_fault(r->faults, 0, "no domain is configured: domain NAME { route R { to = tcp:HOST:5060 } }");
	judge_tls(r, c);
	for (unsigned i = 0; i < c->domains_count; i++) {
		judge_mode(r, &c->domains[i]);
		judge_component(r, c, i);
		judge_routes(r, c, &c->domains[i]);
	}
}

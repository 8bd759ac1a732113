/* SPDX-License-Identifier: MIT */
#include "xmppside/barrier_calibration.h"

#include <stdlib.h>
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_print.h"

enum { QUESTION_MS = 30 * 1000 };

void xmppside_domains_init(struct xmppside_domains *domains, struct xmppside_iqs *iqs)
{
	*domains = (struct xmppside_domains){ .iqs = iqs };
}

static void on_version(void *arg, enum iq_end how, const struct xmppside_element *answer)
{
	struct xmppside_domain *d = arg;
	const struct xmppside_element *query, *name;

	if (how != IQ_RESULT)
		return;
	query = xmppside_child(answer, STR("query"), STR(NS_VERSION));
	name = query ? xmppside_child(query, STR("name"), STR(NS_VERSION)) : NULL;
	if (name && name->first)
		d->in_order = str_eq(str_trim(name->first->text), STR("Prosody"));
}

static void on_ping(void *arg, enum iq_end how, const struct xmppside_element *answer)
{
	struct xmppside_domain *d = arg;

	(void)answer;
	d->pings_anyone = how == IQ_RESULT;
}

static struct xmppside_domain *new_domain(struct xmppside_domains *domains, struct str name)
{
	struct xmppside_domain *d = alloc_zero(sizeof(*d));
	struct x_jid nobody = { .node = env_token(domains->iqs->env, 8), .domain = name };
	struct buf text = { 0 };

	xmppside_print_jid(&text, &nobody);
	d->nobody = alloc_str(buf_str(&text));
	d->name = str_cut(d->nobody, nobody.node.n + 1, d->nobody.n);
	buf_finish(&text);
	hash_add_str(domains->known, name, d);
	return d;
}

static void ask(struct xmppside_domains *domains, struct xmppside_domain *d, struct buf *out, const struct x_jid *from)
{
	uint64_t due_ms = env_now_ms(domains->iqs->env) + QUESTION_MS;
	struct x_jid nobody = { .node = str_cut(d->nobody, 0, d->nobody.n - d->name.n - 1), .domain = d->name };

	d->version.ended = on_version;
	d->ping.ended = on_ping;
	d->version.arg = d->ping.arg = d;
	xmppside_iq_open(domains->iqs, &d->version, d->name, due_ms);
	xmppside_print_version_get(out, d->version.id, from, d->name);
	xmppside_iq_open(domains->iqs, &d->ping, d->nobody, due_ms);
	xmppside_print_ping(out, d->ping.id, from, &nobody);
}

struct xmppside_domain *xmppside_domain(
	struct xmppside_domains *domains, struct buf *out, const struct x_jid *from, const struct x_jid *to)
{
	struct xmppside_domain *d;

	hash_find_str(domains->known, to->domain, d);
	if (d || HASH_COUNT(domains->known) >= CALIBRATION_MAX_DOMAINS)
		return d;
	d = new_domain(domains, to->domain);
	ask(domains, d, out, from);
	return d;
}

void xmppside_domains_forget(struct xmppside_domains *domains)
{
	struct xmppside_domain *d, *next;

	HASH_ITER (hh, domains->known, d, next) {
		HASH_DEL(domains->known, d);
		xmppside_iq_cancel(&d->version);
		xmppside_iq_cancel(&d->ping);
		alloc_str_free(&d->nobody);
		free(d);
	}
}

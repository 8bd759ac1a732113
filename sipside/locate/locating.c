/* SPDX-License-Identifier: MIT */
#include "sipside/locate/locating.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/base/alloc.h"

struct locating_walk {
	struct resolver_record records[RESOLVER_RECORDS]; /* SRV, in the order to be tried */
	unsigned count, at;
	enum sipside_transport transports[3]; /* whose SRV records are still to be asked for */
	unsigned transports_count, transport;
	char service[RESOLVER_NAME]; /* what a NAPTR record said to ask for; empty: _sip._tcp and so on */
};

static const char *const services[] = {
	[SIPSIDE_UDP] = "_sip._udp", [SIPSIDE_TCP] = "_sip._tcp", [SIPSIDE_TLS] = "_sips._tcp"
};

/* -- What was found */

static void add(struct locating *g, const struct resolver_answer *answer, uint16_t port)
{
	for (unsigned i = 0; i < answer->count && g->found.count < LOCATED_MAX; i++) {
		struct located_at *to = &g->found.at[g->found.count++];

		to->address = answer->at[i];
		to->transport = g->host.transport;
		if (to->address.sa.sa_family == AF_INET)
			to->address.in.sin_port = htons(port);
		else
			to->address.in6.sin6_port = htons(port);
	}
}

struct sipside_target locating_target(const struct locating *g, unsigned at)
{
	const struct located_at *found = &g->found.at[at];
	struct sipside_target t = { .transport = found->transport };

	if (found->address.sa.sa_family == AF_INET)
		t.addr.v4 = found->address.in;
	else
		t.addr.v6 = found->address.in6;
	return t;
}

/* -- Order */

static int by_order(const void *a, const void *b)
{
	const struct resolver_record *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order)
				    : (x->weight > y->weight) - (x->weight < y->weight);
}

/* Of records[from..end), one priority, brings one to the front: each with the chance its weight gives it. */
static void draw(struct resolver_record *records, unsigned from, unsigned end, const struct env *env)
{
	uint64_t sum = 0, mark;
	unsigned i = from;

	for (unsigned k = from; k < end; k++)
		sum += records[k].weight;
	mark = env_random_u64(env) % (sum + 1);
	for (uint64_t seen = records[i].weight; seen < mark;)
		seen += records[++i].weight;
	struct resolver_record chosen = records[i];

	memmove(&records[from + 1], &records[from], (i - from) * sizeof(*records));
	records[from] = chosen;
}

void locating_order(struct resolver_record *records, unsigned count, const struct env *env)
{
	if (count)
		qsort(records, count, sizeof(*records), by_order);
	for (unsigned i = 0; i < count; i++) {
		unsigned end = i + 1;

		while (end < count && records[end].order == records[i].order)
			end++;
		if (end - i > 1)
			draw(records, i, end, env);
	}
}

/* -- Steps */

static struct str service_name(const struct locating *g)
{
	const struct locating_walk *w = g->walk;

	if (w->service[0])
		return str_c(w->service);
	return arena_printf(
		g->locate->env->turn, "%s." STR_FMT, services[w->transports[w->transport]], STR_ARG(g->host.host));
}

static const struct resolver_answer *ask(struct locating *g)
{
	struct resolver *r = g->locate->resolver;

	switch (g->step) {
	case LOCATING_NAPTR:
		return resolver_ask_records(r, RESOLVER_NAPTR, g->host.host, &g->query);
	case LOCATING_SRV:
		return resolver_ask_records(r, RESOLVER_SRV, service_name(g), &g->query);
	case LOCATING_TARGET:
		return resolver_ask(r, str_c(g->walk->records[g->walk->at].name), &g->query);
	default:
		return resolver_ask(r, g->host.host, &g->query);
	}
}

static bool speaks(const struct locate *l, enum sipside_transport t)
{
	return !l->net || sipside_transport_port(l->net, t) != 0;
}

static bool read_service(const char *service, enum sipside_transport *t)
{
	static const struct {
		const char *word;
		enum sipside_transport transport;
	} words[] = { { "SIPS+D2T", SIPSIDE_TLS }, { "SIP+D2T", SIPSIDE_TCP }, { "SIP+D2U", SIPSIDE_UDP } };

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq_nocase(str_c(words[i].word), str_c(service))) {
			*t = words[i].transport;
			return true;
		}
	return false;
}

/* The best service we speak (RFC 3263 4.1); without one, SRV records of each transport are asked for. */
static void take_naptr(struct locating *g, const struct resolver_answer *answer)
{
	static const enum sipside_transport order[] = { SIPSIDE_UDP, SIPSIDE_TCP };
	const struct resolver_record *best = NULL;
	struct locating_walk *w = g->walk;

	for (unsigned i = 0; i < answer->records; i++) {
		const struct resolver_record *r = &answer->record[i];
		enum sipside_transport t;

		if (read_service(r->service, &t) && speaks(g->locate, t) && (!best || by_order(r, best) < 0)) {
			best = r;
			w->transports[0] = t;
			w->transports_count = 1;
		}
	}
	if (best)
		memcpy(w->service, best->name, sizeof(w->service));
	for (unsigned i = 0; !best && i < 2; i++)
		if (speaks(g->locate, order[i]))
			w->transports[w->transports_count++] = order[i];
	g->step = w->transports_count ? LOCATING_SRV : LOCATING_HOST;
}

static void take_srv(struct locating *g, const struct resolver_answer *answer)
{
	struct locating_walk *w = g->walk;

	w->count = answer->records;
	w->at = 0;
	if (!w->count) {
		w->service[0] = 0;
		if (++w->transport >= w->transports_count)
			g->step = LOCATING_HOST;
		return;
	}
	memcpy(w->records, answer->record, w->count * sizeof(*w->records));
	locating_order(w->records, w->count, g->locate->env);
	g->host.transport = w->transports[w->transport];
	/* A single "." says that this service is decidedly not offered (RFC 2782). */
	g->step = w->count == 1 && !w->records[0].name[0] ? LOCATING_IDLE : LOCATING_TARGET;
}

static void take(struct locating *g, const struct resolver_answer *answer)
{
	switch (g->step) {
	case LOCATING_NAPTR:
		take_naptr(g, answer);
		break;
	case LOCATING_SRV:
		take_srv(g, answer);
		break;
	case LOCATING_TARGET:
		add(g, answer, g->walk->records[g->walk->at].port);
		if (++g->walk->at >= g->walk->count || g->found.count >= LOCATED_MAX)
			g->step = LOCATING_IDLE;
		break;
	default:
		add(g, answer, address_port(&g->host));
		g->step = LOCATING_IDLE;
	}
}

/* true: it is at its end. */
static bool run(struct locating *g)
{
	while (g->step != LOCATING_IDLE) {
		const struct resolver_answer *answer = ask(g);

		if (!answer)
			return false;
		take(g, answer);
	}
	free(g->walk);
	g->walk = NULL;
	return true;
}

static void answered(void *arg, const struct resolver_answer *answer)
{
	struct locating *g = arg;

	take(g, answer);
	if (run(g))
		g->done(g->arg);
}

bool locating_start(struct locating *g, struct locate *l, const struct sipside_address *host, bool any_transport)
{
	locating_cancel(g);
	g->query.done = answered;
	g->query.arg = g;
	g->locate = l;
	g->host = *host;
	g->found.count = 0;
	g->step = LOCATING_HOST;
	if (!host->port && !resolver_knows(l->resolver, host->host)) {
		g->walk = alloc_zero(sizeof(*g->walk));
		g->step = any_transport ? LOCATING_NAPTR : LOCATING_SRV;
		if (!any_transport)
			g->walk->transports[g->walk->transports_count++] = host->transport;
	}
	return run(g);
}

void locating_cancel(struct locating *g)
{
	resolver_cancel(&g->query);
	free(g->walk);
	g->walk = NULL;
	g->step = LOCATING_IDLE;
}

/* SPDX-License-Identifier: MIT */
#include "xmppside/delivery.h"

#include <stdlib.h>
#include <string.h>
#include "xmppside/xml_stream.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/syntax/stanza_print.h"

struct delivery {
	struct delivery *next; /* of the same barrier, in order */
	struct barrier *barrier;
	xmppside_done *done;
	void *arg;
	uint64_t end; /* where its stanza ends among the stream's bytes */
	bool settled; /* refused already; kept because every resource may refuse */
	UT_hash_handle hh;
	struct str id;
	char id_bytes[];
};

struct barrier {
	struct xmppside_deliveries *owner;
	struct xmppside_domain *domain; /* NULL: nothing is known of it */
	struct xmppside_iq iq; /* open as long as the barrier is */
	struct delivery *first, *last;
	bool unsent; /* its ping leaves when the turn ends */
	unsigned count; /* deliveries it closes */
	unsigned rounds; /* pings answered */
	struct x_jid from, to; /* bare, in `pair` */
	UT_hash_handle hh;
	struct str pair; /* both addresses; the recipient's at the end */
	char pair_bytes[];
};

static struct x_error local_error(enum reason why)
{
	return (struct x_error){ .why = why };
}

/* Link lost: what never reached the socket was provably not written. */
static struct x_error lost(const struct xmppside_deliveries *ds, const struct delivery *d)
{
	bool sent = !ds->stream || d->end <= xmppside_stream_sent(ds->stream);

	return local_error(sent ? REASON_LINK_LOST : REASON_LINK_DOWN);
}

/* Takes the oldest delivery out and tells its outcome; error NULL: taken. */
static void settle_first(struct barrier *b, const struct x_error *error, bool link_lost)
{
	struct xmppside_deliveries *ds = b->owner;
	struct delivery *d = b->first;
	struct x_error loss = lost(ds, d);

	b->first = d->next;
	HASH_DEL(ds->open, d);
	if (!d->settled)
		d->done(d->arg, link_lost ? &loss : error);
	free(d);
}

/* From inside `done` the link may be closed: then xmppside_deliveries_lose settles the rest and nothing is left here. */
static void settle_all(struct barrier *b, const struct x_error *error, bool link_lost)
{
	struct xmppside_deliveries *ds = b->owner;

	if (b->unsent)
		HASH_DEL(ds->unsent, b);
	ds->settling = b;
	while (b->first)
		settle_first(b, error, link_lost);
	ds->settling = NULL;
	free(b);
}

static void print_barrier(struct barrier *b, struct buf *out)
{
	xmppside_print_ping(out, b->iq.id, &b->from, &b->to);
}

static void send_another(struct barrier *b)
{
	uint64_t due_ms = b->iq.deadline.due_ms; /* one limit for all of them */

	xmppside_iq_open(b->owner->iqs, &b->iq, b->iq.to, due_ms);
	print_barrier(b, xmppside_stream_out(b->owner->stream));
}

/* How many pings, one after the other, prove that nothing refused is still to come. Where the user's own sessions answer
 * beside the router, the second finds them done with one message; a burst keeps them busy for longer. */
static unsigned rounds_needed(const struct barrier *b)
{
	if (b->domain && b->domain->in_order)
		return 1;
	return b->count < DELIVERY_MAX_ROUNDS ? b->count + 1 : DELIVERY_MAX_ROUNDS;
}

/* The server's word on the ping has come, or will not come. */
static void on_barrier(void *arg, enum iq_end how, const struct xmppside_element *answer)
{
	struct barrier *b = arg;
	struct x_error timeout = local_error(REASON_NO_ANSWER);

	if (how == IQ_LINK_LOST)
		settle_all(b, NULL, true);
	else if (how == IQ_TIMEOUT)
		settle_all(b, &timeout, false);
	else if (how == IQ_ERROR && b->domain && b->domain->pings_anyone)
		settle_all(b, xmppside_parse_error(b->owner->env->turn, answer), false);
	else if (++b->rounds < rounds_needed(b))
		send_another(b);
	else
		settle_all(b, NULL, false);
}

static void flush(void *arg)
{
	struct xmppside_deliveries *ds = arg;
	struct barrier *b, *next;

	HASH_ITER (hh, ds->unsent, b, next) {
		HASH_DEL(ds->unsent, b);
		b->unsent = false;
		print_barrier(b, xmppside_stream_out(ds->stream));
	}
}

void xmppside_deliveries_init(struct xmppside_deliveries *ds, const struct env *env, struct xmppside_iqs *iqs,
	struct xmppside_domains *domains)
{
	*ds = (struct xmppside_deliveries){ .env = env, .iqs = iqs, .domains = domains };
	ds->flush = (struct env_flush){ .run = flush, .arg = ds };
}

/* "from to" of the bare addresses; neither part of an address holds a space. */
static struct str print_pair(struct buf *text, const struct x_message *m)
{
	struct x_jid from = { .node = m->from.node, .domain = m->from.domain };
	struct x_jid to = { .node = m->to.node, .domain = m->to.domain };

	xmppside_print_jid(text, &from);
	buf_addc(text, ' ');
	xmppside_print_jid(text, &to);
	return buf_str(text);
}

static struct barrier *new_barrier(struct xmppside_deliveries *ds, struct str pair)
{
	struct barrier *b = alloc_zero(sizeof(*b) + pair.n);
	size_t space = str_find(pair, ' ');

	memcpy(b->pair_bytes, pair.p, pair.n);
	b->pair = (struct str){ b->pair_bytes, pair.n };
	b->owner = ds;
	struct str to = str_cut(b->pair, space + 1, pair.n);

	if (!xmppside_jid_split(str_cut(b->pair, 0, space), &b->from) || !xmppside_jid_split(to, &b->to)) {
		free(b);
		return NULL;
	}
	b->iq.ended = on_barrier;
	b->iq.arg = b;
	b->unsent = true;
	hash_add_str(ds->unsent, pair, b);
	xmppside_iq_open(ds->iqs, &b->iq, to, env_now_ms(ds->env) + DELIVERY_LIMIT_MS);
	env_flush_later(ds->env, &ds->flush);
	return b;
}

/* The barrier that will close m's delivery; NULL where m has no addresses that can stand in a stanza. */
static struct barrier *barrier_for(struct xmppside_deliveries *ds, const struct x_message *m)
{
	struct buf *out = xmppside_stream_out(ds->stream);
	struct buf text = { 0 };
	struct str pair = print_pair(&text, m);
	struct barrier *b;

	hash_find_str(ds->unsent, pair, b);
	if (!b) {
		b = new_barrier(ds, pair);
		if (b)
			b->domain = xmppside_domain(ds->domains, out, &b->from, &b->to);
	}
	buf_finish(&text);
	return b;
}

static struct delivery *find(const struct xmppside_deliveries *ds, struct str id)
{
	struct delivery *d;

	hash_find_str(ds->open, id, d);
	return d;
}

static void add(struct barrier *b, const struct x_message *m, xmppside_done *done, void *arg)
{
	struct xmppside_deliveries *ds = b->owner;
	struct delivery *d = alloc_zero(sizeof(*d) + m->id.n);

	d->barrier = b;
	d->done = done;
	d->arg = arg;
	d->end = xmppside_stream_appended(ds->stream);
	memcpy(d->id_bytes, m->id.p, m->id.n);
	d->id = (struct str){ d->id_bytes, m->id.n };
	hash_add_str(ds->open, id, d);
	if (b->first)
		b->last->next = d;
	else
		b->first = d;
	b->last = d;
	b->count++;
}

enum reason xmppside_deliveries_add(
	struct xmppside_deliveries *ds, const struct x_message *m, xmppside_done *done, void *arg)
{
	if (!ds->stream)
		return REASON_LINK_DOWN;
	if (HASH_COUNT(ds->open) >= DELIVERY_MAX_OPEN ||
		xmppside_stream_appended(ds->stream) - xmppside_stream_sent(ds->stream) > DELIVERY_MAX_QUEUED_BYTES)
		return REASON_QUEUE_FULL;
	if (m->id.n == 0 || find(ds, m->id))
		return REASON_INTERNAL; /* the caller's contract: an id of its own for each */
	struct barrier *b = barrier_for(ds, m);

	if (!b)
		return REASON_BAD_ADDRESS;
	xmppside_print_message(ds->env->turn, xmppside_stream_out(ds->stream), m);
	add(b, m, done, arg);
	return REASON_NONE;
}

static bool is_bare(const struct x_jid *jid, const struct x_jid *bare)
{
	return str_eq_nocase(jid->node, bare->node) && str_eq_nocase(jid->domain, bare->domain);
}

bool xmppside_deliveries_refuse(struct xmppside_deliveries *ds, const struct x_message *error)
{
	struct delivery *d = find(ds, error->id);

	if (!d || !is_bare(&error->from, &d->barrier->to) || !is_bare(&error->to, &d->barrier->from))
		return false;
	if (!d->settled) {
		d->settled = true;
		d->done(d->arg, error->error);
	}
	return true;
}

void xmppside_deliveries_lose(struct xmppside_deliveries *ds)
{
	env_flush_cancel(ds->env, &ds->flush);
	if (ds->settling)
		while (ds->settling->first)
			settle_first(ds->settling, NULL, true);
	struct barrier *settling = ds->settling;

	xmppside_iqs_lose(ds->iqs);
	ds->settling = settling;
}

/* SPDX-License-Identifier: MIT */
#include "sipside/usage/pager_client.h"

#include <stdlib.h>
#include <string.h>
#include "mapping/address.h"
#include "mapping/base/hash.h"
#include "sipside/usage/header_lines.h"
#include "sipside/usage/outcome.h"

struct page {
	struct page *next;
	sipside_done *done;
	void *arg;
	struct sipside_outgoing request; /* its strings stand in text */
	char text[];
};
/* One URI, while messages to it are open. */
struct pager_lane {
	struct usages *all;
	struct sipside_domain *domain;
	struct str key; /* domain and canonical URI; owned */
	struct page *pages; /* the first is on its way */
	unsigned count;
	UT_hash_handle hh;
};

static void lane_send(struct pager_lane *lane);

static void lane_free(struct pager_lane *lane)
{
	HASH_DELETE(hh, lane->all->lanes, lane);
	alloc_str_free(&lane->key);
	free(lane);
}

/* The first one has its outcome: it is told, the next one leaves. */
static void finish_first(struct pager_lane *lane, const struct s_result *r)
{
	struct page *p = lane->pages;
	sipside_done *done = p->done;
	void *arg = p->arg;

	lane->pages = p->next;
	lane->count--;
	free(p);
	if (!lane->pages)
		lane_free(lane);
	else if (!lane->all->closing)
		lane_send(lane);
	if (done)
		done(arg, r);
}

static void page_answered(void *arg, const struct sipside_msg *m, const struct sipside_target *from)
{
	(void)from;
	if (m->status < 200)
		return;
	struct s_result r = outcome_of_answer(m, NULL);

	r.expires_s = -1;
	finish_first(arg, &r);
}

static void page_failed(void *arg, enum reason why, struct str words, bool not_processed)
{
	const struct s_result r = outcome_of_failure(why, words, not_processed, S_MESSAGE, NULL);

	finish_first(arg, &r);
}

static const struct attempt_owner page_owner = { .answer = page_answered, .failed = page_failed };

static void lane_send(struct pager_lane *lane)
{
	const struct attempt_order order = { .request = &lane->pages->request };

	attempt_send(lane->domain, &order, &page_owner, lane);
}

static struct str copy_in(char **at, struct str s)
{
	struct str copy = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct page *page_create(struct usages *all, const struct s_request *r)
{
	const struct env *env = all->env;
	struct str to = header_uri(env, &r->to);
	struct str headers = arena_printf(env->turn,
		"Max-Forwards: %d\r\nFrom: " STR_FMT ";tag=" STR_FMT "\r\nTo: <" STR_FMT ">\r\nCall-ID: " STR_FMT
		"\r\nCSeq: 1 MESSAGE\r\n" STR_FMT,
		r->hops > 0 ? r->hops : 70, STR_ARG(header_party(env, r->display, &r->from)),
		STR_ARG(own_mark_tag(&all->locate->mark, env)), STR_ARG(to),
		STR_ARG(header_call_id(all->locate, r->call_id)),
		STR_ARG(header_lines_of_text(env, r->subject, r->body.lang)));
	struct page *p = alloc_zero(sizeof(*p) + to.n + headers.n + r->body.type.n + r->body.bytes.n);
	char *at = p->text;

	p->request = (struct sipside_outgoing){
		.method = S_MESSAGE,
		.uri = copy_in(&at, to),
		.headers = copy_in(&at, headers),
		.content_type = copy_in(&at, r->body.type),
		.body = copy_in(&at, r->body.bytes),
	};
	return p;
}

static struct pager_lane *lane_of(struct usages *all, struct sipside_domain *d, const struct s_uri *to)
{
	struct str key = arena_printf(
		all->env->turn, STR_FMT " " STR_FMT, STR_ARG(d->name), STR_ARG(map_uri_key(all->env->turn, to)));
	struct pager_lane *lane;

	hash_find_str(all->lanes, key, lane);
	if (lane || HASH_COUNT(all->lanes) >= PAGER_LANES_MAX)
		return lane;
	lane = alloc_zero(sizeof(*lane));
	lane->all = all;
	lane->domain = d;
	lane->key = alloc_str(key);
	hash_add_str(all->lanes, key, lane);
	return lane;
}

enum reason pager_send(
	struct usages *all, struct sipside_domain *d, const struct s_request *r, sipside_done *done, void *arg)
{
	struct page *p, **last;

	if (all->closing)
		return REASON_SHUTTING_DOWN;
	if (!d->configured || !d->rows->routes_count)
		return REASON_NO_ROUTE;
	if (!r->to.host.n || !r->from.host.n)
		return REASON_BAD_ADDRESS;
	struct pager_lane *lane = lane_of(all, d, &r->to);

	if (!lane)
		return REASON_TOO_MANY;
	if (lane->count >= PAGER_LANE_MAX)
		return REASON_QUEUE_FULL;
	p = page_create(all, r);
	p->done = done;
	p->arg = arg;
	for (last = &lane->pages; *last;)
		last = &(*last)->next;
	*last = p;
	if (++lane->count == 1)
		lane_send(lane);
	return REASON_NONE;
}

void pager_destroy_all(struct usages *all)
{
	const struct s_result r = outcome_unsent(REASON_SHUTTING_DOWN);

	while (all->lanes)
		finish_first(all->lanes, &r);
}

/* SPDX-License-Identifier: MIT */
/* A whole sipside on a virtual clock without sockets: what it sends is kept, what a peer says is written as text, what its
 * user hears is a line of words. */
#ifndef TOMBOLO_DESK_H
#define TOMBOLO_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "mapping/reason.h"
#include "sipside/locate/domains.h"
#include "sipside/sipside.h"
#include "tests/lib/fake_env.h"

enum { DESK_SENDS = 64 };
static unsigned desk_start; /* the next desk is the process's life of this number */

struct desk {
	struct fake_env fake;
	struct sipside *s;
	struct sipside_domain *d;
	struct sipside_transactions *layer;
	struct sipside_target peer;
	char *sent[DESK_SENDS]; /* whole messages, oldest first */
	struct sipside_target to[DESK_SENDS];
	unsigned count, seen;
	enum reason refuse_udp, refuse_tcp; /* what the next sends return */
	char heard[4096]; /* what the user heard, in order */
	char kept[8192]; /* the newest saved line */
	struct sipside_request *ticket; /* the newest */
	struct sipside_usage *usage;
	bool accept; /* invite and subscribe tickets are accepted and answered 200 at once */
	bool answer; /* in-dialog tickets are answered 200 at once */
	bool out_of_service;
};

static inline void desk_hear(struct desk *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void desk_hear(struct desk *k, const char *fmt, ...)
{
	size_t n = strlen(k->heard);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->heard + n, sizeof(k->heard) - n, fmt, ap);
	va_end(ap);
}

/* Everything heard since the last call was exactly this. */
static inline void desk_heard(struct desk *k, const char *want)
{
	assert_string_equal(k->heard, want);
	k->heard[0] = 0;
}

static inline enum reason desk_output(
	void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct desk *k = arg;
	enum reason refuse = to->transport == SIPSIDE_UDP ? k->refuse_udp : k->refuse_tcp;

	(void)watch;
	if (refuse)
		return refuse;
	assert_true(k->count < DESK_SENDS);
	k->to[k->count] = *to;
	k->sent[k->count] = malloc(bytes.n + 1);
	memcpy(k->sent[k->count], bytes.p, bytes.n);
	k->sent[k->count++][bytes.n] = 0;
	return REASON_NONE;
}

/* -- The user */
static inline void desk_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct desk *k = arg;
	static const char *const states[] = { "", " pending", " active", " terminated" };

	desk_hear(k, "request %d%s", r->method, states[r->state]);
	if (r->expires_s >= 0)
		desk_hear(k, " expires=%d", r->expires_s);
	if (r->body.bytes.n)
		desk_hear(k, " <" STR_FMT ">", STR_ARG(r->body.bytes));
	desk_hear(k, "; ");
	k->ticket = t;
	if (k->answer)
		sipside_answer(t, &(struct s_result){ .status = 200, .expires_s = r->expires_s });
}

static inline void desk_up(void *arg, const struct s_result *r)
{
	desk_hear(arg, "up %d", r->status);
	if (r->expires_s >= 0)
		desk_hear(arg, " expires=%d", r->expires_s);
	desk_hear(arg, "; ");
}

static inline void desk_ended(void *arg, const struct s_result *r)
{
	((struct desk *)arg)->usage = NULL;
	desk_hear(arg, "ended " STR_FMT " %d; ", STR_ARG(map_reason(r->why)->word), r->status);
}

static inline void desk_keep(void *arg, struct str saved)
{
	struct desk *k = arg;

	snprintf(k->kept, sizeof(k->kept), STR_FMT, STR_ARG(saved));
	for (const char *p = k->kept; *p; p++)
		assert_true(*p >= ' ' && *p < 0x7f);
}

static inline void desk_done(void *arg, const struct s_result *r)
{
	desk_hear(arg, "done " STR_FMT " %d%s%s; ", STR_ARG(map_reason(r->why)->word), r->status,
		r->usage_gone ? " gone" : "", r->not_processed ? " unprocessed" : "");
}

static const struct sipside_owner desk_owner = { desk_request, desk_up, desk_ended, desk_keep };

static inline void desk_new(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct desk *k = arg;

	(void)d;
	if (r->orphan) {
		desk_hear(k, "orphan %d; ", r->method);
		sipside_answer(t, &(struct s_result){ .why = REASON_NO_SESSION, .status = 481 });
		return;
	}
	desk_hear(k, "new %d " STR_FMT "@" STR_FMT ">" STR_FMT "; ", r->method, STR_ARG(r->from.user),
		STR_ARG(r->from.host), STR_ARG(r->to.user));
	k->ticket = t;
	if (!k->accept)
		return;
	if (r->method != S_MESSAGE)
		k->usage = sipside_accept(t, &desk_owner, k);
	sipside_answer(t, &(struct s_result){ .status = 200, .expires_s = 1800 });
}

static inline void desk_route(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words)
{
	(void)d;
	(void)words;
	desk_hear(arg, "route " STR_FMT " " STR_FMT "; ", STR_ARG(route), STR_ARG(map_reason(why)->word));
}

static inline bool desk_in_service(void *arg)
{
	return !((struct desk *)arg)->out_of_service;
}

/* -- The peer */

/* Opens with these routes; profile "lync" or "simple". */
static inline void desk_open(struct desk *k, const char *profile, const struct sipside_route *routes, unsigned count)
{
	static const struct sipside_handlers handlers = { desk_new, desk_new, desk_new, desk_route, desk_in_service };
	static const struct str serves[] = { STR_INIT("xmpp.example") },
				hosts[] = { STR_INIT("fe.corp.example=192.0.2.1") };
	static const struct str allow[] = { STR_INIT("192.0.2.0/24") };
	struct sipside_domain_config domain = { .name = STR("corp.example"),
		.profile = map_profile_find(str_c(profile)),
		.serves = serves,
		.serves_count = 1,
		.routes = routes,
		.routes_count = count,
		.allow = allow,
		.allow_count = 1 };
	struct sipside_config config = { .start = desk_start,
		.node = STR("br1.example"),
		.domains = &domain,
		.domains_count = 1,
		.hosts = hosts,
		.hosts_count = 1 };
	struct str error;

	memset(k, 0, sizeof(*k));
	fake_env_init(&k->fake);
	k->accept = k->answer = true;
	k->s = sipside_create(&k->fake.env, &handlers, k);
	assert_int_equal(sipside_configure(k->s, &config, &error), REASON_NONE);
	k->d = sipside_domain(k->s, STR("corp.example"));
	assert_non_null(k->d);
	k->layer = k->d->locate->transactions;
	sipside_transactions_output(k->layer, desk_output, k);
	assert_true(sipside_target_set(&k->peer, SIPSIDE_TCP, STR("192.0.2.1"), 5060));
	k->peer.connection = 7;
}

static inline void desk_open_tcp(struct desk *k, const char *profile)
{
	static const struct sipside_route route = { .name = STR_INIT("fe1"),
		.to = { SIPSIDE_TCP, STR_INIT("192.0.2.1"), 5060 } };

	desk_open(k, profile, &route, 1);
}

static inline void desk_close(struct desk *k)
{
	unsigned count = k->count;

	sipside_destroy(k->s);
	assert_int_equal(k->count, count); /* not a word */
	for (unsigned i = 0; i < k->count; i++)
		free(k->sent[i]);
	fake_env_finish(&k->fake);
}

/* Text with LF line ends comes in with CRLF; Content-Length is put behind the last header where there is none. */
static inline void desk_receive(struct desk *k, const char *text)
{
	const char *body = strstr(text, "\n\n");
	struct buf b = { 0 };

	assert_non_null(body);
	for (const char *p = text; p <= body; p++) {
		if (*p == '\n')
			buf_addc(&b, '\r');
		buf_addc(&b, *p);
	}
	buf_printf(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body + 2), body + 2);
	char *copy = malloc(b.n); /* exact size: overruns show */

	memcpy(copy, b.p, b.n);
	sipside_transactions_received(k->layer, &k->peer, (struct str){ copy, b.n });
	free(copy);
	buf_finish(&b);
	env_end_turn(&k->fake.env);
}

/* The next message it sent, in order; it starts like this. */
static inline const char *desk_sent(struct desk *k, const char *start)
{
	if (k->seen >= k->count)
		fail_msg("expected \"%s\", nothing was sent", start);
	const char *text = k->sent[k->seen++];

	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("expected \"%s\", it sent:\n%s", start, text);
	return text;
}

static inline void desk_silent(struct desk *k)
{
	if (k->seen != k->count)
		fail_msg("expected silence, it sent:\n%s", k->sent[k->seen]);
}

/* The value of a header of a message it sent; in a static buffer, sixteen of them in turn. */
static inline const char *desk_header(const char *text, const char *name)
{
	static char values[16][1024];
	static unsigned turn;
	char *value = values[turn++ % 16], start[64];

	snprintf(start, sizeof(start), "\r\n%s: ", name);
	const char *at = strstr(text, start);

	if (!at)
		return "";
	at += strlen(start);
	snprintf(value, sizeof(values[0]), "%.*s", (int)strcspn(at, "\r"), at);
	return value;
}

/* An answer to a request it sent; lines with LF, to_tag put behind To where that has none. */
static inline void desk_answer(
	struct desk *k, const char *request, int status, const char *phrase, const char *to_tag, const char *lines)
{
	const char *to = desk_header(request, "To");
	char text[4096];

	snprintf(text, sizeof(text), "SIP/2.0 %d %s\nVia: %s\nFrom: %s\nTo: %s%s%s\nCall-ID: %s\nCSeq: %s\n%s\n",
		status, phrase, desk_header(request, "Via"), desk_header(request, "From"), to,
		strstr(to, ";tag=") || !*to_tag ? "" : ";tag=", strstr(to, ";tag=") ? "" : to_tag,
		desk_header(request, "Call-ID"), desk_header(request, "CSeq"), lines);
	desk_receive(k, text);
}

/* The tag in a From or To value. */
static inline const char *desk_tag(const char *value)
{
	static char tags[4][128];
	static unsigned turn;
	char *tag = tags[turn++ % 4];
	const char *at = strstr(value, ";tag=");

	assert_non_null(at);
	snprintf(tag, sizeof(tags[0]), "%.*s", (int)strcspn(at + 5, ";"), at + 5);
	return tag;
}

static inline struct s_request desk_to_bob(enum s_method method, const char *text)
{
	return (struct s_request){ .method = method,
		.from = { STR("ann"), STR("xmpp.example"), STR_NONE },
		.to = { STR("bob"), STR("corp.example"), STR_NONE },
		.display = STR("Ann"),
		.expires_s = -1,
		.body = { *text ? STR("text/plain") : STR_NONE, STR_NONE, str_c(text) } };
}

#endif

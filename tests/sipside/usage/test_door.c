/* SPDX-License-Identifier: MIT */
/* Two sipsides that talk to each other over real sockets on loopback. */
#include "sipside/sipside.h"
#include "mapping/reason.h"
#include "sipside/usage/usage.h"
#include "tests/lib/uv_env.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LAST_TEXTS = 4096 };
struct end {
	struct sipside *s;
	struct sipside_domain *d;
	struct sipside_usage *usage; /* the newest */
	char kept[4096];
	struct sipside_address udp, tcp;
	unsigned ups, ends, invites, subscribes, messages, requests, dones, goods, routes;
	enum reason ended, last_why;
	int last_status;
	struct s_request last; /* numbers only */
	char texts[LAST_TEXTS];
	struct sipside_request *held;
	bool hold; /* tickets wait */
};
struct pair {
	struct uv_env uv;
	struct end a, b; /* a.example and b.example */
};

static void note(struct end *e, const struct s_request *r)
{
	size_t n = strlen(e->texts);

	e->last = *r;
	snprintf(e->texts + n, sizeof(e->texts) - n, STR_FMT " ", STR_ARG(r->body.bytes));
}

static void answer(struct end *e, struct sipside_request *t, int status, int expires_s)
{
	if (e->hold)
		e->held = t;
	else
		sipside_answer(t, &(struct s_result){ .status = status, .expires_s = expires_s });
}

static void on_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct end *e = arg;

	e->requests++;
	note(e, r);
	answer(e, t, 200, r->expires_s);
}

static void on_up(void *arg, const struct s_result *r)
{
	(void)r;
	((struct end *)arg)->ups++;
}

static void on_ended(void *arg, const struct s_result *r)
{
	struct end *e = arg;

	e->ends++;
	e->ended = r->why;
	e->last_status = r->status;
}

static void on_keep(void *arg, struct str saved)
{
	struct end *e = arg;

	snprintf(e->kept, sizeof(e->kept), STR_FMT, STR_ARG(saved));
}

static const struct sipside_owner owner = { on_request, on_up, on_ended, on_keep };

static void on_done(void *arg, const struct s_result *r)
{
	struct end *e = arg;

	e->dones++;
	e->goods += r->why == REASON_NONE;
	e->last_why = r->why;
	e->last_status = r->status;
}

static void on_message(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct end *e = arg;

	(void)d;
	e->messages++;
	note(e, r);
	answer(e, t, 202, -1);
}

static void on_invite(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct end *e = arg;

	(void)d;
	(void)r;
	e->invites++;
	if (!e->hold)
		e->usage = sipside_accept(t, &owner, e);
	answer(e, t, 200, -1);
}

static void on_subscribe(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct end *e = arg;

	(void)d;
	e->last = *r;
	e->subscribes++;
	e->usage = sipside_accept(t, &owner, e);
	answer(e, t, 200, r->expires_s);
}

static void on_route(void *arg, struct sipside_domain *d, struct str route, enum reason why, struct str words)
{
	(void)d;
	(void)route;
	(void)why;
	(void)words;
	((struct end *)arg)->routes++;
}

static const struct sipside_handlers handlers = { on_message, on_invite, on_subscribe, on_route, NULL };

/* An end that speaks with `other`, whose listeners are known already where to is given. */
static void open_end(struct pair *p, struct end *e, const char *node, const char *domain, const char *serves,
	const char *profile, const struct sipside_address *to)
{
	const struct sipside_address listen[] = { { SIPSIDE_UDP, STR("127.0.0.1"), e->udp.port },
		{ SIPSIDE_TCP, STR("127.0.0.1"), e->tcp.port } };
	const struct str served = str_c(serves);
	static const struct str hosts[] = { STR_INIT("a.test=127.0.0.1"), STR_INIT("b.test=127.0.0.1") };
	const struct sipside_route route = { .name = STR("r"),
		.to = to ? *to : (struct sipside_address){ SIPSIDE_TCP, STR("127.0.0.1"), 1 },
		.priority = 1 };
	const struct sipside_domain_config d = { .name = str_c(domain),
		.profile = map_profile_find(str_c(profile)),
		.serves = &served,
		.serves_count = 1,
		.routes = &route,
		.routes_count = 1 };
	const struct sipside_config c = { .node = str_c(node),
		.listen = listen,
		.listen_count = 2,
		.domains = &d,
		.domains_count = 1,
		.hosts = hosts,
		.hosts_count = 2 };
	struct str error = STR_NONE;

	if (!e->s)
		e->s = sipside_create(&p->uv.fake.env, &handlers, e);
	assert_int_equal(sipside_configure(e->s, &c, &error), REASON_NONE);
	assert_int_equal(sipside_listen(e->s, &error), REASON_NONE);
	assert_true(sipside_bound(e->s, 0, &e->udp));
	assert_true(sipside_bound(e->s, 1, &e->tcp));
	e->udp.host = e->tcp.host = STR("127.0.0.1"); /* theirs lasts for the turn */
	e->d = sipside_domain(e->s, str_c(domain));
}

static void open_pair(struct pair *p, enum sipside_transport transport, const char *profile)
{
	memset(p, 0, sizeof(*p));
	uv_env_init(&p->uv);
	open_end(p, &p->a, "a.test", "b.example", "a.example", profile, NULL);
	open_end(p, &p->b, "b.test", "a.example", "b.example", profile,
		transport == SIPSIDE_UDP ? &p->a.udp : &p->a.tcp);
	/* a learns b's port by a second configuration, as by HUP */
	open_end(p, &p->a, "a.test", "b.example", "a.example", profile,
		transport == SIPSIDE_UDP ? &p->b.udp : &p->b.tcp);
}

static void close_pair(struct pair *p)
{
	sipside_destroy(p->a.s);
	sipside_destroy(p->b.s);
	uv_env_finish(&p->uv);
}

static struct s_request to_bob(enum s_method method, const char *text)
{
	return (struct s_request){ .method = method,
		.from = { STR("ann"), STR("a.example"), STR_NONE },
		.to = { STR("bob"), STR("b.example"), STR_NONE },
		.expires_s = 600,
		.body = { *text ? STR("text/plain") : STR_NONE, STR_NONE, str_c(text) } };
}

static void call(struct pair *p)
{
	struct s_request r = to_bob(S_INVITE, "");
	enum reason why;

	p->a.usage = sipside_begin(p->a.d, &r, &owner, &p->a, &why);
	assert_non_null(p->a.usage);
}

static bool both_up(void *arg)
{
	struct pair *p = arg;

	return p->a.ups == 1 && p->b.ups == 1;
}

static bool all_done(void *arg)
{
	struct pair *p = arg;

	return p->a.dones == 20 && p->b.dones == 20;
}

static bool a_ended(void *arg)
{
	return ((struct pair *)arg)->a.ends == 1;
}

static bool b_ended(void *arg)
{
	return ((struct pair *)arg)->b.ends == 1;
}

static bool a_has_outcome(void *arg)
{
	return ((struct pair *)arg)->a.dones == 1;
}

static bool b_holds(void *arg)
{
	return ((struct pair *)arg)->b.held != NULL;
}

static bool b_was_notified(void *arg)
{
	return ((struct pair *)arg)->b.requests > 0;
}

static bool a_was_notified(void *arg)
{
	return ((struct pair *)arg)->a.requests > 0;
}

static bool a_sees_watcher(void *arg)
{
	return ((struct pair *)arg)->b.subscribes == 1 && ((struct pair *)arg)->a.ups == 1;
}

/* Texts both ways in one session, in order, then a BYE. */
static void chat(enum sipside_transport transport, const char *profile)
{
	struct pair p;
	char want[256] = "";

	open_pair(&p, transport, profile);
	call(&p);
	uv_env_until(&p.uv, both_up, &p);
	for (int i = 0; i < 20; i++) {
		char text[16];
		struct s_request r;

		snprintf(text, sizeof(text), "t%d", i);
		r = to_bob(S_MESSAGE, text);
		assert_int_equal(sipside_send(p.a.usage, &r, on_done, &p.a), REASON_NONE);
		assert_int_equal(sipside_send(p.b.usage, &r, on_done, &p.b), REASON_NONE);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s ", text);
	}
	uv_env_until(&p.uv, all_done, &p);
	assert_int_equal(p.a.goods, 20);
	assert_int_equal(p.b.goods, 20);
	assert_string_equal(p.a.texts, want);
	assert_string_equal(p.b.texts, want);
	assert_true(*p.a.kept && *p.b.kept);
	sipside_end(p.a.usage);
	uv_env_until(&p.uv, b_ended, &p);
	assert_int_equal(p.b.ended, REASON_NONE);
	assert_int_equal(p.a.ends, 0);
	close_pair(&p);
}

static void chats_over_udp(void **state)
{
	(void)state;
	chat(SIPSIDE_UDP, "lync");
	chat(SIPSIDE_UDP, "simple");
}

static void chats_over_tcp(void **state)
{
	(void)state;
	chat(SIPSIDE_TCP, "lync");
	chat(SIPSIDE_TCP, "simple");
}

static void presence_crosses(enum sipside_transport transport)
{
	struct pair p;
	struct s_request r = to_bob(S_SUBSCRIBE, "");
	struct s_request notify = { .method = S_NOTIFY,
		.state = S_SUB_ACTIVE,
		.expires_s = 600,
		.body = { STR("application/pidf+xml"), STR_NONE, STR("<presence/>") } };
	enum reason why;

	open_pair(&p, transport, "lync");
	p.a.usage = sipside_begin(p.a.d, &r, &owner, &p.a, &why);
	uv_env_until(&p.uv, a_sees_watcher, &p);
	assert_int_equal(sipside_send(p.b.usage, &notify, on_done, &p.b), REASON_NONE);
	uv_env_until(&p.uv, a_was_notified, &p);
	assert_int_equal(p.a.last.state, S_SUB_ACTIVE);
	assert_int_equal(p.a.last.expires_s, 600);
	assert_string_equal(p.a.texts, "<presence/> ");
	r.expires_s = 0;
	assert_int_equal(sipside_send(p.a.usage, &r, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, b_was_notified, &p);
	assert_int_equal(p.b.last.expires_s, 0);
	notify.state = S_SUB_TERMINATED;
	assert_int_equal(sipside_send(p.b.usage, &notify, on_done, &p.b), REASON_NONE);
	uv_env_until(&p.uv, a_ended, &p);
	uv_env_until(&p.uv, b_ended, &p);
	assert_int_equal(p.a.ended, REASON_NONE);
	assert_int_equal(p.b.ended, REASON_NONE);
	close_pair(&p);
}

static void presence_over_udp_and_tcp(void **state)
{
	(void)state;
	presence_crosses(SIPSIDE_UDP);
	presence_crosses(SIPSIDE_TCP);
}

static void a_large_page_goes_by_tcp(void **state)
{
	struct pair p;
	char *text = calloc(1, 20001);
	struct s_request r;

	(void)state;
	memset(text, 'x', 20000);
	open_pair(&p, SIPSIDE_UDP, "simple");
	/* b listens on TCP at another port than its UDP one: nobody is at that TCP port, UDP has to do */
	r = to_bob(S_MESSAGE, text);
	assert_int_equal(sipside_page(p.a.d, &r, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, a_has_outcome, &p);
	assert_int_equal(p.a.last_status, 202);
	assert_int_equal(p.b.last.body.bytes.n, 20000);
	free(text);
	close_pair(&p);
}

static void nobody_there_is_unreachable(void **state)
{
	struct pair p;
	struct s_request r = to_bob(S_MESSAGE, "hello");

	(void)state;
	open_pair(&p, SIPSIDE_TCP, "simple");
	sipside_destroy(p.b.s);
	p.b.s = NULL;
	uv_env_turn(&p.uv);
	assert_int_equal(sipside_page(p.a.d, &r, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, a_has_outcome, &p);
	assert_int_equal(p.a.last_why, REASON_UNREACHABLE);
	assert_int_equal(p.a.routes, 1);
	close_pair(&p);
}

static void names_resolve_on_the_loop(void **state)
{
	struct pair p;
	struct s_request r = to_bob(S_MESSAGE, "hello");
	struct sipside_address to;

	(void)state;
	open_pair(&p, SIPSIDE_TCP, "simple");
	to = p.b.tcp;
	to.host = STR("localhost"); /* from /etc/hosts */
	open_end(&p, &p.a, "a.test", "b.example", "a.example", "simple", &to);
	assert_int_equal(sipside_page(p.a.d, &r, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, a_has_outcome, &p);
	assert_int_equal(p.a.last_status, 202);
	close_pair(&p);
}

/* In the middle of everything: nothing on the wire, nothing leaks (LeakSanitizer), open sends have their outcome. */
static void destroy_in_mid_flight(void **state)
{
	struct pair p;
	struct s_request message = to_bob(S_MESSAGE, "hello"), invite = to_bob(S_INVITE, ""),
			 watch = to_bob(S_SUBSCRIBE, "");
	enum reason why;

	(void)state;
	open_pair(&p, SIPSIDE_UDP, "lync");
	p.b.hold = true;
	assert_non_null(sipside_begin(p.a.d, &invite, &owner, &p.a, &why));
	assert_non_null(sipside_begin(p.a.d, &watch, &owner, &p.a, &why));
	for (int i = 0; i < 5; i++)
		assert_int_equal(sipside_page(p.a.d, &message, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, b_holds, &p);
	sipside_destroy(p.a.s);
	p.a.s = NULL;
	assert_int_equal(p.a.dones, 5);
	assert_int_equal(p.a.last_why, REASON_SHUTTING_DOWN);
	assert_int_equal(p.a.ends, 0);
	close_pair(&p);
}

static void a_usage_survives_a_restart(void **state)
{
	struct pair p;
	char saved[4096];
	struct s_request r = to_bob(S_MESSAGE, "after");

	(void)state;
	open_pair(&p, SIPSIDE_TCP, "lync");
	call(&p);
	uv_env_until(&p.uv, both_up, &p);
	memcpy(saved, p.b.kept, sizeof(saved));
	sipside_destroy(p.b.s);
	p.b.s = NULL;
	for (int i = 0; i < 3; i++)
		uv_env_turn(&p.uv);
	open_end(&p, &p.b, "b.test", "a.example", "b.example", "lync", &p.a.tcp); /* the same ports */
	p.b.usage = sipside_restore(p.b.d, str_c(saved), &owner, &p.b);
	assert_non_null(p.b.usage);
	assert_int_equal(sipside_send(p.b.usage, &r, on_done, &p.b), REASON_NONE);
	uv_env_until(&p.uv, a_was_notified, &p);
	assert_string_equal(p.a.texts, "after ");
	assert_int_equal(sipside_send(p.a.usage, &r, on_done, &p.a), REASON_NONE);
	uv_env_until(&p.uv, a_has_outcome, &p);
	assert_int_equal(p.a.last_status, 200);
	close_pair(&p);
}

static void sizes_are_what_they_were(void **state)
{
	(void)state;
	print_message("sizeof: dialog %zu, usage %zu, work %zu\n", sizeof(struct dialog), sizeof(struct sipside_usage),
		sizeof(struct usage_work));
	assert_true(sizeof(struct sipside_usage) <= 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chats_over_udp),
		cmocka_unit_test(chats_over_tcp),
		cmocka_unit_test(presence_over_udp_and_tcp),
		cmocka_unit_test(a_large_page_goes_by_tcp),
		cmocka_unit_test(nobody_there_is_unreachable),
		cmocka_unit_test(names_resolve_on_the_loop),
		cmocka_unit_test(destroy_in_mid_flight),
		cmocka_unit_test(a_usage_survives_a_restart),
		cmocka_unit_test(sizes_are_what_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

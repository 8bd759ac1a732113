/* SPDX-License-Identifier: MIT */
/* Random journeys: users and peers do whatever they may, at any time. What is asked: sanitizers stay silent, each send has
 * exactly one outcome, no usage ends twice, nothing calls back inside a call. */
#include "tests/sipside/usage/desk.h"

enum { USAGES = 8, POOL = 24, STEPS = 4000, TICKETS = 8 };
struct play;
struct role {
	struct play *play;
	struct sipside_usage *usage; /* NULL: free */
};
struct play {
	struct desk k;
	struct role roles[USAGES];
	struct sipside_request *tickets[TICKETS];
	char *pool[POOL]; /* messages it sent, to be answered or replied in their dialog */
	unsigned open_sends, ended, inside, branch;
	char invite[2048]; /* the peer's newest */
};

static unsigned pick(struct play *p, unsigned n)
{
	return (unsigned)(env_random_u64(&p->k.fake.env) % n);
}

static void keep_ticket(struct play *p, struct sipside_request *t)
{
	static const int statuses[] = { 200, 200, 202, 404, 480, 500, 603 };

	for (unsigned i = 0; i < TICKETS && pick(p, 2); i++)
		if (!p->tickets[i]) {
			p->tickets[i] = t;
			return;
		}
	sipside_answer(t, &(struct s_result){ .status = statuses[pick(p, 7)], .expires_s = (int)pick(p, 3) * 600 });
}

static void take_request(void *arg, struct sipside_request *t, const struct s_request *r)
{
	struct role *role = arg;

	assert_int_equal(role->play->inside, 0);
	assert_non_null(role->usage);
	(void)r;
	keep_ticket(role->play, t);
	if (role->usage && !pick(role->play, 10)) {
		sipside_end(role->usage);
		role->usage = NULL;
	}
}

static void take_up(void *arg, const struct s_result *r)
{
	struct role *role = arg;

	(void)r;
	assert_int_equal(role->play->inside, 0);
	assert_non_null(role->usage);
	if (!pick(role->play, 10)) {
		sipside_end(role->usage);
		role->usage = NULL;
	}
}

static void take_ended(void *arg, const struct s_result *r)
{
	struct role *role = arg;

	(void)r;
	assert_int_equal(role->play->inside, 0);
	assert_non_null(role->usage); /* once, and never after sipside_end */
	role->usage = NULL;
	role->play->ended++;
}

static void take_keep(void *arg, struct str saved)
{
	(void)arg;
	assert_true(saved.n > 0);
}

static const struct sipside_owner player = { take_request, take_up, take_ended, take_keep };

static void take_done(void *arg, const struct s_result *r)
{
	struct play *p = arg;

	(void)r;
	assert_int_equal(p->inside, 0);
	assert_true(p->open_sends > 0);
	p->open_sends--;
}

static struct role *free_role(struct play *p)
{
	struct role *role = &p->roles[pick(p, USAGES)];

	role->play = p;
	return role->usage ? NULL : role;
}

static void take_new(void *arg, struct sipside_domain *d, struct sipside_request *t, const struct s_request *r)
{
	struct play *p = arg;
	struct role *role = free_role(p);

	(void)d;
	assert_int_equal(p->inside, 0);
	if (role && r->method != S_MESSAGE)
		role->usage = sipside_accept(t, &player, role);
	if (role || r->method == S_MESSAGE)
		keep_ticket(p, t);
	else
		sipside_answer(t, &(struct s_result){ .status = 486 });
}

/* -- Moves of the user */

static void begin(struct play *p)
{
	struct role *role = free_role(p);
	struct s_request r = desk_to_bob(pick(p, 2) ? S_INVITE : S_SUBSCRIBE, "");
	enum reason why;

	if (role)
		role->usage = sipside_begin(p->k.d, &r, &player, role, &why);
}

static void send_one(struct play *p)
{
	static const enum s_method methods[] = { S_MESSAGE, S_INFO, S_NOTIFY, S_SUBSCRIBE };
	struct role *role = &p->roles[pick(p, USAGES)];
	struct s_request r = desk_to_bob(methods[pick(p, 4)], "text");

	r.state = pick(p, 6) ? S_SUB_ACTIVE : S_SUB_TERMINATED;
	r.expires_s = (int)pick(p, 3) * 300;
	if (role->usage && sipside_send(role->usage, &r, take_done, p) == REASON_NONE)
		p->open_sends++;
}

static void leave(struct play *p)
{
	struct role *role = &p->roles[pick(p, USAGES)];

	if (role->usage)
		sipside_end(role->usage);
	role->usage = NULL;
}

static void page(struct play *p)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "page");

	if (sipside_page(p->k.d, &r, take_done, p) == REASON_NONE)
		p->open_sends++;
}

static void answer(struct play *p)
{
	struct sipside_request **t = &p->tickets[pick(p, TICKETS)];

	if (*t)
		sipside_answer(*t, &(struct s_result){ .status = pick(p, 4) ? 200 : 480, .expires_s = 600 });
	*t = NULL;
}

/* -- Moves of the peer */

static void peer_answers(struct play *p, const char *request)
{
	static const int statuses[] = { 100, 180, 200, 200, 200, 200, 302, 403, 404, 408, 480, 481, 487, 500, 503,
		603 };
	static const char *const tags[] = { "f1", "f1", "f1", "f2", "f3" };

	if (strncmp(request, "ACK", 3) != 0)
		desk_answer(&p->k, request, statuses[pick(p, 16)], "So", tags[pick(p, 5)],
			pick(p, 6) ? "Contact: <sip:bob@192.0.2.1:5060;transport=tcp>\nExpires: 300\n" : "");
}

/* A request in the dialog that this message of ours belongs to: a request of ours, or our 200 to theirs. */
static void peer_asks(struct play *p, const char *ours)
{
	static const char *const methods[] = { "MESSAGE", "INFO", "BYE", "NOTIFY", "NOTIFY", "SUBSCRIBE", "INVITE",
		"UPDATE", "ACK", "CANCEL", "OPTIONS" };
	static const char *const states[] = { "pending", "active;expires=60", "terminated;reason=noresource" };
	bool reply = strncmp(ours, "SIP/2.0", 7) == 0;
	const char *method = methods[pick(p, 11)];
	const char *us = desk_header(ours, reply ? "To" : "From"), *them = desk_header(ours, reply ? "From" : "To");
	char text[4096];

	if (!*us)
		return;
	p->branch++;
	snprintf(text, sizeof(text),
		"%s sip:ann@xmpp.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKj%u\nMax-Forwards: 70\n"
		"From: %s%s\nTo: %s\nCall-ID: %s\nCSeq: %u %s\nContact: <sip:bob@192.0.2.1;transport=tcp>\n"
		"Event: presence\nSubscription-State: %s\n%s\n%s",
		method, p->branch, them, strstr(them, ";tag=") ? "" : ";tag=f1", us, desk_header(ours, "Call-ID"),
		strcmp(method, "ACK") ? p->branch + 1 : (unsigned)atoi(desk_header(ours, "CSeq")), method,
		states[pick(p, 3)], strcmp(method, "MESSAGE") ? "" : "Content-Type: text/plain\n",
		strcmp(method, "MESSAGE") ? "" : "hi");
	desk_receive(&p->k, text);
}

/* CANCEL of the newest INVITE, by its branch or as a peer that forgot it, or a BYE by its From tag alone. */
static void peer_takes_back(struct play *p)
{
	char text[2048], *at;

	if (!*p->invite)
		return;
	strcpy(text, p->invite);
	memcpy(strstr(text, "INVITE"), pick(p, 3) ? "CANCEL" : "BYE   ", 6);
	at = strstr(strstr(text, "CSeq"), "INVITE");
	memcpy(at, *text == 'C' ? "CANCEL" : "BYE   ", 6);
	if (*text == 'B')
		memmove(text + 3, text + 6, strlen(text + 6) + 1);
	if (!pick(p, 3))
		memcpy(strstr(text, "bKj"), "bKq", 3);
	desk_receive(&p->k, text);
}

static void peer_begins(struct play *p)
{
	static const char *const methods[] = { "INVITE", "SUBSCRIBE", "MESSAGE" };
	const char *method = methods[pick(p, 3)];
	char text[2048];

	p->branch++;
	snprintf(text, sizeof(text),
		"%s sip:ann@xmpp.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKj%u\nMax-Forwards: 70\n"
		"From: <sip:bob@corp.example>;tag=p%u\nTo: <sip:ann@xmpp.example>\nCall-ID: peer-%u\nCSeq: 1 %s\n"
		"Contact: <sip:bob@192.0.2.1;transport=tcp>\nEvent: presence\nExpires: 600\n\n",
		method, p->branch, p->branch, pick(p, 6), method);
	if (*method == 'I')
		strcpy(p->invite, text);
	desk_receive(&p->k, text);
	if (*method == 'I' && !pick(p, 3))
		peer_takes_back(p);
}

static void keep_sent(struct play *p)
{
	for (unsigned i = 0; i < p->k.count; i++) {
		char **at = &p->pool[pick(p, POOL)];

		free(*at);
		*at = p->k.sent[i];
	}
	p->k.count = p->k.seen = 0;
}

static void step(struct play *p)
{
	static void (*const user[])(
		struct play *) = { begin, send_one, send_one, send_one, leave, page, answer, answer };
	static const unsigned waits_ms[] = { 1, 500, 3000, 33000 };
	const char *ours = p->pool[pick(p, POOL)];
	unsigned what = pick(p, 20);

	if (what < 9) {
		p->inside = 1;
		user[pick(p, 8)](p);
		p->inside = 0;
	} else if (what < 13 && ours && strncmp(ours, "SIP/2.0", 7) != 0) {
		peer_answers(p, ours);
	} else if (what < 17 && ours) {
		peer_asks(p, ours);
	} else if (what < 19) {
		peer_begins(p);
	} else {
		/* nobody holds a ticket longer than its peer waits */
		for (unsigned i = 0; i < TICKETS; i++)
			answer(p);
		for (unsigned i = 0; i < TICKETS; i++)
			if (p->tickets[i])
				sipside_answer(p->tickets[i], &(struct s_result){ .status = 480 });
		memset(p->tickets, 0, sizeof(p->tickets));
		fake_env_advance(&p->k.fake, waits_ms[pick(p, 4)]);
	}
	if (!pick(p, 15))
		p->k.refuse_tcp = pick(p, 2) ? REASON_UNREACHABLE : REASON_NONE;
	env_end_turn(&p->k.fake.env);
	keep_sent(p);
}

static enum reason take_output(
	void *arg, const struct sipside_target *to, struct str bytes, struct sipside_watch *watch)
{
	struct play *p = arg;

	if (p->k.count == DESK_SENDS) /* a flood of re-sends */
		return REASON_QUEUE_FULL;
	return desk_output(&p->k, to, bytes, watch);
}

static void journey(uint64_t seed, const char *profile)
{
	static const struct sipside_handlers handlers = { take_new, take_new, take_new, NULL, NULL };
	static const struct sipside_route route = { .name = STR_INIT("fe1"),
		.to = { SIPSIDE_TCP, STR_INIT("192.0.2.1"), 5060 } };
	static const struct str serves[] = { STR_INIT("xmpp.example") };
	struct play *p = calloc(1, sizeof(*p));
	struct sipside_domain_config domain = { .name = STR("corp.example"),
		.profile = map_profile_find(str_c(profile)),
		.serves = serves,
		.serves_count = 1,
		.routes = &route,
		.routes_count = 1 };
	struct sipside_config config = { .node = STR("br1.example"), .domains = &domain, .domains_count = 1 };
	struct str error;

	fake_env_init(&p->k.fake);
	p->k.fake.seed = seed;
	p->k.s = sipside_create(&p->k.fake.env, &handlers, p);
	assert_int_equal(sipside_configure(p->k.s, &config, &error), REASON_NONE);
	p->k.d = sipside_domain(p->k.s, STR("corp.example"));
	p->k.layer = p->k.d->locate->transactions;
	sipside_transactions_output(p->k.layer, take_output, p);
	assert_true(sipside_target_set(&p->k.peer, SIPSIDE_TCP, STR("192.0.2.1"), 5060));
	for (int i = 0; i < STEPS; i++)
		step(p);
	sipside_destroy(p->k.s);
	assert_int_equal(p->open_sends, 0);
	assert_true(p->ended > 20);
	keep_sent(p);
	for (unsigned i = 0; i < POOL; i++)
		free(p->pool[i]);
	fake_env_finish(&p->k.fake);
	free(p);
}

static void journeys(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++)
		journey(seed, seed % 2 ? "lync" : "simple");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(journeys) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

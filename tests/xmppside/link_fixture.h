/* SPDX-License-Identifier: MIT */
/* One xmppside with one link to a fake server, and everything its handlers were told. */
#ifndef TOMBOLO_LINK_FIXTURE_H
#define TOMBOLO_LINK_FIXTURE_H

#include "tests/xmppside/fake_server.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/xmppside.h"

enum { OUTCOMES = 1024 };

struct fixture {
	struct fake_server s;
	struct xmppside *x;
	struct xmppside_link *link;
	unsigned ups, downs;
	enum reason why;
	char words[256];
	unsigned messages, presences, lates;
	char body[256], late_id[64], late_condition[64];
	unsigned outcomes;
	enum reason outcome[OUTCOMES]; /* in order; REASON_NONE: taken */
	char condition[OUTCOMES][64];
	bool close_in_done;
};

static void keep_c(char *out, size_t size, struct str s)
{
	snprintf(out, size, STR_FMT, STR_ARG(s));
}

static void on_link(void *arg, struct xmppside_link *link, enum reason why, struct str words)
{
	struct fixture *t = arg;

	(void)link;
	if (why == REASON_NONE)
		t->ups++;
	else
		t->downs++;
	t->why = why;
	keep_c(t->words, sizeof(t->words), words);
}

static void on_message(void *arg, struct xmppside_link *link, const struct x_message *m)
{
	struct fixture *t = arg;

	(void)link;
	t->messages++;
	keep_c(t->body, sizeof(t->body), m->body);
}

static void on_late(void *arg, struct xmppside_link *link, const struct x_message *m)
{
	struct fixture *t = arg;

	(void)link;
	t->lates++;
	keep_c(t->late_id, sizeof(t->late_id), m->id);
	keep_c(t->late_condition, sizeof(t->late_condition), m->error->condition);
}

static void on_presence(void *arg, struct xmppside_link *link, const struct x_presence *p)
{
	struct fixture *t = arg;

	(void)link;
	(void)p;
	t->presences++;
}

static void on_done(void *arg, const struct x_error *error)
{
	struct fixture *t = arg;

	t->outcome[t->outcomes] = error ? error->why : REASON_NONE;
	keep_c(t->condition[t->outcomes], sizeof(t->condition[0]), error ? error->condition : STR_NONE);
	t->outcomes++;
	if (t->close_in_done) {
		t->close_in_done = false;
		xmppside_close(t->link);
		t->link = NULL;
	}
}

static inline void fixture_open(struct fixture *t, const char *host)
{
	static const struct xmppside_handlers handlers = { on_link, on_message, on_late, on_presence };

	memset(t, 0, sizeof(*t));
	fake_server_init(&t->s);
	t->s.f.print = getenv("PRINT") != NULL;
	t->x = xmppside_create(&t->s.f.env, &handlers, t);
	t->link = xmppside_open(t->x,
		&(struct xmppside_server){
			.host = str_c(host), .port = t->s.port, .component = STR("sip.test"), .secret = STR("test") });
}

/* Header, handshake (the one of XEP-0114 with id s1 and secret test), accepted. */
static inline bool log_in(struct fixture *t)
{
	if (!expect(&t->s, "to='sip.test'>"))
		return false;
	say_c(&t->s, FAKE_HEADER);
	if (!expect(&t->s, "</handshake>"))
		return false;
	say_c(&t->s, "<handshake/>");
	wait_until(&t->s, xmppside_is_up(t->link));
	return xmppside_is_up(t->link);
}

static inline int fixture_close(struct fixture *t)
{
	xmppside_destroy(t->x);
	pump(&t->s);
	return fake_server_finish(&t->s);
}

static inline enum reason deliver(struct fixture *t, const char *to, const char *id)
{
	struct x_message m = { .type = X_TYPE_CHAT, .has_body = true, .body = STR("hi"), .id = str_c(id) };

	xmppside_jid_split(STR("sue@sip.test/phone"), &m.from);
	xmppside_jid_split(str_c(to), &m.to);
	return xmppside_deliver(t->link, &m, on_done, t);
}

/* The id of the last stanza the server has got that contains `what`, once it has. */
static inline void last_iq_id(struct fixture *t, const char *what, char id[64])
{
	const char *at = NULL, *from;

	await(&t->s, what);
	buf_addc(&t->s.got, '\0');
	t->s.got.n--;
	id[0] = '\0';
	for (from = t->s.got.p; (from = strstr(from, what)); from++)
		at = from;
	if (at && (at = strstr(at, " id='")))
		sscanf(at, " id='%63[^']", id);
}

static inline void answer_ping(struct fixture *t, const char *who, bool result)
{
	char id[64], iq[512], what[128];

	snprintf(what, sizeof(what), "to='%s'", who);
	last_iq_id(t, what, id);
	buf_clear(&t->s.got);
	snprintf(iq, sizeof(iq), "<iq type='%s' from='%s' to='sue@sip.test' id='%s'>%s</iq>",
		result ? "result" : "error", who, id,
		result ? ""
		       : "<error type='cancel'><service-unavailable "
			 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
	if (t->close_in_done) {
		say_c(&t->s, iq);
		wait_until(&t->s, !t->link);
	} else {
		say_and_wait(&t->s, iq);
	}
}

/* Answers the questions about x.test that come with the first delivery. */
static inline void calibrate(struct fixture *t, const char *server, bool pings_anyone)
{
	char id[64], text[512], nobody[64] = "";
	char *at;

	last_iq_id(t, " to='x.test'", id);
	snprintf(text, sizeof(text),
		"<iq type='result' from='x.test' to='sue@sip.test' id='%s'><query "
		"xmlns='jabber:iq:version'><name>%s</name></query></iq>",
		id, server);
	at = strstr(t->s.got.p, " to='x.test'");
	at = strstr(at + 1, " to='");
	sscanf(at, " to='%63[^']' id='%63[^']", nobody, id);
	size_t n = strlen(text);

	snprintf(text + n, sizeof(text) - n, "<iq type='%s' from='%s' to='sue@sip.test' id='%s'/>",
		pings_anyone ? "result" : "error", nobody, id);
	char *kept = strndup(t->s.got.p, t->s.got.n);

	say_and_wait(&t->s, text);
	buf_clear(&t->s.got);
	buf_add(&t->s.got, str_c(kept));
	free(kept);
}

#endif

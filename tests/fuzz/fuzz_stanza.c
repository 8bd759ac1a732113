/* SPDX-License-Identifier: MIT */
/* Any bytes as what an XMPP server sends: read in pieces, made into values, answered, printed again; what we print
 * must be readable, with the same text in it. The first byte chooses the size of the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "xmppside/feature/features.h"
#include "xmppside/syntax/namespaces.h"
#include "xmppside/syntax/stanza_parse.h"
#include "xmppside/syntax/stanza_print.h"
#include "xmppside/syntax/stanza_reader.h"

#define HEADER "<stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAM "'>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena turn;
static struct xmppside_features features;
static struct str wanted_body; /* of the message that is read again */
static unsigned read_again;

static void must(bool good)
{
	if (!good)
		abort();
}

static void zero_random(void *impure, void *out, size_t n)
{
	(void)impure;
	memset(out, 0, n);
}

static const struct env env = { .turn = &turn, .random = zero_random };

static void on_header(void *arg, const struct xmppside_element *header)
{
	(void)arg;
	(void)header;
}

static void on_end(void *arg)
{
	(void)arg;
}

static void on_own_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	struct x_message m;

	(void)arg;
	must(whole);
	read_again++;
	if (!str_eq(e->name, STR("message")) || !wanted_body.p)
		return;
	must(xmppside_parse_message(&turn, e, &m));
	must(str_eq(m.body, wanted_body));
}

/* What we have written, as the server would read it. */
static void read_own(struct buf *out)
{
	static const struct xmppside_reader_events events = { on_header, on_own_stanza, on_end };
	struct xmppside_reader *r = xmppside_reader_create(&env, &events, NULL);

	read_again = 0;
	must(xmppside_reader_feed(r, STR(HEADER)).n == 0);
	must(xmppside_reader_feed(r, buf_str(out)).n == 0);
	must(read_again == 1);
	xmppside_reader_destroy(r);
	buf_clear(out);
}

static void on_message(struct buf *out, const struct xmppside_element *e)
{
	static const struct x_error error = { .why = REASON_INTERNAL, .condition = STR_INIT("gone") };
	struct x_message m;

	if (!xmppside_parse_message(&turn, e, &m))
		return;
	wanted_body = m.has_body ? arena_str(&turn, m.body) : STR_NONE;
	xmppside_print_message(&turn, out, &m);
	read_own(out);
	wanted_body = STR_NONE;
	xmppside_print_bounce(out, &m, &error);
	read_own(out);
}

static void on_stanza(void *arg, struct xmppside_element *e, bool whole)
{
	struct buf out = { 0 };
	struct x_presence p;
	struct x_jid jid;

	(void)arg;
	(void)whole;
	if (str_eq(e->name, STR("message"))) {
		on_message(&out, e);
	} else if (str_eq(e->name, STR("presence")) && xmppside_parse_presence(&turn, e, &p)) {
		xmppside_print_presence(&turn, &out, &p, features.caps);
		read_own(&out);
	} else if (str_eq(e->name, STR("iq")) && xmppside_jid_split(xmppside_attr(e, STR("from")), &jid) &&
		   xmppside_jid_split(xmppside_attr(e, STR("to")), &jid)) {
		xmppside_features_answer(&features, e, &out);
		read_own(&out);
	}
	buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xmppside_reader_events events = { on_header, on_stanza, on_end };
	struct str fault = STR_NONE;

	if (!features.ctx)
		xmppside_features_init(&features);
	if (size == 0)
		return 0;
	struct xmppside_reader *r = xmppside_reader_create(&env, &events, NULL);
	struct str rest = { (const char *)data + 1, size - 1 };
	size_t piece = data[0] ? data[0] : size;

	xmppside_reader_feed(r, STR(HEADER));
	while (rest.n && !fault.n) {
		fault = xmppside_reader_feed(r, str_cut(rest, 0, piece));
		rest = str_cut(rest, piece, rest.n);
	}
	xmppside_reader_destroy(r);
	arena_reset(&turn);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The torture messages of RFC 4475 through real sockets, transport, transactions and uas: zero or one answer each. */
#include "sipside/uas/uas.h"
#include "tests/lib/uv_env.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct world {
	struct uv_env uv;
	struct sipside_net *net;
	struct sipside_transactions *transactions;
	struct sipside_uas *uas;
	uint16_t udp, tcp;
	struct buf answers; /* all bytes that came back */
	unsigned turns_with_bytes;
};

static bool allowed(void *arg, const struct sipside_target *from, const struct sipside_msg *m)
{
	(void)arg;
	(void)from;
	(void)m;
	return true;
}

static bool serves(void *arg, struct str host)
{
	(void)arg;
	(void)host;
	return true;
}

static bool in_service(void *arg)
{
	(void)arg;
	return true;
}

static bool inside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	(void)arg;
	(void)t;
	/* wsinv carries a To tag; a dialog is found for it */
	if (m->to.tag.n)
		sipside_server_reply(t, &(struct sipside_reply){ .status = 480 });
	return m->to.tag.n > 0;
}

static void outside(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	(void)arg;
	(void)m;
	sipside_server_reply(t, &(struct sipside_reply){ .status = 480 });
}

static void acknowledged(void *arg, const struct sipside_msg *m)
{
	(void)arg;
	(void)m;
}

static void request(void *arg, struct sipside_server *t, const struct sipside_msg *m)
{
	sipside_uas_request(((struct world *)arg)->uas, t, m);
}

static uint16_t open_port(struct world *w, enum sipside_transport kind)
{
	struct sipside_address at = { kind, STR("127.0.0.1"), 0 };
	unsigned listener;
	struct str error;

	assert_int_equal(sipside_transport_listen(w->net, &at, &listener, &error), REASON_NONE);
	assert_true(sipside_transport_bound(w->net, listener, &at));
	return at.port;
}

static void received(void *arg, const struct sipside_target *from, struct str bytes)
{
	sipside_transactions_received(((struct world *)arg)->transactions, from, bytes);
}

static void world_init(struct world *w)
{
	static const struct sipside_uas_handlers up = { .peer_allowed = allowed,
		.serves = serves,
		.in_service = in_service,
		.inside = inside,
		.outside = outside };
	static const struct sipside_transport_handlers in = { .received = received };
	static const struct sipside_transaction_handlers middle = { .request = request, .ack = acknowledged };
	struct sipside_transaction_config config = { .node = STR("br1.example.net") };
	struct sipside_uas_config door = { .node = STR("br1.example.net") };

	memset(w, 0, sizeof(*w));
	uv_env_init(&w->uv);
	w->net = sipside_transport_create(&w->uv.fake.env, NULL, &in, w);
	w->transactions = sipside_transactions_create(&w->uv.fake.env, w->net, &config, &middle, w);
	w->uas = sipside_uas_create(&w->uv.fake.env, &door, &up, w);
	w->udp = open_port(w, SIPSIDE_UDP);
	w->tcp = open_port(w, SIPSIDE_TCP);
}

static void world_finish(struct world *w)
{
	sipside_uas_destroy(w->uas);
	sipside_transactions_destroy(w->transactions);
	sipside_transport_destroy(w->net);
	uv_env_finish(&w->uv);
	buf_finish(&w->answers);
}

/* Sends, turns until nothing moves any more, gathers what came back. */
static void exchange(struct world *w, int fd, struct str bytes, size_t piece)
{
	buf_clear(&w->answers);
	for (size_t at = 0; at < bytes.n; at += piece) {
		size_t n = bytes.n - at < piece ? bytes.n - at : piece;

		if (send(fd, bytes.p + at, n, MSG_NOSIGNAL) < 0)
			break; /* closed already: that is an answer too */
		uv_env_turn(&w->uv);
	}
	for (unsigned quiet = 0; quiet < 20; quiet++) {
		uv_env_turn(&w->uv);
		ssize_t n = recv(fd, buf_room(&w->answers, 65536), 65536, 0);

		if (n <= 0)
			continue;
		w->answers.n += (size_t)n;
		quiet = 0;
	}
}

/* The statuses of all answers, with a space between. */
static void statuses(struct str bytes, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	while (bytes.n > 12) {
		if (str_starts(bytes, STR("SIP/2.0 ")))
			n += (size_t)snprintf(out + n, room - n, "%s%.3s", n ? " " : "", bytes.p + 8);
		size_t line = str_find(bytes, '\n');

		bytes = str_cut(bytes, line + 1, bytes.n);
	}
	if (!n)
		snprintf(out, room, "none");
}

static bool one_of(struct str expected, const char *got)
{
	while (expected.n)
		if (str_eq(str_next(&expected, '/'), str_c(got)))
			return true;
	return false;
}

static void check_row(struct world *w, const struct vector *row, struct str bytes, size_t piece)
{
	bool udp = str_eq(row->fields[1], STR("udp"));
	int fd = uv_env_connect(udp ? SOCK_DGRAM : SOCK_STREAM, udp ? w->udp : w->tcp);
	char got[64];

	exchange(w, fd, bytes, udp ? bytes.n : piece);
	statuses(buf_str(&w->answers), got, sizeof(got));
	if (!one_of(row->fields[2], got))
		fail_msg("%.*s over %.*s: %s instead of %.*s", STR_ARG(row->fields[0]), STR_ARG(row->fields[1]), got,
			STR_ARG(row->fields[2]));
	close(fd);
	/* every message comes as if it were the first: what lingers from the other transport is over */
	fake_env_advance(&w->uv.fake, 40000);
	assert_int_equal(sipside_transactions_servers(w->transactions), 0);
}

static void all_rows(size_t piece)
{
	struct vectors v;
	struct world w;

	vectors_read(&v, "torture.tsv");
	world_init(&w);
	for (unsigned i = 0; i < v.count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/rfc4475/%.*s.dat", SHARED_TESTDATA, STR_ARG(v.rows[i].fields[0]));
		struct str bytes = file_bytes(path);

		if (!bytes.p) {
			printf("skipped: %s is not here\n", path);
			break;
		}
		check_row(&w, &v.rows[i], bytes, piece);
		free((char *)bytes.p);
	}
	world_finish(&w);
	vectors_finish(&v);
}

static void torture_messages_get_their_verdict(void **state)
{
	(void)state;
	all_rows(65536);
}

static void also_byte_by_byte(void **state)
{
	(void)state;
	all_rows(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_messages_get_their_verdict),
		cmocka_unit_test(also_byte_by_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

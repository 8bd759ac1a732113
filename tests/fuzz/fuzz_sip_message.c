/* SPDX-License-Identifier: MIT */
/* Any bytes through scanner, parser, every accessor and the writer of answers, as one datagram would go. */
#include <stdlib.h>
#include <string.h>
#include "sipside/syntax/header_values.h"
#include "sipside/syntax/writer.h"
#include "sipside/transport/framer.h"

static struct wheel wheel;
static struct arena turn;
static struct env_flush *flushes;

static uint64_t no_time(void *impure)
{
	(void)impure;
	return 1000;
}

static int64_t no_date(void *impure)
{
	(void)impure;
	return 0;
}

static void no_chance(void *impure, void *out, size_t n)
{
	(void)impure;
	memset(out, 7, n);
}

static void no_event(void *impure, const struct event *e)
{
	(void)impure;
	(void)e;
}

static bool no_wish(void *impure, enum event_kind kind)
{
	(void)impure;
	(void)kind;
	return false;
}

static const struct env env = { .wheel = &wheel,
	.turn = &turn,
	.flushes = &flushes,
	.now_ms = no_time,
	.unix_ms = no_date,
	.random = no_chance,
	.event = no_event,
	.wants = no_wish };

static void read_values(const struct sipside_msg *m)
{
	struct sipside_party party;
	struct sipside_event event;
	struct sipside_substate substate;
	struct str *routes, value;

	for (unsigned id = HDR_OTHER + 1; id < HDR_COUNT; id++) {
		struct sipside_walk at = { 0 };

		sipside_msg_text(m, (enum sipside_header)id);
		sipside_msg_has(m, (enum sipside_header)id, STR("x"));
		while (sipside_msg_each(m, (enum sipside_header)id, &at, &value))
			sipside_msg_party(m, value, &party);
	}
	sipside_msg_contact(m, &party);
	sipside_msg_event(m, &event);
	sipside_msg_substate(m, &substate);
	sipside_msg_routes(m, HDR_RECORD_ROUTE, &routes);
	sipside_msg_expires(m);
	sipside_msg_min_expires(m);
	sipside_msg_retry_after(m);
	sipside_msg_date(m);
	sipside_msg_body(m);
	sipside_msg_key(m);
	sipside_msg_named(m, STR("Ms-Conversation-ID"));
}

/* The answer to what could be read must itself be readable. */
static void answer(const struct sipside_msg *m, int status)
{
	struct buf head_bytes = { 0 }, out = { 0 };
	struct reply_head head = write_reply_head(&head_bytes, m, STR("192.0.2.1"), 5060);
	struct sipside_msg back;
	const char *why;

	write_reply(&out, &head, STR("ours"), &(struct sipside_reply){ .status = status ? status : 200 });
	int read = sipside_msg_parse(&env, buf_str(&out), &back, &why);

	if (status == 0 && read != 0 && out.n <= SCAN_MAX_BYTES && back.scan.count < SCAN_MAX_LINES &&
		!back.scan.too_large)
		abort();
	sipside_msg_finish(&back);
	buf_finish(&out);
	buf_finish(&head_bytes);
}

static void through_the_framer(const uint8_t *data, size_t size)
{
	struct framer f = { 0 };
	struct str message;

	for (size_t at = 0; at < size; at += 7) {
		size_t n = size - at < 7 ? size - at : 7;
		enum framed what;

		memcpy(framer_room(&f, n), data + at, n);
		framer_added(&f, n);
		while ((what = framer_next(&f, SCAN_MAX_BYTES, &message)) == FRAMED_MESSAGE || what == FRAMED_PING)
			;
		framer_settle(&f);
		if (what != FRAMED_MORE)
			break;
	}
	framer_finish(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sipside_msg m;
	const char *why;
	int status = sipside_msg_parse(&env, (struct str){ (const char *)data, size }, &m, &why);

	if (status == 0)
		read_values(&m);
	if (status >= 0 && m.is_request)
		answer(&m, status);
	sipside_msg_finish(&m);
	through_the_framer(data, size);
	arena_reset(&turn);
	return 0;
}

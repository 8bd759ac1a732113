/* SPDX-License-Identifier: MIT */
/* message/cpim and what RFC 5438 puts into it. */
#include "mapping/cpim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void a_wrapper_is_opened(void **state)
{
	struct arena a = { 0 };
	struct map_cpim c;
	struct str bytes = STR("From: Ann <im:ann@a.example>\r\nTo: <im:bob@b.example>\r\n"
			       "DateTime: 2026-02-11T10:00:00+01:00\r\nSubject:;lang=fr Caf\\u00e9 \\\"noir\\\"\r\n"
			       "Subject: the second\r\nd.Message-ID: 34jk324j\r\n"
			       "d.Disposition-Notification: positive-delivery, display\r\n"
			       "NS: d <urn:ietf:params:imdn>\r\nNS: x <urn:x-other>\r\nx.Message-ID: no\r\n\r\n"
			       "Content-Type: text/plain; charset=utf-8\r\nContent-ID: <1@a>\r\n\r\nHello\r\n\r\nBob");

	(void)state;
	assert_int_equal(map_cpim_read(&a, bytes, &c), REASON_NONE);
	assert_true(str_eq(c.subject, STR("Caf\xc3\xa9 \"noir\"")) && str_eq(c.subject_lang, STR("fr")));
	assert_int_equal(c.stamp_ms, 1770800400000);
	assert_true(str_eq(c.wish.id, STR("34jk324j")));
	assert_true(c.wish.delivery && c.wish.display && !c.wish.failure);
	assert_true(str_eq(c.inner.type, STR("text/plain; charset=utf-8")));
	assert_true(str_eq(c.inner.bytes, STR("Hello\r\n\r\nBob")));
	arena_finish(&a);
}

static void odd_wrappers(void **state)
{
	static const struct {
		struct str bytes;
		enum reason why;
	} rows[] = {
		{ STR_INIT(""), REASON_BAD_CONTENT },
		{ STR_INIT("From: <im:a@b>\r\n"), REASON_BAD_CONTENT },
		{ STR_INIT("From: <im:a@b>\r\n\r\n"), REASON_BAD_CONTENT },
		{ STR_INIT("From: <im:a@b>\n\nContent-Type: text/plain\n\nx"), REASON_NONE },
		{ STR_INIT("Content-Type: Message/CPIM\r\n\r\nFrom: <im:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nx"),
			REASON_NONE },
		{ STR_INIT("From: <im:a@b>\r\nRequire: Subject, From\r\n\r\n\r\nx"), REASON_NONE },
		{ STR_INIT("From: <im:a@b>\r\nNS: i <urn:ietf:params:imdn>\r\nRequire: i.Message-ID\r\n\r\n\r\nx"),
			REASON_NONE },
		{ STR_INIT("From: <im:a@b>\r\nNS: f <mid:f@x>\r\nRequire: f.Vital\r\n\r\n\r\nx"), REASON_BAD_CONTENT },
		{ STR_INIT("From: <im:a@b>\r\n\r\nContent-Transfer-Encoding: odd\r\n\r\nx"), REASON_BAD_CONTENT },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct map_cpim c;
		enum reason why = map_cpim_read(&a, rows[i].bytes, &c);

		if (why != rows[i].why || (!why && !str_eq(c.inner.bytes, STR("x"))))
			fail_msg("row %zu: %d \"" STR_FMT "\"", i, why, STR_ARG(c.inner.bytes));
	}
	arena_finish(&a);
}

/* An id that could break a header of ours, or is too long, is not answered. */
static void an_id_that_cannot_be_written_is_no_wish(void **state)
{
	struct arena a = { 0 };
	struct map_cpim c;
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(
		map_cpim_read(&a, STR("NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: a b\r\n\r\n\r\nx"), &c),
		REASON_NONE);
	assert_int_equal(c.wish.id.n, 0);
	buf_lit(&b, "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: ");
	for (unsigned i = 0; i <= MAP_IMDN_ID_BYTES; i++)
		buf_addc(&b, 'a');
	buf_lit(&b, "\r\n\r\n\r\nx");
	assert_int_equal(map_cpim_read(&a, buf_str(&b), &c), REASON_NONE);
	assert_int_equal(c.wish.id.n, 0);
	buf_finish(&b);
	arena_finish(&a);
}

static void what_is_written_can_be_read(void **state)
{
	const struct s_uri ann = { STR("ann"), STR("a.example"), STR_NONE },
			   bob = { STR("bob"), STR("b.example"), STR_NONE };
	const struct s_body inner = { .type = STR("text/plain; charset=UTF-8"), .bytes = STR("Lunch?\r\n\r\nNow") };
	const struct map_cpim_order order = { .from = &ann,
		.to = &bob,
		.unix_ms = 1770800400000,
		.wish = { .id = STR("id-1"), .delivery = true, .failure = true, .display = true } };
	struct arena a = { 0 };
	struct map_cpim c;
	struct s_body body;

	(void)state;
	body = map_cpim_write(&a, &order, &inner);
	assert_true(str_eq(body.type, STR("message/cpim")));
	assert_int_equal(map_cpim_read(&a, body.bytes, &c), REASON_NONE);
	assert_int_equal(c.stamp_ms, order.unix_ms);
	assert_true(str_eq(c.wish.id, STR("id-1")) && c.wish.delivery && c.wish.failure && c.wish.display);
	assert_true(str_eq(c.inner.type, inner.type) && str_eq(c.inner.bytes, inner.bytes));
	arena_finish(&a);
}

#define IMDN(inside)                                                                                                   \
	"<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id> m1 </message-id>"                                      \
	"<datetime>2026-02-11T10:00:00Z</datetime>" inside "</imdn>"

static void reports_are_read(void **state)
{
	static const struct {
		struct str bytes;
		enum map_imdn_status status;
	} rows[] = {
		{ STR_INIT(IMDN("<delivery-notification><status><delivered/></status></delivery-notification>")),
			MAP_IMDN_DELIVERED },
		{ STR_INIT(IMDN("<delivery-notification><status><failed/></status></delivery-notification>")),
			MAP_IMDN_FAILED },
		{ STR_INIT(IMDN("<delivery-notification><status><forbidden/></status></delivery-notification>")),
			MAP_IMDN_FORBIDDEN },
		{ STR_INIT(IMDN("<delivery-notification><status><error/></status></delivery-notification>")),
			MAP_IMDN_ERROR },
		{ STR_INIT(IMDN("<display-notification><status><displayed/></status></display-notification>")),
			MAP_IMDN_DISPLAYED },
		{ STR_INIT(IMDN("<display-notification><status><forbidden/></status></display-notification>")),
			MAP_IMDN_FORBIDDEN },
		{ STR_INIT(IMDN("<processing-notification><status><stored/></status></processing-notification>")),
			MAP_IMDN_NONE },
		{ STR_INIT(IMDN("")), MAP_IMDN_NONE },
		{ STR_INIT("<imdn/>"), MAP_IMDN_NONE },
		{ STR_INIT("no xml"), MAP_IMDN_NONE },
	};
	struct arena a = { 0 };
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct map_imdn imdn;

		map_imdn_read(&a, rows[i].bytes, &imdn);
		assert_int_equal(imdn.status, rows[i].status);
		if (imdn.status != MAP_IMDN_NONE)
			assert_true(str_eq(imdn.id, STR("m1")));
		seen |= 1u << imdn.status;
	}
	assert_int_equal(seen, (1u << MAP_IMDN_STATUSES) - 1);
	arena_finish(&a);
}

static void reports_are_written(void **state)
{
	static const enum map_imdn_status statuses[] = { MAP_IMDN_DELIVERED, MAP_IMDN_DISPLAYED };
	const struct s_uri bob = { STR("b&b"), STR("b.example"), STR_NONE };
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct map_imdn out = { .id = STR("<m1>"), .status = statuses[i] }, in;

		map_imdn_read(&a, map_imdn_write(&a, &out, &bob, 1770800400000), &in);
		assert_int_equal(in.status, statuses[i]);
		assert_true(str_eq(in.id, out.id));
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrapper_is_opened),
		cmocka_unit_test(odd_wrappers),
		cmocka_unit_test(an_id_that_cannot_be_written_is_no_wish),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(reports_are_read),
		cmocka_unit_test(reports_are_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "mapping/address.h"
#include "tests/lib/fake_env.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static bool same(struct str a, struct str b)
{
	if (!str_eq(a, b))
		print_error("\"" STR_FMT "\" is not \"" STR_FMT "\"\n", STR_ARG(a), STR_ARG(b));
	return str_eq(a, b);
}

static enum reason s2x(struct arena *a, struct str text, struct x_jid *out)
{
	struct s_uri uri;
	struct str domain;

	if (map_uri_parse(a, text, &uri) || map_domain_s2x(a, uri.host, &domain))
		return REASON_BAD_ADDRESS;
	return map_address_s2x(a, &uri, domain, out);
}

static enum reason x2s(struct arena *a, struct str text, struct s_uri *out)
{
	struct x_jid jid;

	if (map_jid_parse(a, text, &jid))
		return REASON_BAD_ADDRESS;
	return map_address_x2s(a, &jid, jid.domain, true, out);
}

static bool gives_jid(struct arena *a, struct str uri, struct str jid)
{
	struct x_jid made;

	return s2x(a, uri, &made) == REASON_NONE && same(map_jid_print(a, &made), jid);
}

static bool gives_uri(struct arena *a, struct str jid, struct str uri)
{
	struct s_uri made;

	return x2s(a, jid, &made) == REASON_NONE && same(map_uri_print(a, &made), uri);
}

static bool row_holds(struct arena *a, const struct vector *row)
{
	struct str uri = row->fields[1], jid = row->fields[2], way = row->fields[3];
	struct x_jid no_jid;
	struct s_uri no_uri;

	if (str_eq(way, STR("both")))
		return gives_jid(a, uri, jid) && gives_uri(a, jid, uri);
	if (str_eq(way, STR("s2x")))
		return gives_jid(a, uri, jid);
	if (str_eq(way, STR("x2s")))
		return gives_uri(a, jid, uri);
	if (str_eq(way, STR("reject-s2x")))
		return s2x(a, uri, &no_jid) == REASON_BAD_ADDRESS;
	return str_eq(way, STR("reject-x2s")) && x2s(a, jid, &no_uri) == REASON_BAD_ADDRESS;
}

static void every_row_of_the_vectors_holds(void **state)
{
	(void)state;
	struct vectors v;
	struct arena a = { 0 };
	unsigned broken = 0;

	vectors_read(&v, "addresses.tsv");
	for (unsigned i = 0; i < v.count; i++) {
		if (!row_holds(&a, &v.rows[i])) {
			print_error("addresses.tsv:%u: " STR_FMT "\n", v.rows[i].line, STR_ARG(v.rows[i].fields[0]));
			broken++;
		}
		arena_reset(&a);
	}
	assert_int_equal(broken, 0);
	vectors_finish(&v);
	arena_finish(&a);
}

/* -- Properties */

static struct str random_text(struct fake_env *f, struct arena *a, const char *const *alphabet, unsigned letters)
{
	struct buf b = { 0 };
	uint64_t n = 1 + env_random_u64(&f->env) % 24;

	while (n--)
		buf_add(&b, str_c(alphabet[env_random_u64(&f->env) % letters]));
	struct str text = arena_str(a, buf_str(&b));

	buf_finish(&b);
	return text;
}

/* Every character of ASCII a node may hold, all escapes, pieces of escapes, and folded Unicode. */
static const char *const jid_letters[] = { "a", "b", "2", "7", "f", "5", "c", "0", "\\", "\\20", "\\22", "\\26", "\\27",
	"\\2f", "\\3a", "\\3c", "\\3e", "\\40", "\\5c", "\\5c27", "#", "%", "[", "]", "^", "`", "{", "|", "}", "!", "$",
	"(", "*", "+", ";", "=", "?", "_", "~", ".", "\xc3\xbc", "\xe5\xa4\xaa", "\xf0\x9d\x84\x9e" };
static const char *const user_letters[] = { "a", "b", "2", "7", "f", "5", "c", "0", "\\", " ", "\"", "&", "'", "/", ":",
	"<", ">", "@", "%", "#", "[", "]", "^", "`", "{", "|", "}", ";", "=", "?", "+", "\xc3\xbc", "\xe5\xa4\xaa" };
#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

static void jid_to_sip_and_back_is_the_identity(void **state)
{
	(void)state;
	struct fake_env f;
	unsigned crossed = 0;

	fake_env_init(&f);
	for (unsigned i = 0; i < 50000; i++) {
		struct arena *a = &f.turn;

		arena_reset(a);
		struct x_jid jid, back;
		struct s_uri uri, read;
		struct str node = random_text(&f, a, jid_letters, COUNT(jid_letters));

		if (map_jid_parse(a, arena_printf(a, STR_FMT "@d/r", STR_ARG(node)), &jid) ||
			map_address_x2s(a, &jid, STR("h"), true, &uri))
			continue;
		assert_int_equal(map_uri_parse(a, map_uri_print(a, &uri), &read), REASON_NONE);
		assert_int_equal(map_address_s2x(a, &read, STR("d"), &back), REASON_NONE);
		assert_true(same(map_jid_print(a, &jid), map_jid_print(a, &back)) && map_jid_equal(&jid, &back));
		crossed++;
	}
	assert_true(crossed > 25000); /* the rest are refused: spaces at an end, needless \5c */
	fake_env_finish(&f);
}

static void sip_to_jid_and_back_is_the_same_uri(void **state)
{
	(void)state;
	struct fake_env f;
	unsigned crossed = 0;

	fake_env_init(&f);
	for (unsigned i = 0; i < 50000; i++) {
		struct arena *a = &f.turn;

		arena_reset(a);
		struct s_uri uri = { .user = random_text(&f, a, user_letters, COUNT(user_letters)), .host = STR("h") };
		struct s_uri read, back;
		struct x_jid jid;

		assert_int_equal(map_uri_parse(a, map_uri_print(a, &uri), &read), REASON_NONE);
		assert_true(same(read.user, uri.user));
		if (map_address_s2x(a, &uri, STR("d"), &jid))
			continue;
		assert_int_equal(map_address_x2s(a, &jid, STR("h"), true, &back), REASON_NONE);
		assert_true(same(back.user, uri.user));
		crossed++;
	}
	assert_true(crossed > 40000);
	fake_env_finish(&f);
}

static void spellings_of_one_user_have_one_key(void **state)
{
	(void)state;
	static const char *const same_user[] = { "sip:bob@d", "sip:%62ob@D", "SIP:BOB@d;gr=1", "pres:Bob@D:5060",
		"bob@d" };
	static const char *const others[] = { "sip:bob@e", "sip:bob2@d", "sip:d", "sip:b%20ob@d", "sip:%20bob@d",
		"sip:%2520bob@d", "sip:%5C20bob@d" };
	struct arena a = { 0 };
	struct str keys[COUNT(others)], key = { 0 };
	struct s_uri uri;

	for (unsigned i = 0; i < COUNT(same_user); i++) {
		assert_int_equal(map_uri_parse(&a, str_c(same_user[i]), &uri), REASON_NONE);
		struct str made = map_uri_key(&a, &uri);

		assert_true(i == 0 || same(made, key));
		key = made;
	}
	for (unsigned i = 0; i < COUNT(others); i++) {
		assert_int_equal(map_uri_parse(&a, str_c(others[i]), &uri), REASON_NONE);
		keys[i] = map_uri_key(&a, &uri);
		assert_false(str_eq(keys[i], key));
		for (unsigned j = 0; j < i; j++)
			assert_false(str_eq(keys[i], keys[j]));
	}
	arena_finish(&a);
}

/* -- Limits */

static struct str repeated(struct arena *a, char c, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memset(p, c, n);
	return (struct str){ p, n };
}

static void parts_hold_1023_bytes_and_no_more(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_jid jid;
	struct s_uri uri = { .host = STR("d") };

	for (size_t n = 1023; n <= 1024; n++) {
		enum reason wanted = n == 1023 ? REASON_NONE : REASON_BAD_ADDRESS;
		struct str part = repeated(&a, 'a', n);

		assert_int_equal(map_jid_parse(&a, arena_printf(&a, STR_FMT "@d", STR_ARG(part)), &jid), wanted);
		assert_int_equal(map_jid_parse(&a, arena_printf(&a, "a@d/" STR_FMT, STR_ARG(part)), &jid), wanted);
		assert_int_equal(map_jid_parse(&a, arena_printf(&a, "a@" STR_FMT, STR_ARG(part)), &jid), wanted);
		assert_int_equal(map_uri_parse(&a, arena_printf(&a, "sip:" STR_FMT "@d", STR_ARG(part)), &uri), wanted);
		uri.user = part;
		assert_int_equal(map_address_s2x(&a, &uri, STR("d"), &jid), wanted);
	}
	/* escaping makes it too long; so does Unicode's folding (U+FDFA becomes 18 characters) */
	uri.user = repeated(&a, '/', 400);
	assert_int_equal(map_address_s2x(&a, &uri, STR("d"), &jid), REASON_BAD_ADDRESS);
	struct buf b = { 0 };

	for (unsigned i = 0; i < 341; i++)
		buf_lit(&b, "\xef\xb7\xba");
	uri.user = buf_str(&b);
	assert_int_equal(map_address_s2x(&a, &uri, STR("d"), &jid), REASON_BAD_ADDRESS);
	buf_finish(&b);
	assert_int_equal(
		map_uri_parse(&a, arena_printf(&a, "sip:" STR_FMT "@d", STR_ARG(repeated(&a, 'a', 3000))), &uri),
		REASON_BAD_ADDRESS);
	assert_int_equal(map_uri_parse(&a, repeated(&a, '@', 65536), &uri), REASON_BAD_ADDRESS);
	arena_finish(&a);
}

/* What is handed out lives in the arena: the text it was read from may go. */
static void nothing_borrows_from_the_text(void **state)
{
	(void)state;
	struct arena a = { 0 };
	char jid_text[] = "ann@d.example/r", uri_text[] = "sip:bob@d.example;gr=r", domain[] = "d.example";
	struct x_jid jid, mapped;
	struct s_uri uri, made;

	assert_int_equal(map_jid_parse(&a, str_c(jid_text), &jid), REASON_NONE);
	assert_int_equal(map_uri_parse(&a, str_c(uri_text), &uri), REASON_NONE);
	assert_int_equal(map_address_s2x(&a, &uri, str_c(domain), &mapped), REASON_NONE);
	assert_int_equal(map_address_x2s(&a, &jid, str_c(domain), true, &made), REASON_NONE);
	memset(jid_text, 'x', sizeof(jid_text));
	memset(uri_text, 'x', sizeof(uri_text));
	memset(domain, 'x', sizeof(domain));
	assert_true(same(map_jid_print(&a, &jid), STR("ann@d.example/r")));
	assert_true(same(map_uri_print(&a, &uri), STR("sip:bob@d.example;gr=r")));
	assert_true(same(map_jid_print(&a, &mapped), STR("bob@d.example/r")));
	assert_true(same(map_uri_print(&a, &made), STR("sip:ann@d.example;gr=r")));
	arena_finish(&a);
}

static void failure_leaves_the_result_alone(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct x_jid jid = { .node = STR("kept") };
	struct s_uri uri = { .user = STR("kept") };

	assert_int_equal(map_jid_parse(&a, STR("a@b@c"), &jid), REASON_BAD_ADDRESS);
	assert_int_equal(map_uri_parse(&a, STR("sip:a%00@c"), &uri), REASON_BAD_ADDRESS);
	assert_true(str_eq(jid.node, STR("kept")) && str_eq(uri.user, STR("kept")));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_vectors_holds),
		cmocka_unit_test(jid_to_sip_and_back_is_the_identity),
		cmocka_unit_test(sip_to_jid_and_back_is_the_same_uri),
		cmocka_unit_test(spellings_of_one_user_have_one_key),
		cmocka_unit_test(parts_hold_1023_bytes_and_no_more),
		cmocka_unit_test(nothing_borrows_from_the_text),
		cmocka_unit_test(failure_leaves_the_result_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

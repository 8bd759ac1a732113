/* SPDX-License-Identifier: MIT */
#include "mapping/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

static void a_document_is_a_tree(void **state)
{
	(void)state;
	struct arena a = { 0 };
	const struct map_element *root =
		map_document_read(&a, STR("<p:a xmlns:p=\"urn:p\" x=\"1 &amp; 2\" xml:lang=\"de\">one<b/>two<c "
					  "p:y='&lt;'><d>in</d></c> &#8364;<b/></p:a>"));

	assert_non_null(root);
	assert_true(str_eq(root->name, STR("a")) && str_eq(root->space, STR("urn:p")));
	assert_true(str_eq(map_document_attribute(root, STR("x")), STR("1 & 2")));
	assert_true(str_eq(map_document_attribute(root, STR("lang")), STR("de")));
	assert_true(map_document_attribute(root, STR("z")).n == 0);
	assert_true(str_eq(root->text, STR("onetwo \xe2\x82\xac")));
	const struct map_element *c = map_document_child(root, STR("c"));

	assert_true(str_eq(c->attributes->space, STR("urn:p")) && str_eq(c->attributes->value, STR("<")));
	assert_true(str_eq(map_document_child(c, STR("d"))->text, STR("in")));
	assert_non_null(map_document_next(c, STR("b")));
	assert_null(map_document_next(c, STR("c")));
	assert_null(map_document_child(NULL, STR("b")));
	struct buf order = { 0 };

	for (const struct map_element *e = root; e; e = map_document_walk(root, e))
		buf_add(&order, e->name);
	assert_true(str_eq(buf_str(&order), STR("abcdb")));
	buf_clear(&order);
	for (const struct map_element *e = c; e; e = map_document_walk(c, e))
		buf_add(&order, e->name);
	assert_true(str_eq(buf_str(&order), STR("cd")));
	buf_finish(&order);
	arena_finish(&a);
}

static const struct map_element *nested(struct arena *a, unsigned depth)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < depth; i++)
		buf_lit(&b, "<a>");
	for (unsigned i = 0; i < depth; i++)
		buf_lit(&b, "</a>");
	const struct map_element *root = map_document_read(a, buf_str(&b));

	buf_finish(&b);
	return root;
}

/* prefix, `count` times a piece around a number of five digits, suffix */
static const struct map_element *repeated(
	struct arena *a, const char *prefix, const char *before, const char *after, unsigned count, const char *suffix)
{
	struct buf b = { 0 };

	buf_add(&b, str_c(prefix));
	for (unsigned i = 0; i < count; i++)
		buf_printf(&b, "%s%05u%s", before, i, after);
	buf_add(&b, str_c(suffix));
	const struct map_element *root = map_document_read(a, buf_str(&b));

	buf_finish(&b);
	return root;
}

static void caps_hold_to_the_last_one(void **state)
{
	(void)state;
	struct arena a = { 0 };

	assert_non_null(nested(&a, MAP_DOCUMENT_DEPTH));
	assert_null(nested(&a, MAP_DOCUMENT_DEPTH + 1));
	assert_null(nested(&a, 9000));
	assert_non_null(repeated(&a, "<a>", "<b n='", "'/>", MAP_DOCUMENT_ELEMENTS - 1, "</a>"));
	assert_null(repeated(&a, "<a>", "<b n='", "'/>", MAP_DOCUMENT_ELEMENTS, "</a>"));
	assert_non_null(repeated(&a, "<a", " a", "='x'", MAP_DOCUMENT_ATTRIBUTES, "/>"));
	assert_null(repeated(&a, "<a", " a", "='x'", MAP_DOCUMENT_ATTRIBUTES + 1, "/>"));
	assert_non_null(repeated(&a, "<a>", "abc", "", (MAP_DOCUMENT_BYTES - 16) / 8, "</a>"));
	assert_null(repeated(&a, "<a>", "abc", "", MAP_DOCUMENT_BYTES / 8, "</a>"));
	assert_non_null(repeated(&a, "<a xmlns='", "", "", 50, "'/>"));
	assert_null(repeated(&a, "<a xmlns='", "", "", 52, "'/>"));
	assert_null(repeated(&a, "<a", "", "", 100, "/>"));
	assert_non_null(repeated(&a, "<a>", "=", "", MAP_DOCUMENT_EQUALS, "</a>"));
	assert_null(repeated(&a, "<a>", "=", "", MAP_DOCUMENT_EQUALS + 1, "</a>"));
	arena_finish(&a);
}

static void what_is_not_well_formed_or_has_a_doctype_is_refused(void **state)
{
	(void)state;
	static const struct str bad[] = {
		STR_INIT(""),
		STR_INIT("<a>"),
		STR_INIT("<a></b>"),
		STR_INIT("<a/><b/>"),
		STR_INIT("<p:a/>"),
		STR_INIT("<a x='1' x='2'/>"),
		STR_INIT("<a>&unknown;</a>"),
		STR_INIT("<a>\0</a>"),
		STR_INIT("<a>\x01</a>"),
		STR_INIT("<!DOCTYPE a><a/>"),
		STR_INIT("<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>"),
		STR_INIT("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"),
		STR_INIT("<?xml version='1.0' encoding='klingon'?><a>\xff</a>"),
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (map_document_read(&a, bad[i]))
			fail_msg("taken: " STR_FMT, STR_ARG(bad[i]));
	arena_finish(&a);
}

/* Text in many pieces, between many children, and names of the greatest length: linear all the same. */
static void hostile_documents_cost_linear_time(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct timespec before, after;

	buf_lit(&b, "<a>");
	for (unsigned i = 0; i < 1000; i++)
		buf_lit(&b, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n&lt;&lt;&lt;&lt;<b/>");
	buf_lit(&b, "</a>");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (unsigned i = 0; i < 20; i++) {
		const struct map_element *root = map_document_read(&a, buf_str(&b));

		assert_int_equal(root->text.n, 36 * 1000);
		arena_reset(&a);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(after.tv_sec - before.tv_sec <= 2);
	buf_finish(&b);
	arena_finish(&a);
}

static void escaping_is_undone_by_reading(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct str text = STR("<&>\"']]>\r\n\t\xe2\x82\xac\x01\xff");

	buf_lit(&b, "<a>");
	map_document_escape(&b, text);
	buf_lit(&b, "</a>");
	const struct map_element *root = map_document_read(&a, buf_str(&b));

	assert_true(str_eq(root->text, STR("<&>\"']]>\r\n\t\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd")));
	buf_finish(&b);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_a_tree),
		cmocka_unit_test(caps_hold_to_the_last_one),
		cmocka_unit_test(what_is_not_well_formed_or_has_a_doctype_is_refused),
		cmocka_unit_test(hostile_documents_cost_linear_time),
		cmocka_unit_test(escaping_is_undone_by_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

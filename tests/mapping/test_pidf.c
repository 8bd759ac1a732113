/* SPDX-License-Identifier: MIT */
#include "mapping/pidf.h"
#include "mapping/activity.h"
#include "mapping/presence.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NS " xmlns=\"urn:ietf:params:xml:ns:pidf\""
#define OPEN(inside) "<presence" NS " entity=\"sip:bob@d\"><tuple id=\"t\"><status><basic>open</basic>" inside
#define END "</tuple></presence>"

static struct s_presence read_good(struct arena *a, struct str bytes)
{
	struct s_presence p;

	if (map_pidf_read(a, bytes, &p))
		fail_msg("refused: " STR_FMT, STR_ARG(bytes));
	return p;
}

static void activities_are_found_wherever_they_stand(void **state)
{
	(void)state;
	static const struct str places[] = {
		STR_INIT(
			OPEN("<ep:activities xmlns:ep=\"x\"><ep:activity> busy </ep:activity></ep:activities></status>")
				END),
		STR_INIT(OPEN("<activities><busy/></activities></status>") END),
		STR_INIT(OPEN("</status><r:activities xmlns:r=\"r\"><r:busy/></r:activities>") END),
		STR_INIT(OPEN(
			"</status></tuple><person><activities><note>x</note><busy/></activities></person></presence>")),
		STR_INIT(OPEN("</status></tuple><d:person "
			      "xmlns:d=\"d\"><activities><BUSY/></activities></d:person></presence>")),
		STR_INIT(
			OPEN("</status></tuple><device id=\"d\"><activities><busy/></activities></device></presence>")),
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct s_presence p = read_good(&a, places[i]);

		assert_int_equal(p.count, 1);
		assert_true(p.tuples[0].open);
		assert_int_equal(p.tuples[0].activities, 1u << S_ACT_BUSY);
		assert_true(str_eq(p.entity.user, STR("bob")) && str_eq(p.tuples[0].id, STR("t")));
	}
	arena_finish(&a);
}

static void extensions_that_must_be_understood_take_their_element_away(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str doc =
		STR(OPEN("<activities><busy/><x p:mustUnderstand=\"1\" xmlns:p=\"urn:ietf:params:xml:ns:pidf\"/>"
			 "</activities></status>") END);

	assert_int_equal(read_good(&a, doc).tuples[0].activities, 0);
	doc = STR(OPEN("<activities><busy/><x/></activities></status>") END);
	assert_int_equal(read_good(&a, doc).tuples[0].activities, 1u << S_ACT_BUSY | 1u << S_ACT_OTHER);
	arena_finish(&a);
}

static void priorities_are_clamped(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int milli;
	} rows[] = { { "0.5555", 555 }, { "1.1", 1000 }, { "-1", -1 }, { "abc", -1 }, { "0.102", 102 }, { "1", 1000 },
		{ "1.000", 1000 }, { "0", 0 }, { "0.", 0 }, { "0.5", 500 }, { "", -1 }, { ".5", -1 }, { "0.5x", -1 },
		{ "99999999999999999999999", -1 } };
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str doc =
			arena_printf(&a, OPEN("</status><contact priority=\"%s\">sip:x</contact>") END, rows[i].text);

		assert_int_equal(read_good(&a, doc).tuples[0].priority_milli, rows[i].milli);
	}
	arena_finish(&a);
}

static void tuples_without_basic_speak_only_with_an_extension(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_presence p =
		read_good(&a, STR("<presence entity=\"bob@d\"><tuple id=\"a\"/><tuple id=\"b\"><status/></tuple>"
				  "<tuple id=\"c\"><status><show>away</show></status></tuple>"
				  "<tuple id=\"d\"><status><basic>CLOSED</basic></status></tuple></presence>"));

	assert_int_equal(p.count, 2);
	assert_true(p.tuples[0].open && p.tuples[0].show == X_SHOW_AWAY && !p.tuples[1].open);
	assert_true(str_eq(p.entity.user, STR("bob")));
	p = read_good(&a, STR("<presence entity=\"bob@d\"/>"));
	assert_int_equal(p.count, 0);
	arena_finish(&a);
}

static void notes_names_and_times_are_read(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_presence p = read_good(
		&a, STR(OPEN("</status><note xml:lang=\"de\"> Mittag\n&amp; &#8364; </note><note>second</note>"
			     "<timestamp>2026-02-11T10:00:00.25+01:00</timestamp></tuple><tuple "
			     "id=\"u\"><status><basic>open</basic>"
			     "</status></tuple><note xml:lang=\"en\">all</note><c:display-name xmlns:c=\"c\">Bob "
			     "B.</c:display-name>"
			     "</presence>")));

	assert_true(str_eq(p.tuples[0].note, STR("Mittag\n& \xe2\x82\xac")) && str_eq(p.tuples[0].lang, STR("de")));
	assert_true(p.tuples[0].stamp_ms == 1770800400250);
	assert_true(str_eq(p.tuples[1].note, STR("all")) && str_eq(p.tuples[1].lang, STR("en")));
	assert_true(str_eq(p.display_name, STR("Bob B.")));
	arena_finish(&a);
}

static void what_is_no_pidf_is_refused(void **state)
{
	(void)state;
	static const struct str bad[] = {
		STR_INIT(""),
		STR_INIT("presence"),
		STR_INIT("<presence entity=\"sip:a@b\">"),
		STR_INIT("<list entity=\"sip:a@b\"/>"),
		STR_INIT("<presence><presentity uri=\"sip:a@b\"/><atom/></presence>"),
		STR_INIT("<!DOCTYPE presence><presence entity=\"sip:a@b\"/>"),
		STR_INIT("<!DOCTYPE p [<!ENTITY a \"b\">]><presence entity=\"&a;\"/>"),
		STR_INIT("<presence entity=\"sip:a@b\">\xff</presence>"),
		STR_INIT("<presence entity=\"sip:a@b\"/><presence/>"),
	};
	struct arena a = { 0 };
	struct s_presence p = { .count = 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(map_pidf_read(&a, bad[i], &p), REASON_BAD_CONTENT);
	for (unsigned tuples = 64; tuples <= 65; tuples++) {
		struct buf b = { 0 };

		buf_lit(&b, "<presence entity=\"sip:a@b\">");
		for (unsigned i = 0; i < tuples; i++)
			buf_printf(&b, "<tuple id=\"t%u\"><status><basic>open</basic></status></tuple>", i);
		buf_lit(&b, "</presence>");
		assert_int_equal(map_pidf_read(&a, buf_str(&b), &p), tuples > 64 ? REASON_BAD_CONTENT : REASON_NONE);
		buf_finish(&b);
	}
	assert_int_equal(p.count, 64);
	arena_finish(&a);
}

/* Each activity alone, each show, notes that need escaping: what is written is read back. */
static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct arena a = { 0 };
	const struct map_profile *simple = map_profile_find(STR("simple")), *lync = map_profile_find(STR("lync"));

	for (unsigned i = 0; i < S_ACTIVITIES; i++) {
		const struct map_activity *activity = map_activity((enum s_activity)i);
		struct s_tuple t = { .id = STR("t0"),
			.open = true,
			.activities = 1u << i,
			.priority_milli = 7,
			.note = STR("<a> & \"b\"\r\n'c'\x01"),
			.lang = STR("de-AT"),
			.stamp_ms = 1767225600250 };
		struct s_presence in = { .tuples = &t, .count = 1, .display_name = STR("B & C") };

		in.entity = (struct s_uri){ .user = STR("o'malley & \"co\""), .host = STR("d") };
		struct s_presence standard = read_good(&a, map_pidf_write(&a, &in, simple));
		struct s_presence draft = read_good(&a, map_pidf_write(&a, &in, lync));

		assert_int_equal(standard.tuples[0].activities, map_activity_bit(activity->element));
		assert_int_equal(draft.tuples[0].activities, map_activity_bit(activity->draft));
		assert_true(str_eq(standard.tuples[0].note, STR("<a> & \"b\"\r\n'c'\xef\xbf\xbd")));
		assert_true(str_eq(standard.tuples[0].lang, STR("de-AT")) && standard.tuples[0].stamp_ms == t.stamp_ms);
		assert_int_equal(standard.tuples[0].priority_milli, 7);
		assert_true(str_eq(standard.entity.user, in.entity.user) && str_eq(draft.entity.user, in.entity.user));
		assert_true(str_eq(standard.display_name, STR("B & C")) && str_eq(draft.display_name, STR("B & C")));
	}
	arena_finish(&a);
}

/* The person sums the devices up; read back, it must not overrule a device that is free. */
static void the_person_does_not_overrule_a_device(void **state)
{
	(void)state;
	struct arena a = { 0 };
	const struct map_profile *simple = map_profile_find(STR("simple"));
	struct s_tuple tuples[] = {
		{ .id = STR("ID-a"),
			.open = true,
			.activities = 1u << S_ACT_AWAY,
			.show = X_SHOW_AWAY,
			.priority_milli = 9 },
		{ .id = STR("ID-b"), .open = true, .priority_milli = 5 },
	};
	struct s_presence in = { .entity = { .user = STR("b"), .host = STR("d") }, .tuples = tuples, .count = 2 };
	struct s_presence back = read_good(&a, map_pidf_write(&a, &in, simple));
	struct x_presence *out;

	assert_int_equal(map_presence_s2x(&a, &back, simple, X_SHOW_DND, &out), 2);
	assert_int_equal(out[0].show, X_SHOW_AWAY);
	assert_int_equal(out[1].show, X_SHOW_NONE);
	arena_finish(&a);
}

static void the_draft_has_the_shape_its_readers_know(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct s_tuple t = { .id = STR("t0"), .open = true, .activities = 1u << S_ACT_BUSY, .show = X_SHOW_DND };
	struct s_presence in = { .entity = { .user = STR("bob"), .host = STR("corp.example") },
		.tuples = &t,
		.count = 1,
		.display_name = STR("Bob Brown") };

	assert_true(str_eq(map_pidf_write(&a, &in, map_profile_find(STR("lync"))),
		STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
		    " xmlns:ep=\"urn:ietf:params:xml:ns:pidf:status:rpid-status\""
		    " xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\" entity=\"sip:bob@corp.example\">"
		    "<tuple "
		    "id=\"t0\"><status><basic>open</basic><ep:activities><ep:activity>busy</ep:activity></"
		    "ep:activities>"
		    "</status></tuple><ci:display-name>Bob Brown</ci:display-name></presence>")));
	arena_finish(&a);
}

/* -- Foreign documents */

static bool is_pidf_seed(const char *name)
{
	return strncmp(name, "pidf", 4) == 0 || strcmp(name, "rpid_busy.xml") == 0;
}

static void seeds_are_understood_or_refused(void **state)
{
	(void)state;
	static const char folder[] = SHARED_TESTDATA "/pjsip-fuzz-seeds/fuzz-presence";
	DIR *dir = opendir(folder);
	struct arena a = { 0 };
	unsigned understood = 0;

	if (!dir) {
		print_message("skipped: %s is absent\n", folder);
		skip();
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct str path = arena_printf(&a, "%s/%s", folder, entry->d_name), bytes;
		struct s_presence p;

		if (entry->d_name[0] == '.')
			continue;
		bytes = file_bytes(path.p);
		assert_int_equal(
			map_pidf_read(&a, bytes, &p), is_pidf_seed(entry->d_name) ? REASON_NONE : REASON_BAD_CONTENT);
		understood += is_pidf_seed(entry->d_name);
		if (strcmp(entry->d_name, "pidf_with_rpid.xml") == 0)
			assert_int_equal(p.tuples[0].activities, 1u << S_ACT_AWAY);
		if (strcmp(entry->d_name, "rpid_busy.xml") == 0)
			assert_int_equal(p.tuples[0].activities, 1u << S_ACT_BUSY);
		if (strcmp(entry->d_name, "pidf_closed.xml") == 0)
			assert_false(p.tuples[0].open);
		free((char *)bytes.p);
	}
	assert_int_equal(understood, 4);
	closedir(dir);
	arena_finish(&a);
}

static void notify_bodies_of_a_real_client_are_understood(void **state)
{
	(void)state;
	static const char *const files[] = { "lcs2005-04-NOTIFY-pidf-accepted-by-sipe.txt",
		"ocs2007-04-NOTIFY-pidf-accepted-by-sipe.txt", "lcs2005-40-NOTIFY-pidf-by-standin.txt",
		"ocs2007-40-NOTIFY-pidf-by-standin.txt" };
	struct arena a = { 0 };

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct str bytes = file_bytes(arena_printf(&a, SHARED_TESTDATA "/ms-client/%s", files[i]).p);
		const char *body = bytes.p ? strstr(bytes.p, "\r\n\r\n") : NULL;

		if (!bytes.p) {
			print_message("skipped: %s/ms-client is absent\n", SHARED_TESTDATA);
			arena_finish(&a);
			skip();
		}
		assert_non_null(body);
		struct s_presence p = read_good(&a, str_c(body + 4));

		assert_int_equal(p.count, 1);
		assert_true(p.tuples[0].open && p.display_name.n);
		assert_int_equal(p.tuples[0].note.n, i < 2 ? 10 : 0);
		free((char *)bytes.p);
	}
	arena_finish(&a);
}

/* -- Encodings */

static struct str as_utf16(struct arena *a, const char *ascii, bool big, bool mark)
{
	size_t n = strlen(ascii), at = 0;
	char *p = arena_alloc(a, 2 * n + 2);

	if (mark) {
		p[at++] = big ? '\xfe' : '\xff';
		p[at++] = big ? '\xff' : '\xfe';
	}
	for (size_t i = 0; i < n; i++) {
		p[at + !!big] = ascii[i];
		at += 2;
	}
	return (struct str){ p, at };
}

static void the_bytes_decide_on_the_encoding(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char declared[] = "<?xml version=\"1.0\" encoding=\"%s\"?>" OPEN("</status><note>%s</note>") END;
	struct str utf8 = arena_printf(&a, declared, "utf-16", "d\xc3\xa9j\xc3\xa0");
	struct str latin = arena_printf(&a, declared, "ISO-8859-1", "d\xe9j\xe0");
	struct str marked = arena_printf(&a, "\xef\xbb\xbf%s", utf8.p);

	assert_true(str_eq(read_good(&a, utf8).tuples[0].note, STR("d\xc3\xa9j\xc3\xa0")));
	assert_true(str_eq(read_good(&a, marked).tuples[0].note, STR("d\xc3\xa9j\xc3\xa0")));
	assert_true(str_eq(read_good(&a, latin).tuples[0].note, STR("d\xc3\xa9j\xc3\xa0")));
	for (unsigned i = 0; i < 4; i++) {
		struct str wide = as_utf16(&a, arena_printf(&a, declared, "utf-16", "hello").p, i & 1, i & 2);

		assert_true(str_eq(read_good(&a, wide).tuples[0].note, STR("hello")));
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(activities_are_found_wherever_they_stand),
		cmocka_unit_test(extensions_that_must_be_understood_take_their_element_away),
		cmocka_unit_test(priorities_are_clamped),
		cmocka_unit_test(tuples_without_basic_speak_only_with_an_extension),
		cmocka_unit_test(notes_names_and_times_are_read),
		cmocka_unit_test(what_is_no_pidf_is_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_person_does_not_overrule_a_device),
		cmocka_unit_test(the_draft_has_the_shape_its_readers_know),
		cmocka_unit_test(seeds_are_understood_or_refused),
		cmocka_unit_test(notify_bodies_of_a_real_client_are_understood),
		cmocka_unit_test(the_bytes_decide_on_the_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

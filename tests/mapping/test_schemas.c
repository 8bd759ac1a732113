/* SPDX-License-Identifier: MIT */
/* Everything we emit, against the schemas of the RFCs, by a validator that nobody here wrote. */
#include "mapping/pidf.h"
#include "mapping/presence.h"
#include "mapping/typing.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SCHEMAS SHARED_TESTDATA "/xml-schemas"

struct folder {
	char path[64];
	struct arena arena;
	unsigned files;
};

static void write_file(struct folder *f, const char *kind, struct str bytes)
{
	struct str path = arena_printf(&f->arena, "%s/%s%u.xml", f->path, kind, f->files++);
	FILE *file = fopen(path.p, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
	fclose(file);
}

static bool validates(struct folder *f, const char *kind, const char *schema)
{
	struct str command = arena_printf(
		&f->arena, "xmllint --nonet --noout --schema %s %s/%s*.xml 2>%s/said", schema, f->path, kind, f->path);
	bool good = system(command.p) == 0;

	if (!good && system(arena_printf(&f->arena, "grep -v ' validates$' %s/said >&2", f->path).p))
		print_error("xmllint said nothing\n");
	return good;
}

static int make_folder(void **state)
{
	static struct folder f;

	f = (struct folder){ .path = "/tmp/tombolo-schemas-XXXXXX" };
	*state = &f;
	return mkdtemp(f.path) ? 0 : -1;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;
	int failed = system(arena_printf(&f->arena, "rm -r %s", f->path).p);

	arena_finish(&f->arena);
	return failed;
}

static void need_validator(void)
{
	if (access(SCHEMAS "/pidf.xsd", R_OK) == 0 && system("xmllint --version 2>/dev/null") == 0)
		return;
	print_message("skipped: no xmllint, or %s is absent\n", SCHEMAS);
	skip();
}

static const char *const words[] = { "", "home", "a b/c@\xc3\xbc", "<&>\"'\r\n\t]]>", "\xf0\x9f\x98\x80", "1x",
	"x\x01\xffy" };
static const char *const languages[] = { "", "de", "en-GB", "x-very-odd", "1bad", "de_AT", "toolonglanguage", "-",
	"de-" };
enum { WORDS = sizeof(words) / sizeof(words[0]), LANGUAGES = sizeof(languages) / sizeof(languages[0]) };

static struct x_presence device(unsigned i)
{
	return (struct x_presence){
		.from.resource = str_c(words[i % WORDS]),
		.show = (enum x_show)(i % X_SHOWS),
		.priority = (int)(i * 37 % 256) - 128,
		.status = str_c(words[i / 2 % WORDS]),
		.lang = str_c(languages[i % LANGUAGES]),
		.nick = str_c(words[i / 3 % WORDS]),
		.stamp_ms = i % 4 ? (int64_t)i * 1234567891 : 0,
	};
}

/* (No IPv6 host: "sip:x@[::1]" is a SIP URI, but by RFC 3986, which xs:anyURI follows, it is none.)
 * 0 to WORDS devices of every kind of show, status, priority, language, time and name, for every profile. */
static void write_presences(struct folder *f, const struct map_profile *profile)
{
	for (unsigned first = 0; first < 60; first++) {
		struct x_presence devices[WORDS];
		const struct x_presence *resources[WORDS];
		struct s_uri entity = { .user = str_c(words[first % WORDS]), .host = STR("corp.example") };
		struct s_presence p;

		for (unsigned i = 0; i < WORDS; i++) {
			devices[i] = device(first + i);
			resources[i] = &devices[i];
		}
		map_presence_x2s(&f->arena, resources, first % (WORDS + 1), &entity, profile, 1767225600000, &p);
		write_file(f, "pidf", map_pidf_write(&f->arena, &p, profile));
	}
}

static void write_activities(struct folder *f, const struct map_profile *profile)
{
	for (unsigned i = 0; i < 3 * S_ACTIVITIES; i++) {
		unsigned bits = i < S_ACTIVITIES ? 1u << i : i * 2654435761u & ((1u << S_ACTIVITIES) - 1);
		struct s_tuple tuple = {
			.id = STR("t0"), .open = i % 5 != 4, .activities = bits, .priority_milli = (int)i * 20
		};
		struct s_presence p = { .tuples = &tuple, .count = 1 };

		p.entity = (struct s_uri){ .user = STR("o'malley"), .host = STR("d") };
		write_file(f, "pidf", map_pidf_write(&f->arena, &p, profile));
	}
}

/* The RFC's schema alone lets any extension through; this one knows those we write. */
static struct str strict_schema(struct folder *f)
{
	static const char *const imports[][2] = { { "urn:ietf:params:xml:ns:pidf", "pidf" },
		{ "urn:ietf:params:xml:ns:pidf:data-model", "data-model" },
		{ "urn:ietf:params:xml:ns:pidf:rpid", "rpid" }, { "urn:ietf:params:xml:ns:pidf:cipid", "cipid" } };
	struct str path = arena_printf(&f->arena, "%s/strict.xsd", f->path);
	FILE *file = fopen(path.p, "wb");

	assert_non_null(file);
	fprintf(file, "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">");
	for (unsigned i = 0; i < sizeof(imports) / sizeof(imports[0]); i++)
		fprintf(file, "<xs:import namespace=\"%s\" schemaLocation=\"%s/%s.xsd\"/>", imports[i][0], SCHEMAS,
			imports[i][1]);
	fprintf(file, "</xs:schema>");
	fclose(file);
	return path;
}

static void every_presence_document_is_valid(void **state)
{
	struct folder *f = *state;

	need_validator();
	for (unsigned i = 0; map_profile_at(i); i++) {
		write_presences(f, map_profile_at(i));
		write_activities(f, map_profile_at(i));
	}
	assert_true(f->files > 200);
	assert_true(validates(f, "pidf", SCHEMAS "/pidf.xsd"));
	assert_true(validates(f, "pidf", strict_schema(f).p));
	write_file(f, "wrong", STR("<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"a\"><tuple/></presence>"));
	print_message("one message about an invalid document is wanted:\n");
	assert_false(validates(f, "wrong", SCHEMAS "/pidf.xsd"));
}

static void every_typing_document_is_valid(void **state)
{
	struct folder *f = *state;
	const struct map_profile *simple = map_profile_find(STR("simple"));

	need_validator();
	write_file(f, "typing", map_typing_write(&f->arena, MAP_TYPING_ACTIVE, simple).bytes);
	write_file(f, "typing", map_typing_write(&f->arena, MAP_TYPING_IDLE, simple).bytes);
	assert_true(validates(f, "typing", SCHEMAS "/im-iscomposing.xsd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_presence_document_is_valid, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(every_typing_document_is_valid, make_folder, remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

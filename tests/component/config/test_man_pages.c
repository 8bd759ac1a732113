/* SPDX-License-Identifier: MIT */
/* tombolo.conf(5) has for every option of the table its entry, word for word as the table says; tombolo(8) has every
 * command. `test_man_pages --print` prints the entries as they should stand in the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "component/config/config_options.h"
#include "mapping/profile.h"

static void add_words(struct buf *out, const struct config_option *o)
{
	const struct map_profile *profile;
	const char *comma = "";

	if (o->type == CONFIG_T_PROFILE)
		for (unsigned i = 0; (profile = map_profile_at(i)); i++, comma = ", ")
			buf_printf(out, "%s" STR_FMT, comma, STR_ARG(profile->name));
	for (const struct config_word *w = o->words; w && w->word.n; w++, comma = ", ")
		buf_printf(out, "%s" STR_FMT, comma, STR_ARG(w->word));
}

static void add_number(struct buf *out, const struct config_option *o, uint64_t n)
{
	uint64_t unit = o->type == CONFIG_T_SIZE ? 1024 : o->type == CONFIG_T_DURATION ? 1000 : 1;

	buf_number(out, n / unit);
	buf_add(out, o->type == CONFIG_T_SIZE ? STR("KiB") : o->type == CONFIG_T_DURATION ? STR("s") : STR(""));
}

static void add_limits(struct buf *out, const struct config_option *o)
{
	if (o->fallback.n)
		buf_printf(out, " Default: " STR_FMT ".", STR_ARG(o->fallback));
	if (o->required)
		buf_lit(out, " Required.");
	if (o->max) {
		buf_lit(out, " From ");
		add_number(out, o, o->min);
		buf_lit(out, " to ");
		add_number(out, o, o->max);
		buf_lit(out, ".");
	}
}

/* The words that are not yet supported, or the key as a whole. */
static void add_support(struct buf *out, const struct config_option *o)
{
	if (!o->instead.n)
		return;
	buf_lit(out, "\n\t_Not yet supported");
	for (const struct config_word *w = o->words; w && w->word.n; w++)
		if (w->support != CONFIG_WORKS)
			buf_printf(out, ": " STR_FMT, STR_ARG(w->word));
	if (o->type == CONFIG_T_STORAGE)
		buf_lit(out, ": postgresql"); /* take_storage() in config_value.c */
	buf_printf(out, "_; " STR_FMT ".", STR_ARG(o->instead));
}

static void add_entry(struct buf *out, const struct config_option *o)
{
	struct str words = config_type_words(o->type);

	buf_printf(out, "*" STR_FMT "* = ", STR_ARG(o->name));
	if (o->type == CONFIG_T_WORD || o->type == CONFIG_T_YESNO || o->type == CONFIG_T_PROFILE)
		add_words(out, o);
	else
		buf_printf(
			out, STR_FMT "%s", STR_ARG(words), config_type_is_list(o->type) ? ", or a list of such" : "");
	buf_printf(out, "\n\t%c" STR_FMT ".", toupper((unsigned char)o->help.p[0]),
		STR_ARG(str_cut(o->help, 1, o->help.n)));
	add_limits(out, o);
	add_support(out, o);
	buf_lit(out, "\n\n");
}

static void print_all(void)
{
	const struct config_option *o;
	struct str section = STR_NONE;
	struct buf out = { .n = 0 };

	for (unsigned i = 0; (o = config_option_at(i)); i++) {
		if (!str_eq(section, o->section))
			buf_printf(&out, "## " STR_FMT "\n\n", STR_ARG(o->section));
		section = o->section;
		add_entry(&out, o);
	}
	printf(STR_FMT, STR_ARG(buf_str(&out)));
	buf_finish(&out);
}

static void slurp(const char *name, struct buf *out)
{
	char path[512];
	FILE *in;
	size_t got;

	snprintf(path, sizeof(path), "%s/../component/doc/%s", TESTS_DIR, name);
	in = fopen(path, "re");
	assert_non_null(in);
	do {
		got = fread(buf_room(out, 4096), 1, 4096, in);
		out->n += got;
	} while (got);
	buf_addc(out, '\0');
	fclose(in);
}

/* Where a section's part of the page begins; the top level's is before the first of them. */
static const char *find_section(const char *page, struct str section)
{
	char heading[64];

	snprintf(heading, sizeof(heading), "\n## %.*s\n", STR_ARG(section.n ? section : STR("The top level")));
	return strstr(page, heading);
}

static void test_every_option(void **state)
{
	struct buf page = { .n = 0 };
	const struct config_option *o;

	(void)state;
	slurp("tombolo.conf.5.scd", &page);
	for (unsigned i = 0; (o = config_option_at(i)); i++) {
		struct buf entry = { .n = 0 };
		const char *from = find_section(page.p, o->section), *next, *at;

		add_entry(&entry, o);
		buf_addc(&entry, '\0');
		if (!from) {
			print_error("the page has no section \"" STR_FMT "\"\n", STR_ARG(o->section));
			fail();
		}
		next = strstr(from + 1, "\n## ");
		at = strstr(from, entry.p);
		if (!at || (next && at > next)) {
			print_error("in section " STR_FMT " this is missing:\n%s", STR_ARG(o->section), entry.p);
			fail();
		}
		buf_finish(&entry);
	}
	buf_finish(&page);
}

static void test_every_command(void **state)
{
	static const char *const words[] = { "*serve*", "*check*", "*version*", "*--json*", "*78*", "*69*" };
	struct buf page = { .n = 0 };

	(void)state;
	slurp("tombolo.8.scd", &page);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strstr(page.p, words[i])) {
			print_error("%s is missing\n", words[i]);
			fail();
		}
	buf_finish(&page);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_every_command),
	};

	if (argc > 1 && !strcmp(argv[1], "--print")) {
		print_all();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

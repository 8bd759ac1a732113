/* SPDX-License-Identifier: MIT */
#include "component/operate/check_report.h"

#include <stdio.h>

static const struct {
	const char *shown, *json;
} states[CHECK_STATES] = {
	[CHECK_PASS] = { "PASS", "pass" },
	[CHECK_SKIP] = { "SKIP", "skip" },
	[CHECK_WARN] = { "WARN", "warn" },
	[CHECK_FAIL] = { "FAIL", "fail" },
};

void check_report_init(struct check_report *r)
{
	*r = (struct check_report){ .first = NULL };
}

void check_at(struct check_report *r, enum check_part part, unsigned index)
{
	r->place = (unsigned)part << 16 | index;
}

/* Behind all that have its place or an earlier one. */
static void insert(struct check_report *r, struct check_finding *f)
{
	struct check_finding **at = &r->first;

	while (*at && (*at)->place <= f->place)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
}

struct check_finding *check_add(
	struct check_report *r, enum check_state state, struct str subject, const char *fmt, ...)
{
	struct check_finding *f = arena_alloc(&r->arena, sizeof(*f));
	char words[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	f->state = state;
	f->subject = arena_str(&r->arena, subject);
	f->found = arena_str(&r->arena, str_c(words));
	f->place = r->place;
	insert(r, f);
	r->counts[state]++;
	return f;
}

void check_advise(struct check_report *r, struct check_finding *f, const char *consequence, const char *remedy)
{
	f->consequence = arena_str(&r->arena, str_c(consequence));
	f->remedy = arena_str(&r->arena, str_c(remedy));
}

/* -- For people */

/* What a server said may hold anything; on a terminal only printable bytes of it appear. */
static void add_printable(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? '?' : s.p[i]);
}

static void add_plural(struct buf *out, unsigned n, const char *word)
{
	buf_printf(out, "%u %s%s", n, word, n == 1 ? "" : "s");
}

void check_print_text(const struct check_report *r, struct buf *out)
{
	for (const struct check_finding *f = r->first; f; f = f->next) {
		buf_printf(out, "%-11.*s %s  ", STR_ARG(f->subject), states[f->state].shown);
		add_printable(out, f->found);
		if (f->consequence.n)
			buf_printf(out, "\n%18s" STR_FMT, "", STR_ARG(f->consequence));
		if (f->remedy.n)
			buf_printf(out, "\n%18s-> " STR_FMT, "", STR_ARG(f->remedy));
		buf_addc(out, '\n');
	}
	add_plural(out, r->counts[CHECK_FAIL], "problem");
	buf_lit(out, ", ");
	add_plural(out, r->counts[CHECK_WARN], "warning");
	buf_addc(out, '\n');
}

/* -- For programs (RFC 8259) */

static void add_json(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\u%04x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

static void add_member(struct buf *out, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_printf(out, ",\"%s\":", name);
	add_json(out, value);
}

void check_print_json(const struct check_report *r, struct buf *out)
{
	buf_lit(out, "{\"findings\":[");
	for (const struct check_finding *f = r->first; f; f = f->next) {
		buf_printf(out, "%s{\"state\":\"%s\"", f == r->first ? "" : ",", states[f->state].json);
		add_member(out, "subject", f->subject);
		add_member(out, "found", f->found);
		add_member(out, "consequence", f->consequence);
		add_member(out, "remedy", f->remedy);
		buf_addc(out, '}');
	}
	buf_printf(out, "],\"warnings\":%u,\"problems\":%u}\n", r->counts[CHECK_WARN], r->counts[CHECK_FAIL]);
}

enum exit_code check_exit(const struct check_report *r)
{
	if (r->counts[CHECK_FAIL])
		return EXIT_PROBLEM;
	return r->counts[CHECK_WARN] ? EXIT_WARNING : EXIT_GOOD;
}

void check_report_finish(struct check_report *r)
{
	arena_finish(&r->arena);
}

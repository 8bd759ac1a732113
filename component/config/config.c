/* SPDX-License-Identifier: MIT */
#include "component/config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/config/config_consistency.h"
#include "component/config/config_tree.h"
#include "component/config/config_units.h"
#include "mapping/base/alloc.h"

/* The work of one load: from the text over the tree to the structs. */
struct load {
	struct config_reading r;
	struct arena scratch; /* what is needed only until the structs are filled */
	struct config_scan scan;
	struct config_tree *tree;
	struct config *c;
};

/* -- One section's keys into its struct */

static void read_key(struct load *l, const struct config_scan_section *section, const struct config_option *o,
	struct str label, void *target)
{
	struct config_text *values, fallback = { o->fallback, section ? section->line : 0 };
	unsigned count = 0;

	if (section || !o->section.n)
		count = config_tree_values(l->tree, &l->scratch, section, o, &values);
	if (count)
		config_value(&l->r, o, values, count, true, target);
	else if (o->fallback.n)
		config_value(&l->r, o, &fallback, 1, false, target);
	if (o->required && !count)
		config_fault(l->r.faults, fallback.line, STR_FMT "%s\"" STR_FMT "\" is missing", STR_ARG(label),
			label.n ? ": " : "", STR_ARG(o->name));
}

static void read_section(struct load *l, const struct config_section *row, const struct config_scan_section *section,
	struct str label, void *target)
{
	const struct config_option *o;

	for (unsigned i = 0; (o = config_option_at(i)); i++)
		if (str_eq(o->section, row->name))
			read_key(l, section, o, label, target);
	if (section && row->support != CONFIG_WORKS)
		config_note(&l->r, section->line, row->support == CONFIG_LATER_REFUSE,
			STR_FMT " { } is not yet supported: " STR_FMT, STR_ARG(row->name), STR_ARG(row->help));
}

/* -- The sections that come once */

static const struct config_scan_section *first(const struct load *l, const struct config_section *row)
{
	const struct config_scan_section *s;

	for (s = l->scan.sections; s && s->row != row; s = s->next)
		;
	return s;
}

static void read_singles(struct load *l)
{
	const struct config_section *row;

	for (unsigned i = 0; (row = config_section_at(i)); i++)
		if (!row->titled)
			read_section(l, row, i ? first(l, row) : NULL, row->name, l->c);
	row = config_section_find(STR_NONE, STR("xmpp"));
	l->c->xmpp.line = first(l, row) ? first(l, row)->line : 0;
}

/* -- Domains and their routes */

static unsigned count_inside(
	const struct load *l, const struct config_scan_section *parent, const struct config_section *row)
{
	const struct config_scan_section *s;
	unsigned n = 0;

	for (s = l->scan.sections; s; s = s->next)
		n += s->row == row && s->parent == parent;
	return n;
}

static void read_route(struct load *l, const struct config_scan_section *section, struct config_domain *d)
{
	struct sipside_route route = { .name = config_tree_title(l->tree, l->r.arena, section) };
	struct str label = arena_printf(&l->scratch, "route " STR_FMT, STR_ARG(route.name));

	read_section(l, section->row, section, label, &route);
	((struct sipside_route *)d->routes)[d->routes_count] = route;
	((unsigned *)d->route_lines)[d->routes_count++] = section->line;
}

static void read_routes(struct load *l, const struct config_scan_section *domain, struct config_domain *d)
{
	const struct config_section *row = config_section_find(domain->row->name, STR("route"));
	unsigned count = count_inside(l, domain, row);
	const struct config_scan_section *s;

	d->routes = arena_alloc(l->r.arena, (count + 1) * sizeof(*d->routes));
	d->route_lines = arena_alloc(l->r.arena, (count + 1) * sizeof(*d->route_lines));
	if (!count)
		config_fault(l->r.faults, d->line, "domain " STR_FMT " has no route: route R { to = tcp:HOST:5060 }",
			STR_ARG(d->name));
	for (s = domain->next; s; s = s->next)
		if (s->row == row && s->parent == domain)
			read_route(l, s, d);
}

static void read_domain(struct load *l, const struct config_scan_section *section, struct config_domain *d)
{
	struct str title = config_tree_title(l->tree, &l->scratch, section);
	struct str label = arena_printf(&l->scratch, "domain " STR_FMT, STR_ARG(title));

	d->line = d->authorize_line = d->remote_users_line = section->line;
	if (!config_read_name(l->r.arena, title, &d->name)) {
		d->name = arena_str(l->r.arena, title);
		config_fault(l->r.faults, d->line, STR_FMT ": this is not a domain name", STR_ARG(label));
	}
	read_section(l, section->row, section, label, d);
	read_routes(l, section, d);
	config_inherit(&l->r, l->c, d);
}

static void read_domains(struct load *l)
{
	const struct config_section *row = config_section_find(STR_NONE, STR("domain"));
	const struct config_scan_section *s;
	struct config_domain *list = arena_alloc(l->r.arena, (count_inside(l, NULL, row) + 1) * sizeof(*list));

	l->c->domains = list;
	for (s = l->scan.sections; s; s = s->next)
		if (s->row == row)
			read_domain(l, s, &list[l->c->domains_count++]);
}

/* Of a directory only the faults and the notice matter. */
static void read_directories(struct load *l)
{
	const struct config_section *row = config_section_find(STR_NONE, STR("directory"));
	const struct config_scan_section *s;

	for (s = l->scan.sections; s; s = s->next)
		if (s->row == row)
			read_section(l, row, s, row->name, l->c);
}

/* -- The whole */

static int by_line(const void *a, const void *b)
{
	const struct config_notice *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void keep_notices(struct load *l)
{
	struct config_notes *notes = &l->r.notes;
	struct config_notice *kept = arena_alloc(l->r.arena, (notes->count + 1) * sizeof(*kept));

	if (notes->count) {
		memcpy(kept, notes->list, notes->count * sizeof(*kept));
		qsort(kept, notes->count, sizeof(*kept), by_line);
	}
	free(notes->list);
	l->c->notices = kept;
	l->c->notices_count = notes->count;
}

static void fill(struct load *l, struct str text)
{
	if (!config_scan(&l->scratch, text, l->r.faults, &l->scan))
		return;
	l->tree = config_tree_create(&l->scan, l->r.faults);
	if (!l->tree)
		return;
	read_singles(l);
	read_domains(l);
	read_directories(l);
	config_judge(&l->r, l->c);
}

struct config *config_load_text(struct str text, const char *name, struct buf *errors)
{
	struct config *c = alloc_zero(sizeof(*c));
	struct config_faults faults = { .count = 0 };
	struct load l = { .r = { .arena = &c->memory, .faults = &faults }, .c = c };

	c->path = arena_str(&c->memory, str_c(name));
	fill(&l, text);
	keep_notices(&l);
	config_tree_destroy(l.tree);
	arena_finish(&l.scratch);
	if (faults.count) {
		config_free(c);
		c = NULL;
	}
	config_faults_finish(&faults, str_c(name), errors);
	return c;
}

struct config *config_load(const char *path, struct buf *errors)
{
	FILE *in = fopen(path, "re");
	struct buf text = { .n = 0 };
	struct config *c = NULL;
	size_t got = 1;

	if (!in) {
		buf_printf(errors, "%s: %s\n", path, strerror(errno));
		return NULL;
	}
	while (got && text.n <= CONFIG_SCAN_MAX) {
		got = fread(buf_room(&text, 4096), 1, 4096, in);
		text.n += got;
	}
	if (ferror(in))
		buf_printf(errors, "%s: %s\n", path, strerror(errno));
	else
		c = config_load_text(buf_str(&text), path, errors);
	fclose(in);
	buf_finish(&text);
	return c;
}

void config_free(struct config *c)
{
	struct arena memory;

	if (!c)
		return;
	memory = c->memory;
	free(c);
	arena_finish(&memory);
}

/* SPDX-License-Identifier: MIT */
#include "component/config/config_tree.h"

#include <confuse.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "mapping/base/alloc.h"

struct config_tree {
	const struct config_scan *scan;
	cfg_t *root;
	struct arena arena; /* option tables */
};

/* libconfuse's callbacks have no argument of their own. */
static struct config_faults *parsing;

static void on_error(cfg_t *cfg, const char *fmt, va_list args)
{
	char words[256];

	vsnprintf(words, sizeof(words), fmt, args);
	config_fault(parsing, (unsigned)cfg->line, "%s", words);
}

/* A value with its line: a pointer option, since the other types remember no line. */
static int keep_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct config_text *t = alloc_zero(sizeof(*t));

	(void)opt;
	*t = (struct config_text){ alloc_str(str_c(value)), (unsigned)cfg->line };
	*(void **)result = t;
	return 0;
}

static void free_value(void *value)
{
	struct config_text *t = value;

	explicit_bzero((char *)t->text.p, t->text.n); /* it may be a secret */
	alloc_str_free(&t->text);
	free(t);
}

/* -- libconfuse's tables from ours */

static const char *c_name(struct arena *a, struct str name)
{
	return arena_str(a, name).p;
}

static unsigned count_options(const struct config_section *row)
{
	const struct config_option *o;
	const struct config_section *inner;
	unsigned n = 0;

	for (unsigned i = 0; (o = config_option_at(i)); i++)
		n += str_eq(o->section, row->name);
	for (unsigned i = 1; (inner = config_section_at(i)); i++)
		n += str_eq(inner->parent, row->name);
	return n;
}

static cfg_opt_t *make_options(struct arena *a, const struct config_section *row)
{
	cfg_opt_t *list = arena_alloc(a, (count_options(row) + 1) * sizeof(*list)), *at = list;
	const struct config_option *o;
	const struct config_section *inner;

	for (unsigned i = 0; (o = config_option_at(i)); i++) {
		if (!str_eq(o->section, row->name))
			continue;
		if (config_type_is_list(o->type))
			*at++ = (cfg_opt_t)CFG_PTR_LIST_CB(c_name(a, o->name), NULL, CFGF_NONE, keep_value, free_value);
		else
			*at++ = (cfg_opt_t)CFG_PTR_CB(c_name(a, o->name), NULL, CFGF_NONE, keep_value, free_value);
	}
	for (unsigned i = 1; (inner = config_section_at(i)); i++)
		if (str_eq(inner->parent, row->name))
			*at++ = (cfg_opt_t)CFG_SEC(c_name(a, inner->name), make_options(a, inner),
				inner->titled ? CFGF_TITLE | CFGF_MULTI : CFGF_NONE);
	*at = (cfg_opt_t)CFG_END();
	return list;
}

/* -- The tree */

struct config_tree *config_tree_create(const struct config_scan *scan, struct config_faults *faults)
{
	struct config_tree *tree = alloc_zero(sizeof(*tree));
	unsigned before = faults->count;
	int parsed;

	tree->scan = scan;
	tree->root = cfg_init(make_options(&tree->arena, config_section_at(0)), CFGF_NONE);
	if (!tree->root)
		alloc_failed(0);
	cfg_set_error_function(tree->root, on_error);
	parsing = faults;
	parsed = cfg_parse_buf(tree->root, scan->clean.p);
	parsing = NULL;
	if (parsed == CFG_SUCCESS && faults->count == before)
		return tree;
	if (faults->count == before)
		config_fault(faults, 0, "cannot be parsed");
	config_tree_destroy(tree);
	return NULL;
}

static cfg_t *find(const struct config_tree *tree, const struct config_scan_section *section)
{
	const struct config_scan_section *other;
	unsigned nth = 0;

	if (!section)
		return tree->root;
	for (other = tree->scan->sections; other != section; other = other->next)
		nth += other->row == section->row && other->parent == section->parent;
	return cfg_getnsec(find(tree, section->parent), section->row->name.p, nth);
}

unsigned config_tree_values(const struct config_tree *tree, struct arena *a, const struct config_scan_section *section,
	const struct config_option *option, struct config_text **out)
{
	cfg_opt_t *opt = cfg_getopt(find(tree, section), option->name.p);
	unsigned count = opt ? cfg_opt_size(opt) : 0;

	*out = arena_alloc(a, (count + 1) * sizeof(**out));
	for (unsigned i = 0; i < count; i++) {
		const struct config_text *t = cfg_opt_getnptr(opt, i);

		(*out)[i] = (struct config_text){ arena_str(a, t->text), t->line };
	}
	return count;
}

struct str config_tree_title(const struct config_tree *tree, struct arena *a, const struct config_scan_section *section)
{
	return arena_str(a, str_c(cfg_title(find(tree, section))));
}

void config_tree_destroy(struct config_tree *tree)
{
	if (!tree)
		return;
	cfg_free(tree->root);
	arena_finish(&tree->arena);
	free(tree);
}

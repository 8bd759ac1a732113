/* SPDX-License-Identifier: MIT */
/* libconfuse behind the table of options: what a scanned text says, key by key. The only file that knows libconfuse. */
#ifndef TOMBOLO_CONFIG_TREE_H
#define TOMBOLO_CONFIG_TREE_H

#include "component/config/config_scan.h"
#include "component/config/config_value.h"

struct config_tree;
/* NULL: reported. `scan` outlives the tree. Not reentrant: libconfuse's parser is not. */
struct config_tree *config_tree_create(const struct config_scan *scan, struct config_faults *faults);
/* The values of a key in the order of the text, NUL-terminated, in `a`; 0: it is not there. section NULL: the top level. */
unsigned config_tree_values(const struct config_tree *tree, struct arena *a, const struct config_scan_section *section,
	const struct config_option *option, struct config_text **out);
/* The title without quotes and escapes, in `a`. */
struct str config_tree_title(
	const struct config_tree *tree, struct arena *a, const struct config_scan_section *section);
void config_tree_destroy(struct config_tree *tree); /* NULL is allowed */

#endif

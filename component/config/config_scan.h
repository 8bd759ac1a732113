/* SPDX-License-Identifier: MIT */
/* What libconfuse 3.3 would alter or miss in silence is found before it reads the text: comments (it loses count of lines
 * and fails inside lists), `#`, `*`, `$` and `//` in bare words (cut or replaced), missing braces, repeated keys. Since
 * the structure is known here, unknown keys are reported here too, with the nearest known one. */
#ifndef TOMBOLO_CONFIG_SCAN_H
#define TOMBOLO_CONFIG_SCAN_H

#include "component/config/config_fault.h"
#include "component/config/config_options.h"
#include "mapping/base/arena.h"

enum { CONFIG_SCAN_MAX = 1 << 20 }; /* bytes */

/* One `NAME [TITLE] {` as it stands in the text. */
struct config_scan_section {
	const struct config_section *row;
	const struct config_scan_section *parent; /* NULL: the top level */
	struct config_scan_section *next; /* in the order of the text */
	struct str title; /* as it stands, without quotes; empty: none */
	unsigned line;
};

struct config_scan {
	struct str clean; /* the text with comments blanked, line for line, NUL behind it */
	struct config_scan_section *sections;
};
/* All in `a`. false: something is wrong and was reported; *out is then not to be used. */
bool config_scan(struct arena *a, struct str text, struct config_faults *faults, struct config_scan *out);

#endif

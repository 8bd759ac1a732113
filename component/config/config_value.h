/* SPDX-License-Identifier: MIT */
/* From what a file says to what the structs of config.h hold, by the option's type, range and unit. */
#ifndef TOMBOLO_CONFIG_VALUE_H
#define TOMBOLO_CONFIG_VALUE_H

#include "component/config/config_fault.h"
#include "component/config/config_options.h"
#include "component/config/config.h"

/* One value as it stands in the file (unquoted). */
struct config_text {
	struct str text;
	unsigned line;
};

struct config_notes {
	struct config_notice *list; /* heap */
	unsigned count;
};
struct config_reading {
	struct arena *arena; /* of the configuration: values and notices live there */
	struct config_faults *faults;
	struct config_notes notes;
};
/* A notice for the reader of `check`; words are copied. */
void config_note(struct config_reading *r, unsigned line, bool refuse, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Converts and stores into `target` (the struct that option->at is an offset of). count 0 is an empty list. Faults and
 * notices go to r; a faulty value stores nothing. `explicit`: it stands in the file; a default gives no notices. */
void config_value(struct config_reading *r, const struct config_option *option, const struct config_text *values,
	unsigned count, bool explicit, void *target);

#endif

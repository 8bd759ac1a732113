/* SPDX-License-Identifier: MIT */
/* Faults of a configuration are collected, so that one run shows them all, in the order of the text. */
#ifndef TOMBOLO_CONFIG_FAULT_H
#define TOMBOLO_CONFIG_FAULT_H

#include "mapping/base/arena.h"
#include "mapping/base/str.h"

enum { CONFIG_FAULTS_MAX = 50 };

struct config_fault_row {
	unsigned line, order;
	struct str words;
};
struct config_faults {
	struct config_fault_row list[CONFIG_FAULTS_MAX];
	unsigned count; /* the ones beyond the list are only counted */
	struct arena words;
};
/* line 0: the file as a whole. */
void config_fault(struct config_faults *f, unsigned line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Adds a line "path:line: words" for each to *out and forgets them. */
void config_faults_finish(struct config_faults *f, struct str path, struct buf *out);

#endif

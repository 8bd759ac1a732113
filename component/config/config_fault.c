/* SPDX-License-Identifier: MIT */
#include "component/config/config_fault.h"

#include <stdio.h>
#include <stdlib.h>

void config_fault(struct config_faults *f, unsigned line, const char *fmt, ...)
{
	char words[512];
	va_list args;

	if (f->count++ >= CONFIG_FAULTS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	f->list[f->count - 1] = (struct config_fault_row){ line, f->count, arena_str(&f->words, str_c(words)) };
}

static int by_position(const void *a, const void *b)
{
	const struct config_fault_row *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void config_faults_finish(struct config_faults *f, struct str path, struct buf *out)
{
	unsigned kept = f->count < CONFIG_FAULTS_MAX ? f->count : CONFIG_FAULTS_MAX;

	qsort(f->list, kept, sizeof(*f->list), by_position);
	for (unsigned i = 0; i < kept; i++) {
		buf_add(out, path);
		if (f->list[i].line)
			buf_printf(out, ":%u", f->list[i].line);
		buf_printf(out, ": " STR_FMT "\n", STR_ARG(f->list[i].words));
	}
	if (f->count > kept)
		buf_printf(out, STR_FMT ": and %u more\n", STR_ARG(path), f->count - kept);
	arena_finish(&f->words);
	f->count = 0;
}

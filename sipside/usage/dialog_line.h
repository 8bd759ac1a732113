/* SPDX-License-Identifier: MIT */
/* A dialog as one printable line, for the store: "1 <usage> <reserved CSeq>.<start> <remote CSeq> <local tag> <remote tag>"
 * and the parts, each percent-escaped, divided by blanks. The start is the number of the process's life (store_starts):
 * each life owns one further block of CSeq numbers in every dialog it finds, so that a restart has nothing to write
 * before it may send. */
#ifndef TOMBOLO_DIALOG_LINE_H
#define TOMBOLO_DIALOG_LINE_H

#include "sipside/usage/dialog.h"

/* In the turn's arena. The line carries the reserved CSeq: whoever reads it starts above all that was ever used. */
struct str dialog_line_write(const struct env *env, const struct dialog *d, enum dialog_usage usage, unsigned start);
/* false: not such a line; *d is then as it was. */
bool dialog_line_read(
	const struct env *env, struct str line, unsigned start, struct dialog *d, enum dialog_usage *usage);

#endif

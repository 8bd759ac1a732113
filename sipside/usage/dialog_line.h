/* SPDX-License-Identifier: MIT */
/* A dialog as one printable line, for the store: "1 <usage> <reserved CSeq> <remote CSeq> <local tag> <remote tag>" and
 * the parts, each percent-escaped, divided by blanks. */
#ifndef TOMBOLO_DIALOG_LINE_H
#define TOMBOLO_DIALOG_LINE_H

#include "sipside/usage/dialog.h"

/* In the turn's arena. The line carries the reserved CSeq: whoever reads it starts above all that was ever used. */
struct str dialog_line_write(const struct env *env, const struct dialog *d, enum dialog_usage usage);
/* false: not such a line; *d is then as it was. */
bool dialog_line_read(const struct env *env, struct str line, struct dialog *d, enum dialog_usage *usage);

#endif

/* SPDX-License-Identifier: MIT */
/* The words of <show/> (RFC 6121 4.7.2.1), which RFC 8048 carries in PIDF, too. */
#ifndef TOMBOLO_SHOW_H
#define TOMBOLO_SHOW_H

#include "mapping/values.h"

struct str map_show_word(enum x_show show); /* empty: X_SHOW_NONE */
enum x_show map_show_read(struct str word); /* X_SHOW_NONE: no such word */

#endif

/* SPDX-License-Identifier: MIT */
/* Test vectors as data: a line each, fields between tabs, `#` in front of a comment. Fields are taken as they stand. */
#ifndef TOMBOLO_VECTORS_H
#define TOMBOLO_VECTORS_H

#include "mapping/base/str.h"

enum { VECTOR_FIELDS = 8 };
struct vector {
	unsigned line;
	struct str fields[VECTOR_FIELDS]; /* those that the line lacks are empty */
};
struct vectors {
	char *bytes;
	struct vector *rows;
	unsigned count;
};

/* tests/vectors/NAME; a missing or empty file fails the test. */
void vectors_read(struct vectors *v, const char *name);
void vectors_finish(struct vectors *v);

/* The whole of a file, NUL-terminated; p is NULL where there is none. free((char *)s.p). */
struct str file_bytes(const char *path);

#endif

/* SPDX-License-Identifier: MIT */
#include "tests/lib/vectors.h"
#include "mapping/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct str file_bytes(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { 0 };
	size_t n;

	if (!f)
		return STR_NONE;
	while ((n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0)
		b.n += n;
	fclose(f);
	*buf_room(&b, 1) = '\0';
	return buf_str(&b);
}

static void read_row(struct vector *row, unsigned line, struct str text)
{
	*row = (struct vector){ .line = line };
	for (unsigned i = 0; i < VECTOR_FIELDS && text.n; i++)
		row->fields[i] = str_next(&text, '\t');
}

void vectors_read(struct vectors *v, const char *name)
{
	char path[512];
	unsigned line = 0;

	snprintf(path, sizeof(path), "%s/vectors/%s", TESTS_DIR, name);
	struct str rest = file_bytes(path);

	*v = (struct vectors){ .bytes = (char *)rest.p };
	if (!rest.p)
		fail_msg("%s: not readable", path);
	while (rest.n) {
		struct str text = str_next(&rest, '\n');

		line++;
		if (text.n == 0 || text.p[0] == '#')
			continue;
		v->rows = alloc_grow(v->rows, (v->count + 1) * sizeof(*v->rows));
		read_row(&v->rows[v->count++], line, text);
	}
	assert_true(v->count > 0);
}

void vectors_finish(struct vectors *v)
{
	free(v->bytes);
	free(v->rows);
	*v = (struct vectors){ 0 };
}

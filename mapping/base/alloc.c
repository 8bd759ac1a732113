/* SPDX-License-Identifier: MIT */
#include "mapping/base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void alloc_failed(size_t n)
{
	fprintf(stderr, "level=fatal event=out-of-memory bytes=%zu\n", n);
	abort();
}

void *alloc_zero(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		alloc_failed(n);
	return p;
}

void *alloc_array(size_t count, size_t each)
{
	if (each && count > SIZE_MAX / each)
		alloc_failed(SIZE_MAX);
	return alloc_zero(count * each);
}

void *alloc_grow(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		alloc_failed(n);
	return q;
}

struct str alloc_str(struct str s)
{
	char *p = alloc_zero(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

void alloc_str_free(struct str *s)
{
	free((char *)(uintptr_t)s->p);
	*s = STR_NONE;
}

void alloc_str_set(struct str *kept, struct str s)
{
	struct str old = *kept;

	if (old.p && str_eq(old, s))
		return;
	*kept = alloc_str(s);
	alloc_str_free(&old);
}

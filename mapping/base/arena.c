/* SPDX-License-Identifier: MIT */
#include "mapping/base/arena.h"
#include "mapping/base/alloc.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 32 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct arena_block *block_with_room(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;

	if (b && b->size - b->used >= n)
		return b;
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	b = malloc(sizeof(*b) + size);
	if (!b)
		alloc_failed(size);
	b->used = 0;
	b->size = size;
	b->older = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t step = alignof(max_align_t);
	size_t rounded = n <= SIZE_MAX - step ? (n + step - 1) / step * step : SIZE_MAX;

	if (rounded > SIZE_MAX / 2)
		alloc_failed(n);
	struct arena_block *b = block_with_room(a, rounded);
	void *p = b->bytes + b->used;

	b->used += rounded;
	memset(p, 0, n);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	char *p = arena_alloc(a, (size_t)n + 1);

	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

void arena_reset(struct arena *a)
{
	while (a->blocks && (a->blocks->older || a->blocks->size > BLOCK_BYTES)) {
		struct arena_block *older = a->blocks->older;

		free(a->blocks);
		a->blocks = older;
	}
	if (a->blocks)
		a->blocks->used = 0;
}

void arena_finish(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *older = a->blocks->older;

		free(a->blocks);
		a->blocks = older;
	}
}

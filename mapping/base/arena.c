/* SPDX-License-Identifier: MIT */
#include "mapping/base/arena.h"
#include "mapping/base/alloc.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 32 * 1024, SPARES_MAX = 15 };

struct arena_block {
	struct arena_block *older;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct arena_block *take_spare(struct arena *a)
{
	struct arena_block *b = a->spare;

	a->spare = b->older;
	a->spares--;
	return b;
}

static struct arena_block *new_block(size_t size)
{
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (!b)
		alloc_failed(size);
	b->size = size;
	return b;
}

static struct arena_block *block_with_room(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;

	if (b && b->size - b->used >= n)
		return b;
	b = n <= BLOCK_BYTES && a->spare ? take_spare(a) : new_block(n > BLOCK_BYTES ? n : BLOCK_BYTES);
	b->used = 0;
	b->older = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_room(struct arena *a, size_t n)
{
	size_t step = alignof(max_align_t);
	size_t rounded = n <= SIZE_MAX - step ? (n + step - 1) / step * step : SIZE_MAX;

	if (rounded > SIZE_MAX / 2)
		alloc_failed(n);
	struct arena_block *b = block_with_room(a, rounded);
	void *p = b->bytes + b->used;

	b->used += rounded;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_room(a, n), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_room(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str arena_join_all(struct arena *a, const struct str *parts, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += parts[i].n;
	char *p = arena_room(a, n + 1), *at = p;

	for (size_t i = 0; i < count; i++)
		if (parts[i].n)
			at = (char *)memcpy(at, parts[i].p, parts[i].n) + parts[i].n;
	*at = '\0';
	return (struct str){ p, n };
}

struct str arena_hex(struct arena *a, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_room(a, 17);

	for (unsigned i = 16; i-- > 0; v >>= 4)
		p[i] = digits[v & 15];
	p[16] = '\0';
	return (struct str){ p, 16 };
}

/* Formats where the next piece will stand, and once more only if it did not fit there. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	struct arena_block *b = a->blocks;
	size_t room = b ? b->size - b->used : 0;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(room ? b->bytes + b->used : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	char *p = arena_room(a, (size_t)n + 1);

	if ((size_t)n >= room)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

/* A busy turn is followed by another one: memory that went back to the system would be fetched again page by page. */
static void give_back(struct arena *a, struct arena_block *b)
{
	if (b->size != BLOCK_BYTES || a->spares == SPARES_MAX) {
		free(b);
		return;
	}
	b->older = a->spare;
	a->spare = b;
	a->spares++;
}

void arena_reset(struct arena *a)
{
	while (a->blocks && (a->blocks->older || a->blocks->size > BLOCK_BYTES)) {
		struct arena_block *b = a->blocks;

		a->blocks = b->older;
		give_back(a, b);
	}
	if (a->blocks)
		a->blocks->used = 0;
}

static void free_all(struct arena_block **blocks)
{
	while (*blocks) {
		struct arena_block *b = *blocks;

		*blocks = b->older;
		free(b);
	}
}

void arena_finish(struct arena *a)
{
	free_all(&a->blocks);
	free_all(&a->spare);
	a->spares = 0;
}

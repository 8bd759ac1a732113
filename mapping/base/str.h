/* SPDX-License-Identifier: MIT */
/* Byte strings: a borrowed view (struct str) and a growing buffer (struct buf). */
#ifndef TOMBOLO_STR_H
#define TOMBOLO_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of n bytes; not NUL-terminated, owned by someone else. {NULL, 0} is the empty string. */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)                                                                                              \
	{                                                                                                              \
		"" literal, sizeof(literal) - 1                                                                        \
	} /* for static tables */
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

/* NULL gives the empty string. */
static inline struct str str_c(const char *c)
{
	return c ? (struct str){ c, strlen(c) } : STR_NONE;
}
/* Bytes [from, to), clamped. */
static inline struct str str_cut(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	return from < to ? (struct str){ s.p + from, to - from } : STR_NONE;
}
struct str str_trim(struct str s); /* without leading and trailing space, tab, CR, LF */
static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first such byte, or s.n where there is none. */
static inline size_t str_find(struct str s, char c)
{
	const char *at = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}
/* Takes the part before the first `c` off the front of *rest and returns it; the whole of it when there is no `c`. */
struct str str_next(struct str *rest, char c);
/* Decimal digits only, no sign, at most `max`; false leaves *out alone. */
bool str_number(struct str s, uint64_t max, uint64_t *out);
int str_cmp(struct str a, struct str b);

/* A growing buffer, owned by who declared it; zero-initialised is empty and valid. */
struct buf {
	char *p;
	size_t n, cap;
};

void buf_grow(struct buf *b, size_t n); /* as buf_room, where there is less */
/* Room for at least n more bytes at p + n; the caller writes there and adds to n itself. */
static inline char *buf_room(struct buf *b, size_t n)
{
	if (b->cap - b->n < n)
		buf_grow(b, n);
	return b->p + b->n;
}
static inline void buf_add(struct buf *b, struct str s)
{
	if (s.n)
		memcpy(buf_room(b, s.n), s.p, s.n);
	b->n += s.n;
}
static inline void buf_addc(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}
void buf_number(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop_front(struct buf *b, size_t n);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_finish(struct buf *b); /* frees it; the buffer is empty and usable again */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}
/* Adds a literal without counting it at run time. */
#define buf_lit(b, literal) buf_add((b), STR(literal))

#endif

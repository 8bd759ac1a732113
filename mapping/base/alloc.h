/* SPDX-License-Identifier: MIT */
/* The one way to memory: it never returns NULL. Every size a remote controls is capped before it gets here. */
#ifndef TOMBOLO_ALLOC_H
#define TOMBOLO_ALLOC_H

#include <stddef.h>
#include "mapping/base/str.h"

/* Zeroed memory, freed with free(); out of memory ends the process with one line on stderr. */
void *alloc_zero(size_t n);
void *alloc_array(size_t count, size_t each); /* zeroed; overflow counts as out of memory */
void *alloc_grow(void *p, size_t n); /* as realloc */
/* A heap copy, NUL-terminated behind its n bytes; free((char *)s.p). */
struct str alloc_str(struct str s);
void alloc_str_free(struct str *s); /* frees a copy made by alloc_str and empties it */
/* Frees the old copy, keeps a new one; a no-op where both are equal. */
void alloc_str_set(struct str *kept, struct str s);
_Noreturn void alloc_failed(size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/* Keyed hashing (SipHash-1-3) of everything that comes from the wire, and uthash tables that use it. */
#ifndef TOMBOLO_HASH_H
#define TOMBOLO_HASH_H

#include <stdint.h>
#include "mapping/base/alloc.h"
#include "mapping/base/str.h"

/* Set once at start from a random source, before the first table is used; the same for the whole process. */
void hash_set_key(const uint8_t key[16]);
uint64_t hash_bytes(const void *p, size_t n);
/* Under a key of its own: for ids that must be the same in every run of one installation. */
uint64_t hash_bytes_with(const uint8_t key[16], const void *p, size_t n);
static inline uint64_t hash_str(struct str s)
{
	return hash_bytes(s.p, s.n);
}

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)hash_bytes((keyptr), (keylen)))
#define uthash_fatal(msg) alloc_failed(0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <uthash.h>
#pragma GCC diagnostic pop

/* Tables keyed by a struct str member; the key's bytes must stay in place while the record is in the table. */
#define hash_find_str(head, s, out) HASH_FIND(hh, (head), (s).p, (s).n, (out))
#define hash_add_str(head, field, rec) HASH_ADD_KEYPTR(hh, (head), (rec)->field.p, (rec)->field.n, (rec))
/* Tables keyed by a uint64_t member that is a keyed hash itself. */
#define hash_find_key(head, k, out) HASH_FIND_BYHASHVALUE(hh, (head), &(k), sizeof(k), (unsigned)(k), (out))
#define hash_add_key(head, field, rec)                                                                                 \
	HASH_ADD_BYHASHVALUE(hh, (head), field, sizeof((rec)->field), (unsigned)(rec)->field, (rec))

#endif

/* SPDX-License-Identifier: MIT */
#include "mapping/base/hash.h"

#include <endian.h>
#include <string.h>

static uint8_t process_key[16];

struct sip_state { /* SipHash's four lanes (Aumasson, Bernstein 2012) */
	uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t x, unsigned by)
{
	return (x << by) | (x >> (64 - by));
}

static inline void mix(struct sip_state *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

/* The first n of a little-endian word's bytes, 8 at most. */
static inline uint64_t load(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return le64toh(v);
}

static inline void absorb(struct sip_state *s, uint64_t word)
{
	s->d ^= word;
	mix(s);
	s->a ^= word;
}

uint64_t hash_bytes_with(const uint8_t key[16], const void *p, size_t n)
{
	const uint8_t *at = p;
	size_t left = n;
	uint64_t k0 = load(key, 8), k1 = load(key + 8, 8);
	struct sip_state s = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
		k1 ^ 0x7465646279746573u };

	for (; left >= 8; at += 8, left -= 8)
		absorb(&s, load(at, 8));
	absorb(&s, ((uint64_t)n << 56) | (left ? load(at, left) : 0));
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		mix(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

void hash_set_key(const uint8_t key[16])
{
	memcpy(process_key, key, sizeof(process_key));
}

uint64_t hash_bytes(const void *p, size_t n)
{
	return hash_bytes_with(process_key, p, n);
}

/* SPDX-License-Identifier: MIT */
#include "mapping/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/* SipHash-1-3, written down anew from the paper's definition: four lanes in an array, words assembled bit by bit. */
static uint64_t model(const uint8_t k[16], const uint8_t *in, size_t n)
{
	uint64_t v[4] = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573 };
	size_t words = n / 8 + 1;

	for (unsigned i = 0; i < 16; i++)
		for (unsigned lane = i / 8; lane < 4; lane += 2)
			v[lane] ^= (uint64_t)k[i] << (i % 8 * 8);
	for (size_t w = 0; w < words + 3; w++) {
		uint64_t m = 0;

		for (size_t i = 0; i < 8 && w < words; i++) {
			size_t at = w * 8 + i;

			m |= (uint64_t)(at < n ? in[at] : i == 7 && w == words - 1 ? (n & 0xff) : 0) << (8 * i);
		}
		v[2] ^= w == words ? 0xff : 0;
		v[3] ^= m;
		for (unsigned half = 0; half < 2; half++)
			for (unsigned p = 0; p < 4; p += 2) {
				unsigned to = half ? (p + 2) % 4 : p, from = p + 1;
				static const unsigned turns[2][2] = { { 13, 16 }, { 17, 21 } };
				unsigned t = half ? (p ? turns[1][1] : turns[1][0]) : turns[0][p / 2];

				v[to] += v[from];
				v[from] = (v[from] << t | v[from] >> (64 - t)) ^ v[to];
				if (half ? p == 0 : p == 0)
					v[to] = v[to] << 32 | v[to] >> 32;
			}
		v[0] ^= m;
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void the_hash_is_siphash_1_3(void **state)
{
	(void)state;
	uint8_t in[64];

	for (size_t n = 0; n < sizeof(in); n++) {
		in[n] = (uint8_t)n;
		assert_true(hash_bytes_with(key, in, n) == model(key, in, n));
	}
}

static void a_key_of_its_own_gives_the_same_in_every_run(void **state)
{
	(void)state;
	uint8_t other[16];
	uint64_t before = hash_bytes_with(key, "abc", 3);

	memset(other, 7, sizeof(other));
	hash_set_key(other);
	assert_true(hash_bytes_with(key, "abc", 3) == before);
	assert_true(hash_bytes("abc", 3) == hash_bytes_with(other, "abc", 3));
	assert_true(hash_bytes("abc", 3) != before);
	assert_true(hash_str(STR("abc")) == hash_bytes("abc", 3));
	hash_set_key(key);
	assert_true(hash_bytes("abc", 3) == before);
}

/* Length counts, and every bit of key and text. */
static void a_changed_bit_changes_half_of_the_hash(void **state)
{
	(void)state;
	uint8_t text[24] = { 0 }, changed[16];
	uint64_t base = hash_bytes_with(key, text, sizeof(text));
	unsigned flips = 0;

	for (unsigned bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
		flips += (unsigned)__builtin_popcountll(base ^ hash_bytes_with(key, text, sizeof(text)));
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 128; bit++) {
		memcpy(changed, key, sizeof(key));
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		flips += (unsigned)__builtin_popcountll(base ^ hash_bytes_with(changed, text, sizeof(text)));
	}
	assert_in_range(flips, 320 * 30, 320 * 34);
	for (size_t n = 0; n < sizeof(text); n++)
		assert_true(hash_bytes_with(key, text, n) != hash_bytes_with(key, text, n + 1));
}

static void names_spread_evenly(void **state)
{
	(void)state;
	enum { NAMES = 65536, BUCKETS = 256 };
	unsigned counts[BUCKETS] = { 0 };
	double chi = 0, mean = (double)NAMES / BUCKETS;

	for (unsigned i = 0; i < NAMES; i++) {
		char name[32];
		int n = snprintf(name, sizeof(name), "user%u@example.com", i);

		counts[hash_bytes_with(key, name, (size_t)n) % BUCKETS]++;
	}
	for (unsigned i = 0; i < BUCKETS; i++)
		chi += (counts[i] - mean) * (counts[i] - mean) / mean;
	assert_true(chi > 150 && chi < 380); /* 255 expected; beyond 5.5 sigma otherwise */
}

struct record {
	struct str name;
	UT_hash_handle hh;
};

static void tables_find_what_was_put_in(void **state)
{
	(void)state;
	enum { RECORDS = 5000 };
	struct record *records = calloc(RECORDS, sizeof(*records)), *head = NULL, *found;
	char(*names)[16] = calloc(RECORDS, sizeof(*names));

	hash_set_key(key);
	for (unsigned i = 0; i < RECORDS; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		records[i].name = str_c(names[i]);
		hash_add_str(head, name, &records[i]);
	}
	for (unsigned i = 0; i < RECORDS; i++) {
		hash_find_str(head, records[i].name, found);
		assert_ptr_equal(found, &records[i]);
	}
	hash_find_str(head, STR("n5000"), found);
	assert_null(found);
	HASH_CLEAR(hh, head);
	free(records);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_siphash_1_3),
		cmocka_unit_test(a_key_of_its_own_gives_the_same_in_every_run),
		cmocka_unit_test(a_changed_bit_changes_half_of_the_hash),
		cmocka_unit_test(names_spread_evenly),
		cmocka_unit_test(tables_find_what_was_put_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_TABLE_SAMPLE_H
#define TESTS_TABLE_SAMPLE_H

/* Prefixes for the tests of the tables. */

#include "test.h"

#include <zlib.h>

/* A prefix of `len` bits taken from two words in host order, IPv4 from the upper half of the first. */
static inline manrs_prefix sample_bits(unsigned family, unsigned len, uint64_t hi, uint64_t lo)
{
	manrs_prefix p = {.family = (uint8_t)family, .len = (uint8_t)len, .maxlen = (uint8_t)len};

	for (unsigned i = 0; i < len; i++) {
		uint64_t word = i < 64 ? hi : lo;

		if (word >> (63 - i % 64) & 1)
			p.addr[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
	return p;
}

/* The prefix of len one bits. */
static inline manrs_prefix sample_ones(unsigned family, unsigned len)
{
	return sample_bits(family, len, UINT64_MAX, UINT64_MAX);
}

/*
 * A random prefix of either family, of 2^spread addresses: the less the spread, the more prefixes
 * meet and cover each other.
 */
static inline manrs_prefix sample_prefix(uint64_t *seed, unsigned spread)
{
	uint64_t how = test_random(seed), a = test_random(seed), b = test_random(seed);
	unsigned family = how & 1 ? 4 : 6, bits = family == 4 ? 32 : 128, len;

	if (spread < 64) {
		a &= (UINT64_C(1) << spread) - 1;
		a *= UINT64_C(0x9e3779b97f4a7c15);
		b = a * 31;
	}
	if (spread < 16 && how & 2) { /* the first bits vary, so that short prefixes meet too */
		a <<= 64 - spread;
		b = 0;
	}
	len = (unsigned)(how >> 8) % (bits + 1);
	if ((how >> 32) % 16 == 0)
		len = 0;
	if ((how >> 32) % 16 == 1)
		len = bits;
	if ((how >> 32) % 16 == 2)
		len = 64 % bits;
	return sample_bits(family, len, a, b);
}

/* One of each way to break the contract of a prefix. */
#define SAMPLE_BAD 9
static inline void sample_bad(manrs_prefix *bad)
{
	manrs_prefix four = sample_bits(4, 8, UINT64_C(10) << 56, 0), six = sample_ones(6, 64);

	for (int i = 0; i < SAMPLE_BAD; i++)
		bad[i] = i < 5 ? four : six;
	bad[0].family = 0;
	bad[1].family = 2; /* AF_INET */
	bad[2].len = 33;
	bad[3].addr[1] = 1; /* a host bit */
	bad[4].addr[15] = 1;
	bad[5].zero = 1;
	bad[6].len = 129;
	bad[7].addr[8] = 0x80;
	bad[8].family = 10; /* AF_INET6 */
}

/* The real table of both families, NULL if it is not there. The caller frees it. */
static inline manrs_prefix *sample_table(size_t *n)
{
	const char *path = test_data("bench/prefixes-2024-01.txt.gz");
	gzFile in = path ? gzopen(path, "rb") : NULL;
	manrs_prefix *keys = NULL;
	size_t cap = 0;
	char line[128];

	*n = 0;
	while (in && gzgets(in, line, sizeof line)) {
		if (*n == cap)
			keys = realloc(keys, (cap = cap ? 2 * cap : 1 << 16) * sizeof *keys);
		ck_assert_int_eq(manrs_prefix_parse(&keys[*n], line, strcspn(line, "\r\n"), NULL),
				 MANRS_OK);
		++*n;
	}
	if (in)
		gzclose(in);
	return keys;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Places in cache lines: against a map of the words that are taken. */

#include "../test.h"
#include "base/pack.h"

#define PIECES 20000

START_TEST(pieces_are_apart_and_within_a_line)
{
	static uint8_t taken[PIECES * 24];
	struct pack p = {0};
	uint64_t seed = 1;
	size_t used = 0;

	for (int i = 0; i < PIECES; i++) {
		size_t words = 1 + test_below(&seed, i % 7 ? 8 : 20), before = p.words;
		size_t at = pack_place(&p, words);

		ck_assert(at + words <= p.words && p.words % PACK_LINE == 0);
		ck_assert(p.words == before || p.words - before == (words + 7) / 8 * 8);
		if (words <= PACK_LINE)
			ck_assert_uint_eq(at / PACK_LINE, (at + words - 1) / PACK_LINE);
		else
			ck_assert_uint_eq(at % PACK_LINE, 0);
		for (size_t k = at; k < at + words; k++)
			ck_assert_uint_eq(taken[k]++, 0);
		used += words;
	}
	ck_assert_uint_gt(used, p.words * 9 / 10); /* little is lost */
}
END_TEST

Suite *pack_suite(void)
{
	Suite *s = suite_create("base/pack");

	ADD_TEST(s, pieces_are_apart_and_within_a_line, 5);
	return s;
}

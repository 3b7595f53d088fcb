/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash of attribute sets: its values, that each bit of an item moves half of it, and that regular items do not meet. */

#include "../test.h"
#include "base/nh.h"

/*
 * The formula at the top of nh.h in Python's unbounded integers; the keys as Python 3.11 gives them for the numbers from 0 on
 * under PYTHONHASHSEED=0, its SipHash-1-3 with a key of zeros.
 */
START_TEST(the_hash_is_what_its_formula_says)
{
	static const struct {
		size_t n;
		uint64_t with_0, with_1;
	} rows[] = {
		{0, UINT64_C(0xbc47f2d2b6cdbf42), UINT64_C(0x73662217e768cccc)},
		{1, UINT64_C(0x1f3f7f7a318d2dee), UINT64_C(0x1684e91a37bacc4c)},
		{2, UINT64_C(0x7958021288e4fe25), UINT64_C(0xac2018c77281c550)},
		{3, UINT64_C(0xb71b972c0455325a), UINT64_C(0x98333748dfdfecc2)},
		{4, UINT64_C(0xfd83d378e9c14f63), UINT64_C(0x493952cb1414eb13)},
		{32, UINT64_C(0x7bf1ba183bb8028b), UINT64_C(0x7e2570ec50cb6afc)},
	};
	uint64_t words[NH_MOST / 8];
	struct nh nh;

	nh_seed(&nh, (const uint64_t[2]){0, 0});
	for (uint64_t i = 0; i < NH_MOST / 8; i++)
		words[i] = UINT64_C(0x0706050403020100) + i * UINT64_C(0x0808080808080808);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ck_assert_uint_eq(nh_hash(&nh, 0, words, rows[i].n * 8), rows[i].with_0);
		ck_assert_uint_eq(nh_hash(&nh, 1, words, rows[i].n * 8), rows[i].with_1);
	}
}
END_TEST

/*
 * Of items of every length up to a little more than there are keys for: of the bits that find a slot, any flipped bit moves
 * half. 64 x 32 draws of a fair coin lie within 180 of their middle but once in 10^15.
 */
START_TEST(each_bit_moves_half_of_the_hash)
{
	uint64_t seed = 1;

	for (size_t n = 1; n < NH_MOST + 20; n += n < 34 ? 1 : 13)
		for (size_t bit = 0; bit < 8 * n; bit += 1 + bit / 64 % 7) {
			int moved = 0;

			for (int i = 0; i < 64; i++) {
				const uint64_t seeds[2] = {test_random(&seed), test_random(&seed)};
				uint8_t item[NH_MOST + 20];
				uint64_t was;
				struct nh nh;

				for (size_t at = 0; at < n; at++)
					item[at] = (uint8_t)test_random(&seed);
				nh_seed(&nh, seeds);
				was = nh_hash(&nh, 0, item, n);
				item[bit / 8] ^= (uint8_t)(1u << bit % 8);
				was ^= nh_hash(&nh, 0, item, n);
				moved += (int)cc_popcount64(was >> 32);
			}
			ck_assert_msg(moved > 1024 - 180 && moved < 1024 + 180,
				      "bit %u of %u bytes: %d of 2048", (unsigned)bit, (unsigned)n,
				      moved);
		}
}
END_TEST

/* Zeros of every length, and one that walks through them: none meets another in the 64 bits. */
START_TEST(lengths_and_regular_items_differ)
{
	static uint64_t all[2 * NH_MOST + 8 * NH_MOST];
	uint8_t item[2 * NH_MOST] = {0};
	size_t k = 0;
	struct nh nh;

	nh_seed(&nh, (const uint64_t[2]){1, 2});
	for (size_t n = 0; n < 2 * NH_MOST; n++)
		all[k++] = nh_hash(&nh, 0, item, n);
	for (size_t bit = 0; bit < 8 * NH_MOST; bit++) {
		item[bit / 8] = (uint8_t)(1u << bit % 8);
		all[k++] = nh_hash(&nh, 0, item, NH_MOST);
		item[bit / 8] = 0;
	}
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(all[i] != all[j]);
}
END_TEST

Suite *nh_suite(void)
{
	Suite *s = suite_create("nh");

	ADD_TEST(s, the_hash_is_what_its_formula_says, 5);
	ADD_TEST(s, each_bit_moves_half_of_the_hash, 20);
	ADD_TEST(s, lengths_and_regular_items_differ, 10);
	return s;
}

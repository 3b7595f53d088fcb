/* SPDX-License-Identifier: BSD-2-Clause */
/* Both sorts against the C library's on random, sorted, reversed and equal keys, and a bound on comparisons. */

#include "../test.h"
#include "base/order.h"
#include "base/sort.h"

#define MOST 5000

struct arg {
	const uint32_t *second;
	uint64_t compared;
};

static int by_second(const void *arg, uint64_t a, uint64_t b)
{
	struct arg *x = (struct arg *)(uintptr_t)arg;

	x->compared++;
	return x->second[a] < x->second[b] ? -1 : x->second[a] > x->second[b];
}

/* For the C library: key, then second, then place. */
struct plain {
	uint64_t key, second, at;
};

static int plain_cmp(const void *va, const void *vb)
{
	const struct plain *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->second < b->second ? -1 : a->second > b->second;
}

/* kind: how keys come out of a random number. */
static uint64_t key_of(unsigned kind, size_t i, uint64_t x)
{
	switch (kind) {
	case 0:
		return x;
	case 1:
		return x % 3;
	case 2:
		return i;
	case 3:
		return UINT64_MAX - i;
	case 4:
		return 7;
	case 5:
		return x << 60;
	default:
		return (x % 16) << 33 | i % 2;
	}
}

static void sorted_as_the_c_library_does(unsigned kind, size_t n, uint64_t seed)
{
	static struct sort_item item[MOST], tmp[MOST];
	static struct plain plain[MOST];
	static uint32_t second[MOST];
	struct arg arg = {second, 0};
	size_t log = 1;

	for (size_t i = 0; i < n; i++) {
		item[i] = (struct sort_item){key_of(kind, i, test_random(&seed)), i};
		second[i] = (uint32_t)test_random(&seed);
		plain[i] = (struct plain){item[i].key, second[i], i};
	}
	sort_items(item, tmp, n, by_second, &arg);
	qsort(plain, n, sizeof *plain, plain_cmp);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(item[i].key, plain[i].key);
		ck_assert_uint_eq(second[item[i].at], plain[i].second);
	}
	while (n >> log)
		log++;
	ck_assert_uint_le(arg.compared, 3 * n * log + 64);
}

START_TEST(items_by_key_then_by_comparison)
{
	for (unsigned kind = 0; kind < 7; kind++) {
		for (size_t n = 0; n < 140; n++)
			sorted_as_the_c_library_does(kind, n, n + 1);
		sorted_as_the_c_library_does(kind, MOST, kind);
	}
}
END_TEST

static int u64_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

START_TEST(numbers_in_order_each_once)
{
	uint64_t seed = 9, big[300], want[300];
	uint32_t small[300];

	for (unsigned round = 0; round < 4000; round++) {
		size_t n = round % 300, left = 0;
		uint64_t range = round % 3 ? 1 + n / 2 : UINT32_MAX;

		for (size_t i = 0; i < n; i++) {
			big[i] = want[i] = test_random(&seed) % range;
			small[i] = (uint32_t)big[i];
		}
		if (n)
			qsort(want, n, sizeof *want, u64_cmp);
		for (size_t i = 0; i < n; i++)
			if (!i || want[i] != want[left - 1])
				want[left++] = want[i];
		ck_assert_uint_eq(order_u64(big, n), left);
		ck_assert_uint_eq(order_u32(small, n), left);
		for (size_t i = 0; i < left; i++) {
			ck_assert_uint_eq(big[i], want[i]);
			ck_assert_uint_eq(small[i], want[i]);
		}
	}
}
END_TEST

Suite *sort_suite(void)
{
	Suite *s = suite_create("base/sort");

	ADD_TEST(s, items_by_key_then_by_comparison, 5);
	ADD_TEST(s, numbers_in_order_each_once, 5);
	return s;
}

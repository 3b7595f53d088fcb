/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heapsort, for lists that come from outside: no bad case, no memory, no recursion. What is sorted already, as most such
 * lists are, is only looked at. (The C library's qsort may allocate.)
 */

#include "base/order.h"

#include <assert.h>

#define ORDER(name, type)                                             \
	static void name##_sift(type *v, size_t at, size_t n)         \
	{                                                             \
		type x = v[at];                                       \
		size_t child;                                         \
                                                                      \
		for (; (child = 2 * at + 1) < n; at = child) {        \
			if (child + 1 < n && v[child] < v[child + 1]) \
				child++;                              \
			if (v[child] <= x)                            \
				break;                                \
			v[at] = v[child];                             \
		}                                                     \
		v[at] = x;                                            \
	}                                                             \
                                                                      \
	size_t name(type *v, size_t n)                                \
	{                                                             \
		size_t up = 1, left = n ? 1 : 0;                      \
                                                                      \
		while (up < n && v[up - 1] <= v[up])                  \
			up++;                                         \
		if (up < n) {                                         \
			for (size_t i = n / 2; i-- > 0;)              \
				name##_sift(v, i, n);                 \
			for (size_t end = n - 1; end > 0; end--) {    \
				type largest = v[0];                  \
                                                                      \
				v[0] = v[end];                        \
				v[end] = largest;                     \
				name##_sift(v, 0, end);               \
			}                                             \
		}                                                     \
		for (size_t i = 1; i < n; i++) {                      \
			assert(v[i] >= v[left - 1]);                  \
			if (v[i] != v[left - 1])                      \
				v[left++] = v[i];                     \
		}                                                     \
		return left;                                          \
	}

ORDER(order_u32, uint32_t)
ORDER(order_u64, uint64_t)

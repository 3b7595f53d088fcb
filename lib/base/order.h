/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_ORDER_H
#define LIB_BASE_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Sort in place, ascending, each value once: how many are left. O(n log n) whatever the input, no memory. */
size_t order_u32(uint32_t *v, size_t n);
size_t order_u64(uint64_t *v, size_t n);

#endif

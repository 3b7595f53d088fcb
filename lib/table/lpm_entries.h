/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_LPM_ENTRIES_H
#define LIB_TABLE_LPM_ENTRIES_H

/*
 * How the entries of a compiled longest match lie: what manrs/lpm.h does not tell and floors above build on. They count from
 * 1, in the order of manrs_prefix_cmp, so those inside a prefix stand together.
 */

#include <manrs/lpm.h>

/* The entries inside a prefix, itself included: from *first on, before *end; where there is none both are where it would be. */
void lpm_inside(const manrs_lpm *lpm, const manrs_prefix *prefix, uint32_t *first, uint32_t *end);

/* The longest entry that covers another; 0: none. */
uint32_t lpm_parent(const manrs_lpm *lpm, uint32_t entry);

#endif

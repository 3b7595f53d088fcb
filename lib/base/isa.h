/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_ISA_H
#define LIB_BASE_ISA_H

#include <manrs/base.h>

/*
 * The code path for a wish: MANRS_ISA_AUTO becomes the best of this processor; a path that the processor or this build
 * does not have is MANRS_EUNSUP, a number that is none is MANRS_EINVAL. returns: enum manrs_isa, never AUTO; or an error.
 */
int isa_choose(uint32_t wish);

#endif

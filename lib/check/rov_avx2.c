/* SPDX-License-Identifier: BSD-2-Clause */
/* Origin validation with the instructions of AVX2. */

#define ROV_PATH rov_avx2
#include "check/rov_batch.h"

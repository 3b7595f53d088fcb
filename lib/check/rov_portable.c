/* SPDX-License-Identifier: BSD-2-Clause */
/* Origin validation in plain C. */

#define ROV_PATH rov_portable
#include "check/rov_batch.h"

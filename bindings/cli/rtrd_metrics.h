/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_METRICS_H
#define CLI_RTRD_METRICS_H

/* How a cache stands, in Prometheus's text format 0.0.4. */

#include "output.h"
#include "rtrd.h"

void metrics_write(struct out *out, const struct rtrd *d, uint64_t now);

#endif

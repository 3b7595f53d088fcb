/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

/*
 * Prometheus's text format 0.0.4. By its rules a name says its unit, a counter ends in _total, times are Unix seconds. What is
 * not known is left out, not 0.
 */

#include "output.h"

/* What every name begins with: "manrs_rtrd_"; set by the verb. */
extern const char *metrics_of;

/* What stands over the samples of a name. */
void metric_about(struct out *out, const char *name, const char *help);
/* A sample is a name, labels if any, and a number. */
void metric_name(struct out *out, const char *name);
/*
 * A label whose value is text of others: \, " and line ends escaped. A scrape with one byte that is no UTF-8 is refused whole,
 * and names of files may have any bytes, so that only ASCII stays as it is. before: "{" or ","; "}" is the caller's.
 */
void metric_label(struct out *out, const char *before, const char *name, const char *value);
void metric_number(struct out *out, uint64_t value);
/* All of it, without a label; and a sample with one. */
void metric(struct out *out, const char *name, const char *help, uint64_t value);
void metric_labelled(struct out *out, const char *name, const char *label_name, const char *value,
		     uint64_t n);

#endif

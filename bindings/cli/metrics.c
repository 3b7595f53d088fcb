/* SPDX-License-Identifier: BSD-2-Clause */
/* Prometheus's text: see metrics.h. */

#include "metrics.h"

#include <string.h>

const char *metrics_of = "manrs_";

void metric_number(struct out *out, uint64_t value)
{
	out_text(out, " ");
	out_number(out, value);
	out_text(out, "\n");
}

void metric_about(struct out *out, const char *name, const char *help)
{
	size_t n = strlen(name);
	bool counter = n > 6 && !strcmp(name + n - 6, "_total");

	out_text(out, "# HELP ");
	out_text(out, metrics_of);
	out_text(out, name);
	out_text(out, " ");
	out_text(out, help);
	out_text(out, "\n# TYPE ");
	out_text(out, metrics_of);
	out_text(out, name);
	out_text(out, counter ? " counter\n" : " gauge\n");
}

void metric_name(struct out *out, const char *name)
{
	out_text(out, metrics_of);
	out_text(out, name);
}

void metric(struct out *out, const char *name, const char *help, uint64_t value)
{
	metric_about(out, name, help);
	metric_name(out, name);
	metric_number(out, value);
}

void metric_label(struct out *out, const char *before, const char *name, const char *value)
{
	out_text(out, before);
	out_text(out, name);
	out_text(out, "=\"");
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			out_text(out, "\\");
		if (*value == '\n')
			out_text(out, "\\n");
		else
			out_bytes(out, *value >= ' ' && *value < 127 ? value : "?", 1);
	}
	out_text(out, "\"");
}

void metric_labelled(struct out *out, const char *name, const char *label_name, const char *value,
		     uint64_t n)
{
	metric_name(out, name);
	metric_label(out, "{", label_name, value);
	out_text(out, "}");
	metric_number(out, n);
}

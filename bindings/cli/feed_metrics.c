/* SPDX-License-Identifier: BSD-2-Clause */
/* How the sources stand, as metrics. */

#include "feed.h"
#include "metrics.h"

static void of_source(struct out *out, const char *name, const struct feed_source *s,
		      uint64_t value)
{
	metric_name(out, name);
	metric_label(out, "{", "source", s->name);
	metric_label(out, ",", "kind", s->kind);
	out_text(out, "}");
	metric_number(out, value);
}

static const struct source_metric {
	const char *name, *help;
	size_t at; /* of a uint64_t */
	bool known_above_0;
} source_metrics[] = {
	{"source_vrps", "VRPs of a source.", offsetof(struct feed_source, vrps), false},
	{"source_aspas", "ASPAs of a source.", offsetof(struct feed_source, aspas), false},
	{"source_router_keys", "Router keys of a source.", offsetof(struct feed_source, keys),
	 false},
	{"source_route_objects", "Route objects of a source.", offsetof(struct feed_source, irr),
	 true},
	{"source_bad_entries", "Entries of a source that could not be read.",
	 offsetof(struct feed_source, bad), false},
	{"source_built_seconds", "When its data was built, Unix time.",
	 offsetof(struct feed_source, built), true},
	{"source_read_seconds", "When its data was read, Unix time.",
	 offsetof(struct feed_source, read_at), true},
	{"source_reads_total", "Readings of a source.", offsetof(struct feed_source, reads), false},
	{"source_failures_total", "Readings of a source that were not taken.",
	 offsetof(struct feed_source, failures), false},
};

void feed_metrics(struct out *out, const struct feed_news *news)
{
	for (size_t k = 0; k < sizeof source_metrics / sizeof *source_metrics; k++) {
		const struct source_metric *m = &source_metrics[k];

		metric_about(out, m->name, m->help);
		for (size_t i = 0; i < news->n_sources; i++) {
			const struct feed_source *s = &news->source[i];
			uint64_t value = *(const uint64_t *)(const void *)((const char *)s + m->at);

			if (value || !m->known_above_0)
				of_source(out, m->name, s, value);
		}
	}
	metric_about(out, "source_good", "1: its last reading was taken; else why says why not.");
	for (size_t i = 0; i < news->n_sources; i++) {
		const struct feed_source *s = &news->source[i];

		metric_name(out, "source_good");
		metric_label(out, "{", "source", s->name);
		metric_label(out, ",", "kind", s->kind);
		metric_label(out, ",", "why", s->problem);
		out_text(out, "}");
		metric_number(out, s->good && !*s->problem);
	}
}

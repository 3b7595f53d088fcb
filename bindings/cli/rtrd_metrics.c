/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics by Prometheus's rules: a name says its unit, a counter ends in _total, times are Unix seconds. What is not known
 * (the build time of files that do not say it) is left out, not 0.
 */

#include "rtrd_metrics.h"

#include <manrs/rtrd_status.h>

#include <stdio.h>
#include <string.h>

static void number(struct out *out, uint64_t value)
{
	out_text(out, " ");
	out_number(out, value);
	out_text(out, "\n");
}

/* What stands over the samples of a name. */
static void about(struct out *out, const char *name, const char *help)
{
	size_t n = strlen(name);
	bool counter = n > 6 && !strcmp(name + n - 6, "_total");

	out_text(out, "# HELP manrs_rtrd_");
	out_text(out, name);
	out_text(out, " ");
	out_text(out, help);
	out_text(out, "\n# TYPE manrs_rtrd_");
	out_text(out, name);
	out_text(out, counter ? " counter\n" : " gauge\n");
}

static void sample(struct out *out, const char *name)
{
	out_text(out, "manrs_rtrd_");
	out_text(out, name);
}

static void one(struct out *out, const char *name, const char *help, uint64_t value)
{
	about(out, name, help);
	sample(out, name);
	number(out, value);
}

/*
 * A label whose value is text of others: \, " and line ends escaped. A scrape with one byte that is no UTF-8 is refused whole, and
 * names of files may have any bytes, so that only ASCII stays as it is.
 */
static void label(struct out *out, const char *before, const char *name, const char *value)
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

static void labelled(struct out *out, const char *name, const char *label_name, const char *value,
		     uint64_t n)
{
	sample(out, name);
	label(out, "{", label_name, value);
	out_text(out, "}");
	number(out, n);
}

static const char *const versions[] = {"0", "1", "2"};

/* ---- what is served ---- */

static void write_set(struct out *out, const struct rtrd *d, const manrs_rtrd_status *s,
		      uint64_t now)
{
	about(out, "vrps", "VRPs that are served.");
	labelled(out, "vrps", "family", "ipv4", s->vrps4);
	labelled(out, "vrps", "family", "ipv6", s->vrps6);
	one(out, "aspas", "ASPAs that are served.", s->aspas);
	one(out, "router_keys", "Router keys that are served.", s->keys);
	one(out, "serial", "Serial of what is served.", s->serial);
	about(out, "session", "Session of a version.");
	for (int version = 0; version < 3; version++)
		labelled(out, "session", "version", versions[version], d->session[version]);
	one(out, "oldest_serial", "Oldest serial that is answered with a difference.",
	    s->oldest_serial);
	one(out, "serials_total", "Sets that were published.", s->publishes);
	if (!d->news.built)
		return;
	one(out, "data_built_seconds", "When the oldest of the sources was built, Unix time.",
	    d->news.built);
	one(out, "data_age_seconds", "How long ago that was.",
	    now > d->news.built ? now - d->news.built : 0);
}

static void write_health(struct out *out, const struct rtrd *d)
{
	about(out, "health", "1 for the state of the cache, 0 for the others.");
	for (enum rtrd_health h = RTRD_STARTING; h <= RTRD_NO_DATA; h++)
		labelled(out, "health", "state", rtrd_health_text(h), d->health == h);
	one(out, "guard_held", "Whether a set is held that takes away too much.",
	    d->news.held_of != 0);
	if (d->news.held_of) {
		one(out, "guard_removed", "Records that the held set takes away.",
		    d->news.held_removed);
		one(out, "guard_since_seconds", "Since when it is held, Unix time.",
		    d->news.held_since);
	}
	one(out, "guarded_total", "Sets that were held so far.", d->news.guarded);
	one(out, "readings_total", "Readings of all sources that ended.", d->news.rounds);
	one(out, "state_good", "Whether session and serial are on disk.", d->news.state_good);
	one(out, "start_seconds", "When the process started, Unix time.", d->started);
}

/* ---- the sources ---- */

static void of_source(struct out *out, const char *name, const struct rtrd_source *s,
		      uint64_t value)
{
	sample(out, name);
	label(out, "{", "source", s->name);
	label(out, ",", "kind", s->kind);
	out_text(out, "}");
	number(out, value);
}

static const struct source_metric {
	const char *name, *help;
	size_t at; /* of a uint64_t */
	bool known_above_0;
} source_metrics[] = {
	{"source_vrps", "VRPs of a source.", offsetof(struct rtrd_source, vrps), false},
	{"source_aspas", "ASPAs of a source.", offsetof(struct rtrd_source, aspas), false},
	{"source_router_keys", "Router keys of a source.", offsetof(struct rtrd_source, keys),
	 false},
	{"source_bad_entries", "Entries of a source that could not be read.",
	 offsetof(struct rtrd_source, bad), false},
	{"source_built_seconds", "When its data was built, Unix time.",
	 offsetof(struct rtrd_source, built), true},
	{"source_read_seconds", "When its data was read, Unix time.",
	 offsetof(struct rtrd_source, read_at), true},
	{"source_reads_total", "Readings of a source.", offsetof(struct rtrd_source, reads), false},
	{"source_failures_total", "Readings of a source that were not taken.",
	 offsetof(struct rtrd_source, failures), false},
};

static void write_sources(struct out *out, const struct rtrd_news *news)
{
	for (size_t k = 0; k < sizeof source_metrics / sizeof *source_metrics; k++) {
		const struct source_metric *m = &source_metrics[k];

		about(out, m->name, m->help);
		for (size_t i = 0; i < news->n_sources; i++) {
			const struct rtrd_source *s = &news->source[i];
			uint64_t value = *(const uint64_t *)(const void *)((const char *)s + m->at);

			if (value || !m->known_above_0)
				of_source(out, m->name, s, value);
		}
	}
	about(out, "source_good", "1: its last reading was taken; else why says why not.");
	for (size_t i = 0; i < news->n_sources; i++) {
		const struct rtrd_source *s = &news->source[i];

		sample(out, "source_good");
		label(out, "{", "source", s->name);
		label(out, ",", "kind", s->kind);
		label(out, ",", "why", s->problem);
		out_text(out, "}");
		number(out, s->good && !*s->problem);
	}
}

/* ---- the routers ---- */

static void write_clients(struct out *out, const struct rtrd *d, const manrs_rtrd_status *s)
{
	uint64_t asked = 0;

	about(out, "clients", "Routers that are connected, by their version.");
	for (int version = 0; version < 3; version++) {
		labelled(out, "clients", "version", versions[version],
			 s->clients_by_version[version]);
		asked += s->clients_by_version[version];
	}
	labelled(out, "clients", "version", "none", s->clients - asked);
	one(out, "clients_sending", "Routers that an answer is under way to.", s->clients_sending);
	one(out, "connections_accepted_total", "Connections taken.", d->accepted);
	one(out, "connections_refused_total", "Connections turned away.", d->refused);
	one(out, "connections_closed_total", "Connections that have ended.", d->closed);
	one(out, "timeouts_total", "Connections closed as silent, slow or stuck.", s->timeouts);
}

static void write_codes(struct out *out, const struct rtrd *d)
{
	char code[12];

	about(out, "connection_errors_total",
	      "Connections that have ended, by the code of their last Error Report.");
	for (int i = 0; i < RTRD_CODES; i++) {
		snprintf(code, sizeof code, "%d", i);
		labelled(out, "connection_errors_total", "code", code, d->errors[i]);
	}
}

static void write_traffic(struct out *out, const manrs_rtrd_status *s)
{
	one(out, "resets_total", "Answers with the whole set.", s->resets);
	one(out, "deltas_total", "Answers with a difference.", s->deltas);
	one(out, "cache_resets_total", "Answers with Cache Reset.", s->cache_resets);
	one(out, "no_data_total", "Answers with No Data Available.", s->no_data);
	one(out, "notifies_total", "Serial Notifies.", s->notifies);
	about(out, "errors_total", "Error Reports, by who sent them.");
	labelled(out, "errors_total", "from", "router", s->errors_in);
	labelled(out, "errors_total", "from", "cache", s->errors_out);
	about(out, "bytes_total", "Bytes of the protocol, by who sent them.");
	labelled(out, "bytes_total", "from", "router", s->bytes_in);
	labelled(out, "bytes_total", "from", "cache", s->bytes_out);
	about(out, "memory_bytes", "Memory of the engine, by what it is for.");
	labelled(out, "memory_bytes", "for", "sets", s->bytes_sets);
	labelled(out, "memory_bytes", "for", "differences", s->bytes_deltas);
	labelled(out, "memory_bytes", "for", "slow routers", s->bytes_old);
	labelled(out, "memory_bytes", "for", "clients", s->bytes_clients);
}

void metrics_write(struct out *out, const struct rtrd *d, uint64_t now)
{
	manrs_rtrd_status status = {.size = sizeof status};

	write_health(out, d);
	write_sources(out, &d->news);
	if (!d->engine || manrs_rtrd_status_get(d->engine, &status) < 0)
		return;
	write_set(out, d, &status, now);
	write_clients(out, d, &status);
	write_codes(out, d);
	write_traffic(out, &status);
}

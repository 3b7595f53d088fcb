/* SPDX-License-Identifier: BSD-2-Clause */
/* How a cache stands. */

#include "rtrd_metrics.h"

#include "metrics.h"

#include <manrs/rtrd_status.h>

#include <stdio.h>
#include <string.h>

static const char *const versions[] = {"0", "1", "2"};

/* ---- what is served ---- */

static void write_set(struct out *out, const struct rtrd *d, const manrs_rtrd_status *s,
		      uint64_t now)
{
	metric_about(out, "vrps", "VRPs that are served.");
	metric_labelled(out, "vrps", "family", "ipv4", s->vrps4);
	metric_labelled(out, "vrps", "family", "ipv6", s->vrps6);
	metric(out, "aspas", "ASPAs that are served.", s->aspas);
	metric(out, "router_keys", "Router keys that are served.", s->keys);
	metric(out, "serial", "Serial of what is served.", s->serial);
	metric_about(out, "session", "Session of a version.");
	for (int version = 0; version < 3; version++)
		metric_labelled(out, "session", "version", versions[version], d->session[version]);
	metric(out, "oldest_serial", "Oldest serial that is answered with a difference.",
	       s->oldest_serial);
	metric(out, "serials_total", "Sets that were published.", s->publishes);
	if (!d->feed.news.built)
		return;
	metric(out, "data_built_seconds", "When the oldest of the sources was built, Unix time.",
	       d->feed.news.built);
	metric(out, "data_age_seconds", "How long ago that was.",
	       now > d->feed.news.built ? now - d->feed.news.built : 0);
}

static void write_health(struct out *out, const struct rtrd *d)
{
	metric_about(out, "health", "1 for the state of the cache, 0 for the others.");
	for (enum rtrd_health h = RTRD_STARTING; h <= RTRD_NO_DATA; h++)
		metric_labelled(out, "health", "state", rtrd_health_text(h), d->health == h);
	metric(out, "guard_held", "Whether a set is held that takes away too much.",
	       d->feed.news.held_of != 0);
	if (d->feed.news.held_of) {
		metric(out, "guard_removed", "Records that the held set takes away.",
		       d->feed.news.held_removed);
		metric(out, "guard_since_seconds", "Since when it is held, Unix time.",
		       d->feed.news.held_since);
	}
	metric(out, "guarded_total", "Sets that were held so far.", d->feed.news.guarded);
	metric(out, "readings_total", "Readings of all sources that ended.", d->feed.news.rounds);
	metric(out, "state_good", "Whether session and serial are on disk.",
	       d->feed.news.state_good);
	metric(out, "start_seconds", "When the process started, Unix time.", d->started);
}

/* ---- the routers ---- */

static void write_clients(struct out *out, const struct rtrd *d, const manrs_rtrd_status *s)
{
	uint64_t asked = 0;

	metric_about(out, "clients", "Routers that are connected, by their version.");
	for (int version = 0; version < 3; version++) {
		metric_labelled(out, "clients", "version", versions[version],
				s->clients_by_version[version]);
		asked += s->clients_by_version[version];
	}
	metric_labelled(out, "clients", "version", "none", s->clients - asked);
	metric(out, "clients_sending", "Routers that an answer is under way to.",
	       s->clients_sending);
	metric(out, "connections_accepted_total", "Connections taken.", d->listening.accepted);
	metric(out, "connections_refused_total", "Connections turned away.", d->listening.refused);
	metric(out, "connections_closed_total", "Connections that have ended.",
	       d->listening.closed);
	metric(out, "timeouts_total", "Connections closed as silent, slow or stuck.", s->timeouts);
}

static void write_codes(struct out *out, const struct rtrd *d)
{
	char code[12];

	metric_about(out, "connection_errors_total",
		     "Connections that have ended, by the code of their last Error Report.");
	for (int i = 0; i < RTRD_CODES; i++) {
		snprintf(code, sizeof code, "%d", i);
		metric_labelled(out, "connection_errors_total", "code", code, d->errors[i]);
	}
}

static void write_traffic(struct out *out, const manrs_rtrd_status *s)
{
	metric(out, "resets_total", "Answers with the whole set.", s->resets);
	metric(out, "deltas_total", "Answers with a difference.", s->deltas);
	metric(out, "cache_resets_total", "Answers with Cache Reset.", s->cache_resets);
	metric(out, "no_data_total", "Answers with No Data Available.", s->no_data);
	metric(out, "notifies_total", "Serial Notifies.", s->notifies);
	metric_about(out, "errors_total", "Error Reports, by who sent them.");
	metric_labelled(out, "errors_total", "from", "router", s->errors_in);
	metric_labelled(out, "errors_total", "from", "cache", s->errors_out);
	metric_about(out, "bytes_total", "Bytes of the protocol, by who sent them.");
	metric_labelled(out, "bytes_total", "from", "router", s->bytes_in);
	metric_labelled(out, "bytes_total", "from", "cache", s->bytes_out);
	metric_about(out, "memory_bytes", "Memory of the engine, by what it is for.");
	metric_labelled(out, "memory_bytes", "for", "sets", s->bytes_sets);
	metric_labelled(out, "memory_bytes", "for", "differences", s->bytes_deltas);
	metric_labelled(out, "memory_bytes", "for", "slow routers", s->bytes_old);
	metric_labelled(out, "memory_bytes", "for", "clients", s->bytes_clients);
}

void metrics_write(struct out *out, const struct rtrd *d, uint64_t now)
{
	manrs_rtrd_status status = {.size = sizeof status};

	metrics_of = "manrs_rtrd_";
	write_health(out, d);
	feed_metrics(out, &d->feed.news);
	if (!d->engine || manrs_rtrd_status_get(d->engine, &status) < 0)
		return;
	write_set(out, d, &status, now);
	write_clients(out, d, &status);
	write_codes(out, d);
	write_traffic(out, &status);
}

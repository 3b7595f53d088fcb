/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a watch says over HTTP:
 *
 *     /metrics             for Prometheus
 *     /health              200: it judges all that it is sent by current data; 503: why not
 *     /state               the standing routes with their verdicts, a JSON object a line, made while it is sent
 *     /state?prefix=P      of this prefix, and of all under it
 */

#include "watch.h"

#include "metrics.h"

#include <stdlib.h>
#include <string.h>

const char *watch_health(const struct watch *w)
{
	if (!w->followed)
		return "starting";
	if (w->expired)
		return "expired";
	if (w->full)
		return "full";
	for (size_t i = 0; i < w->feed.news.n_sources; i++)
		if (*w->feed.news.source[i].problem)
			return "old";
	for (const struct watch_session *s = w->sessions; s; s = s->next)
		if (s->rib < 0)
			return "unjudged";
	return "watching";
}

static void answer_health(struct http_request *q, const struct watch *w)
{
	const char *health = watch_health(w);
	struct out out;

	out_memory(&out);
	out_text(&out, health);
	for (size_t i = 0; i < w->feed.news.n_sources; i++) {
		if (!*w->feed.news.source[i].problem)
			continue;
		out_text(&out, "\n");
		out_text(&out, w->feed.news.source[i].name);
		out_text(&out, ": ");
		out_text(&out, w->feed.news.source[i].problem);
	}
	out_text(&out, "\n");
	http_respond(q, strcmp(health, "watching") ? HTTP_UNAVAILABLE : HTTP_OK, &out, HTTP_TEXT);
}

/* ---- metrics ---- */

static void write_verdicts(struct out *out, const struct watch *w)
{
	static const char *const states[] = {"pass", "fail", "unknown"};

	metric_about(out, "verdicts", "Routes by what a test says of them.");
	for (int test = 0; test < MANRS_TESTS; test++)
		for (int state = 0; state < 3; state++) {
			if (!w->counts.routes[test][0] && !w->counts.routes[test][1] &&
			    !w->counts.routes[test][2])
				continue;
			metric_name(out, "verdicts");
			metric_label(out, "{", "test", manrs_test_text(test));
			metric_label(out, ",", "state", states[state]);
			out_text(out, "}");
			metric_number(out, w->counts.routes[test][state]);
		}
}

static void write_sessions(struct out *out, const struct watch *w)
{
	uint64_t up = 0, unjudged = 0, all = 0;

	for (const struct watch_session *s = w->sessions; s; s = s->next) {
		all++;
		up += s->up;
		unjudged += s->rib < 0;
	}
	metric(out, "sessions", "Sessions whose routes are known.", all);
	metric(out, "sessions_up", "Of these, those that are up.", up);
	metric(out, "sessions_unjudged", "Of these, those that no policy names.", unjudged);
}

static void write_rib(struct out *out, const struct watch *w)
{
	manrs_rib_stats s = {.size = sizeof s};

	manrs_rib_stats_get(w->rib, &s);
	metric(out, "routes", "Routes that are held.", s.routes);
	metric(out, "prefixes", "Their prefixes.", s.prefixes);
	metric(out, "paths", "Their paths.", s.paths);
	metric(out, "rib_bytes", "Memory of them.", s.bytes);
	metric(out, "judged_total", "Verdicts that were made.", s.judged);
	metric(out, "waiting_changes", "Changes that are not told yet.", s.waiting);
}

static void answer_metrics(struct http_request *q, struct watch *w)
{
	static const char *const kinds[] = {"changed", "announced", "withdrawn"};
	struct out out;

	metrics_of = "manrs_watch_";
	out_memory(&out);
	metric(&out, "healthy", "Whether all is judged by current data.",
	       !strcmp(watch_health(w), "watching"));
	write_rib(&out, w);
	write_sessions(&out, w);
	write_verdicts(&out, w);
	metric_about(&out, "changes_total", "What became of routes.");
	for (int i = 0; i < 3; i++)
		metric_labelled(&out, "changes_total", "kind", kinds[i], w->counts.changes[i]);
	metric(&out, "routers", "Routers that are connected.", w->n_routers);
	metric(&out, "connections_accepted_total", "Connections taken.", w->listening.accepted);
	metric(&out, "connections_refused_total", "Connections turned away.", w->listening.refused);
	metric(&out, "bmp_messages_total", "Messages of routers.", w->messages);
	metric(&out, "bmp_bad_messages_total", "Of these, those that could not be read or used.",
	       w->bad_messages);
	metric(&out, "bmp_mirrored_malformed_total", "Malformed messages that routers mirrored.",
	       w->mirrored);
	metric(&out, "bmp_bytes_total", "Bytes of routers.", w->bytes);
	metric(&out, "input_records_total", "Lines and records of files.", w->lines);
	metric(&out, "input_bad_total", "What of files could not be read, used or judged.", w->bad);
	metric(&out, "full_routes_total", "Routes that did not fit.", w->full);
	metric(&out, "lag_milliseconds", "From the newest data to the last verdict by it.",
	       w->lag_ms);
	metric(&out, "turns_total", "Turns of the loop.", w->loop.turns.n);
	metric(&out, "slow_turns_total", "Of these, those of more than a millisecond.",
	       w->loop.turns.slow);
	metric(&out, "longest_turn_microseconds", "The longest of them.", w->loop.turns.longest_us);
	metric(&out, "start_seconds", "When the process started, Unix time.", w->started);
	feed_metrics(&out, &w->feed.news);
	http_respond(q, HTTP_OK, &out, HTTP_METRICS);
}

/* ---- the state ---- */

enum { STEP = 64 };

struct state {
	struct watch *w;
	manrs_cursor cursor;
	manrs_prefix prefix; /* family 0: all */
	struct rows rows;
	size_t at; /* rows.out.buf[at..n) is to be sent */
	bool ended;
};

static void state_step(struct state *s)
{
	manrs_rib_route routes[STEP];
	size_t n = manrs_rib_routes(s->w->rib, s->prefix.family ? &s->prefix : NULL,
				    MANRS_RIB_UNDER, &s->cursor, routes, STEP);

	s->rows.out.n = s->at = 0;
	for (size_t i = 0; i < n; i++)
		rows_route(s->w, &s->rows, &routes[i]);
	s->ended = n < STEP;
}

static size_t state_next(void *arg, char *bytes, size_t cap)
{
	struct state *s = arg;
	size_t n;

	while (s->at == s->rows.out.n && !s->ended)
		state_step(s);
	n = s->rows.out.n - s->at;
	n = n < cap ? n : cap;
	memcpy(bytes, s->rows.out.buf + s->at, n);
	s->at += n;
	return n;
}

static void state_end(void *arg)
{
	struct state *s = arg;

	free(s->rows.out.buf);
	free(s);
}

static void answer_state(struct http_request *q, struct watch *w)
{
	const char *prefix = http_argument(q, "prefix");
	struct state *s = must_resize(NULL, 1, sizeof *s);

	*s = (struct state){.w = w, .rows.format = FORMAT_JSONL};
	out_memory(&s->rows.out);
	if (prefix && manrs_prefix_parse(&s->prefix, prefix, strlen(prefix), NULL) < 0) {
		state_end(s);
		http_respond_text(q, HTTP_BAD_REQUEST,
				  "no prefix: an address without host bits, and its length");
		return;
	}
	http_respond_stream(q, "application/x-ndjson", state_next, state_end, s);
}

void watch_answer(void *arg, struct http_request *q, const char *path)
{
	if (!strcmp(path, "/metrics"))
		answer_metrics(q, arg);
	else if (!strcmp(path, "/health"))
		answer_health(q, arg);
	else if (!strcmp(path, "/state"))
		answer_state(q, arg);
	else
		http_respond_text(q, HTTP_NOT_FOUND, "no such page: /metrics, /health, /state");
}

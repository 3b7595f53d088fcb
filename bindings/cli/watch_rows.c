/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes and standing routes as rows. Rows gather in memory and go to stdout as it takes them: a reader that is slow keeps
 * what reads from routers waiting, not the loop.
 *
 *     2026-11-28T01:02:03Z r1 192.0.2.1 AS64500 203.0.113.0/24 AS64496: pass -> fail rov: rov-invalid-as
 */

#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PULL = 256,      /* changes at a time */
	WAIT = 1 << 20,  /* bytes of rows that may wait before reading stops */
	STATE_STEP = 64, /* routes of the state a turn */
};

/* ---- what a row is made of ---- */

uint64_t watch_time_us(const struct watch *w)
{
	struct timespec now;

	if (w->time_us)
		return w->time_us;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* "2025-07-20T09:31:35.123Z" */
static void put_time(struct rows *r, uint64_t time_us)
{
	char text[TIME_TEXT], ms[8];

	snprintf(ms, sizeof ms, ".%03uZ", (unsigned)(time_us / 1000 % 1000));
	time_text(text, time_us / 1000000);
	out_bytes(&r->out, text, strlen(text) - 1);
	out_text(&r->out, ms);
}

static void put_names(struct rows *r, uint64_t tests, const char *quote)
{
	const char *before = "";

	for (int test = 0; test < MANRS_TESTS; test++) {
		if (!(tests >> test & 1))
			continue;
		out_text(&r->out, before);
		out_text(&r->out, quote);
		out_text(&r->out, manrs_test_text(test));
		out_text(&r->out, quote);
		before = ",";
	}
}

/* "fail rov,aspa; unknown irr", "pass"; "none": there is no route */
static void put_verdict(struct rows *r, const manrs_verdict *v)
{
	if (!(v->pass | v->fail | v->unknown)) {
		out_text(&r->out, "none");
		return;
	}
	if (v->fail) {
		out_text(&r->out, "fail ");
		put_names(r, v->fail, "");
	}
	if (v->unknown) {
		out_text(&r->out, v->fail ? "; unknown " : "unknown ");
		put_names(r, v->unknown, "");
	}
	if (!(v->fail | v->unknown))
		out_text(&r->out, "pass");
}

static void json_verdict(struct rows *r, const char *name, const manrs_verdict *v)
{
	member(r, name, "");
	if (!(v->pass | v->fail | v->unknown)) {
		out_text(&r->out, "null");
		return;
	}
	out_text(&r->out, "{\"fail\":[");
	put_names(r, v->fail, "\"");
	out_text(&r->out, "],\"unknown\":[");
	put_names(r, v->unknown, "\"");
	out_text(&r->out, "],\"pass\":[");
	put_names(r, v->pass, "\"");
	out_text(&r->out, "]}");
}

/* Members that name a route: of JSON, or words with blanks between them. */
static void put_route(struct rows *r, const struct watch_session *s, const manrs_prefix *prefix,
		      uint32_t path_id, uint32_t origin)
{
	char text[MANRS_PREFIX_TEXT];
	const char *address = watch_address(text, &s->address);

	if (in_json(r) || *s->router)
		member_word(r, "router", " ", *s->router ? s->router : NULL);
	member_word(r, "peer", " ", in_json(r) && !s->address.family ? NULL : address);
	member(r, "asn", " ");
	if (in_json(r))
		out_number(&r->out, s->asn);
	else
		out_asn(&r->out, s->asn);
	if (in_json(r) || (s->view < VIEWS && s->view != VIEW_PRE))
		member_word(r, "view", " ", s->view < VIEWS ? watch_view_names[s->view] : NULL);
	member_prefix(r, "prefix", " ", prefix);
	if (in_json(r)) {
		member_number(r, "path_id", "", path_id);
		member_number(r, "origin", "", origin);
		return;
	}
	if (path_id) {
		out_text(&r->out, " path ");
		out_number(&r->out, path_id);
	}
	out_text(&r->out, " ");
	if (origin)
		out_asn(&r->out, origin);
	else
		out_text(&r->out, "-");
}

/* ---- changes ---- */

static bool shown(const struct watch *w, const manrs_rib_change *c)
{
	if (w->options->show == SHOW_ALL || c->kind == MANRS_RIB_CHANGED)
		return true;
	if (w->options->show == SHOW_CHANGES)
		return false;
	return c->kind == MANRS_RIB_ANNOUNCED ? c->after.fail != 0 : c->before.fail != 0;
}

static void count(struct watch *w, const manrs_rib_change *c)
{
	const uint64_t before[] = {c->before.pass, c->before.fail, c->before.unknown},
		       after[] = {c->after.pass, c->after.fail, c->after.unknown};

	w->counts.changes[c->kind == MANRS_RIB_CHANGED     ? 0
			  : c->kind == MANRS_RIB_ANNOUNCED ? 1
							   : 2]++;
	for (int test = 0; test < MANRS_TESTS; test++)
		for (int state = 0; state < 3; state++)
			w->counts.routes[test][state] +=
				(after[state] >> test & 1) - (before[state] >> test & 1);
}

/* The route as it stands now. returns: false: it is gone */
static bool route_of(const struct watch *w, const manrs_rib_change *c, manrs_rib_route *route)
{
	return manrs_rib_route_get(w->rib, c->session, &c->prefix, c->path_id, route) == MANRS_OK;
}

/* --fail-on: of a code the first one of the change does not do, for a route may fail by several. */
static void look_for_findings(struct watch *w, const manrs_rib_change *c)
{
	const struct wanted *wanted = &w->options->fail_on;
	manrs_finding found[MANRS_TESTS];
	manrs_rib_route route;
	size_t n;

	if (w->findings || !c->after.fail)
		return;
	w->findings = (c->after.fail & wanted->tests) != 0 ||
		      (manrs_code_state((int)c->code) == 2 && wanted->codes[c->code]);
	if (w->findings || !wanted->some_codes || !w->db || !route_of(w, c, &route))
		return;
	n = manrs_findings(w->db, manrs_rib_policy(w->rib, c->session), &route.announcement,
			   c->after.fail, found, MANRS_TESTS);
	for (size_t i = 0; i < n; i++)
		w->findings |= wanted->codes[found[i].code];
}

/* Why it is so now, of the test that the change is about. */
static void put_explanation(struct watch *w, struct rows *r, const manrs_rib_change *c)
{
	char text[MANRS_EXPLAIN_MAX];
	manrs_rib_route route;
	int n = 0;

	if (c->kind != MANRS_RIB_WITHDRAWN && w->db && route_of(w, c, &route))
		n = manrs_explain(w->db, manrs_rib_policy(w->rib, c->session), &route.announcement,
				  (int)c->test, text, sizeof text);
	if (in_json(r)) {
		member_text(r, "explanation", "", text, n > 0 ? (size_t)n : 0);
	} else if (n > 0) {
		out_text(&r->out, " (");
		out_bytes(&r->out, text, (size_t)n);
		out_text(&r->out, ")");
	}
}

static void put_change(struct watch *w, struct rows *r, const manrs_rib_change *c)
{
	static const char *const kinds[] = {[MANRS_RIB_CHANGED] = "changed",
					    [MANRS_RIB_ANNOUNCED] = "announced",
					    [MANRS_RIB_WITHDRAWN] = "withdrawn"};

	row_start(r);
	if (in_json(r)) {
		member_word(r, "event", "", kinds[c->kind]);
		member(r, "time", "");
		out_text(&r->out, "\"");
		put_time(r, watch_time_us(w));
		out_text(&r->out, "\"");
	} else {
		put_time(r, watch_time_us(w));
		r->members = 1;
	}
	put_route(r, w->by_rib[c->session], &c->prefix, c->path_id, c->origin);
	if (in_json(r)) {
		json_verdict(r, "before", &c->before);
		json_verdict(r, "after", &c->after);
		member_word(r, "test", "", c->code ? manrs_test_text((int)c->test) : NULL);
		member_word(r, "code", "", c->code ? manrs_code_text((int)c->code) : NULL);
	} else {
		out_text(&r->out, ": ");
		put_verdict(r, &c->before);
		out_text(&r->out, " -> ");
		put_verdict(r, &c->after);
		out_text(&r->out, c->code ? ": " : "");
		out_text(&r->out, c->code ? manrs_code_text((int)c->code) : "");
	}
	if (w->options->explain)
		put_explanation(w, r, c);
	row_end(r);
}

bool rows_wait(const struct watch *w)
{
	return w->rows.out.n - w->written > WAIT;
}

bool rows_changes(struct watch *w, bool all)
{
	manrs_rib_change changes[PULL];
	size_t n = PULL;

	while (n == PULL && (all || !rows_wait(w))) {
		n = manrs_rib_changes(w->rib, changes, PULL);
		for (size_t i = 0; i < n; i++) {
			count(w, &changes[i]);
			look_for_findings(w, &changes[i]);
			if (shown(w, &changes[i]))
				put_change(w, &w->rows, &changes[i]);
		}
	}
	return n == PULL;
}

/* ---- standing routes ---- */

static void put_path(struct rows *r, const manrs_path *path)
{
	char *text = must_resize(NULL, path->n + 1, 16);
	int n = manrs_path_format(path, text, 16 * (path->n + 1));

	if (in_json(r)) {
		member_text(r, "as_path", "", text, n > 0 ? (size_t)n : 0);
	} else if (n > 0) {
		out_text(&r->out, " ");
		out_path(&r->out, text, (size_t)n);
	}
	free(text);
}

static uint32_t origin_of(const manrs_path *path)
{
	uint32_t origin = 0;

	return manrs_path_origin(path, 0, &origin) == MANRS_OK ? origin : 0;
}

void rows_route(struct watch *w, struct rows *r, const manrs_rib_route *route)
{
	const manrs_announcement *a = &route->announcement;
	bool stale = route->flags & MANRS_RIB_STALE;

	row_start(r);
	if (in_json(r))
		member_word(r, "event", "", "route");
	put_route(r, w->by_rib[route->session], &a->prefix, route->path_id, origin_of(&a->path));
	put_path(r, &a->path);
	if (in_json(r)) {
		json_verdict(r, "verdict", &route->verdict);
		member(r, "stale", "");
		out_text(&r->out, stale ? "true" : "false");
	} else {
		out_text(&r->out, ": ");
		put_verdict(r, &route->verdict);
		out_text(&r->out, stale ? " (stale)" : "");
	}
	row_end(r);
}

bool rows_state(struct watch *w, manrs_cursor *cursor)
{
	manrs_rib_route routes[STATE_STEP];
	size_t n;

	if (rows_wait(w))
		return true;
	n = manrs_rib_routes(w->rib, NULL, MANRS_RIB_UNDER, cursor, routes, STATE_STEP);
	for (size_t i = 0; i < n; i++)
		rows_route(w, &w->rows, &routes[i]);
	return n == STATE_STEP;
}

/* ---- to stdout ---- */

/* As write(2), without waiting: a pipe that is ready takes PIPE_BUF bytes; files take all. */
static ssize_t write_some(const char *bytes, size_t n)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
	ssize_t wrote = send(STDOUT_FILENO, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (wrote >= 0 || errno != ENOTSOCK)
		return wrote;
	errno = EAGAIN;
	if (poll(&fd, 1, 0) != 1)
		return -1;
	return write(STDOUT_FILENO, bytes, n < PIPE_BUF ? n : PIPE_BUF);
}

bool rows_write(struct watch *w)
{
	struct out *out = &w->rows.out;
	ssize_t n = 0;

	while (w->written < out->n && !out->failed) {
		n = write_some(out->buf + w->written, out->n - w->written);
		if (n < 0 && errno != EINTR)
			break;
		w->written += n > 0 ? (size_t)n : 0;
	}
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		if (errno != EPIPE)
			complain_at("stdout", 0, "%s", strerror(errno));
		out->failed = true;
	}
	if (out->failed)
		w->written = out->n;
	if (w->written)
		memmove(out->buf, out->buf + w->written, out->n - w->written);
	out->n -= w->written;
	w->written = 0;
	return out->n > 0;
}

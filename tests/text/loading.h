/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WIRE_LOADING_H
#define TESTS_WIRE_LOADING_H

/* Load a typed text, cut anywhere, and see all that came out as lines. */

#include "test.h"

#define GOOD "{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":9}"

/* What came out of a load. */
struct result {
	int rc;
	manrs_fault fault;
	manrs_load_issue failure;
	manrs_load_stats stats;
	manrs_route *vrps;
	manrs_load_note *notes;
	size_t n_vrps;
	char text[65536]; /* all records and issues, a line each: what two loads are compared by */
	size_t n_text;
};

static void say(struct result *r, const char *line)
{
	size_t n = strlen(line);

	if (n < sizeof r->text - r->n_text) {
		memcpy(r->text + r->n_text, line, n + 1);
		r->n_text += n;
	}
}

static void pull_vrps(struct result *r, manrs_load *l)
{
	manrs_load_note note;
	manrs_route route;
	char line[256], prefix[MANRS_PREFIX_TEXT];

	while (manrs_load_vrps(l, &route, &note, 1)) {
		manrs_prefix_format(&route.prefix, prefix, sizeof prefix);
		snprintf(line, sizeof line, "vrp %s %u %u ta=%s expires=%llu line=%u\n", prefix,
			 route.prefix.maxlen, route.asn, manrs_load_ta(l, note.ta),
			 (unsigned long long)note.expires, note.line);
		say(r, line);
	}
}

static void pull(struct result *r, manrs_load *l)
{
	manrs_load_note note;
	manrs_aspa aspa;
	manrs_router_key key;
	manrs_load_issue issue;
	char line[256];

	pull_vrps(r, l);
	while (manrs_load_aspas(l, &aspa, &note, 1)) {
		snprintf(line, sizeof line, "aspa %u:", aspa.customer);
		say(r, line);
		for (uint32_t i = 0; i < aspa.n; i++) {
			snprintf(line, sizeof line, " %u", aspa.provider[i]);
			say(r, line);
		}
		snprintf(line, sizeof line, " ta=%s expires=%llu line=%u\n",
			 manrs_load_ta(l, note.ta), (unsigned long long)note.expires, note.line);
		say(r, line);
	}
	while (manrs_load_keys(l, &key, &note, 1)) {
		snprintf(line, sizeof line, "key %u %02x..%02x %u:%02x..%02x line=%u\n", key.asn,
			 key.ski[0], key.ski[19], key.spki_len, key.spki[0],
			 key.spki[key.spki_len - 1], note.line);
		say(r, line);
	}
	while (manrs_load_issues(l, &issue, 1)) {
		static const char *const kinds[] = {"", "issue", "refused", "remark"};

		snprintf(line, sizeof line, "%s at=%llu line=%u code=%d %s: %s \"%s\"\n",
			 kinds[issue.kind], (unsigned long long)issue.fault.at, issue.fault.line,
			 issue.fault.code, issue.fault.what, issue.member, issue.value);
		say(r, line);
	}
}

/* Load text[n], pushed as [0, cut) and [cut, n) (cut 0: byte by byte). */
static void load(struct result *r, const char *text, size_t n, size_t cut)
{
	manrs_load *l;

	memset(r, 0, sizeof *r);
	r->stats.size = sizeof r->stats;
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	for (size_t at = 0, step; at < n && r->rc == MANRS_OK; at += step) {
		char *copy;

		step = cut == 0 ? 1 : at == 0 && cut < n ? cut : n - at;
		copy = malloc(step); /* so that a sanitizer sees what is read past it or after it */
		memcpy(copy, text + at, step);
		r->rc = manrs_load_push(l, copy, step, &r->fault);
		free(copy);
		pull(r, l);
	}
	if (r->rc == MANRS_OK)
		r->rc = manrs_load_finish(l, &r->fault);
	pull(r, l);
	ck_assert_int_eq(manrs_load_failure(l, &r->failure), r->rc);
	manrs_load_stats_get(l, &r->stats);
	manrs_load_free(l);
}

#endif

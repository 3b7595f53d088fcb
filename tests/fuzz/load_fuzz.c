/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP and ASPA files: the first byte says how the rest is cut. Every record keeps its contract, and the outcome is that
 * of the file in one piece.
 */

#include <manrs/manrs.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* What came out of each queue, as a number. */
struct sum {
	uint64_t vrps, aspas, keys, issues;
	int rc;
	manrs_fault fault;
};

static void pull_aspas(manrs_load *l, struct sum *s)
{
	manrs_load_note note;
	manrs_aspa aspa;

	while (manrs_load_aspas(l, &aspa, &note, 1)) {
		must(aspa.customer && aspa.n && (aspa.n == 1 || aspa.provider[0]));
		for (uint32_t i = 0; i < aspa.n; i++)
			must(aspa.provider[i] != aspa.customer &&
			     (i == 0 || aspa.provider[i - 1] < aspa.provider[i]));
		s->aspas = mix(s->aspas, &aspa.customer, sizeof aspa.customer);
		s->aspas = mix(s->aspas, aspa.provider, aspa.n * sizeof *aspa.provider);
		s->aspas = mix(s->aspas, &note, sizeof note);
	}
}

static void pull(manrs_load *l, struct sum *s)
{
	manrs_load_note note;
	manrs_route route;
	manrs_router_key key;
	manrs_load_issue issue;

	while (manrs_load_vrps(l, &route, &note, 1)) {
		must(manrs_prefix_check(&route.prefix) == MANRS_OK &&
		     route.prefix.maxlen >= route.prefix.len &&
		     route.prefix.maxlen <= (route.prefix.family == 4 ? 32 : 128));
		s->vrps = mix(s->vrps, &route, sizeof route);
		s->vrps = mix(s->vrps, &note, sizeof note);
		must(note.ta == 0 || *manrs_load_ta(l, note.ta));
	}
	pull_aspas(l, s);
	while (manrs_load_keys(l, &key, &note, 1)) {
		must(key.spki_len >= 1 && key.spki_len <= MANRS_SPKI_MAX);
		s->keys = mix(s->keys, &key, sizeof key);
	}
	while (manrs_load_issues(l, &issue, 1)) {
		s->issues = mix(s->issues, &issue.fault.at, sizeof issue.fault.at);
		s->issues = mix(s->issues, &issue.fault.line, sizeof issue.fault.line);
		s->issues = mix(s->issues, &issue.kind, sizeof issue.kind);
		s->issues = mix(s->issues, issue.fault.what, strlen(issue.fault.what));
		s->issues = mix(s->issues, issue.member, strlen(issue.member));
		must(memchr(issue.value, 0, sizeof issue.value) != NULL);
		s->issues = mix(s->issues, issue.value, strlen(issue.value));
		must(issue.fault.code < 0 && issue.kind >= 1 && issue.kind <= 3);
	}
}

static struct sum load(const uint8_t *data, size_t n, size_t step)
{
	struct sum s = {0};
	manrs_load *l;

	must(manrs_load_new(&l, NULL) == MANRS_OK);
	for (size_t at = 0; at < n && s.rc == MANRS_OK; at += step) {
		size_t size = n - at < step ? n - at : step;
		uint8_t *copy = malloc(size);

		must(copy != NULL);
		memcpy(copy, data + at, size);
		s.rc = manrs_load_push(l, copy, size, &s.fault);
		free(copy);
		pull(l, &s);
	}
	if (s.rc == MANRS_OK)
		s.rc = manrs_load_finish(l, &s.fault);
	pull(l, &s);
	manrs_load_free(l);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sum a, b;

	if (n < 2)
		return 0;
	a = load(data + 1, n - 1, n);
	b = load(data + 1, n - 1, 1 + data[0] % 16);
	must(a.rc == b.rc && a.fault.at == b.fault.at && a.fault.line == b.fault.line &&
	     a.fault.what == b.fault.what);
	must(a.vrps == b.vrps && a.aspas == b.aspas && a.keys == b.keys && a.issues == b.issues);
	return 0;
}

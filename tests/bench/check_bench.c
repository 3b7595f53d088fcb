/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole check of real announcements (35 peers of 2014, as bgpdump prints them) against the real VRPs and ASPAs, all
 * tests of a peering session at once, beside the same tests asked one at a time (manrs_finding_get); and reading the lines.
 */

#include "bench.h"

#define ROUNDS 5

static manrs_announcement *a;
static manrs_verdict *v;
static uint32_t *asn;
static uint8_t *kind;
static size_t n;

/* All lines into records, with the hops one behind the other. */
static double read_lines(const char *text, size_t size)
{
	double start = bench_now();
	size_t hops = 0;

	n = 0;
	for (const char *p = text, *end = text + size, *nl; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		if (manrs_announce_parse(&a[n], asn + hops, kind + hops, 4096, p, (size_t)(nl - p),
					 NULL) == 1)
			hops += a[n++].path.n;
	}
	return bench_now() - start;
}

static manrs_db *load(manrs_owner *owner)
{
	struct bench_routes vrps = {0};
	uint32_t provider = 3356;
	manrs_edit *edit;
	manrs_db *db;

	bench_vrp_file("vrp/rpki-client-20250720T093135Z.json.bz2", &vrps);
	if (manrs_edit_begin(&edit, owner, NULL) ||
	    manrs_edit_vrps(edit, 0, MANRS_ADD, vrps.at, vrps.n, NULL, NULL))
		exit(1);
	for (uint32_t customer = 5000; customer < 25000; customer += 3) {
		manrs_aspa aspa = {&provider, customer, 1};

		manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL);
	}
	if (manrs_edit_commit(edit, &db))
		exit(1);
	free(vrps.at);
	return db;
}

static double check_all(const manrs_db *db, const manrs_policy *policy)
{
	double start = bench_now();

	manrs_check(db, policy, a, n, v);
	return bench_now() - start;
}

/* The same, a test at a time, on every hundredth. */
static double check_singly(const manrs_db *db, const manrs_policy *policy, bool *same)
{
	double start = bench_now();

	for (size_t i = 0; i < n; i += 100)
		for (int test = 0; test < MANRS_TESTS; test++) {
			uint64_t bit = MANRS_TEST_BIT(test);
			manrs_finding f;
			int state = manrs_finding_get(db, policy, &a[i], test, &f);

			*same &= state == (v[i].pass & bit	? 1
					   : v[i].fail & bit	? 2
					   : v[i].unknown & bit ? 3
								: 0);
		}
	return (bench_now() - start) * 100;
}

int main(void)
{
	double t_read[ROUNDS], t_all[ROUNDS], ours, peer;
	manrs_policy policy;
	manrs_owner *owner;
	manrs_db *db;
	bool same = true;
	size_t size;
	char *text =
		bench_file("mrt/expected/rv-20140523-35peers-partial.mrt.gz.bgpdump-m.xz", &size);

	if (!text) {
		bench_row("manrs_check, announcements/s", 0, 0, 0, 0, "skipped: no shared data");
		return 0;
	}
	a = calloc(400000, sizeof *a);
	v = calloc(400000, sizeof *v);
	asn = calloc(8 << 20, sizeof *asn);
	kind = calloc(8 << 20, 1);
	manrs_policy_init(&policy, MANRS_ROLE_PEER);
	policy.local_as = 4210000000u;
	if (manrs_owner_new(&owner, NULL))
		return 1;
	db = load(owner);
	for (int i = 0; i < ROUNDS; i++)
		t_read[i] = read_lines(text, size);
	for (int i = 0; i < ROUNDS; i++)
		t_all[i] = check_all(db, &policy);
	ours = (double)n / bench_median(t_all, ROUNDS);
	peer = (double)n / check_singly(db, &policy, &same);
	bench_row("manrs_check, announcements/s", ours, peer, ours / peer, 0,
		  same ? "info" : "VOID: answers differ");
	bench_row("bgpdump -m lines read/s", (double)n / bench_median(t_read, ROUNDS), 0, 0, 0,
		  "info");
	manrs_db_unref(db);
	manrs_owner_free(owner);
	return same ? 0 : 1;
}

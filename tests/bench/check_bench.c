/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole check of real announcements (35 peers of 2014, as bgpdump prints them; generated ones where those are not there)
 * against the real VRPs and ASPAs, all tests of a peering session at once, beside the same tests asked one at a time
 * (manrs_finding_get); and reading the lines.
 */

#include "bench/bench.h"

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

/* Generated routes as eight peers send them: paths of 2 to 8 ASes. */
static char *generated_lines(size_t *size)
{
	struct bench_routes routes = {0}, vrps = {0};
	uint64_t seed = 5;
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	bench_generated();
	bench_generate(28000, 5000, &routes, &vrps);
	for (size_t i = 0; f && i < routes.n * 8; i++) {
		const manrs_route *r = &routes.at[i / 8];
		unsigned peer = 64 + (unsigned)(i % 8), hops = (unsigned)(bench_random(&seed) % 7);
		char prefix[MANRS_PREFIX_TEXT];

		manrs_prefix_format(&r->prefix, prefix, sizeof prefix);
		fprintf(f, "TABLE_DUMP2|1400803200|B|203.0.113.%u|%u|%s|%u", peer, 3000 + peer,
			prefix, 3000 + peer);
		while (hops-- > 0)
			fprintf(f, " %u", 1 + (unsigned)(bench_random(&seed) % 60000));
		fprintf(f, " %u|IGP|203.0.113.%u|0|0||NAG||\n", r->asn, peer);
	}
	if (f)
		fclose(f);
	free(routes.at);
	free(vrps.at);
	return text;
}

static manrs_db *load(manrs_db_owner *owner)
{
	struct bench_routes vrps = {0};
	uint32_t provider = 3356;
	manrs_edit *edit;
	manrs_db *db;

	bench_vrps(&vrps);
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

static const manrs_db *db;
static manrs_policy policy;
static bool differ;

static void check_all(void *none)
{
	(void)none;
	manrs_check(db, &policy, a, n, v);
}

/* The same, a test at a time, on every hundredth. */
static void check_singly(void *none)
{
	(void)none;
	for (size_t i = 0; i < n; i += 100)
		for (int test = 0; test < MANRS_TESTS; test++) {
			uint64_t bit = MANRS_TEST_BIT(test);
			manrs_finding f;
			int state = manrs_finding_get(db, &policy, &a[i], test, &f);

			differ |= state != (v[i].pass & bit      ? 1
					    : v[i].fail & bit    ? 2
					    : v[i].unknown & bit ? 3
								 : 0);
		}
}

int main(void)
{
	struct bench_side side[2] = {{.run = check_all}, {.run = check_singly}};
	double t_read[ROUNDS];
	manrs_db_owner *owner;
	size_t size;
	char *text =
		bench_file("mrt/expected/rv-20140523-35peers-partial.mrt.gz.bgpdump-m.xz", &size);

	bench_pin();
	if (!text)
		text = generated_lines(&size);
	if (!text)
		return 1;
	a = calloc(400000, sizeof *a);
	v = calloc(400000, sizeof *v);
	asn = calloc(8 << 20, sizeof *asn);
	kind = calloc(8 << 20, 1);
	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PEER);
	policy.local_as = 4210000000u;
	if (manrs_db_owner_new(&owner, NULL))
		return 1;
	db = load(owner);
	for (int i = 0; i < ROUNDS; i++)
		t_read[i] = read_lines(text, size);
	bench_race(side, 2, ROUNDS);
	side[1].median *= 100;
	bench_rate(&(struct bench_rate){.goal = "",
					.what = "manrs_check, M announcements/s (test by test)",
					.items = (double)n,
					.ours = &side[0],
					.peer = &side[1],
					.differ = differ});
	bench_figure("bgpdump -m lines read, M/s", (double)n / bench_median(t_read, ROUNDS) / 1e6,
		     0);
	manrs_db_unref((manrs_db *)(uintptr_t)db);
	manrs_db_owner_free(owner);
	return differ;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lookups for an instruction count: run under callgrind with collection switched on inside one work_* function. The
 * table is generated, the code path is the portable one. Argument: which work to do.
 */

#include "bench/bench.h"

#define QUERIES 20000u

static manrs_db *db;
static manrs_trie *trie;
static manrs_lpm *lpm;
static manrs_route *query;
static uint8_t states[QUERIES];
static uint32_t address[QUERIES], found[QUERIES];
static manrs_announcement announced[QUERIES];
static manrs_verdict verdicts[QUERIES];
static manrs_policy policy;

void work_rov_single(void);
void work_rov_batch(void);
void work_trie_match(void);
void work_lpm_batch(void);
void work_check(void);

void work_rov_single(void)
{
	for (size_t i = 0; i < QUERIES; i++)
		states[i] = (uint8_t)manrs_rov_check(db, &query[i]);
}

void work_rov_batch(void)
{
	manrs_rov_check_many(db, query, QUERIES, states);
}

void work_trie_match(void)
{
	for (size_t i = 0; i < QUERIES; i++)
		states[i] = (uint8_t)manrs_trie_match(trie, &query[i].prefix, NULL, NULL);
}

void work_lpm_batch(void)
{
	manrs_lpm_lookup4(lpm, address, QUERIES, found);
}

void work_check(void)
{
	manrs_check(db, &policy, announced, QUERIES, verdicts);
}

/* Routes of a thousand paths that lie in no order, for every test of a peering session. */
static void announce(void)
{
	static uint32_t hops[1000][6];
	uint64_t seed = 2;

	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PEER);
	policy.local_as = 64500;
	policy.tests = MANRS_TESTS_ALL;
	for (size_t i = 0; i < 1000; i++)
		for (size_t k = 0; k < 6; k++)
			hops[i][k] = k ? 1 + (uint32_t)(bench_random(&seed) % 60000) : 3000;
	for (size_t i = 0; i < QUERIES; i++) {
		announced[i].prefix = query[i].prefix;
		announced[i].neighbour_asn = 3000;
		announced[i].path = (manrs_path){hops[bench_random(&seed) % 1000], NULL, 6, 0};
	}
}

static int build(const struct bench_routes *routes, const struct bench_routes *vrps)
{
	manrs_db_config config;
	manrs_lpm_config fast;
	manrs_db_owner *owner;
	manrs_edit *e;

	manrs_db_config_init(&config, sizeof config);
	config.isa = MANRS_ISA_PORTABLE;
	manrs_lpm_config_init(&fast, sizeof fast);
	fast.isa = MANRS_ISA_PORTABLE;
	if (manrs_db_owner_new(&owner, &config) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps->at, vrps->n, NULL, NULL) ||
	    manrs_edit_commit(e, &db) || manrs_trie_new(&trie, NULL))
		return 1;
	for (size_t i = 0; i < routes->n; i++)
		if (manrs_trie_set(trie, &routes->at[i].prefix, i) < 0)
			return 1;
	return manrs_lpm_new(&lpm, trie, &fast) != MANRS_OK;
}

int main(int argc, char **argv)
{
	struct bench_routes routes = {0}, vrps = {0};
	uint64_t seed = 1;

	bench_generate(30000, 6000, &routes, &vrps);
	query = malloc(QUERIES * sizeof *query);
	if (argc != 2 || !query || build(&routes, &vrps))
		return 2;
	for (size_t i = 0; i < QUERIES; i++) {
		query[i] = routes.at[bench_random(&seed) % routes.n];
		memcpy(&address[i], routes.at[bench_random(&seed) % 30000].prefix.addr, 4);
	}
	announce();
	if (!strcmp(argv[1], "rov_single"))
		work_rov_single();
	else if (!strcmp(argv[1], "rov_batch"))
		work_rov_batch();
	else if (!strcmp(argv[1], "trie_match"))
		work_trie_match();
	else if (!strcmp(argv[1], "lpm_batch"))
		work_lpm_batch();
	else if (!strcmp(argv[1], "check"))
		work_check();
	else
		return 2;
	return 0;
}

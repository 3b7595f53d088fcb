/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream of edits as bytes against the linear twin: adds, removes, drops, local exceptions, commits on the newest or on
 * the one before. After each commit the listing, some answers and the difference to the snapshot before must hold.
 *
 *     0-3 add, 4-5 remove: then family and source, len, maxlen, asn, four bytes of the address
 *     6 commit      7 drop a source, abort, exceptions on, off; or an ASPA: source, ADD or REMOVE, customer, providers
 */

#include "../oracle/db_oracle.h"
#include "../oracle/lists.h"

#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t n;
};

static uint8_t take(struct input *in)
{
	return in->n ? (in->n--, *in->at++) : 0;
}

static manrs_route take_route(struct input *in, uint32_t *source)
{
	uint8_t how = take(in);
	manrs_route r = {.prefix = {.family = how & 1 ? 4 : 6, .len = take(in), .maxlen = take(in)},
			 .asn = take(in) % 4};

	*source = how >> 1 & 3;
	for (unsigned i = 0; i < 4; i++)
		r.prefix.addr[i == 3 && how & 0x80 && !(how & 1) ? 15 : i] = take(in);
	for (unsigned i = r.prefix.len; !(how & 0x40) && i < 128;
	     i++) /* else host bits may stand: refused */
		r.prefix.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	return r;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

/*
 * A batch of more than the routes that any path takes at once: VRPs as routes in their order (neighbours), then from all
 * over, with other lengths and origins, and some that break the contract.
 */
static void check_batch(const manrs_db *db, const manrs_route *vrp, size_t n)
{
	manrs_route r[200];
	uint8_t states[200];

	for (size_t i = 0; i < 200; i++) {
		r[i] = vrp[(i < 80 ? i / 8 : i * 7) % n];
		r[i].asn ^= i % 5 == 1;
		r[i].asn *= i % 11 != 3;
		r[i].prefix.len = i % 3 ? r[i].prefix.len : r[i].prefix.maxlen;
		r[i].prefix.zero = i % 53 == 50;
	}
	manrs_rov_check_many(db, r, 200, states);
	for (size_t i = 0; i < 200; i++)
		must(states[i] ==
		     (r[i].prefix.zero ? MANRS_ROV_MALFORMED : db_oracle_rov(vrp, n, &r[i])));
}

static void check(const manrs_db *db, const struct db_oracle *o)
{
	size_t n, got;
	manrs_route *want = db_oracle_list(o, 0, &n), *out = calloc(n + 1, sizeof *out);
	manrs_cursor c = {{0}};

	if (n)
		check_batch(db, want, n);

	got = manrs_db_vrps(db, &c, out, n + 1);
	must(got == n);
	for (size_t i = 0; i < n; i++) {
		manrs_route r = want[i];

		must(db_oracle_route_eq(&want[i], &out[i]));
		must(manrs_rov_covering(db, &r.prefix, NULL, 0) > 0);
		must(manrs_rov_check(db, &r) == db_oracle_rov(want, n, &r));
		r.asn ^= 1;
		r.prefix.len = r.prefix.maxlen;
		must(manrs_rov_check(db, &r) == db_oracle_rov(want, n, &r));
	}
	free(want);
	free(out);
}

#define MOST_PROVIDERS 4

/* The listing in bites of three: every pair counts, and there are as many as count. */
static void check_aspas(const manrs_db *db, const struct lists *l)
{
	manrs_cursor c = {{0}};
	manrs_aspa_pair pair[3];
	size_t n, pairs = 0;

	do {
		n = manrs_db_aspas(db, &c, pair, 3);
		for (size_t i = 0; i < n; i++) {
			unsigned customer = 0, p = 0;

			while (customer < LISTS_CUSTOMERS &&
			       lists_customer[customer] != pair[i].customer)
				customer++;
			while (p < LISTS_PROVIDERS && lists_provider[p] != pair[i].provider)
				p++;
			must(customer < LISTS_CUSTOMERS && p < LISTS_PROVIDERS &&
			     lists_effective(l, customer) >> p & 1);
			pairs++;
		}
	} while (n == 3);
	for (unsigned customer = 0; customer < LISTS_CUSTOMERS; customer++)
		for (unsigned p = 0; p < LISTS_PROVIDERS; p++)
			pairs -= lists_effective(l, customer) >> p & 1;
	must(pairs == 0);
}

struct run {
	struct db_oracle oracle, before;
	struct lists aspas, aspas_before;
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db, *old;
	unsigned commits;
};

/* AS1 out everywhere, AS2 out under 10.0.0.0/8; 10.0.0.0/8-9 AS1 asserted. */
static const manrs_slurm_filter filters[] = {
	{.asn = 1, .has_asn = 1}, {.prefix = {4, 8, 8, 0, {10}}, .asn = 2, .has_asn = 1}};
static const manrs_route asserted[] = {{{4, 8, 9, 0, {10}}, 1}};
static const manrs_slurm exceptions = {.size = sizeof exceptions,
				       .prefix_filters = filters,
				       .n_prefix_filters = 2,
				       .vrps = asserted,
				       .n_vrps = 1};

static void begin(struct run *r, const manrs_db *base)
{
	must(manrs_edit_begin(&r->edit, r->owner, base) == MANRS_OK);
}

static void commit(struct run *r)
{
	manrs_db *next;

	must(manrs_edit_commit(r->edit, &next) == MANRS_OK);
	check(next, &r->oracle);
	check_aspas(next, &r->aspas);
	if (r->db) {
		manrs_cursor c = {{0}}, d = {{0}};
		manrs_change one[3], back[3];
		size_t n;

		do { /* the difference is the same both ways */
			n = manrs_db_diff(r->db, next, &c, one, 3);
			must(manrs_db_diff(next, r->db, &d, back, 3) == n &&
			     !memcmp(one, back, n * sizeof *one));
		} while (n == 3);
		check(r->db, &r->before);
		check_aspas(r->db, &r->aspas_before);
	}
	manrs_db_unref(r->old);
	r->old = r->db;
	r->db = next;
	free(r->before.rec);
	r->before = db_oracle_copy(&r->oracle);
	lists_begin(&r->aspas);
	r->aspas_before = r->aspas;
	if (r->commits++ % 2)
		manrs_db_reclaim(r->owner, 5);
	begin(r, r->db);
}

/* The sources 0 and 1 have ASPAs. */
static void edit_aspa(struct run *r, unsigned source, int op, struct input *in)
{
	unsigned customer = take(in) % LISTS_CUSTOMERS, mask = take(in);
	uint32_t provider[LISTS_PROVIDERS];
	manrs_aspa aspa = {provider, lists_customer[customer], 0};
	manrs_counts want = {0}, got;

	mask |= (unsigned)(take(in) & 0xf) << 8;
	for (unsigned p = 0; p < LISTS_PROVIDERS; p++)
		if (mask >> p & 1)
			provider[aspa.n++] = lists_provider[p];
	if (op == MANRS_ADD && (!mask || (mask & 1 && mask != 1)))
		want.refused = 1;
	for (uint32_t i = 0; i < aspa.n; i++)
		if (op == MANRS_ADD && provider[i] == aspa.customer)
			want.refused = 1;
	if (!want.refused)
		lists_edit(&r->aspas, source, customer, op == MANRS_ADD ? (uint16_t)mask : 0,
			   &want);
	must(manrs_edit_aspas(r->edit, source, op, &aspa, 1, &got, NULL) == MANRS_OK);
	must(!memcmp(&want, &got, sizeof want));
}

static void edit_rest(struct run *r, struct input *in)
{
	uint8_t what = take(in);
	manrs_counts c;

	if (what & 8) {
		edit_aspa(r, what & 1, what & 2 ? MANRS_REMOVE : MANRS_ADD, in);
	} else if (what % 4 == 0) {
		unsigned source = what >> 4 & 3;
		uint64_t removed = db_oracle_drop(&r->oracle, source);

		for (unsigned i = 0; source < 2 && i < LISTS_CUSTOMERS; i++) {
			removed += r->aspas.list[source][i] != 0;
			r->aspas.list[source][i] = 0;
			r->aspas.fed[source][i] = false;
		}
		must(manrs_edit_drop(r->edit, source, &c) == MANRS_OK);
		must(c.removed == removed);
	} else if (what % 4 == 1) { /* throw the edit away */
		manrs_edit_abort(r->edit);
		free(r->oracle.rec);
		r->oracle = db_oracle_copy(&r->before);
		r->aspas = r->aspas_before;
		begin(r, r->db);
	} else {
		r->oracle.slurm = what % 4 == 2 ? &exceptions : NULL;
		must(manrs_edit_slurm(r->edit, r->oracle.slurm, NULL) == MANRS_OK);
	}
}

static void edit_route(struct run *r, struct input *in, int op)
{
	manrs_counts want, got;
	uint32_t source;
	manrs_route route = take_route(in, &source);

	db_oracle_edit(&r->oracle, 0, source, op, &route, 1, &want);
	must(manrs_edit_vrps(r->edit, source, op, &route, 1, &got, NULL) == MANRS_OK);
	must(!memcmp(&want, &got, sizeof want));
}

static void run_on(uint32_t isa, struct input in)
{
	manrs_db_config config;
	struct run r;
	int made;

	memset(&r, 0, sizeof r);
	manrs_db_config_init(&config, sizeof config);
	config.isa = isa;
	config.max_providers = r.aspas.max_providers = r.aspas_before.max_providers =
		MOST_PROVIDERS;
	made = manrs_db_owner_new(&r.owner, &config);
	must(made == MANRS_OK || made == MANRS_EUNSUP);
	if (made != MANRS_OK)
		return;
	begin(&r, NULL);
	while (in.n && r.commits < 40) {
		uint8_t op = take(&in) % 8;

		if (op < 6)
			edit_route(&r, &in, op < 4 ? MANRS_ADD : MANRS_REMOVE);
		else if (op == 6)
			commit(&r);
		else
			edit_rest(&r, &in);
	}
	commit(&r);
	manrs_edit_abort(r.edit);
	manrs_db_unref(r.db);
	manrs_db_unref(r.old);
	must(manrs_db_owner_free(r.owner) == MANRS_OK);
	free(r.oracle.rec);
	free(r.before.rec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size < 1500 ? size : 1500};

	for (uint32_t isa = MANRS_ISA_PORTABLE; isa <= MANRS_ISA_AVX512; isa++)
		run_on(isa, in);
	return 0;
}

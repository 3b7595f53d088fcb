/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeded random lives of a rib against its twin (oracle/rib.h): announcements, malformed ones too, withdrawals, refreshes, sessions
 * that go down and are removed, policies, and snapshots with other VRPs, ASPAs and route objects; with budgets of work from 1
 * up, few places for changes, and memory that is refused.
 */

#include "oracle/rib.h"
#include "test.h"

struct life {
	uint64_t seed;
	struct test_alloc count;
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_rib *rib;
	struct rib_twin *twin;
	uint32_t asn; /* numbers are 1 to this */
	bool refuses; /* the allocator may refuse now and then */
	/* what policies may have: relationships, a list of prefixes */
	manrs_rel *rel;
	manrs_trie *list;
};

static int prefix_order(const void *a, const void *b)
{
	return manrs_prefix_cmp(a, b);
}

/* Nested ones of both families; which are tried again until none is there twice. */
static void prefixes(struct life *l)
{
	static const uint32_t lens[2][6] = {{0, 8, 9, 16, 20, 24}, {0, 16, 17, 24, 32, 48}};
	manrs_prefix *p = l->twin->prefix;
	size_t n = 0;

	while (n < TWIN_PREFIXES) {
		bool v6 = n % 4 == 3;
		uint8_t addr[16] = {v6 ? 0x20 : 10, (uint8_t)test_below(&l->seed, 4),
				    (uint8_t)test_random(&l->seed), (uint8_t)test_random(&l->seed)};
		size_t i = 0;

		pass(manrs_prefix_set(&p[n], v6 ? 6 : 4, addr, lens[v6][test_below(&l->seed, 6)],
				      MANRS_PREFIX_CLEAR));
		while (i < n && manrs_prefix_cmp(&p[i], &p[n]) != 0)
			i++;
		n += i == n;
	}
	qsort(p, TWIN_PREFIXES, sizeof *p, prefix_order);
}

static const manrs_prefix *any_prefix(struct life *l)
{
	return &l->twin->prefix[test_below(&l->seed, TWIN_PREFIXES)];
}

static uint32_t any_asn(struct life *l)
{
	return 1 + (uint32_t)test_below(&l->seed, l->asn);
}

/* ---- the database ---- */

static void edit_some(struct life *l, manrs_edit *edit)
{
	size_t what = test_below(&l->seed, 24);
	int op = test_below(&l->seed, 3) ? MANRS_ADD : MANRS_REMOVE;
	manrs_route r = {*any_prefix(l), (uint32_t)test_below(&l->seed, l->asn + 1)};
	uint32_t provider[2] = {any_asn(l), 0};
	manrs_aspa aspa = {.customer = any_asn(l), .provider = provider, .n = 1};

	r.prefix.maxlen = (uint8_t)(r.prefix.len + test_below(&l->seed, 8));
	if (provider[0] == aspa.customer)
		provider[0] = 0; /* AS0: no providers */
	if (what < 10)
		pass(manrs_edit_vrps(edit, 0, op, &r, 1, NULL, NULL));
	else if (what < 17)
		pass(manrs_edit_aspas(edit, 1, op, &aspa, 1, NULL, NULL));
	else if (what < 22)
		pass(manrs_edit_irr(edit, 2, op, &r, 1, NULL, NULL));
	else
		pass(manrs_edit_drop(edit, (uint32_t)test_below(&l->seed, 3), NULL));
}

/* An edit with all that the newest snapshot has, which shares nothing with it. */
static manrs_edit *loaded_afresh(struct life *l)
{
	manrs_cursor c[3] = {{{0}}};
	manrs_aspa_pair pair;
	manrs_route r;
	manrs_edit *edit;

	pass(manrs_edit_begin(&edit, l->owner, NULL));
	while (manrs_db_vrps(l->db, &c[0], &r, 1))
		pass(manrs_edit_vrps(edit, 0, MANRS_ADD, &r, 1, NULL, NULL));
	while (manrs_db_irr(l->db, &c[1], &r, 1))
		pass(manrs_edit_irr(edit, 2, MANRS_ADD, &r, 1, NULL, NULL));
	while (manrs_db_aspas(l->db, &c[2], &pair, 1)) {
		manrs_aspa aspa = {&pair.provider, pair.customer, 1};

		pass(manrs_edit_aspas(edit, 1, MANRS_ADD, &aspa, 1, NULL, NULL));
	}
	return edit;
}

static void new_snapshot(struct life *l)
{
	manrs_edit *edit;
	manrs_db *db;

	if (l->db && test_below(&l->seed, 6) == 0) {
		edit = loaded_afresh(l);
	} else {
		pass(manrs_edit_begin(&edit, l->owner, l->db));
	}
	for (size_t n = test_below(&l->seed, 5); n > 0; n--)
		edit_some(l, edit);
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(l->db);
	l->db = db;
	pass(manrs_rib_follow(l->rib, db));
	manrs_db_reclaim(l->owner, 0);
}

/* ---- sessions ---- */

/* Pairs and prefixes of this life, for the lists of its policies. */
static void lists(struct life *l)
{
	manrs_as_rel rows[12];
	size_t n = 0;

	for (uint32_t a = 1; a < l->asn && n < 12; a++)
		for (uint32_t b = a + 1; b <= l->asn && n < 12; b++)
			if (test_below(&l->seed, 2))
				rows[n++] =
					(manrs_as_rel){a, b, 1 + (uint32_t)test_below(&l->seed, 3)};
	pass(manrs_rel_new(&l->rel, rows, n, NULL, NULL));
	pass(manrs_trie_new(&l->list, NULL));
	for (unsigned i = 0; i < 6; i++) {
		const manrs_prefix *p = any_prefix(l);

		ck_assert_int_ge(manrs_trie_set(l->list, p, p->len + test_below(&l->seed, 9)), 0);
	}
}

static void policy_lists(struct life *l, manrs_policy *p)
{
	static const uint32_t few[] = {2, 3, 5};
	static const manrs_peerlock locks[] = {{2, 1}, {4, 3}};

	if (test_below(&l->seed, 2)) {
		p->rel = l->rel;
		p->peerlocks = locks;
		p->n_peerlocks = test_below(&l->seed, 3);
	}
	if (test_below(&l->seed, 2)) {
		p->origins = few;
		p->n_origins = test_below(&l->seed, 4);
		p->never_via_rs = p->transit_free = few;
		p->n_never_via_rs = test_below(&l->seed, 4);
		p->n_transit_free = test_below(&l->seed, 4);
	}
	if (test_below(&l->seed, 3) == 0)
		p->allowed = l->list;
	if (test_below(&l->seed, 3) == 0)
		p->denied = l->list;
	if (test_below(&l->seed, 3) == 0)
		p->bogons = l->list;
}

static void policy(struct life *l, manrs_policy *p)
{
	pass(manrs_policy_init(p, sizeof *p, 1 + (int)test_below(&l->seed, 5)));
	p->local_as = test_below(&l->seed, 3) ? 100 : any_asn(l);
	policy_lists(l, p);
	if (test_below(&l->seed, 2))
		p->tests = MANRS_TESTS_ALL;
	if (test_below(&l->seed, 3) == 0)
		p->tests &= test_random(&l->seed);
	if (test_below(&l->seed, 2))
		p->strict = p->tests & test_random(&l->seed);
	if (test_below(&l->seed, 2))
		p->flags ^= MANRS_POLICY_IRR_COVERING | MANRS_POLICY_IRR_ROA;
	if (test_below(&l->seed, 2))
		p->flags ^= MANRS_POLICY_CONFED;
}

static void session_open(struct life *l, uint32_t s)
{
	static const uint32_t flags[] = {0,
					 0,
					 0,
					 MANRS_ANNOUNCE_ANY_NEIGHBOUR,
					 MANRS_ANNOUNCE_INTERNAL,
					 MANRS_ANNOUNCE_EGRESS};
	struct twin_session *t = &l->twin->session[s];
	manrs_rib_session in;

	pass(manrs_rib_session_init(&in, sizeof in));
	policy(l, &t->policy);
	in.policy = &t->policy;
	in.neighbour_asn = t->neighbour_asn = any_asn(l);
	in.flags = t->flags = flags[test_below(&l->seed, 6)];
	if (test_below(&l->seed, 2))
		in.neighbour_address = test_address("192.0.2.1");
	t->neighbour_address = in.neighbour_address;
	ck_assert_int_eq(manrs_rib_session_add(l->rib, &in), (int)s);
	t->open = true;
}

/* ---- routes ---- */

static void announcement(struct life *l, manrs_announcement *a, uint32_t *hops, uint8_t *kinds)
{
	*a = (manrs_announcement){.prefix = *any_prefix(l)};
	a->path.n = (uint32_t)test_below(&l->seed, 5);
	a->path.asn = hops;
	for (uint32_t i = 0; i < a->path.n; i++) {
		hops[i] = any_asn(l);
		kinds[i] = (uint8_t)(MANRS_SEGMENT_START | (1 + test_below(&l->seed, 4)));
	}
	if (test_below(&l->seed, 6) == 0)
		a->path.kind = kinds;
	if (test_below(&l->seed, 3) == 0)
		a->next_hop = test_address(test_below(&l->seed, 2) ? "192.0.2.1" : "2001:db8::1");
	if (test_below(&l->seed, 4) == 0) {
		a->flags |= MANRS_ANNOUNCE_OTC;
		a->otc = any_asn(l);
	}
	switch (test_below(&l->seed, 24)) { /* malformed, or maybe */
	case 0:
		a->flags |= MANRS_ANNOUNCE_MALFORMED;
		break;
	case 1:
		a->path.flags = 1;
		break;
	case 2:
		a->next_hop = *any_prefix(l);
		break;
	case 3:
		a->flags |= 1u << test_below(&l->seed, 12);
		break;
	case 4:
		a->otc = 7;
		break;
	case 5:
		a->zero[sizeof a->zero - 1] = 1;
		break;
	case 6:
		a->learned_from = 1 + (uint32_t)test_below(&l->seed, 300);
		break;
	}
	/* those are the session's, whatever an announcement says */
	a->flags &=
		~(MANRS_ANNOUNCE_EGRESS | MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL);
}

static bool comes_again(struct life *l, int rc)
{
	twin_pull(l->twin, l->rib, false);
	return rc == MANRS_EBUSY || (l->refuses && rc == MANRS_ENOMEM);
}

/* The allocator refuses from some call on; none: it gives again. */
static void refuse(struct life *l, bool on)
{
	l->count.fail_at = on && l->refuses && test_below(&l->seed, 2)
				   ? l->count.calls + 1 + test_below(&l->seed, 4)
				   : 0;
}

static void announce_some(struct life *l, uint32_t s)
{
	manrs_announcement a[10];
	uint32_t hops[10][TWIN_HOPS], ids[10];
	uint8_t kinds[10][TWIN_HOPS];
	size_t n = 1 + test_below(&l->seed, 10), at = 0, done;
	int rc;

	for (size_t i = 0; i < n; i++) {
		announcement(l, &a[i], hops[i], kinds[i]);
		ids[i] = (uint32_t)test_below(&l->seed, TWIN_IDS);
	}
	do {
		refuse(l, true);
		rc = manrs_rib_announce(l->rib, s, a + at, ids + at, n - at, &done);
		refuse(l, false);
		for (size_t i = 0; i < done; i++)
			twin_announce(l->twin, s, &a[at + i], ids[at + i]);
		at += done;
	} while (comes_again(l, rc));
	ck_assert(rc == MANRS_OK || rc == MANRS_EINVAL);
	ck_assert_uint_eq(at, n);
}

static void withdraw_some(struct life *l, uint32_t s)
{
	manrs_prefix p[6];
	uint32_t ids[6];
	size_t n = 1 + test_below(&l->seed, 6), at = 0, done;
	int rc;

	for (size_t i = 0; i < n; i++) {
		p[i] = *any_prefix(l);
		ids[i] = (uint32_t)test_below(&l->seed, TWIN_IDS);
	}
	do {
		refuse(l, true);
		rc = manrs_rib_withdraw(l->rib, s, p + at, ids + at, n - at, &done);
		refuse(l, false);
		for (size_t i = 0; i < done; i++)
			twin_withdraw(l->twin, s, &p[at + i], ids[at + i]);
		at += done;
	} while (comes_again(l, rc));
	pass(rc);
	ck_assert_uint_eq(at, n);
}

static int work(struct life *l, size_t budget)
{
	int rc;

	refuse(l, true);
	rc = manrs_rib_work(l->rib, budget);
	refuse(l, false);
	twin_pull(l->twin, l->rib, true);
	ck_assert(rc == 0 || rc == 1 || rc == MANRS_EBUSY || (l->refuses && rc == MANRS_ENOMEM));
	return rc;
}

static void all_work(struct life *l)
{
	static const size_t budgets[] = {1, 7, 1000, 0};
	size_t budget = budgets[test_below(&l->seed, 4)], turns = 0;

	while (work(l, budget) != 0)
		ck_assert_uint_lt(turns++, 1000000);
}

static void removed(struct life *l, uint32_t s)
{
	pass(manrs_rib_session_remove(l->rib, s));
	twin_refresh(l->twin, s);
	twin_end(l->twin, s, 0);
	l->twin->session[s].open = false;
	if (test_below(&l->seed, 2))
		work(l, 5);
	all_work(l);
	session_open(l, s);
}

static void step(struct life *l)
{
	uint32_t s = (uint32_t)test_below(&l->seed, TWIN_SESSIONS);
	int family = test_below(&l->seed, 2) ? 4 : 6;
	size_t what = test_below(&l->seed, 40);

	if (what < 16) {
		announce_some(l, s);
	} else if (what < 20) {
		withdraw_some(l, s);
	} else if (what < 28) {
		new_snapshot(l);
	} else if (what < 32) {
		work(l, 1 + test_below(&l->seed, 30));
	} else if (what < 34) {
		pass(manrs_rib_session_refresh(l->rib, s));
		twin_refresh(l->twin, s);
	} else if (what < 36) {
		pass(manrs_rib_end_of_rib(l->rib, s, family));
		twin_end(l->twin, s, family);
	} else if (what < 37) {
		pass(manrs_rib_session_down(l->rib, s));
		twin_refresh(l->twin, s);
		twin_end(l->twin, s, 0);
	} else if (what < 39) {
		policy(l, &l->twin->session[s].policy);
		pass(manrs_rib_session_set_policy(l->rib, s, &l->twin->session[s].policy));
	} else {
		removed(l, s);
	}
}

static void live(uint64_t seed, uint32_t max_changes, bool refuses, unsigned steps)
{
	struct life l = {.seed = seed, .asn = 5 + (uint32_t)(seed % 8)};
	manrs_alloc alloc = test_alloc_of(&l.count);
	manrs_rib_config config;

	l.twin = calloc(1, sizeof *l.twin);
	prefixes(&l);
	lists(&l);
	pass(manrs_db_owner_new(&l.owner, NULL));
	pass(manrs_rib_config_init(&config, sizeof config));
	config.alloc = &alloc;
	config.max_changes = max_changes;
	config.hash_seed[0] = seed + 1;
	pass(manrs_rib_new(&l.rib, &config));
	l.refuses = refuses;
	for (uint32_t s = 0; s < TWIN_SESSIONS; s++)
		session_open(&l, s);
	for (unsigned i = 0; i < steps; i++) {
		step(&l);
		if (i % 8 == 7) {
			all_work(&l);
			twin_same(l.twin, l.rib, manrs_rib_db(l.rib));
		}
	}
	ck_assert_uint_gt(l.twin->changes, steps);
	manrs_rib_free(l.rib);
	ck_assert_uint_eq(l.count.live, 0);
	manrs_db_unref(l.db);
	pass(manrs_db_owner_free(l.owner));
	manrs_rel_free(l.rel);
	manrs_trie_free(l.list);
	free(l.twin);
}

START_TEST(lives)
{
	for (uint64_t seed = 1; seed <= test_rounds(24); seed++)
		live(seed, 65536, false, 700);
}
END_TEST

START_TEST(lives_with_few_places_for_changes)
{
	for (uint64_t seed = 11; seed <= 14; seed++)
		live(seed, (uint32_t)(seed - 10), false, 500);
}
END_TEST

START_TEST(lives_with_memory_refused)
{
	for (uint64_t seed = 21; seed <= 40; seed++)
		live(seed, 16, true, 700);
}
END_TEST

Suite *rib_random_suite(void)
{
	Suite *s = suite_create("rib_random");

	ADD_TEST(s, lives, 20);
	ADD_TEST(s, lives_with_few_places_for_changes, 20);
	ADD_LONG_TEST(s, lives_with_memory_refused, 20);
	return s;
}

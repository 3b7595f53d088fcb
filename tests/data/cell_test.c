/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hand-over cell: its rules, one thread at a time; then readers on threads of their own against a writer that commits,
 * publishes and reclaims without waiting. The second part is for `make tsan`, too.
 */

#include "../test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* 2^16 prefixes 10.x.y.0/24, all of one AS: a snapshot says which by every answer. */
static manrs_route route_of(unsigned i, uint32_t asn)
{
	manrs_route r = {{4, 24, 24, 0, {10, (uint8_t)(i >> 8), (uint8_t)i}}, asn};

	return r;
}

/* A snapshot of n prefixes of an AS, made from the one before. */
static manrs_db *next_of(manrs_db_owner *owner, const manrs_db *base, unsigned n, uint32_t asn)
{
	manrs_route *r = calloc(n, sizeof *r);
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, owner, base));
	pass(manrs_edit_drop(e, 0, NULL));
	for (unsigned i = 0; i < n; i++)
		r[i] = route_of(i * 97 % 65536, asn);
	pass(manrs_edit_vrps(e, 0, MANRS_ADD, r, n, NULL, NULL));
	pass(manrs_edit_commit(e, &db));
	free(r);
	return db;
}

static bool says(const manrs_db *db, uint32_t asn)
{
	manrs_route r = route_of(0, asn);

	return manrs_rov_check(db, &r) == MANRS_ROV_VALID;
}

START_TEST(a_reader_gets_the_newest_and_keeps_it_until_it_leaves)
{
	manrs_db_owner *owner;
	manrs_cell *cell;
	const manrs_db *db;

	pass(manrs_db_owner_new(&owner, NULL));
	pass(manrs_cell_new(&cell, 3, NULL));
	ck_assert_ptr_null(manrs_cell_enter(cell, 0));
	manrs_cell_leave(cell, 0);
	pass(manrs_cell_publish(cell, next_of(owner, NULL, 5, 1)));
	db = manrs_cell_enter(cell, 0);
	ck_assert(says(db, 1));
	pass(manrs_cell_publish(cell, next_of(owner, db, 5, 2)));
	ck_assert(says(manrs_cell_enter(cell, 1), 2));
	/* Reader 0 holds the first; reader 1, who came later, does not. */
	ck_assert_uint_eq(manrs_cell_reclaim(cell), 1);
	ck_assert_int_eq(manrs_cell_free(cell), MANRS_EBUSY);
	ck_assert(says(db, 1));
	manrs_cell_leave(cell, 0);
	ck_assert_uint_eq(manrs_cell_reclaim(cell), 0);
	ck_assert_int_eq(manrs_cell_free(cell), MANRS_EBUSY);
	manrs_cell_leave(cell, 1);
	/* The cell holds its newest. */
	manrs_db_reclaim(owner, 0);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_EBUSY);
	pass(manrs_cell_free(cell));
	pass(manrs_db_owner_free(owner));
	pass(manrs_cell_free(NULL));
}
END_TEST

START_TEST(one_slow_reader_holds_back_all_since_it_came)
{
	manrs_db_owner *owner;
	manrs_cell *cell;
	manrs_db *db = NULL;

	pass(manrs_db_owner_new(&owner, NULL));
	pass(manrs_cell_new(&cell, 2, NULL));
	for (uint32_t i = 1; i <= 20; i++) {
		db = next_of(owner, db, 3, i);
		pass(manrs_cell_publish(cell, db));
		if (i == 8)
			ck_assert(says(manrs_cell_enter(cell, 1), 8));
		if (i > 10) {
			ck_assert(says(manrs_cell_enter(cell, 0), i));
			manrs_cell_leave(cell, 0);
		}
		ck_assert_uint_eq(manrs_cell_reclaim(cell), i > 8 ? i - 8 : 0);
	}
	manrs_cell_leave(cell, 1);
	ck_assert_uint_eq(manrs_cell_reclaim(cell), 0);
	pass(manrs_cell_publish(cell, NULL));
	ck_assert_ptr_null(manrs_cell_enter(cell, 1));
	manrs_cell_leave(cell, 1);
	ck_assert_uint_eq(manrs_cell_reclaim(cell), 0);
	pass(manrs_db_owner_free(owner)); /* nothing is held any more */
	pass(manrs_cell_free(cell));
}
END_TEST

START_TEST(a_reader_may_keep_a_reference_when_it_leaves)
{
	manrs_db_owner *owner;
	manrs_cell *cell;
	const manrs_db *db;

	pass(manrs_db_owner_new(&owner, NULL));
	pass(manrs_cell_new(&cell, 1, NULL));
	pass(manrs_cell_publish(cell, next_of(owner, NULL, 5, 7)));
	db = manrs_cell_enter(cell, 0);
	manrs_db_ref(db);
	manrs_cell_leave(cell, 0);
	pass(manrs_cell_free(cell));
	manrs_db_reclaim(owner, 0);
	ck_assert(says(db, 7));
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_EBUSY);
	manrs_db_unref(db);
	pass(manrs_db_owner_free(owner));
}
END_TEST

START_TEST(wrong_seats_kinds_and_numbers)
{
	manrs_cell *cell;

	ck_assert_int_eq(manrs_cell_new(&cell, 0, NULL), MANRS_EINVAL);
	ck_assert_int_eq(manrs_cell_new(&cell, MANRS_CELL_READERS + 1, NULL), MANRS_EINVAL);
	pass(manrs_cell_new(&cell, MANRS_CELL_READERS, NULL));
	ck_assert_ptr_null(manrs_cell_enter(cell, MANRS_CELL_READERS));
	manrs_cell_leave(cell, MANRS_CELL_READERS);
	ck_assert_ptr_null(manrs_cell_enter_urpf(cell, 0));
	ck_assert_int_eq(manrs_cell_publish_urpf(cell, NULL), MANRS_EINVAL);
	pass(manrs_cell_free(cell));
}
END_TEST

START_TEST(forwarding_tables_are_handed_over_alike)
{
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	const manrs_urpf *inside;
	manrs_urpf *urpf;
	manrs_cell *cell;

	pass(manrs_urpf_owner_new(&owner, NULL));
	pass(manrs_cell_new_urpf(&cell, 1, NULL));
	for (unsigned i = 0; i < 3; i++) {
		pass(manrs_urpf_edit_begin(&edit, owner, NULL));
		ck_assert_int_ge(manrs_urpf_edit_commit(edit, &urpf, NULL, 0), 0);
		pass(manrs_cell_publish_urpf(cell, urpf));
	}
	inside = manrs_cell_enter_urpf(cell, 0);
	ck_assert_ptr_eq(inside, urpf);
	ck_assert_ptr_null(manrs_cell_enter(cell, 0));
	ck_assert_int_eq(manrs_cell_publish(cell, NULL), MANRS_EINVAL);
	ck_assert_uint_eq(manrs_cell_reclaim(cell), 0);
	manrs_cell_leave(cell, 0);
	pass(manrs_cell_free(cell));
	pass(manrs_urpf_owner_free(owner));
}
END_TEST

START_TEST(refused_memory_leaves_the_snapshot_with_the_caller)
{
	struct test_alloc counter = {.fail_at = 1};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_db_owner *owner;
	manrs_cell *cell;
	manrs_db *db;

	ck_assert_int_eq(manrs_cell_new(&cell, 4, &alloc), MANRS_ENOMEM);
	counter = (struct test_alloc){.fail_at = 2};
	ck_assert_int_eq(manrs_cell_new(&cell, 4, &alloc), MANRS_ENOMEM);
	ck_assert_uint_eq(counter.live, 0);
	counter = (struct test_alloc){.fail_at = 3};
	pass(manrs_cell_new(&cell, 4, &alloc));
	pass(manrs_db_owner_new(&owner, NULL));
	db = next_of(owner, NULL, 3, 1);
	ck_assert_int_eq(manrs_cell_publish(cell, db), MANRS_ENOMEM);
	ck_assert_ptr_null(manrs_cell_enter(cell, 0));
	manrs_cell_leave(cell, 0);
	counter.fail_at = 0;
	pass(manrs_cell_publish(cell, db));
	pass(manrs_cell_free(cell));
	pass(manrs_db_owner_free(owner));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* ---- threads ---- */

#define READERS  3
#define PREFIXES 300

struct race {
	manrs_cell *cell;
	atomic_uint going;
	atomic_ulong rounds;
	atomic_uint reading; /* readers that have seen a snapshot */
	/* A snapshot handed over with a reference of its own, to be let go by whoever takes it. */
	_Atomic(const manrs_db *) given;
};

struct reader {
	struct race *race;
	uint32_t seat;
	unsigned long seen, wrong;
};

/* Every answer of one snapshot must be for the AS of the first: never two truths in one. */
static bool one_truth(const manrs_db *db, uint32_t *asn)
{
	manrs_route r[PREFIXES], vrp[4];
	uint8_t states[PREFIXES];

	for (unsigned i = 0; i < PREFIXES; i++)
		r[i] = route_of(i * 97 % 65536, 0);
	if (manrs_rov_covering(db, &r[0].prefix, vrp, 4) != 1)
		return false;
	for (unsigned i = 0; i < PREFIXES; i++)
		r[i].asn = vrp[0].asn;
	manrs_rov_check_many(db, r, PREFIXES, states);
	for (unsigned i = 0; i < PREFIXES; i++)
		if (states[i] != MANRS_ROV_VALID)
			return false;
	*asn = vrp[0].asn;
	return true;
}

static void *read_on(void *arg)
{
	struct reader *me = arg;
	uint32_t last = 0, asn = 0;

	for (bool first = true; atomic_load(&me->race->going); first = false) {
		const manrs_db *db = manrs_cell_enter(me->race->cell, me->seat), *given;

		me->wrong += !one_truth(db, &asn) || asn < last;
		me->seen += asn != last;
		last = asn;
		manrs_cell_leave(me->race->cell, me->seat);
		given = atomic_exchange(&me->race->given, NULL);
		if (given) {
			me->wrong += !one_truth(given, &asn);
			manrs_db_unref(given); /* the last one, often */
		}
		atomic_fetch_add(&me->race->rounds, 1);
		atomic_fetch_add(&me->race->reading, first);
	}
	return NULL;
}

START_TEST(readers_against_a_committing_writer)
{
	struct race race = {0};
	struct reader reader[READERS];
	pthread_t thread[READERS];
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_db *db;
	size_t most = 0;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	config.isa = test_isa();
	pass(manrs_db_owner_new(&owner, &config));
	pass(manrs_cell_new(&race.cell, READERS, NULL));
	db = next_of(owner, NULL, PREFIXES, 1);
	pass(manrs_cell_publish(race.cell, db));
	atomic_store(&race.going, 1);
	for (uint32_t i = 0; i < READERS; i++) {
		reader[i] = (struct reader){&race, i, 0, 0};
		ck_assert_int_eq(pthread_create(&thread[i], NULL, read_on, &reader[i]), 0);
	}
	while (atomic_load(&race.reading) < READERS)
		sched_yield();
	for (uint32_t asn = 2; asn < 400 || (atomic_load(&race.rounds) < 2000 && asn < 20000);
	     asn++) {
		manrs_db *next = next_of(owner, db, PREFIXES, asn);

		if (asn % 3 == 0 && !atomic_load(&race.given)) {
			manrs_db_ref(next);
			atomic_store(&race.given, next);
		}
		pass(manrs_cell_publish(race.cell, next));
		db = next;
		manrs_cell_reclaim(race.cell);
		manrs_db_reclaim(owner, 100); /* a slice, while the readers go on */
		most = counter.live > most ? counter.live : most;
	}
	atomic_store(&race.going, 0);
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_uint_eq(reader[i].wrong, 0);
		ck_assert_uint_gt(reader[i].seen, 0);
	}
	manrs_db_unref(atomic_load(&race.given));
	ck_assert_uint_eq(manrs_cell_reclaim(race.cell), 0);
	pass(manrs_cell_free(race.cell));
	pass(manrs_db_owner_free(owner));
	ck_assert_uint_eq(counter.live, 0);
	ck_assert_uint_lt(most, 64 << 20);
}
END_TEST

/* The oldest snapshot is let go while the writer reclaims: what it holds itself must not go with it. */
struct letting_go {
	atomic_uint going;
	_Atomic(const manrs_db *) given;
};

static void *let_go(void *arg)
{
	struct letting_go *me = arg;

	while (atomic_load(&me->going)) {
		const manrs_db *db = atomic_load(&me->given);

		if (!db) {
			sched_yield();
			continue;
		}
		manrs_db_unref(db);
		atomic_store(&me->given, NULL);
	}
	return NULL;
}

START_TEST(an_older_snapshot_let_go_while_its_writer_reclaims)
{
	struct letting_go other = {0};
	pthread_t thread;
	manrs_db_owner *owner;
	manrs_db *db;

	pass(manrs_db_owner_new(&owner, NULL));
	db = next_of(owner, NULL, 3, 1);
	atomic_store(&other.going, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, let_go, &other), 0);
	for (uint32_t asn = 2; asn < 4000; asn++) {
		manrs_db *next = next_of(owner, db, 3, asn);

		atomic_store(&other.given, db);
		while (atomic_load(&other.given))
			manrs_db_reclaim(owner, 0);
		ck_assert(says(next, asn));
		db = next;
	}
	atomic_store(&other.going, 0);
	pthread_join(thread, NULL);
	manrs_db_unref(db);
	pass(manrs_db_owner_free(owner));
}
END_TEST

Suite *cell_suite(void)
{
	Suite *s = suite_create("data/cell");

	ADD_TEST(s, a_reader_gets_the_newest_and_keeps_it_until_it_leaves, 5);
	ADD_TEST(s, one_slow_reader_holds_back_all_since_it_came, 5);
	ADD_TEST(s, a_reader_may_keep_a_reference_when_it_leaves, 5);
	ADD_TEST(s, wrong_seats_kinds_and_numbers, 5);
	ADD_TEST(s, forwarding_tables_are_handed_over_alike, 5);
	ADD_TEST(s, refused_memory_leaves_the_snapshot_with_the_caller, 5);
	ADD_TEST(s, readers_against_a_committing_writer, 10);
	ADD_TEST(s, an_older_snapshot_let_go_while_its_writer_reclaims, 10);
	return s;
}

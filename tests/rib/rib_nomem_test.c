/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole life of a small rib with its allocation k failing, k = 1, 2, ... until none does: once alone, and once with all that
 * follow until the call has returned. The call says MANRS_ENOMEM, or does without; after it what is listed is what was told, and
 * the counts are those of the listing. The same call again, with memory, goes on: at the end of each chapter the rib is as its
 * twin (oracle/rib.h), and has told the same set of changes as the rib that was refused nothing.
 */

#include "oracle/rib.h"
#include "test.h"

enum { LOG = 4096, CHAPTERS = 16, SESSIONS = 3, CHANGES = 128, DBS = 4 };
enum call { NEW, ADD, ANNOUNCE, WORK, CALLS };

/* Refuses the call number k; all after it too while `rest`. */
struct memory {
	size_t live, calls, k;
	bool rest, refused;
};

struct life {
	struct memory memory;
	manrs_rib *rib;
	struct rib_twin *twin;
	const manrs_db *const
		*db; /* of DBS: others each; the last has nothing in common with the first */
	const manrs_db *now;
	size_t end[CHAPTERS];    /* of chapter i in the twin's log */
	uint64_t held[CHAPTERS]; /* paths, then */
	unsigned chapter;
	const struct life *model; /* the life without refusals; NULL: this is it */
	uint64_t nomem[CALLS];
};

static void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct memory *m = arg;
	void *at;

	if (!new_size) {
		m->live -= old_size;
		free(ptr);
		return NULL;
	}
	m->calls++;
	if (m->k && (m->rest ? m->calls >= m->k : m->calls == m->k)) {
		m->refused = true;
		return NULL;
	}
	at = realloc(ptr, new_size);
	ck_assert_ptr_nonnull(at);
	m->live += new_size - old_size;
	return at;
}

/* ---- the database ---- */

static const manrs_db *commit(manrs_edit *edit)
{
	manrs_db *db;

	pass(manrs_edit_commit(edit, &db));
	return db;
}

/* Origins are 20 + place, the second hops 10 to 16 (see announcement()). */
static void vrps(const struct rib_twin *twin, manrs_edit *edit, int op, size_t from, size_t step)
{
	for (size_t p = from; p < TWIN_PREFIXES; p += step) {
		manrs_route r = {twin->prefix[p], 20 + (uint32_t)(p % 5 ? p : p + 1)};

		pass(manrs_edit_vrps(edit, 0, op, &r, 1, NULL, NULL));
	}
}

static void aspas(manrs_edit *edit, uint32_t from, uint32_t n, uint32_t provider)
{
	for (uint32_t customer = from; customer < from + n; customer++) {
		manrs_aspa aspa = {.customer = customer, .provider = &provider, .n = 1};

		pass(manrs_edit_aspas(edit, 1, MANRS_ADD, &aspa, 1, NULL, NULL));
	}
}

static void snapshots(const struct rib_twin *twin, manrs_db_owner *owner, const manrs_db **db)
{
	manrs_edit *edit;

	pass(manrs_edit_begin(&edit, owner, NULL));
	vrps(twin, edit, MANRS_ADD, 0, 3);
	aspas(edit, 20, 10, 12);
	db[0] = commit(edit);
	pass(manrs_edit_begin(&edit, owner, db[0]));
	vrps(twin, edit, MANRS_ADD, 1, 6);
	vrps(twin, edit, MANRS_REMOVE, 0, 9);
	aspas(edit, 30, 30, 11); /* each alone in its paths: none may be lost */
	db[1] = commit(edit);
	pass(manrs_edit_begin(&edit, owner, db[1]));
	vrps(twin, edit, MANRS_ADD, 2, 3);
	aspas(edit, 10, 7, 2);
	db[2] = commit(edit);
	pass(manrs_edit_begin(&edit, owner, db[2]));
	pass(manrs_edit_drop(edit, 0, NULL));
	aspas(edit, 1, 3, 100);
	db[3] = commit(edit);
}

/* ---- what holds after each call ---- */

static bool same(const manrs_verdict *a, const manrs_verdict *b)
{
	return a->pass == b->pass && a->fail == b->fail && a->unknown == b->unknown;
}

static size_t there_of(const struct rib_twin *twin)
{
	size_t n = 0;

	for (size_t p = 0; p < TWIN_PREFIXES; p++)
		for (size_t s = 0; s < TWIN_SESSIONS; s++)
			for (size_t id = 0; id < TWIN_IDS; id++)
				n += twin->route[p][s][id].there;
	return n;
}

static void check_listed(const struct rib_twin *twin, const manrs_rib_route *listed)
{
	size_t p = twin_prefix(twin, &listed->announcement.prefix);
	const struct twin_route *r = &twin->route[p][listed->session][listed->path_id];
	const manrs_path *path = &listed->announcement.path;

	ck_assert(r->there && r->told && same(&r->verdict, &listed->verdict));
	ck_assert_uint_eq(listed->flags, r->stale ? MANRS_RIB_STALE : 0);
	ck_assert_uint_eq(path->n, r->a.path.n);
	ck_assert(!memcmp(path->asn, r->hops, path->n * sizeof *path->asn));
}

/* Nothing is half done: all that is listed was told as it is, and is counted. A listing takes no memory. */
static void whole(struct life *l)
{
	manrs_rib_stats stats = {.size = sizeof stats};
	uint64_t routes[TWIN_SESSIONS] = {0}, fail[TWIN_SESSIONS] = {0}, have, bad, open = 0;
	size_t calls = l->memory.calls, all = 0, n;
	manrs_rib_route out[7];
	manrs_cursor cursor = {{0}};

	do {
		n = manrs_rib_routes(l->rib, NULL, MANRS_RIB_UNDER, &cursor, out, 7);
		for (size_t i = 0; i < n; i++) {
			check_listed(l->twin, &out[i]);
			routes[out[i].session]++;
			fail[out[i].session] += out[i].verdict.fail != 0;
		}
		all += n;
	} while (n == 7);
	ck_assert_uint_eq(all, there_of(l->twin));
	for (uint32_t s = 0; s < TWIN_SESSIONS; s++) {
		if (!l->twin->session[s].open)
			continue;
		pass(manrs_rib_session_routes(l->rib, s, &have, &bad));
		ck_assert_uint_eq(have, routes[s]);
		ck_assert_uint_eq(bad, fail[s]);
		open++;
	}
	pass(manrs_rib_stats_get(l->rib, &stats));
	ck_assert_uint_eq(stats.sessions, open);
	ck_assert_uint_eq(stats.bytes, l->memory.live);
	ck_assert_uint_eq(stats.waiting, 0);
	ck_assert_uint_eq(l->memory.calls, calls);
}

/* After a call. returns: whether it is to be made again */
static bool again(struct life *l, enum call call, int rc)
{
	bool refused = l->memory.refused;

	if (rc == MANRS_ENOMEM) {
		ck_assert(refused);
		l->nomem[call]++;
	}
	twin_pull(l->twin, l->rib, true);
	if (l->memory.k && refused) {
		l->memory.k = 0;
		whole(l);
	}
	return rc == MANRS_ENOMEM || rc == MANRS_EBUSY;
}

/* ---- calls ---- */

static void policy(manrs_policy *p, int role)
{
	pass(manrs_policy_init(p, sizeof *p, role));
	p->tests = MANRS_TESTS_ALL;
	p->local_as = 100;
}

static void add(struct life *l, uint32_t s)
{
	struct twin_session *t = &l->twin->session[s];
	manrs_rib_session in;
	int rc;

	pass(manrs_rib_session_init(&in, sizeof in));
	policy(&t->policy, 1 + (int)s);
	in.policy = &t->policy;
	in.neighbour_asn = t->neighbour_asn = 1 + s;
	do {
		rc = manrs_rib_session_add(l->rib, &in);
		t->open = rc >= 0;
	} while (again(l, ADD, rc));
	ck_assert_int_eq(rc, (int)s);
}

/* neighbour, a second hop, origins of their own; `other`: another set for the same route */
static void announcement(const struct rib_twin *twin, uint32_t s, size_t p, uint32_t id, bool other,
			 manrs_announcement *a, uint32_t *hops)
{
	*a = (manrs_announcement){.prefix = twin->prefix[p], .path.asn = hops};
	hops[a->path.n++] = 1 + s;
	hops[a->path.n++] = 10 + (uint32_t)p % 7;
	hops[a->path.n++] = 20 + (uint32_t)p;
	if (id)
		hops[a->path.n++] = 20 + (uint32_t)p;
	if (other)
		hops[1] = 9;
	if (p % 4 == 0) {
		a->flags = MANRS_ANNOUNCE_OTC;
		a->otc = 1 + s;
	}
	if (p % 4 == 1)
		a->next_hop = test_address(p % 8 == 1 ? "192.0.2.1" : "2001:db8::1");
}

/* Every step-th route of a session, both path ids, in batches. */
static void announce(struct life *l, uint32_t s, size_t from, size_t step, bool other)
{
	manrs_announcement a[TWIN_PREFIXES * TWIN_IDS];
	uint32_t hops[TWIN_PREFIXES * TWIN_IDS][TWIN_HOPS], ids[TWIN_PREFIXES * TWIN_IDS];
	size_t n = 0, at = 0, done;
	int rc;

	for (size_t p = from; p < TWIN_PREFIXES; p += step)
		for (uint32_t id = 0; id < TWIN_IDS; id++, n++) {
			announcement(l->twin, s, p, id, other, &a[n], hops[n]);
			ids[n] = id;
		}
	do {
		rc = manrs_rib_announce(l->rib, s, a + at, ids + at, n - at, &done);
		for (size_t i = at; i < at + done; i++)
			twin_announce(l->twin, s, &a[i], ids[i]);
		at += done;
	} while (again(l, ANNOUNCE, rc));
	pass(rc);
	ck_assert_uint_eq(at, n);
}

/* A withdrawal needs memory for what it tells alone, and can wait for room instead. */
static void withdraw(struct life *l, uint32_t s, size_t from, size_t step)
{
	for (size_t p = from; p < TWIN_PREFIXES; p += step) {
		size_t done = 0;
		int rc;

		do {
			rc = manrs_rib_withdraw(l->rib, s, &l->twin->prefix[p], NULL, 1, &done);
			if (done)
				twin_withdraw(l->twin, s, &l->twin->prefix[p], 0);
			ck_assert_int_ne(rc, MANRS_ENOMEM);
		} while (again(l, CALLS, rc));
		pass(rc);
	}
}

static void follow(struct life *l, const manrs_db *db)
{
	pass(manrs_rib_follow(l->rib, db));
	l->now = db;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(manrs_rib_change));
}

/* Work in slices until every verdict is true; then all is as in the twin, and what was told and is held as in the model. */
static void chapter(struct life *l, size_t budget)
{
	manrs_rib_stats stats = {.size = sizeof stats};
	size_t begin = l->chapter ? l->end[l->chapter - 1] : 0, end;
	int rc;

	do
		rc = manrs_rib_work(l->rib, budget);
	while (again(l, WORK, rc) || rc == 1);
	pass(rc);
	twin_same(l->twin, l->rib, manrs_rib_db(l->rib));
	ck_assert(manrs_rib_db(l->rib) == l->now || !l->now);
	end = (size_t)l->twin->changes;
	ck_assert_uint_le(end, LOG);
	ck_assert_uint_lt(l->chapter, CHAPTERS);
	qsort(l->twin->log + begin, end - begin, sizeof *l->twin->log, by_bytes);
	l->end[l->chapter] = end;
	pass(manrs_rib_stats_get(l->rib, &stats));
	ck_assert_uint_eq(stats.bytes, l->memory.live);
	l->held[l->chapter] = stats.paths;
	if (l->model) {
		ck_assert_uint_eq(stats.paths, l->model->held[l->chapter]);
		ck_assert_uint_eq(end, l->model->end[l->chapter]);
		ck_assert(!memcmp(l->twin->log + begin, l->model->twin->log + begin,
				  (end - begin) * sizeof *l->twin->log));
	} else {
		ck_assert_uint_gt(end, begin); /* none is empty */
	}
	l->chapter++;
}

/* ---- a life ---- */

static void begin(struct life *l)
{
	manrs_alloc alloc = {resize, &l->memory};
	manrs_rib_config config;

	pass(manrs_rib_config_init(&config, sizeof config));
	config.alloc = &alloc;
	config.max_changes = CHANGES;
	config.hash_seed[0] = 1; /* the same tables in each life */
	while (manrs_rib_new(&l->rib, &config) != MANRS_OK) {
		ck_assert(l->memory.refused);
		ck_assert_uint_eq(l->memory.live, 0);
		l->memory.k = 0;
		l->nomem[NEW]++;
	}
	for (uint32_t s = 0; s < SESSIONS; s++)
		add(l, s);
}

static void live(struct life *l)
{
	begin(l);
	for (uint32_t s = 0; s < SESSIONS; s++)
		announce(l, s, 0, 1, false);
	withdraw(l, 1, 3, 5);
	chapter(l, 1);
	follow(l, l->db[0]); /* data where there was none: sessions are judged as a whole */
	chapter(l, 7);
	follow(l, l->db[1]); /* prefixes and customers */
	chapter(l, 3);
	policy(&l->twin->session[0].policy, 4);
	pass(manrs_rib_session_set_policy(l->rib, 0, &l->twin->session[0].policy));
	chapter(l, 5);
	follow(l, l->db[2]); /* two that wait, and a session down */
	follow(l, l->db[3]);
	pass(manrs_rib_session_down(l->rib, 1));
	twin_refresh(l->twin, 1);
	twin_end(l->twin, 1, 0);
	chapter(l, 2);
	pass(manrs_rib_session_refresh(l->rib, 0));
	twin_refresh(l->twin, 0);
	announce(l, 0, 0, 2, true);
	announce(l, 1, 0, 3, false);
	chapter(l, 4);
	pass(manrs_rib_end_of_rib(l->rib, 0, 6));
	twin_end(l->twin, 0, 6);
	chapter(l, 1);
	pass(manrs_rib_end_of_rib(l->rib, 0, 4));
	twin_end(l->twin, 0, 4);
	chapter(l, 100);
	pass(manrs_rib_session_remove(l->rib, 2));
	twin_refresh(l->twin, 2);
	twin_end(l->twin, 2, 0);
	l->twin->session[2].open = false;
	chapter(l, 9);
	add(l, 2); /* its handle again */
	announce(l, 2, 1, 4, true);
	chapter(l, 0);
	follow(l, NULL);
	chapter(l, 11);
}

static void end(struct life *l)
{
	manrs_rib_free(l->rib);
	ck_assert_uint_eq(l->memory.live, 0);
}

static int by_prefix(const void *a, const void *b)
{
	return manrs_prefix_cmp(a, b);
}

/* A /16 and a /24 in it, and /48s. */
static void prefixes(struct rib_twin *twin)
{
	for (unsigned i = 0; i < TWIN_PREFIXES; i++) {
		bool v6 = i % 3 == 2;
		uint8_t addr[16] = {v6 ? 0x20 : 10, v6 ? 1 : (uint8_t)(i / 3)};

		if (v6)
			addr[5] = (uint8_t)(i / 3);
		pass(manrs_prefix_set(&twin->prefix[i], v6 ? 6 : 4, addr,
				      v6      ? 48
				      : i % 3 ? 24
					      : 16,
				      MANRS_PREFIX_CLEAR));
	}
	qsort(twin->prefix, TWIN_PREFIXES, sizeof *twin->prefix, by_prefix);
}

static struct rib_twin *twin_new(void)
{
	struct rib_twin *twin = calloc(1, sizeof *twin);

	ck_assert_ptr_nonnull(twin);
	prefixes(twin);
	twin->log = calloc(LOG, sizeof *twin->log);
	ck_assert_ptr_nonnull(twin->log);
	twin->room = LOG;
	return twin;
}

static void twin_free(struct rib_twin *twin)
{
	free(twin->log);
	free(twin);
}

static void every_allocation_fails(bool rest)
{
	struct rib_twin *twin = twin_new();
	const manrs_db *db[DBS];
	struct life model = {.twin = twin, .db = db};
	uint64_t nomem[CALLS] = {0};
	manrs_db_owner *owner;
	bool refused = true;

	pass(manrs_db_owner_new(&owner, NULL));
	snapshots(twin, owner, db);
	live(&model);
	for (size_t k = 1; refused; k++) {
		struct life l = {.twin = twin_new(), .db = db, .model = &model};

		l.memory.k = k;
		l.memory.rest = rest;
		live(&l);
		refused = l.memory.refused;
		ck_assert(refused == (k <= model.memory.calls));
		end(&l);
		twin_free(l.twin);
		for (unsigned i = 0; i < CALLS; i++)
			nomem[i] += l.nomem[i];
	}
	end(&model);
	twin_free(twin);
	for (unsigned i = 0; i < DBS; i++)
		manrs_db_unref(db[i]);
	pass(manrs_db_owner_free(owner));
	for (unsigned i = 0; i < CALLS; i++)
		ck_assert_uint_gt(nomem[i], 0); /* each kind of call was refused */
}

START_TEST(one_allocation_fails)
{
	every_allocation_fails(false);
}
END_TEST

START_TEST(none_goes_well_until_the_call_is_back)
{
	every_allocation_fails(true);
}
END_TEST

Suite *rib_nomem_suite(void)
{
	Suite *s = suite_create("rib_nomem");

	ADD_LONG_TEST(s, one_allocation_fails, 10);
	ADD_LONG_TEST(s, none_goes_well_until_the_call_is_back, 10);
	return s;
}

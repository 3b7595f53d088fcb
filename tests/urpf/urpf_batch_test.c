/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF batches of every length, on the compiled forms that big tables have, fresh and after many commits: whom each prefix is
 * reached by is computed here, and strict mode allows nobody else.
 */

#include "test.h"

#include "urpf/urpf_match.h"
#include "urpf/urpf_state.h"

#define IFACES   64u
#define PREFIXES 512u
#define COVERS   8u /* each around 64 of them */
#define LONGEST  260u

struct world {
	unsigned family;
	manrs_urpf_owner *owner;
	manrs_urpf *u;
	uint64_t now;
	uint64_t by[PREFIXES + COVERS]; /* a bit an interface */
	uint64_t seed;
};

static unsigned pick(struct world *w, unsigned n)
{
	return (unsigned)(test_random(&w->seed) % n);
}

/* A /24 or a /48, but of every 16th only a /28 or a /52; then the /16 or /40 around each 64. */
static manrs_prefix prefix_at(const struct world *w, unsigned i)
{
	unsigned at = w->family == 4 ? 0 : 3, first = i < PREFIXES ? i : (i - PREFIXES) * 64;
	manrs_prefix p = {.family = (uint8_t)w->family, .len = w->family == 4 ? 24 : 48};

	p.len = (uint8_t)(p.len + (i % 16 == 7 ? 4 : 0));
	if (i >= PREFIXES)
		p.len = w->family == 4 ? 16 : 40;
	p.maxlen = p.len;
	p.addr[0] = 0x20; /* of IPv6 */
	p.addr[at] = (uint8_t)(32 + first / 128);
	p.addr[at + 1] = (uint8_t)(first / 64);
	p.addr[at + 2] = i < PREFIXES ? (uint8_t)(i * 3) : 0;
	return p;
}

/* Prefix i comes by an interface too, or by that one no longer. */
static void toggle(struct world *w, manrs_urpf_edit *edit, unsigned i, unsigned iface)
{
	manrs_urpf_entry e = {.route.prefix = prefix_at(w, i),
			      .iface = (uint16_t)iface,
			      .flags = MANRS_URPF_BEST};
	int what = w->by[i] >> iface & 1 ? MANRS_REMOVE : MANRS_ADD;
	manrs_counts c;

	ck_assert_int_eq(manrs_urpf_edit_rib(edit, what, &e, 1, NULL, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.added + c.removed, 1);
	w->by[i] ^= UINT64_C(1) << iface;
}

static void commit(struct world *w, manrs_urpf_edit *edit)
{
	manrs_urpf *next;

	ck_assert_int_eq(manrs_urpf_edit_commit(edit, &next, NULL, ++w->now), MANRS_OK);
	if (w->u)
		manrs_urpf_unref(w->u);
	w->u = next;
	manrs_urpf_reclaim(w->owner, 0);
}

static void open_world(struct world *w, unsigned family, unsigned width)
{
	manrs_urpf_config config;
	manrs_urpf_edit *edit;

	*w = (struct world){.family = family, .seed = width};
	manrs_urpf_config_init(&config, sizeof config);
	config.isa = test_isa();
	ck_assert_int_eq(manrs_urpf_owner_new(&w->owner, &config), MANRS_OK);
	w->owner->flat_min = 0;
	w->owner->flat_width = width;
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, w->owner, NULL), MANRS_OK);
	for (unsigned i = 0; i < IFACES; i++) {
		uint16_t handle = MANRS_URPF_NO_IFACE;
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = MANRS_URPF_STRICT;
		ck_assert_int_eq(manrs_urpf_edit_iface_add(edit, &handle, &f), MANRS_OK);
		ck_assert_uint_eq(handle, i);
	}
	for (unsigned i = 0; i < PREFIXES + COVERS; i++)
		if (i % 5)
			toggle(w, edit, i, pick(w, IFACES));
	commit(w, edit);
	ck_assert(w->u->flat && w->u->flat->store->width == width && w->u->match6);
}

static void close_world(struct world *w)
{
	manrs_urpf_unref(w->u);
	ck_assert_int_eq(manrs_urpf_owner_free(w->owner), MANRS_OK);
}

/* A source in prefix i or, where that is long, perhaps beside it; whether it is in it. */
static bool source_at(struct world *w, unsigned i, uint8_t *src)
{
	manrs_prefix p = prefix_at(w, i);
	unsigned at = w->family == 4 ? 3 : 6;

	p.addr[at] = (uint8_t)pick(w, 256);
	if (i % 16 == 7 && pick(w, 2))
		p.addr[at] &= 15;
	memcpy(src, p.addr, w->family == 4 ? 4 : 16);
	return i % 16 != 7 || p.addr[at] < 16;
}

static uint16_t iface_at(struct world *w, unsigned i)
{
	static const uint16_t strange[] = {64, 65, 127, 128, 4096, MANRS_URPF_NO_IFACE};

	if (pick(w, 64) == 0)
		return strange[pick(w, sizeof strange / sizeof *strange)];
	return pick(w, 2) && w->by[i] ? (uint16_t)cc_ctz64(w->by[i]) : (uint16_t)pick(w, IFACES);
}

static void check(const struct world *w, const uint8_t *src, const uint16_t *iface, size_t n,
		  uint8_t *allow)
{
	static uint32_t src4[LONGEST];

	if (w->family == 6) {
		manrs_urpf_check6(w->u, src, iface, n, allow);
		return;
	}
	memcpy(src4, src, 4 * n);
	manrs_urpf_check4(w->u, src4, iface, n, allow);
}

static void every_length(struct world *w)
{
	static uint8_t src[16 * LONGEST];
	uint16_t iface[LONGEST];
	uint8_t allow[LONGEST + 1], want[LONGEST];
	size_t bytes = w->family == 4 ? 4 : 16;

	for (unsigned n = 0; n <= LONGEST; n++) {
		for (unsigned k = 0; k < n; k++) {
			unsigned i = pick(w, PREFIXES);
			bool inside = source_at(w, i, src + bytes * k);
			uint64_t by = inside && w->by[i] ? w->by[i] : w->by[PREFIXES + i / 64];

			iface[k] = iface_at(w, i);
			want[k] = iface[k] < IFACES && by >> iface[k] & 1;
		}
		allow[n] = 0xee;
		check(w, src, iface, n, allow);
		for (unsigned k = 0; k < n; k++)
			ck_assert_msg(allow[k] == want[k], "%u of %u: %u", k, n, allow[k]);
		ck_assert_uint_eq(allow[n], 0xee);
	}
}

/* Some routes come or go, and sometimes all those of a prefix. */
static void change(struct world *w, unsigned n)
{
	manrs_urpf_edit *edit;

	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, w->owner, w->u), MANRS_OK);
	while (n--) {
		unsigned i = pick(w, PREFIXES);

		if (w->by[i] && pick(w, 2))
			for (unsigned f = 0; f < IFACES; f++)
				if (w->by[i] >> f & 1)
					toggle(w, edit, i, f);
		toggle(w, edit, pick(w, 4) ? i : PREFIXES + i / 64, pick(w, IFACES));
	}
	commit(w, edit);
}

static const unsigned widths[] = {1, 2, 3, FLAT_BITS};

/* Commits add chunks to what the first made, until it has no room. */
START_TEST(batches_of_every_length)
{
	struct flat_store *store;
	unsigned commits = 0;
	struct world w, older;

	open_world(&w, 4, widths[_i]);
	every_length(&w);
	store = heap_ref(w.u->flat->store);
	older = w;
	manrs_urpf_ref(older.u);
	change(&w, 1);
	ck_assert_ptr_eq(w.u->flat->store, store);
	every_length(&w);
	for (; w.u->flat->store == store; commits++) {
		ck_assert_uint_lt(commits, 100000);
		change(&w, 1 + commits % 8);
		if (commits % 32 == 0)
			every_length(&w);
	}
	ck_assert_uint_gt(commits, 20);
	every_length(&w);
	change(&w, 20);
	every_length(&w);
	every_length(&older);
	manrs_urpf_unref(older.u);
	heap_drop(&w.owner->heap, store);
	close_world(&w);
}
END_TEST

/* Prefixes that were not there when the match was made are asked of the blocks, until they are too many. */
START_TEST(batches_of_ipv6)
{
	struct world w, older;
	struct urpf_lpm *lpm;
	manrs_urpf_edit *edit;

	open_world(&w, 6, 1);
	every_length(&w);
	lpm = heap_ref(w.u->match6->lpm);
	older = w;
	manrs_urpf_ref(older.u);
	for (unsigned i = 0; i < 50; i++) {
		change(&w, 1);
		every_length(&w);
	}
	ck_assert_ptr_eq(w.u->match6->lpm, lpm);
	ck_assert_uint_gt(w.u->match6->n_ask, 0);
	every_length(&older);
	manrs_urpf_unref(older.u);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, w.owner, w.u), MANRS_OK);
	for (unsigned i = 0; i < PREFIXES; i++) { /* in each a /64 */
		manrs_urpf_entry e = {
			.route.prefix = prefix_at(&w, i), .iface = 1, .flags = MANRS_URPF_BEST};

		e.route.prefix.len = e.route.prefix.maxlen = 64;
		e.route.prefix.addr[7] = 0xff; /* no source of the tests is in it */
		ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, &e, 1, NULL, NULL, NULL),
				 MANRS_OK);
	}
	commit(&w, edit);
	ck_assert_ptr_ne(w.u->match6->lpm, lpm);
	ck_assert_uint_eq(w.u->match6->n_ask, 0);
	every_length(&w);
	heap_drop(&w.owner->heap, lpm);
	close_world(&w);
}
END_TEST

Suite *urpf_batch_suite(void)
{
	Suite *s = suite_create("urpf_batch");
	TCase *t = tcase_create("batches_of_every_length");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, batches_of_every_length, 0, 4);
	suite_add_tcase(s, t);
	ADD_TEST(s, batches_of_ipv6, 10);
	return s;
}

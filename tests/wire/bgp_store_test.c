/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store of attribute sets. Bytes are written down from RFC 4271 section 4.3 and RFC 4760 section 3; what is equal is said by
 * a twin that keeps a list and compares bytes.
 */

#include "../test.h"

#include <manrs/bgp_attrs.h>

static const manrs_bgp_session session4 = {.flags = MANRS_BGP_AS4};

/* ORIGIN IGP, AS_PATH 64497 64496, NEXT_HOP 192.0.2.1 */
static const uint8_t plain[] = {0x40, 1, 1, 0,    0x40, 2,    10, 2, 2,   0, 0, 0xfb,
				0xf1, 0, 0, 0xfb, 0xf0, 0x40, 3,  4, 192, 0, 2, 1};

static manrs_bgp_store *store_new(void)
{
	manrs_bgp_store *store;

	pass(manrs_bgp_store_new(&store, NULL));
	return store;
}

START_TEST(equal_bytes_are_one_set)
{
	manrs_bgp_store *store = store_new();
	const manrs_bgp_attrs *a, *b;
	manrs_bgp_store_stats stats = {.size = sizeof stats};

	pass(manrs_bgp_store_get(store, &a, &session4, plain, sizeof plain));
	pass(manrs_bgp_store_get(store, &b, &session4, plain, sizeof plain));
	ck_assert_ptr_eq(a, b);
	ck_assert_uint_eq(a->id, 0);
	ck_assert_uint_eq(a->path.n, 2);
	ck_assert_uint_eq(a->path.asn[0], 64497);
	ck_assert_uint_eq(a->path.asn[1], 64496);
	ck_assert_int_eq(
		manrs_prefix_cmp(&a->next_hop, &(manrs_prefix){4, 32, 32, 0, {192, 0, 2, 1}}), 0);
	ck_assert_ptr_eq(manrs_bgp_store_at(store, 0), a);
	ck_assert_ptr_null(manrs_bgp_store_at(store, 1));
	pass(manrs_bgp_store_stats_get(store, &stats));
	ck_assert_uint_eq(stats.sets, 1);
	ck_assert_uint_eq(stats.asked, 2);
	ck_assert_uint_eq(stats.hits, 1);
	manrs_bgp_store_clear(store);
	ck_assert_ptr_null(manrs_bgp_store_at(store, 0));
	manrs_bgp_store_free(store);
}
END_TEST

START_TEST(config_says_its_defaults)
{
	manrs_bgp_store_config config;

	pass(manrs_bgp_store_config_init(&config, sizeof config));
	ck_assert_uint_eq(config.max_bytes, 256u << 20);
	ck_assert_int_eq(manrs_bgp_store_config_init(&config, 8), MANRS_EINVAL);
	ck_assert_str_eq(manrs_bgp_action_text(MANRS_BGP_WITHDRAW), "treat-as-withdraw");
	ck_assert_str_eq(manrs_bgp_action_text(6), "");
	ck_assert_str_eq(manrs_bgp_action_text(-1), "");
}
END_TEST

/* ---- what counts as equal ---- */

static const manrs_bgp_attrs *get(manrs_bgp_store *store, uint32_t flags, const void *in, size_t n)
{
	const manrs_bgp_session session = {.flags = flags};
	const manrs_bgp_attrs *attrs;

	pass(manrs_bgp_store_get(store, &attrs, &session, in, n));
	return attrs;
}

START_TEST(flags_that_change_the_meaning_part_sets)
{
	static const uint32_t parts[] = {MANRS_BGP_AS4, MANRS_BGP_CONFED, MANRS_BGP_INTERNAL,
					 MANRS_BGP_GUESS, MANRS_BGP_DUMP},
			      not [] = {MANRS_BGP_PATHS4, MANRS_BGP_PATHS6, MANRS_BGP_EXTENDED};
	manrs_bgp_store *store = store_new();
	const manrs_bgp_attrs *none = get(store, 0, plain, 4);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		ck_assert_uint_eq(get(store, parts[i], plain, 4)->id, i + 1);
	for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
		ck_assert_ptr_eq(get(store, not [i], plain, 4), none);
	manrs_bgp_store_free(store);
}
END_TEST

/* MP_REACH of n bytes of NLRI, all of one value, between ORIGIN and communities. */
static size_t reach_of(uint8_t *out, unsigned n, unsigned value, unsigned community)
{
	static const uint8_t head[] = {0x40, 1, 1, 0, 0x90, 14, 0, 0, 0, 2, 1, 16};
	uint8_t *p = out + sizeof head;

	memcpy(out, head, sizeof head);
	out[6] = (uint8_t)((21 + n) >> 8);
	out[7] = (uint8_t)(21 + n);
	memset(p, 0x20, 17);
	memset(p + 17, (int)value, n);
	p += 17 + n;
	memcpy(p, (const uint8_t[]){0xc0, 8, 4, 0, 1, 0, (uint8_t)community}, 7);
	return (size_t)(p + 7 - out);
}

START_TEST(rfc4760_s3_prefixes_alone_part_no_sets)
{
	manrs_bgp_store *store = store_new();
	uint8_t in[4096];
	const manrs_bgp_attrs *a = get(store, 0, in, reach_of(in, 0, 0, 7)), *b;

	for (unsigned n = 1; n < 3000; n += 97) {
		b = get(store, 0, in, reach_of(in, n, n, 7));
		ck_assert_ptr_eq(a, b);
	}
	/* what it lent stands although in[] changed */
	ck_assert_uint_eq(a->n_communities, 1);
	ck_assert_mem_eq(a->communities, "\0\1\0\7", 4);
	b = get(store, 0, in, reach_of(in, 500, 1, 8));
	ck_assert_uint_eq(b->id, 1);
	ck_assert_mem_eq(b->communities, "\0\1\0\10", 4);
	ck_assert_uint_eq(b->path_id, a->path_id);
	/* another next hop */
	reach_of(in, 5, 1, 7);
	in[20] = 9;
	ck_assert_uint_eq(get(store, 0, in, 4 + 4 + 21 + 5 + 7)->id, 2);
	manrs_bgp_store_free(store);
}
END_TEST

START_TEST(rfc4760_s4_withdrawn_ones_neither)
{
	manrs_bgp_store *store = store_new();
	static const uint8_t one[] = {0x80, 15, 7, 0, 2, 1, 24, 1, 2, 3, 0x40, 1, 1, 0},
			     two[] = {0x80, 15, 5, 0, 2, 1, 8, 9, 0x40, 1, 1, 0},
			     other[] = {0x80, 15, 5, 0, 1, 1, 8, 9, 0x40, 1, 1, 0};

	ck_assert_ptr_eq(get(store, 0, one, sizeof one), get(store, 0, two, sizeof two));
	ck_assert_uint_eq(get(store, 0, other, sizeof other)->id, 1);
	manrs_bgp_store_free(store);
}
END_TEST

/* A fault's place counts all bytes, so that a set that has one is shared by equally long ones alone. */
START_TEST(a_fault_has_its_own_place)
{
	manrs_bgp_store *store = store_new();
	uint8_t in[4096];

	for (unsigned n = 0; n < 300; n += 3) {
		size_t all = reach_of(in, n, 1, 7);
		const manrs_bgp_attrs *a;

		in[all - 5] = 3; /* the length of the communities */
		a = get(store, 0, in, all - 1);
		ck_assert_uint_eq(a->action, MANRS_BGP_WITHDRAW);
		ck_assert_uint_eq(a->more->fault.at, 29 + n);
		if (n) {
			in[29] ^= 1; /* of the prefixes */
			ck_assert_ptr_eq(get(store, 0, in, all - 1), a);
		}
	}
	manrs_bgp_store_free(store);
}
END_TEST

/*
 * Bytes that would be equal if only what is left counted: an MP_REACH without its length and prefixes, and the same bytes as
 * attributes of their own, whose MP_REACH has length 0.
 */
START_TEST(what_was_cut_is_not_forgotten)
{
	static const uint8_t reach[] = {0x80, 14, 9, 0, 1, 1, 4, 0xc0, 0, 2, 1, 0},
			     same[] = {0x80, 14, 0, 1, 1, 4, 0xc0, 0, 2, 1, 0},
			     behind[] = {0x80, 14, 9, 0, 1, 1, 4, 0xc0, 0, 2, 1, 0, 0x0f, 0, 1, 1},
			     elsewhere[] = {0x80, 14, 0, 1,    1, 4, 0xc0, 0,
					    2,    1,  0, 0x0f, 3, 0, 1,    1};
	manrs_bgp_store *store = store_new();

	ck_assert_uint_eq(get(store, 0, reach, sizeof reach)->action, MANRS_BGP_KEEP);
	ck_assert_uint_eq(get(store, 0, same, sizeof same)->action, MANRS_BGP_RESET);
	/* and with as much cut elsewhere: an unknown attribute behind it, an MP_UNREACH behind ORIGIN */
	ck_assert_uint_eq(get(store, 0, behind, sizeof behind)->more->fault.at, 12);
	ck_assert_uint_eq(get(store, 0, elsewhere, sizeof elsewhere)->more->fault.at, 0);
	manrs_bgp_store_free(store);
}
END_TEST

/* ---- bounds ---- */

START_TEST(no_session_and_no_length)
{
	manrs_bgp_store *store = store_new();
	manrs_bgp_session session = {.flags = 256};
	static uint8_t in[65536];
	const manrs_bgp_attrs *attrs = NULL;
	manrs_bgp_store_stats stats = {.size = sizeof stats};
	manrs_bgp_store_config config;

	ck_assert_int_eq(manrs_bgp_store_get(store, &attrs, &session, in, 0), MANRS_EINVAL);
	session = (manrs_bgp_session){.zero = 1};
	ck_assert_int_eq(manrs_bgp_store_get(store, &attrs, &session, in, 0), MANRS_EINVAL);
	session.zero = 0;
	ck_assert_int_eq(manrs_bgp_store_get(store, &attrs, &session, in, 65536), MANRS_EINVAL);
	ck_assert_ptr_null(attrs);
	pass(manrs_bgp_store_stats_get(store, &stats));
	ck_assert_uint_eq(stats.asked, 0);
	pass(manrs_bgp_store_get(store, &attrs, &session, in, 65535));
	stats.size = 8;
	ck_assert_int_eq(manrs_bgp_store_stats_get(store, &stats), MANRS_EINVAL);
	manrs_bgp_store_free(store);
	manrs_bgp_store_free(NULL);
	pass(manrs_bgp_store_config_init(&config, sizeof config));
	config.max_bytes = (2u << 20) - 1;
	ck_assert_int_eq(manrs_bgp_store_new(&store, &config), MANRS_EINVAL);
}
END_TEST

/* AS_PATH of as many hops as fit, 2 octets each: numbers from `first`, and the longest room that a set can ask for. */
static size_t longest(uint8_t *out, unsigned first)
{
	size_t n = 4;

	out[0] = 0x50;
	out[1] = 2;
	while (n + 512 <= 65535) {
		out[n++] = 1; /* sets, whose kinds are kept */
		out[n++] = 255;
		for (unsigned i = 0; i < 255; i++, first++) {
			out[n++] = (uint8_t)(first >> 8);
			out[n++] = (uint8_t)first;
		}
	}
	out[2] = (uint8_t)((n - 4) >> 8);
	out[3] = (uint8_t)(n - 4);
	return n;
}

/*
 * Fill a store to its bound, clear it, and again, with large and small sets in turn: it takes no more than it may, and whatever
 * was there before, a cleared one takes the largest.
 */
static void fill(int first)
{
	struct test_alloc a = {0};
	manrs_alloc alloc = test_alloc_of(&a);
	manrs_bgp_store_config config;
	manrs_bgp_store *store;
	static uint8_t in[65536];

	pass(manrs_bgp_store_config_init(&config, sizeof config));
	config.alloc = &alloc;
	config.max_bytes = 2u << 20;
	pass(manrs_bgp_store_new(&store, &config));
	for (int round = first; round < first + 4; round++) {
		const manrs_bgp_session session = {0};
		manrs_bgp_store_stats before = {.size = sizeof before}, after = before;
		const manrs_bgp_attrs *attrs = NULL, *kept;
		int rc = MANRS_OK;

		for (unsigned i = 0; rc == MANRS_OK; i++) {
			uint8_t small[7] = {0x80,      4, 4, (uint8_t)(i >> 16), (uint8_t)(i >> 8),
					    (uint8_t)i};
			bool big = round % 2 == 0;
			size_t n = big ? longest(in, i) : 7;

			kept = NULL;
			pass(manrs_bgp_store_stats_get(store, &before));
			rc = manrs_bgp_store_get(store, &kept, &session, big ? in : small, n);
			pass(manrs_bgp_store_stats_get(store, &after));
			if (rc == MANRS_OK) {
				ck_assert_uint_eq(kept->id, i);
				ck_assert_uint_eq(after.sets, i + 1);
				attrs = kept;
			}
		}
		ck_assert_int_eq(rc, MANRS_ELIMIT);
		ck_assert_ptr_nonnull(attrs);
		ck_assert_uint_eq(after.sets, before.sets);
		ck_assert_uint_eq(after.paths, before.paths);
		ck_assert_uint_eq(after.asked, before.asked);
		ck_assert_uint_le(a.peak, config.max_bytes);
		ck_assert_uint_eq(a.live, after.bytes);
		ck_assert_ptr_eq(manrs_bgp_store_at(store, (uint32_t)after.sets - 1), attrs);
		/* what is there is still found */
		if (round % 2 == 0) {
			pass(manrs_bgp_store_get(store, &kept, &session, in, longest(in, 0)));
			ck_assert_uint_eq(kept->id, 0);
			ck_assert_uint_eq(kept->path.n, 127 * 255);
		}
		manrs_bgp_store_clear(store);
	}
	manrs_bgp_store_free(store);
	ck_assert_uint_eq(a.live, 0);
}

START_TEST(a_full_store_says_so_and_is_as_it_was)
{
	fill(0);
	fill(1);
}
END_TEST

/* Sets enough that every table grows, with allocation k failing: nothing has changed then, and the next try goes well. */
START_TEST(an_allocation_fails)
{
	for (size_t k = 1;; k++) {
		struct test_alloc a = {0};
		manrs_alloc alloc = test_alloc_of(&a);
		manrs_bgp_store_config config;
		manrs_bgp_store *store;
		size_t failed = 0;
		int rc;

		pass(manrs_bgp_store_config_init(&config, sizeof config));
		config.alloc = &alloc;
		a.fail_at = k;
		rc = manrs_bgp_store_new(&store, &config);
		if (rc != MANRS_OK) {
			ck_assert_int_eq(rc, MANRS_ENOMEM);
			ck_assert_uint_eq(a.live, 0);
			continue;
		}
		for (unsigned i = 0; i < 1500; i++) {
			const manrs_bgp_session session = {0};
			uint8_t whole[14] = {0x80, 4, 4, 0, 0, (uint8_t)(i >> 8), (uint8_t)i,
					     0x40, 2, 4, 2, 1, (uint8_t)(i & 63), 1};
			const manrs_bgp_attrs *attrs = NULL;
			manrs_bgp_store_stats stats = {.size = sizeof stats};

			rc = manrs_bgp_store_get(store, &attrs, &session, whole, 14);
			if (rc != MANRS_OK) {
				ck_assert_int_eq(rc, MANRS_ENOMEM);
				ck_assert_ptr_null(attrs);
				pass(manrs_bgp_store_stats_get(store, &stats));
				ck_assert_uint_eq(stats.sets, i);
				ck_assert_uint_eq(stats.paths, i < 64 ? i : 64);
				ck_assert_uint_eq(stats.bytes, a.live);
				a.fail_at = 0;
				failed++;
				pass(manrs_bgp_store_get(store, &attrs, &session, whole, 14));
			}
			ck_assert_uint_eq(attrs->id, i);
			ck_assert_uint_eq(attrs->med, i);
			ck_assert_uint_eq(attrs->path_id, i & 63);
		}
		manrs_bgp_store_free(store);
		ck_assert_uint_eq(a.live, 0);
		if (!failed)
			break;
	}
}
END_TEST

/* ---- against a list ---- */

/* What a set is made of: it is equal to another if all of this is. */
struct made {
	uint8_t flags, med, hop, path, community, mp, second;
};

/* Paths differ in numbers, in length and in kinds; numbers 0 and 1 in kinds alone. */
static size_t made_path(uint8_t *out, unsigned path)
{
	unsigned hops = path < 2 ? 3 : path % 7 + 1;
	size_t n = 0;

	out[n++] = 0x40;
	out[n++] = 2;
	out[n++] = (uint8_t)(2 + 4 * hops);
	out[n++] = path == 1 ? 1 : 2;
	out[n++] = (uint8_t)hops;
	for (unsigned i = 0; i < hops; i++) {
		memset(out + n, 0, 4);
		out[n + 3] = (uint8_t)(path < 2 ? i + 1 : path);
		n += 4;
	}
	return n;
}

/* Its bytes, with random prefixes where it has MP_REACH or MP_UNREACH. */
static size_t made_bytes(uint8_t *out, const struct made *m, uint64_t *seed)
{
	size_t n = 0, nlri;

	if (m->mp == 1 || m->mp == 2) {
		nlri = test_below(seed, 100);
		memcpy(out, (const uint8_t[]){0x80, 14, (uint8_t)(21 + nlri), 0, 2, 1, 16}, 7);
		memset(out + 7, m->hop, 17);
		for (n = 24; n < 24 + nlri; n++)
			out[n] = (uint8_t)test_random(seed);
	}
	memcpy(out + n, (const uint8_t[]){0x80, 4, 4, 0, 0, 0, m->med}, 7);
	n += 7 + made_path(out + n + 7, m->path);
	if (m->mp == 2 || m->mp == 3) {
		nlri = test_below(seed, 100);
		memcpy(out + n, (const uint8_t[]){0x80, 15, (uint8_t)(3 + nlri), 0, 1, 1}, 6);
		for (n += 6; nlri > 0; nlri--)
			out[n++] = (uint8_t)test_random(seed);
	}
	for (unsigned i = 0; i <= m->second; i++, n += 7)
		memcpy(out + n,
		       (const uint8_t[]){0xc0, (uint8_t)(i ? 70 : 8), 4, 0, 0, 0, m->community}, 7);
	return n;
}

static void made_is(const manrs_bgp_attrs *attrs, const struct made *m)
{
	ck_assert_uint_eq(attrs->action, MANRS_BGP_KEEP);
	ck_assert_uint_eq(attrs->med, m->med);
	ck_assert_uint_eq(attrs->path.n, m->path < 2 ? 3 : m->path % 7 + 1);
	ck_assert_uint_eq(attrs->path.asn[0], m->path < 2 ? 1 : m->path);
	ck_assert_int_eq(attrs->path.kind != NULL, m->path == 1);
	ck_assert_uint_eq(attrs->n_communities, 1);
	ck_assert_uint_eq(attrs->communities[3], m->community);
	if (m->mp == 1 || m->mp == 2)
		ck_assert_uint_eq(attrs->next_hop.addr[15], m->hop);
}

#define TWINS 4000

START_TEST(against_a_list)
{
	static struct made list[TWINS];
	static const manrs_bgp_attrs *lent[TWINS];
	static uint8_t in[1024];
	uint64_t seed = 642;
	manrs_bgp_store *store = store_new();
	int path_ids[64];
	size_t n = 0, paths = 0, asked = 0, hits = 0;
	manrs_bgp_store_stats stats = {.size = sizeof stats};

	memset(path_ids, -1, sizeof path_ids);
	for (int round = 0; round < 30000; round++) {
		struct made m = {.flags = (uint8_t)test_below(&seed, 2),
				 .med = (uint8_t)test_below(&seed, 4),
				 .path = (uint8_t)test_below(&seed, 64),
				 .community = (uint8_t)test_below(&seed, 3),
				 .mp = (uint8_t)test_below(&seed, 4),
				 .second = (uint8_t)test_below(&seed, 2)};
		const manrs_bgp_attrs *a;
		size_t i = 0;

		if (m.mp == 1 || m.mp == 2)
			m.hop = (uint8_t)test_below(&seed, 2);
		if (n == TWINS || test_below(&seed, 9000) == 0) {
			manrs_bgp_store_clear(store);
			memset(path_ids, -1, sizeof path_ids);
			n = paths = 0;
		}
		a = get(store, MANRS_BGP_AS4 | (m.flags ? MANRS_BGP_INTERNAL : 0), in,
			made_bytes(in, &m, &seed));
		while (i < n && memcmp(&list[i], &m, sizeof m) != 0)
			i++;
		if (i == n) {
			list[n] = m;
			lent[n++] = a;
		} else {
			hits++;
		}
		asked++;
		ck_assert_uint_eq(a->id, i);
		ck_assert_ptr_eq(a, lent[i]);
		ck_assert_ptr_eq(manrs_bgp_store_at(store, (uint32_t)i), a);
		if (path_ids[m.path] < 0)
			path_ids[m.path] = (int)paths++;
		ck_assert_uint_eq(a->path_id, (uint32_t)path_ids[m.path]);
		made_is(a, &m);
	}
	for (size_t i = 0; i < n; i++)
		made_is(lent[i], &list[i]);
	pass(manrs_bgp_store_stats_get(store, &stats));
	ck_assert_uint_eq(stats.sets, n);
	ck_assert_uint_eq(stats.paths, paths);
	ck_assert_uint_eq(stats.asked, asked);
	ck_assert_uint_eq(stats.hits, hits);
	ck_assert_uint_gt(stats.clears, 0);
	manrs_bgp_store_free(store);
}
END_TEST

Suite *bgp_store_suite(void)
{
	Suite *s = suite_create("bgp_store");

	ADD_TEST(s, equal_bytes_are_one_set, 10);
	ADD_TEST(s, config_says_its_defaults, 10);
	ADD_TEST(s, flags_that_change_the_meaning_part_sets, 10);
	ADD_TEST(s, rfc4760_s3_prefixes_alone_part_no_sets, 10);
	ADD_TEST(s, rfc4760_s4_withdrawn_ones_neither, 10);
	ADD_TEST(s, a_fault_has_its_own_place, 10);
	ADD_TEST(s, what_was_cut_is_not_forgotten, 10);
	ADD_TEST(s, no_session_and_no_length, 10);
	ADD_TEST(s, a_full_store_says_so_and_is_as_it_was, 20);
	ADD_TEST(s, an_allocation_fails, 20);
	ADD_TEST(s, against_a_list, 20);
	return s;
}

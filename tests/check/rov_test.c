/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of origin validation, one a test. Tables are typed as "PREFIX maxlen ASN"; what is expected comes from the text of
 * RFC 6811, RFC 6483, RFC 8481 and RFC 9319, or can be counted.
 */

#include "../test.h"

static manrs_route route_of(const char *prefix, uint32_t asn)
{
	return (manrs_route){test_prefix(prefix), asn};
}

/* A snapshot of one table; the owner goes with it. */
struct table {
	manrs_db_owner *owner;
	manrs_db *db;
};

static struct table table_of(const manrs_route *vrps, size_t n)
{
	manrs_db_config config;
	manrs_counts c;
	manrs_edit *e;
	struct table t;

	manrs_db_config_init(&config, sizeof config);
	config.isa = test_isa();
	ck_assert_int_eq(manrs_db_owner_new(&t.owner, &config), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&e, t.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(e, 0, MANRS_ADD, vrps, n, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.refused, 0);
	ck_assert_int_eq(manrs_edit_commit(e, &t.db), MANRS_OK);
	return t;
}

/* Lines "PREFIX MAXLEN ASN". */
static struct table table(const char *lines)
{
	manrs_route vrps[64];
	char prefix[64];
	unsigned maxlen, asn;
	size_t n = 0;
	int used;

	for (; sscanf(lines, "%63s %u %u%n", prefix, &maxlen, &asn, &used) == 3; lines += used) {
		vrps[n] = route_of(prefix, asn);
		vrps[n++].prefix.maxlen = (uint8_t)maxlen;
	}
	return table_of(vrps, n);
}

static void done(struct table *t)
{
	manrs_db_unref(t->db);
	ck_assert_int_eq(manrs_db_owner_free(t->owner), MANRS_OK);
}

/* The state by the single call, which the batch must share at every place of an array. */
static int state_of(const manrs_db *db, const manrs_route *route)
{
	manrs_route many[37];
	uint8_t states[38];
	int state = manrs_rov_check(db, route);

	for (size_t i = 0; i < 37; i++)
		many[i] = *route;
	memset(states, 99, sizeof states);
	ck_assert_int_eq(manrs_rov_check_many(db, many, 37, states),
			 state == MANRS_ROV_MALFORMED ? MANRS_EINVAL : MANRS_OK);
	for (size_t i = 0; i < 37; i++)
		ck_assert_int_eq(states[i], state);
	ck_assert_int_eq(states[37], 99);
	return state;
}

static int state(struct table t, const char *prefix, uint32_t asn)
{
	manrs_route r = route_of(prefix, asn);

	return state_of(t.db, &r);
}

static int reason(struct table t, const char *prefix, uint32_t asn)
{
	manrs_route r = route_of(prefix, asn);

	return manrs_rov_reason(t.db, &r);
}

START_TEST(rfc6811_s2_not_found_when_no_vrp_covers)
{
	struct table t = table("192.0.2.0/24 24 64496\n2001:db8::/32 48 64496\n10.0.0.0/16 16 1");

	ck_assert_int_eq(state(t, "198.51.100.0/24", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "192.0.3.0/24", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "192.0.2.0/23", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "10.0.0.0/15", 1), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "0.0.0.0/0", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "::/0", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "2001:db9::/32", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "2001:db8::/31", 64496), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(reason(t, "2001:db8::/31", 64496), MANRS_ROV_REASON_NONE);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_valid_when_one_matches)
{
	struct table t = table("192.0.2.0/24 24 64496\n2001:db8::/32 48 64497");

	ck_assert_int_eq(state(t, "192.0.2.0/24", 64496), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "2001:db8::/32", 64497), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "2001:db8:ffff::/48", 64497), MANRS_ROV_VALID);
	ck_assert_int_eq(reason(t, "2001:db8::/32", 64497), MANRS_ROV_REASON_NONE);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_invalid_when_covered_and_none_matches)
{
	struct table t = table("192.0.2.0/24 26 64496");

	ck_assert_int_eq(state(t, "192.0.2.0/24", 64497), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "192.0.2.0/27", 64496), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "192.0.2.255/32", 64496), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "192.0.2.192/26", 64496), MANRS_ROV_VALID);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_maxlen_of_a_shorter_vrp_and_of_a_longer_one)
{
	/* Any one VRP is enough, whatever the others say. */
	struct table t = table("10.0.0.0/8 24 1\n10.1.0.0/16 16 1\n10.2.0.0/16 24 2");

	ck_assert_int_eq(state(t, "10.1.2.0/24", 1), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "10.2.2.0/24", 1), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "10.2.2.0/24", 2), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "10.1.2.0/24", 2), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "10.1.2.0/25", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "10.0.0.0/9", 1), MANRS_ROV_VALID);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_a_vrp_longer_than_the_route_does_not_cover_it)
{
	struct table t =
		table("10.0.0.0/9 9 1\n10.0.0.0/24 24 1\n10.0.0.0/32 32 1\n2001:db8::/128 128 1");

	ck_assert_int_eq(state(t, "10.0.0.0/8", 1), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "10.0.0.0/23", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "10.0.0.0/31", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "10.0.0.0/32", 1), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "2001:db8::/127", 1), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "2001:db8::/128", 1), MANRS_ROV_VALID);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_origin_none_is_never_valid)
{
	/* "a Route Origin ASN of NONE can never be matched by any VRP" */
	struct table t = table("192.0.2.0/24 24 64496\n198.51.100.0/24 24 0");

	ck_assert_int_eq(state(t, "192.0.2.0/24", 0), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "198.51.100.0/24", 0), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "203.0.113.0/24", 0), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(reason(t, "198.51.100.0/24", 0), MANRS_ROV_REASON_AS);
	done(&t);
}
END_TEST

START_TEST(rfc6483_s4_as0_disavows)
{
	struct table t = table("192.0.2.0/24 32 0\n203.0.113.0/24 24 0\n203.0.113.0/24 24 64496");

	ck_assert_int_eq(state(t, "192.0.2.0/24", 64496), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "192.0.2.128/25", 64496), MANRS_ROV_INVALID);
	/* "a validly authorized route ... with a ROA from another AS ... is considered valid" */
	ck_assert_int_eq(state(t, "203.0.113.0/24", 64496), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "203.0.113.0/24", 64497), MANRS_ROV_INVALID);
	ck_assert_int_eq(reason(t, "192.0.2.0/24", 64496), MANRS_ROV_REASON_AS);
	done(&t);
}
END_TEST

START_TEST(rfc6811_s2_largest_as_and_every_number_is_only_itself)
{
	struct table t = table("192.0.2.0/24 24 4294967295\n198.51.100.0/24 24 1");

	ck_assert_int_eq(state(t, "192.0.2.0/24", UINT32_MAX), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "192.0.2.0/24", UINT32_MAX - 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "198.51.100.0/24", 65537), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "198.51.100.0/24", 1), MANRS_ROV_VALID);
	done(&t);
}
END_TEST

START_TEST(rfc8481_every_route_has_a_state_and_families_do_not_mix)
{
	/* The same leading bits in both families. */
	struct table t = table("32.1.13.184/32 32 1\n0.0.0.0/8 8 2\n::/96 128 3");

	ck_assert_int_eq(state(t, "2001:db8::/32", 1), MANRS_ROV_NOT_FOUND);
	ck_assert_int_eq(state(t, "32.1.13.184/32", 1), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "::/96", 3), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "0.0.0.0/8", 3), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(t, "::1/128", 2), MANRS_ROV_INVALID);
	done(&t);
}
END_TEST

START_TEST(malformed_is_never_not_found)
{
	struct table empty = table(""), t = table("192.0.2.0/24 24 64496");
	manrs_route good = route_of("192.0.2.0/24", 64496), bad[8];
	uint8_t states[10];
	manrs_route mixed[10];

	for (size_t i = 0; i < 8; i++)
		bad[i] = good;
	bad[0].prefix.family = 0;
	bad[1].prefix.family = 5;
	bad[2].prefix.family = 10; /* AF_INET6 somewhere */
	bad[3].prefix.len = 33;
	bad[4].prefix.zero = 1;
	bad[5].prefix.addr[3] = 1;  /* host bits */
	bad[6].prefix.addr[15] = 1; /* past the family's width */
	bad[7] = route_of("::/0", 1);
	bad[7].prefix.len = 129;
	for (size_t i = 0; i < 8; i++) {
		ck_assert_int_eq(state_of(empty.db, &bad[i]), MANRS_ROV_MALFORMED);
		ck_assert_int_eq(state_of(t.db, &bad[i]), MANRS_ROV_MALFORMED);
		ck_assert_int_eq(manrs_rov_reason(t.db, &bad[i]), MANRS_ROV_REASON_NONE);
		ck_assert_uint_eq(manrs_rov_covering(t.db, &bad[i].prefix, NULL, 0), 0);
		mixed[i] = bad[i];
	}
	/* The others of a batch are judged none the less. */
	mixed[8] = good;
	mixed[9] = route_of("10.0.0.0/8", 1);
	ck_assert_int_eq(manrs_rov_check_many(t.db, mixed, 10, states), MANRS_EINVAL);
	ck_assert_int_eq(states[8], MANRS_ROV_VALID);
	ck_assert_int_eq(states[9], MANRS_ROV_NOT_FOUND);
	/* maxlen of a route is ignored. */
	good.prefix.maxlen = 200;
	ck_assert_int_eq(state_of(t.db, &good), MANRS_ROV_VALID);
	ck_assert_int_eq(manrs_rov_check_many(t.db, mixed, 0, states), MANRS_OK);
	done(&empty);
	done(&t);
}
END_TEST

START_TEST(reason_is_length_only_where_the_as_is_right)
{
	struct table t = table("10.0.0.0/8 16 1\n10.1.0.0/16 16 2\n172.16.0.0/12 12 0");

	ck_assert_int_eq(reason(t, "10.0.0.0/17", 1), MANRS_ROV_REASON_LENGTH);
	ck_assert_int_eq(reason(t, "10.1.0.0/17", 2), MANRS_ROV_REASON_LENGTH);
	ck_assert_int_eq(reason(t, "10.0.0.0/17", 2), MANRS_ROV_REASON_AS);
	ck_assert_int_eq(reason(t, "10.1.0.0/16", 3), MANRS_ROV_REASON_AS);
	ck_assert_int_eq(reason(t, "10.1.0.0/16", 1), MANRS_ROV_REASON_NONE);
	ck_assert_int_eq(reason(t, "172.16.0.0/13", 0), MANRS_ROV_REASON_AS);
	ck_assert_int_eq(reason(t, "11.0.0.0/8", 1), MANRS_ROV_REASON_NONE);
	done(&t);
}
END_TEST

/* Routinator's matched, unmatched_as, unmatched_length: every covering VRP is in exactly one. */
START_TEST(three_lists_of_an_explanation)
{
	struct table t = table("10.0.0.0/8 16 1\n10.0.0.0/8 24 1\n10.0.0.0/8 24 2\n10.1.0.0/16 16 "
			       "1\n10.1.2.0/24 24 0\n"
			       "10.1.2.0/24 24 1\n10.1.2.128/25 25 1\n11.0.0.0/8 8 1");
	static const int want[] = {MANRS_ROV_UNMATCHED_LENGTH, MANRS_ROV_MATCHED,
				   MANRS_ROV_UNMATCHED_AS,     MANRS_ROV_UNMATCHED_LENGTH,
				   MANRS_ROV_UNMATCHED_AS,     MANRS_ROV_MATCHED};
	manrs_route r = route_of("10.1.2.0/24", 1), none = route_of("10.1.2.0/24", 0), vrps[9];

	memset(vrps, 0xee, sizeof vrps);
	ck_assert_uint_eq(manrs_rov_covering(t.db, &r.prefix, NULL, 0), 6);
	ck_assert_uint_eq(manrs_rov_covering(t.db, &r.prefix, vrps, 3), 6);
	ck_assert_uint_eq(vrps[3].asn, 0xeeeeeeee);
	ck_assert_uint_eq(manrs_rov_covering(t.db, &r.prefix, vrps, 9), 6);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(manrs_rov_match(&r, &vrps[i]), want[i]);
		ck_assert_int_eq(manrs_rov_match(&none, &vrps[i]), MANRS_ROV_UNMATCHED_AS);
	}
	ck_assert_uint_eq(vrps[0].prefix.maxlen, 16);
	ck_assert_uint_eq(vrps[1].prefix.maxlen, 24);
	ck_assert_uint_eq(vrps[4].asn, 0);
	ck_assert_int_eq(manrs_prefix_cmp(&vrps[5].prefix, &r.prefix), 0);
	done(&t);
}
END_TEST

START_TEST(default_routes_of_both_families)
{
	struct table t = table("0.0.0.0/0 0 1\n::/0 128 2"),
		     deny = table("0.0.0.0/0 32 0\n::/0 128 0");

	ck_assert_int_eq(state(t, "0.0.0.0/0", 1), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "0.0.0.0/1", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(reason(t, "255.255.255.255/32", 1), MANRS_ROV_REASON_LENGTH);
	ck_assert_int_eq(state(t, "::/0", 2), MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 2),
			 MANRS_ROV_VALID);
	ck_assert_int_eq(state(t, "8000::/1", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(deny, "192.0.2.0/24", 1), MANRS_ROV_INVALID);
	ck_assert_int_eq(state(deny, "::/0", 0), MANRS_ROV_INVALID);
	done(&t);
	done(&deny);
}
END_TEST

/* ---- tables that lists cannot hold in a line ---- */

/* n VRPs of one prefix: AS 10, 20, ..., each allows up to /16 + its number. */
static void one_prefix(size_t n, const char *text)
{
	manrs_route *vrps = calloc(n, sizeof *vrps), *out = calloc(n, sizeof *out);
	manrs_prefix p = test_prefix(text);
	unsigned room = (p.family == 4 ? 32u : 128u) - p.len;
	struct table t;

	for (size_t i = 0; i < n; i++) {
		vrps[i] = (manrs_route){p, (uint32_t)(10 * (i + 1))};
		vrps[i].prefix.maxlen = (uint8_t)(p.len + i % (room + 1));
	}
	t = table_of(vrps, n);
	ck_assert_uint_eq(manrs_rov_covering(t.db, &p, out, n), n);
	ck_assert_mem_eq(out, vrps, n * sizeof *out);
	for (size_t i = 0; i < n; i++) {
		manrs_route r = vrps[i], longer = r;

		ck_assert_int_eq(manrs_rov_check(t.db, &r), MANRS_ROV_VALID);
		r.prefix.len = r.prefix.maxlen;
		ck_assert_int_eq(manrs_rov_check(t.db, &r), MANRS_ROV_VALID);
		r.asn++;
		ck_assert_int_eq(manrs_rov_check(t.db, &r), MANRS_ROV_INVALID);
		ck_assert_int_eq(manrs_rov_reason(t.db, &r), MANRS_ROV_REASON_AS);
		if (i % (room + 1) == room)
			continue;
		longer.prefix.len = (uint8_t)(vrps[i].prefix.maxlen + 1);
		ck_assert_int_eq(manrs_rov_check(t.db, &longer), MANRS_ROV_INVALID);
		ck_assert_int_eq(manrs_rov_reason(t.db, &longer), MANRS_ROV_REASON_LENGTH);
	}
	done(&t);
	free(vrps);
	free(out);
}

START_TEST(every_number_of_vrps_of_one_prefix)
{
	for (size_t n = 1; n < 40; n++) {
		one_prefix(n, "10.0.0.0/8");
		one_prefix(n, "0.0.0.0/0");
		one_prefix(n, "2001:db8::/61");
		one_prefix(n, "::/0");
	}
	one_prefix(5000, "192.0.2.0/24");
	one_prefix(5000, "::/0");
	one_prefix(300, "2001:db8::1/128");
}
END_TEST

/* One AS with every maxLength, between others: the best of its words must be found. */
/* RFC 6811 section 2 by looking at every VRP. */
static uint8_t by_scan(const manrs_route *vrps, size_t n, const manrs_route *r)
{
	uint8_t state = MANRS_ROV_NOT_FOUND;

	for (size_t i = 0; i < n; i++) {
		if (!manrs_prefix_covers(&vrps[i].prefix, &r->prefix))
			continue;
		if (vrps[i].asn && vrps[i].asn == r->asn && r->prefix.len <= vrps[i].prefix.maxlen)
			return MANRS_ROV_VALID;
		state = MANRS_ROV_INVALID;
	}
	return state;
}

/* Few bits that vary, so that prefixes nest and lists get long. */
static manrs_route near_route(uint64_t *seed)
{
	uint64_t x = test_random(seed);
	bool v6 = x & 1;
	manrs_route r = {.prefix = {.family = v6 ? 6 : 4}, .asn = (uint32_t)(x >> 1) % 4};
	unsigned len = (unsigned)(x >> 8) % (v6 ? 65 : 33);

	for (unsigned i = 0; i < len; i++) /* most bits are 0 */
		if (test_random(seed) % 8 == 0)
			r.prefix.addr[i / 8] |= (uint8_t)(128u >> i % 8);
	r.prefix.len = r.prefix.maxlen = (uint8_t)len;
	return r;
}

static int near_cmp(const void *a, const void *b)
{
	return manrs_prefix_cmp(&((const manrs_route *)a)->prefix,
				&((const manrs_route *)b)->prefix);
}

START_TEST(batches_of_every_size_equal_a_scan)
{
	enum { VRPS = 600, ROUTES = 330 };
	static manrs_route vrps[VRPS], routes[ROUTES];
	uint8_t want[ROUTES], states[ROUTES + 1];
	uint64_t seed = 11;
	struct table t;

	for (size_t i = 0; i < VRPS; i++) {
		vrps[i] = near_route(&seed);
		vrps[i].prefix.maxlen = (uint8_t)(vrps[i].prefix.len + test_random(&seed) % 3);
		if (vrps[i].prefix.maxlen > (vrps[i].prefix.family == 4 ? 32 : 128))
			vrps[i].prefix.maxlen = vrps[i].prefix.len;
	}
	t = table_of(vrps, VRPS);
	for (unsigned order = 0; order < 2; order++) {
		for (size_t i = 0; i < ROUTES; i++)
			routes[i] = near_route(&seed);
		if (order) /* as a table has them: a block finds its entries another way */
			qsort(routes, ROUTES, sizeof *routes, near_cmp);
		for (size_t i = 0; i < ROUTES; i++) {
			want[i] = by_scan(vrps, VRPS, &routes[i]);
			if (test_random(&seed) % 16 == 0) {
				routes[i].prefix.zero = 1;
				want[i] = MANRS_ROV_MALFORMED;
			}
		}
		for (size_t n = 0; n + 130 <= ROUTES; n++) {
			size_t from = n % 129;
			bool bad = memchr(want + from, MANRS_ROV_MALFORMED, n);

			memset(states, 99, sizeof states);
			ck_assert_int_eq(manrs_rov_check_many(t.db, routes + from, n, states),
					 bad ? MANRS_EINVAL : MANRS_OK);
			ck_assert_mem_eq(states, want + from, n);
			ck_assert_uint_eq(states[n], 99);
		}
	}
	done(&t);
}
END_TEST

START_TEST(one_as_with_every_maxlen_among_many)
{
	manrs_route vrps[400], r = route_of("10.0.0.0/24", 500);
	size_t n = 0;
	struct table t;

	for (unsigned m = 8; m <= 24; m++) {
		vrps[n] = route_of("10.0.0.0/8", 500);
		vrps[n++].prefix.maxlen = (uint8_t)m;
	}
	for (unsigned i = 0; i < 300; i++) {
		vrps[n] = route_of("10.0.0.0/8", 350 + i + (i >= 150));
		vrps[n++].prefix.maxlen = 32;
	}
	t = table_of(vrps, n);
	ck_assert_int_eq(manrs_rov_check(t.db, &r), MANRS_ROV_VALID);
	r.prefix.len = 25;
	ck_assert_int_eq(manrs_rov_reason(t.db, &r), MANRS_ROV_REASON_LENGTH);
	r.asn = 349;
	ck_assert_int_eq(manrs_rov_reason(t.db, &r), MANRS_ROV_REASON_AS);
	done(&t);
}
END_TEST

/*
 * A chain over one address: the prefix of each length l has `each` VRPs, AS l*100+1 and up, all with maxLength l. So a route
 * of length L is valid for the ASes of l == L alone, has (L+1)*each covering VRPs, and fails by length for l < L.
 */
static void chain(const char *address, unsigned each)
{
	manrs_prefix host = test_prefix(address);
	unsigned bits = host.len;
	size_t n = 0, cap = (bits + 1) * (size_t)each;
	manrs_route *vrps = calloc(cap, sizeof *vrps), *out = calloc(cap, sizeof *out);
	struct table t;

	for (unsigned len = 0; len <= bits; len++)
		for (unsigned i = 0; i < each; i++) {
			manrs_route *v = &vrps[n++];

			*v = (manrs_route){host, len * 100 + 1 + i};
			v->prefix.len = v->prefix.maxlen = (uint8_t)len;
			for (unsigned b = len; b < 128; b++)
				v->prefix.addr[b / 8] &= (uint8_t) ~(0x80 >> b % 8);
		}
	t = table_of(vrps, n);
	for (unsigned len = 0; len <= bits; len++) {
		manrs_route r = vrps[len * each];

		ck_assert_uint_eq(manrs_rov_covering(t.db, &r.prefix, out, cap),
				  (len + 1) * (size_t)each);
		ck_assert_mem_eq(out, vrps, (len + 1) * (size_t)each * sizeof *out);
		for (unsigned l = 0; l <= bits; l++) {
			r.asn = l * 100 + each;
			ck_assert_int_eq(manrs_rov_check(t.db, &r),
					 l == len ? MANRS_ROV_VALID : MANRS_ROV_INVALID);
			ck_assert_int_eq(manrs_rov_reason(t.db, &r),
					 l == len  ? MANRS_ROV_REASON_NONE
					 : l < len ? MANRS_ROV_REASON_LENGTH
						   : MANRS_ROV_REASON_AS);
		}
		if (len == 0)
			continue;
		/* The sibling leaves the chain: what covers it ends one length before. */
		r.prefix.addr[(len - 1) / 8] ^= (uint8_t)(0x80 >> (len - 1) % 8);
		ck_assert_uint_eq(manrs_rov_covering(t.db, &r.prefix, out, cap),
				  len * (size_t)each);
		r.asn = len * 100 + 1;
		ck_assert_int_eq(manrs_rov_check(t.db, &r), MANRS_ROV_INVALID);
		ck_assert_int_eq(manrs_rov_reason(t.db, &r), MANRS_ROV_REASON_AS);
	}
	done(&t);
	free(vrps);
	free(out);
}

START_TEST(nested_chains_of_33_and_129)
{
	static const unsigned each[] = {1, 2, 5, 20};

	for (size_t i = 0; i < 4; i++) {
		chain("0.0.0.0/32", each[i]);
		chain("255.255.255.255/32", each[i]);
		chain("198.51.100.77/32", each[i]);
		chain("::/128", each[i]);
		chain("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", each[i]);
		chain("2001:db8:1234:5678:9abc:def0:1357:9bdf/128", each[i]);
	}
}
END_TEST

START_TEST(states_have_texts)
{
	ck_assert_str_eq(manrs_rov_text(MANRS_ROV_NOT_FOUND), "not-found");
	ck_assert_str_eq(manrs_rov_text(MANRS_ROV_VALID), "valid");
	ck_assert_str_eq(manrs_rov_text(MANRS_ROV_INVALID), "invalid");
	ck_assert_str_eq(manrs_rov_text(MANRS_ROV_MALFORMED), "malformed");
	ck_assert_str_eq(manrs_rov_text(4), "");
	ck_assert_str_eq(manrs_rov_text(-1), "");
}
END_TEST

Suite *rov_suite(void)
{
	Suite *s = suite_create("check/rov");

	ADD_TEST(s, rfc6811_s2_not_found_when_no_vrp_covers, 5);
	ADD_TEST(s, rfc6811_s2_valid_when_one_matches, 5);
	ADD_TEST(s, rfc6811_s2_invalid_when_covered_and_none_matches, 5);
	ADD_TEST(s, rfc6811_s2_maxlen_of_a_shorter_vrp_and_of_a_longer_one, 5);
	ADD_TEST(s, rfc6811_s2_a_vrp_longer_than_the_route_does_not_cover_it, 5);
	ADD_TEST(s, rfc6811_s2_origin_none_is_never_valid, 5);
	ADD_TEST(s, rfc6483_s4_as0_disavows, 5);
	ADD_TEST(s, rfc6811_s2_largest_as_and_every_number_is_only_itself, 5);
	ADD_TEST(s, rfc8481_every_route_has_a_state_and_families_do_not_mix, 5);
	ADD_TEST(s, malformed_is_never_not_found, 5);
	ADD_TEST(s, reason_is_length_only_where_the_as_is_right, 5);
	ADD_TEST(s, three_lists_of_an_explanation, 5);
	ADD_TEST(s, default_routes_of_both_families, 5);
	ADD_TEST(s, every_number_of_vrps_of_one_prefix, 5);
	ADD_TEST(s, batches_of_every_size_equal_a_scan, 5);
	ADD_TEST(s, one_as_with_every_maxlen_among_many, 5);
	ADD_TEST(s, nested_chains_of_33_and_129, 5);
	ADD_TEST(s, states_have_texts, 5);
	return s;
}

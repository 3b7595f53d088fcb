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

Suite *bgp_store_suite(void)
{
	Suite *s = suite_create("bgp_store");

	ADD_TEST(s, equal_bytes_are_one_set, 10);
	ADD_TEST(s, config_says_its_defaults, 10);
	return s;
}

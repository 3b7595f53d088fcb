/* SPDX-License-Identifier: BSD-2-Clause */
/* The random world of the slow check: routes, attestations, relationships, policies and announcements, few of each. */

#include "oracle/check.h"

#include "test.h"

#include <jansson.h>

#define LOCAL WORLD_LOCAL_AS

static const char *const prefixes[] = {
	"193.0.0.0/16",    "193.0.0.0/20",   "193.0.4.0/22", "193.0.5.0/24", "193.0.5.128/25",
	"193.1.0.0/16",    "193.1.2.0/24",   "10.0.0.0/8",   "10.3.0.0/16",  "0.0.0.0/0",
	"192.0.2.0/24",    "240.0.0.0/4",    "224.0.1.0/24", "2a00:1::/32",  "2a00:1:2::/48",
	"2a00:1:2:3::/64", "2001:db8::/32",  "fc00::/7",     "4000::/16",    "::/0",
	"192.88.99.0/24",  "193.0.128.0/17",
};
static const uint32_t numbers[] = {
	100,   101,   102,   103, 104,    105,         106,         107,        100,   101,
	102,   103,   104,   174, 1299,   3356,        LOCAL,       0,          23456, 64496,
	64512, 65535, 70000, 112, 131072, 4199999999u, 4200000000u, 4294967295u};
static const char *const addresses[] = {"193.9.0.1", "193.9.0.2", "10.1.1.1",   "fe80::1",
					"2a00::1",   "127.0.0.1", "100.64.0.1", "fd12::1"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

const uint32_t world_transit_free[WORLD_TRANSIT_FREE] = {174,  701,  1299, 2914, 3257, 3320, 3356,
							 5511, 6453, 6461, 6762, 6830, 7018, 12956};
const uint32_t world_shy[2] = {103, 1299};
const uint32_t world_set[4] = {100, 101, 102, 174};
const manrs_peerlock world_locks[3] = {{104, 100}, {104, 101}, {174, 174}};
manrs_prefix world_own[2];

static uint32_t roll(uint64_t *seed, size_t n)
{
	return (uint32_t)(test_random(seed) % n);
}

static manrs_prefix prefix_of(const char *text)
{
	manrs_prefix prefix;

	ck_assert_int_eq(manrs_prefix_parse(&prefix, text, strlen(text), NULL), MANRS_OK);
	return prefix;
}

static manrs_prefix address_of(const char *text)
{
	manrs_prefix prefix;

	ck_assert_int_eq(manrs_address_parse(&prefix, text, strlen(text), NULL), MANRS_OK);
	return prefix;
}

/* ---- the world ---- */

static void make_routes(manrs_route *routes, bool vrps, uint64_t *seed)
{
	for (int i = 0; i < WORLD_ROUTES; i++) {
		routes[i].prefix = prefix_of(prefixes[roll(seed, 17)]);
		if (vrps)
			routes[i].prefix.maxlen = (uint8_t)(routes[i].prefix.len + roll(seed, 9));
		if (vrps && routes[i].prefix.family == 4 && routes[i].prefix.maxlen > 32)
			routes[i].prefix.maxlen = 32;
		routes[i].asn = numbers[roll(seed, 13)];
	}
}

static void make_pairs(struct check_world *w, manrs_edit *edit, uint64_t *seed)
{
	for (uint32_t customer = 100; customer < 106; customer++) {
		uint32_t provider[3] = {0};
		manrs_aspa aspa = {provider, customer, 0};

		for (uint32_t p = 100; p < 108 && aspa.n < 3; p++)
			if (p != customer && roll(seed, 3) == 0)
				provider[aspa.n++] = p;
		aspa.n = aspa.n ? aspa.n : 1;
		for (uint32_t i = 0; i < aspa.n; i++)
			w->pairs[w->n_pairs++] = (struct draft_pair){customer, provider[i]};
		ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL),
				 MANRS_OK);
	}
}

static void make_list(struct check_world *w)
{
	static const char *const texts[] = {"193.0.0.0/20", "193.1.0.0/16", "2a00:1::/32",
					    "193.0.5.0/24", "10.0.0.0/8",   "193.0.128.0/17"};
	static const uint8_t to[] = {22, 0, 64, 25, 32, 0};

	ck_assert_int_eq(manrs_trie_new(&w->list, NULL), MANRS_OK);
	for (size_t i = 0; i < 6; i++) {
		w->listed[i] = prefix_of(texts[i]);
		w->listed_to[i] = to[i];
		ck_assert_int_eq(manrs_trie_set(w->list, &w->listed[i], to[i]), 1);
	}
}

struct check_world *check_world_new(void)
{
	struct check_world *w = calloc(1, sizeof *w);
	uint64_t seed = 5;
	manrs_edit *edit;

	world_own[0] = address_of(addresses[0]);
	world_own[1] = address_of("2a00::9");
	make_routes(w->vrps, true, &seed);
	make_routes(w->irr, false, &seed);
	ck_assert_int_eq(manrs_db_owner_new(&w->owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, w->owner, NULL), MANRS_OK);
	manrs_edit_vrps(edit, 0, MANRS_ADD, w->vrps, WORLD_ROUTES, NULL, NULL);
	manrs_edit_irr(edit, 0, MANRS_ADD, w->irr, WORLD_ROUTES, NULL, NULL);
	make_pairs(w, edit, &seed);
	ck_assert_int_eq(manrs_edit_commit(edit, &w->db), MANRS_OK);
	for (uint32_t a = 100; a < 108; a++)
		for (uint32_t b = a + 1; b < 108; b++)
			if (roll(&seed, 3))
				w->rows[w->n_rows++] = (manrs_as_rel){a, b, 1 + roll(&seed, 3)};
	ck_assert_int_eq(manrs_rel_new(&w->rel, w->rows, w->n_rows, NULL, NULL), MANRS_OK);
	make_list(w);
	return w;
}

void check_world_free(struct check_world *w)
{
	manrs_db_unref(w->db);
	ck_assert_int_eq(manrs_db_owner_free(w->owner), MANRS_OK);
	manrs_rel_free(w->rel);
	manrs_trie_free(w->list);
	free(w);
}

void check_world_policy(const struct check_world *w, manrs_policy *policy, uint64_t *seed)
{
	manrs_policy_init(policy, sizeof *policy,
			  roll(seed, 12) ? 1 + (int)roll(seed, 5) : MANRS_ROLE_NONE);
	policy->local_as = roll(seed, 8) ? LOCAL : 0;
	policy->tests = roll(seed, 4) ? MANRS_TESTS_ALL : test_random(seed) & MANRS_TESTS_ALL;
	policy->strict = roll(seed, 3) ? 0 : test_random(seed) & MANRS_TESTS_ALL;
	policy->flags = roll(seed, 256);
	if (roll(seed, 2))
		policy->flags |= MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6;
	policy->max_path = roll(seed, 3) ? 5 : 0;
	policy->max_repeat = roll(seed, 3) ? 2 : 0;
	policy->n_transit_free = roll(seed, 5) ? policy->n_transit_free : 0;
	policy->never_via_rs = world_shy;
	policy->n_never_via_rs = roll(seed, 3) ? 2 : 0;
	policy->origins = roll(seed, 3) ? world_set : NULL;
	policy->n_origins = policy->origins ? roll(seed, 2) * 4 : 0;
	policy->peerlocks = world_locks;
	policy->n_peerlocks = roll(seed, 3) ? 3 : 0;
	policy->addresses = world_own;
	policy->n_addresses = roll(seed, 3);
	policy->rel = roll(seed, 3) ? w->rel : NULL;
	policy->bogons = roll(seed, 4) ? NULL : w->list;
	policy->allowed = roll(seed, 4) ? w->list : NULL;
	policy->denied = roll(seed, 3) ? NULL : w->list;
}

static uint32_t segment(uint32_t *hops, uint8_t *kinds, uint32_t n, uint32_t count, uint8_t kind,
			uint64_t *seed)
{
	for (uint32_t i = 0; i < count; i++) {
		bool again = n + i > 0 && roll(seed, 5) == 0;

		hops[n + i] = again ? hops[n + i - 1]
				    : numbers[roll(seed, roll(seed, 4) ? 13 : COUNT(numbers))];
		kinds[n + i] = (uint8_t)(kind | (i ? 0 : MANRS_SEGMENT_START));
	}
	return n + count;
}

static void make_path(struct check_world *w, manrs_announcement *a, size_t slot, uint64_t *seed)
{
	uint32_t *hops = w->hops + slot * WORLD_HOPS, n = 0;
	uint8_t *kinds = w->kinds + slot * WORLD_HOPS;

	a->path.asn = hops;
	if (slot && roll(seed, 4) == 0) { /* the path of the one before */
		a->path = (a - 1)->path;
		return;
	}
	if (roll(seed, 12) == 0)
		n = segment(hops, kinds, n, 1 + roll(seed, 2), MANRS_SEGMENT_CONFED_SEQUENCE, seed);
	n = segment(hops, kinds, n, roll(seed, 7), MANRS_SEGMENT_SEQUENCE, seed);
	if (roll(seed, 10) == 0) {
		uint32_t more = 1 + roll(seed, 3);
		uint8_t kind = roll(seed, 2) ? MANRS_SEGMENT_SET : MANRS_SEGMENT_CONFED_SET;

		n = segment(hops, kinds, n, more, kind, seed);
	}
	a->path.n = n;
	for (uint32_t i = 0; i < n; i++)
		if ((kinds[i] & 7) != MANRS_SEGMENT_SEQUENCE)
			a->path.kind = kinds;
	if (n && roll(seed, 2))
		a->path.kind = kinds;
}

static void spoil(manrs_announcement *a, uint64_t *seed)
{
	switch (roll(seed, 6)) {
	case 0:
		a->prefix.addr[15] = 1;
		break;
	case 1:
		a->zero[3] = 1;
		break;
	case 2:
		a->flags |= MANRS_ANNOUNCE_MALFORMED;
		break;
	case 3:
		a->path.flags = 4;
		break;
	case 4:
		a->flags |= 64;
		break;
	case 5:
		a->neighbour_asn = 0;
		a->flags &= ~MANRS_ANNOUNCE_ANY_NEIGHBOUR;
		break;
	}
}

void check_world_announcement(struct check_world *w, manrs_announcement *a, size_t slot,
			      uint64_t *seed)
{
	memset(a, 0, sizeof *a);
	make_path(w, a, slot, seed);
	a->prefix = prefix_of(prefixes[roll(seed, COUNT(prefixes))]);
	a->neighbour_asn = a->path.n && a->path.asn[0] && roll(seed, 4) ? a->path.asn[0] : 100;
	if (roll(seed, 8) == 0)
		a->flags |= MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	if (roll(seed, 3))
		a->next_hop = address_of(addresses[roll(seed, COUNT(addresses))]);
	if (roll(seed, 3))
		a->neighbour_address = address_of(addresses[roll(seed, COUNT(addresses))]);
	if (roll(seed, 5) == 0) {
		a->flags |= MANRS_ANNOUNCE_OTC;
		a->otc = roll(seed, 2) ? a->neighbour_asn : numbers[roll(seed, COUNT(numbers))];
	}
	if (roll(seed, 8) == 0)
		a->flags |= MANRS_ANNOUNCE_INTERNAL;
	if (roll(seed, 3) == 0) {
		a->flags |= MANRS_ANNOUNCE_EGRESS;
		if (roll(seed, 4) == 0)
			a->flags |= MANRS_ANNOUNCE_OWN;
		else
			a->learned_from = roll(seed, 6);
	}
	if (roll(seed, 15) == 0)
		spoil(a, seed);
}

void check_json(const char *text, size_t n)
{
	json_error_t error;
	json_t *json;

	if (n == 0)
		return;
	json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(json != NULL, "%s in %s", error.text, text);
	json_decref(json);
}

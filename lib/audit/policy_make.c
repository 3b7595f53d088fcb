/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy made of a policy file (manrs/policy_file.h): lib/text/policy_file.c reads it, here each item is applied. Lists
 * grow while reading and are put in order at the end, when the policy is pointed at them.
 */

#include "base/grow.h"
#include "base/mem.h"
#include "base/name.h"
#include "base/order.h"
#include "text/policy_items.h"

#include <assert.h>
#include <manrs/policy_file.h>
#include <string.h>

struct manrs_policy_file {
	manrs_alloc mem;
	manrs_policy policy;
	struct vec transit_free, never_via_rs, origins; /* uint32_t */
	struct vec peerlocks;                           /* uint64_t, then manrs_peerlock */
	struct vec addresses;                           /* manrs_prefix */
	manrs_trie *allowed, *denied, *bogons;
	uint64_t plus, minus; /* tests named with + and - */
	uint64_t start;       /* enum policy_start */
	uint32_t seen;        /* bit per enum policy_key */
	manrs_fault *fault;   /* of the reading */
};

typedef int take_fn(manrs_policy_file *f, const struct policy_item *i);

/* An item that the text floor could read and a policy cannot have. */
static int refuse(manrs_policy_file *f, const struct policy_item *i, int code, size_t at,
		  const char *what)
{
	fault_set(f->fault, code, at, what);
	f->fault->line = i->line;
	return code;
}

static int no_memory(manrs_policy_file *f, const struct policy_item *i, size_t at)
{
	return refuse(f, i, MANRS_ENOMEM, at, "out of memory");
}

/* ---- keys with one value ---- */

static int take_role(manrs_policy_file *f, const struct policy_item *i)
{
	if (i->kind != POLICY_KEY)
		manrs_policy_init(&f->policy, sizeof f->policy, (int)i->number);
	return MANRS_OK;
}

/* The bounds, of which a key gives one or two. */
static int take_bound(manrs_policy_file *f, const struct policy_item *i)
{
	manrs_policy *p = &f->policy;

	if (i->kind == POLICY_KEY)
		return MANRS_OK;
	switch (i->key) {
	case POLICY_LOCAL_AS:
		p->local_as = (uint32_t)i->number;
		break;
	case POLICY_MAX_PATH:
		p->max_path = (uint32_t)i->number;
		break;
	case POLICY_MAX_REPEAT:
		p->max_repeat = (uint32_t)i->number;
		break;
	case POLICY_LENGTHS4:
		p->min_len4 = (uint8_t)i->number;
		p->max_len4 = (uint8_t)i->other;
		break;
	default:
		p->min_len6 = (uint8_t)i->number;
		p->max_len6 = (uint8_t)i->other;
		break;
	}
	return MANRS_OK;
}

/* ---- tests, families, options ---- */

static int test_of(manrs_policy_file *f, const struct policy_item *i, uint64_t *bit)
{
	int test = manrs_test_parse(i->word, i->n);

	if (test < 0)
		return refuse(f, i, MANRS_ESYNTAX, i->at, "not the name of a test");
	*bit = MANRS_TEST_BIT(test);
	return MANRS_OK;
}

static int take_test(manrs_policy_file *f, const struct policy_item *i)
{
	uint64_t bit = 0;
	int rc;

	if (i->kind == POLICY_KEY)
		f->start = POLICY_START_NONE;
	if (i->kind == POLICY_START)
		f->start = i->number;
	if (i->kind != POLICY_WORD)
		return MANRS_OK;
	if (i->first && i->sign)
		f->start = POLICY_START_DEFAULT;
	rc = test_of(f, i, &bit);
	if (rc != MANRS_OK)
		return rc;
	f->plus = i->sign == '-' ? f->plus & ~bit : f->plus | bit;
	f->minus = i->sign == '-' ? f->minus | bit : f->minus & ~bit;
	return MANRS_OK;
}

static int take_strict(manrs_policy_file *f, const struct policy_item *i)
{
	uint64_t bit = 0;
	int rc = i->kind == POLICY_WORD ? test_of(f, i, &bit) : MANRS_OK;

	f->policy.strict |= bit;
	return rc;
}

static int take_family(manrs_policy_file *f, const struct policy_item *i)
{
	if (i->kind == POLICY_KEY)
		f->policy.flags &= ~(MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6);
	else
		f->policy.flags |= i->number == 4 ? MANRS_POLICY_FAMILY4 : MANRS_POLICY_FAMILY6;
	return MANRS_OK;
}

static int take_option(manrs_policy_file *f, const struct policy_item *i)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} options[] = {
		{"irr-roa", MANRS_POLICY_IRR_ROA},
		{"irr-covering", MANRS_POLICY_IRR_COVERING},
		{"next-hop-neighbour", MANRS_POLICY_NEXT_HOP_NEIGHBOUR},
		{"next-hop-private", MANRS_POLICY_NEXT_HOP_PRIVATE},
		{"confederation", MANRS_POLICY_CONFED},
		{"private-asn", MANRS_POLICY_PRIVATE_ASN},
	};

	if (i->kind == POLICY_KEY) {
		f->policy.flags &= MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6;
		return MANRS_OK;
	}
	for (size_t o = 0; o < sizeof options / sizeof *options; o++)
		if (name_is(i->word, i->n, options[o].name)) {
			f->policy.flags |= options[o].flag;
			return MANRS_OK;
		}
	return refuse(f, i, MANRS_ESYNTAX, i->at, "not an option");
}

/* ---- lists ---- */

static int take_asn(manrs_policy_file *f, const struct policy_item *i)
{
	struct vec *list = i->key == POLICY_TRANSIT_FREE   ? &f->transit_free
			   : i->key == POLICY_NEVER_VIA_RS ? &f->never_via_rs
							   : &f->origins;
	uint32_t *slot;

	if (i->kind == POLICY_KEY)
		return MANRS_OK;
	slot = vec_push(&f->mem, list, sizeof *slot);
	if (!slot)
		return no_memory(f, i, i->at);
	*slot = (uint32_t)i->number;
	return MANRS_OK;
}

static int take_peerlock(manrs_policy_file *f, const struct policy_item *i)
{
	uint64_t *slot;

	if (i->kind == POLICY_KEY)
		return MANRS_OK;
	slot = vec_push(&f->mem, &f->peerlocks, sizeof *slot);
	if (!slot)
		return no_memory(f, i, i->end);
	*slot = i->number << 32 | i->other;
	return MANRS_OK;
}

static int take_address(manrs_policy_file *f, const struct policy_item *i)
{
	manrs_prefix *slot;

	if (i->kind == POLICY_KEY)
		return MANRS_OK;
	slot = vec_push(&f->mem, &f->addresses, sizeof *slot);
	if (!slot)
		return no_memory(f, i, i->at);
	*slot = i->prefix;
	return MANRS_OK;
}

/* Of a prefix that comes again the longest `le` counts. */
static int take_prefix(manrs_policy_file *f, const struct policy_item *i)
{
	manrs_trie **list = i->key == POLICY_ALLOW  ? &f->allowed
			    : i->key == POLICY_DENY ? &f->denied
						    : &f->bogons;
	uint64_t longest = i->number, old = 0;
	int rc = MANRS_OK;

	if (!*list)
		rc = manrs_trie_new(list, &f->mem);
	if (rc >= 0 && i->kind != POLICY_KEY) {
		if (manrs_trie_get(*list, &i->prefix, &old) == MANRS_OK && old > longest)
			longest = old;
		rc = manrs_trie_set(*list, &i->prefix, longest);
	}
	return rc < 0 ? no_memory(f, i, i->end) : MANRS_OK;
}

/* ---- the items, one by one ---- */

static const struct {
	take_fn *take;
	uint8_t test; /* that `default` has when the key is there; 0: none */
} keys[POLICY_KEYS] = {
	[POLICY_ROLE] = {take_role, 0},
	[POLICY_LOCAL_AS] = {take_bound, 0},
	[POLICY_TESTS] = {take_test, 0},
	[POLICY_STRICT] = {take_strict, 0},
	[POLICY_FAMILIES] = {take_family, 0},
	[POLICY_LENGTHS4] = {take_bound, 0},
	[POLICY_LENGTHS6] = {take_bound, 0},
	[POLICY_MAX_PATH] = {take_bound, 0},
	[POLICY_MAX_REPEAT] = {take_bound, 0},
	[POLICY_OPTIONS] = {take_option, 0},
	[POLICY_TRANSIT_FREE] = {take_asn, MANRS_TEST_TRANSIT_FREE},
	[POLICY_NEVER_VIA_RS] = {take_asn, MANRS_TEST_NEVER_VIA_RS},
	[POLICY_ORIGINS] = {take_asn, MANRS_TEST_ORIGIN_SET},
	[POLICY_PEERLOCK] = {take_peerlock, MANRS_TEST_PEERLOCK},
	[POLICY_ADDRESS] = {take_address, 0},
	[POLICY_ALLOW] = {take_prefix, MANRS_TEST_PREFIX_LIST},
	[POLICY_DENY] = {take_prefix, MANRS_TEST_DENY_LIST},
	[POLICY_BOGON] = {take_prefix, 0},
};

static int take_text(manrs_policy_file *f, const char *text, size_t n)
{
	struct policy_reader reader;
	struct policy_item item;
	int rc;

	policy_read(&reader, text, n, f->fault);
	while ((rc = policy_next(&reader, &item)) > 0) {
		assert(item.key < POLICY_KEYS && keys[item.key].take);
		assert(item.kind == POLICY_KEY || f->seen >> item.key & 1);
		f->seen |= 1u << item.key;
		rc = keys[item.key].take(f, &item);
		if (rc != MANRS_OK)
			return rc;
	}
	return rc;
}

/* ---- the end ---- */

/* Rules were collected as numbers, the AS above and the neighbour below; now they become records, in place. */
static void order_peerlocks(struct vec *list)
{
	char *at = list->at;

	_Static_assert(sizeof(manrs_peerlock) <= sizeof(uint64_t), "in place, from the first on");
	list->n = order_u64(list->at, list->n);
	for (size_t i = 0; i < list->n; i++) {
		manrs_peerlock rule;
		uint64_t number;

		memcpy(&number, at + i * sizeof number, sizeof number);
		rule = (manrs_peerlock){(uint32_t)(number >> 32), (uint32_t)number};
		memcpy(at + i * sizeof rule, &rule, sizeof rule);
	}
}

static bool has(const manrs_policy_file *f, enum policy_key key)
{
	return f->seen >> key & 1;
}

static void choose_tests(manrs_policy_file *f)
{
	uint64_t tests = f->policy.tests;

	for (size_t i = 0; i < POLICY_KEYS; i++)
		if (keys[i].test && (f->seen >> i & 1))
			tests |= MANRS_TEST_BIT(keys[i].test);
	if (f->start == POLICY_START_ALL)
		tests = MANRS_TESTS_ALL;
	if (f->start == POLICY_START_NONE)
		tests = 0;
	f->policy.tests = (tests | f->plus) & ~f->minus;
}

static void point(manrs_policy_file *f)
{
	static const uint32_t nobody[1] = {0};
	manrs_policy *p = &f->policy;

	f->transit_free.n = order_u32(f->transit_free.at, f->transit_free.n);
	f->never_via_rs.n = order_u32(f->never_via_rs.at, f->never_via_rs.n);
	f->origins.n = order_u32(f->origins.at, f->origins.n);
	order_peerlocks(&f->peerlocks);
	if (has(f, POLICY_TRANSIT_FREE)) {
		p->transit_free = f->transit_free.at;
		p->n_transit_free = f->transit_free.n;
	}
	p->never_via_rs = f->never_via_rs.at;
	p->n_never_via_rs = f->never_via_rs.n;
	p->origins = f->origins.n ? f->origins.at : has(f, POLICY_ORIGINS) ? nobody : NULL;
	p->n_origins = f->origins.n;
	p->peerlocks = f->peerlocks.at;
	p->n_peerlocks = f->peerlocks.n;
	p->addresses = f->addresses.at;
	p->n_addresses = f->addresses.n;
	p->allowed = f->allowed;
	p->denied = f->denied;
	p->bogons = f->bogons;
}

int manrs_policy_file_read(manrs_policy_file **file, const char *text, size_t n,
			   const manrs_alloc *alloc, manrs_fault *fault)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_policy_file *f = mem_zalloc(&mem, sizeof *f);
	manrs_fault inner = {0};
	int rc;

	if (!f)
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	f->mem = mem;
	f->fault = &inner;
	rc = take_text(f, text, n);
	if (rc != MANRS_OK) {
		if (fault)
			*fault = inner;
		manrs_policy_file_free(f);
		return rc;
	}
	f->fault = NULL;
	choose_tests(f);
	point(f);
	*file = f;
	return MANRS_OK;
}

uint64_t manrs_policy_file_named(const manrs_policy_file *f)
{
	uint64_t named = f->start == POLICY_START_ALL ? MANRS_TESTS_ALL : f->plus;

	return f->policy.tests & (named | f->policy.strict);
}

int manrs_policy_file_policy(const manrs_policy_file *file, manrs_policy *policy)
{
	return grow_give(policy, GROW_LEAST(manrs_policy, denied), &file->policy,
			 sizeof file->policy)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

void manrs_policy_file_free(manrs_policy_file *f)
{
	manrs_alloc mem;

	if (!f)
		return;
	mem = f->mem;
	vec_free(&mem, &f->transit_free, sizeof(uint32_t));
	vec_free(&mem, &f->never_via_rs, sizeof(uint32_t));
	vec_free(&mem, &f->origins, sizeof(uint32_t));
	vec_free(&mem, &f->peerlocks, sizeof(uint64_t));
	vec_free(&mem, &f->addresses, sizeof(manrs_prefix));
	manrs_trie_free(f->allowed);
	manrs_trie_free(f->denied);
	manrs_trie_free(f->bogons);
	mem_free(&mem, f, sizeof *f);
}

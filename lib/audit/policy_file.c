/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy files (manrs/policy.h). The text is read once, a line at a time; each key is a small function over the items
 * of its value. Lists grow while reading and are put in order at the end, when the policy is pointed at them.
 */

#include "base/grow.h"
#include "audit/items.h"

#include "base/mem.h"
#include "base/name.h"
#include "base/order.h"
#include "base/utf8.h"
#include "net/text.h"

#include <manrs/policy_file.h>
#include <string.h>

struct manrs_policy_file {
	manrs_alloc mem;
	manrs_policy policy;
	struct vec transit_free, never_via_rs, origins; /* uint32_t */
	struct vec peerlocks;				/* uint64_t, then manrs_peerlock */
	struct vec addresses;				/* manrs_prefix */
	manrs_trie *allowed, *denied, *bogons;
	uint64_t plus, minus; /* tests named with + and - */
	uint64_t start;	      /* NONE, DEFAULT, ALL */
	uint32_t seen;	      /* a bit a key */
};

enum { START_DEFAULT, START_ALL, START_NONE };

/* ---- keys ---- */

static int key_role(struct manrs_policy_file *f, struct items *v)
{
	size_t start, n, more, rest;
	int role;

	if (!items_next(v, &start, &n) || items_next(v, &more, &rest))
		return items_refuse(v, MANRS_ESYNTAX, start, "one role");
	role = items_is(v, start, n, "internal") ? MANRS_ROLE_NONE
						 : manrs_role_parse(v->text + start, n);
	if (role < 0)
		return items_refuse(v, MANRS_ESYNTAX, start,
				    "customer, peer, provider, rs, rs-client or internal");
	manrs_policy_init(&f->policy, sizeof f->policy, role);
	return MANRS_OK;
}

static int key_local_as(struct manrs_policy_file *f, struct items *v)
{
	size_t start, n, more, rest;
	int rc;

	if (!items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, v->at, "an AS number is missing");
	rc = items_asn(v, start, n, &f->policy.local_as);
	if (rc == MANRS_OK && items_next(v, &more, &rest))
		return items_refuse(v, MANRS_ESYNTAX, more, "one AS number is enough");
	return rc;
}

static int item_test(struct items *v, size_t start, size_t n, uint64_t *bit)
{
	int test = manrs_test_parse(v->text + start, n);

	if (test < 0)
		return items_refuse(v, MANRS_ESYNTAX, start, "not the name of a test");
	*bit = MANRS_TEST_BIT(test);
	return MANRS_OK;
}

static int key_tests(struct manrs_policy_file *f, struct items *v)
{
	bool first = true;
	size_t start, n;
	uint64_t bit = 0;
	int rc;

	f->start = START_NONE;
	for (; items_next(v, &start, &n); first = false) {
		char sign = v->text[start];

		if (first && items_is(v, start, n, "default")) {
			f->start = START_DEFAULT;
			continue;
		}
		if (first && items_is(v, start, n, "all")) {
			f->start = START_ALL;
			continue;
		}
		if (first && items_is(v, start, n, "none"))
			continue;
		if (first && (sign == '+' || sign == '-'))
			f->start = START_DEFAULT;
		start += sign == '+' || sign == '-';
		n -= sign == '+' || sign == '-';
		rc = item_test(v, start, n, &bit);
		if (rc != MANRS_OK)
			return rc;
		f->plus = sign == '-' ? f->plus & ~bit : f->plus | bit;
		f->minus = sign == '-' ? f->minus | bit : f->minus & ~bit;
	}
	return first ? items_refuse(v, MANRS_ESYNTAX, v->at, "which tests?") : MANRS_OK;
}

static int key_strict(struct manrs_policy_file *f, struct items *v)
{
	size_t start, n;
	uint64_t bit = 0;

	while (items_next(v, &start, &n)) {
		int rc = item_test(v, start, n, &bit);

		if (rc != MANRS_OK)
			return rc;
		f->policy.strict |= bit;
	}
	return MANRS_OK;
}

static int key_families(struct manrs_policy_file *f, struct items *v)
{
	size_t start, n;

	f->policy.flags &= ~(MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6);
	while (items_next(v, &start, &n)) {
		if (!items_is(v, start, n, "4") && !items_is(v, start, n, "6"))
			return items_refuse(v, MANRS_ESYNTAX, start, "a family is 4 or 6");
		f->policy.flags |=
			v->text[start] == '4' ? MANRS_POLICY_FAMILY4 : MANRS_POLICY_FAMILY6;
	}
	return f->policy.flags & (MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6)
		       ? MANRS_OK
		       : items_refuse(v, MANRS_ESYNTAX, v->at, "which families?");
}

static int lengths(struct items *v, unsigned bits, uint8_t *min, uint8_t *max)
{
	manrs_fault inner = {0};
	uint64_t low, high;
	size_t start, n, at;

	if (!items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, v->at, "MIN-MAX");
	at = text_number(&low, bits, v->text, start, start + n, &inner);
	if (!at)
		return items_refuse(v, inner.code, (size_t)inner.at, inner.what);
	if (at == start + n || v->text[at] != '-')
		return items_refuse(v, MANRS_ESYNTAX, at, "MIN-MAX");
	at = text_number(&high, bits, v->text, at + 1, start + n, &inner);
	if (!at)
		return items_refuse(v, inner.code, (size_t)inner.at, inner.what);
	if (at < start + n || items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, at, "MIN-MAX");
	if (low > high)
		return items_refuse(v, MANRS_ERANGE, start,
				    "the shortest is longer than the longest");
	*min = (uint8_t)low;
	*max = (uint8_t)high;
	return MANRS_OK;
}

static int key_lengths4(struct manrs_policy_file *f, struct items *v)
{
	return lengths(v, 32, &f->policy.min_len4, &f->policy.max_len4);
}

static int key_lengths6(struct manrs_policy_file *f, struct items *v)
{
	return lengths(v, 128, &f->policy.min_len6, &f->policy.max_len6);
}

static int key_max_path(struct manrs_policy_file *f, struct items *v)
{
	uint64_t number = 0;
	int rc = items_number(v, UINT32_MAX, &number);

	f->policy.max_path = (uint32_t)number;
	return rc;
}

static int key_max_repeat(struct manrs_policy_file *f, struct items *v)
{
	uint64_t number = 0;
	int rc = items_number(v, UINT32_MAX, &number);

	f->policy.max_repeat = (uint32_t)number;
	return rc;
}

static int key_options(struct manrs_policy_file *f, struct items *v)
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
	size_t start, n, i;

	f->policy.flags &= MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6;
	while (items_next(v, &start, &n)) {
		for (i = 0; i < sizeof options / sizeof *options; i++)
			if (items_is(v, start, n, options[i].name))
				break;
		if (i == sizeof options / sizeof *options)
			return items_refuse(v, MANRS_ESYNTAX, start, "not an option");
		f->policy.flags |= options[i].flag;
	}
	return MANRS_OK;
}

static int add_asns(struct manrs_policy_file *f, struct items *v, struct vec *list)
{
	size_t start, n;

	while (items_next(v, &start, &n)) {
		uint32_t asn = 0, *slot;
		int rc = items_asn(v, start, n, &asn);

		if (rc != MANRS_OK)
			return rc;
		slot = vec_push(&f->mem, list, sizeof *slot);
		if (!slot)
			return items_refuse(v, MANRS_ENOMEM, start, "out of memory");
		*slot = asn;
	}
	return MANRS_OK;
}

static int key_transit_free(struct manrs_policy_file *f, struct items *v)
{
	return add_asns(f, v, &f->transit_free);
}

static int key_never_via_rs(struct manrs_policy_file *f, struct items *v)
{
	return add_asns(f, v, &f->never_via_rs);
}

static int key_origins(struct manrs_policy_file *f, struct items *v)
{
	return add_asns(f, v, &f->origins);
}

static int add_peerlock(struct manrs_policy_file *f, struct items *v, uint32_t asn,
			uint32_t neighbour)
{
	uint64_t *slot = vec_push(&f->mem, &f->peerlocks, sizeof *slot);

	if (!slot)
		return items_refuse(v, MANRS_ENOMEM, v->at, "out of memory");
	*slot = (uint64_t)asn << 32 | neighbour;
	return MANRS_OK;
}

static int key_peerlock(struct manrs_policy_file *f, struct items *v)
{
	uint32_t asn = 0, neighbour = 0;
	size_t start, n;
	int rc;

	if (!items_next(v, &start, &n) || v->text[start + n - 1] != ':')
		return items_refuse(v, MANRS_ESYNTAX, start, "ASN: NEIGHBOUR ...");
	rc = items_asn(v, start, n - 1, &asn);
	if (rc == MANRS_OK)
		rc = add_peerlock(f, v, asn, asn);
	while (rc == MANRS_OK && items_next(v, &start, &n)) {
		rc = items_asn(v, start, n, &neighbour);
		if (rc == MANRS_OK)
			rc = add_peerlock(f, v, asn, neighbour);
	}
	return rc;
}

static int key_address(struct manrs_policy_file *f, struct items *v)
{
	size_t start, n;

	while (items_next(v, &start, &n)) {
		manrs_prefix address, *slot;
		manrs_fault inner;

		if (manrs_address_parse(&address, v->text + start, n, &inner) != MANRS_OK)
			return items_fault(v, &inner, start);
		slot = vec_push(&f->mem, &f->addresses, sizeof *slot);
		if (!slot)
			return items_refuse(v, MANRS_ENOMEM, start, "out of memory");
		*slot = address;
	}
	return MANRS_OK;
}

/* `le N` behind a prefix; 0 when it is not there. */
static int read_le(struct items *v, const manrs_prefix *prefix, uint64_t *longest)
{
	struct items ahead = *v;
	manrs_fault inner = {0};
	size_t start, n, at;

	*longest = 0;
	if (!items_next(&ahead, &start, &n) || !items_is(&ahead, start, n, "le"))
		return MANRS_OK;
	if (!items_next(&ahead, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, ahead.at, "le what?");
	at = text_number(longest, prefix->family == 4 ? 32 : 128, v->text, start, start + n,
			 &inner);
	if (!at)
		return items_refuse(v, inner.code, (size_t)inner.at, inner.what);
	if (at < start + n || *longest < prefix->len)
		return items_refuse(v, MANRS_ERANGE, start,
				    "le: a length from that of the prefix on");
	v->at = ahead.at;
	return MANRS_OK;
}

static int add_prefixes(struct manrs_policy_file *f, struct items *v, manrs_trie **list, bool le)
{
	size_t start, n;
	int rc = MANRS_OK;

	if (!*list)
		rc = manrs_trie_new(list, &f->mem);
	while (rc >= 0 && items_next(v, &start, &n)) {
		manrs_prefix prefix;
		uint64_t longest = 0, old = 0;

		rc = items_prefix(v, start, n, &prefix);
		if (rc == MANRS_OK && le)
			rc = read_le(v, &prefix, &longest);
		if (rc != MANRS_OK)
			return rc;
		if (manrs_trie_get(*list, &prefix, &old) == MANRS_OK && old > longest)
			longest = old;
		rc = manrs_trie_set(*list, &prefix, longest);
	}
	return rc < 0 ? items_refuse(v, rc, v->at, "out of memory") : MANRS_OK;
}

static int key_allow(struct manrs_policy_file *f, struct items *v)
{
	return add_prefixes(f, v, &f->allowed, true);
}

static int key_deny(struct manrs_policy_file *f, struct items *v)
{
	return add_prefixes(f, v, &f->denied, false);
}

static int key_bogon(struct manrs_policy_file *f, struct items *v)
{
	return add_prefixes(f, v, &f->bogons, false);
}

#define KEY(name) name, "not a key of a policy: " name " is meant?"
static const struct key {
	const char *name, *meant; /* what an unknown key near to it is told */
	int (*read)(struct manrs_policy_file *, struct items *);
	bool again;
	uint8_t test; /* that `default` has when the key is there; 0: none */
} keys[] = {
	{KEY("role"), key_role, false, 0},
	{KEY("local-as"), key_local_as, false, 0},
	{KEY("tests"), key_tests, false, 0},
	{KEY("strict"), key_strict, false, 0},
	{KEY("families"), key_families, false, 0},
	{KEY("prefix-length-4"), key_lengths4, false, 0},
	{KEY("prefix-length-6"), key_lengths6, false, 0},
	{KEY("max-path"), key_max_path, false, 0},
	{KEY("max-repeat"), key_max_repeat, false, 0},
	{KEY("options"), key_options, false, 0},
	{KEY("transit-free"), key_transit_free, true, MANRS_TEST_TRANSIT_FREE},
	{KEY("never-via-rs"), key_never_via_rs, true, MANRS_TEST_NEVER_VIA_RS},
	{KEY("origins"), key_origins, true, MANRS_TEST_ORIGIN_SET},
	{KEY("peerlock"), key_peerlock, true, MANRS_TEST_PEERLOCK},
	{KEY("address"), key_address, true, 0},
	{KEY("allow"), key_allow, true, MANRS_TEST_PREFIX_LIST},
	{KEY("deny"), key_deny, true, MANRS_TEST_DENY_LIST},
	{KEY("bogon"), key_bogon, true, 0},
};

#define KEYS	 (sizeof keys / sizeof *keys)
#define KEY_ROLE 0

/* ---- lines ---- */

static int unknown_key(struct items *v, size_t start, size_t n)
{
	const char *names[KEYS];
	int near;

	for (size_t i = 0; i < KEYS; i++)
		names[i] = keys[i].name;
	near = name_near(v->text + start, n, names, KEYS);
	return items_refuse(v, MANRS_ESYNTAX, start,
			    near < 0 ? "not a key of a policy" : keys[near].meant);
}

static int read_line(struct manrs_policy_file *f, struct items *v, bool first)
{
	size_t start, n, i;

	if (!items_next(v, &start, &n))
		return MANRS_OK;
	if (first && items_is(v, start, n, "[policy]"))
		return items_next(v, &start, &n)
			       ? items_refuse(v, MANRS_ESYNTAX, start, "unexpected text")
			       : MANRS_OK;
	for (i = 0; i < n && v->text[start + i] != '='; i++)
		;
	v->at = start + i;
	n = i;
	for (i = 0; i < KEYS; i++)
		if (name_same(v->text + start, n, keys[i].name))
			break;
	if (i == KEYS)
		return unknown_key(v, start, n);
	while (v->at < v->end && items_blank(v->text[v->at]) && v->text[v->at] != ',')
		v->at++;
	if (v->at == v->end || v->text[v->at] != '=')
		return items_refuse(v, MANRS_ESYNTAX, v->at, "KEY = VALUE");
	v->at++;
	if (!(f->seen >> KEY_ROLE & 1) && i != KEY_ROLE)
		return items_refuse(v, MANRS_ESYNTAX, start, "the role comes first");
	if (!keys[i].again && (f->seen >> i & 1))
		return items_refuse(v, MANRS_ESYNTAX, start, "twice the same key");
	f->seen |= 1u << i;
	return keys[i].read(f, v);
}

static int read_text(struct manrs_policy_file *f, const char *text, size_t n, manrs_fault *fault)
{
	uint32_t line = 1;
	bool first = true;
	size_t at = utf8_mark(text, n);

	while (at < n) {
		size_t end = at, hash;
		struct items v;
		int rc;

		while (end < n && text[end] != '\n')
			end++;
		for (hash = at; hash < end && text[hash] != '#'; hash++)
			;
		v = (struct items){text, at, hash, fault};
		rc = read_line(f, &v, first);
		if (rc != MANRS_OK) {
			fault->line = line;
			return rc;
		}
		first = first && v.at == at;
		at = end + 1;
		line++;
	}
	return MANRS_OK;
}

/* ---- the end ---- */

/* Rules were collected as numbers, the AS above and the neighbour below; now they become records, in place. */
static void order_peerlocks(struct vec *list)
{
	char *at = list->at;

	list->n = order_u64(list->at, list->n);
	for (size_t i = 0; i < list->n; i++) {
		manrs_peerlock rule;
		uint64_t number;

		memcpy(&number, at + i * sizeof number, sizeof number);
		rule = (manrs_peerlock){(uint32_t)(number >> 32), (uint32_t)number};
		memcpy(at + i * sizeof rule, &rule, sizeof rule);
	}
}

static bool has(const struct manrs_policy_file *f, const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].name, name))
			return f->seen >> i & 1;
	return false;
}

static void choose_tests(struct manrs_policy_file *f)
{
	uint64_t tests = f->policy.tests;

	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].test && (f->seen >> i & 1))
			tests |= MANRS_TEST_BIT(keys[i].test);
	if (f->start == START_ALL)
		tests = MANRS_TESTS_ALL;
	if (f->start == START_NONE)
		tests = 0;
	f->policy.tests = (tests | f->plus) & ~f->minus;
}

static void point(struct manrs_policy_file *f)
{
	static const uint32_t nobody[1] = {0};
	manrs_policy *p = &f->policy;

	f->transit_free.n = order_u32(f->transit_free.at, f->transit_free.n);
	f->never_via_rs.n = order_u32(f->never_via_rs.at, f->never_via_rs.n);
	f->origins.n = order_u32(f->origins.at, f->origins.n);
	order_peerlocks(&f->peerlocks);
	if (has(f, "transit-free")) {
		p->transit_free = f->transit_free.at;
		p->n_transit_free = f->transit_free.n;
	}
	p->never_via_rs = f->never_via_rs.at;
	p->n_never_via_rs = f->never_via_rs.n;
	p->origins = f->origins.n ? f->origins.at : has(f, "origins") ? nobody : NULL;
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
	rc = read_text(f, text, n, &inner);
	if (rc == MANRS_OK && !(f->seen >> KEY_ROLE & 1))
		rc = fault_set(&inner, MANRS_ESYNTAX, n, "no role");
	if (rc != MANRS_OK) {
		if (fault)
			*fault = inner;
		manrs_policy_file_free(f);
		return rc;
	}
	choose_tests(f);
	point(f);
	*file = f;
	return MANRS_OK;
}

uint64_t manrs_policy_file_named(const manrs_policy_file *f)
{
	uint64_t named = f->start == START_ALL ? MANRS_TESTS_ALL : f->plus;

	return f->policy.tests & (named | f->policy.strict);
}

int manrs_policy_file_policy(const manrs_policy_file *file, manrs_policy *policy)
{
	return grow_give(policy, GROW_LEAST(manrs_policy, denied), &file->policy, sizeof file->policy) ? MANRS_OK : MANRS_EINVAL;
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

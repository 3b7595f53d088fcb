/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs_check: all tests on every announcement.
 *
 * A batch goes in windows, in which announcements that have their path in common are linked (alike.c), and then one path after
 * the other in slices of 64: first the origins are found, then ROV answers for the slice at once, then each announcement is
 * held against the tests, one function a test, in the order of their bits but LEAK, which weighs what the others found. What
 * the tests said that see nothing but the path and the neighbour (PATH_ONLY) is kept while the path stays the same, what
 * those said that do not see the prefix (NO_PREFIX) while nothing but the prefix changes.
 *
 * Nothing here fails open: a malformed announcement, or a policy that is not in order, fails every test; a test
 * without anything to test against is unknown.
 */

#include "check/alike.h"
#include "check/look.h"

#include "base/cc.h"
#include "net/bits.h"

#define SLICE 64
#define BIT   MANRS_TEST_BIT

#define PATH_ONLY                                                                              \
	(BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_BOGON_ASN) | BIT(MANRS_TEST_PATH_LOOP) |        \
	 BIT(MANRS_TEST_PATH_SET) | BIT(MANRS_TEST_PATH_LEN) | BIT(MANRS_TEST_PATH_RESERVED) | \
	 BIT(MANRS_TEST_FIRST_AS) | BIT(MANRS_TEST_PEERLOCK) | BIT(MANRS_TEST_TRANSIT_FREE) |  \
	 BIT(MANRS_TEST_NEVER_VIA_RS) | BIT(MANRS_TEST_ORIGIN_SET))
#define NO_PREFIX (BIT(MANRS_TEST_NEXT_HOP) | BIT(MANRS_TEST_OTC))
#define LEAK      BIT(MANRS_TEST_LEAK)

/* clang-format off */
static const struct {
	const char *text;
	check_test *run;
	const char *about;
} tests[MANRS_TESTS] = {
	[MANRS_TEST_ROV] = {"rov", test_rov,
		"is the origin authorised by a VRP (RFC 6811)"},
	[MANRS_TEST_ASPA] = {"aspa", test_aspa,
		"is every hop of the path attested (ASPA, draft -28); ingress"},
	[MANRS_TEST_IRR] = {"irr", test_irr,
		"has a route object this prefix and origin"},
	[MANRS_TEST_BOGON_PREFIX] = {"bogon-prefix", test_bogon_prefix,
		"is the prefix special-purpose, outside 2000::/3 or on a list of bogons"},
	[MANRS_TEST_BOGON_ASN] = {"bogon-asn", test_bogon_asn,
		"has the path an AS number that is not public"},
	[MANRS_TEST_PREFIX_LEN] = {"prefix-len", test_prefix_len,
		"is the prefix neither too long nor too short"},
	[MANRS_TEST_PATH_LOOP] = {"path-loop", test_path_loop,
		"does an AS, or ours, come again in the path"},
	[MANRS_TEST_PATH_SET] = {"path-set", test_path_set,
		"has the path an AS_SET or a confederation segment (RFC 9774, 5065)"},
	[MANRS_TEST_PATH_LEN] = {"path-len", test_path_len,
		"is the path empty, too long, or one AS in it too often in a row"},
	[MANRS_TEST_PATH_RESERVED] = {"path-reserved", test_path_reserved,
		"has the path an AS number that may be in none: 0, AS_TRANS, reserved"},
	[MANRS_TEST_FIRST_AS] = {"first-as", test_first_as,
		"is the first AS the neighbour, on egress ours"},
	[MANRS_TEST_NEXT_HOP] = {"next-hop", test_next_hop,
		"is the next hop our own address, not the neighbour's, or a bogon"},
	[MANRS_TEST_OTC] = {"otc", test_otc,
		"may Only-to-Customer be there or be missing (RFC 9234)"},
	[MANRS_TEST_LEAK] = {"leak", test_leak,
		"is it a route leak by all evidence (RFC 7908)"},
	[MANRS_TEST_PEERLOCK] = {"peerlock", test_peerlock,
		"is an AS of the path heard from others than its rules say; ingress"},
	[MANRS_TEST_TRANSIT_FREE] = {"transit-free", test_transit_free,
		"is a transit-free AS behind a neighbour that is not our provider"},
	[MANRS_TEST_NEVER_VIA_RS] = {"never-via-rs", test_never_via_rs,
		"is an AS of the path one that uses no route servers"},
	[MANRS_TEST_ORIGIN_SET] = {"origin-set", test_origin_set,
		"is the origin in the AS-SET of the neighbour"},
	[MANRS_TEST_PREFIX_LIST] = {"prefix-list", test_prefix_list,
		"is the prefix on the list of those allowed"},
	[MANRS_TEST_DENY_LIST] = {"deny-list", test_deny_list,
		"is the prefix on the list of those refused"},
	[MANRS_TEST_FAMILY] = {"family", test_family,
		"does the session carry the address family"},
};
/* clang-format on */

/* What asks about an external session: the table of manrs/policy.h. */
#define EXTERNAL                                                                      \
	(BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_FIRST_AS) | BIT(MANRS_TEST_NEXT_HOP) | \
	 BIT(MANRS_TEST_OTC) | BIT(MANRS_TEST_LEAK) | BIT(MANRS_TEST_PEERLOCK) |      \
	 BIT(MANRS_TEST_TRANSIT_FREE) | BIT(MANRS_TEST_NEVER_VIA_RS) |                \
	 BIT(MANRS_TEST_ORIGIN_SET) | BIT(MANRS_TEST_PREFIX_LIST))

/* Which tests apply to the direction and the kind of session of an announcement. */
static uint64_t check_applies(const manrs_policy *policy, const manrs_announcement *a)
{
	uint64_t mask = MANRS_TESTS_ALL;
	uint32_t role = policy->role;
	bool egress = a->flags & MANRS_ANNOUNCE_EGRESS;

	if (a->flags & MANRS_ANNOUNCE_INTERNAL)
		return mask & ~EXTERNAL;
	if (egress)
		mask &= ~(BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_PEERLOCK));
	if (egress ? role == MANRS_ROLE_CUSTOMER || role == MANRS_ROLE_RS_CLIENT
		   : role == MANRS_ROLE_PROVIDER)
		mask &= ~BIT(MANRS_TEST_TRANSIT_FREE);
	if (role != MANRS_ROLE_RS && role != MANRS_ROLE_RS_CLIENT)
		mask &= ~BIT(MANRS_TEST_NEVER_VIA_RS);
	return mask;
}

/* ---- the record ---- */

static bool address_ok(const manrs_prefix *p)
{
	static const manrs_prefix none;

	if (p->family == 0)
		return !memcmp(p, &none, sizeof none);
	return prefix_ok(p) && p->len == family_bits(p->family);
}

static bool tail_zero(const manrs_announcement *a)
{
	uint8_t seen = 0;

	for (size_t i = 0; i < sizeof a->zero; i++)
		seen |= a->zero[i];
	return seen == 0;
}

/* All but the prefix. */
static bool record_ok(const manrs_announcement *a)
{
	const uint32_t known = MANRS_ANNOUNCE_OTC | MANRS_ANNOUNCE_EGRESS |
			       MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_OWN |
			       MANRS_ANNOUNCE_INTERNAL; /* not MALFORMED */
	bool egress = a->flags & MANRS_ANNOUNCE_EGRESS;

	if ((a->flags & ~known) || !tail_zero(a))
		return false;
	if (a->neighbour_asn == 0 && !(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		return false;
	if (a->otc && !(a->flags & MANRS_ANNOUNCE_OTC))
		return false;
	if (!egress && (a->learned_from || (a->flags & MANRS_ANNOUNCE_OWN)))
		return false;
	if (a->learned_from > MANRS_ROLE_RS_CLIENT ||
	    (a->learned_from && (a->flags & MANRS_ANNOUNCE_OWN)))
		return false;
	return address_ok(&a->next_hop) && address_ok(&a->neighbour_address);
}

/* ---- the path ---- */

static uint32_t filter_bit(uint32_t asn)
{
	return asn * 2654435769u >> 20;
}

static void filter_add(struct filter *f, uint32_t asn)
{
	uint32_t bit = filter_bit(asn);

	f->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void look_filter(struct look *l)
{
	const manrs_policy *p = l->policy;

	memset(&l->filter, 0, sizeof l->filter);
	l->filter.on = true;
	for (size_t i = 0; i < p->n_transit_free; i++)
		filter_add(&l->filter, p->transit_free[i]);
	for (size_t i = 0; i < p->n_never_via_rs; i++)
		filter_add(&l->filter, p->never_via_rs[i]);
	for (size_t i = 0; i < p->n_peerlocks; i++)
		filter_add(&l->filter, p->peerlocks[i].asn);
}

static bool path_listed(const struct filter *f, const manrs_path *path)
{
	if (!f->on)
		return true;
	for (uint32_t i = 0; i < path->n; i++) {
		uint32_t bit = filter_bit(path->asn[i]);

		if (f->bits[bit / 64] >> bit % 64 & 1)
			return true;
	}
	return false;
}

static bool look_path(struct look *l)
{
	const manrs_policy *p = l->policy;
	bool any = !l->egress && (l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR);
	manrs_path_rules rules = {
		.size = sizeof rules,
		.neighbour_asn = l->egress ? p->local_as : l->a->neighbour_asn,
		.local_as = l->egress ? 0 : p->local_as,
		.max_length = p->max_path,
		.max_repeat = p->max_repeat,
		.flags = any ? MANRS_PATH_ANY_NEIGHBOUR : 0,
	};

	if (manrs_path_check(&l->a->path, &rules, &l->report) != MANRS_OK)
		return false;
	l->listed = path_listed(&l->filter, &l->a->path);
	l->rel = MANRS_LEAK_UNKNOWN;
	if (p->rel && !l->egress && (l->tests & BIT(MANRS_TEST_LEAK)))
		l->rel = (uint8_t)manrs_leak_check(p->rel, &l->a->path, p->local_as, (int)p->role,
						   &l->leak);
	return true;
}

/* Whether all but the prefix is the same. */
static bool same_rest(const manrs_announcement *a, const manrs_announcement *b)
{
	return !memcmp(&a->neighbour_asn, &b->neighbour_asn,
		       sizeof *a - offsetof(manrs_announcement, neighbour_asn));
}

/* ---- the verdict ---- */

static void run(struct look *l, uint64_t todo, struct tally *t)
{
	uint64_t by_state[] = {0, 0, 0, 0};
	manrs_finding unused = {0};

	for (; todo; todo &= todo - 1) {
		unsigned test = cc_ctz64(todo);
		int code = tests[test].run(l, &unused);

		l->code[test] = (uint8_t)code;
		by_state[check_codes[code].state] |= UINT64_C(1) << test;
		if (code == MANRS_CODE_NO_LIST)
			t->no_list |= UINT64_C(1) << test;
	}
	t->pass |= by_state[CHECK_PASS];
	t->unknown |= by_state[CHECK_UNKNOWN];
}

/* Whether the record is in order, but for its prefix, under a policy that is. */
static bool record_fits(const struct look *l)
{
	return record_ok(l->a) &&
	       (l->policy->role != MANRS_ROLE_NONE || (l->a->flags & MANRS_ANNOUNCE_INTERNAL));
}

/* Look at the path of such a record. false: it is malformed. */
static bool look_fresh(struct look *l)
{
	l->known = NULL;
	l->egress = l->a->flags & MANRS_ANNOUNCE_EGRESS;
	l->tests = l->policy->tests & check_applies(l->policy, l->a);
	memset(l->code, 0, sizeof l->code);
	return look_path(l) &&
	       manrs_path_origin(&l->a->path, l->policy->local_as, &l->origin) == MANRS_OK;
}

/* Look at an announcement; what is known already is not looked at again. false: it is malformed. */
static bool look_at(struct look *l, const manrs_announcement *a)
{
	l->a = a;
	if (!prefix_ok(&a->prefix))
		return false;
	if (l->known && same_rest(l->known, a))
		return true;
	if (!record_fits(l))
		return false;
	if (!l->known || !alike(l->known, a)) {
		if (!look_fresh(l))
			return false;
		l->path = (struct tally){0};
		run(l, l->tests & PATH_ONLY, &l->path);
	}
	l->rest = (struct tally){0};
	run(l, l->tests & NO_PREFIX, &l->rest);
	l->leak_known = false;
	l->known = a;
	return true;
}

/* Of the prefix LEAK sees only what ROV said. */
static void judge_leak(struct look *l, struct tally *t)
{
	uint8_t rov = l->code[MANRS_TEST_ROV];

	if (!l->leak_known || l->leak_rov != rov) {
		l->leaks = (struct tally){0};
		run(l, l->tests & LEAK, &l->leaks);
		l->leak_known = true;
		l->leak_rov = rov;
	}
	t->pass |= l->leaks.pass;
	t->unknown |= l->leaks.unknown;
}

/* The tests that see the prefix, by what is known of the rest. */
static manrs_verdict judge(struct look *l)
{
	const uint64_t strict = l->policy->strict;
	struct tally t = {l->path.pass | l->rest.pass, l->path.unknown | l->rest.unknown, 0};
	manrs_verdict v;

	t.unknown |= l->no_list & l->tests;
	run(l, l->tests & ~(PATH_ONLY | NO_PREFIX | LEAK | l->no_list), &t);
	l->no_list |= t.no_list;
	judge_leak(l, &t);
	v.pass = t.pass;
	v.unknown = t.unknown & ~strict;
	v.fail = l->tests & ~(v.pass | v.unknown);
	return v;
}

/* A policy that is not in order does not say what applies: all fails. */
static manrs_verdict refused(const manrs_policy *policy, const manrs_announcement *a)
{
	uint64_t asked = policy->tests & MANRS_TESTS_ALL;

	return (manrs_verdict){.fail = policy_usable(policy) ? asked & check_applies(policy, a)
							     : asked};
}

/* Where the codes go; at: NULL: nowhere. */
struct codes {
	uint8_t *at;
	size_t stride;
};

/* Some of a window's announcements, by their numbers in it. */
struct slice {
	const manrs_announcement *a;
	manrs_verdict *verdicts;
	struct codes codes;
	size_t n;
	uint32_t at[SLICE];
	manrs_route routes[SLICE];
	uint8_t states[SLICE];
	int rc; /* MANRS_EINVAL: a malformed one was among all */
};

static void rov_slice(const struct look *l, struct slice *s)
{
	const manrs_announcement *last = NULL;

	memset(s->states, MANRS_ROV_MALFORMED, sizeof s->states);
	if (!(l->policy->tests & BIT(MANRS_TEST_ROV)))
		return;
	for (size_t i = 0; i < s->n; i++) {
		const manrs_announcement *a = &s->a[s->at[i]];

		s->routes[i].prefix = a->prefix;
		if (last && alike(last, a))
			s->routes[i].asn = s->routes[i - 1].asn;
		else
			manrs_path_origin(&a->path, l->policy->local_as, &s->routes[i].asn);
		last = a;
	}
	manrs_rov_check_many(l->db, s->routes, s->n, s->states);
}

/* Of what was looked at; l: NULL: it could not be, and fails these tests. */
static void put_codes(const struct codes *to, size_t i, const struct look *l, uint64_t fail)
{
	uint64_t same = l ? l->no_list & l->tests : fail;
	int code = l ? MANRS_CODE_NO_LIST : MANRS_CODE_MALFORMED;
	size_t n = to->stride < MANRS_TESTS ? to->stride : MANRS_TESTS;
	uint8_t codes[MANRS_TESTS] = {0};

	if (!to->at)
		return;
	if (l)
		memcpy(codes, l->code, sizeof codes);
	for (; same; same &= same - 1)
		codes[cc_ctz64(same)] = (uint8_t)code;
	memcpy(to->at + i * to->stride, codes, n);
	memset(to->at + i * to->stride + n, 0, to->stride - n);
}

static void judge_slice(struct look *l, struct slice *s)
{
	rov_slice(l, s);
	for (size_t i = 0; i < s->n; i++) {
		const manrs_announcement *a = &s->a[s->at[i]];

		l->rov = s->states[i];
		manrs_verdict *v = &s->verdicts[s->at[i]];

		if (look_at(l, a)) {
			*v = judge(l);
			put_codes(&s->codes, s->at[i], l, 0);
		} else {
			*v = refused(l->policy, a);
			put_codes(&s->codes, s->at[i], NULL, v->fail);
			s->rc = MANRS_EINVAL;
		}
	}
	s->n = 0;
}

/* The next one of the slice. Its verdict may be written from now on. */
static void add(struct look *l, struct slice *s, size_t i)
{
	cc_prefetch(&s->a[i]);
	cc_prefetch((const char *)&s->a[i] + 64);
	s->at[s->n++] = (uint32_t)i;
	if (s->n == SLICE)
		judge_slice(l, s);
}

/* One path after the other. returns: whether many had theirs in common */
static bool check_linked(struct look *l, struct slice *s, size_t n)
{
	size_t firsts = alike_link(s->a, n, s->verdicts);

	for (size_t i = 0; i < n; i++) {
		if (!(s->verdicts[i].unknown & ALIKE_FIRST))
			continue;
		for (size_t at = i, next; at < n; at = next) {
			next = alike_next(s->verdicts, at, n);
			add(l, s, at);
		}
	}
	return firsts < n - n / 16;
}

/* Where the last windows had next to nothing in common, some go by without being asked. */
static void check_window(struct look *l, struct slice *s, size_t n, unsigned *unasked)
{
	if (n < ALIKE_LEAST || *unasked) {
		*unasked -= *unasked > 0;
		for (size_t i = 0; i < n; i++)
			add(l, s, i);
	} else if (!check_linked(l, s, n)) {
		*unasked = 3;
	}
	if (s->n)
		judge_slice(l, s);
}

/* A policy that cannot be used: all fail all. */
static int refuse_all(const manrs_policy *policy, const manrs_announcement *a, size_t n,
		      manrs_verdict *verdicts, const struct codes *codes)
{
	for (size_t i = 0; i < n; i++) {
		verdicts[i] = refused(policy, &a[i]);
		put_codes(codes, i, NULL, verdicts[i].fail);
	}
	return MANRS_EINVAL;
}

static int check_all(const manrs_db *db, const manrs_policy *policy, const manrs_announcement *a,
		     size_t n, manrs_verdict *verdicts, const struct codes *codes)
{
	manrs_policy own;
	unsigned unasked = 0;
	struct slice s;
	struct look l;

	policy = policy_of(&own, policy);
	if (!policy_usable(policy))
		return refuse_all(policy, a, n, verdicts, codes);
	s.n = 0;
	s.rc = MANRS_OK;
	s.codes = *codes;
	memset(s.routes, 0, sizeof s.routes);
	l.db = db;
	l.policy = policy;
	l.known = NULL;
	l.no_list = 0;
	l.exact = codes->at != NULL;
	l.why = false;
	l.filter.on = false;
	if (n >= 8)
		look_filter(&l);
	for (size_t i = 0; i < n; i += ALIKE_WINDOW) {
		s.a = a + i;
		s.verdicts = verdicts + i;
		check_window(&l, &s, n - i < ALIKE_WINDOW ? n - i : ALIKE_WINDOW, &unasked);
		if (s.codes.at)
			s.codes.at += ALIKE_WINDOW * s.codes.stride;
	}
	return s.rc;
}

int manrs_check(const manrs_db *db, const manrs_policy *policy,
		const manrs_announcement *announcements, size_t n, manrs_verdict *verdicts)
{
	return check_all(db, policy, announcements, n, verdicts, &(const struct codes){0});
}

int manrs_check_codes(const manrs_db *db, const manrs_policy *policy,
		      const manrs_announcement *announcements, size_t n, manrs_verdict *verdicts,
		      uint8_t *codes, size_t stride)
{
	const struct codes to = {codes, stride};

	return check_all(db, policy, announcements, n, verdicts, &to);
}

/* ---- one finding ---- */

static int tell(manrs_finding *f, int test, int state, int code)
{
	f->test = (uint32_t)test;
	f->state = (uint32_t)state;
	f->code = (uint32_t)code;
	f->arouteserver = check_codes[code].arouteserver;
	f->euroix = check_codes[code].euroix;
	return state;
}

static bool look_closely(struct look *l, const manrs_announcement *a)
{
	manrs_route route;

	l->exact = l->why = true;
	l->filter.on = false;
	l->a = a;
	if (!policy_usable(l->policy) || !prefix_ok(&a->prefix) || !record_fits(l) ||
	    !look_fresh(l))
		return false;
	route = (manrs_route){a->prefix, l->origin};
	l->rov = (uint8_t)manrs_rov_check(l->db, &route);
	return true;
}

/* One test of a look that may have run the others: its state. */
static int find(struct look *l, int test, manrs_finding *f)
{
	int code, state;

	*f = (manrs_finding){0};
	code = tests[test].run(l, f);
	l->code[test] = (uint8_t)code;
	state = check_codes[code].state;
	if (state == CHECK_UNKNOWN && (l->policy->strict & BIT(test)))
		state = CHECK_FAIL;
	return tell(f, test, state, code);
}

size_t manrs_findings(const manrs_db *db, const manrs_policy *policy,
		      const manrs_announcement *announcement, uint64_t wanted,
		      manrs_finding *findings, size_t cap)
{
	const uint64_t evidence = BIT(MANRS_TEST_OTC) | BIT(MANRS_TEST_ASPA) |
				  BIT(MANRS_TEST_TRANSIT_FREE) | BIT(MANRS_TEST_PEERLOCK) |
				  BIT(MANRS_TEST_ROV);
	manrs_policy own;
	struct look l = {.db = db, .policy = policy = policy_of(&own, policy)};
	bool ok = look_closely(&l, announcement);
	struct tally unused = {0};
	size_t n = 0;

	wanted &= ok ? l.tests : refused(policy, announcement).fail;
	if (ok && (wanted & BIT(MANRS_TEST_LEAK)))
		run(&l, l.tests & evidence, &unused);
	for (; wanted; wanted &= wanted - 1, n++) {
		int test = (int)cc_ctz64(wanted);

		if (n >= cap)
			continue;
		findings[n] = (manrs_finding){0};
		if (ok)
			find(&l, test, &findings[n]);
		else
			tell(&findings[n], test, CHECK_FAIL, MANRS_CODE_MALFORMED);
	}
	return n;
}

int manrs_finding_get(const manrs_db *db, const manrs_policy *policy,
		      const manrs_announcement *announcement, int test, manrs_finding *finding)
{
	*finding = (manrs_finding){0};
	if (test < 0 || test >= MANRS_TESTS)
		return MANRS_EINVAL;
	manrs_findings(db, policy, announcement, BIT(test), finding, 1);
	return (int)finding->state;
}

const char *manrs_test_text(int test)
{
	return test >= 0 && test < MANRS_TESTS ? tests[test].text : "";
}

const char *manrs_test_about(int test)
{
	return test >= 0 && test < MANRS_TESTS ? tests[test].about : "";
}

int manrs_test_parse(const char *text, size_t n)
{
	for (int test = 0; test < MANRS_TESTS; test++)
		if (strlen(tests[test].text) == n && !memcmp(tests[test].text, text, n))
			return test;
	return MANRS_ESYNTAX;
}

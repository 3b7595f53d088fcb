/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow twin of manrs_check: every question by itself, in the words of its rule, over unsorted lists; nothing is
 * shared between two questions and nothing is kept. ASPA answers by its own oracle.
 */

#include "oracle/check.h"

#include "test.h"

enum { NO, PASS, FAIL, UNKNOWN };

static uint32_t local; /* of the policy at hand; 0: not known */
#define LOCAL    local
#define COUNT(a) (sizeof(a) / sizeof *(a))

static manrs_prefix prefix_of(const char *text)
{
	manrs_prefix prefix;

	ck_assert_int_eq(manrs_prefix_parse(&prefix, text, strlen(text), NULL), MANRS_OK);
	return prefix;
}

static bool egress(const manrs_announcement *a)
{
	return a->flags & MANRS_ANNOUNCE_EGRESS;
}

/* RFC 7705: under an external role, and one AS number on both sides. */
static bool same_as(const manrs_announcement *a)
{
	return !egress(a) && LOCAL && a->neighbour_asn == LOCAL &&
	       !(a->flags & (MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL));
}

/* The tests that RFC 4271 (5.1.2, 5.1.3, 6.3), 7454 (6.1.2, 6.2), 7908, 9234 and the ASPA draft speak of for eBGP alone */
static bool external_only(int test)
{
	switch (test) {
	case MANRS_TEST_ASPA:
	case MANRS_TEST_FIRST_AS:
	case MANRS_TEST_NEXT_HOP:
	case MANRS_TEST_OTC:
	case MANRS_TEST_LEAK:
	case MANRS_TEST_PEERLOCK:
	case MANRS_TEST_TRANSIT_FREE:
	case MANRS_TEST_NEVER_VIA_RS:
	case MANRS_TEST_ORIGIN_SET:
	case MANRS_TEST_PREFIX_LIST:
		return true;
	}
	return false;
}

static bool applies(const manrs_policy *p, const manrs_announcement *a, int test)
{
	uint32_t role = p->role;

	if (a->flags & MANRS_ANNOUNCE_INTERNAL)
		return !external_only(test);
	switch (test) {
	case MANRS_TEST_ASPA: /* the draft verifies on ingress alone */
	case MANRS_TEST_PEERLOCK:
		return !egress(a);
	case MANRS_TEST_TRANSIT_FREE: /* a provider, and we to a customer, may have them behind us */
		if (egress(a))
			return role != MANRS_ROLE_CUSTOMER && role != MANRS_ROLE_RS_CLIENT;
		return role != MANRS_ROLE_PROVIDER;
	case MANRS_TEST_NEVER_VIA_RS:
		return role == MANRS_ROLE_RS || role == MANRS_ROLE_RS_CLIENT;
	}
	return true;
}

static bool malformed(const manrs_announcement *a)
{
	if (manrs_prefix_check(&a->prefix) != MANRS_OK || a->path.flags)
		return true;
	for (size_t i = 0; i < sizeof a->zero; i++)
		if (a->zero[i])
			return true;
	if (a->flags & ~(15u | MANRS_ANNOUNCE_INTERNAL))
		return true;
	return !a->neighbour_asn && !(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR);
}

static unsigned kind(const manrs_path *path, uint32_t i)
{
	return path->kind ? path->kind[i] & 7u : MANRS_SEGMENT_SEQUENCE;
}

/* RFC 6811 section 2 */
static uint32_t origin(const manrs_announcement *a)
{
	if (a->path.n == 0)
		return LOCAL;
	switch (kind(&a->path, a->path.n - 1)) {
	case MANRS_SEGMENT_SEQUENCE:
		return a->path.asn[a->path.n - 1];
	case MANRS_SEGMENT_SET:
		return 0;
	}
	return LOCAL;
}

static int slow_rov(const struct check_world *w, const manrs_announcement *a, bool *length)
{
	bool covered = false;

	*length = false;
	for (int i = 0; i < WORLD_ROUTES; i++) {
		const manrs_route *v = &w->vrps[i];

		if (!manrs_prefix_covers(&v->prefix, &a->prefix))
			continue;
		covered = true;
		if (v->asn && v->asn == origin(a) && a->prefix.len <= v->prefix.maxlen)
			return PASS;
		*length |= v->asn && v->asn == origin(a);
	}
	return covered ? FAIL : UNKNOWN;
}

static int slow_irr(const struct check_world *w, const manrs_policy *p, const manrs_announcement *a)
{
	bool covered = false, length;

	if ((p->flags & MANRS_POLICY_IRR_ROA) && slow_rov(w, a, &length) == PASS)
		return PASS;
	for (int i = 0; i < WORLD_ROUTES; i++) {
		const manrs_route *o = &w->irr[i];

		if (!manrs_prefix_covers(&o->prefix, &a->prefix))
			continue;
		covered = true;
		if (o->asn == origin(a) &&
		    (o->prefix.len == a->prefix.len || (p->flags & MANRS_POLICY_IRR_COVERING)))
			return PASS;
	}
	return covered ? FAIL : UNKNOWN;
}

static bool has_kind(const manrs_announcement *a, unsigned which)
{
	for (uint32_t i = 0; i < a->path.n; i++)
		if (kind(&a->path, i) == which)
			return true;
	return false;
}

static bool bad_set(const manrs_policy *p, const manrs_announcement *a)
{
	return has_kind(a, MANRS_SEGMENT_SET) || has_kind(a, MANRS_SEGMENT_CONFED_SET) ||
	       (has_kind(a, MANRS_SEGMENT_CONFED_SEQUENCE) && !(p->flags & MANRS_POLICY_CONFED) &&
		!(a->flags & MANRS_ANNOUNCE_INTERNAL));
}

/* 2 with *hops: the ramps are to blame */
static int slow_aspa(const struct check_world *w, const manrs_policy *p,
		     const manrs_announcement *a, bool *hops)
{
	static const int states[] = {
		[DRAFT_UNKNOWN] = UNKNOWN, [DRAFT_VALID] = PASS, [DRAFT_INVALID] = FAIL};
	uint32_t wire[WORLD_HOPS], n = 0;
	bool any = (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR) || p->role == MANRS_ROLE_RS;
	bool set = has_kind(a, MANRS_SEGMENT_SET) || has_kind(a, MANRS_SEGMENT_CONFED_SET);
	bool outside =
		has_kind(a, MANRS_SEGMENT_CONFED_SEQUENCE) && !(p->flags & MANRS_POLICY_CONFED);

	*hops = false;
	if (same_as(a))
		return set || outside ? FAIL : UNKNOWN;
	for (uint32_t i = 0; i < a->path.n; i++)
		if (kind(&a->path, i) == MANRS_SEGMENT_SEQUENCE)
			wire[n++] = a->path.asn[i];
	if (set || outside || n == 0 || (!any && a->path.asn[0] != a->neighbour_asn))
		return FAIL;
	*hops = true;
	return states[draft_verify(w->pairs, w->n_pairs, wire, n, false,
				   p->role == MANRS_ROLE_PROVIDER, p->role == MANRS_ROLE_RS, true,
				   0)];
}

static bool bogon(const struct check_world *w, const manrs_policy *p, const manrs_prefix *prefix)
{
	static const char *const blocks[] = {"10.0.0.0/8",    "192.0.2.0/24",   "240.0.0.0/4",
					     "224.0.0.0/4",   "2001:db8::/32",  "fc00::/7",
					     "4000::/3",      "192.88.99.0/24", "127.0.0.0/8",
					     "100.64.0.0/10", "fe80::/10"};

	for (size_t i = 0; i < COUNT(blocks); i++) {
		manrs_prefix block = prefix_of(blocks[i]);

		if (manrs_prefix_covers(&block, prefix))
			return true;
	}
	for (size_t i = 0; p->bogons && i < 6; i++)
		if (manrs_prefix_covers(&w->listed[i], prefix))
			return true;
	return false;
}

static bool reserved_number(uint32_t asn)
{
	return asn == 0 || asn == 23456 || asn == 65535 || (asn >= 65552 && asn <= 131071) ||
	       asn == 4294967295u;
}

static bool bogon_number(const manrs_policy *p, uint32_t asn)
{
	bool private = (asn >= 64512 && asn <= 65534) || (asn >= 4200000000u && asn <= 4294967294u);

	return reserved_number(asn) || (asn >= 64496 && asn <= 64511) ||
	       (asn >= 65536 && asn <= 65551) ||
	       (private && !(p->flags & MANRS_POLICY_PRIVATE_ASN));
}

static int slow_numbers(const manrs_policy *p, const manrs_announcement *a, bool reserved)
{
	for (uint32_t i = 0; i < a->path.n; i++) {
		uint32_t asn = a->path.asn[i];
		bool confed = kind(&a->path, i) >= MANRS_SEGMENT_CONFED_SEQUENCE;

		if ((!confed || asn == 0) &&
		    (reserved ? reserved_number(asn) : bogon_number(p, asn)))
			return FAIL;
	}
	return PASS;
}

static int slow_loop(const manrs_announcement *a)
{
	for (uint32_t i = 0; i < a->path.n; i++) {
		bool ordered = kind(&a->path, i) == MANRS_SEGMENT_SEQUENCE ||
			       kind(&a->path, i) == MANRS_SEGMENT_CONFED_SEQUENCE;

		if (!egress(a) && LOCAL && a->path.asn[i] == LOCAL)
			return FAIL;
		for (uint32_t j = 0; ordered && j + 1 < i; j++) {
			bool between = false;

			if (a->path.asn[j] != a->path.asn[i] ||
			    (kind(&a->path, j) != MANRS_SEGMENT_SEQUENCE &&
			     kind(&a->path, j) != MANRS_SEGMENT_CONFED_SEQUENCE))
				continue;
			for (uint32_t k = j + 1; k < i; k++)
				between |= a->path.asn[k] != a->path.asn[i] ||
					   kind(&a->path, k) == MANRS_SEGMENT_SET ||
					   kind(&a->path, k) == MANRS_SEGMENT_CONFED_SET;
			if (between)
				return FAIL;
		}
	}
	return PASS;
}

static int slow_length(const manrs_policy *p, const manrs_announcement *a)
{
	uint32_t length = 0, run = 0;

	if (a->path.n == 0)
		return a->flags & MANRS_ANNOUNCE_INTERNAL ? PASS : FAIL;
	for (uint32_t i = 0; i < a->path.n; i++) {
		unsigned k = kind(&a->path, i);
		bool ordered = k == MANRS_SEGMENT_SEQUENCE || k == MANRS_SEGMENT_CONFED_SEQUENCE;
		bool follows = i && ordered && run && a->path.asn[i] == a->path.asn[i - 1];

		length += k == MANRS_SEGMENT_SEQUENCE ||
			  (k == MANRS_SEGMENT_SET &&
			   (!a->path.kind || (a->path.kind[i] & MANRS_SEGMENT_START)));
		run = !ordered ? 0 : follows ? run + 1 : 1;
		if (p->max_repeat && run > p->max_repeat)
			return FAIL;
	}
	return p->max_path && length > p->max_path ? FAIL : PASS;
}

static int slow_first(const manrs_policy *p, const manrs_announcement *a)
{
	uint32_t wanted = egress(a) ? LOCAL : a->neighbour_asn;

	if (p->role == (egress(a) ? MANRS_ROLE_RS_CLIENT : MANRS_ROLE_RS))
		return PASS;
	if (!egress(a) && (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		return UNKNOWN;
	if (same_as(a) || (egress(a) && !LOCAL))
		return UNKNOWN;
	if (a->path.n == 0 || a->path.asn[0] != wanted)
		return FAIL;
	return kind(&a->path, 0) == MANRS_SEGMENT_SET ||
			       kind(&a->path, 0) == MANRS_SEGMENT_CONFED_SET
		       ? FAIL
		       : PASS;
}

static bool same(const manrs_prefix *x, const manrs_prefix *y)
{
	return manrs_prefix_cmp(x, y) == 0;
}

static int slow_next_hop(const struct check_world *w, const manrs_policy *p,
			 const manrs_announcement *a)
{
	static const char *const private[] = {"10.0.0.0/8", "100.64.0.0/10", "fe80::/10",
					      "fc00::/7"};
	manrs_policy no_list = *p;
	bool is_private = false;

	no_list.bogons = NULL;
	if (a->next_hop.family == 0)
		return UNKNOWN;
	if (egress(a) && same(&a->next_hop, &a->neighbour_address))
		return FAIL;
	for (size_t i = 0; !egress(a) && i < p->n_addresses; i++)
		if (same(&a->next_hop, &world_own[i]))
			return FAIL;
	for (size_t i = 0; i < COUNT(private); i++) {
		manrs_prefix block = prefix_of(private[i]);

		is_private |= manrs_prefix_covers(&block, &a->next_hop);
	}
	if (bogon(w, &no_list, &a->next_hop) &&
	    !(is_private && (p->flags & MANRS_POLICY_NEXT_HOP_PRIVATE)))
		return FAIL;
	if (!egress(a) && !(p->flags & MANRS_POLICY_NEXT_HOP_NEIGHBOUR))
		return PASS;
	if (a->neighbour_address.family == 0)
		return UNKNOWN;
	if (egress(a))
		return PASS;
	return same(&a->next_hop, &a->neighbour_address) ? PASS : FAIL;
}

/* RFC 9234 section 5, in its words */
static int slow_otc(const manrs_policy *p, const manrs_announcement *a)
{
	uint32_t role = p->role;

	if (!(a->flags & MANRS_ANNOUNCE_OTC))
		return PASS;
	if (egress(a))
		return role == MANRS_ROLE_PROVIDER || role == MANRS_ROLE_PEER ||
				       role == MANRS_ROLE_RS
			       ? FAIL
			       : PASS;
	if (role == MANRS_ROLE_CUSTOMER || role == MANRS_ROLE_RS_CLIENT)
		return FAIL;
	if (role == MANRS_ROLE_PEER && (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		return UNKNOWN;
	return role == MANRS_ROLE_PEER && a->otc != a->neighbour_asn ? FAIL : PASS;
}

static bool in(const uint32_t *list, size_t n, uint32_t asn)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == asn)
			return true;
	return false;
}

static int slow_transit_free(const manrs_policy *p, const manrs_announcement *a)
{
	bool behind = false;

	if (!p->n_transit_free)
		return UNKNOWN;
	for (uint32_t i = 1; i < a->path.n; i++) {
		behind |= a->path.asn[i] != a->path.asn[0];
		if (behind && in(world_transit_free, WORLD_TRANSIT_FREE, a->path.asn[i]))
			return FAIL;
	}
	return PASS;
}

static int slow_peerlock(const manrs_policy *p, const manrs_announcement *a)
{
	bool hidden = p->role == MANRS_ROLE_RS || (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR);
	uint32_t sender = !hidden ? a->neighbour_asn : a->path.n ? a->path.asn[0] : 0;

	bool any = false;

	if (!p->n_peerlocks)
		return UNKNOWN;
	for (uint32_t i = 0; i < a->path.n; i++) {
		bool ruled = false, fine = a->path.asn[i] == sender;

		for (size_t j = 0; j < 3; j++) {
			ruled |= world_locks[j].asn == a->path.asn[i];
			fine |= world_locks[j].asn == a->path.asn[i] &&
				world_locks[j].neighbour == sender;
		}
		if (ruled && !fine)
			return FAIL;
		any |= ruled;
	}
	/* a rule speaks of the sender: of one that is not known it cannot be said that it is kept */
	return any && p->role != MANRS_ROLE_RS && (a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR)
		       ? UNKNOWN
		       : PASS;
}

static int slow_never(const manrs_policy *p, const manrs_announcement *a)
{
	if (!p->n_never_via_rs)
		return UNKNOWN;
	for (uint32_t i = 0; i < a->path.n; i++)
		if (in(world_shy, 2, a->path.asn[i]))
			return FAIL;
	return PASS;
}

static int relation(const struct check_world *w, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < w->n_rows; i++) {
		if (w->rows[i].a == a && w->rows[i].b == b)
			return (int)w->rows[i].kind;
		if (w->rows[i].a == b && w->rows[i].b == a)
			return w->rows[i].kind == MANRS_REL_PEER ? MANRS_REL_PEER
								 : 4 - (int)w->rows[i].kind;
	}
	return MANRS_REL_UNKNOWN;
}

static bool up_or_across(int kind_of)
{
	return kind_of == MANRS_REL_PEER || kind_of == MANRS_REL_PROVIDER;
}

/* Every three in a row, us in front; a hop in a set or a confederation is nobody known. */
static int slow_valley(const struct check_world *w, const manrs_policy *p,
		       const manrs_announcement *a)
{
	static const int us[] = {0,
				 MANRS_REL_PROVIDER,
				 MANRS_REL_PEER,
				 MANRS_REL_CUSTOMER,
				 MANRS_REL_PEER,
				 MANRS_REL_PEER};
	uint32_t hop[WORLD_HOPS + 1] = {LOCAL}, n = 1;
	bool known = a->path.n > 0;

	for (uint32_t i = 0; i < a->path.n; i++) {
		uint32_t asn = kind(&a->path, i) == MANRS_SEGMENT_SEQUENCE ? a->path.asn[i] : 0;

		if (!asn || n == 1 || hop[n - 1] != asn)
			hop[n++] = asn;
	}
	for (uint32_t i = 1; i < n; i++) {
		int to = i == 1 ? us[p->role] : relation(w, hop[i], hop[i - 1]);
		int from = i + 1 < n ? relation(w, hop[i], hop[i + 1]) : MANRS_REL_CUSTOMER;

		known &= to != MANRS_REL_UNKNOWN && hop[i] != 0;
		if (up_or_across(from) && up_or_across(to))
			return FAIL;
	}
	return known ? PASS : UNKNOWN;
}

static int slow_leak_out(const struct check_world *w, const manrs_policy *p,
			 const manrs_announcement *a)
{
	static const int is[] = {0,
				 MANRS_REL_CUSTOMER,
				 MANRS_REL_PEER,
				 MANRS_REL_PROVIDER,
				 MANRS_REL_PEER,
				 MANRS_REL_CUSTOMER};
	uint32_t from_as = 0;
	int from, to = is[p->role];

	for (uint32_t i = a->path.n; i-- > 1;)
		if (a->path.asn[i] != a->path.asn[0])
			from_as = a->path.asn[i];
	if (a->flags & MANRS_ANNOUNCE_OWN)
		from = MANRS_REL_CUSTOMER;
	else if (a->learned_from) /* what the host says beats what the path shows */
		from = is[a->learned_from];
	else if (!from_as)
		from = MANRS_REL_CUSTOMER;
	else
		from = p->rel ? relation(w, LOCAL, from_as) : MANRS_REL_UNKNOWN;
	if (up_or_across(from) && up_or_across(to))
		return FAIL;
	return from == MANRS_REL_CUSTOMER || to == MANRS_REL_CUSTOMER ? PASS : UNKNOWN;
}

static int slow_leak(const struct check_world *w, const manrs_policy *p,
		     const manrs_announcement *a)
{
	bool asked[MANRS_TESTS], hops = false, length;
	int shape, aspa = NO;

	for (int test = 0; test < MANRS_TESTS; test++)
		asked[test] = (p->tests >> test & 1) && applies(p, a, test);
	if (asked[MANRS_TEST_OTC] && slow_otc(p, a) == FAIL)
		return FAIL;
	if (egress(a)) {
		shape = slow_leak_out(w, p, a);
	} else {
		shape = p->rel ? slow_valley(w, p, a) : UNKNOWN;
		if (asked[MANRS_TEST_ASPA])
			aspa = slow_aspa(w, p, a, &hops);
		if (shape == UNKNOWN && aspa == PASS)
			shape = PASS;
		if (aspa == FAIL && hops)
			shape = FAIL;
	}
	if (shape == FAIL || (asked[MANRS_TEST_TRANSIT_FREE] && slow_transit_free(p, a) == FAIL) ||
	    (asked[MANRS_TEST_PEERLOCK] && slow_peerlock(p, a) == FAIL))
		return FAIL;
	/* no origin (an AS_SET): nothing is re-originated by anybody */
	if (asked[MANRS_TEST_ROV] && origin(a) && slow_rov(w, a, &length) == FAIL)
		return UNKNOWN;
	return shape;
}

static int slow_list(const struct check_world *w, const manrs_announcement *a, bool all_under)
{
	for (int i = 0; i < 6; i++)
		if (manrs_prefix_covers(&w->listed[i], &a->prefix) &&
		    (all_under || a->prefix.len == w->listed[i].len ||
		     a->prefix.len <= w->listed_to[i]))
			return PASS;
	return FAIL;
}

static int ask(const struct check_world *w, const manrs_policy *p, const manrs_announcement *a,
	       int test)
{
	bool v4 = a->prefix.family == 4, unused;

	switch (test) {
	case MANRS_TEST_ROV:
		return slow_rov(w, a, &unused);
	case MANRS_TEST_ASPA:
		return slow_aspa(w, p, a, &unused);
	case MANRS_TEST_IRR:
		return slow_irr(w, p, a);
	case MANRS_TEST_BOGON_PREFIX:
		return bogon(w, p, &a->prefix) ? FAIL : PASS;
	case MANRS_TEST_BOGON_ASN:
		return slow_numbers(p, a, false);
	case MANRS_TEST_PREFIX_LEN:
		return a->prefix.len < (v4 ? 8 : 12) || a->prefix.len > (v4 ? 24 : 48) ? FAIL
										       : PASS;
	case MANRS_TEST_PATH_LOOP:
		return slow_loop(a);
	case MANRS_TEST_PATH_SET:
		return bad_set(p, a) ? FAIL : PASS;
	case MANRS_TEST_PATH_LEN:
		return slow_length(p, a);
	case MANRS_TEST_PATH_RESERVED:
		return slow_numbers(p, a, true);
	case MANRS_TEST_FIRST_AS:
		return slow_first(p, a);
	case MANRS_TEST_NEXT_HOP:
		return slow_next_hop(w, p, a);
	case MANRS_TEST_OTC:
		return slow_otc(p, a);
	case MANRS_TEST_LEAK:
		return slow_leak(w, p, a);
	case MANRS_TEST_PEERLOCK:
		return slow_peerlock(p, a);
	case MANRS_TEST_TRANSIT_FREE:
		return slow_transit_free(p, a);
	case MANRS_TEST_NEVER_VIA_RS:
		return slow_never(p, a);
	case MANRS_TEST_ORIGIN_SET:
		return !p->origins ? UNKNOWN : in(world_set, p->n_origins, origin(a)) ? PASS : FAIL;
	case MANRS_TEST_PREFIX_LIST:
		return !p->allowed ? UNKNOWN : slow_list(w, a, false);
	case MANRS_TEST_DENY_LIST:
		return !p->denied ? UNKNOWN : slow_list(w, a, true) == PASS ? FAIL : PASS;
	case MANRS_TEST_FAMILY:
		return p->flags & (v4 ? MANRS_POLICY_FAMILY4 : MANRS_POLICY_FAMILY6) ? PASS : FAIL;
	}
	return NO;
}

int check_slow(const struct check_world *w, const manrs_policy *p, const manrs_announcement *a,
	       int test)
{
	int state;

	local = p->local_as;
	if (!(p->tests >> test & 1) || !applies(p, a, test))
		return NO;
	if (malformed(a) || (p->role == MANRS_ROLE_NONE && !(a->flags & MANRS_ANNOUNCE_INTERNAL)))
		return FAIL;
	state = ask(w, p, a, test);
	return state == UNKNOWN && (p->strict >> test & 1) ? FAIL : state;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification of AS paths, draft-ietf-sidrops-aspa-verification-28.
 *
 * A route climbs from its origin A(1) to providers, may cross once between two ASes at the top, and goes down to
 * customers until it reaches us behind A(N). Providers are above customers:
 *
 *              A(4)----A(5)                  up-ramp:    A(1) .. A(4)  every hop (A(I), A(I+1)) is
 *              /          \                              customer to provider
 *          A(3)            A(6)              down-ramp:  A(7) .. A(5)  every hop (A(J), A(J-1)) is
 *            /              \                            customer to provider
 *        A(2)                A(7) -- us
 *          /
 *      A(1)                                  wire order k:  A(7)=0  A(6)=1  ...  A(1)=N-1
 *
 * authorized(x, y) is NoAttestation when x has no ASPA, Provider+ when y is among its providers, else NotProvider+.
 * max_up ASes lie on the up-ramp if every missing attestation is in our favour (it ends at the first NotProvider+),
 * min_up if none is; max_down and min_down likewise from the other end.
 *
 *     from a customer or peer    the whole path must be an up-ramp
 *     from a provider            the two ramps must meet: a gap of one hop is the crossing at the top
 *
 * One pass in wire order does it. The AS at k, seen once, asks its own ASPA about both neighbours: about k-1, which
 * is a step of the up-ramp, and about k+1, a step of the down-ramp. The down-ramp ends at the *first* k that fails and
 * then has k+1 ASes; the up-ramp, built from the far end, at the *last* k that fails and then has N-k ASes. So eight
 * lines of counting, whatever the procedure, and N may become known only at the end.
 *
 * Prepends are one AS. Segments of the own confederation are jumped over. AS 0 is nobody's provider, and AS0 beside
 * other providers means nothing.
 */

#include "check/aspa_why.h"

#include "data/snapshot.h"
#include "net/path_walk.h"

#include "base/cc.h"

#include <assert.h>
#include <string.h>

/*
 * A batch meets the same transit ASes over and over: what was found last stays at hand in a table of one place a slot.
 * All zero it says that AS 0 has no ASPA, which is so. Measured: half the time of a batch at full adoption.
 */
#define MEMO_BITS 10
struct memo {
	const struct aspa_record *record;
	uint32_t asn;
};

/* What has been attested, and one attestation more that was not (customer 0: none). */
struct truth {
	const manrs_db *db;
	struct memo *memo; /* NULL: none */
	uint32_t customer, provider;
};

static inline const struct aspa_record *record_of(const struct truth *truth, uint32_t asn)
{
	struct memo *m;

	if (!truth->memo)
		return db_aspa(truth->db, asn);
	m = &truth->memo[asn * UINT32_C(2654435769) >> (32 - MEMO_BITS)];
	if (cc_unlikely(m->asn != asn)) {
		m->asn = asn;
		m->record = db_aspa(truth->db, asn);
	}
	return m->record;
}

/* Index of the first hop from `at` on that is an AS of its own, not one more of `asn` and not a confederation's. */
static inline uint32_t next_as(const manrs_path *path, uint32_t at, uint32_t asn, bool any)
{
	while (at < path->n &&
	       ((path->kind && kind_confed(path_kind(path, at))) || (!any && path->asn[at] == asn)))
		at++;
	return at;
}

/* A long list in ascending order: halving beats looking at all. */
static cc_noinline bool holds(const uint32_t *provider, uint32_t n, uint32_t asn)
{
	uint32_t lo = 0;

	assert(n);
	while (n > 1) {
		uint32_t half = n / 2;

		lo = provider[lo + half] <= asn ? lo + half : lo;
		n -= half;
	}
	return provider[lo] == asn;
}

/* Which of two AS numbers a list holds. */
struct held {
	bool prev, next;
};

/*
 * Real lists are short, and a step of a loop costs less than mispredicting how many there will be: up to three entries
 * without a loop, up to a few dozen four at a time, where the last four may overlap those before.
 */
static inline struct held look_up(const struct aspa_record *r, uint32_t prev, uint32_t next)
{
	const uint32_t *list = r->provider;
	const int32_t a = (int32_t)prev, b = (int32_t)next;
	cc_i32x4 four, prevs = {a, a, a, a}, nexts = {b, b, b, b}, p = {0}, q = {0};

	assert(r->n); /* db_aspa gives none without */
	if (r->n < 4) {
		uint32_t first = list[0], second = list[r->n > 1], last = list[r->n - 1];

		return (struct held){(first == prev) | (second == prev) | (last == prev),
				     (first == next) | (second == next) | (last == next)};
	}
	if (cc_unlikely(r->n > 32))
		return (struct held){holds(list, r->n, prev), holds(list, r->n, next)};
	for (uint32_t i = 0; i < r->n; i += 4) {
		memcpy(&four, list + (i + 4 < r->n ? i : r->n - 4), sizeof four);
		p |= four == prevs;
		q |= four == nexts;
	}
	return (struct held){(p[0] | p[1] | p[2] | p[3]) != 0, (q[0] | q[1] | q[2] | q[3]) != 0};
}

/* What one AS says of its two neighbours, enum manrs_aspa_auth. */
struct says {
	unsigned prev, next;
};

static inline struct says ask(const struct truth *truth, uint32_t asn, uint32_t prev, uint32_t next)
{
	const struct aspa_record *r = record_of(truth, asn);
	bool more = cc_unlikely(truth->customer == asn) && asn;
	struct held held = {false, false};

	if (!r && !more)
		return (struct says){MANRS_ASPA_NO_ATTESTATION, MANRS_ASPA_NO_ATTESTATION};
	if (r)
		held = look_up(r, prev, next);
	held.prev = (held.prev || (more && prev == truth->provider)) && prev;
	held.next = (held.next || (more && next == truth->provider)) && next;
	return (struct says){held.prev ? MANRS_ASPA_PROVIDER : MANRS_ASPA_NOT_PROVIDER,
			     held.next ? MANRS_ASPA_PROVIDER : MANRS_ASPA_NOT_PROVIDER};
}

static inline void count_ramps(const struct truth *truth, const manrs_path *path,
			       manrs_aspa_ramps *ramps)
{
	uint32_t max_up = 0, min_up = 0;                       /* the last k that fails, 0: none */
	uint32_t max_down = UINT32_MAX, min_down = UINT32_MAX; /* the first k that fails, plus 1 */
	uint32_t at = next_as(path, 0, 0, true), k = 0, prev = 0;
	bool last;

	assert(at < path->n); /* reason_before saw an AS that is no confederation's */
	do {
		uint32_t asn = path->asn[at], next;
		struct says s;

		at = next_as(path, at + 1, asn, false);
		last = at == path->n;
		next = last ? 0 : path->asn[at];
		s = ask(truth, asn, prev, next);
		max_up = s.prev == MANRS_ASPA_NOT_PROVIDER ? k : max_up;
		min_up = s.prev != MANRS_ASPA_PROVIDER ? k : min_up;
		k++;
		max_down = s.next == MANRS_ASPA_NOT_PROVIDER && k < max_down ? k : max_down;
		min_down = s.next != MANRS_ASPA_PROVIDER && k < min_down ? k : min_down;
		prev = asn;
	} while (!last);
	/* k = 0 failed for want of a neighbour, and so did the last: both come to N */
	*ramps = (manrs_aspa_ramps){.n = k,
				    .max_up = k - max_up,
				    .min_up = k - min_up,
				    .max_down = max_down < k ? max_down : k,
				    .min_down = min_down < k ? min_down : k};
	assert(ramps->min_up && ramps->min_up <= ramps->max_up && ramps->max_up <= k);
	assert(ramps->min_down && ramps->min_down <= ramps->max_down && ramps->max_down <= k);
}

/* ---- the procedures ---- */

/* enum manrs_aspa_reason for what ends a procedure before the ramps; NONE: there is a path to look at. */
static inline int reason_before(const manrs_path *path, uint32_t neighbour_asn, int role,
				uint32_t flags)
{
	bool any = flags & MANRS_ASPA_ANY_NEIGHBOUR || role == MANRS_ROLE_RS;
	bool ours = false, confed = false;

	if (role < MANRS_ROLE_CUSTOMER || role > MANRS_ROLE_RS_CLIENT || !path_ok(path) ||
	    flags & ~(MANRS_ASPA_ANY_NEIGHBOUR | MANRS_ASPA_CONFED))
		return MANRS_ASPA_REASON_MALFORMED;
	if (path->n == 0)
		return MANRS_ASPA_REASON_EMPTY;
	if (!any && path->asn[0] != neighbour_asn)
		return MANRS_ASPA_REASON_NEIGHBOUR;
	if (!path->kind)
		return MANRS_ASPA_REASON_NONE;
	for (uint32_t i = 0; i < path->n; i++) {
		unsigned kind = path_kind(path, i);

		/* RFC 9774 section 3: both are treat-as-withdraw, whoever sent them */
		if (kind == MANRS_SEGMENT_SET || kind == MANRS_SEGMENT_CONFED_SET)
			return MANRS_ASPA_REASON_SET;
		ours |= kind == MANRS_SEGMENT_SEQUENCE;
		confed |= kind == MANRS_SEGMENT_CONFED_SEQUENCE;
	}
	if (confed && !(flags & MANRS_ASPA_CONFED))
		return MANRS_ASPA_REASON_CONFED;
	return ours ? MANRS_ASPA_REASON_NONE : MANRS_ASPA_REASON_EMPTY;
}

int aspa_reason_before(const manrs_path *path, uint32_t neighbour_asn, int role, uint32_t flags)
{
	return reason_before(path, neighbour_asn, role, flags);
}

/* From a customer or a peer, or by way of a route server. */
static inline int upstream(const manrs_aspa_ramps *r)
{
	return r->max_up < r->n   ? MANRS_ASPA_INVALID
	       : r->min_up < r->n ? MANRS_ASPA_UNKNOWN
				  : MANRS_ASPA_VALID;
}

/* From a provider. Ramps may overlap, so that their sum needs more than 32 bits. */
static inline int downstream(const manrs_aspa_ramps *r)
{
	return (uint64_t)r->max_up + r->max_down < r->n   ? MANRS_ASPA_INVALID
	       : (uint64_t)r->min_up + r->min_down < r->n ? MANRS_ASPA_UNKNOWN
							  : MANRS_ASPA_VALID;
}

static inline int state_of(const manrs_aspa_ramps *ramps, int role)
{
	return role == MANRS_ROLE_PROVIDER ? downstream(ramps) : upstream(ramps);
}

static inline int verify(const struct truth *truth, const manrs_path *path, uint32_t neighbour_asn,
			 int role, uint32_t flags)
{
	int reason = reason_before(path, neighbour_asn, role, flags);
	manrs_aspa_ramps ramps;

	if (reason != MANRS_ASPA_REASON_NONE)
		return reason == MANRS_ASPA_REASON_MALFORMED ? MANRS_ASPA_MALFORMED
							     : MANRS_ASPA_INVALID;
	count_ramps(truth, path, &ramps);
	return state_of(&ramps, role);
}

int manrs_aspa_check(const manrs_db *db, const manrs_path *path, uint32_t neighbour_asn, int role,
		     uint32_t flags)
{
	struct truth truth = {.db = db};

	return verify(&truth, path, neighbour_asn, role, flags);
}

int manrs_aspa_check_many(const manrs_db *db, const manrs_paths *paths,
			  const uint32_t *neighbour_asn, const uint8_t *role, uint32_t flags,
			  uint8_t *states)
{
	struct memo memo[1u << MEMO_BITS];
	struct truth truth = {.db = db, .memo = paths->n > 16 ? memo : NULL};
	size_t step = flags & MANRS_ASPA_COMMON ? 0 : 1;
	int rc = MANRS_OK;

	if (truth.memo)
		memset(memo, 0, sizeof memo);
	flags &= ~MANRS_ASPA_COMMON;
	for (size_t i = 0; i < paths->n; i++) {
		manrs_path path = path_at(paths, i);
		uint32_t neighbour = neighbour_asn ? neighbour_asn[i * step] : 0;

		states[i] = (uint8_t)verify(&truth, &path, neighbour, role[i * step], flags);
		if (states[i] == MANRS_ASPA_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

static inline int verify_both(const struct truth *truth, const manrs_path *path, uint32_t flags,
			      uint8_t *up, uint8_t *down)
{
	int reason = reason_before(path, 0, MANRS_ROLE_RS, flags);
	manrs_aspa_ramps ramps;

	if (reason != MANRS_ASPA_REASON_NONE) {
		*up = *down = reason == MANRS_ASPA_REASON_MALFORMED ? MANRS_ASPA_MALFORMED
								    : MANRS_ASPA_INVALID;
		return reason == MANRS_ASPA_REASON_MALFORMED ? MANRS_EINVAL : MANRS_OK;
	}
	count_ramps(truth, path, &ramps);
	*up = (uint8_t)upstream(&ramps);
	*down = (uint8_t)downstream(&ramps);
	assert(*up != MANRS_ASPA_VALID ||
	       *down == MANRS_ASPA_VALID); /* a ramp up alone is a path */
	assert(*down != MANRS_ASPA_INVALID || *up == MANRS_ASPA_INVALID);
	return MANRS_OK;
}

int manrs_aspa_both(const manrs_db *db, const manrs_path *path, uint32_t flags, uint8_t *up,
		    uint8_t *down)
{
	struct truth truth = {.db = db};

	return verify_both(&truth, path, flags, up, down);
}

int manrs_aspa_both_many(const manrs_db *db, const manrs_paths *paths, uint32_t flags, uint8_t *up,
			 uint8_t *down)
{
	struct memo memo[1u << MEMO_BITS];
	struct truth truth = {.db = db, .memo = paths->n > 16 ? memo : NULL};
	int rc = MANRS_OK;

	if (truth.memo)
		memset(memo, 0, sizeof memo);
	for (size_t i = 0; i < paths->n; i++) {
		manrs_path path = path_at(paths, i);

		if (verify_both(&truth, &path, flags, &up[i], &down[i]) != MANRS_OK)
			rc = MANRS_EINVAL;
	}
	return rc;
}

/* ---- why ---- */

struct telling {
	const manrs_db *db;
	const manrs_path *path;
	int role;
	manrs_aspa_hop *hops;
	size_t n, cap;
	bool denied; /* of NotProvider+ hops alone, and not what would be */
};

/* Tell of a hop; what would be if it were attested is found by walking the path again as if it were. */
static void tell(struct telling *t, uint32_t customer_at, uint32_t provider_at, unsigned auth,
		 bool down)
{
	uint32_t customer = t->path->asn[customer_at], provider = t->path->asn[provider_at];
	struct truth truth = {.db = t->db, .customer = customer, .provider = provider};
	manrs_aspa_ramps ramps;

	if (auth == MANRS_ASPA_PROVIDER || (t->denied && auth != MANRS_ASPA_NOT_PROVIDER))
		return;
	if (t->n < t->cap) {
		t->hops[t->n] = (manrs_aspa_hop){.customer = customer,
						 .provider = provider,
						 .customer_at = customer_at,
						 .provider_at = provider_at,
						 .auth = (uint8_t)auth,
						 .down = down};
		if (!t->denied) {
			count_ramps(&truth, t->path, &ramps);
			t->hops[t->n].would = (uint8_t)state_of(&ramps, t->role);
		}
	}
	t->n++;
}

/*
 * All hops (k, k+1) of a path that is not valid. Below the foot of the certain down-ramp (k + 1 < min_down) it does not
 * matter that the up-ramp fails, and the other way round; from a customer or peer only the up-ramp matters.
 */
static void tell_all(struct telling *t, const manrs_aspa_ramps *ramps)
{
	const manrs_path *path = t->path;
	struct truth truth = {.db = t->db};
	uint32_t at = next_as(path, 0, 0, true);
	bool two = t->role == MANRS_ROLE_PROVIDER;

	for (uint32_t k = 0; k + 1 < ramps->n; k++) {
		uint32_t next = next_as(path, at + 1, path->asn[at], false), end = next - 1;
		uint32_t upper = path->asn[at], lower = path->asn[next];

		while (path->kind && kind_confed(path_kind(path, end)))
			end--;
		if (!two || k + 1 >= ramps->min_down)
			tell(t, next, end, ask(&truth, lower, upper, 0).prev, false);
		if (two && k + ramps->min_up < ramps->n)
			tell(t, end, next, ask(&truth, upper, 0, lower).next, true);
		at = next;
	}
}

size_t manrs_aspa_hops(const manrs_db *db, const manrs_path *path, uint32_t neighbour_asn, int role,
		       uint32_t flags, manrs_aspa_ramps *ramps, manrs_aspa_hop *hops, size_t cap)
{
	struct telling t = {db, path, role, hops, 0, cap, false};
	struct truth truth = {.db = db};
	int reason = reason_before(path, neighbour_asn, role, flags);

	*ramps = (manrs_aspa_ramps){.state = MANRS_ASPA_INVALID, .reason = (uint8_t)reason};
	if (reason == MANRS_ASPA_REASON_MALFORMED)
		ramps->state = MANRS_ASPA_MALFORMED;
	if (reason != MANRS_ASPA_REASON_NONE)
		return 0;
	count_ramps(&truth, path, ramps);
	ramps->state = (uint8_t)state_of(ramps, role);
	if (ramps->state == MANRS_ASPA_VALID)
		return 0;
	ramps->reason = ramps->state == MANRS_ASPA_INVALID ? MANRS_ASPA_REASON_HOPS
							   : MANRS_ASPA_REASON_NO_ATTESTATION;
	tell_all(&t, ramps);
	return t.n;
}

bool aspa_denied(const manrs_db *db, const manrs_path *path, int role, manrs_aspa_hop *hop)
{
	struct telling t = {db, path, role, hop, 0, 1, true};
	struct truth truth = {.db = db};
	manrs_aspa_ramps ramps;

	count_ramps(&truth, path, &ramps);
	tell_all(&t, &ramps);
	return t.n > 0;
}

const char *manrs_aspa_text(int state)
{
	static const char *const text[] = {"unknown", "valid", "invalid", "malformed"};

	return state >= MANRS_ASPA_UNKNOWN && state <= MANRS_ASPA_MALFORMED ? text[state] : "";
}

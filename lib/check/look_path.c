/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of manrs_check that ask about the AS path. Most read the report of manrs_path_check, made once for the
 * path; the lists of ASes are searched only where the filter says that a hop may be on one.
 */

#include "check/aspa_why.h"
#include "check/look.h"

#include "data/snapshot.h"
#include "net/path_walk.h"

int test_bogon_asn(const struct look *l, manrs_finding *f)
{
	static const uint8_t bad[] = {MANRS_PATH_ZERO, MANRS_PATH_TRANS, MANRS_PATH_RESERVED,
				      MANRS_PATH_DOCUMENTATION, MANRS_PATH_PRIVATE};
	size_t n = sizeof bad - (l->policy->flags & MANRS_POLICY_PRIVATE_ASN ? 1 : 0);
	uint32_t first = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (look_found(l, bad[i]) && l->report.at[bad[i]] < first)
			first = l->report.at[bad[i]];
	if (first == UINT32_MAX)
		return MANRS_CODE_BOGON_ASN_NONE;
	return look_hop(l, f, first, MANRS_CODE_BOGON_ASN_FOUND);
}

int test_path_loop(const struct look *l, manrs_finding *f)
{
	if (look_found(l, MANRS_PATH_LOCAL_AS))
		return look_hop(l, f, l->report.at[MANRS_PATH_LOCAL_AS],
				MANRS_CODE_PATH_LOOP_LOCAL);
	if (look_found(l, MANRS_PATH_LOOP))
		return look_hop(l, f, l->report.at[MANRS_PATH_LOOP], MANRS_CODE_PATH_LOOP_AGAIN);
	return MANRS_CODE_PATH_LOOP_NONE;
}

int test_path_set(const struct look *l, manrs_finding *f)
{
	if (look_found(l, MANRS_PATH_SET))
		return look_hop(l, f, l->report.at[MANRS_PATH_SET], MANRS_CODE_PATH_SET_AS_SET);
	if (look_found(l, MANRS_PATH_CONFED_SET))
		return look_hop(l, f, l->report.at[MANRS_PATH_CONFED_SET],
				MANRS_CODE_PATH_SET_CONFED_SET);
	if (look_found(l, MANRS_PATH_CONFED_SEQUENCE) &&
	    !(l->policy->flags & MANRS_POLICY_CONFED) && !(l->a->flags & MANRS_ANNOUNCE_INTERNAL))
		return look_hop(l, f, l->report.at[MANRS_PATH_CONFED_SEQUENCE],
				MANRS_CODE_PATH_SET_CONFED_SEQUENCE);
	return MANRS_CODE_PATH_SET_NONE;
}

int test_path_len(const struct look *l, manrs_finding *f)
{
	if (look_found(l, MANRS_PATH_EMPTY))
		return l->a->flags & MANRS_ANNOUNCE_INTERNAL ? MANRS_CODE_PATH_LEN_OK
							     : MANRS_CODE_PATH_LEN_EMPTY;
	if (look_found(l, MANRS_PATH_LENGTH)) {
		f->limit = l->policy->max_path;
		return look_hop(l, f, l->report.at[MANRS_PATH_LENGTH], MANRS_CODE_PATH_LEN_LONG);
	}
	if (look_found(l, MANRS_PATH_PREPEND)) {
		f->limit = l->policy->max_repeat;
		return look_hop(l, f, l->report.at[MANRS_PATH_PREPEND],
				MANRS_CODE_PATH_LEN_PREPENDS);
	}
	return MANRS_CODE_PATH_LEN_OK;
}

int test_path_reserved(const struct look *l, manrs_finding *f)
{
	if (look_found(l, MANRS_PATH_ZERO))
		return look_hop(l, f, l->report.at[MANRS_PATH_ZERO], MANRS_CODE_PATH_RESERVED_ZERO);
	if (look_found(l, MANRS_PATH_TRANS))
		return look_hop(l, f, l->report.at[MANRS_PATH_TRANS],
				MANRS_CODE_PATH_RESERVED_TRANS);
	if (look_found(l, MANRS_PATH_RESERVED))
		return look_hop(l, f, l->report.at[MANRS_PATH_RESERVED],
				MANRS_CODE_PATH_RESERVED_FOUND);
	return MANRS_CODE_PATH_RESERVED_NONE;
}

int test_first_as(const struct look *l, manrs_finding *f)
{
	uint32_t role = l->policy->role;

	f->asn[1] = l->egress ? l->policy->local_as : l->a->neighbour_asn;
	f->asn[0] = l->a->path.n ? l->a->path.asn[0] : 0;
	if (role == (l->egress ? MANRS_ROLE_RS_CLIENT : MANRS_ROLE_RS))
		return MANRS_CODE_FIRST_AS_WAIVED;
	if (l->egress ? !l->policy->local_as : l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR)
		return MANRS_CODE_FIRST_AS_UNKNOWN;
	if (look_same_as(l))
		return MANRS_CODE_FIRST_AS_SAME_AS;
	return look_found(l, MANRS_PATH_FIRST_AS) ? MANRS_CODE_FIRST_AS_OTHER
						  : MANRS_CODE_FIRST_AS_OK;
}

/*
 * Who gave us the path: the neighbour, but a route server hands on its clients' paths as they are. Of a neighbour that is
 * not known the first AS is all that there is: it can break a rule, but not keep one.
 */
static uint32_t sender(const struct look *l)
{
	bool hidden =
		l->policy->role == MANRS_ROLE_RS || (l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR);

	return hidden ? (l->a->path.n ? l->a->path.asn[0] : 0) : l->a->neighbour_asn;
}

int test_peerlock(const struct look *l, manrs_finding *f)
{
	int64_t hop;

	if (!l->policy->n_peerlocks)
		return MANRS_CODE_NO_LIST;
	if (!l->listed)
		return MANRS_CODE_PEERLOCK_OK;
	hop = manrs_peerlock_check(&l->a->path, sender(l), l->policy->peerlocks,
				   l->policy->n_peerlocks);
	if (hop >= 0) {
		f->asn[1] = sender(l);
		return look_hop(l, f, (uint32_t)hop, MANRS_CODE_PEERLOCK_BROKEN);
	}
	if (l->policy->role == MANRS_ROLE_RS || !(l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		return MANRS_CODE_PEERLOCK_OK;
	hop = manrs_peerlock_check(&l->a->path, 0, l->policy->peerlocks, l->policy->n_peerlocks);
	return hop < 0 ? MANRS_CODE_PEERLOCK_OK
		       : look_hop(l, f, (uint32_t)hop, MANRS_CODE_PEERLOCK_UNKNOWN);
}

/* The hops of the first AS: it may be transit-free itself, and prepend. */
static uint32_t leading_run(const manrs_path *path)
{
	uint32_t i = 0;

	while (i < path->n && path->asn[i] == path->asn[0])
		i++;
	return i;
}

int test_transit_free(const struct look *l, manrs_finding *f)
{
	int64_t hop;

	if (!l->policy->n_transit_free)
		return MANRS_CODE_NO_LIST;
	if (!l->listed)
		return MANRS_CODE_TRANSIT_FREE_NONE;
	hop = manrs_path_find(&l->a->path, leading_run(&l->a->path), l->policy->transit_free,
			      l->policy->n_transit_free);
	return hop < 0 ? MANRS_CODE_TRANSIT_FREE_NONE
		       : look_hop(l, f, (uint32_t)hop, MANRS_CODE_TRANSIT_FREE_FOUND);
}

int test_never_via_rs(const struct look *l, manrs_finding *f)
{
	int64_t hop;

	if (!l->policy->n_never_via_rs)
		return MANRS_CODE_NO_LIST;
	if (!l->listed)
		return MANRS_CODE_NEVER_VIA_RS_NONE;
	hop = manrs_path_find(&l->a->path, 0, l->policy->never_via_rs, l->policy->n_never_via_rs);
	return hop < 0 ? MANRS_CODE_NEVER_VIA_RS_NONE
		       : look_hop(l, f, (uint32_t)hop, MANRS_CODE_NEVER_VIA_RS_FOUND);
}

int test_aspa(const struct look *l, manrs_finding *f)
{
	static const uint8_t codes[] = {
		[MANRS_ASPA_REASON_NONE] = MANRS_CODE_ASPA_INVALID_HOPS,
		[MANRS_ASPA_REASON_MALFORMED] = MANRS_CODE_MALFORMED,
		[MANRS_ASPA_REASON_EMPTY] = MANRS_CODE_ASPA_INVALID_EMPTY,
		[MANRS_ASPA_REASON_NEIGHBOUR] = MANRS_CODE_ASPA_INVALID_NEIGHBOUR,
		[MANRS_ASPA_REASON_SET] = MANRS_CODE_ASPA_INVALID_SET,
		[MANRS_ASPA_REASON_CONFED] = MANRS_CODE_ASPA_INVALID_CONFED,
	};
	const manrs_path *path = &l->a->path;
	int role = (int)l->policy->role;
	bool same = look_same_as(l); /* then the first AS is not compared */
	uint32_t flags = look_aspa_flags(l) | (same ? MANRS_ASPA_ANY_NEIGHBOUR : 0);
	int reason = aspa_reason_before(path, l->a->neighbour_asn, role, flags);
	manrs_aspa_hop hop;
	int state;

	if (same && (reason == MANRS_ASPA_REASON_NONE || reason == MANRS_ASPA_REASON_EMPTY))
		return MANRS_CODE_ASPA_SAME_AS;
	if (reason != MANRS_ASPA_REASON_NONE)
		return codes[reason];
	if (!db_has(l->db, DB_ASPAS))
		return MANRS_CODE_NO_LIST;
	state = manrs_aspa_check(l->db, path, l->a->neighbour_asn, role, flags);
	if (state != MANRS_ASPA_INVALID)
		return state == MANRS_ASPA_VALID     ? MANRS_CODE_ASPA_VALID
		       : state == MANRS_ASPA_UNKNOWN ? MANRS_CODE_ASPA_UNKNOWN
						     : MANRS_CODE_MALFORMED;
	if (l->why && aspa_denied(l->db, path, role, &hop)) {
		f->hop = hop.customer_at;
		f->asn[0] = hop.customer;
		f->asn[1] = hop.provider;
	}
	return MANRS_CODE_ASPA_INVALID_HOPS;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions: their policies, and which of their routes are stale or dead (rib_state.h). */

#include "base/grow.h"
#include "rib/rib_state.h"

#define POLICY_LEAST GROW_LEAST(manrs_policy, denied)

int manrs_rib_session_init(manrs_rib_session *session, size_t size)
{
	manrs_rib_session none = {0};

	return grow_init(session, size, GROW_LEAST(manrs_rib_session, zero), &none, sizeof none)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

struct rib_session *rib_session_find(const manrs_rib *rib, uint32_t handle)
{
	struct rib_session *s;

	if (handle >= rib->sessions.n)
		return NULL;
	s = rib_session_at(rib, handle);
	return s->state == RIB_SESSION_OPEN ? s : NULL;
}

void rib_session_let_go(struct rib_session *s)
{
	assert(s->held > 0);
	if (--s->held == 0 && s->state == RIB_SESSION_REMOVED)
		s->state = RIB_SESSION_FREE;
}

void rib_session_count(struct rib_session *s, unsigned family, const struct rib_rec *rec,
		       const manrs_verdict *verdict, int n)
{
	struct rib_count *count =
		rec->generation == s->generation ? &s->fresh[family] : &s->stale[family];

	assert(!rib_dead(s, family, rec));
	count->routes += (uint64_t)(int64_t)n;
	count->fail += verdict->fail ? (uint64_t)(int64_t)n : 0;
}

/* ---- opening ---- */

static bool neighbour_ok(const manrs_rib_session *s)
{
	const uint32_t known =
		MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL | MANRS_ANNOUNCE_EGRESS;
	manrs_prefix none = {0};

	if (s->flags & ~known || s->zero)
		return false;
	if (s->neighbour_asn == 0 && !(s->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		return false;
	if (s->neighbour_address.family == 0)
		return !memcmp(&none, &s->neighbour_address, sizeof none);
	return prefix_ok(&s->neighbour_address) &&
	       s->neighbour_address.len == family_bits(s->neighbour_address.family);
}

static bool policy_take(manrs_policy *to, const manrs_policy *from)
{
	return from && grow_take(to, sizeof *to, POLICY_LEAST, from) &&
	       manrs_policy_check(to, NULL) == MANRS_OK;
}

/* A session that is free, made where there is none. returns: MANRS_OK, MANRS_ELIMIT, MANRS_ENOMEM */
static int session_free(manrs_rib *rib, struct rib_session **out)
{
	struct rib_session *s;

	for (uint32_t i = 0; rib->open < rib->sessions.n && i < rib->sessions.n; i++) {
		*out = rib_session_at(rib, i);
		if ((*out)->state == RIB_SESSION_FREE)
			return MANRS_OK;
	}
	if (rib->sessions.n >= rib->config.max_sessions)
		return MANRS_ELIMIT;
	if (!vec_reserve(&rib->mem, &rib->sessions, 1, sizeof s))
		return rib_refused(rib);
	s = mem_zalloc(&rib->mem, sizeof *s);
	if (!s)
		return rib_refused(rib);
	((struct rib_session **)rib->sessions.at)[rib->sessions.n] = s;
	s->handle = (uint32_t)rib->sessions.n++;
	*out = s;
	return MANRS_OK;
}

int manrs_rib_session_add(manrs_rib *rib, const manrs_rib_session *given)
{
	manrs_rib_session in;
	manrs_policy policy;
	struct rib_session *s = NULL;
	int rc;

	if (!grow_take(&in, sizeof in, GROW_LEAST(manrs_rib_session, zero), given) ||
	    !neighbour_ok(&in) || !policy_take(&policy, in.policy))
		return MANRS_EINVAL;
	rc = session_free(rib, &s);
	if (rc != MANRS_OK)
		return rc;
	*s = (struct rib_session){.policy = policy,
				  .neighbour_address = in.neighbour_address,
				  .neighbour_asn = in.neighbour_asn,
				  .flags = in.flags,
				  .state = RIB_SESSION_OPEN,
				  .handle = s->handle,
				  .generation = 1};
	rib->open++;
	return (int)s->handle;
}

int manrs_rib_session_set_policy(manrs_rib *rib, uint32_t session, const manrs_policy *given)
{
	struct rib_session *s = rib_session_find(rib, session);
	manrs_policy policy;

	if (!policy_take(&policy, given))
		return MANRS_EINVAL;
	if (!s)
		return MANRS_ENOENT;
	s->policy = policy;
	if (s->held)
		s->lap = rib_sweep_ask(rib);
	return MANRS_OK;
}

const manrs_policy *manrs_rib_policy(const manrs_rib *rib, uint32_t session)
{
	const struct rib_session *s = rib_session_find(rib, session);

	return s ? &s->policy : NULL;
}

int manrs_rib_session_routes(const manrs_rib *rib, uint32_t session, uint64_t *routes,
			     uint64_t *fail)
{
	const struct rib_session *s = rib_session_find(rib, session);

	if (!s)
		return MANRS_ENOENT;
	*routes = *fail = 0;
	for (unsigned f = 0; f < 2; f++) {
		*routes += s->fresh[f].routes + s->stale[f].routes;
		*fail += s->fresh[f].fail + s->stale[f].fail;
	}
	return MANRS_OK;
}

/* ---- stale and dead ---- */

/* A new generation of announcements begins. */
static int next_generation(struct rib_session *s)
{
	if (s->held == 0) {
		s->generation = 1;
		s->dead[0] = s->dead[1] = 0;
		return MANRS_OK;
	}
	if (s->generation == UINT32_MAX)
		return MANRS_EBUSY;
	for (unsigned f = 0; f < 2; f++) {
		s->stale[f].routes += s->fresh[f].routes;
		s->stale[f].fail += s->fresh[f].fail;
		s->fresh[f] = (struct rib_count){0};
	}
	s->generation++;
	return MANRS_OK;
}

/* What is stale of a family is dead. */
static void stale_die(manrs_rib *rib, struct rib_session *s, unsigned family)
{
	if (s->stale[family].routes == 0)
		return;
	s->dead[family] = s->generation - 1;
	s->stale[family] = (struct rib_count){0};
	rib_sweep_ask(rib);
}

int manrs_rib_session_refresh(manrs_rib *rib, uint32_t session)
{
	struct rib_session *s = rib_session_find(rib, session);

	return s ? next_generation(s) : MANRS_ENOENT;
}

int manrs_rib_end_of_rib(manrs_rib *rib, uint32_t session, int family)
{
	struct rib_session *s = rib_session_find(rib, session);

	if (family != 4 && family != 6)
		return MANRS_EINVAL;
	if (!s)
		return MANRS_ENOENT;
	stale_die(rib, s, family == 6);
	return MANRS_OK;
}

int manrs_rib_session_down(manrs_rib *rib, uint32_t session)
{
	struct rib_session *s = rib_session_find(rib, session);
	int rc = s ? next_generation(s) : MANRS_ENOENT;

	if (rc != MANRS_OK)
		return rc;
	stale_die(rib, s, 0);
	stale_die(rib, s, 1);
	return MANRS_OK;
}

int manrs_rib_session_remove(manrs_rib *rib, uint32_t session)
{
	struct rib_session *s = rib_session_find(rib, session);

	if (!s)
		return MANRS_ENOENT;
	s->state = s->held ? RIB_SESSION_REMOVED : RIB_SESSION_FREE;
	rib->open--;
	if (s->held)
		rib_sweep_ask(rib);
	return MANRS_OK;
}

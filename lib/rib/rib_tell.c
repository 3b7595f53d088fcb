/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of verdicts, in a ring until they are pulled. Whoever may make some asks for room first, so that none is lost. */

#include "rib/rib_state.h"

#include "base/cc.h"
#include <manrs/explain.h>

#define FIRST_CHANGES 64u

/* Double the ring. false: refused */
static bool ring_grow(manrs_rib *rib)
{
	uint64_t cap = rib->change_cap ? (uint64_t)rib->change_cap * 2 : FIRST_CHANGES;
	manrs_rib_change *new;

	cap = cap < rib->config.max_changes ? cap : rib->config.max_changes;
	if (cap > SIZE_MAX / sizeof *new)
		return false;
	new = mem_alloc(&rib->mem, (size_t)cap * sizeof *new);
	if (!new)
		return false;
	for (uint32_t i = 0; i < rib->change_n; i++)
		new[i] = rib->change[(rib->change_first + i) % rib->change_cap];
	mem_free(&rib->mem, rib->change, rib->change_cap * sizeof *new);
	rib->change = new;
	rib->change_cap = (uint32_t)cap;
	rib->change_first = 0;
	return true;
}

bool rib_tell_init(manrs_rib *rib)
{
	return ring_grow(rib);
}

size_t rib_room(manrs_rib *rib, size_t want)
{
	size_t room;

	while (rib->change_cap - rib->change_n < want &&
	       rib->change_cap < rib->config.max_changes && ring_grow(rib))
		continue;
	room = rib->change_cap - rib->change_n;
	rib->over = false; /* what there is will do */
	return room < want ? room : want;
}

/* The first test that fails now and did not, else passes now and did not, else differs. */
static int test_of(const manrs_verdict *before, const manrs_verdict *after)
{
	uint64_t fail = after->fail & ~before->fail, pass = after->pass & ~before->pass;
	uint64_t differs = (after->fail ^ before->fail) | (after->pass ^ before->pass) |
			   (after->unknown ^ before->unknown);
	uint64_t first = fail ? fail : pass ? pass : differs;

	return first ? (int)cc_ctz64(first) : 0;
}

void rib_tell(manrs_rib *rib, const struct rib_session *session, const manrs_announcement *a,
	      uint32_t path_id, const manrs_verdict *before, const manrs_verdict *after,
	      uint32_t kind)
{
	manrs_rib_change *c;
	manrs_finding finding;

	if (!(rib->config.report & kind))
		return;
	assert(rib->change_n < rib->change_cap);
	c = &rib->change[(rib->change_first + (uint64_t)rib->change_n++) % rib->change_cap];
	*c = (manrs_rib_change){.before = *before,
				.after = *after,
				.prefix = a->prefix,
				.session = session->handle,
				.path_id = path_id,
				.kind = kind};
	manrs_path_origin(&a->path, session->policy.local_as, &c->origin);
	if (kind == MANRS_RIB_WITHDRAWN)
		return;
	c->test = (uint32_t)test_of(before, after);
	manrs_finding_get(rib->db, &session->policy, a, (int)c->test, &finding);
	c->code = finding.code;
}

size_t manrs_rib_changes(manrs_rib *rib, manrs_rib_change *changes, size_t cap)
{
	size_t n = rib->change_n < cap ? rib->change_n : cap;

	for (size_t i = 0; i < n; i++)
		changes[i] = rib->change[(rib->change_first + i) % rib->change_cap];
	rib->change_n -= (uint32_t)n;
	rib->change_first =
		rib->change_n ? (uint32_t)((rib->change_first + n) % rib->change_cap) : 0;
	rib->told += n;
	return n;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes judged again. Those of one prefix are of many sessions, each with its policy; so a batch is sorted by session, and
 * manrs_check sees the routes of one at once.
 */

#include "rib/rib_state.h"

/* Routes come in order of prefix, and by session within one: as they are, if there is but one session. */
static void by_session(struct rib_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct rib_item item = items[i];
		size_t at = i;

		for (; at > 0 && items[at - 1].session->handle > item.session->handle; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* A route's verdict is now this one. returns: MANRS_OK, MANRS_ENOMEM: it is as it was */
static int now_is(manrs_rib *rib, const struct rib_item *item, const manrs_announcement *a,
		  const manrs_verdict *verdict)
{
	manrs_verdict before = *rib_verdict_at(&rib->verdicts, item->rec->verdict);
	uint32_t id;

	if (rib_verdict_same(&before, verdict))
		return MANRS_OK;
	id = rib_verdict_take(&rib->verdicts, verdict);
	if (id == RIB_VERDICT_NONE) {
		rib_refused(rib);
		return MANRS_ENOMEM;
	}
	rib_session_count(item->session, item->family, item->rec, &before, -1);
	rib_verdict_drop(&rib->verdicts, item->rec->verdict);
	item->rec->verdict = id;
	rib_session_count(item->session, item->family, item->rec, verdict, 1);
	rib_tell(rib, item->session, a, (uint32_t)item->key.rest, &before, verdict,
		 MANRS_RIB_CHANGED);
	return MANRS_OK;
}

int rib_judge(manrs_rib *rib, struct rib_item *items, size_t n)
{
	manrs_announcement a[RIB_BATCH];
	manrs_verdict verdicts[RIB_BATCH];
	int rc = MANRS_OK;

	assert(n <= RIB_BATCH);
	by_session(items, n);
	for (size_t i = 0, m; i < n && rc == MANRS_OK; i += m) {
		struct rib_session *s = items[i].session;

		for (m = 0; i + m < n && items[i + m].session == s; m++)
			rib_announcement(rib, &items[i + m], &a[m]);
		/* what is malformed has failed every test: its verdict is as good as any */
		manrs_check(rib->db, &s->policy, a, m, verdicts);
		rib->judged += m;
		for (size_t k = 0; k < m && rc == MANRS_OK; k++)
			rc = now_is(rib, &items[i + k], &a[k], &verdicts[k]);
	}
	return rc;
}

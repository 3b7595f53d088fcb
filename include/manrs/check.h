/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_CHECK_H
#define MANRS_CHECK_H

/*
 * Everything that an edge or a route server asks of an announcement, in one call. The policy: policy.h; why: explain.h.
 *
 *     announcement + policy + snapshot  ->  manrs_check  ->  verdict: every test passed, failed or unknown
 *                                           manrs_explain -> a sentence, or JSON, for one test of it
 *
 * threads: all calls: any thread, on one snapshot. A policy and what it points to are only read.
 */

#include <manrs/announce.h>
#include <manrs/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Three disjoint masks. Together: the tests asked for that apply to the direction. */
typedef struct manrs_verdict {
	uint64_t pass;
	uint64_t fail;
	uint64_t unknown;
} manrs_verdict;

/*
 * Test n announcements: verdicts[i] is every finding on announcements[i]. Announcements with one path (the same arrays) share
 * its part of the work however they lie in the batch, in windows of some thousands; verdicts is the room for that.
 * out:     verdicts[n], apart from announcements; what was in it does not matter
 * returns: MANRS_OK; MANRS_EINVAL if any announcement was malformed (it failed every test asked for that applies) or
 *          the policy was (all failed all)
 * cost:    no allocation, no lock
 */
MANRS_API int manrs_check(const manrs_db *db, const manrs_policy *policy,
			  const manrs_announcement *announcements, size_t n,
			  manrs_verdict *verdicts);

#ifdef __cplusplus
}
#endif

#endif

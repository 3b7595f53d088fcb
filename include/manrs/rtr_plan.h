/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTR_PLAN_H
#define MANRS_RTR_PLAN_H

/* PROVISIONAL. Several caches: which to be connected to, and whose data to judge by (RFC 8210 section 10). */

#include <manrs/rtr.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * UNION: connect to all, judge by all that are usable, united.
 * PREFERENCE: judge by all caches of the best preference that has a usable one, until a better has one. Connect to those and
 * to all that are better; to the next preference only when each cache of this one has failed, has said that it has no data
 * or has given none for a minute. One with data has failed when it is lost and not reached again: the next is then made
 * ready before that data expires.
 */
enum manrs_rtr_mode {
	MANRS_RTR_UNION = 1,      /* all that are usable */
	MANRS_RTR_PREFERENCE = 2, /* those of the best preference that has a usable one */
};

/*
 * What to do now; asked whenever an engine's status may have changed. A cache of which a whole set was applied is usable until
 * that expires, also when it is no longer to be connected to; so one set of data takes over from the other in one commit,
 * and no moment is without. One that is frozen, or has a response held by the guard, counts only if no other is usable.
 * in:      caches[n], n <= 64, each of a source of its own
 * out:     bit s of *connect, *use: source s; *use is for manrs_edit_use. A cache that is not to be connected to is left alone
 *          or closed; WANT_CONNECT of it is passed over
 * returns: MANRS_OK; MANRS_EINVAL: two of one source, or no such mode; both are 0 then
 */
MANRS_API int manrs_rtr_plan(const manrs_rtr *const *caches, size_t n, int mode, uint64_t *connect,
			     uint64_t *use);

#ifdef __cplusplus
}
#endif

#endif

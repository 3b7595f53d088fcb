/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of a RIB that come next, looked at before their turn: a RIB's sets of attributes lie all over the store, most of
 * its records have few entries, and to wait for the memory of each by itself is half of a lookup's time.
 *
 *     | record at hand      | record         | record              |  to the end of what the host gave
 *             entry   entry    entry   entry     entry
 *             |       taken            fetched   guessed                 guesses: a ring
 *
 * The ring is filled some entries at a time. Those that were guessed the last time are fetched then, for their places in the
 * store's table have come by now; and their sets come until they are taken.
 *
 * What comes of it is a guess of the store's (bgp_wire.h), known by the byte of the stream where the entry's attributes are.
 * The record is still read when its turn comes: one that is bad has guesses which nobody takes, and where the host gives other
 * bytes then, they are compared with a wrong set, and are looked up.
 */

#include "wire/mrt_reader.h"

_Static_assert(MRT_AHEAD >= 3 * MRT_FILL && (MRT_AHEAD & (MRT_AHEAD - 1)) == 0, "a ring");

void mrt_ahead_forget(manrs_mrt *mrt)
{
	mrt->ahead = (struct mrt_ahead){0};
}

void mrt_ahead_begin(manrs_mrt *mrt, size_t at, size_t n, bool ids)
{
	struct mrt_ahead *a = &mrt->ahead;

	if (a->at >= mrt->at + at)
		return; /* these were looked at */
	a->at = mrt->at + at;
	a->end = mrt->at + mrt->record.n;
	a->left = (uint32_t)n;
	a->ids = ids;
	a->taken = a->fetched = a->guessed;
}

/* The head of the next record, to its first entry; in becomes the record. returns: false: it is no RIB's, or is not all there */
static bool next_record(struct mrt_ahead *a, struct bytes *in)
{
	const uint8_t *bytes = bytes_take(in, MRT_HEAD);
	struct mrt_head head;

	if (!bytes || !mrt_head_read(&head, bytes) || head.length > bytes_left(in) ||
	    !mrt_rib_has_entries(&head, &a->ids))
		return false;
	a->end = a->at + MRT_HEAD + head.length;
	in->end = in->at + head.length;
	bytes_skip(in, 4); /* the sequence */
	bytes_skip(in, (bytes_get8(in) + 7) / 8);
	a->left = bytes_get16(in);
	return true;
}

/* The next entries of a record, at most up to number `most`. */
static void guess_entries(manrs_mrt *mrt, const manrs_bgp_session *session, struct bytes *in,
			  uint32_t most)
{
	struct mrt_ahead *a = &mrt->ahead;
	size_t head = a->ids ? 12 : 8;

	for (; a->left && a->guessed != most; a->left--) {
		const uint8_t *p = bytes_take(in, head);
		size_t n = p ? get16(p + head - 2) : 0;
		struct mrt_guess *g = &a->ring[a->guessed % MRT_AHEAD];

		p = bytes_take(in, n);
		if (in->bad) {
			a->left = 0;
			return;
		}
		g->at = mrt->at + bytes_at(in) - n;
		g->n = (uint32_t)n;
		bgp_store_guess(mrt->store, &g->guess, session, p, n);
		a->guessed++;
	}
}

/* The sets of those that were guessed the last time. */
static void fetch_sets(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record)
{
	struct mrt_ahead *a = &mrt->ahead;

	for (; a->fetched != a->guessed; a->fetched++) {
		struct mrt_guess *g = &a->ring[a->fetched % MRT_AHEAD];
		uint64_t at = g->at - mrt->at;

		if (at <= mrt->given && g->n <= mrt->given - at)
			bgp_store_fetch(mrt->store, &g->guess, session, record + at, g->n);
	}
}

void mrt_ahead_fill(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record)
{
	struct mrt_ahead *a = &mrt->ahead;
	uint32_t most = a->guessed + MRT_FILL;
	struct bytes in;

	assert(a->fetched - a->taken <= MRT_FILL && a->guessed - a->fetched <= MRT_FILL);
	fetch_sets(mrt, session, record);
	while (a->guessed != most) {
		in = bytes_of(record, mrt->given);
		if (!bytes_skip(&in, (size_t)(a->at - mrt->at)))
			return;
		if (!a->left && !next_record(a, &in))
			return;
		if (a->end - mrt->at > mrt->given)
			return;
		in.end = (size_t)(a->end - mrt->at);
		guess_entries(mrt, session, &in, most);
		a->at = a->left ? mrt->at + bytes_at(&in) : a->end;
	}
}

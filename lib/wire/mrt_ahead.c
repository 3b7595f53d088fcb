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
	struct mrt_rib rib;

	if (!bytes || !mrt_head_read(&head, bytes) || head.length > bytes_left(in) ||
	    head.type != MRT_TABLE_DUMP_V2 || !mrt_rib_of(&rib, head.subtype) || !rib.family)
		return false;
	a->ids = rib.ids;
	a->end = a->at + MRT_HEAD + head.length;
	in->end = in->at + head.length;
	bytes_skip(in, 4); /* the sequence */
	bytes_skip(in, (bytes_get8(in) + 7) / 8);
	a->left = bytes_get16(in);
	return true;
}

/* The next entries of a record, up to number `most`: where their attributes are. */
static void read_entries(manrs_mrt *mrt, struct bytes *in, uint32_t most)
{
	struct mrt_ahead *a = &mrt->ahead;
	size_t head = a->ids ? 12 : 8;

	for (; a->left && a->guessed != most; a->left--) {
		const uint8_t *p = bytes_take(in, head);
		uint32_t i = a->guessed % MRT_AHEAD;

		if (p)
			a->ring[i].n = get16(p + head - 2);
		a->place[i] = mrt->at + bytes_at(in);
		a->ring[i].bytes = bytes_take(in, a->ring[i].n);
		if (in->bad) {
			a->left = 0;
			return;
		}
		a->guessed++;
	}
}

/* Of the next records, as far as the host gave them; not of many, for there may be millions that have no entries. */
static void read_records(manrs_mrt *mrt, const uint8_t *record, uint32_t most)
{
	struct mrt_ahead *a = &mrt->ahead;

	for (unsigned i = 0; i < MRT_FILL && a->guessed != most; i++) {
		struct bytes in = bytes_of(record, mrt->given);

		if (a->at - mrt->at > mrt->given)
			return;
		in.at = (size_t)(a->at - mrt->at);
		if (!a->left && !next_record(a, &in))
			return;
		if (a->end - mrt->at > mrt->given)
			return;
		in.end = (size_t)(a->end - mrt->at);
		read_entries(mrt, &in, most);
		a->at = a->left ? mrt->at + bytes_at(&in) : a->end;
	}
}

/* Entries of the ring from number `from` on, at most to `end`, that stand in a row. */
static size_t in_a_row(uint32_t from, uint32_t end)
{
	uint32_t room = MRT_AHEAD - from % MRT_AHEAD;

	return end - from < room ? end - from : room;
}

/* The sets of those that were guessed the last time. Their bytes may be elsewhere by now, or not be there. */
static void fetch(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record)
{
	struct mrt_ahead *a = &mrt->ahead;

	while (a->fetched != a->guessed) {
		struct bgp_guess *g = &a->ring[a->fetched % MRT_AHEAD];
		const uint64_t *place = &a->place[a->fetched % MRT_AHEAD];
		size_t n = in_a_row(a->fetched, a->guessed);
		bool there =
			place[0] >= mrt->at && place[n - 1] + g[n - 1].n <= mrt->at + mrt->given;

		for (size_t i = 0; i < n; i++)
			g[i].bytes = there ? record + (place[i] - mrt->at) : NULL;
		bgp_store_fetch(mrt->store, session, g, n);
		a->fetched += (uint32_t)n;
	}
}

void mrt_ahead_fill(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record)
{
	struct mrt_ahead *a = &mrt->ahead;
	uint32_t from = a->guessed;

	fetch(mrt, session, record);
	read_records(mrt, record, from + (uint32_t)in_a_row(from, from + MRT_FILL));
	bgp_store_guess(mrt->store, session, &a->ring[from % MRT_AHEAD], a->guessed - from);
	if (a->fetched == a->taken)
		fetch(mrt, session, record); /* needed now */
}

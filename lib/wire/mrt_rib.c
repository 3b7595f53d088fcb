/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RIBs: TABLE_DUMP_V2 with its table of peers, and TABLE_DUMP.
 *
 *     PEER_INDEX_TABLE   collector(4) n(2) view | n(2) peers: type(1) id(4) address(4, 16) AS(2, 4)
 *     RIB                sequence(4) prefix     | n(2) entries: peer(2) time(4) [path id(4)] n(2) attributes
 *     RIB_GENERIC        sequence(4) AFI(2) SAFI(1) prefix | the same
 *     TABLE_DUMP         view(2) sequence(2)    | entries: prefix(4, 16) length(1) status(1) time(4) address AS n(2) attributes
 *
 * The entries of a record are walked once for their heads. Then their sets of attributes are looked up, with what mrt_ahead.c
 * has fetched of them. An entry whose attributes are malformed stays an entry.
 *
 * Invariant: of a RIB's record every entry has its set, and a peer of the table.
 *
 * source: RFC 6396 sections 4.2 and 4.3; RFC 8050 section 4
 */

#include "wire/mrt_reader.h"

#include "net/bits.h"

#define PEER_INDEX_TABLE 1

/*
 * How a RIB's attributes are read: it is what the collector made of them, so LOCAL_PREF counts, and confederations are judged
 * by who knows whose it is.
 */
static manrs_bgp_session rib_session(const manrs_mrt *mrt, uint32_t as4)
{
	return (manrs_bgp_session){.flags = as4 | MANRS_BGP_DUMP | MANRS_BGP_INTERNAL |
					    MANRS_BGP_CONFED |
					    (mrt->config.flags & MANRS_BGP_GUESS)};
}

/* ---- peers ---- */

static bool read_peer(struct bytes *in, manrs_mrt_peer *peer)
{
	unsigned type = bytes_get8(in);

	*peer = (manrs_mrt_peer){.bgp_id = bytes_get32(in)};
	peer->address = mrt_address(in, type & 1 ? 6 : 4);
	peer->asn = type & 2 ? bytes_get32(in) : bytes_get16(in);
	return !in->bad;
}

static int read_peers(manrs_mrt *mrt, struct bytes *in)
{
	uint32_t collector = bytes_get32(in);
	struct bytes view = bytes_part(in, bytes_get16(in));
	unsigned n = bytes_get16(in);
	struct vec were = mrt->peers;
	manrs_mrt_peer *peer;

	mrt->record.kind = MANRS_MRT_PEERS;
	mrt->spare.n = 0;
	if (!vec_reserve(&mrt->mem, &mrt->view, bytes_left(&view), 1))
		return MANRS_ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		peer = vec_push(&mrt->mem, &mrt->spare, sizeof *peer);
		if (!peer)
			return MANRS_ENOMEM;
		if (!read_peer(in, peer))
			break;
	}
	if (in->bad)
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "the table of peers is cut short");
	if (bytes_left(in))
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "bytes behind the last peer");
	mrt->peers = mrt->spare;
	mrt->spare = were;
	mrt->view.n = bytes_left(&view);
	if (mrt->view.n)
		memcpy(mrt->view.at, view.from + view.at, mrt->view.n);
	mrt->collector = collector;
	mrt->has_peers = true;
	return MANRS_OK;
}

/* ---- entries ---- */

/* The sets of all entries, the last thing that can go wrong with a record. */
static int look_up(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record)
{
	struct mrt_entry *e = mrt->entries.at, *end = e + mrt->entries.n;
	size_t malformed = 0, right = 0;
	int rc = MANRS_OK;

	for (; e < end && rc == MANRS_OK; e++) {
		const uint8_t *bytes = record + e->at;
		struct bgp_guess own = {.bytes = bytes, .n = e->n};
		const struct bgp_guess *guess = mrt_ahead_take(mrt, session, record, e->at);

		if (!guess) {
			bgp_store_guess(mrt->store, session, &own, 1);
			guess = &own;
		}
		if (bgp_guess_is(guess, session, bytes, e->n)) {
			e->attrs = guess->attrs;
			right++;
		} else {
			rc = bgp_store_find(mrt->store, &e->attrs, session, bytes, e->n, guess);
			if (rc != MANRS_OK)
				rc = mrt_store_said(mrt, rc, e->at);
		}
		malformed += rc == MANRS_OK && e->attrs->action > MANRS_BGP_DISCARD;
	}
	bgp_store_hit(mrt->store, right);
	if (rc == MANRS_OK)
		mrt->stats.malformed += malformed;
	return rc;
}

static bool read_entry(struct bytes *in, struct mrt_entry *e, bool ids)
{
	const uint8_t *head = bytes_take(in, ids ? 12 : 8);

	if (!head)
		return false;
	e->peer = get16(head);
	e->time_s = get32(head + 2);
	e->path_id = ids ? get32(head + 6) : 0;
	e->n = get16(head + (ids ? 10 : 6));
	e->at = (uint32_t)bytes_at(in);
	e->attrs = NULL;
	return bytes_skip(in, e->n);
}

/* The entries' heads. */
static int read_entries(manrs_mrt *mrt, struct bytes *in, size_t n)
{
	struct mrt_entry *e;

	mrt->entries.n = 0;
	if (in->bad || n > bytes_left(in) / 8) /* of an entry at least */
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in),
			       "more entries than the record has bytes for");
	if (!vec_reserve(&mrt->mem, &mrt->entries, n, sizeof *e))
		return MANRS_ENOMEM;
	for (e = mrt->entries.at; mrt->entries.n < n; e++, mrt->entries.n++) {
		size_t at = bytes_at(in);

		if (!read_entry(in, e, mrt->ids))
			return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "an entry is cut short");
		if (e->peer >= mrt->peers.n)
			return mrt_bad(mrt, MANRS_ERANGE, at,
				       "the entry's peer is not in the table");
	}
	if (bytes_left(in))
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "bytes behind the last entry");
	return MANRS_OK;
}

static int read_rib(manrs_mrt *mrt, struct bytes *in, int family, bool ids)
{
	manrs_bgp_session session = rib_session(mrt, MANRS_BGP_AS4);
	manrs_mrt_record *r = &mrt->record;
	uint32_t path_id;
	size_t n, at;
	int rc;

	if (!mrt->has_peers)
		return mrt_bad(mrt, MANRS_ESTATE, bytes_at(in), "no table of peers came before it");
	if (!bgp_nlri_next(in, family, false, &r->prefix, &path_id))
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "the prefix cannot be read");
	mrt->ids = ids;
	mrt->rows.n = 0;
	n = bytes_get16(in);
	at = bytes_at(in);
	rc = read_entries(mrt, in, n);
	if (rc != MANRS_OK)
		return rc;
	mrt_ahead_begin(mrt, at, n, ids);
	rc = look_up(mrt, &session, in->from);
	if (rc != MANRS_OK)
		return rc;
	r->entries = (uint32_t)mrt->entries.n;
	r->kind = MANRS_MRT_RIB;
	return MANRS_OK;
}

int mrt_table_dump_v2(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;
	struct mrt_rib rib;
	unsigned afi, safi;

	if (r->subtype == PEER_INDEX_TABLE)
		return read_peers(mrt, in);
	if (!mrt_rib_of(&rib, r->subtype))
		return MANRS_OK; /* multicast, GEO_PEER_TABLE */
	r->sequence = bytes_get32(in);
	if (!rib.family) {
		afi = bytes_get16(in);
		safi = bytes_get8(in);
		if (in->bad)
			return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "the record is too short");
		if (safi != 1 || afi < 1 || afi > 2)
			return MANRS_OK; /* OTHER; section 4.3.3: the rest of the record is passed over */
		rib.family = afi == 1 ? 4 : 6;
	}
	return read_rib(mrt, in, rib.family, rib.ids);
}

/* ---- TABLE_DUMP ---- */

/* One entry, and where its attributes lie. */
static int read_row(manrs_mrt *mrt, struct bytes *in, int family, bool as4)
{
	struct mrt_entry *e = vec_push(&mrt->mem, &mrt->entries, sizeof *e);
	struct mrt_row *row = vec_push(&mrt->mem, &mrt->rows, sizeof *row);
	unsigned width = family == 4 ? 32 : 128;
	size_t at = bytes_at(in) + width / 8;

	if (!e || !row)
		return MANRS_ENOMEM;
	row->prefix = mrt_address(in, family);
	row->prefix.len = row->prefix.maxlen = (uint8_t)bytes_get8(in);
	bytes_skip(in, 1); /* status, which says nothing */
	*e = (struct mrt_entry){.time_s = bytes_get32(in)};
	row->address = mrt_address(in, family);
	row->asn = as4 ? bytes_get32(in) : bytes_get16(in);
	e->n = bytes_get16(in);
	e->at = (uint32_t)bytes_at(in);
	bytes_skip(in, e->n);
	if (in->bad)
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "an entry is cut short");
	if (row->prefix.len > width)
		return mrt_bad(mrt, MANRS_ERANGE, at, "the prefix's length is out of range");
	addr_mask(row->prefix.addr, row->prefix.len);
	return MANRS_OK;
}

/*
 * Subtypes are AFIs; 3 and 4 are those with peers of 4-octet AS numbers, as bgpdump knows them. What is behind an entry is one
 * more: the view and the sequence stand once, at the front of the batch, as MRTd wrote it.
 */
int mrt_table_dump(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;
	bool as4 = r->subtype > 2;
	manrs_bgp_session session = rib_session(mrt, as4 ? MANRS_BGP_AS4 : 0);
	int rc = MANRS_OK;

	if (r->subtype < 1 || r->subtype > 4)
		return MANRS_OK;
	bytes_skip(in, 2);
	r->sequence = bytes_get16(in);
	mrt->ids = false;
	mrt->entries.n = mrt->rows.n = 0;
	do
		rc = read_row(mrt, in, r->subtype & 1 ? 4 : 6, as4);
	while (rc == MANRS_OK && bytes_left(in));
	if (rc == MANRS_OK)
		rc = look_up(mrt, &session, in->from);
	if (rc != MANRS_OK)
		return rc;
	r->prefix = ((const struct mrt_row *)mrt->rows.at)->prefix;
	r->entries = (uint32_t)mrt->entries.n;
	r->kind = MANRS_MRT_RIB;
	return MANRS_OK;
}

/* ---- what comes out ---- */

/* An entry's next hop: NEXT_HOP for IPv4, if there is one, MP_REACH's else. */
static const manrs_prefix *next_hop(const manrs_bgp_attrs *attrs, int family)
{
	return family == 4 && attrs->next_hop4.family ? &attrs->next_hop4 : &attrs->next_hop;
}

/* All of it is written, and nothing twice. */
static void announce(manrs_announcement *out, const manrs_prefix *prefix,
		     const manrs_prefix *address, uint32_t asn, const manrs_bgp_attrs *attrs)
{
	const size_t rest = offsetof(manrs_announcement, learned_from);
	uint32_t flags = asn ? 0 : MANRS_ANNOUNCE_ANY_NEIGHBOUR;

	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_OTC))
		flags |= MANRS_ANNOUNCE_OTC;
	if (attrs->action > MANRS_BGP_DISCARD)
		flags |= MANRS_ANNOUNCE_MALFORMED;
	out->prefix = *prefix;
	out->neighbour_asn = asn;
	out->next_hop = *next_hop(attrs, prefix->family);
	out->otc = attrs->otc;
	out->neighbour_address = *address;
	out->flags = flags;
	out->path = attrs->path;
	memset((char *)out + rest, 0, sizeof *out - rest);
}

/* An entry: of TABLE_DUMP by its own row, else by the table of peers. */
static void announce_entry(const manrs_mrt *mrt, size_t i, manrs_announcement *out)
{
	const struct mrt_entry *e = &((const struct mrt_entry *)mrt->entries.at)[i];
	const manrs_prefix *prefix = &mrt->record.prefix, *address;
	uint32_t asn;

	if (mrt->rows.n) {
		const struct mrt_row *row = &((const struct mrt_row *)mrt->rows.at)[i];

		prefix = &row->prefix;
		address = &row->address;
		asn = row->asn;
	} else {
		const manrs_mrt_peer *peer = &((const manrs_mrt_peer *)mrt->peers.at)[e->peer];

		address = &peer->address;
		asn = peer->asn;
	}
	announce(out, prefix, address, asn, e->attrs);
}

static void note_entry(const manrs_mrt *mrt, size_t i, manrs_mrt_note *note)
{
	const struct mrt_entry *e = &((const struct mrt_entry *)mrt->entries.at)[i];

	*note = (manrs_mrt_note){.peer = mrt->rows.n ? UINT32_MAX : e->peer,
				 .attrs = e->attrs->id,
				 .path = e->attrs->path_id,
				 .time_s = e->time_s,
				 .path_id = e->path_id,
				 .action = e->attrs->action,
				 .flags = mrt->ids ? MANRS_MRT_NOTE_PATH_ID : 0};
}

size_t mrt_rib_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes, size_t cap)
{
	size_t left = mrt->entries.n - mrt->entry, n = left < cap ? left : cap;

	for (size_t i = 0; i < n; i++) {
		announce_entry(mrt, mrt->entry + i, &out[i]);
		if (notes)
			note_entry(mrt, mrt->entry + i, &notes[i]);
	}
	mrt->entry += (uint32_t)n;
	return n;
}

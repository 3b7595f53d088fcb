/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_MRT_READER_H
#define LIB_WIRE_MRT_READER_H

/*
 * The reader of MRT: what its files share.
 *
 *     record   time(4) type(2) subtype(2) length(4) | body      (RFC 6396 section 2)
 *
 * mrt.c has the records and their framing, mrt_rib.c and mrt_bgp4mp.c the bodies, mrt_ahead.c what is fetched ahead of them,
 * mrt_resync.c the way back after the framing was lost. A body is read whole when its record is taken, all its attribute sets
 * through the store; what is pulled then only copies.
 */

#include "base/mem.h"
#include "net/mrt_head.h"
#include "wire/bgp_wire.h"

#include <manrs/mrt.h>

#define MRT_MAX_INIT (16 * 1024 * 1024) /* bytes of a record */

/* RFC 6396 sections 4 and appendix B. */
enum mrt_type {
	MRT_BGP = 5, /* the old one */
	MRT_TABLE_DUMP = 12,
	MRT_TABLE_DUMP_V2 = 13,
	MRT_BGP4MP = 16,
	MRT_BGP4MP_ET = 17,
};

/* One entry of a RIB's record: read once, looked up once. */
struct mrt_entry {
	const manrs_bgp_attrs *attrs;
	uint32_t peer, time_s, path_id;
	uint32_t at, n; /* of its attributes, in the record */
};

/* And what an entry of TABLE_DUMP has of its own. */
struct mrt_row {
	manrs_prefix prefix, address;
	uint32_t asn;
};

#define MRT_AHEAD 32u /* guesses of entries, */
#define MRT_FILL  8u  /* so many at a time */

/* The entries of a RIB that come next: how far they were looked at, and the guesses of those whose turn it is not yet. */
struct mrt_ahead {
	uint64_t at, end; /* bytes of the stream: where it goes on, and where that record ends */
	uint32_t left;    /* entries of that record */
	bool ids;
	uint32_t taken, fetched, guessed; /* entries so far */
	uint64_t place[MRT_AHEAD];        /* of its attributes: byte of the stream */
	struct bgp_guess ring[MRT_AHEAD];
};

struct manrs_mrt {
	manrs_alloc mem;
	manrs_mrt_config config;
	manrs_bgp_store *store;
	manrs_mrt_record record;
	manrs_mrt_stats stats;
	manrs_cursor announced,
		withdrawn; /* of record.update; of a RIB announced.index is enough */
	uint64_t at;       /* byte of the stream where the next record starts */
	size_t given;      /* bytes from there that are there */
	struct mrt_ahead ahead;
	struct vec entries;      /* struct mrt_entry: of a RIB's record */
	struct vec rows;         /* struct mrt_row: of TABLE_DUMP, one an entry */
	struct vec peers, spare; /* manrs_mrt_peer */
	struct vec view;         /* char */
	uint32_t collector;
	uint32_t entry;   /* the next one to be announced */
	bool has_peers;   /* a PEER_INDEX_TABLE was there */
	bool ids;         /* the RIB's entries have path identifiers */
	bool full, fresh; /* the store: to be cleared by the next call; was cleared by this one */
};

/* A RIB of TABLE_DUMP_V2. */
struct mrt_rib {
	uint8_t family; /* 0: the record says it */
	bool ids;       /* its entries have path identifiers */
};

/* By its subtype; the others are not for us. RFC 6396 section 4.3, RFC 8050 section 4 */
static inline bool mrt_rib_of(struct mrt_rib *rib, unsigned subtype)
{
	/* IPv4 and IPv6 unicast, generic, then the same with ADD-PATH; between them multicast */
	static const uint8_t families[] = {[1] = 4, 6, 0, 4, 6, 0};

	if (subtype < 2 || subtype > 12 || subtype & 1)
		return false;
	*rib = (struct mrt_rib){families[subtype / 2], subtype > 6};
	return true;
}

/* The body cannot be read: the fault of the record, at a byte of it. returns: code */
int mrt_bad(manrs_mrt *mrt, int code, size_t at, const char *what);
/* What a call of the store said: MANRS_EBUSY if it is full and may be cleared, else as it is. */
int mrt_store_said(manrs_mrt *mrt, int rc, size_t at);

/*
 * Bodies: `in` is the record, at its body. They set the record's kind and what it has.
 * returns: MANRS_OK; MANRS_EBUSY, MANRS_ENOMEM: come again; else the record is BAD, and has the fault
 */
int mrt_table_dump_v2(manrs_mrt *mrt, struct bytes *in);
int mrt_table_dump(manrs_mrt *mrt, struct bytes *in);
int mrt_bgp4mp(manrs_mrt *mrt, struct bytes *in);
int mrt_bgp(manrs_mrt *mrt, struct bytes *in);

size_t mrt_rib_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes,
			 size_t cap);
size_t mrt_update_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes,
			    size_t cap);

/* The record at hand has n entries, the first one at this byte: those and the next records' are looked at ahead of their turn. */
void mrt_ahead_begin(manrs_mrt *mrt, size_t at, size_t n, bool ids);
/* More guesses, fetched. */
void mrt_ahead_fill(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record);
/* The store was cleared. */
void mrt_ahead_forget(manrs_mrt *mrt);

/* The guess of the record's entry that has its attributes at this byte; NULL: none was made. */
static inline const struct bgp_guess *
mrt_ahead_take(manrs_mrt *mrt, const manrs_bgp_session *session, const uint8_t *record, size_t at)
{
	struct mrt_ahead *a = &mrt->ahead;
	uint64_t place = mrt->at + at;

	if (a->fetched - a->taken <= MRT_FILL)
		mrt_ahead_fill(mrt, session, record);
	while (a->taken != a->fetched && a->place[a->taken % MRT_AHEAD] <= place) {
		uint32_t i = a->taken++ % MRT_AHEAD;

		if (cc_likely(a->place[i] == place))
			return &a->ring[i];
	}
	return NULL;
}

/* An address of a family, 4 or 6, as a prefix of its whole width; zeros if it is not there. */
manrs_prefix mrt_address(struct bytes *in, int family);

#endif

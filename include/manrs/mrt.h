/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_MRT_H
#define MANRS_MRT_H

/*
 * PROVISIONAL. MRT archives: TABLE_DUMP, TABLE_DUMP_V2 (RFC 6396, 8050), BGP4MP and BGP4MP_ET in all subtypes, and the old type 5.
 *
 *     manrs_mrt_new
 *       manrs_mrt_decode(bytes)      one record: what it is; bytes used
 *         manrs_mrt_announced        its announcements, with the peer, the time and the attributes of each
 *         manrs_mrt_withdrawn
 *     manrs_mrt_free
 *
 * Attribute sets go through a store (bgp_attrs.h): entries with equal attributes have one id, equal paths one path id and the
 * same arrays, so that manrs_check judges them once; gather many. A body that cannot be read is one BAD record: its length
 * leads to the next. A length that cannot be believed ends the file, unless manrs_mrt_resync finds the next record: a write
 * that was torn costs what was torn.
 *
 * threads: one at a time uses a reader.
 */

#include <manrs/bgp.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whether what begins with bytes[n] is an archive, uncompressed: the head of a record of a type that there is. 12 bytes tell.
 * returns: 1; 0: no, or too few bytes
 */
MANRS_API int manrs_mrt_is(const void *bytes, size_t n);

typedef struct manrs_mrt manrs_mrt;

/* Grows at its end: size is set by manrs_mrt_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_mrt_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	/* MANRS_BGP_GUESS: init, for old files; MANRS_BGP_PATHS4, _PATHS6: where the file does not say */
	uint32_t flags;
	uint32_t max_record; /* bytes; init: 16 MiB; a RIB's record can pass 64 KiB */
	/* bytes of attribute sets, 2 MiB or more; full: MANRS_EBUSY; init: 256 MiB */
	uint64_t max_store;
	uint64_t hash_seed[2]; /* as manrs_db_config's */
} manrs_mrt_config;
/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_mrt_config_init(manrs_mrt_config *config, size_t size);

/* returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL. owns: freed with manrs_mrt_free. config may be NULL. */
MANRS_API int manrs_mrt_new(manrs_mrt **mrt, const manrs_mrt_config *config);
MANRS_API void manrs_mrt_free(manrs_mrt *mrt); /* NULL is allowed */

/* What a record is to us. */
enum manrs_mrt_kind {
	MANRS_MRT_OTHER = 0,  /* without routes for us: OSPF, multicast, other families */
	MANRS_MRT_PEERS = 1,  /* PEER_INDEX_TABLE: replaces the last; one that is BAD leaves none */
	MANRS_MRT_RIB = 2,    /* entries of one prefix; TABLE_DUMP: one or a batch */
	MANRS_MRT_UPDATE = 3, /* a BGP UPDATE */
	MANRS_MRT_STATE = 4,  /* old_state, new_state; Quagga's 7 and 8 are known */
	MANRS_MRT_MESSAGE = 5, /* OPEN, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH */
	MANRS_MRT_BAD = 6,     /* its body cannot be read: fault; the next record is sound */
};

/* A record, borrowed from the reader until its next call. It may grow at its end: only the reader makes one. */
typedef struct manrs_mrt_record {
	uint64_t at; /* byte of the stream */
	uint32_t time_s, time_us;
	uint32_t type, subtype; /* as in the file */
	uint32_t n;             /* bytes, header and all */
	uint32_t kind;          /* enum manrs_mrt_kind */
	/* of RIB: how many; those that cannot be read are announced as malformed */
	uint32_t entries;
	uint32_t sequence; /* of TABLE_DUMP_V2, TABLE_DUMP */
	uint16_t old_state, new_state;
	uint32_t local; /* 1: a *_LOCAL subtype, a message that the collector sent */
	/* of who got the message: the collector, but for *_LOCAL; 0: not said */
	uint32_t local_asn;
	manrs_prefix prefix;        /* of RIB: of the first of a batch */
	manrs_prefix local_address; /* as local_asn; family 0: not said */
	/* UPDATE, STATE, MESSAGE: who sent it, the peer but for *_LOCAL, and how its bytes are read */
	manrs_bgp_session session;
	uint32_t zero;
	manrs_bgp_message message; /* UPDATE, MESSAGE; of type 5 without a header */
	manrs_bgp_update update;   /* UPDATE */
	manrs_fault fault;         /* of BAD; at = byte of the stream */
} manrs_mrt_record;

/*
 * Take one record from the front. Compressed input is the host's to open. What stands behind a record that cannot be read is
 * looked at too: where that is no record, its length was wrong.
 * in:      need: NULL: bytes[n] is all that will come
 * out:     *record; *need: when 0 is returned: bytes that are wanted in all
 * returns: bytes used; 0: not all there yet; MANRS_ESYNTAX (no record, or one that the end cuts), MANRS_ELIMIT (longer than
 *          max_record): the framing is lost, manrs_mrt_resync finds it again;
 *          MANRS_EBUSY: the store is full, and the next call clears it: done with all that was lent? then call again;
 *          MANRS_ENOMEM
 * source:  RFC 6396 section 4; RFC 8050 section 4. RIB entries before their PEER_INDEX_TABLE, or with a peer that it does not
 *          have, are BAD
 */
MANRS_API int manrs_mrt_decode(manrs_mrt *mrt, const manrs_mrt_record **record, const void *bytes,
			       size_t n, size_t *need, manrs_fault *fault);

/* What the archive says beside an announcement. A frozen record of 32 bytes. */
typedef struct manrs_mrt_note {
	uint32_t peer;    /* index for manrs_mrt_peer_get; UINT32_MAX: not of a PEER_INDEX_TABLE */
	uint32_t attrs;   /* manrs_bgp_attrs.id; UINT32_MAX: none could be read */
	uint32_t path;    /* manrs_bgp_attrs.path_id; UINT32_MAX: none */
	uint32_t time_s;  /* RIB: originated; else the record's */
	uint32_t path_id; /* of ADD-PATH; 0 without */
	/* enum manrs_bgp_action of this entry; past DISCARD it has MANRS_ANNOUNCE_MALFORMED */
	uint32_t action;
	uint32_t flags; /* MANRS_MRT_NOTE_* */
	uint32_t zero;
} manrs_mrt_note;
#define MANRS_MRT_NOTE_PATH_ID 1u /* path_id was there */

/*
 * Pull the announcements of the last record.
 * out:     out[cap], notes[cap] (may be NULL)
 * returns: how many were written; fewer than cap: the end
 */
MANRS_API size_t manrs_mrt_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes,
				     size_t cap);
/* Pull what the last record withdraws. returns: as manrs_mrt_announced; path_ids may be NULL. */
MANRS_API size_t manrs_mrt_withdrawn(manrs_mrt *mrt, manrs_prefix *out, uint32_t *path_ids,
				     size_t cap);

/* The store of its attribute sets, for manrs_bgp_store_at and _stats_get. */
MANRS_API const manrs_bgp_store *manrs_mrt_store(const manrs_mrt *mrt);

/* A peer of the PEER_INDEX_TABLE. A frozen record of 32 bytes. */
typedef struct manrs_mrt_peer {
	manrs_prefix address;
	uint32_t asn;
	uint32_t bgp_id; /* host order */
	uint32_t zero;
} manrs_mrt_peer;
/* returns: MANRS_OK; MANRS_ENOENT */
MANRS_API int manrs_mrt_peer_get(const manrs_mrt *mrt, uint32_t index, manrs_mrt_peer *peer);
/* returns: how many there are; *view: its name, n_view bytes without a NUL; *collector: its BGP identifier. All may be NULL. */
MANRS_API uint32_t manrs_mrt_peers(const manrs_mrt *mrt, const char **view, size_t *n_view,
				   uint32_t *collector);

/*
 * After the framing was lost: where the next record starts. Three headers in a row must follow one another, or fewer that
 * end with the input.
 * in:      bytes[n]: from where manrs_mrt_decode failed, or behind what was passed over last; last: it is all that will come
 * out:     *skip: bytes to be passed over
 * returns: 1: the next record starts behind them; 0: more bytes are wanted; MANRS_ENOENT: there is none, *skip is n
 */
MANRS_API int manrs_mrt_resync(manrs_mrt *mrt, const void *bytes, size_t n, int last, size_t *skip);

/* Totals so far. Grows at its end; set size before the call. */
typedef struct manrs_mrt_stats {
	size_t size;
	uint64_t bytes, records, peers, rib, updates, states, messages, other, bad;
	uint64_t announced, withdrawn, malformed; /* malformed: entries and UPDATEs past DISCARD */
	uint64_t skipped;                         /* bytes, by manrs_mrt_resync */
} manrs_mrt_stats;
/* returns: MANRS_OK; MANRS_EINVAL: no such size */
MANRS_API int manrs_mrt_stats_get(const manrs_mrt *mrt, manrs_mrt_stats *stats);

#ifdef __cplusplus
}
#endif

#endif

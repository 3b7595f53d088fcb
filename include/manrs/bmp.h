/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_BMP_H
#define MANRS_BMP_H

/*
 * PROVISIONAL. BGP Monitoring Protocol, the station's side: version 3 of RFC 7854, Adj-RIB-Out (RFC 8671), Loc-RIB (RFC 9069).
 *
 *     manrs_bmp_new                         one a router's connection
 *       manrs_bmp_decode(bytes)             one message: an event; bytes used
 *         manrs_bmp_announced, _withdrawn   the routes of ROUTES and MIRROR
 *     manrs_bmp_free
 *
 * The reader keeps the table of peers, for how a Route Monitoring message is to be read is in its Peer Up (RFC 7854 sections
 * 4.2, 4.10). A peer is (type, distinguisher, address); its views, pre- and post-policy, in and out, are told apart by
 * event->view. Messages for a peer that is not up are events all the same, with MANRS_BMP_UNKNOWN_PEER, read by the per-peer
 * header's A flag alone; what does not fit is tried otherwise, with MANRS_BGP_NOTE_GUESSED.
 *
 * threads: one at a time uses a reader.
 */

#include <manrs/bgp.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_bmp manrs_bmp;

/* Grows at its end: size is set by manrs_bmp_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_bmp_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint32_t max_peers;       /* in the table, down ones too; init: 20000 */
	/* bytes; init: 1 MiB (a Peer Up holds two OPENs, statistics many TLVs) */
	uint32_t max_message;
	/* bytes of attribute sets, 2 MiB at least; full: cleared between two messages; init: 64 MiB */
	uint64_t max_store;
	uint64_t hash_seed[2]; /* as manrs_db_config's */
} manrs_bmp_config;
/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_bmp_config_init(manrs_bmp_config *config, size_t size);

/*
 * returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL
 * owns:    freed with manrs_bmp_free. config may be NULL
 * cost:    4 KiB at most before the first Peer Up; what a peer and its routes take comes with them
 */
MANRS_API int manrs_bmp_new(manrs_bmp **bmp, const manrs_bmp_config *config);
MANRS_API void manrs_bmp_free(manrs_bmp *bmp); /* NULL is allowed */
/* The router has connected again: all peers are gone, handles start from 0. */
MANRS_API void manrs_bmp_clear(manrs_bmp *bmp);

/* What a message is to us. */
enum manrs_bmp_kind {
	MANRS_BMP_OTHER = 0, /* a message type that we do not know: passed over by its length */
	MANRS_BMP_INITIATION = 1,  /* the first of a connection */
	MANRS_BMP_TERMINATION = 2, /* no more comes; all its routes are gone */
	MANRS_BMP_PEER_UP = 3,     /* of a peer that was up: its earlier routes are gone */
	MANRS_BMP_PEER_DOWN = 4,   /* all routes of the peer, in every view, are gone */
	MANRS_BMP_ROUTES = 5,      /* an UPDATE */
	MANRS_BMP_END_OF_RIB = 6,  /* of event->update.end_of_rib, in this view */
	MANRS_BMP_STATS = 7,       /* TLVs with numbers */
	MANRS_BMP_MIRROR = 8,      /* as on the wire: may be the malformed message itself */
	MANRS_BMP_BAD = 9,         /* its body cannot be read: fault; the next message is sound */
};

/* manrs_bmp_event.view */
#define MANRS_BMP_POST_POLICY  1u  /* after the router's import or export policy */
#define MANRS_BMP_OUT          2u  /* Adj-RIB-Out (RFC 8671): what the router sends to this peer */
#define MANRS_BMP_LOC_RIB      4u  /* Loc-RIB (RFC 9069): the peer is a table of the router */
#define MANRS_BMP_FILTERED     8u  /* Loc-RIB, F flag: not all of it */
#define MANRS_BMP_UNKNOWN_PEER 16u /* it is not up: no Peer Up came before */

/* A message, borrowed from the reader until its next call. It may grow at its end: only the reader makes one. */
typedef struct manrs_bmp_event {
	uint64_t at;               /* byte of the stream */
	uint32_t kind;             /* enum manrs_bmp_kind */
	uint32_t type;             /* as on the wire */
	uint32_t n;                /* bytes, header and all */
	uint32_t view;             /* MANRS_BMP_* above */
	uint32_t peer;             /* handle for manrs_bmp_peer_get; UINT32_MAX: none */
	uint32_t time_s, time_us;  /* of the per-peer header; 0: not said */
	uint32_t reason;           /* PEER_DOWN 1..6; TERMINATION's code */
	uint32_t fsm_event;        /* PEER_DOWN with reason 2 */
	uint32_t lost;             /* MIRROR: 1: messages were lost before this one */
	manrs_bgp_message message; /* MIRROR, ROUTES; PEER_DOWN: the NOTIFICATION; n 0: none */
	manrs_bgp_message sent, received; /* PEER_UP: the OPENs */
	manrs_bgp_update update; /* ROUTES, END_OF_RIB; MIRROR of an UPDATE (else action NONE) */
	/* all TLVs of the message, for manrs_bmp_tlv_get; ROUTES: what stands behind the UPDATE */
	const uint8_t *tlvs;
	size_t n_tlvs;
	/* of BAD; of another kind: what of it was passed over, code 0: nothing; at = byte of the stream */
	manrs_fault fault;
} manrs_bmp_event;

/*
 * Take one message from the front.
 * in:      need: NULL: bytes[n] is all that will come
 * out:     *event; *need: when 0 is returned: bytes that are wanted in all
 * returns: bytes used; 0: not all there yet; MANRS_EUNSUP (a version other than 3), MANRS_ESYNTAX (also one that
 *          the end cuts), MANRS_ELIMIT (length, peers): the stream is lost, close it; MANRS_ENOMEM
 */
MANRS_API int manrs_bmp_decode(manrs_bmp *bmp, const manrs_bmp_event **event, const void *bytes,
			       size_t n, size_t *need, manrs_fault *fault);

/*
 * Pull the routes of the last event, as manrs_bgp_announced and _withdrawn; path_ids may be NULL. Those of MANRS_BMP_OUT have
 * MANRS_ANNOUNCE_EGRESS, and the peer who gets them as their neighbour.
 */
MANRS_API size_t manrs_bmp_announced(manrs_bmp *bmp, manrs_announcement *out, uint32_t *path_ids,
				     size_t cap);
MANRS_API size_t manrs_bmp_withdrawn(manrs_bmp *bmp, manrs_prefix *out, uint32_t *path_ids,
				     size_t cap);
/* The store of its attribute sets, for manrs_bgp_store_at and _stats_get. */
MANRS_API const manrs_bgp_store *manrs_bmp_store(const manrs_bmp *bmp);

/* ---- TLVs ---- */

/* Information (Initiation, Peer Up, Termination, mirroring), or a statistic as a number. Borrowed as the event. */
typedef struct manrs_bmp_tlv {
	const uint8_t *bytes;
	uint32_t n;
	uint32_t type;
	/* of 2, 4 and 8 octets; of a statistic by family (of 11 octets): its gauge */
	uint64_t number;
	uint16_t afi; /* of those, else 0 */
	uint8_t safi;
	uint8_t zero[5];
} manrs_bmp_tlv;
/*
 * TLV `at` of an event, from 0; a repeated type comes as often as it is there.
 * returns: MANRS_OK; MANRS_ENOENT: no such one, or 1024 come before it
 */
MANRS_API int manrs_bmp_tlv_get(const manrs_bmp_event *event, size_t at, manrs_bmp_tlv *tlv);

/* ---- peers ---- */

/* A peer of the table. Grows at its end; set size before the call. */
typedef struct manrs_bmp_peer {
	size_t size;
	uint64_t distinguisher; /* 8 octets in network order, as a number */
	uint64_t up_s;          /* time of its Peer Up */
	manrs_prefix address;   /* family 0: Loc-RIB */
	uint32_t asn;
	uint32_t bgp_id;
	uint32_t type;                   /* 0 global, 1 RD, 2 local, 3 Loc-RIB */
	uint32_t up;                     /* 1, 0 */
	int32_t local_role, remote_role; /* RFC 9234, of the OPENs; -1: none */
	manrs_prefix local_address;
	uint32_t local_asn; /* of the sent OPEN */
	uint32_t zero;
	manrs_bgp_session session; /* how its messages are read */
	char name
		[64]; /* VRF or table name (RFC 9069 section 5.3.1), printable, cut, closed with a NUL */
} manrs_bmp_peer;
/* returns: MANRS_OK; MANRS_ENOENT; MANRS_EINVAL: no such size. Handles from 0 are dense, and used again only after _clear. */
MANRS_API int manrs_bmp_peer_get(const manrs_bmp *bmp, uint32_t peer, manrs_bmp_peer *out);
/* returns: how many handles there are */
MANRS_API uint32_t manrs_bmp_peers(const manrs_bmp *bmp);

/* sysName (type 2) or sysDescr (1) of the Initiation, printable, "" before. owns: valid until the next decode. */
MANRS_API const char *manrs_bmp_system(const manrs_bmp *bmp, int type);

#ifdef __cplusplus
}
#endif

#endif

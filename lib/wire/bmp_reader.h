/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_BMP_READER_H
#define LIB_WIRE_BMP_READER_H

/*
 * A reader of BMP: the per-peer header, the table of peers, TLVs.
 *
 *     message         version(1) length(4) type(1) | per-peer header | body      (RFC 7854 section 4.1)
 *     per-peer header type(1) flags(1) distinguisher(8) address(16) AS(4) id(4) seconds(4) microseconds(4)     (section 4.2)
 *     TLV             type(2) length(2) value                                    (section 4.4)
 *
 * Invariants: a handle is the peer's index in the table, for as long as the connection lives; a message that cannot be read, or
 * for which memory was refused, leaves the table as it was.
 */

#include "base/bytes.h"
#include "base/slots.h"

#include <manrs/bmp.h>

#define BMP_HEADER 6
#define BMP_NONE   UINT32_MAX

/* ---- peers ---- */

struct bmp_head {
	uint64_t distinguisher;
	manrs_prefix address; /* family 0: Loc-RIB */
	uint32_t asn, bgp_id, time_s, time_us;
	unsigned type;
	uint32_t view; /* MANRS_BMP_* */
	bool as2;      /* the A flag: 2-octet paths */
};

struct bmp_peer {
	manrs_bmp_peer is;     /* with the session of what he sends */
	manrs_bgp_session out; /* of what the router sends him */
};

struct bmp_peers {
	struct vec list;    /* struct bmp_peer */
	struct slots index; /* by type, distinguisher and address */
	uint32_t max, last; /* last: the one found last, for most messages come in runs */
};

/* An address of 16 octets on the wire; an IPv4 one has the last four. */
void bmp_address(manrs_prefix *address, int family, const uint8_t bytes[16]);
/* returns: false: too short */
bool bmp_head_read(struct bmp_head *head, struct bytes *in);
/* returns: the handle; BMP_NONE */
uint32_t bmp_peer_find(struct bmp_peers *peers, const struct bmp_head *head);
/* Room for one more. returns: MANRS_OK, MANRS_ELIMIT, MANRS_ENOMEM */
int bmp_peer_reserve(const manrs_alloc *mem, struct bmp_peers *peers);
/* Add one that is not there, down. returns: its handle */
uint32_t bmp_peer_add(struct bmp_peers *peers, const struct bmp_head *head);
void bmp_peers_clear(struct bmp_peers *peers);
void bmp_peers_free(const manrs_alloc *mem, struct bmp_peers *peers);

static inline struct bmp_peer *bmp_peer_at(const struct bmp_peers *peers, uint32_t peer)
{
	return peer < peers->list.n ? (struct bmp_peer *)peers->list.at + peer : NULL;
}

/* What a Peer Up says of him. */
void bmp_peer_up(struct bmp_peer *peer, const struct bmp_head *head, const manrs_prefix *local,
		 const manrs_bgp_open *sent, const manrs_bgp_open *received);
void bmp_peer_down(struct bmp_peer *peer);
/* How a message with this head is read; peer may be NULL. mirrored: it is as on the wire. */
manrs_bgp_session bmp_session(const struct bmp_peer *peer, const struct bmp_head *head,
			      bool mirrored);

/* ---- TLVs ---- */

/* The next TLV. returns: false: the end, or, with in->bad, one that is cut. */
bool bmp_tlv_next(struct bytes *in, manrs_bmp_tlv *tlv);
/* Text of the router's as printable UTF-8, '?' for what is none, cut to out[cap] with a NUL. */
void bmp_name(char *out, size_t cap, const uint8_t *text, size_t n);

/* ---- the reader ---- */

struct manrs_bmp {
	manrs_alloc mem;
	uint64_t at; /* byte of the stream */
	uint32_t max_message;
	manrs_bgp_store *store;
	struct bmp_peers peers;
	manrs_bmp_event event;
	manrs_cursor announced, withdrawn;
	char description[512], name[256];
};

#endif

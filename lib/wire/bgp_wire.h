/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_BGP_WIRE_H
#define LIB_WIRE_BGP_WIRE_H

/*
 * What the readers of BGP, MRT and BMP share: the heads of attributes, NLRI, MP_REACH, and a store's lookup in steps.
 *
 *     UPDATE      withdrawn | attributes        | NLRI           (RFC 4271 section 4.3)
 *     attribute   flags type length(1 or 2) value
 *     MP_REACH    AFI(2) SAFI(1) length next hop, 0, NLRI        (RFC 4760 section 3)
 *                 length next hop                                in a RIB's entry (RFC 6396 section 4.3.4)
 *     NLRI        [path id(4)] length prefix                     (RFC 4271 section 4.3, RFC 7911 section 3)
 */

#include "base/bytes.h"

#include <manrs/bgp.h>

#define AS_TRANS 23456 /* for an AS number that does not fit into 2 octets, RFC 6793 section 9 */

/* ---- attributes ---- */

/* The head of one attribute and its value. */
struct bgp_attr {
	size_t at; /* of its flags, in the attributes */
	unsigned flags, type;
	const uint8_t *value;
	size_t n;
};

/* The next attribute. returns: false: the end, or, with in->bad, a length that overruns the attributes; attr has what was read. */
static inline bool bgp_attr_next(struct bytes *in, struct bgp_attr *attr)
{
	struct bytes value;

	*attr = (struct bgp_attr){.at = bytes_at(in)};
	if (!bytes_left(in))
		return false;
	attr->flags = bytes_get8(in);
	attr->type = bytes_get8(in);
	value = bytes_part(in, attr->flags & 0x10 ? bytes_get16(in) : bytes_get8(in));
	attr->value = value.from + value.at;
	attr->n = bytes_left(&value);
	return !in->bad;
}

/* MP_REACH, or MP_UNREACH, whose next hop is empty. */
struct bgp_reach {
	unsigned afi, safi;
	int family; /* 4, 6: unicast that comes out; 0: another */
	const uint8_t *next_hop;
	size_t n_next_hop;
	struct bytes nlri; /* its offsets count from the value's first byte */
	bool is_short;     /* RFC 6396's: length and next hop alone */
};

/* returns: false: too short for its own lengths */
bool bgp_reach_read(struct bgp_reach *reach, const manrs_bgp_session *session, const uint8_t *value,
		    size_t n);
bool bgp_unreach_read(struct bgp_reach *unreach, const uint8_t *value, size_t n);

#define BGP_ATTRS_MOST 65535 /* bytes of all attributes: their length has 16 bits everywhere */

/* Where the hops of a reading go: three paths of up to `most` hops, one behind the other. */
struct bgp_room {
	uint32_t *asn;
	uint8_t *kind;
	size_t most;
};
/* As many as n bytes of attributes can hold. */
static inline size_t bgp_hops_most(size_t n)
{
	return n / 2 + 1;
}

/* Read all attributes. attrs borrows more, bytes and room; ids are not set. */
void bgp_attrs_read(manrs_bgp_attrs *attrs, manrs_bgp_more *more, const manrs_bgp_session *session,
		    const uint8_t *bytes, size_t n, const struct bgp_room *room);

/* ---- NLRI ---- */

/* Whether prefixes of a family have path identifiers on this session. */
static inline bool bgp_has_path_ids(const manrs_bgp_session *session, int family)
{
	return session->flags & (family == 4 ? MANRS_BGP_PATHS4 : MANRS_BGP_PATHS6);
}

/* The next prefix, host bits cleared; path_id 0 without. returns: false: the end, or, with in->bad, one that cannot be read. */
bool bgp_nlri_next(struct bytes *in, int family, bool path_ids, manrs_prefix *prefix,
		   uint32_t *path_id);

/* ---- messages ---- */

/* The body of a message whose header was read, or that never had one (MRT type 5). As manrs_bgp_decode, but no lengths of the header. */
int bgp_body(manrs_bgp_message *message, unsigned type, const uint8_t *body, size_t n,
	     manrs_fault *fault);

/* ---- the store, in steps, so that what many lookups want is fetched at once ---- */

/*
 * Where a set may be, by the hash of its bytes: a hint, for MP_REACH and MP_UNREACH have bytes that part no sets, and others
 * may be added meanwhile. It is one until the store is cleared.
 */
struct bgp_guess {
	const uint8_t *bytes; /* for the two calls below; the host may have them elsewhere then */
	size_t n;
	uint64_t hash;
	const manrs_bgp_attrs *attrs; /* NULL: not looked for, or none */
};

/* Begin with n guesses, whose bytes are set: their hashes; their places in the table begin to be fetched. */
void bgp_store_guess(const manrs_bgp_store *store, const manrs_bgp_session *session,
		     struct bgp_guess *guesses, size_t n);
/*
 * When these are there: the sets which stand in those places begin to be fetched, and where there is none, what a new one will
 * need. bytes: again, or NULL.
 */
void bgp_store_fetch(const manrs_bgp_store *store, const manrs_bgp_session *session,
		     struct bgp_guess *guesses, size_t n);

/* Session flags that change what the bytes mean. */
#define BGP_READ_BY \
	(MANRS_BGP_AS4 | MANRS_BGP_CONFED | MANRS_BGP_INTERNAL | MANRS_BGP_GUESS | MANRS_BGP_DUMP)

/* Bytes that part no sets: the length and the NLRI of MP_REACH and MP_UNREACH. */
struct bgp_cut {
	uint16_t at, n;
};

/* A set as the store keeps it: what it lends, and what it is known by. */
struct bgp_set {
	manrs_bgp_attrs attrs;
	uint16_t flags, kept, n_cuts; /* kept: bytes */
	struct bgp_cut cut[];         /* then the bytes */
};

#define BGP_CUTS 4

/* What a set is looked up by. */
struct bgp_key {
	uint64_t hash;
	const uint8_t *bytes; /* the attributes */
	size_t n;
	const manrs_bgp_session *session;
	struct bgp_cut cut[BGP_CUTS]; /* in their order */
	uint32_t n_cuts;
	uint32_t kept; /* bytes that are in no cut */
};

/* Find the cuts of a key that has none yet. */
void bgp_key_cut(struct bgp_key *key);
/* The bytes between them, one behind the other. */
void bgp_key_copy(uint8_t *to, const struct bgp_key *key);
/* Whether a set is meant. */
bool bgp_set_is(const struct bgp_set *set, const struct bgp_key *key);
/* Where a byte of the key went; never one that was cut. NULL stays NULL. */
const uint8_t *bgp_set_kept(const struct bgp_set *set, const struct bgp_key *key,
			    const uint8_t *byte);

static inline const uint8_t *bgp_set_bytes(const struct bgp_set *set)
{
	return (const uint8_t *)(set->cut + set->n_cuts);
}

/*
 * Whether the set that was guessed is the one of bytes[n]. What was read alike and without cuts: the same bytes have no cuts
 * either, and need not be looked through for them.
 */
static inline bool bgp_guess_is(const struct bgp_guess *guess, const manrs_bgp_session *session,
				const uint8_t *bytes, size_t n)
{
	const struct bgp_set *set = (const struct bgp_set *)guess->attrs;

	return set && set->kept == n && set->flags == (session->flags & BGP_READ_BY) &&
	       !set->n_cuts && !memcmp(bgp_set_bytes(set), bytes, n);
}

/* So many guesses were right, each of which counts as a call of manrs_bgp_store_get. */
void bgp_store_hit(manrs_bgp_store *store, size_t n);
/* As manrs_bgp_store_get. guess: NULL, or one that was not right. */
int bgp_store_find(manrs_bgp_store *store, const manrs_bgp_attrs **attrs,
		   const manrs_bgp_session *session, const uint8_t *bytes, size_t n,
		   const struct bgp_guess *guess);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_BGP_ATTRS_H
#define MANRS_BGP_ATTRS_H

/*
 * PROVISIONAL. BGP path attributes, from bytes to a record, and what is to be done about their errors (RFC 7606). A store knows
 * equal sets by their bytes, so that each is read, and its path judged, once. The messages around them: bgp.h.
 *
 * threads: one at a time uses a store and what it lent
 * source:  RFC 4271, 4360, 4456, 4760, 5065, 6793, 7606, 8092, 9234, 9774
 */

#include <manrs/announce.h>

#ifdef __cplusplus
extern "C" {
#endif

/* manrs_bgp_session.flags: how the session's bytes are to be read. None: 2-octet ASes, no path identifiers, external. */
#define MANRS_BGP_AS4      1u  /* both sides have 4-octet AS numbers (RFC 6793) */
#define MANRS_BGP_CONFED   2u  /* the neighbour is in our confederation (RFC 5065) */
#define MANRS_BGP_PATHS4   4u  /* path identifiers with IPv4 unicast (RFC 7911) */
#define MANRS_BGP_PATHS6   8u  /* and with IPv6 unicast */
#define MANRS_BGP_EXTENDED 16u /* messages up to 65535 bytes (RFC 8654) */
#define MANRS_BGP_INTERNAL 32u /* iBGP: LOCAL_PREF, ORIGINATOR_ID, CLUSTER_LIST belong here */
#define MANRS_BGP_GUESS    64u /* what does not fit is tried otherwise: AS width, path ids */
#define MANRS_BGP_DUMP     128u /* a RIB's entry: no NLRI, MP_REACH may be short, flags say nothing */

/* A session, for who reads its bytes. A frozen record of 32 bytes. */
typedef struct manrs_bgp_session {
	uint32_t flags;                 /* MANRS_BGP_* above */
	uint32_t neighbour_asn;         /* 0: not known */
	manrs_prefix neighbour_address; /* family 0: not known */
	uint32_t zero;
} manrs_bgp_session;

/* What is to be done, weakest first; the strongest of a message wins (RFC 7606 section 3 h). */
enum manrs_bgp_action {
	MANRS_BGP_NONE = 0,     /* nothing was read */
	MANRS_BGP_KEEP = 1,     /* all is well */
	MANRS_BGP_DISCARD = 2,  /* go on without the attributes in `discarded` */
	MANRS_BGP_WITHDRAW = 3, /* treat as withdraw: what it announces counts as withdrawn */
	MANRS_BGP_DISABLE = 4,  /* its family alone may end, else as RESET */
	MANRS_BGP_RESET = 5,    /* NOTIFICATION with code and subcode; no route comes out */
};

/* Types of attributes; manrs_bgp_attrs.has counts them as bits. */
enum manrs_bgp_attr {
	MANRS_BGP_ORIGIN = 1,                /* well-known, RFC 4271 section 5.1.1 */
	MANRS_BGP_AS_PATH = 2,               /* well-known, RFC 4271 section 5.1.2 */
	MANRS_BGP_NEXT_HOP = 3,              /* well-known, RFC 4271 section 5.1.3 */
	MANRS_BGP_MED = 4,                   /* MULTI_EXIT_DISC, RFC 4271 section 5.1.4 */
	MANRS_BGP_LOCAL_PREF = 5,            /* RFC 4271 section 5.1.5 */
	MANRS_BGP_ATOMIC_AGGREGATE = 6,      /* RFC 4271 section 5.1.6 */
	MANRS_BGP_AGGREGATOR = 7,            /* RFC 4271 section 5.1.7 */
	MANRS_BGP_COMMUNITIES = 8,           /* RFC 1997 */
	MANRS_BGP_ORIGINATOR_ID = 9,         /* RFC 4456 */
	MANRS_BGP_CLUSTER_LIST = 10,         /* RFC 4456 */
	MANRS_BGP_MP_REACH = 14,             /* RFC 4760 section 3 */
	MANRS_BGP_MP_UNREACH = 15,           /* RFC 4760 section 4 */
	MANRS_BGP_EXTENDED_COMMUNITIES = 16, /* RFC 4360 */
	MANRS_BGP_AS4_PATH = 17,             /* RFC 6793 */
	MANRS_BGP_AS4_AGGREGATOR = 18,       /* RFC 6793 */
	MANRS_BGP_LARGE_COMMUNITIES = 32,    /* RFC 8092 */
	MANRS_BGP_OTC = 35,                  /* Only to Customer, RFC 9234 */
};
#define MANRS_BGP_HAS(type) (UINT64_C(1) << (type)) /* the bit of a type from 1 to 63 */

/* manrs_bgp_attrs.notes */
#define MANRS_BGP_NOTE_GUESSED  1u /* read otherwise than the session says */
#define MANRS_BGP_NOTE_FAMILY   2u /* MP_REACH or MP_UNREACH of a family that does not come out */
#define MANRS_BGP_NOTE_SHORT_MP 4u /* the short MP_REACH (RFC 6396 section 4.3.4) */

/* What few sets have. It may grow at its end, as the set does. */
typedef struct manrs_bgp_more {
	/* of those left out by error or by rule (AS4_PATH from a 4-octet speaker): MANRS_BGP_HAS */
	uint64_t discarded;
	/* the first error that made the action; code: the attribute's type; at: byte in the attributes */
	manrs_fault fault;
	manrs_prefix next_hop_local;            /* MP_REACH's link-local one; family 0: none */
	uint32_t aggregator_asn, aggregator_id; /* AS4_AGGREGATOR merged */
	uint32_t originator_id;
	uint32_t n_extended, n_large, n_clusters; /* items of 8, 12, 4 bytes: */
	uint8_t notify_code, notify_subcode;      /* of the NOTIFICATION, for RESET */
	uint8_t zero[2];
	const uint8_t *extended, *large, *clusters; /* in network order */
} manrs_bgp_more;

/*
 * One set of attributes, borrowed from the store that lent it until that is cleared. It may grow at its end: only the store
 * makes one. Numbers of attributes that `has` does not name are 0.
 */
typedef struct manrs_bgp_attrs {
	uint64_t has;     /* MANRS_BGP_HAS of those that count */
	uint32_t id;      /* dense, from 0: equal bytes, equal id, until the store is cleared */
	uint32_t path_id; /* dense, from 0: equal paths, equal id and the same arrays */
	manrs_path path;  /* AS4_PATH merged; of a malformed one n is 0 */
	manrs_prefix next_hop;  /* MP_REACH's global one, else NEXT_HOP; family 0: none */
	manrs_prefix next_hop4; /* NEXT_HOP, for NLRI outside MP_REACH; family 0: none */
	uint8_t action; /* enum manrs_bgp_action: the strongest of the attributes themselves */
	uint8_t notes;  /* MANRS_BGP_NOTE_* */
	uint8_t origin; /* 0 IGP, 1 EGP, 2 INCOMPLETE */
	uint8_t reach_family; /* of MP_REACH: 4, 6; 0: none, or another family */
	uint32_t otc, med, local_pref;
	uint32_t n_communities; /* items of 4 bytes: */
	uint32_t zero32;
	const uint8_t *communities; /* in network order */
	const manrs_bgp_more *more; /* never NULL: all zeros for a set that has nothing of it */
} manrs_bgp_attrs;

/* A bounded store of attribute sets. */
typedef struct manrs_bgp_store manrs_bgp_store;

/* Grows at its end: size is set by manrs_bgp_store_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_bgp_store_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint64_t max_bytes;       /* of all it takes, 2 MiB or more; init: 256 MiB */
	uint64_t hash_seed[2];    /* as manrs_db_config's */
} manrs_bgp_store_config;

/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_bgp_store_config_init(manrs_bgp_store_config *config, size_t size);

/* returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL. owns: freed with manrs_bgp_store_free. config may be NULL. */
MANRS_API int manrs_bgp_store_new(manrs_bgp_store **store, const manrs_bgp_store_config *config);
MANRS_API void manrs_bgp_store_free(manrs_bgp_store *store); /* NULL is allowed */
/* Forget all: what was lent is no longer valid, and ids start from 0. Memory is kept for the next. */
MANRS_API void manrs_bgp_store_clear(manrs_bgp_store *store);

/* What a store holds and has done. Grows at its end; set size before the call. */
typedef struct manrs_bgp_store_stats {
	size_t size;
	uint64_t sets, paths; /* held */
	uint64_t bytes;       /* of all of it */
	uint64_t asked, hits; /* calls of manrs_bgp_store_get, and those it had already */
	uint64_t clears;
} manrs_bgp_store_stats;
/* returns: MANRS_OK; MANRS_EINVAL: no such size */
MANRS_API int manrs_bgp_store_stats_get(const manrs_bgp_store *store, manrs_bgp_store_stats *stats);

/*
 * The attributes of bytes[n], read unless the store has them (under the same flags of the session). MP_REACH counts by all but
 * its NLRI, MP_UNREACH by its family, so that messages that differ in their prefixes alone share a set. What only a whole UPDATE
 * can tell (missing attributes, NLRI) is manrs_bgp_update_decode's.
 * out:     attrs, also of malformed ones: attrs->action says what is to be done
 * returns: MANRS_OK; MANRS_ENOMEM; MANRS_ELIMIT: the store is full, to be cleared by its owner; MANRS_EINVAL: the session,
 *          or n over 65535
 * cost:    of a set that is there: one pass over the attributes' heads and one hash of the bytes, no allocation
 */
MANRS_API int manrs_bgp_store_get(manrs_bgp_store *store, const manrs_bgp_attrs **attrs,
				  const manrs_bgp_session *session, const void *bytes, size_t n);

/* The set with this id, NULL: there is none. */
MANRS_API const manrs_bgp_attrs *manrs_bgp_store_at(const manrs_bgp_store *store, uint32_t id);

/* An action in words: "keep", "attribute-discard", "treat-as-withdraw"...; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_bgp_action_text(int action);

#ifdef __cplusplus
}
#endif

#endif

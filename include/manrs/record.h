/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RECORD_H
#define MANRS_RECORD_H

/*
 * Records beside the route (prefix.h): what readers of files, protocols and databases give to each other. Plain structs,
 * no handle, no call. Arrays that a record points to are borrowed.
 */

#include <manrs/prefix.h>

/*
 * An ASPA: the providers of a customer (draft-ietf-sidrops-aspa-profile), strictly ascending, without the customer.
 * One provider that is 0 means "no providers". The array is borrowed.
 */
typedef struct manrs_aspa {
	const uint32_t *provider;
	uint32_t customer; /* 1..4294967295 */
	uint32_t n;
} manrs_aspa;

#define MANRS_SPKI_MAX 228 /* bytes of a SubjectPublicKeyInfo */

/* A BGPsec router key (RFC 8210 section 5.10): keys are equal when asn, ski and spki are. Bytes past spki_len are 0. */
typedef struct manrs_router_key {
	uint32_t asn;
	uint8_t ski[20];
	uint16_t spki_len; /* bytes, 1..MANRS_SPKI_MAX */
	uint16_t zero;
	uint8_t spki[MANRS_SPKI_MAX]; /* DER SubjectPublicKeyInfo */
} manrs_router_key;

/* The relying party's bound: a customer of more is one without ASPA (draft-ietf-sidrops-aspa-profile). */
#define MANRS_PROVIDERS_MAX 10000 /* providers of a customer */

/* An ASPA in pairs, as listings have it. */
typedef struct manrs_aspa_pair {
	uint32_t customer;
	uint32_t provider;
} manrs_aspa_pair;

/* What to do with the records of a call. */
enum manrs_op {
	MANRS_ADD = 1,    /* put them in */
	MANRS_REMOVE = 2, /* take them out */
};

/* What an edit call did with its records, seen from this source alone: RTR errors 6 and 7 are unknown and present. */
typedef struct manrs_counts {
	uint64_t added;
	uint64_t present; /* ADD of what this source had already */
	uint64_t removed;
	uint64_t unknown; /* REMOVE of what this source did not have */
	uint64_t refused; /* records that break their contract; skipped */
} manrs_counts;

/* A filter of SLURM (RFC 8416 section 3.3, draft-ietf-sidrops-aspa-slurm): what it has must all match. */
typedef struct manrs_slurm_filter {
	manrs_prefix prefix; /* family 0: any prefix */
	uint32_t asn;        /* the VRP's, the router key's, the ASPA's customer */
	uint8_t has_asn;
	uint8_t has_ski;
	uint8_t ski[20];
	uint8_t zero[2];
} manrs_slurm_filter;

/* Local exceptions. Arrays are borrowed for the call. Grows at its end: size is set by manrs_slurm_init (db.h). */
typedef struct manrs_slurm {
	size_t size;
	const manrs_slurm_filter *prefix_filters;
	const manrs_slurm_filter *key_filters;
	const manrs_slurm_filter *aspa_filters;
	const manrs_route *vrps; /* prefixAssertions; maxlen as judged */
	const manrs_router_key *keys;
	const manrs_aspa *aspas;
	size_t n_prefix_filters, n_key_filters, n_aspa_filters, n_vrps, n_keys, n_aspas;
} manrs_slurm;

/* Flags of a manrs_urpf_entry. */
#define MANRS_URPF_BEST    1u /* selected; several are ECMP */
#define MANRS_URPF_DISCARD 2u /* its packets are thrown away */
#define MANRS_URPF_LEAKED  4u /* a leak by its OTC attribute: BAR-SAV leaves it out */

/*
 * A route kept for an interface, of an Adj-RIB-In or a FIB. (prefix, iface, neighbour, path_id) is its key.
 * route.asn is the origin, used when the edit call comes without paths; 0: NONE or not known.
 */
typedef struct manrs_urpf_entry {
	manrs_route route;
	uint32_t neighbour; /* AS, or any number that tells neighbours of one interface apart */
	uint32_t path_id;   /* ADD-PATH; 0 without */
	uint16_t iface;     /* a handle, or MANRS_URPF_NO_IFACE */
	uint8_t flags;
	uint8_t zero;
} manrs_urpf_entry;

/*
 * A place in a listing. Every call that lists takes one behind what it selects by, all zero at the start, and moves it on;
 * it returns how many it wrote, and fewer than asked for are the last. Copied freely; belongs to what it was used with.
 * Of keys and prefixes in their order (manrs_trie_covered, manrs_urpf_list) it is the last one listed: a manrs_prefix copied
 * to the start of a zero cursor begins behind that prefix, which need not be there.
 * What is said of one thing (manrs_rov_covering, manrs_aspa_hops, manrs_findings) is no listing: it is written up to cap at
 * once, and how many there are is returned. What a reader of a file gives out (manrs_load_vrps) is gone from it.
 */
typedef struct manrs_cursor {
	uint64_t state[8];
} manrs_cursor;

/* What changed between two snapshots. */
enum manrs_change_kind {
	MANRS_CHANGE_VRP4 = 1, /* IPv4 VRPs of prefix */
	MANRS_CHANGE_VRP6 = 2, /* IPv6 VRPs of prefix */
	MANRS_CHANGE_IRR = 3,  /* route objects of prefix */
	MANRS_CHANGE_ASPA = 4, /* asn: the customer; look again at routes whose path holds it */
	MANRS_CHANGE_KEY = 5,  /* router keys of asn */
};

/* VRP4, VRP6, IRR: look again at the routes of this prefix and its more-specifics. */
typedef struct manrs_change {
	uint32_t kind; /* enum manrs_change_kind */
	uint32_t asn;
	manrs_prefix prefix;
	uint32_t zero;
} manrs_change;

#endif

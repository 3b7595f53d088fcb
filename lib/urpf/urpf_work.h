/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_WORK_H
#define LIB_URPF_URPF_WORK_H

/* The algorithms of uRPF over a snapshot in the making: what every prefix says for a check, from routes and the db. */

#include "urpf/urpf_state.h"
#include <manrs/packet_explain.h>

/* ---- indexes of a snapshot ---- */

struct urpf_efp { /* of an origin: the EFP-A interfaces that its set X goes to */
	struct heap_obj obj;
	uint32_t in_a; /* it is in the set A */
	uint32_t n;
	uint16_t iface[];
};

struct urpf_cone { /* asn is in the D of iface; NO_IFACE: in Du */
	uint32_t asn;
	uint16_t iface;
	uint16_t zero;
};

struct urpf_cones {
	struct heap_obj obj;
	uint64_t n;
	struct urpf_cone at[];
};

/* A commit at work. */
struct urpf_work {
	manrs_urpf_owner *o;
	const manrs_urpf *base; /* NULL: none */
	manrs_urpf *s;          /* in the making; owns what it points to */
	uint64_t now_ms;
	struct vec dirty;      /* manrs_prefix: to derive again */
	struct vec changed[2]; /* manrs_prefix: whose candidates differ, in order */
	struct vec items;      /* urpf_item: of the prefix at hand */
	struct vec asns;       /* uint32_t: scratch */
	bool all;              /* derive everything again */
	bool origins_whole;    /* their index is made from nothing */
	/* which parts some interface asks for */
	bool routes_by_iface, efp, efp_b, augment_roa, augment_irr, bar, cones, pi;
};

/*
 * Whether a neighbour sent it: it stands in an Adj-RIB-In. Of these alone RFC 8704 3.1, 3.4 and BAR-SAV section 4 make
 * their sets; local, static and discard routes are for the modes that look at a FIB.
 */
static inline bool urpf_sent(const manrs_urpf *s, const struct urpf_entry *x)
{
	return x->iface < s->ifaces->n && s->ifaces->at[x->iface].live &&
	       s->ifaces->at[x->iface].role != MANRS_ROLE_NONE;
}

/* Whether BAR-SAV may use an entry: sent, not ROV-Invalid, not ASPA-Invalid, not leaked (BAR-SAV section 4). */
bool urpf_usable(const manrs_urpf *s, const manrs_prefix *p, const struct urpf_entry *x);
/* The ASPA state of an entry's path as it came in; a negative number when there is no path or no role. */
int urpf_aspa(const manrs_urpf *s, const struct urpf_entry *x);
int urpf_rov(const manrs_urpf *s, const manrs_prefix *p, uint32_t origin);

const struct urpf_efp *urpf_efp_of(const manrs_urpf *s, uint32_t asn);
/* The first cone entry of an asn; *n of them. */
const struct urpf_cone *urpf_cones_of(const manrs_urpf *s, uint32_t asn, size_t *n);
bool urpf_in_du(const manrs_urpf *s, uint32_t asn);

/* Bring the indexes up to date from the touched prefixes; what that makes dirty is added. MANRS_OK, MANRS_ENOMEM. */
int urpf_index_origins(struct urpf_work *w, const struct vec *touched);
int urpf_index_efp(struct urpf_work *w, const struct vec *touched);
int urpf_index_cones(struct urpf_work *w, const struct vec *touched);

/* Make dirty all that an AS may have on a list: what it announces, and what the db says of it. */
int urpf_dirty_asn(struct urpf_work *w, uint32_t asn);

static inline struct ptrie_key urpf_key_asn(uint32_t asn)
{
	struct ptrie_key k = {.bits = 32};

	put32(k.at, asn);
	return k;
}

/* Derive one prefix: set or take out its candidate, and note it when it differs. */
int urpf_derive(struct urpf_work *w, const manrs_prefix *p);
/* BAR-SAV-PI: provably the customers' alone (urpf_pi.c). */
bool urpf_pi_cone(const struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r);

/* The special-purpose prefixes that are never sources, or not always; NULL at the end. */
const manrs_prefix *urpf_martian_at(size_t i);
/* What this very prefix is, whatever covers it. */
enum urpf_martian urpf_martian_of(const manrs_prefix *p);

/* The check of an address family, f 0 or 1, for an instruction set; the one for a wish of enum manrs_isa. */
typedef void urpf_check_fn(const manrs_urpf *s, unsigned f, const uint8_t *src,
			   const uint16_t *iface, size_t n, uint8_t *allow);
urpf_check_fn urpf_check_portable, urpf_check_avx2, urpf_check_avx512;
urpf_check_fn *urpf_check_of(uint32_t isa);

#endif

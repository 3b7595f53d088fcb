/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_STATE_H
#define LIB_URPF_URPF_STATE_H

/*
 * The inside of a uRPF snapshot: persistent objects, shared between snapshots and counted by the writer alone.
 *
 *     manrs_urpf -- ifaces      what was set
 *                -- rib[f]      prefix -> entries and prefixes by hand      (trie, the input)
 *                -- cand[f]     prefix -> what it says for a check          (trie, derived by lib/urpf/urpf_derive.c)
 *                -- origins, edges, efp, cones, holds, view                 (indexes that keep commits small)
 *                -- top[f]      the compiled lookup, blocks of 256 slots; rows: its answers, one bit an interface
 *
 * Nothing that two owners of a reference can reach is ever written: a changed trie copies its path, a changed lookup
 * its blocks.
 */

#include "base/counted.h"
#include "base/slots.h"
#include "urpf/urpf_candidate.h"
#include "urpf/urpf_rib.h"

/* The objects of a snapshot by number; each kind's descriptor stands in the file that makes it. */
enum urpf_object {
	URPF_PLAIN = HEAP_PLAIN, /* holds no other object */
	URPF_NODE = PTRIE_NODE,
	URPF_RECORD,
	URPF_TOP,
	URPF_CHUNK,
	URPF_BLOCK,
	URPF_IFACES,
	URPF_VIEW,
	URPF_LPM,
	URPF_FLAT,
	URPF_MATCH,
	URPF_OBJECTS
};

extern const struct heap_type urpf_top_type, urpf_chunk_type, urpf_block_type, urpf_ifaces_type,
	urpf_view_type, urpf_lpm_type, urpf_flat_type, urpf_match_type;

struct manrs_urpf {
	struct counted counted; /* first */
	manrs_urpf_owner *owner;
	manrs_urpf *older; /* in the owner's list */
	uint64_t serial;
	struct urpf_ifaces *ifaces;
	struct ptrie_node *rib[2], *cand[2];
	struct ptrie_node *origins; /* asn, family, prefix */
	struct ptrie_node *edges;   /* asn, asn of its customer: routes that show it */
	struct ptrie_node *efp;     /* asn: struct urpf_efp */
	struct ptrie_node *holds;   /* until_ms, family, prefix */
	struct urpf_cones *cones;
	struct urpf_view *view;
	struct urpf_masks *masks;
	struct urpf_rows *rows;
	struct urpf_top *top[2];
	struct urpf_flat *flat;    /* NULL: none */
	struct urpf_match *match6; /* likewise */
	uint32_t n_rows;
	uint64_t rows_gen; /* rows of one number are one table */
	uint64_t n_rib, n_cand, n_held, fallbacks, n_ifaces, bytes_all;
	/* for this processor */
	void (*check)(const manrs_urpf *s, unsigned f, const uint8_t *src, const uint16_t *iface,
		      size_t n, uint8_t *allow);
	uint8_t has_origins, has_edges, has_efp, counts_only;
};

_Static_assert(offsetof(manrs_urpf, counted) == 0, "a manrs_urpf is a counted");

struct manrs_urpf_owner {
	struct heap heap;
	uint32_t isa, local_as;
	uint64_t hold_ms, serial;
	manrs_urpf *newest;
	manrs_urpf_edit *edit;
	struct urpf_rows *rows; /* the newest */
	struct slots row_index; /* over them, by content */
	uint64_t hash_seed[2];
	uint32_t n_rows, rows_base;
	uint64_t rows_gen;
	uint64_t flat_min;   /* candidates from which on a flat copy is worth its MBs */
	uint32_t flat_width; /* the least that it has */
};

struct manrs_urpf_edit {
	manrs_urpf_owner *owner;
	const manrs_urpf *base; /* ref'd, or NULL */
	struct urpf_ifaces *ifaces;
	struct ptrie_node *rib[2];
	uint64_t n_rib;
	struct vec touched;  /* manrs_prefix: entries or prefixes by hand changed */
	bool ifaces_changed; /* then its ifaces are its own */
	uint32_t free_from;  /* no handle below it is free */
	uint32_t n_gone;     /* removed, their entries still in rib */
	uint64_t gens;
};

/* The interface of a handle; NULL: none. */
static inline const struct urpf_iface *urpf_iface_of(const manrs_urpf *s, uint16_t iface)
{
	return iface < s->ifaces->n && s->ifaces->at[iface].live ? &s->ifaces->at[iface] : NULL;
}

static inline const struct urpf_candidate *urpf_candidate_get(const manrs_urpf *s,
							      const manrs_prefix *p)
{
	struct ptrie_key k = ptrie_key_of(p);
	const struct ptrie_node *n = ptrie_get(s->cand[family_index(p)], &k);

	return n ? n->val : NULL;
}

#endif

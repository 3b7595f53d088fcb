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
#include "base/pack.h"
#include "base/slots.h"
#include "table/ptrie.h"
#include <manrs/lpm.h>
#include <manrs/packet_explain.h>

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

extern const struct heap_type urpf_record_type, urpf_top_type, urpf_chunk_type, urpf_block_type, urpf_ifaces_type,
	urpf_view_type, urpf_lpm_type, urpf_flat_type, urpf_match_type;

/* ---- what is fed ---- */

struct urpf_path {
	struct heap_obj obj;
	uint32_t n;
	uint32_t kinds; /* the kind bytes follow the hops */
	uint32_t asn[];
};

struct urpf_entry {
	uint32_t origin;
	uint32_t neighbour;
	uint32_t path_id;
	uint16_t iface;
	uint8_t flags;
	uint8_t zero;
	struct urpf_path *path; /* NULL: none was given */
};

struct urpf_manual {
	uint16_t iface;
	uint16_t kind; /* enum manrs_urpf_prefix_kind */
};

/* All that was fed for a prefix. The prefixes by hand follow the entries. */
struct urpf_record {
	struct heap_obj obj;
	uint32_t n;
	uint32_t n_hand;
	struct urpf_entry entry[];
};

static inline const struct urpf_manual *urpf_record_manual(const struct urpf_record *r)
{
	return (const struct urpf_manual *)(const void *)&r->entry[r->n];
}

struct urpf_iface {
	uint8_t live;
	uint8_t mode;	   /* as set */
	uint8_t effective; /* as used */
	uint8_t role;
	uint32_t asn;
	uint32_t options;
	uint32_t n_acl;
	uint32_t *acl;
	uint64_t gen; /* tells a handle's users apart; not 0 and not live: see urpf_ifaces_sweep */
};

struct urpf_ifaces {
	struct heap_obj obj;
	uint32_t n, cap;
	struct urpf_iface at[];
};

/* ---- what is derived ---- */

/* What a prefix says, beside its flags. iface may be MANRS_URPF_NO_IFACE for the kinds that mean a mode. */
enum urpf_kind {
	SAYS_ROUTE = 1, /* a route by this strict or feasible interface; step 1: a best one */
	SAYS_MEMBER,	 /* on the list of this interface */
	SAYS_EFP_B,	 /* on the list of every EFP-B interface, or those that augment, by step */
	SAYS_DENY,
	SAYS_ALLOW,
	SAYS_PI_NO, /* not for BAR-SAV-PI interfaces */
};

struct urpf_item {
	uint16_t iface;
	uint8_t kind;
	uint8_t step;
	uint32_t asn;
	uint64_t until_ms; /* 0, or: held; for PI_NO: not before */
};

#define CAND_ROUTE   1u
#define CAND_BEST    2u
#define CAND_DISCARD 4u

enum urpf_martian {
	MARTIAN_INHERIT,
	MARTIAN_DENY,
	MARTIAN_UNSPECIFIED,
	MARTIAN_LINK_LOCAL,
	MARTIAN_CLEAR
};

struct urpf_candidate {
	struct heap_obj obj;
	uint32_t n;
	uint8_t flags;
	uint8_t martian; /* enum urpf_martian */
	uint16_t zero;
	struct urpf_item item[];
};

/* ---- the compiled lookup ---- */

/*
 * A value is what all addresses of a slot share: row << 1 | 1, or a block, whose slots the next byte tells apart. A block
 * keeps runs of equal slots: a bit where a run starts, the runs before each word, a value a run; narrow ones are
 * uint16_t rows. Its bits begin on a cache line.
 */
struct urpf_block {
	struct heap_obj obj;
	uint64_t start[4];
	uint8_t rank[4];
	uint16_t runs;
	uint8_t wide;
	uint8_t zero;
	uint64_t val[];
};

struct urpf_chunk {
	struct heap_obj obj;
	uint64_t at[256]; /* values */
};

struct urpf_top {
	struct heap_obj obj;
	struct urpf_chunk *chunk[256];
};

static inline bool value_is_block(uint64_t v)
{
	return !(v & 1);
}

static inline struct urpf_block *value_block(uint64_t v)
{
	return (struct urpf_block *)(uintptr_t)v;
}

/* Where the value of slot i stands. */
static cc_inline const void *block_place(const struct urpf_block *k, unsigned i)
{
	uint64_t upto = k->start[i / 64] & ~UINT64_C(0) >> (63 - i % 64);
	size_t at = k->rank[i / 64] + cc_popcount64(upto) - 1;

	return (const char *)k->val + (at << (k->wide ? 3 : 1));
}

static cc_inline uint64_t block_value(const struct urpf_block *k, const void *place)
{
	return cc_likely(!k->wide) ? (uint64_t) * (const uint16_t *)place << 1 | 1
				   : *(const uint64_t *)place;
}

/* A flat copy of a big IPv4 lookup; urpf_flat.c has the picture. */
#define FLAT_CHUNKS (UINT32_C(1) << 18)
#define FLAT_NONE   UINT32_MAX
#define FLAT_SPARE  8192			  /* words of room at least */
#define FLAT_FAR    8192			  /* rows past the near caches */
#define FLAT_BITS   8u				  /* a width: the row itself */
#define FLAT_MARK   UINT64_C(0xa5c3a5c3a5c3a5c3) /* for no row, if no row is that */

/* The chunks of all versions of a copy: never changed, but the writer adds some. */
struct flat_store {
	struct heap_obj obj;
	uint64_t width; /* bytes of a row's number: 1, 2, 3; or FLAT_BITS */
	uint64_t none;	/* in place of a row's number, or of a row, which none is: look elsewhere */
	/* In bytes: the chunks, on a cache line; the /24s that have longer prefixes, in order; four chunks of each. */
	uint64_t *word;
	const uint32_t *longs, *long_at;
	uint64_t n_longs;
	uint64_t room; /* words there are; the writer's, as the next */
	struct pack pack;
	uint64_t bytes[];
};

/* Where the chunks of a /8 are. */
struct flat_page {
	struct heap_obj obj;
	uint32_t at[1024];
};

struct urpf_flat {
	struct heap_obj obj;
	struct flat_store *store;
	struct flat_page *page[256];
	uint64_t changed[1024]; /* the /16s whose longs are not those of the store */
};

/* Where the chunk of an address is, in words. */
static cc_inline uint32_t flat_place(const struct urpf_flat *f, const uint8_t *addr)
{
	uint32_t x = get32(addr);

	return f->page[x >> 24]->at[x >> 14 & 1023];
}

static inline bool flat_changed(const struct urpf_flat *f, const uint8_t *addr)
{
	return f->changed[get16(addr) / 64] >> get16(addr) % 64 & 1;
}

/* The chunk of the last byte of an address whose /24 is a long. */
static inline const uint64_t *flat_long(const struct flat_store *s, const uint8_t *addr)
{
	uint32_t slot = get32(addr) >> 8;
	size_t lo = 0, hi = (size_t)s->n_longs;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->longs[mid] <= slot)
			lo = mid;
		else
			hi = mid;
	}
	return s->word + s->long_at[4 * lo + (addr[3] >> 6)];
}

/* How many runs of a chunk start up to an address; addr: the byte after the chunk's 18 bits, of which its last 6 are left. */
static cc_inline size_t flat_runs(const uint64_t *chunk, unsigned addr)
{
	return cc_popcount64(*chunk << (~addr & 63));
}

/* The number of a row. */
static cc_inline uint32_t flat_row(const uint64_t *chunk, unsigned addr, unsigned width)
{
	const uint8_t *end = (const uint8_t *)(chunk + 1) + width * flat_runs(chunk, addr);

	return width == 1 ? end[-1] : width == 2 ? get16(end - 2) : get32(end - 4) & 0xffffff;
}

/* A compiled longest match. */
struct urpf_lpm {
	struct heap_obj obj;
	manrs_lpm *lpm;
};

/*
 * A big IPv6 lookup: a longest match of the prefixes that there were when it was made, and what the addresses of each of its
 * entries get; urpf_match.c has the picture.
 */
#define MATCH_PAGE 512u
#define MATCH_ASK  FLAT_MARK /* the blocks know */

struct match_page {
	struct heap_obj obj;
	uint64_t at[MATCH_PAGE]; /* rows; where they have more than a word, their numbers */
};

struct urpf_match {
	struct heap_obj obj;
	struct urpf_lpm *lpm;
	uint64_t n_ask; /* entries that say so */
	uint64_t n_pages;
	struct match_page *page[];
};

static cc_inline uint64_t match_at(const struct urpf_match *m, uint32_t entry)
{
	return m->page[entry / MATCH_PAGE]->at[entry % MATCH_PAGE];
}

/* The answers: row r is bits[r * words ..]. Rows are only added, so that older snapshots stay right. */
struct urpf_rows {
	struct heap_obj obj;
	uint32_t words, cap;
	uint64_t bits[];
};

/* What of the db is used, in the orders in which it is. */
struct urpf_view {
	struct heap_obj obj;
	const manrs_db *db;	     /* ref'd */
	struct vec vrp, irr;	     /* manrs_route, in order */
	struct vec vrp_asn, irr_asn; /* uint32_t: indexes by asn */
	struct vec customers;	     /* uint32_t: indexes of aspas by provider */
	struct vec providers;	     /* and by customer */
	struct vec aspas;	     /* manrs_aspa_pair */
};

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
	struct vec touched; /* manrs_prefix: entries or prefixes by hand changed */
	bool ifaces_changed; /* then its ifaces are its own */
	uint32_t free_from;  /* no handle below it is free */
	uint32_t n_gone;     /* removed, their entries still in rib */
	uint64_t gens;
};

/*
 * Take the entries and prefixes of all removed interfaces out, in one walk; their handles are free then. Until it is
 * called, at the commit, such a handle is given to nobody. returns: MANRS_OK, or MANRS_ENOMEM: nothing happened.
 */
int urpf_ifaces_sweep(manrs_urpf_edit *e);

void urpf_content_drop(manrs_urpf_owner *o, manrs_urpf *s);

/* ---- rows and blocks ---- */

/* The number of a row, made if new. returns false: no memory. */
bool row_intern(manrs_urpf_owner *o, const uint64_t *bits, uint32_t *row);
/* Begin a new table of rows of so many words: older snapshots keep theirs. */
bool row_reset(manrs_urpf_owner *o, uint32_t words);

/*
 * The lookup of one family for snapshot s from its candidates.
 * in:      old: the lookup of an older snapshot on the same rows and masks, or NULL for all; dirty[n]: prefixes whose
 *          candidates changed since, in order
 */
struct urpf_top *block_compile(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family,
			    const struct urpf_top *old, const manrs_prefix *dirty, size_t n);

/*
 * A flat copy, of at least the width `least` where rows have one word, and no more than 3 where they have more; NULL: no
 * memory, and then it is done without.
 */
struct urpf_flat *flat_new(struct heap *h, const struct urpf_top *top, const struct urpf_rows *rows,
			uint32_t n_rows, unsigned least);
/* The next version of a copy, with what is dirty as it is in top. NULL: no memory, or no room for it in the copy. */
struct urpf_flat *flat_next(struct heap *h, const struct urpf_flat *old, const struct urpf_top *top,
			 const struct urpf_rows *rows, const manrs_prefix *dirty, size_t n);

/* The row of what a prefix covers and no longer one does, made if new; false: no memory. NULL: no memory. */
struct urpf_build *build_new(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family);
bool build_row(struct urpf_build *b, const uint8_t *addr, unsigned bits, uint32_t *row);
void build_free(struct urpf_build *b);

/* The longest match of all IPv6 candidates; NULL: no memory, and then it is done without. */
struct urpf_match *match_new(manrs_urpf_owner *o, const manrs_urpf *s);
/* The next version of one, with what is dirty as it is in s. NULL: no memory, or too much to ask. */
struct urpf_match *match_next(manrs_urpf_owner *o, const manrs_urpf *s, const struct urpf_match *old,
			   const manrs_prefix *dirty, size_t n);

/* ---- derivation, called by commit ---- */

static inline unsigned family_index(const manrs_prefix *p)
{
	return p->family == 6;
}

/* The interface of a handle; NULL: none. */
static inline const struct urpf_iface *urpf_iface_of(const manrs_urpf *s, uint16_t iface)
{
	return iface < s->ifaces->n && s->ifaces->at[iface].live ? &s->ifaces->at[iface] : NULL;
}

static inline const struct urpf_candidate *urpf_candidate_get(const manrs_urpf *s, const manrs_prefix *p)
{
	struct ptrie_key k = ptrie_key_of(p);
	const struct ptrie_node *n = ptrie_get(s->cand[family_index(p)], &k);

	return n ? n->val : NULL;
}

static inline const struct urpf_record *urpf_record_get(struct ptrie_node *const *rib, const manrs_prefix *p)
{
	struct ptrie_key k = ptrie_key_of(p);
	const struct ptrie_node *n = ptrie_get(rib[family_index(p)], &k);

	return n ? n->val : NULL;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DATA_STORE_H
#define LIB_DATA_STORE_H

/*
 * How snapshots are kept. An owner holds lineages; a lineage is a row of snapshots, each made from the one before, that
 * share the blocks of two pools:
 *
 *     owner -- lineage -- oldest db -> db -> newest db
 *                 |          retired: blocks that the next one no longer has
 *                 +-- pools: read (what lookups touch), raw (records)
 *
 * A retired block goes back to its pool when its snapshot and all older ones are gone. A lineage whose snapshots are all
 * gone is thrown away whole. An edit on a snapshot that is not the newest of its lineage starts a lineage of its own.
 */

#include "base/slots.h"
#include "base/txn.h"
#include "data/snapshot.h"
#include "table/asnmap.h"
#include "table/cover.h"

struct lineage {
	struct lineage *next;
	struct pool pool[2]; /* by enum txn_pool */
	manrs_db *oldest, *newest;
};

struct manrs_db_owner {
	manrs_alloc mem;
	uint32_t isa;
	uint32_t max_providers;
	struct lineage *lineages;
	manrs_edit *edit;
	uint64_t serial;
	uint64_t hash_seed[2];
};

struct manrs_db {
	struct db_view view; /* first */
	uint64_t serial;
	manrs_db_owner *owner;
	struct lineage *lineage;
	manrs_db *next;
	struct vec retired; /* struct txn_block */
};

_Static_assert(offsetof(manrs_db, view) == 0 && offsetof(struct db_view, counted) == 0,
	       "a db is a counted");

/* ---- ASPAs: one block a customer ---- */

struct aspa_pair { /* one provider, and who lists it */
	uint64_t sources;
	uint32_t provider;
	uint32_t asserted;
};

struct aspa_raw {
	uint32_t n;
	uint32_t mark;           /* the writer's scratch, as cover_own's */
	struct aspa_pair pair[]; /* by provider */
};

/* Whether it may be a record, but for the bound on providers: MANRS_OK or MANRS_EINVAL. *what: the rule that it breaks. */
int aspa_check(const manrs_aspa *aspa, const char **what);

/* ---- router keys: one sorted array, copied by a commit that changes it ---- */

struct key_rec {
	manrs_router_key key;
	uint64_t sources;
	uint64_t flags; /* enum cover_flag */
};

struct key_set {
	uint64_t n;
	struct key_rec rec[];
};

/* The keys of a source are at hand in the edit. returns: false when memory was refused; no key is changed. */
bool key_touch_source(manrs_edit *edit, uint64_t bit);
void key_drop(manrs_edit *edit, uint64_t bit, manrs_counts *counts);
int key_cmp(const manrs_router_key *a, const manrs_router_key *b);
bool key_ok(const manrs_router_key *key); /* it may be a record */

static inline bool key_effective(const struct key_rec *k)
{
	return (k->flags & COVER_ASSERTED) || (k->sources && !(k->flags & COVER_FILTERED));
}

/* ---- SLURM ---- */

struct slurm_set;
/* A copy, indexed; slurm_bytes of memory. NULL: refused. */
struct slurm_set *slurm_make(const manrs_alloc *mem, const manrs_slurm *slurm);
struct slurm_set *slurm_copy(void *at, const struct slurm_set *set);
size_t slurm_bytes(const struct slurm_set *set);
int slurm_check(const manrs_slurm *slurm, manrs_fault *fault);
/* COVER_ASSERTED and COVER_FILTERED as they apply; a NULL set gives 0. */
uint8_t slurm_vrp(const struct slurm_set *set, const manrs_route *vrp);
uint8_t slurm_key(const struct slurm_set *set, const manrs_router_key *key);
bool slurm_filters_aspa(const struct slurm_set *set, uint32_t customer);
/* What it asserts, in order. */
size_t slurm_vrps(const struct slurm_set *set, const manrs_route **vrps);
size_t slurm_keys(const struct slurm_set *set, const manrs_router_key **keys);
size_t slurm_aspas(const struct slurm_set *set, const manrs_aspa_pair **pairs);
size_t slurm_aspa_filters(const struct slurm_set *set, const uint32_t **customers);

/* ---- pending changes of an edit ---- */

struct pend {
	manrs_route route;
	uint64_t was, now;        /* sources */
	uint8_t flags_was, flags; /* enum cover_flag */
};

/* ADDs on an empty base that nobody asked counts of, repeats and all (bulk.c). */
struct bulk {
	struct vec v4, v6; /* packed records */
};

/* returns: false when memory was refused */
bool bulk_append(const manrs_alloc *mem, struct bulk *b, const manrs_route *routes, size_t n,
		 uint32_t source, bool irr, manrs_fault *fault);
/* The i-th of v4.n + v6.n. returns: its source's bit */
uint64_t bulk_get(const struct bulk *b, size_t i, manrs_route *route);
/* Put those of a family into a tree: they are sorted where they lie, but stay. returns: false when memory was refused. */
bool bulk_apply(const manrs_alloc *mem, struct txn *t, struct bulk *b, unsigned family,
		uint64_t *root, int64_t *effective);
void bulk_free(const manrs_alloc *mem, struct bulk *b);

struct pending {
	struct vec pend;
	struct slots index; /* over pend, once a call needs it */
	struct bulk bulk;   /* beside pend, until then */
};

static inline size_t bulk_count(const struct bulk *b)
{
	return b->v4.n + b->v6.n;
}

/* Make sure of room for n more, with all that is pending in pend and indexed; then pending_of cannot fail n times. */
bool pending_reserve(const manrs_alloc *mem, struct pending *p, size_t n);
/* The record in the base tree, NULL if there is none; *own: the array that it is in. */
const struct cover_rec *pending_base(uint64_t root, const manrs_route *route,
				     const struct cover_own **own);
/* The pending change of a record, made from its state in the base tree when there is none. */
struct pend *pending_of(struct pending *p, const manrs_route *route, uint64_t root);
/* The same where there is one, else NULL. */
struct pend *pending_find(const struct pending *p, const manrs_route *route);
/*
 * The first ADD of many records on an empty base, by sorting: there is nothing to look up, and a hash is made only if
 * another call comes. The same outcome and counts as one by one. returns: false when memory was refused.
 */
bool pending_bulk(const manrs_alloc *mem, struct pending *p, const manrs_route *routes, size_t n,
		  uint64_t bit, bool irr, manrs_counts *counts, manrs_fault *fault, size_t *first);
/* The order of records: prefix, asn, maxlen. */
int route_order(const manrs_route *a, const manrs_route *b);
bool route_ok(const manrs_route *route, manrs_fault *fault, uint64_t at);
void pending_prefetch(const struct pending *p, const manrs_route *route);
void pending_free(const manrs_alloc *mem, struct pending *p);
/*
 * The changes of one family as sorted ops. all: also those that changed nothing. returns: false when memory was refused.
 * out: *ops of vec struct cover_op
 */
bool pending_ops(const manrs_alloc *mem, const struct pending *p, unsigned family, bool all,
		 struct vec *ops);

struct pend_aspa {
	uint32_t customer;
	bool loaded;     /* pair holds the base's */
	struct vec pair; /* struct aspa_pair, by provider */
	size_t reserved; /* items that the call at work has room for */
	uint64_t fed;    /* sources that added to it in this edit */
	/* a source, of which the providers but for AS0 are own; 0: none is counted */
	uint64_t own_of;
	size_t own;
};

/* ---- sources that are replaced (replace.c) ---- */

/* What is numbered in the base: the records of each tree, the customers, the keys. */
enum { KIND_ASPA = TREES, KIND_KEY, KINDS };

struct numbered {
	uint32_t n;
	struct vec place; /* struct place: where to begin to look for a number */
};

struct replaced {
	uint64_t bit; /* the source */
	/* of uint64_t, a bit a number: the base has it under this source, and the edit did not list it again */
	struct vec unseen[KINDS];
};

struct manrs_edit {
	manrs_db_owner *owner;
	manrs_db *base; /* held; NULL: empty */
	uint64_t fed;   /* sources that this edit fed or dropped */
	size_t first;   /* of the last call: manrs_edit_first; FIRST_NONE, FIRST_UNASKED */
	struct numbered numbered[KINDS];
	struct vec replaced; /* struct replaced */
	bool numbers, unused_changed;
	uint64_t unused; /* sources that are not judged, when unused_changed */
	struct pending vrp, irr;
	/* struct pend_aspa: aspa[i] is of the customer in by_customer.pend[i] */
	struct vec aspa;
	struct pending by_customer;
	struct vec key; /* struct key_rec: those that were touched, as they will be */
	struct slots key_index;
	bool slurm_changed;
	struct slurm_set *slurm; /* the new one, host memory; NULL: none */
};

#define FIRST_NONE    SIZE_MAX
#define FIRST_UNASKED (SIZE_MAX - 1)

const struct slurm_set *edit_slurm(const manrs_edit *edit);
uint64_t edit_unused(const manrs_edit *edit);
/* The base's tree of a family, 4 or 6. */
uint64_t edit_root(const manrs_edit *edit, enum tree tree, unsigned family);

/* What an edit call found, beside the counts: the first record that a strict feed may not have. */
static inline void edit_note(const manrs_counts *c, size_t i, size_t *first)
{
	if (*first == FIRST_NONE && (c->present | c->unknown | c->refused))
		*first = i;
}

/* A feed call has done its work. */
void edit_fed(manrs_edit *edit, uint64_t bit, size_t n, const manrs_counts *c, size_t first,
	      manrs_counts *counts);

/* The source as one that is replaced; NULL: it is not. Valid until another is. */
struct replaced *replaced_of(const manrs_edit *edit, uint64_t bit);
bool replaced_unseen(const struct replaced *r, unsigned kind, uint32_t number);
void replaced_set(struct replaced *r, unsigned kind, uint32_t number, bool unseen);
/*
 * Feed records to a replaced source: those that the base has under it take no memory. of: KIND_KEY, or a TREE of family 4.
 * returns: false when memory was refused; then nothing is applied
 */
bool replaced_feed(manrs_edit *edit, struct replaced *r, unsigned of, int op, const void *records,
		   size_t n, manrs_counts *counts, manrs_fault *fault, size_t *first);
/* Take from a replaced source what the edit listed. */
void replaced_drop(manrs_edit *edit, struct replaced *r, manrs_counts *counts);
/* At a commit: what was not listed again is at hand, and then has what it shall have. */
bool replaced_gather(manrs_edit *edit, unsigned kind);
void replaced_settle(manrs_edit *edit, enum tree tree);
void replaced_free(manrs_edit *edit);

bool aspa_touch(manrs_edit *edit, uint32_t customer);
/* Take a replaced source's lists out of the pending customers. returns: how many it had that the base has not. */
size_t aspa_forget(manrs_edit *edit, const struct replaced *r);
const struct key_rec *key_base(const manrs_edit *edit, const manrs_router_key *key);
bool key_reserve(manrs_edit *edit, size_t n);
/* The pending state of a key, made from the base when there is none; there is room. */
struct key_rec *key_touch(manrs_edit *edit, const manrs_router_key *key);

/* One ADD or REMOVE of a source: the sources after it. */
uint64_t edit_sources(uint64_t sources, uint64_t bit, int op, manrs_counts *counts);

/* The parts of a commit, each on the new snapshot's content and its transaction. returns: false when memory was refused. */
bool commit_aspas(manrs_edit *edit, struct txn *txn, struct content *c, bool rebuild);
/* A customer's block of a pending state, NULL when no source lists anything; and one that goes. false: no memory. */
bool aspa_block_make(manrs_edit *edit, struct txn *txn, const struct slurm_set *set,
		     const struct pend_aspa *pend, const struct aspa_record **out);
bool aspa_block_retire(struct txn *txn, const struct aspa_record *block);
bool commit_keys(manrs_edit *edit, struct txn *txn, struct content *c, bool rebuild);
/* Have all customers of a source at hand, then take the source from them. */
bool aspa_touch_source(manrs_edit *edit, uint64_t bit);
void aspa_drop(manrs_edit *edit, uint64_t bit, manrs_counts *counts);

#endif

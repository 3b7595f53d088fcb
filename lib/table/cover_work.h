/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_COVER_WORK_H
#define LIB_TABLE_COVER_WORK_H

/* The work on one node while a commit makes a new tree: cover.c goes down, cover_node.c groups and writes. */

#include "table/cover.h"

/* One change of one tree. */
struct cover_txn {
	struct txn *txn;
	void *scratch[16];
	int64_t effective; /* out: records that count, more or fewer than before */
};

/* The list of what covers a subtree from above. */
struct inherited {
	uint64_t many; /* an entry; then n is 0 */
	unsigned n;
	uint64_t word[COVER_FEW];
};

/* The records of one prefix of a node that count. */
struct group {
	/* the first record of the prefix; others that do not count may stand between */
	const struct cover_rec *rec;
	uint32_t n;     /* that count */
	uint32_t span;  /* records in all */
	int16_t parent; /* the group around it, -1: inh */
	uint16_t words; /* of its whole list; 0 where that is a MANY */
	uint64_t entry; /* its list: MANY, ONE, or an offset until the node is written */
	int32_t at;     /* offset of its list among the node's words, -1: not placed */
	int16_t like;   /* the first group nearby with an equal list: its words serve both */
	uint8_t slot, len;
	bool changed;
};

#define GROUPS 512

struct work {
	const struct cover_op *ops;
	size_t n;
	unsigned depth;
	bool dirty;
	uint8_t key[16];
	const struct cover_node *old;
	struct cover_own *own;
	bool grouped;  /* group[] and inner[] are made */
	bool reshaped; /* a slot got its first child or lost it */
	uint64_t hung; /* an old subtree that now hangs under hung_slot */
	uint8_t hung_slot;
	unsigned merged; /* slots that were gone down into, and what came of them: */
	uint8_t slot[256];
	uint64_t child[256];
	uint64_t kids[4];  /* the slots that have children, once all are needed, */
	uint64_t kid[256]; /* and those children; only where the bit is set */
	uint64_t edge[4];  /* slots at which the innermost group may change */
	unsigned groups;
	int32_t inh_at;     /* offset of the words from above among the node's, -1: not placed */
	unsigned changes;   /* prefixes of this node whose counting records changed */
	int16_t inner[256]; /* the innermost group over a slot, -1: inh */
	bool stale[256];    /* the covering list of the slot changed */
	uint16_t change[GROUPS]; /* slot << 8 | len */
	struct group group[GROUPS];
};

size_t cover_own_size(size_t n);
size_t cover_node_bytes(const struct cover_node *node);
size_t cover_skip_size(size_t words);

void cover_set_slot(uint64_t *slots, unsigned s);
/* Group the records of a node and give the long lists their blocks. returns: false when memory was refused. */
bool cover_group(struct cover_txn *t, struct work *k, const struct inherited *inh);
/* What the slots of a group inherit (-1: under no group). */
void cover_list_of(const struct work *k, int g, const struct inherited *inh, struct inherited *out);
/* The same for a slot of a node that is not grouped, since its records stay as they are. */
void cover_list_under(const struct work *k, unsigned slot, const struct inherited *inh,
		      struct inherited *out);
/* The node, compiled from groups and children; or copied with other children. returns: its entry, 0: refused. */
uint64_t cover_compile(struct cover_txn *t, struct work *k, const struct inherited *inh);
uint64_t cover_patch(struct cover_txn *t, struct work *k);
uint64_t cover_make_skip(struct cover_txn *t, const uint8_t *key, unsigned to, uint64_t child,
			 const struct inherited *inh);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_RIB_RIB_VERDICT_H
#define LIB_RIB_RIB_VERDICT_H

/* The verdicts that routes have, each once, counted by the routes that have it: there are some hundreds. */

#include "base/slots.h"
#include <manrs/check.h>

#define RIB_VERDICT_NONE UINT32_MAX

struct rib_verdict {
	manrs_verdict verdict;
	uint64_t refs; /* 0: free */
	uint32_t next; /* of the free ones */
	uint32_t zero;
};

struct rib_verdict_store {
	const manrs_alloc *mem;
	struct vec all; /* struct rib_verdict */
	struct slots index;
	uint32_t free, live;
	uint32_t last; /* taken last: often the next one too */
};

void rib_verdict_init(struct rib_verdict_store *store, const manrs_alloc *mem,
		      const uint64_t seed[2]);
void rib_verdict_free(struct rib_verdict_store *store);
/* One more that has it. returns: the id; RIB_VERDICT_NONE: refused */
uint32_t rib_verdict_take(struct rib_verdict_store *store, const manrs_verdict *verdict);
void rib_verdict_drop(struct rib_verdict_store *store, uint32_t id);

static inline const manrs_verdict *rib_verdict_at(const struct rib_verdict_store *store,
						  uint32_t id)
{
	return &((const struct rib_verdict *)store->all.at)[id].verdict;
}

static inline bool rib_verdict_same(const manrs_verdict *a, const manrs_verdict *b)
{
	return a->pass == b->pass && a->fail == b->fail && a->unknown == b->unknown;
}

#endif

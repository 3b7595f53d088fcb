/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A customer's block in a snapshot: what each source lists, and behind it what counts of that, which is all that a check reads.
 *
 * source: draft-ietf-sidrops-aspa-verification section 3 (union, AS0); draft-ietf-sidrops-aspa-profile (the bound)
 */

#include "data/store.h"

#include <assert.h>
#include <string.h>

static size_t raw_size(size_t n)
{
	return sizeof(struct aspa_raw) + n * sizeof(struct aspa_pair);
}

static size_t block_size(size_t n)
{
	return sizeof(struct aspa_record) + n * sizeof(uint32_t);
}

/* What counts of a customer's pairs, given the sources that do; out may be NULL to count. */
static uint32_t effective(const struct aspa_raw *raw, uint64_t sources, uint32_t most,
			  uint32_t *out)
{
	uint32_t n = 0, zero = 0;

	for (uint32_t i = 0; i < raw->n; i++) {
		const struct aspa_pair *p = &raw->pair[i];

		if (!p->asserted && !(p->sources & sources))
			continue;
		if (p->provider == 0) {
			zero = 1;
			continue;
		}
		if (out)
			out[n] = p->provider;
		n++;
	}
	if (n > most)
		return 0;
	if (n == 0 && zero && out)
		out[0] = 0;
	return n ? n : zero;
}

bool aspa_block_make(manrs_edit *e, struct txn *t, const struct slurm_set *set,
		     const struct pend_aspa *p, const struct aspa_record **out)
{
	uint32_t n = (uint32_t)p->pair.n, most = e->owner->max_providers, rec;
	uint64_t sources = slurm_filters_aspa(set, p->customer) ? 0 : ~edit_unused(e);
	struct aspa_raw *raw;
	struct aspa_record *b;

	*out = NULL;
	if (!n)
		return true;
	raw = txn_alloc(t, TXN_RAW, raw_size(n));
	if (!raw)
		return false;
	*raw = (struct aspa_raw){.n = n};
	memcpy(raw->pair, p->pair.at, n * sizeof *raw->pair);
	rec = effective(raw, sources, most, NULL);
	assert(rec <= n && (rec <= most || rec == 1));
	b = txn_alloc(t, TXN_READ, block_size(rec));
	if (!b)
		return false;
	*b = (struct aspa_record){.customer = p->customer, .raw = raw};
	b->n = rec;
	if (rec)
		effective(raw, sources, most, b->provider);
	*out = b;
	return true;
}

bool aspa_block_retire(struct txn *t, const struct aspa_record *b)
{
	return txn_retire(t, TXN_RAW, b->raw, raw_size(b->raw->n)) &&
	       txn_retire(t, TXN_READ, b, block_size(b->n));
}

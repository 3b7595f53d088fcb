/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tails of rows, a slot a path. A test that has several findings for one state has them by the path, the neighbour, the
 * flags and OTC; but for those below, and for ROV, whose reason is in the key.
 */

#include "check_tails.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MOST  (64u << 20)
#define PATHS_MOST (1u << 22)

/* Several findings by the prefix or the next hop. */
#define BY_MORE                                                                          \
	(UINT64_C(1) << MANRS_TEST_BOGON_PREFIX | UINT64_C(1) << MANRS_TEST_PREFIX_LEN | \
	 UINT64_C(1) << MANRS_TEST_IRR | UINT64_C(1) << MANRS_TEST_NEXT_HOP)
#define ROV  (UINT64_C(1) << MANRS_TEST_ROV)
#define LEAK (UINT64_C(1) << MANRS_TEST_LEAK)

bool tail_key_of(struct tail_key *key, const manrs_db *db, const manrs_policy *policy,
		 const manrs_announcement *a, const manrs_verdict *v)
{
	manrs_route route = {.prefix = a->prefix};

	/* what a leak may be is told by ROV, which must be in the key then */
	if (v->fail & BY_MORE || a->flags & MANRS_ANNOUNCE_MALFORMED || a->path.n > 256 ||
	    (v->unknown & LEAK && !(policy->tests & ROV)))
		return false;
	*key = (struct tail_key){.verdict = *v,
				 .neighbour = a->neighbour_asn,
				 .flags = a->flags,
				 .otc = a->otc,
				 .family = a->prefix.family};
	if (v->fail & ROV) {
		manrs_path_origin(&a->path, policy->local_as, &route.asn);
		key->reason = (uint16_t)manrs_rov_reason(db, &route);
	}
	return true;
}

struct tail *tail_of(struct tails *t, uint32_t path, const struct tail_key *key)
{
	struct tail *tail;

	if (path >= PATHS_MOST)
		return NULL;
	if (path >= t->n_tails) {
		size_t n = 2 * (size_t)path + 1024;

		t->tail = must_resize(t->tail, n, sizeof *t->tail);
		memset(t->tail + t->n_tails, 0, (n - t->n_tails) * sizeof *t->tail);
		t->n_tails = n;
	}
	tail = &t->tail[path];
	if (tail->n && memcmp(&tail->key, key, sizeof *key))
		tail->n = 0;
	tail->key = *key;
	return tail;
}

void tail_ahead(const struct tails *t, uint32_t soon, uint32_t sooner)
{
	if (soon < t->n_tails) {
		__builtin_prefetch(&t->tail[soon]);
		__builtin_prefetch(&t->tail[soon].n_codes);
	}
	if (sooner < t->n_tails && t->tail[sooner].n)
		__builtin_prefetch(t->text + t->tail[sooner].at);
}

void tail_keep(struct tails *t, struct tail *tail, const char *text, size_t n)
{
	if (t->n_text + n > TEXT_MOST)
		tails_forget(t);
	if (t->cap_text - t->n_text < n) {
		t->cap_text = 2 * (t->n_text + n);
		t->text = must_resize(t->text, t->cap_text, 1);
	}
	memcpy(t->text + t->n_text, text, n);
	tail->at = t->n_text;
	tail->n = (uint32_t)n;
	t->n_text += n;
}

void tails_forget(struct tails *t)
{
	for (size_t i = 0; i < t->n_tails; i++)
		t->tail[i].n = 0;
	t->n_text = 0;
}

void tails_free(struct tails *t)
{
	free(t->tail);
	free(t->text);
}

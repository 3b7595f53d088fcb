/* SPDX-License-Identifier: BSD-2-Clause */
/* The tails of rows, a slot a path. */

#include "check_tails.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MOST  (64u << 20)
#define PATHS_MOST (1u << 22)

_Static_assert(sizeof(struct tail_key) == 24 + MANRS_TESTS + 3, "keys are compared as bytes");

void tail_key_of(struct tail_key *key, const manrs_announcement *a, const manrs_verdict *v,
		 const uint8_t codes[MANRS_TESTS])
{
	*key = (struct tail_key){.fail = v->fail,
				 .unknown = v->unknown,
				 .neighbour = a->neighbour_asn,
				 .flags = a->flags};
	memcpy(key->code, codes, MANRS_TESTS);
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
		__builtin_prefetch(&t->tail[soon].n);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* Best fit among the lines that were begun last. */

#include "base/pack.h"

#include <assert.h>

static size_t new_line(struct pack *p, size_t words)
{
	struct pack_open *open = &p->open[p->next++ % PACK_OPEN];
	size_t at = p->words, all = (words + PACK_LINE - 1) / PACK_LINE * PACK_LINE;

	assert(words > 0 && at % PACK_LINE == 0);
	p->words += all;
	*open = (struct pack_open){at + words, all - words};
	return at;
}

size_t pack_place(struct pack *p, size_t words)
{
	struct pack_open *best = NULL;

	for (unsigned i = 0; i < PACK_OPEN; i++)
		if (p->open[i].room >= words && (!best || p->open[i].room < best->room))
			best = &p->open[i];
	if (!best)
		return new_line(p, words);
	best->at += words;
	best->room -= words;
	assert(best->at + best->room <= p->words && (best->at + best->room) % PACK_LINE == 0);
	return best->at - words;
}

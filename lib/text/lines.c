/* SPDX-License-Identifier: BSD-2-Clause */
/* Text cut into lines, and their numbers. */

#include "text/lines.h"

#include <assert.h>
#include <string.h>

void lines_start(struct lines *l, const char *text, size_t at, size_t n, uint32_t number)
{
	assert(at <= n);
	*l = (struct lines){.text = text, .n = n, .next = at, .number = number};
}

bool lines_next(struct lines *l)
{
	const char *end;

	if (l->next == l->n)
		return false;
	l->number += l->ended;
	end = memchr(l->text + l->next, '\n', l->n - l->next);
	l->ended = end != NULL;
	l->from = l->next;
	l->to = end ? (size_t)(end - l->text) : l->n;
	l->next = l->to + l->ended;
	assert(l->from <= l->to && l->next <= l->n);
	assert(l->next > l->from); /* it comes to an end */
	return true;
}

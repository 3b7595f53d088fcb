/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the command itself. */

#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *must_resize(void *ptr, size_t n, size_t size)
{
	void *at = reallocarray(ptr, n ? n : 1, size);

	if (!at) {
		complain("%s", strerror(ENOMEM));
		exit(EXIT_ERROR);
	}
	return at;
}

void *must_room(void *ptr, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return ptr;
	*cap = *cap ? 2 * *cap : 1024;
	return must_resize(ptr, *cap, size);
}

void words_add(struct words *words, const char *word)
{
	words->at = must_resize(words->at, words->n + 1, sizeof *words->at);
	words->at[words->n++] = word;
}

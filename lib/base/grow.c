/* SPDX-License-Identifier: BSD-2-Clause */
/* grow.h: structs of a caller compiled with another version. */

#include "base/grow.h"

#include <assert.h>
#include <string.h>

static size_t size_of(const void *x)
{
	size_t size;

	memcpy(&size, x, sizeof size);
	return size;
}

static bool size_ok(size_t size, size_t least)
{
	return size >= least && size <= GROW_MOST;
}

bool grow_init(void *to, size_t size, size_t least, const void *defaults, size_t known)
{
	size_t shared = size < known ? size : known;

	assert(least >= sizeof size && least <= known && known <= GROW_MOST);
	if (!size_ok(size, least))
		return false;
	memcpy(to, defaults, shared);
	memset((char *)to + shared, 0, size - shared);
	memcpy(to, &size, sizeof size);
	return true;
}

bool grow_take(void *to, size_t known, size_t least, const void *from)
{
	size_t size = size_of(from), shared = size < known ? size : known;
	const unsigned char *bytes = from;

	assert(least >= sizeof size && least <= known && known <= GROW_MOST);
	if (!size_ok(size, least))
		return false;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return false;
	memmove(to, from, shared);
	memset((char *)to + shared, 0, known - shared);
	memcpy(to, &known, sizeof known);
	return true;
}

bool grow_give(void *to, size_t least, const void *from, size_t known)
{
	return grow_init(to, size_of(to), least, from, known);
}

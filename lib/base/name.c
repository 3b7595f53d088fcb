/* SPDX-License-Identifier: BSD-2-Clause */
/* Near misses of known names: both sides are folded first, then compared, or measured by edit distance. */

#include "base/name.h"

#include <assert.h>

#define LETTERS 32 /* of a folded name; a longer one is near to nothing */
#define FAR     3  /* more than two changes */

/* Without '_' and '-', in small letters. returns: how many letters; over LETTERS: too many to look at. */
static size_t fold(char out[LETTERS], const char *text, size_t n)
{
	size_t letters = 0;

	for (size_t i = 0; i < n && letters <= LETTERS; i++) {
		char c = text[i];

		if (c == '_' || c == '-')
			continue;
		if (letters < LETTERS)
			out[letters] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		letters++;
	}
	assert(letters <= LETTERS + 1);
	return letters;
}

bool name_same(const char *a, size_t n, const char *known)
{
	char x[LETTERS], y[LETTERS];
	size_t nx = fold(x, a, n), ny = fold(y, known, strlen(known));

	return nx > 0 && nx == ny && nx <= LETTERS && !memcmp(x, y, nx);
}

int name_find(const char *a, size_t n, const struct name_of *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (name_same(a, n, table[i].name))
			return table[i].is;
	return -1;
}

/* Levenshtein's distance, a row at a time. */
static unsigned distance(const char *x, size_t nx, const char *y, size_t ny)
{
	uint8_t row[LETTERS + 1];

	assert(nx <= LETTERS && ny <= LETTERS);
	for (size_t j = 0; j <= ny; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 1; i <= nx; i++) {
		uint8_t diagonal = row[0];

		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= ny; j++) {
			uint8_t best = (uint8_t)(diagonal + (x[i - 1] != y[j - 1]));

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = (uint8_t)(row[j] + 1);
			if (row[j - 1] + 1 < best)
				best = (uint8_t)(row[j - 1] + 1);
			row[j] = best;
		}
	}
	return row[ny];
}

int name_near(const char *a, size_t n, const char *const *known, size_t count)
{
	char x[LETTERS], y[LETTERS];
	size_t nx = fold(x, a, n);
	unsigned least = FAR;
	int near = -1;

	if (nx == 0 || nx > LETTERS)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t ny = fold(y, known[i], strlen(known[i]));
		unsigned d = ny > LETTERS ? FAR : distance(x, nx, y, ny);

		if (d < least && 3 * d <= ny) {
			least = d;
			near = (int)i;
		}
	}
	return near;
}

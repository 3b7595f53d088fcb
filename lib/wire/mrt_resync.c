/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way back after the framing was lost: a writer was torn away in the midst of a record, and what came next stands behind
 * the torn bytes. A place where three heads follow one another, each where the length of the one before leads, is a place where
 * records start. One head alone is not: the torn record had one too.
 *
 * Invariant: the first byte of what we are given is no place to start at. It is where reading failed, or one byte before a
 * place that could not be judged yet.
 */

#include "wire/mrt_reader.h"

#define CHAIN 3

enum place { NOT_HERE, HERE, TELL_LATER };

static enum place look(const manrs_mrt *mrt, const uint8_t *bytes, size_t n, size_t at, bool last)
{
	enum place unknown = last ? NOT_HERE : TELL_LATER;
	struct mrt_head head;

	for (int i = 0; i < CHAIN; i++) {
		if (last && i > 0 && at == n)
			return HERE;
		if (at > n || n - at < MRT_HEAD)
			return unknown;
		if (!mrt_head_read(&head, bytes + at) ||
		    head.length > mrt->config.max_record - MRT_HEAD)
			return NOT_HERE;
		at += MRT_HEAD + (size_t)head.length;
	}
	return HERE;
}

int manrs_mrt_resync(manrs_mrt *mrt, const void *bytes, size_t n, int last, size_t *skip)
{
	enum place place = NOT_HERE;
	size_t at = 1;

	while (at < n && (place = look(mrt, bytes, n, at, last)) == NOT_HERE)
		at++;
	if (at >= n)
		at = last || n == 0 ? n : n - 1;
	else if (place == TELL_LATER)
		at--;
	*skip = at;
	mrt->at += at;
	mrt->stats.skipped += at;
	if (place == HERE)
		return 1;
	return last ? MANRS_ENOENT : 0;
}

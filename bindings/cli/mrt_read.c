/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of an MRT archive, chunk by chunk. Records that lie whole in a chunk are read where they stand; one that goes over
 * its end is held, and grows by what it wants of the next chunk alone:
 *
 *     chunk   |rec|rec|rec|re          |c|rec|rec|...
 *     held                 re       re+c
 */

#include "mrt_read.h"

#include "progress.h"

#include <stdlib.h>
#include <string.h>

#define TOLD 10 /* bad records, and lost places, one by one */

static bool judge(void *arg, const struct mrt_batch *batch)
{
	const struct mrt_read *r = arg;

	r->take(r->arg, batch);
	return !(r->out && r->out->failed);
}

bool mrt_start(struct mrt_read *r)
{
	manrs_alloc alloc = big_pages_alloc(&r->pages);
	manrs_mrt_config config;
	int rc;

	manrs_mrt_config_init(&config, sizeof config);
	config.alloc = &alloc;
	config.flags |= r->more_flags;
	random_seed(config.hash_seed);
	rc = manrs_mrt_new(&r->mrt, &config);
	if (rc < 0) {
		complain_error(rc);
		return false;
	}
	if (r->take)
		r->ring = mrt_ring_new(judge, r);
	return true;
}

/* All that was given is judged, and what is said now comes after what was said of it. */
static void settle(void *arg)
{
	struct mrt_read *r = arg;

	if (r->ring)
		mrt_ring_settle(r->ring);
	r->failed = r->out && r->out->failed;
}

/* What was gathered goes out now. */
static void flush(struct mrt_read *r)
{
	if (r->ring)
		mrt_ring_give(r->ring);
	settle(r);
}

/*
 * As the same announcements in text have it: what a collector sent is told of the peer that got it, as bgpdump does, and
 * whether a session is internal is for who asks to say.
 */
static void turn(manrs_announcement *a, size_t n, const manrs_mrt_record *record)
{
	for (size_t i = 0; i < n; i++) {
		a[i].flags &= ~MANRS_ANNOUNCE_INTERNAL;
		if (!record->local)
			continue;
		a[i].neighbour_asn = record->local_asn;
		a[i].neighbour_address = record->local_address;
	}
}

static void gather(struct mrt_read *r, const manrs_mrt_record *record)
{
	size_t room, got;

	do {
		struct mrt_batch *batch = mrt_ring_filling(r->ring);
		manrs_announcement *at = batch->at + batch->n;

		room = MRT_BATCH - batch->n;
		got = manrs_mrt_announced(r->mrt, at, batch->note + batch->n, room);
		turn(at, got, record);
		batch->n += got;
		if (batch->n == MRT_BATCH)
			r->failed = !mrt_ring_give(r->ring);
	} while (got == room);
}

/* Count what is wrong, and say so of the first ones. */
static void tell(struct mrt_read *r, uint64_t *count, const manrs_fault *fault, const char *and)
{
	++*count;
	if (r->bad + r->lost > TOLD)
		return;
	settle(r);
	if (!r->failed)
		complain_at(r->name, 0, "byte %llu: %s%s", (unsigned long long)fault->at + 1,
			    fault->what ? fault->what : manrs_strerror(fault->code), and);
}

static void take(struct mrt_read *r, const manrs_mrt_record *record)
{
	progress_items(++r->read);
	if (record->kind == MANRS_MRT_BAD) {
		tell(r, &r->bad, &record->fault, "");
	} else if (r->record) {
		r->record(r->arg, r->mrt, record);
		r->failed = r->out && r->out->failed;
	} else if (record->kind == MANRS_MRT_RIB || record->kind == MANRS_MRT_UPDATE) {
		gather(r, record);
	}
}

/* Pass over what is no record. returns: bytes used; 0: more are wanted. */
static size_t search(struct mrt_read *r, const char *bytes, size_t n, bool last)
{
	size_t skip;

	r->searching = manrs_mrt_resync(r->mrt, bytes, n, last, &skip) == 0;
	r->need = SIZE_MAX;
	return skip;
}

/* One record, or a part of what is none. returns: bytes used; 0: r->need of them are wanted; -1: said why. */
static ptrdiff_t step(struct mrt_read *r, const char *bytes, size_t n, bool last)
{
	const manrs_mrt_record *record;
	manrs_fault fault = {0};
	int rc;

	if (r->searching)
		return (ptrdiff_t)search(r, bytes, n, last);
	do {
		rc = manrs_mrt_decode(r->mrt, &record, bytes, n, last ? NULL : &r->need, &fault);
		if (rc == MANRS_EBUSY) {
			flush(r);
			if (r->ring)
				mrt_ring_filling(r->ring)->clears++;
		}
	} while (rc == MANRS_EBUSY);
	if (rc > 0)
		take(r, record);
	if (rc >= 0)
		return rc;
	if (rc != MANRS_ESYNTAX && rc != MANRS_ELIMIT) {
		settle(r);
		complain_error(rc);
		return -1;
	}
	tell(r, &r->lost, &fault, ": the next record is looked for");
	return (ptrdiff_t)search(r, bytes, n, last);
}

/* All that can be read. returns: bytes used; -1: it does not go on, said why. */
static ptrdiff_t consume(struct mrt_read *r, const char *bytes, size_t n, bool last)
{
	size_t at = 0;

	while (at < n && !r->failed) {
		bool searched = r->searching;
		ptrdiff_t used = step(r, bytes + at, n - at, last);

		if (used < 0)
			return -1;
		at += (size_t)used;
		if (!used && searched == r->searching)
			break;
	}
	return (ptrdiff_t)at;
}

/* Keep what is left of a chunk, or as much of the next one as the record held wants. returns: how much was kept. */
static size_t hold(struct mrt_read *r, const char *bytes, size_t n)
{
	size_t wanted = r->need > r->n_held ? r->need - r->n_held : 1;
	size_t part = r->n_held && wanted < n ? wanted : n;

	if (r->cap_held - r->n_held < part) {
		r->cap_held = 2 * (r->n_held + part);
		r->held = must_resize(r->held, r->cap_held, 1);
	}
	memcpy(r->held + r->n_held, bytes, part);
	r->n_held += part;
	return part;
}

/* The record held, completed from the chunk. returns: bytes of the chunk that are used up; -1: said why. */
static ptrdiff_t complete(struct mrt_read *r, const char *bytes, size_t n)
{
	size_t at = 0;

	while (r->n_held && at < n) {
		size_t before = r->n_held, part = hold(r, bytes + at, n - at);
		ptrdiff_t used = consume(r, r->held, r->n_held, false);

		if (used < 0)
			return -1;
		at += part;
		if ((size_t)used >= before) { /* what is left lies in the chunk too */
			at -= r->n_held - (size_t)used;
			r->n_held = 0;
		} else {
			r->n_held -= (size_t)used;
			memmove(r->held, r->held + used, r->n_held);
		}
	}
	return (ptrdiff_t)at;
}

bool mrt_feed(struct mrt_read *r, const char *bytes, size_t n)
{
	ptrdiff_t at = complete(r, bytes, n), used;

	if (at < 0)
		return false;
	used = consume(r, bytes + at, n - (size_t)at, false);
	if (used < 0)
		return false;
	at += used;
	if ((size_t)at < n)
		hold(r, bytes + at, n - (size_t)at);
	return true;
}

bool mrt_finish(struct mrt_read *r)
{
	ptrdiff_t used = consume(r, r->held, r->n_held, true);

	flush(r);
	if (used >= 0 && r->end)
		r->end(r->arg, r->mrt);
	return used >= 0;
}

void mrt_free(struct mrt_read *r)
{
	mrt_ring_free(r->ring);
	if (r->bad + r->lost > TOLD)
		complain_at(r->name, 0, "%llu bad records, framing lost %llu times",
			    (unsigned long long)r->bad, (unsigned long long)r->lost);
	manrs_mrt_free(r->mrt);
	big_pages_free(&r->pages);
	free(r->held);
	r->mrt = NULL;
	r->held = NULL;
	r->ring = NULL;
}

static void before_wait(void *arg)
{
	struct mrt_read *r = arg;

	flush(r);
	out_flush(r->out);
	r->failed = r->out->failed;
}

bool mrt_each(struct mrt_read *r, struct input *in)
{
	const char *bytes;
	ptrdiff_t n = -1;
	bool good;

	if (!in)
		return false;
	r->name = input_name(in);
	r->failed = r->out && r->out->failed;
	if (r->out)
		input_idle(in, before_wait, r);
	input_before_fault(in, settle, r);
	good = mrt_start(r);
	while (good && !r->failed && (n = input_read(in, &bytes)) > 0)
		good = mrt_feed(r, bytes, (size_t)n);
	if (good && n == 0)
		good = mrt_finish(r);
	else if (good)
		flush(r);
	mrt_free(r);
	input_close(in);
	return good && n >= 0;
}

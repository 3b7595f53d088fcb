/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AS paths: from the wire, merged with an AS4_PATH, and their origin.
 *
 *     AS_PATH on the wire       type count AS AS AS | type count AS | ...      (RFC 4271 section 4.3)
 *     as a record        asn    AS AS AS AS            kind  S+seq seq seq S+set        S: MANRS_SEGMENT_START
 *
 * The hops go into arrays of the caller. Writing counts on past their end, so that a caller learns what he needs. Two
 * AS_SEQUENCE segments one behind the other (a path of more than 255 hops) mean the same as one and become one: then
 * every path without sets and confederations has kind NULL, whoever sent it, and its text reads back as itself.
 */

#include "net/path_walk.h"

#include "base/bytes.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

bool path_ok(const manrs_path *path)
{
	unsigned before = 0;

	if (path->flags != 0 || (path->n && !path->asn))
		return false;
	if (!path->kind)
		return true;
	for (uint32_t i = 0; i < path->n; i++) {
		unsigned kind = path->kind[i];

		if ((kind | MANRS_SEGMENT_START) == before)
			continue;
		before = kind;
		kind &= (unsigned)~MANRS_SEGMENT_START;
		if (before == kind || kind < MANRS_SEGMENT_SET || kind > MANRS_SEGMENT_CONFED_SET)
			return false;
	}
	return true;
}

manrs_path path_at(const manrs_paths *paths, size_t i)
{
	uint32_t at = paths->start[i], end = paths->start[i + 1];

	if (end < at)
		return (manrs_path){.flags = 1};
	return (manrs_path){paths->asn ? paths->asn + at : NULL,
			    paths->kind ? paths->kind + at : NULL, end - at, 0};
}

/* One hop more, with its byte of kind. */
static void put(struct path_out *out, uint32_t asn, unsigned kind)
{
	if (out->n < out->cap) {
		out->asn[out->n] = asn;
		out->kind[out->n] = (uint8_t)kind;
	}
	out->n++;
	out->last_asn = asn;
}

void path_put(struct path_out *out, uint32_t asn, unsigned kind, bool start)
{
	assert(kind >= MANRS_SEGMENT_SET && kind <= MANRS_SEGMENT_CONFED_SET);
	assert(start || out->n || kind == MANRS_SEGMENT_SEQUENCE);
	if (kind != MANRS_SEGMENT_SEQUENCE)
		out->mixed = true;
	else
		start = out->last != MANRS_SEGMENT_SEQUENCE;
	put(out, asn, kind | (start ? MANRS_SEGMENT_START : 0));
	out->last = kind;
}

int path_done(const struct path_out *out, manrs_path *path, manrs_fault *fault)
{
	if (out->n > out->cap || out->n > UINT32_MAX)
		return fault_set(fault, MANRS_ELIMIT, out->n,
				 "the path has more hops than there is room for");
	*path = (manrs_path){out->asn, out->mixed ? out->kind : NULL, (uint32_t)out->n, 0};
	assert(path_ok(path));
	return MANRS_OK;
}

/* ---- the wire ---- */

/* What is wrong with the segment that begins here, NULL if nothing; else its type and its numbers. RFC 7606 section 7.2. */
static const char *read_segment(struct bytes *in, size_t octets, unsigned *type,
				struct bytes *numbers)
{
	unsigned count;

	*type = bytes_get8(in);
	count = bytes_get8(in);
	if (in->bad)
		return "one byte left over behind the last segment of an AS path";
	if (*type < MANRS_SEGMENT_SET || *type > MANRS_SEGMENT_CONFED_SET)
		return "unknown type of a segment of an AS path";
	if (count == 0)
		return "empty segment of an AS path";
	*numbers = bytes_part(in, count * octets);
	return in->bad ? "a segment of an AS path overruns its attribute" : NULL;
}

static uint32_t read_number(struct bytes *numbers, size_t octets)
{
	assert(bytes_left(numbers) >= octets);
	return octets == 4 ? bytes_get32(numbers) : bytes_get16(numbers);
}

int manrs_path_decode(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap,
		      const uint8_t *bytes, size_t n, int octets, manrs_fault *fault)
{
	struct path_out out = {.asn = asn, .kind = kind, .cap = cap};
	struct bytes in = bytes_of(bytes, n), numbers;
	size_t width = octets == 2 ? 2 : 4;

	if (octets != 2 && octets != 4)
		return fault_set(fault, MANRS_EINVAL, 0, "an AS number has 2 or 4 octets");
	while (bytes_left(&in) > 0) {
		size_t at = bytes_at(&in);
		unsigned type;
		const char *what = read_segment(&in, width, &type, &numbers);

		if (what)
			return fault_set(fault, MANRS_ESYNTAX, at, what);
		assert(bytes_left(&numbers) > 0 && bytes_left(&numbers) % width == 0);
		path_put(&out, read_number(&numbers, width), type, true);
		while (bytes_left(&numbers) > 0)
			put(&out, read_number(&numbers, width), type);
	}
	return path_done(&out, path, fault);
}

/* ---- AS4_PATH ---- */

/* How a hop counts: a set as one at its first, confederation segments not. RFC 4271 9.1.2.2, RFC 5065 section 5.3. */
static unsigned hop_weight(const manrs_path *path, uint32_t i)
{
	unsigned kind = path_kind(path, i);

	return kind == MANRS_SEGMENT_SEQUENCE ||
	       (kind == MANRS_SEGMENT_SET && path_starts(path, i));
}

static uint32_t path_weight(const manrs_path *path)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < path->n; i++)
		sum += hop_weight(path, i);
	return sum;
}

static void put_hop(struct path_out *out, const manrs_path *path, uint32_t i)
{
	path_put(out, path->asn[i], path_kind(path, i), path_starts(path, i));
}

/*
 * The leading hops of the AS_PATH that weigh `weight`. Once they do, what follows without weight of its own still
 * belongs to them: the rest of a set, and confederation segments next to what was taken, unless a sequence was cut.
 */
static void put_leading(struct path_out *out, const manrs_path *path, uint32_t weight)
{
	for (uint32_t i = 0; i < path->n; i++) {
		if (hop_weight(path, i) > weight)
			return;
		weight -= hop_weight(path, i);
		put_hop(out, path, i);
	}
}

int manrs_path_merge(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap,
		     const manrs_path *as_path, const manrs_path *as4_path, manrs_fault *fault)
{
	struct path_out out = {.asn = asn, .kind = kind, .cap = cap};
	uint32_t old, new;

	if (!path_ok(as_path) || !path_ok(as4_path))
		return fault_set(fault, MANRS_EINVAL, 0, "malformed path");
	old = path_weight(as_path);
	new = path_weight(as4_path);
	if (old < new) {
		for (uint32_t i = 0; i < as_path->n; i++)
			put_hop(&out, as_path, i);
		return path_done(&out, path, fault);
	}
	put_leading(&out, as_path, old - new);
	assert(out.n <= as_path->n);
	for (uint32_t i = 0; i < as4_path->n; i++)
		if (path_kind(as4_path, i) != MANRS_SEGMENT_CONFED_SEQUENCE)
			put_hop(&out, as4_path, i);
	return path_done(&out, path, fault);
}

/* ---- origin ---- */

int manrs_path_origin(const manrs_path *path, uint32_t local_as, uint32_t *origin)
{
	unsigned kind;

	*origin = 0;
	if (!path_ok(path))
		return MANRS_EINVAL;
	kind = path->n ? path_kind(path, path->n - 1) : MANRS_SEGMENT_CONFED_SEQUENCE;
	if (kind == MANRS_SEGMENT_SEQUENCE)
		*origin = path->asn[path->n - 1];
	else if (kind_confed(kind))
		*origin = local_as;
	return MANRS_OK;
}

int manrs_path_origin_many(const manrs_paths *paths, uint32_t local_as, uint32_t *origins)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < paths->n; i++) {
		manrs_path path = path_at(paths, i);

		if (manrs_path_origin(&path, local_as, &origins[i]) != MANRS_OK)
			rc = MANRS_EINVAL;
	}
	return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AS paths as text, neighbour first, as routing daemons and bgpdump print them:
 *
 *     64496 64497     AS_SEQUENCE             (65001 65002)   AS_CONFED_SEQUENCE     RFC 5065
 *     {64498,64499}   AS_SET                  [65003,65004]   AS_CONFED_SET
 *
 * Items are parted by blanks. Members of a set are parted by a comma (Quagga's family, bgpdump) or by blanks (BIRD).
 * Neighbouring numbers are one AS_SEQUENCE. An empty pair of brackets is refused, as an empty segment is on the wire.
 */

#include "net/path_walk.h"

#include "base/emit.h"
#include "base/mem.h"
#include "net/text.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

/* By segment type. */
static const struct {
	char open, between, close;
} marks[] = {
	[MANRS_SEGMENT_SET] = {'{', ',', '}'},
	[MANRS_SEGMENT_SEQUENCE] = {'\0', ' ', '\0'},
	[MANRS_SEGMENT_CONFED_SEQUENCE] = {'(', ' ', ')'},
	[MANRS_SEGMENT_CONFED_SET] = {'[', ',', ']'},
};

static size_t refuse(manrs_fault *fault, size_t at, const char *what)
{
	fault_set(fault, MANRS_ESYNTAX, at, what);
	return 0;
}

/* The segment type that a bracket opens; AS_SEQUENCE for anything else. */
static unsigned opened(char c)
{
	return c == '{'   ? MANRS_SEGMENT_SET
	       : c == '(' ? MANRS_SEGMENT_CONFED_SEQUENCE
	       : c == '[' ? MANRS_SEGMENT_CONFED_SET
			  : MANRS_SEGMENT_SEQUENCE;
}

/* Behind a member: blanks and, in a set, one comma. 0: nothing parts it from what follows. */
static size_t next_member(const char *text, size_t at, size_t n, unsigned kind, manrs_fault *fault)
{
	size_t start = at;

	at = text_skip_blanks(text, at, n);
	if (at < n && text[at] == ',' && !kind_ordered(kind)) {
		at = text_skip_blanks(text, at + 1, n);
		if (at < n && text[at] == marks[kind].close)
			return refuse(fault, at, "an AS number is missing");
	} else if (at == start && at < n && text[at] != marks[kind].close) {
		return refuse(fault, at, "unexpected character in an AS path");
	}
	return at;
}

/* A bracketed segment; text[at] is its bracket. The offset behind it, 0 if refused. */
static size_t read_group(struct path_out *out, const char *text, size_t at, size_t n,
			 manrs_fault *fault)
{
	unsigned kind = opened(text[at]);
	size_t start = at;
	bool first = true;

	at = text_skip_blanks(text, at + 1, n);
	while (at < n && text[at] != marks[kind].close) {
		uint32_t asn;

		at = text_asn(&asn, text, at, n, fault);
		if (!at)
			return 0;
		path_put(out, asn, kind, first);
		first = false;
		at = next_member(text, at, n, kind, fault);
		if (!at)
			return 0;
	}
	if (at == n)
		return refuse(fault, start, "a bracket in an AS path is not closed");
	if (first)
		return refuse(fault, start, "an empty segment in an AS path");
	return at + 1;
}

int path_read(struct path_out *out, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	size_t at = text_skip_blanks(text, 0, n);

	while (at < n) {
		size_t end;
		uint32_t number;

		if (opened(text[at]) != MANRS_SEGMENT_SEQUENCE) {
			end = read_group(out, text, at, n, &inner);
		} else {
			end = text_asn(&number, text, at, n, &inner);
			if (end)
				path_put(out, number, MANRS_SEGMENT_SEQUENCE, false);
		}
		at = end ? text_skip_blanks(text, end, n) : 0;
		if (end && at == end && at < n)
			at = refuse(&inner, at, "unexpected character in an AS path");
		if (!at) {
			if (fault)
				*fault = inner;
			return inner.code;
		}
	}
	return MANRS_OK;
}

int manrs_path_parse(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap, const char *text,
		     size_t n, manrs_fault *fault)
{
	struct path_out out = {.asn = asn, .kind = kind, .cap = cap};
	int rc = path_read(&out, text, n, fault);

	return rc == MANRS_OK ? path_done(&out, path, fault) : rc;
}

/* ---- writing ---- */

#define HOP_TEXT 13 /* characters of a hop, at most */

/* Hop i with what stands before and behind it. */
static size_t put_hop(char *out, const manrs_path *path, uint32_t i)
{
	unsigned kind = path_kind(path, i);
	bool ends = i + 1 == path->n || path_starts(path, i + 1);
	size_t n = 0;

	if (path_starts(path, i)) {
		if (i)
			out[n++] = ' ';
		if (marks[kind].open)
			out[n++] = marks[kind].open;
	} else {
		out[n++] = marks[kind].between;
	}
	n += emit_digits(out + n, path->asn[i]);
	if (ends && marks[kind].close)
		out[n++] = marks[kind].close;
	assert(n > 0 && n <= HOP_TEXT);
	return n;
}

/* Where there is room for every hop at its longest. */
static int put_hops(char *text, const manrs_path *path)
{
	size_t n = 0;

	for (uint32_t i = 0; i < path->n; i++) {
		if (path->kind) {
			n += put_hop(text + n, path, i);
			continue;
		}
		text[n] = ' ';
		n += i > 0;
		n += emit_digits(text + n, path->asn[i]);
	}
	text[n] = '\0';
	return (int)n;
}

int manrs_path_format(const manrs_path *path, char *text, size_t cap)
{
	char hop[16];
	size_t n = 0;

	if (!path_ok(path))
		return MANRS_EINVAL;
	if (path->n < INT_MAX / HOP_TEXT && path->n < cap / HOP_TEXT)
		return put_hops(text, path);
	for (uint32_t i = 0; i < path->n; i++)
		n += put_hop(hop, path, i);
	if (n >= cap || n > INT_MAX)
		return MANRS_ELIMIT;
	n = 0;
	for (uint32_t i = 0; i < path->n; i++) {
		size_t m = put_hop(hop, path, i);

		assert(n + m < cap);
		memcpy(text + n, hop, m);
		n += m;
	}
	text[n] = '\0';
	return (int)n;
}

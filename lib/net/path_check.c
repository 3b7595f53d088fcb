/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an AS path says against itself: one pass that notes every finding with its first place.
 *
 * A hop of an AS_SEQUENCE or AS_CONFED_SEQUENCE has a place in an order: only there are prepends and loops. Members of
 * sets have none; that the set is there is the finding (RFC 9774). The classes of AS numbers are not looked at inside a
 * confederation, whose members are private by right (RFC 5065 section 4), but AS 0 is wrong everywhere (RFC 7607).
 *
 * Loops: 64 bits remember which AS numbers may have been met; only when the bit of a new one is already set are the
 * hops before it searched. A path of more than 64 hops, which no honest speaker sends, is searched by blocks in order
 * of AS number instead, so that the longest attribute there is costs milliseconds and not a fifth of a second.
 */

#include "net/path_walk.h"

#include "base/grow.h"
#include "base/mem.h"
#include "base/order.h"

#include <assert.h>
#include <string.h>

int manrs_asn_class(uint32_t asn)
{
	if (asn == 0)
		return MANRS_ASN_ZERO;
	if (asn < 64496)
		return asn == 23456 ? MANRS_ASN_TRANS : MANRS_ASN_PUBLIC;
	if (asn <= 131071) {
		if (asn <= 64511 || (asn >= 65536 && asn <= 65551))
			return MANRS_ASN_DOCUMENTATION;
		return asn <= 65534 ? MANRS_ASN_PRIVATE : MANRS_ASN_RESERVED;
	}
	if (asn < 4200000000u)
		return MANRS_ASN_PUBLIC;
	return asn == UINT32_MAX ? MANRS_ASN_RESERVED : MANRS_ASN_PRIVATE;
}

int manrs_path_rules_init(manrs_path_rules *rules, size_t size)
{
	static const manrs_path_rules defaults;

	return grow_init(rules, size, GROW_LEAST(manrs_path_rules, zero), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static void note(manrs_path_report *report, unsigned finding, uint32_t at)
{
	assert(finding < MANRS_PATH_MALFORMED);
	if (report->findings >> finding & 1u)
		return;
	report->findings |= 1u << finding;
	report->at[finding] = at;
}

static void note_number(manrs_path_report *report, uint32_t asn, bool confed, uint32_t at)
{
	static const uint8_t finding[] = {
		[MANRS_ASN_ZERO] = MANRS_PATH_ZERO,
		[MANRS_ASN_TRANS] = MANRS_PATH_TRANS,
		[MANRS_ASN_PRIVATE] = MANRS_PATH_PRIVATE,
		[MANRS_ASN_RESERVED] = MANRS_PATH_RESERVED,
		[MANRS_ASN_DOCUMENTATION] = MANRS_PATH_DOCUMENTATION,
	};
	int class = manrs_asn_class(asn);

	if (class != MANRS_ASN_PUBLIC && (class == MANRS_ASN_ZERO || !confed))
		note(report, finding[class], at);
}

/* Whether the AS of hop i stands in an ordered segment before it. */
static bool met_before(const manrs_path *path, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (path->asn[j] == path->asn[i] && kind_ordered(path_kind(path, j)))
			return true;
	return false;
}

#define SHORT 64   /* hops for which a plain search is the fastest */
#define BLOCK 1024 /* AS numbers in order at a time: 8 KiB */

/* Whether hop i is ordered, and not one more of a run. */
static bool is_new(const manrs_path *path, uint32_t i)
{
	return kind_ordered(path_kind(path, i)) &&
	       !(i && path->asn[i - 1] == path->asn[i] && kind_ordered(path_kind(path, i - 1)));
}

/* The first place of an AS in a block of (AS number, place) pairs; UINT32_MAX: not there. */
static uint32_t place_in(const uint64_t *block, size_t n, uint32_t asn)
{
	uint64_t key = (uint64_t)asn << 32;
	size_t lo = 0;

	assert(n <= BLOCK);
	for (size_t hi = n; lo < hi;) {
		size_t mid = (lo + hi) / 2;

		if (block[mid] < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	assert(lo == n || block[lo] >= key);
	assert(lo == 0 || block[lo - 1] < key);
	return lo < n && block[lo] >> 32 == asn ? (uint32_t)block[lo] : UINT32_MAX;
}

/* The first loop of a long path, n if it has none: all hops from a block on ask whether they were in it before. */
static uint32_t first_loop(const manrs_path *path)
{
	uint64_t block[BLOCK];
	uint32_t first = path->n;

	for (uint32_t at = 0; at < first; at += BLOCK) {
		size_t n = 0;

		for (uint32_t i = at; i < path->n && i - at < BLOCK; i++)
			if (kind_ordered(path_kind(path, i)))
				block[n++] = (uint64_t)path->asn[i] << 32 | i;
		assert(n <= BLOCK);
		n = order_u64(block, n);
		for (uint32_t i = at + 1; i < first; i++)
			if (is_new(path, i) && place_in(block, n, path->asn[i]) < i)
				first = i;
	}
	return first;
}

struct walk {
	uint64_t met;  /* one bit of 64 for each AS number met */
	uint32_t last; /* the ordered AS before, when run > 0 */
	uint32_t run;  /* how often it stood there in a row; 0 behind a set and at the start */
};

static void look_order(struct walk *w, const manrs_path *path, uint32_t i,
		       const manrs_path_rules *rules, manrs_path_report *report)
{
	uint32_t asn = path->asn[i];
	uint64_t bit = UINT64_C(1) << (asn * 2654435769u >> 26);

	if (w->run && asn == w->last) {
		w->run++;
	} else {
		if (path->n <= SHORT && (w->met & bit) &&
		    !(report->findings >> MANRS_PATH_LOOP & 1u) && met_before(path, i))
			note(report, MANRS_PATH_LOOP, i);
		w->run = 1;
		w->last = asn;
		w->met |= bit;
	}
	if (rules->max_repeat && w->run > rules->max_repeat)
		note(report, MANRS_PATH_PREPEND, i);
}

static void look_hop(struct walk *w, const manrs_path *path, uint32_t i,
		     const manrs_path_rules *rules, manrs_path_report *report)
{
	static const uint8_t finding[] = {
		[MANRS_SEGMENT_SET] = MANRS_PATH_SET,
		[MANRS_SEGMENT_CONFED_SEQUENCE] = MANRS_PATH_CONFED_SEQUENCE,
		[MANRS_SEGMENT_CONFED_SET] = MANRS_PATH_CONFED_SET,
	};
	unsigned kind = path_kind(path, i);

	assert(kind >= MANRS_SEGMENT_SET && kind <= MANRS_SEGMENT_CONFED_SET);
	if (kind != MANRS_SEGMENT_SEQUENCE)
		note(report, finding[kind], i);
	note_number(report, path->asn[i], kind_confed(kind), i);
	if (rules->local_as && path->asn[i] == rules->local_as)
		note(report, MANRS_PATH_LOCAL_AS, i);
	if (kind_ordered(kind))
		look_order(w, path, i, rules, report);
	else
		w->run = 0;
	report->length += kind == MANRS_SEGMENT_SEQUENCE ||
			  (kind == MANRS_SEGMENT_SET && path_starts(path, i));
	if (rules->max_length && report->length > rules->max_length)
		note(report, MANRS_PATH_LENGTH, i);
}

static void look_first(const manrs_path *path, const manrs_path_rules *rules,
		       manrs_path_report *report)
{
	if (path->n == 0)
		note(report, MANRS_PATH_EMPTY, 0);
	if (rules->flags & MANRS_PATH_ANY_NEIGHBOUR)
		return;
	if (path->n == 0 || path->asn[0] != rules->neighbour_asn ||
	    !kind_ordered(path_kind(path, 0)))
		note(report, MANRS_PATH_FIRST_AS, 0);
}

static int look(const manrs_path *path, const manrs_path_rules *rules, manrs_path_report *report)
{
	struct walk w = {0, 0, 0};
	uint32_t loop;

	memset(report, 0, sizeof *report);
	if (!path_ok(path)) {
		report->findings = UINT32_MAX;
		return MANRS_EINVAL;
	}
	look_first(path, rules, report);
	for (uint32_t i = 0; i < path->n; i++)
		look_hop(&w, path, i, rules, report);
	loop = path->n > SHORT ? first_loop(path) : path->n;
	assert(loop == path->n || met_before(path, loop));
	if (loop < path->n)
		note(report, MANRS_PATH_LOOP, loop);
	return MANRS_OK;
}

static bool rules_take(manrs_path_rules *to, const manrs_path_rules *from)
{
	return grow_take(to, sizeof *to, GROW_LEAST(manrs_path_rules, zero), from) &&
	       !(to->flags & ~MANRS_PATH_ANY_NEIGHBOUR) && !to->zero;
}

int manrs_path_check(const manrs_path *path, const manrs_path_rules *rules,
		     manrs_path_report *report)
{
	manrs_path_rules own;

	if (!rules_take(&own, rules)) {
		*report = (manrs_path_report){.findings = UINT32_MAX};
		return MANRS_EINVAL;
	}
	return look(path, &own, report);
}

int manrs_path_check_many(const manrs_paths *paths, const manrs_path_rules *rules,
			  manrs_path_report *reports)
{
	manrs_path_rules own;
	bool usable = rules_take(&own, rules);
	int rc = MANRS_OK;

	for (size_t i = 0; i < paths->n; i++) {
		manrs_path path = path_at(paths, i);

		if (!usable)
			path.flags = 1;
		if (look(&path, &own, &reports[i]) != MANRS_OK)
			rc = MANRS_EINVAL;
	}
	return rc;
}

const char *manrs_path_finding_text(int finding)
{
	static const char *const text[] = {
		"loop",
		"as-set",
		"as-confed-set",
		"as-confed-sequence",
		"as0",
		"as-trans",
		"private-as",
		"reserved-as",
		"documentation-as",
		"length",
		"prepend",
		"first-as",
		"local-as",
		"empty",
		"malformed",
	};

	return finding >= 0 && finding < (int)(sizeof text / sizeof *text) ? text[finding] : "";
}

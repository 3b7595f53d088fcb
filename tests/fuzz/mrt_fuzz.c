/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MRT: whatever the bytes, every record is a piece of them, what comes out of it are prefixes and paths that checks take, and a
 * stream that comes in two pieces says the same as a whole one. The first byte says where it is cut, the second how it is read.
 */

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(int line)
{
	fprintf(stderr, "line %d does not hold\n", line);
	abort();
}
#define must(truth) ((truth) ? (void)0 : fail(__LINE__))

/* What a stream comes to: the records, and a sum over what they announce and withdraw. */
struct sum {
	uint64_t records, hash;
};

static void add(struct sum *s, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->hash = (s->hash ^ ((const uint8_t *)p)[i]) * UINT64_C(0x100000001b3);
}

static void take_announced(manrs_mrt *mrt, struct sum *s)
{
	manrs_announcement a[3];
	manrs_mrt_note notes[3];
	manrs_path_report report;
	manrs_path_rules rules;
	size_t n;

	must(manrs_path_rules_init(&rules, sizeof rules) == MANRS_OK);
	do {
		n = manrs_mrt_announced(mrt, a, notes, 3);
		must(n <= 3);
		for (size_t i = 0; i < n; i++) {
			must(manrs_prefix_check(&a[i].prefix) == MANRS_OK);
			must(!(a[i].flags & MANRS_ANNOUNCE_MALFORMED) ==
			     (notes[i].action <= MANRS_BGP_DISCARD));
			must(manrs_path_check(&a[i].path, &rules, &report) == MANRS_OK);
			must(notes[i].attrs == UINT32_MAX ||
			     manrs_bgp_store_at(manrs_mrt_store(mrt), notes[i].attrs) != NULL);
			add(s, &a[i].prefix, sizeof a[i].prefix);
			add(s, &a[i].next_hop, sizeof a[i].next_hop);
			add(s, a[i].path.asn, a[i].path.n * sizeof(uint32_t));
			add(s, &notes[i].path_id, sizeof notes[i].path_id);
		}
	} while (n == 3);
}

static void take_withdrawn(manrs_mrt *mrt, struct sum *s)
{
	manrs_prefix gone[3];
	uint32_t ids[3];
	size_t n;

	do {
		n = manrs_mrt_withdrawn(mrt, gone, ids, 3);
		must(n <= 3);
		for (size_t i = 0; i < n; i++)
			must(manrs_prefix_check(&gone[i]) == MANRS_OK);
		add(s, gone, n * sizeof *gone);
		add(s, ids, n * sizeof *ids);
	} while (n == 3);
}

/* Bytes in a block of their own: nothing is read behind them. */
static uint8_t *exact(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	must(copy != NULL);
	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

/* One record of bytes[n]; returns: as manrs_mrt_decode */
static int take(manrs_mrt *mrt, struct sum *s, const uint8_t *bytes, size_t n, size_t at, bool last)
{
	const manrs_mrt_record *r;
	manrs_fault fault;
	size_t need = 0;
	int used = manrs_mrt_decode(mrt, &r, bytes, n, last ? NULL : &need, &fault);

	must(used <= (int)n);
	must(used >= 0 || used == MANRS_ESYNTAX || used == MANRS_ELIMIT);
	must(used != 0 || (last ? n == 0 : need > n));
	if (used <= 0)
		return used;
	must(r->n == (uint32_t)used && r->at == at && r->kind <= MANRS_MRT_BAD);
	must((r->kind == MANRS_MRT_BAD) == (r->fault.what != NULL));
	add(s, &r->kind, sizeof r->kind);
	s->records++;
	take_announced(mrt, s);
	take_withdrawn(mrt, s);
	return used;
}

/* After the framing was lost. returns: whether a record starts behind *skip */
static bool find(manrs_mrt *mrt, const uint8_t *bytes, size_t n, bool last, size_t *skip)
{
	int rc = manrs_mrt_resync(mrt, bytes, n, last, skip);

	must(*skip <= n && (rc == 1 || rc == (last ? MANRS_ENOENT : 0)));
	must(rc != 1 || *skip > 0);
	must(rc != MANRS_ENOENT || *skip == n);
	return rc == 1;
}

static void stream(struct sum *s, const uint8_t *bytes, size_t n, size_t first, uint32_t flags)
{
	size_t at = 0, have = first, skip;
	manrs_mrt_config config;
	bool lost = false, more;
	manrs_mrt *mrt;

	must(manrs_mrt_config_init(&config, sizeof config) == MANRS_OK);
	config.flags = flags;
	must(manrs_mrt_new(&mrt, &config) == MANRS_OK);
	*s = (struct sum){0, UINT64_C(0xcbf29ce484222325)};
	do {
		uint8_t *copy = exact(bytes + at, have - at);
		int used = 0;

		if (lost) {
			lost = !find(mrt, copy, have - at, have == n, &skip);
			more = lost;
		} else {
			used = take(mrt, s, copy, have - at, at, have == n);
			lost = used < 0;
			skip = used > 0 ? (size_t)used : 0;
			more = used == 0;
		}
		free(copy);
		at += skip;
		if (more && have == n)
			break;
		have = more ? n : have;
	} while (true);
	must(at == n);
	manrs_mrt_free(mrt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint32_t ways[] = {MANRS_BGP_GUESS, 0, MANRS_BGP_PATHS4 | MANRS_BGP_PATHS6};
	struct sum whole, cut;
	uint32_t flags;
	size_t first;

	if (n < 2)
		return 0;
	flags = ways[data[1] % 3];
	first = (n - 2) * data[0] / 256;
	stream(&whole, data + 2, n - 2, n - 2, flags);
	stream(&cut, data + 2, n - 2, first, flags);
	must(whole.records == cut.records && whole.hash == cut.hash);
	return 0;
}

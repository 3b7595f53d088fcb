/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification against the transcription of the draft. Byte 0: the role, bit 7 that any neighbour will do; then up
 * to a zero byte the customer and the provider of a pair, a nibble each; then the path, a nibble a hop. The sixteen AS
 * numbers are spread over 32 bits.
 */

#include "oracle/aspa.h"

#include <manrs/manrs.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 256

static void must(int truth)
{
	if (!truth)
		abort();
}

static uint32_t spread(unsigned nibble)
{
	return (uint32_t)(nibble * UINT64_C(286331153)); /* 15 * it = 2^32 - 1 */
}

/* The providers of one AS as the edit wants them, and as pairs for the oracle. */
static void feed(manrs_edit *edit, unsigned as, uint16_t providers, struct draft_pair *pair,
		 size_t *pairs)
{
	uint32_t list[16];
	manrs_aspa aspa = {list, spread(as), 0};

	if (!as || !providers)
		return;
	if (providers != 1)
		providers = (uint16_t)(providers & ~1u);
	for (unsigned p = 0; p < 16; p++) {
		if (!(providers >> p & 1))
			continue;
		pair[(*pairs)++] = (struct draft_pair){aspa.customer, spread(p)};
		list[aspa.n++] = spread(p);
	}
	must(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL) == MANRS_OK);
}

static void compare(const manrs_db *db, const struct draft_pair *pair, size_t pairs,
		    const manrs_path *path, int role, int any)
{
	static manrs_aspa_hop hop[64];
	manrs_aspa_ramps ramps;
	uint32_t flags = any ? MANRS_ASPA_ANY_NEIGHBOUR : 0, neighbour = spread(1),
		 start[2] = {0, path->n};
	manrs_paths batch = {path->asn, NULL, start, 1};
	uint8_t role8 = (uint8_t)role, state, up, down;
	int want = (int)draft_verify(pair, pairs, path->asn, path->n, false,
				     role == MANRS_ROLE_PROVIDER, role == MANRS_ROLE_RS, any,
				     neighbour);
	size_t told;

	must(manrs_aspa_check(db, path, neighbour, role, flags) == want);
	must(manrs_aspa_check_many(db, &batch, &neighbour, &role8, flags, &state) == MANRS_OK &&
	     state == want);
	must(manrs_aspa_both(db, path, 0, &up, &down) == MANRS_OK);
	must(up ==
	     (int)draft_verify(pair, pairs, path->asn, path->n, false, false, false, true, 0));
	must(down ==
	     (int)draft_verify(pair, pairs, path->asn, path->n, false, true, false, true, 0));
	told = manrs_aspa_hops(db, path, neighbour, role, flags, &ramps, hop, 64);
	must(ramps.state == want);
	for (size_t i = 0; i < told && i < 64; i++) {
		struct draft_pair more[PAIRS + 1];

		memcpy(more, pair, pairs * sizeof *pair);
		more[pairs] = (struct draft_pair){hop[i].customer, hop[i].provider};
		must(hop[i].would == (int)draft_verify(more, pairs + (hop[i].customer != 0),
						       path->asn, path->n, false,
						       role == MANRS_ROLE_PROVIDER,
						       role == MANRS_ROLE_RS, any, neighbour));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t hops[256];
	uint16_t providers[16] = {0};
	struct draft_pair pair[PAIRS];
	size_t pairs = 0, at = 1;
	manrs_path path = {hops, NULL, 0, 0};
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;

	if (size < 1)
		return 0;
	for (; at < size && data[at]; at++)
		if (data[at] >> 4 != (data[at] & 15))
			providers[data[at] >> 4] |= (uint16_t)(1u << (data[at] & 15));
	must(manrs_db_owner_new(&owner, NULL) == MANRS_OK);
	must(manrs_edit_begin(&edit, owner, NULL) == MANRS_OK);
	for (unsigned as = 0; as < 16; as++)
		feed(edit, as, providers[as], pair, &pairs);
	must(manrs_edit_commit(edit, &db) == MANRS_OK);
	for (at++; at < size && path.n + 2 <= 256; at++) {
		hops[path.n++] = spread(data[at] >> 4);
		hops[path.n++] = spread(data[at] & 15);
	}
	compare(db, pair, pairs, &path, data[0] % 5 + 1, data[0] >> 7);
	manrs_db_unref(db);
	must(manrs_db_owner_free(owner) == MANRS_OK);
	return 0;
}

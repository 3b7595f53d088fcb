/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a set of attributes is known by: its bytes, without those of MP_REACH and MP_UNREACH that part no sets.
 *
 *     attributes   | ... MP_REACH: flags type  length  AFI SAFI next hop 0  NLRI | ... |
 *     kept         | ......................  |  cut  | ..................  | cut | ... |
 *
 * What is cut out leaves its places in the key: without them other bytes could look the same.
 */

#include "wire/bgp_wire.h"

static void cut(struct bgp_key *key, size_t at, size_t n)
{
	assert(key->n_cuts < BGP_CUTS && at + n <= key->n);
	key->cut[key->n_cuts++] = (struct bgp_cut){(uint16_t)at, (uint16_t)n};
	key->kept -= (uint32_t)n;
}

/* The length and the NLRI of one of the two: what can be read of it is left out. */
static void cut_nlri(struct bgp_key *key, const struct bgp_attr *attr)
{
	size_t value = (size_t)(attr->value - key->bytes);
	struct bgp_reach reach;
	bool good = attr->type == MANRS_BGP_MP_REACH
			    ? bgp_reach_read(&reach, key->session, attr->value, attr->n)
			    : bgp_unreach_read(&reach, attr->value, attr->n);

	if (!good || reach.is_short)
		return;
	cut(key, attr->at + 2, value - attr->at - 2);
	cut(key, value + bytes_at(&reach.nlri), bytes_left(&reach.nlri));
}

void bgp_key_cut(struct bgp_key *key)
{
	struct bytes in = bytes_of(key->bytes, key->n);
	unsigned seen = 0;
	struct bgp_attr attr;

	/* The types of the two differ in their last bit. */
	while (bgp_attr_next(&in, &attr)) {
		unsigned bit = 1u << (attr.type & 1);

		if (cc_likely((attr.type | 1) != MANRS_BGP_MP_UNREACH))
			continue;
		if (!(seen & bit))
			cut_nlri(key, &attr);
		seen |= bit;
	}
}

void bgp_key_copy(uint8_t *to, const struct bgp_key *key)
{
	size_t at = 0;

	for (uint32_t i = 0; i < key->n_cuts; i++) {
		memcpy(to, key->bytes + at, key->cut[i].at - at);
		to += key->cut[i].at - at;
		at = (size_t)key->cut[i].at + key->cut[i].n;
	}
	memcpy(to, key->bytes + at, key->n - at);
}

/*
 * Whether a set is meant. Cuts lie at the same places of what is kept; where the set has a fault they are also equally long, for
 * the fault's place counts bytes that were cut.
 */
bool bgp_set_is(const struct bgp_set *set, const struct bgp_key *key)
{
	const uint8_t *kept = bgp_set_bytes(set);
	size_t at = 0;

	if (set->kept != key->kept || set->flags != (key->session->flags & BGP_READ_BY) ||
	    set->n_cuts != key->n_cuts)
		return false;
	for (uint32_t i = 0; i < key->n_cuts; i++) {
		const struct bgp_cut *mine = &key->cut[i], *its = &set->cut[i];
		size_t n = mine->at - at, before = (size_t)(kept - bgp_set_bytes(set));

		if (its->at != before + n || memcmp(kept, key->bytes + at, n) != 0 ||
		    (set->attrs.more->fault.what && its->n != mine->n))
			return false;
		kept += n;
		at = (size_t)mine->at + mine->n;
	}
	return !memcmp(kept, key->bytes + at, key->n - at);
}

const uint8_t *bgp_set_kept(const struct bgp_set *set, const struct bgp_key *key,
			    const uint8_t *byte)
{
	size_t at = byte ? (size_t)(byte - key->bytes) : 0, before = 0;

	for (uint32_t i = 0; i < key->n_cuts && key->cut[i].at < at; i++)
		before += key->cut[i].n;
	return byte ? bgp_set_bytes(set) + at - before : NULL;
}

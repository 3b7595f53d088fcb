/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bogons. The special blocks are rows by address and then length, so that a block comes right before those under it:
 *
 *     192.0.0.0/24   under 6 ---.     a prefix that this row does not cover skips the 6;
 *       192.0.0.0/29            |     of the rows that cover it, the last is the longest
 *       192.0.0.8/32            |
 *       192.0.0.9/32  global    |
 *       ...                     |
 *     192.0.2.0/24   <----------'
 *
 * The longest block that covers the prefix decides (RFC 6890 section 2.2.1: more specific entries take precedence);
 * a prefix that merely covers blocks is none of this file's business.
 */

#include "net/bits.h"
#include <manrs/bogon.h>

struct row {
	manrs_prefix block;
	uint8_t kind;  /* enum manrs_bogon; NONE: globally reachable */
	uint8_t under; /* rows that follow and lie in this block */
	const char *name, *source;
};

#include "check/bogon_table.h"

static const manrs_prefix global_unicast = {6, 3, 3, 0, {0x20}};

static bool covers(const manrs_prefix *outer, const manrs_prefix *inner)
{
	return outer->len <= inner->len &&
	       addr_common(outer->addr, inner->addr, outer->len) == outer->len;
}

/* Most addresses lie in no block by their first octet alone. */
static bool may_lie(const manrs_prefix *prefix)
{
	const uint64_t *octets = prefix->family == 4 ? octets4 : octets6;
	unsigned octet = prefix->addr[0];

	return octets[octet / 64] >> octet % 64 & 1;
}

/* The longest special block that covers the prefix; NULL: none. */
static const struct row *find(const manrs_prefix *prefix)
{
	const struct row *row = prefix->family == 4 ? rows4 : rows6, *found = NULL;
	const struct row *end = prefix->family == 4 ? rows4 + sizeof rows4 / sizeof *rows4
						    : rows6 + sizeof rows6 / sizeof *rows6;
	uint64_t high = get64(prefix->addr);

	if (!may_lie(prefix))
		return NULL;
	while (row < end && get64(row->block.addr) <= high) {
		if (covers(&row->block, prefix)) {
			found = row++;
			continue;
		}
		row += 1 + row->under;
	}
	return found;
}

static int tell(manrs_bogon_entry *entry, const manrs_prefix *prefix, int kind, const char *name,
		const char *source)
{
	if (entry)
		*entry = (manrs_bogon_entry){*prefix, (uint32_t)kind, name, source};
	return kind;
}

int manrs_bogon_prefix(const manrs_prefix *prefix, const manrs_trie *listed,
		       manrs_bogon_entry *entry)
{
	static const manrs_prefix none;
	const struct row *row;
	manrs_prefix found;

	if (!prefix_ok(prefix))
		return tell(entry, &none, MANRS_BOGON_MALFORMED, "", "");
	row = find(prefix);
	if (row && row->kind != MANRS_BOGON_NONE)
		return tell(entry, &row->block, row->kind, row->name, row->source);
	if (!row && prefix->family == 6 && !covers(&global_unicast, prefix) &&
	    !covers(prefix, &global_unicast))
		return tell(entry, &global_unicast, MANRS_BOGON_OUTSIDE, "Global Unicast",
			    "RFC 4291");
	if (listed && manrs_trie_match(listed, prefix, &found, NULL) == MANRS_OK)
		return tell(entry, &found, MANRS_BOGON_LISTED, "full bogons",
			    "the list of the policy");
	return tell(entry, &none, MANRS_BOGON_NONE, "", "");
}

int manrs_bogon_prefix_many(const manrs_prefix *prefixes, size_t n, const manrs_trie *listed,
			    uint8_t *kinds)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		kinds[i] = (uint8_t)manrs_bogon_prefix(&prefixes[i], listed, NULL);
		if (kinds[i] == MANRS_BOGON_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

int manrs_bogon_asn(uint32_t asn)
{
	return manrs_asn_class(asn) != MANRS_ASN_PUBLIC;
}

int manrs_bogon_asn_many(const uint32_t *asn, size_t n, uint8_t *bogon)
{
	for (size_t i = 0; i < n; i++)
		bogon[i] = (uint8_t)manrs_bogon_asn(asn[i]);
	return MANRS_OK;
}

const char *manrs_bogon_text(int kind)
{
	static const char *const texts[] = {
		"",          "none",   "special-purpose",        "malformed",
		"multicast", "former", "outside-global-unicast", "listed"};

	return kind >= 0 && kind < (int)(sizeof texts / sizeof *texts) ? texts[kind] : "";
}

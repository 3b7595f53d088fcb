/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path attributes behind a byte of session flags: a second reader says the same of them; what is lent lies where it should; a
 * second call finds the set; and other prefixes in MP_REACH change nothing that is well.
 */

#include "../oracle/attrs.h"
#include "wire/bgp_wire.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(int line, const char *what)
{
	fprintf(stderr, "line %d does not hold: %s\n", line, what);
	abort();
}
#define must(truth) ((truth) ? (void)0 : fail(__LINE__, #truth))

/* Every byte that is lent can be read. */
static unsigned touch(const manrs_bgp_attrs *a)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < a->path.n; i++)
		sum += a->path.asn[i] + (a->path.kind ? a->path.kind[i] : 0);
	for (uint32_t i = 0; i < 4 * a->n_communities; i++)
		sum += a->communities[i];
	for (uint32_t i = 0; i < 8 * a->more->n_extended; i++)
		sum += a->more->extended[i];
	for (uint32_t i = 0; i < 12 * a->more->n_large; i++)
		sum += a->more->large[i];
	for (uint32_t i = 0; i < 4 * a->more->n_clusters; i++)
		sum += a->more->clusters[i];
	return sum;
}

/* Turn the prefixes of the first MP_REACH, where it has any. */
static void other_prefixes(const manrs_bgp_session *session, uint8_t *bytes, size_t n)
{
	struct bytes in = bytes_of(bytes, n);
	struct bgp_attr attr;
	struct bgp_reach reach;

	while (bgp_attr_next(&in, &attr) && attr.type != MANRS_BGP_MP_REACH)
		;
	if (in.bad || attr.type != MANRS_BGP_MP_REACH ||
	    !bgp_reach_read(&reach, session, attr.value, attr.n))
		return;
	for (size_t at = bytes_at(&reach.nlri); at < attr.n; at++)
		bytes[(size_t)(attr.value - bytes) + at] ^= 0x55;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct oracle_attrs oracle;
	static manrs_bgp_store *store;
	const manrs_bgp_attrs *a, *again;
	manrs_bgp_session session = {0};
	uint8_t *bytes;
	unsigned sum;

	if (n == 0 || n > BGP_ATTRS_MOST)
		return 0;
	if (!store)
		must(manrs_bgp_store_new(&store, NULL) == MANRS_OK);
	manrs_bgp_store_clear(store);
	session.flags = *data;
	bytes = malloc(n);
	must(bytes);
	n--;
	memcpy(bytes, data + 1, n);
	must(manrs_bgp_store_get(store, &a, &session, bytes, n) == MANRS_OK);
	oracle_attrs_read(&oracle, session.flags, bytes, n);
	must(!oracle_attrs_differ(&oracle, a));
	sum = touch(a);
	must(manrs_bgp_store_get(store, &again, &session, bytes, n) == MANRS_OK && again == a);
	other_prefixes(&session, bytes, n);
	must(manrs_bgp_store_get(store, &again, &session, bytes, n) == MANRS_OK && again == a);
	free(bytes);
	must(touch(a) == sum);
	return 0;
}

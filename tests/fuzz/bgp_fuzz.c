/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream of BGP messages; its last two bytes: the session's flags, and how many are listed at a time. Every UPDATE is read a second time
 * (tests/oracle/bgp.h); of OPENs what was read keeps its ranges. Then the same with the marker mended, so that what has none is
 * read too.
 */

#include "../oracle/bgp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(const char *differ)
{
	if (differ) {
		fprintf(stderr, "%s\n", differ);
		abort();
	}
}

static void try_open(const manrs_bgp_session *session, const uint8_t *in, size_t n)
{
	static const manrs_bgp_open ours = {.asn = 64496, .caps = 511, .paths4 = 3, .paths6 = 3};
	manrs_bgp_message m;
	manrs_bgp_session both = {0};
	manrs_bgp_open open;
	manrs_fault fault = {0};
	size_t need;
	int rc;

	if (manrs_bgp_decode(&m, session, in, n, &need, NULL) <= 0 || m.type != MANRS_BGP_OPEN)
		return;
	rc = manrs_bgp_open_decode(&open, &m, &fault);
	must(rc == MANRS_OK || fault.what ? NULL : "an OPEN's error without a word");
	must(fault.at <= m.n_body ? NULL : "an OPEN's error outside of it");
	must(rc != MANRS_OK || (open.version == 4 && open.asn && open.bgp_id && open.hold_s != 1 &&
				open.hold_s != 2)
		     ? NULL
		     : "a bad OPEN was taken");
	must(open.paths4 <= 3 && open.paths6 <= 3 && open.role >= -1 && open.role <= 255
		     ? NULL
		     : "an OPEN's numbers");
	manrs_bgp_session_of(&both, &ours, &open);
	must(both.neighbour_asn == open.asn ? NULL : "session");
}

static void stream(const manrs_bgp_session *session, const uint8_t *in, size_t n, size_t cap)
{
	static struct oracle_bgp *o;
	manrs_bgp_store_config config;
	manrs_bgp_store *store;
	int used;

	o = o ? o : calloc(1, sizeof *o);
	must(o ? NULL : "no memory");
	manrs_bgp_store_config_init(&config, sizeof config);
	must(manrs_bgp_store_new(&store, &config) == MANRS_OK ? NULL : "no store");
	do {
		try_open(session, in, n);
		must(oracle_bgp_differ(o, store, session, in, n, cap, &used));
		if (used > 0) {
			in += used;
			n -= (size_t)used;
		}
	} while (used > 0);
	manrs_bgp_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	manrs_bgp_session session = {.neighbour_asn = 64496};
	uint8_t *copy;

	if (n < 2)
		return 0;
	n -= 2;
	session.flags = data[n] & 127u; /* no DUMP: that is no message */
	copy = malloc(n ? n : 1);       /* nothing behind it is read */
	must(copy ? NULL : "no memory");
	memcpy(copy, data, n);
	stream(&session, copy, n, 1 + data[n + 1] % 9u);
	memset(copy, 255, n < 16 ? n : 16);
	stream(&session, copy, n, 1 + data[n + 1] % 9u);
	free(copy);
	return 0;
}

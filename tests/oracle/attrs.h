/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_ATTRS_H
#define TESTS_ORACLE_ATTRS_H

/* Path attributes read a second time: first split into a list, then judged one by one with a switch, as RFC 7606 reads. */

#include <manrs/bgp_attrs.h>
#include <stdbool.h>

#define ORACLE_HOPS 4096 /* a longer path is not compared */

struct oracle_attrs {
	uint64_t has, discarded, fault_at;
	int action, fault_type; /* fault_type -1: no fault */
	uint32_t notes, reach_family,
		numbers[7]; /* origin, MED, LOCAL_PREF, OTC, originator, aggregator */
	bool long_path;
	manrs_path path;
	uint32_t asn[3][ORACLE_HOPS];
	uint8_t kind[3][ORACLE_HOPS];
};

void oracle_attrs_read(struct oracle_attrs *o, uint32_t flags, const uint8_t *in, size_t n);

/* What differs, in a word; NULL: nothing. */
const char *oracle_attrs_differ(const struct oracle_attrs *o, const manrs_bgp_attrs *attrs);

#endif

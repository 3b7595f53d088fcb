/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_LISTS_H
#define TESTS_ORACLE_LISTS_H

/*
 * ASPAs and router keys of several sources as plain tables over a small world of numbers: a bit a provider, a bit a source.
 * What counts is read off the definition each time: union over sources, filters, assertions, AS0, the bound.
 */

#include <manrs/manrs.h>
#include <stdbool.h>

#define LISTS_CUSTOMERS 40
#define LISTS_PROVIDERS 12 /* provider[0] is AS0 */
#define LISTS_SOURCES   4
#define LISTS_KEYS      12

/* The numbers that the tables speak of; the same for all. */
extern const uint32_t lists_customer[LISTS_CUSTOMERS], lists_provider[LISTS_PROVIDERS];
extern const uint32_t lists_source[LISTS_SOURCES];
manrs_router_key lists_key(unsigned k);

struct lists {
	uint16_t list[LISTS_SOURCES][LISTS_CUSTOMERS]; /* providers by bit; 0: no ASPA */
	bool fed[LISTS_SOURCES][LISTS_CUSTOMERS];      /* an ADD of this edit is in it */
	uint8_t key[LISTS_KEYS];                       /* sources by bit */
	unsigned max_providers;
	/* local exceptions */
	bool filter[LISTS_CUSTOMERS];
	uint16_t assert_list[LISTS_CUSTOMERS];
	uint8_t key_filters;
	struct lists_filter {
		int asn, ski; /* -1: any */
	} key_filter[4];
	bool assert_key[LISTS_KEYS];
};

/* A new edit begins. */
void lists_begin(struct lists *l);
/* One ADD or REMOVE (providers 0) of a customer's ASPA: the first ADD of an edit replaces, the others unite. */
void lists_edit(struct lists *l, unsigned source, unsigned customer, uint16_t providers,
		manrs_counts *counts);
/* The providers that count, by bit; 0: the customer has no ASPA. */
uint16_t lists_effective(const struct lists *l, unsigned customer);
bool lists_key_effective(const struct lists *l, unsigned k);

#endif

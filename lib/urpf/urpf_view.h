/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_VIEW_H
#define LIB_URPF_URPF_VIEW_H

/* What uRPF uses of a database, in the orders in which it does. */

#include "base/heap.h"
#include <manrs/db.h>

struct urpf_view {
	struct heap_obj obj;
	const manrs_db *db;          /* ref'd */
	struct vec vrp, irr;         /* manrs_route, in order */
	struct vec vrp_asn, irr_asn; /* uint32_t: indexes by asn */
	struct vec customers;        /* uint32_t: indexes of aspas by provider */
	struct vec providers;        /* and by customer */
	struct vec aspas;            /* manrs_aspa_pair */
};

struct urpf_view *view_new(struct heap *h, const manrs_db *db); /* NULL: no memory */
/* Where an AS's routes begin in an index by asn; *n of them. */
size_t view_by_asn(const struct vec *routes, const struct vec *index, uint32_t asn, size_t *n);
/* The routes of exactly this prefix; NULL: none. */
const manrs_route *view_at_prefix(const struct vec *routes, const manrs_prefix *p, size_t *n);
/* Where a customer's providers begin in v->providers, which holds indexes of v->aspas. */
size_t view_providers(const struct urpf_view *v, uint32_t customer);
/* Where a provider's customers begin in v->customers, likewise. */
size_t view_customers(const struct urpf_view *v, uint32_t provider);

#endif

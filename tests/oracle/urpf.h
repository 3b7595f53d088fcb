/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_URPF_H
#define TESTS_ORACLE_URPF_H

/*
 * uRPF as RFC 3704, RFC 8704 and draft-ietf-sidrops-bar-sav-09 word it, over unsorted arrays: every list is made again from
 * sets of prefixes and of AS numbers, step by step. One snapshot in time; no hold times.
 */

#include "oracle/aspa.h"
#include <manrs/urpf.h>
#include <stdbool.h>

#define SAV_IFACES 12
#define SAV_ROUTES 512
#define SAV_PATH   8

struct sav_iface {
	bool live;
	int mode, role;
	uint32_t asn, options;
	uint32_t acl[4];
	unsigned n_acl;
};

struct sav_route {
	manrs_prefix prefix;
	uint16_t iface;
	uint32_t neighbour, path_id;
	uint8_t flags;
	uint32_t path[SAV_PATH]; /* wire order */
	uint32_t n;              /* 0: no path; origin stands alone */
	uint32_t origin;
};

struct sav_hand {
	manrs_prefix prefix;
	uint16_t iface;
	int kind;
};

struct sav {
	struct sav_iface iface[SAV_IFACES];
	unsigned n_ifaces;
	struct sav_route route[SAV_ROUTES];
	size_t n_routes;
	struct sav_hand hand[SAV_ROUTES];
	size_t n_hands;
	manrs_route vrp[SAV_ROUTES], irr[SAV_ROUTES];
	size_t n_vrps, n_irr;
	struct draft_pair aspa[SAV_ROUTES];
	size_t n_aspas;
	uint32_t local_as;
	bool has_db;
};

/* A set of prefixes. */
struct sav_set {
	manrs_prefix *at;
	size_t n, cap;
};
void sav_set_free(struct sav_set *set);

/* The RPF list of an interface; nothing for off and loose. */
void sav_list(const struct sav *world, unsigned iface, struct sav_set *out);
/* enum manrs_urpf_allow for a /32 or /128. */
int sav_check(const struct sav *world, unsigned iface, const manrs_prefix *source);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_RIB_H
#define LIB_URPF_URPF_RIB_H

/* What is fed: entries and prefixes by hand under their prefix, and interfaces. */

#include "table/ptrie.h"
#include <manrs/urpf.h>

struct urpf_path {
	struct heap_obj obj;
	uint32_t n;
	uint32_t kinds; /* the kind bytes follow the hops */
	uint32_t asn[];
};

struct urpf_entry {
	uint32_t origin;
	uint32_t neighbour;
	uint32_t path_id;
	uint16_t iface;
	uint8_t flags;
	uint8_t zero;
	struct urpf_path *path; /* NULL: none was given */
};

struct urpf_manual {
	uint16_t iface;
	uint16_t kind; /* enum manrs_urpf_prefix_kind */
};

/* All that was fed for a prefix. The prefixes by hand follow the entries. */
struct urpf_record {
	struct heap_obj obj;
	uint32_t n;
	uint32_t n_hand;
	struct urpf_entry entry[];
};

static inline const struct urpf_manual *urpf_record_manual(const struct urpf_record *r)
{
	return (const struct urpf_manual *)(const void *)&r->entry[r->n];
}

struct urpf_iface {
	uint8_t live;
	uint8_t mode;      /* as set */
	uint8_t effective; /* as used */
	uint8_t role;
	uint32_t asn;
	uint32_t options;
	uint32_t n_acl;
	uint32_t *acl;
	uint64_t gen; /* tells a handle's users apart; not 0 and not live: see urpf_ifaces_sweep */
};

struct urpf_ifaces {
	struct heap_obj obj;
	uint32_t n, cap;
	struct urpf_iface at[];
};

static inline unsigned family_index(const manrs_prefix *p)
{
	return p->family == 6;
}

static inline const struct urpf_record *urpf_record_get(struct ptrie_node *const *rib,
							const manrs_prefix *p)
{
	struct ptrie_key k = ptrie_key_of(p);
	const struct ptrie_node *n = ptrie_get(rib[family_index(p)], &k);

	return n ? n->val : NULL;
}

#endif

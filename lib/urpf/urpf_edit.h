/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_EDIT_H
#define LIB_URPF_URPF_EDIT_H

/* What the files of an edit share: calls that can be taken back, and records put in their place. */

#include "urpf/urpf_state.h"

struct urpf_mark {
	struct ptrie_node *rib[2];
	uint64_t n_rib;
	size_t touched;
};

struct urpf_mark urpf_mark_set(const manrs_urpf_edit *e);
/* End a call: keep what it did, or go back to the mark when rc is an error. returns rc. */
int urpf_mark_end(manrs_urpf_edit *e, struct urpf_mark *m, int rc, size_t n);

struct urpf_record *urpf_record_new(struct heap *h, uint32_t n, uint32_t n_hand);
/* Put a record in the place of the old one; one with nothing in it takes the prefix out. r is taken over. */
int urpf_record_put(manrs_urpf_edit *e, const manrs_prefix *p, struct urpf_record *r);

/*
 * Take the entries and prefixes of all removed interfaces out, in one walk; their handles are free then. Until it is
 * called, at the commit, such a handle is given to nobody. returns: MANRS_OK, or MANRS_ENOMEM: nothing happened.
 */
int urpf_ifaces_sweep(manrs_urpf_edit *e);

void urpf_content_drop(manrs_urpf_owner *o, manrs_urpf *s);

bool urpf_iface_live(const manrs_urpf_edit *e, uint16_t iface);

#endif

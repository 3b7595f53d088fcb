/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_CANDIDATE_H
#define LIB_URPF_URPF_CANDIDATE_H

/* What one prefix says for a check, derived from what is fed (urpf_derive.c); the rule (urpf_rule.h) reads it. */

#include "base/heap.h"

/* What a prefix says, beside its flags. iface may be MANRS_URPF_NO_IFACE for the kinds that mean a mode. */
enum urpf_kind {
	SAYS_ROUTE = 1, /* a route by this strict or feasible interface; step 1: a best one */
	SAYS_MEMBER,    /* on the list of this interface */
	SAYS_EFP_B,     /* on the list of every EFP-B interface, or those that augment, by step */
	SAYS_DENY,
	SAYS_ALLOW,
	SAYS_PI_NO, /* not for BAR-SAV-PI interfaces */
};

struct urpf_item {
	uint16_t iface;
	uint8_t kind;
	uint8_t step;
	uint32_t asn;
	uint64_t until_ms; /* 0, or: held; for PI_NO: not before */
};

#define CAND_ROUTE   1u
#define CAND_BEST    2u
#define CAND_DISCARD 4u

enum urpf_martian {
	MARTIAN_INHERIT,
	MARTIAN_DENY,
	MARTIAN_UNSPECIFIED,
	MARTIAN_LINK_LOCAL,
	MARTIAN_CLEAR
};

struct urpf_candidate {
	struct heap_obj obj;
	uint32_t n;
	uint8_t flags;
	uint8_t martian; /* enum urpf_martian */
	uint16_t zero;
	struct urpf_item item[];
};

#endif

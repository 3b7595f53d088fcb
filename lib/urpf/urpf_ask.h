/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_ASK_H
#define LIB_URPF_URPF_ASK_H

#include "urpf/urpf_state.h"

/* A decision, and the prefix that made it. */
struct urpf_answer {
	bool allow;
	uint8_t step;
	uint32_t asn;
	uint64_t until_ms;
	const struct ptrie_node *node; /* of the candidates; NULL: none */
};

/* Decide from the candidates. whole false: the mode alone. source: a /32 or /128. */
struct urpf_answer urpf_ask(const manrs_urpf *s, const manrs_prefix *source, uint16_t iface,
			bool whole);
/* The interface of a handle; NULL: none. */
const struct urpf_iface *urpf_iface(const manrs_urpf *s, uint16_t iface);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTR_RESPONSE_H
#define LIB_WIRE_RTR_RESPONSE_H

/*
 * The records of one response, as they came, until the host has taken them: runs of one kind and operation. Memory grows with
 * what was received and is kept for the next response, up to a bound.
 */

#include "base/mem.h"
#include "wire/rtr_pdu.h"

struct rtr_response {
	struct vec vrps;      /* manrs_route */
	struct vec aspas;     /* manrs_aspa; provider is set when it is whole */
	struct vec providers; /* uint32_t, those of all aspas one behind the other */
	struct vec keys;      /* manrs_router_key */
	struct vec runs;      /* struct rtr_run */
	uint64_t bytes;       /* on the wire */
	uint64_t added, removed;
	/* the last prefix of each family, for the order; family 0: none yet */
	manrs_prefix last[2];
	bool withdrawing[2];
};

struct rtr_run {
	uint8_t type; /* RTR_IPV4_PREFIX for both families, RTR_ASPA, RTR_ROUTER_KEY */
	bool announce;
	size_t from, n; /* in the array of its kind */
};

void rtr_response_clear(const manrs_alloc *mem, struct rtr_response *r); /* keeps a little memory */
void rtr_response_free(const manrs_alloc *mem, struct rtr_response *r);

/*
 * Take a payload PDU in. returns: RTR_GOOD, or a code: what is wrong with it; MANRS_RTR_INTERNAL with *limit set to
 * MANRS_ENOMEM or MANRS_ELIMIT: it is we who cannot
 */
int rtr_response_take(const manrs_alloc *mem, struct rtr_response *r,
		      const manrs_rtr_config *config, const struct rtr_head *head,
		      const uint8_t *bytes, int *limit);

/*
 * It is whole: from here on its arrays stay where they are.
 * out:     what rtr_response_quote gives, into quote[cap], where the return value is DUPLICATE
 * returns: RTR_GOOD; MANRS_RTR_DUPLICATE: a customer's ASPA is announced twice, which no edit can tell from one that replaces an
 *          earlier one; MANRS_RTR_INTERNAL: no memory
 */
int rtr_response_close(const manrs_alloc *mem, struct rtr_response *r, uint8_t *quote, size_t cap,
		       size_t *n);

/* Run `at` for the host. */
bool rtr_response_run(const struct rtr_response *r, size_t at, manrs_rtr_run *run);

/*
 * The PDU that a record came in, again: as much of it as out[cap] takes, cap at least that of a key.
 * returns: how much, 0: no such record
 */
size_t rtr_response_quote(const struct rtr_response *r, unsigned version, size_t run, size_t record,
			  uint8_t *out, size_t cap);

#endif

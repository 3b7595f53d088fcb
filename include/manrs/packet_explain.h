/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_PACKET_EXPLAIN_H
#define MANRS_PACKET_EXPLAIN_H

/* Why a packet passes or not: which step of the order in urpf.h decided, and on what it rests. threads: any, on one snapshot. */

#include <manrs/urpf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which step decided. */
enum manrs_urpf_step {
	MANRS_URPF_STEP_UNKNOWN_IFACE = 0, /* denied: no such interface */
	MANRS_URPF_STEP_OFF = 1,           /* passes: the interface checks nothing */
	MANRS_URPF_STEP_ALWAYS_DENY = 2,   /* by hand */
	MANRS_URPF_STEP_ALWAYS_ALLOW = 3,  /* by hand */
	MANRS_URPF_STEP_MARTIAN = 4,       /* never a source */
	MANRS_URPF_STEP_SPECIAL = 5, /* unspecified or link-local: the interface's option decides */
	MANRS_URPF_STEP_DISCARD = 6, /* a discard route */
	MANRS_URPF_STEP_NO_ROUTE = 7, /* none, or only the default one, which does not count here */
	MANRS_URPF_STEP_NOT_LISTED = 8,   /* not in the interface's list */
	MANRS_URPF_STEP_BEST_ROUTE = 9,   /* strict: passes */
	MANRS_URPF_STEP_OTHER_IFACE = 10, /* strict, feasible: the routes leave elsewhere */
	MANRS_URPF_STEP_FEASIBLE = 11,    /* feasible: passes */
	MANRS_URPF_STEP_LOOSE = 12,       /* loose: passes */
	MANRS_URPF_STEP_LISTED = 13,      /* by hand: explicit list, prefix ACL */
	MANRS_URPF_STEP_EFP_A = 14,       /* RFC 8704 3.1 step 3: the set X of origin asn */
	MANRS_URPF_STEP_EFP_B_P = 15,     /* RFC 8704 3.4: received on a customer interface */
	MANRS_URPF_STEP_EFP_B_Q = 16,     /* RFC 8704 3.4: from others, origin asn in the cone */
	MANRS_URPF_STEP_ROA = 17,         /* RFC 8704 3.5: a VRP of asn */
	MANRS_URPF_STEP_IRR = 18,         /* RFC 8704 3.5: an IRR object of asn */
	MANRS_URPF_STEP_BAR_ROA = 19,     /* BAR-SAV, procedure X: a VRP of asn, in the cone D */
	MANRS_URPF_STEP_BAR_ROUTE = 20,   /* BAR-SAV: announced by asn, which is in D */
	MANRS_URPF_STEP_PI_CONE = 21, /* BAR-SAV-PI step 6: provably the customers' alone, denied */
	MANRS_URPF_STEP_PI_LOCAL = 22, /* BAR-SAV-PI step 7: ours alone, denied */
	MANRS_URPF_STEP_LINK = 23,     /* the link's own prefix: passes */
};

/* Why a packet passes or not. Grows at its end; set size before the call. */
typedef struct manrs_urpf_explanation {
	size_t size;
	uint8_t allow;     /* enum manrs_urpf_allow, as the check says */
	uint8_t mode;      /* of the interface; 0: unknown interface */
	uint8_t effective; /* the mode that was used: loose where BAR-SAV had no db */
	uint8_t step;      /* enum manrs_urpf_step */
	uint32_t asn;      /* of the step; 0: none */
	/* not 0: off the list, but held until then; PI_CONE: denied only from then on */
	uint64_t until_ms;
	manrs_prefix prefix; /* the match that decided; family 0: none */
	uint32_t n_ifaces;   /* interfaces with a route for that prefix, even where cap is less */
} manrs_urpf_explanation;

/*
 * Explain one packet.
 * in:      source: a /32 or /128
 * out:     why; ifaces[cap]: interfaces with a route for the matching prefix, ascending; may be NULL when cap is 0
 * returns: MANRS_OK; MANRS_EINVAL: not an address, or no such why->size
 */
MANRS_API int manrs_urpf_explain(const manrs_urpf *urpf, const manrs_prefix *source, uint16_t iface,
				 manrs_urpf_explanation *why, uint16_t *ifaces, size_t cap);

/* A step in one word: "best-route", "martian". */
MANRS_API const char *manrs_urpf_step_text(int step);

#ifdef __cplusplus
}
#endif

#endif

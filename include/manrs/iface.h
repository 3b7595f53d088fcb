/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_IFACE_H
#define MANRS_IFACE_H

/*
 * An interface as source address validation knows it: its mode, its options, its neighbour. A table (urpf.h) holds up to
 * 65,535 of them under handles from 0.
 *
 * threads: all calls: any thread
 * source:  RFC 3704; RFC 8704; draft-ietf-sidrops-bar-sav-09; RFC 5635
 */

#include <manrs/base.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No interface (local, discard routes), or every one (prefixes). */
#define MANRS_URPF_NO_IFACE 0xffffu /* no handle: packets on it are always denied */

enum manrs_urpf_mode {
	MANRS_URPF_OFF = 1,      /* everything passes */
	MANRS_URPF_STRICT = 2,   /* a best route of the longest match leaves by it, RFC 3704 2.2 */
	MANRS_URPF_LOOSE = 3,    /* any route covers the source, RFC 3704 2.4 */
	MANRS_URPF_FEASIBLE = 4, /* any route kept for it does, RFC 3704 2.3 */
	MANRS_URPF_EFP_A = 5,    /* RFC 8704 section 3.1, customers */
	MANRS_URPF_EFP_B = 6,    /* RFC 8704 section 3.4, customers */
	MANRS_URPF_BAR_SAV = 7,  /* customers and lateral peers; loose without a db */
	MANRS_URPF_BAR_SAV_PI = 8,  /* providers; loose without a db */
	MANRS_URPF_PROCEDURE_X = 9, /* BAR-SAV by ASPAs and ROAs alone; loose without a db */
	MANRS_URPF_LIST = 10,       /* the prefixes of MANRS_URPF_PREFIX_LIST */
};

/*
 * Options of an interface.
 *
 * DISCARD_PASS: without it sources whose longest match is a discard route fail, in every mode and whatever a list says:
 * source-based blackholing (RFC 5635 section 4) is nothing else, and an operator who null-routes an attacker must not find
 * that a ROA lets it in. The price: an aggregate that is null-routed to be announced denies the customers' space in it for
 * which there is a ROA and no route (BAR-SAV). Who has such aggregates sets this, or feeds them without MANRS_URPF_DISCARD
 * and keeps the blackholes.
 *
 * UNSPECIFIED and LINK_LOCAL are what the link needs to work at all. No router forwards these sources (RFC 4291 2.5.2,
 * 2.5.6; RFC 3927 7), so that a spoofed one harms nobody beyond the link; without them neighbour discovery, duplicate
 * address detection and BGP over link-local addresses end where a filter is loaded. manrs_urpf_iface_init sets both: a host
 * that wants them denied clears them. The neighbour's other addresses on the link are MANRS_URPF_PREFIX_LINK.
 */
#define MANRS_URPF_DEFAULT_ROUTE 1u  /* 0/0 and ::/0 count: strict, loose, feasible, BAR-SAV-PI */
#define MANRS_URPF_DISCARD_PASS  2u  /* discard routes are routes like others */
#define MANRS_URPF_COUNT_ONLY    4u  /* what would be denied is MANRS_URPF_COUNTED */
#define MANRS_URPF_AUGMENT_ROA   8u  /* EFP: and the VRPs of its list's ASes, RFC 8704 3.5 */
#define MANRS_URPF_AUGMENT_IRR   16u /* EFP: and their IRR route objects */
#define MANRS_URPF_UNSPECIFIED   32u /* 0.0.0.0, :: and two dummies (RFC 7600, RFC 9780) */
#define MANRS_URPF_LINK_LOCAL    64u /* 169.254.0.0/16 and fe80::/10 */

/* An interface. Grows at its end; manrs_urpf_iface_init sets size, UNSPECIFIED and LINK_LOCAL, and zeroes the rest. */
typedef struct manrs_urpf_iface {
	size_t size;
	uint32_t mode;    /* enum manrs_urpf_mode */
	uint32_t role;    /* enum manrs_role of the neighbour; MANRS_ROLE_NONE: no BGP neighbour,
	                     whose routes are of the FIB alone: EFP and BAR-SAV lists are made of
	                     Adj-RIB-Ins (RFC 8704 3.1, 3.4), so they are on none */
	uint32_t asn;     /* of the neighbour; 0: none */
	uint32_t options; /* MANRS_URPF_DEFAULT_ROUTE... above */
	const uint32_t *asn_acl; /* BAR-SAV: ASes that belong to the neighbour's cone; copied */
	size_t n_asn_acl;
} manrs_urpf_iface;

/*
 * Prefixes by hand, for one interface or (MANRS_URPF_NO_IFACE) for all.
 *
 * LOCAL are our own single-homed and internal-use prefixes, and known single-homed ones of the cone. LINK, on the interface
 * that it must name, are the "ACLs for directly connected networks" of RFC 8704 3.7: after always-deny and before martian
 * sources, else the BGP neighbour itself is cut off, as no route covers it.
 */
enum manrs_urpf_prefix_kind {
	MANRS_URPF_PREFIX_DENY = 1,  /* sources in it always fail */
	MANRS_URPF_PREFIX_ALLOW = 2, /* and these always pass */
	MANRS_URPF_PREFIX_LIST = 3, /* of mode LIST; the prefix ACL of EFP and BAR-SAV interfaces */
	MANRS_URPF_PREFIX_LOCAL = 4, /* BAR-SAV-PI interfaces refuse them (step 7) */
	MANRS_URPF_PREFIX_LINK = 5,  /* the link's own: they pass */
};

/* Every byte of iface: size, UNSPECIFIED and LINK_LOCAL, and zeros. returns: MANRS_OK; MANRS_EINVAL: no such size */
MANRS_API int manrs_urpf_iface_init(manrs_urpf_iface *iface, size_t size);

/* "efp-a", "bar-sav-pi"... and the other way; "" and MANRS_ESYNTAX for anything else. owns: a constant. */
MANRS_API const char *manrs_urpf_mode_text(int mode);
MANRS_API int manrs_urpf_mode_parse(const char *text, size_t n);

#ifdef __cplusplus
}
#endif

#endif

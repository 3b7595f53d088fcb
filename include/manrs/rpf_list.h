/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RPF_LIST_H
#define MANRS_RPF_LIST_H

/*
 * What an interface accepts: its list as the mode makes it, the fewest prefixes of the whole decision, and both as text for
 * packet filters and routers. threads: any, on one snapshot.
 *
 * source:  RFC 8704 sections 3.1, 3.4, 3.7; draft-ietf-sidrops-bar-sav-09
 */

#include <manrs/urpf.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An interface's RPF list in manrs_prefix_cmp order, not aggregated: for strict and feasible the prefixes with such a
 * route, for BAR-SAV-PI the set G, held prefixes included. Loose and off have none.
 * in:      cursor: the last prefix listed (record.h)
 * out:     out[cap]
 * returns: how many were written; fewer than cap means the end
 */
MANRS_API size_t manrs_urpf_list(const manrs_urpf *urpf, uint16_t iface, manrs_cursor *cursor,
				 manrs_prefix *out, size_t cap);

/*
 * The sources that an interface's mode accepts, as the fewest prefixes, in order: what its list covers, with the
 * exactness of longest match where the mode has it. manrs_urpf_list, aggregated.
 * in:      whole: 0: the mode alone; 1: always-deny, always-allow and martian sources taken into account, as a check
 *          cursor: all zero at the start
 * out:     out[cap]
 * returns: how many were written; fewer than cap means the end
 */
MANRS_API size_t manrs_urpf_allowed(const manrs_urpf *urpf, uint16_t iface, int whole,
				    manrs_cursor *cursor, manrs_prefix *out, size_t cap);

enum manrs_urpf_format {
	MANRS_URPF_TEXT = 1,  /* a prefix a line */
	MANRS_URPF_NFT = 2,   /* a table with interval sets and a chain for the interface */
	MANRS_URPF_EBPF = 3,  /* lines of a bpftool batch for LPM_TRIE maps NAME_4 and NAME_6 */
	MANRS_URPF_BIRD = 4,  /* prefix sets */
	MANRS_URPF_CISCO = 5, /* prefix lists */
	MANRS_URPF_JUNOS = 6, /* set commands of prefix lists */
};

/*
 * Write what an interface accepts for other software, aggregated, in slices. Every format is the whole decision, as
 * manrs_urpf_allowed has it with whole = 1: a packet filter made of the text passes the sources that manrs_urpf_check4
 * and _check6 pass and no others (a chain of nftables for an interface that only counts drops nothing; the other formats have what
 * such an interface would pass if it did not only count). The list of a mode alone is manrs_urpf_list.
 * The link's neighbour: its link-local addresses pass by the interface's options, the others by MANRS_URPF_PREFIX_LINK.
 * in:      name: of the list, and for nft the interface's name; letters, digits, `_`, `-` and `.`, at most 32
 *          cursor: all zero at the start
 * out:     text[cap], cap >= 512; no closing NUL
 * returns: bytes written, 0 at the end; MANRS_EINVAL: format, name; MANRS_ELIMIT: cap
 */
MANRS_API int manrs_urpf_export(const manrs_urpf *urpf, uint16_t iface, int format,
				const char *name, manrs_cursor *cursor, char *text, size_t cap);

#ifdef __cplusplus
}
#endif

#endif

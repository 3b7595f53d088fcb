/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RIB_LINE_H
#define MANRS_RIB_LINE_H

/* Adj-RIB-Ins as text, a route a line: what manrs_urpf_edit_rib takes, for files and pipes. */

#include <manrs/path.h>
#include <manrs/record.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A line: an interface with what its neighbour is to us, and a route unless route.prefix.family is 0. */
typedef struct manrs_urpf_line {
	const char *iface; /* in the text, n_iface bytes */
	size_t n_iface;
	manrs_prefix prefix;
	uint32_t role;  /* enum manrs_role; NONE for "none" */
	uint32_t flags; /* of a manrs_urpf_entry */
	uint32_t zero;
	manrs_path path;
} manrs_urpf_line;

/*
 * Read `interface TAB role [TAB prefix [TAB AS path [TAB flags]]]`; flags are best, discard, leaked with commas between.
 * Blanks around a column are left out. A line without a TAB has its columns parted by blanks: the path is what stands
 * between the prefix and the flags, a last word of letters. A path or flags need a prefix.
 * A host that skips a line it cannot read has lists with holes, which deny or accept in silence: let it refuse the file.
 * in:      text[n]: the line without its end; asn[cap], kind[cap] as for manrs_path_parse
 * out:     line; its path is in asn and kind, its interface in the text
 * returns: 1: it is set; 0: empty, or a comment (#); MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL (host bits), MANRS_ELIMIT
 *          with fault->at = offset
 * threads: any
 */
MANRS_API int manrs_urpf_line_parse(manrs_urpf_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
				    const char *text, size_t n, manrs_fault *fault);

#ifdef __cplusplus
}
#endif

#endif

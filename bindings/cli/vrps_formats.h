/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_VRPS_FORMATS_H
#define CLI_VRPS_FORMATS_H

/* A set of VRPs in the formats that others read. */

#include "options.h"

#define VRPS_FORMATS                                                                               \
	(1u << FORMAT_CSV | 1u << FORMAT_JSON | 1u << FORMAT_RPKI_CLIENT | 1u << FORMAT_OPENBGPD | \
	 1u << FORMAT_BIRD2 | 1u << FORMAT_SLURM | 1u << FORMAT_SUMMARY)
#define VRPS_FORMATS_TEXT "csv (default), json, rpki-client, openbgpd, bird2,\nslurm, summary"

#define VRPS_ASPAS \
	1u /* openbgpd and bird2: the ASPAs too, which readers of lists of ROAs may not expect */
#define VRPS_BY_PREFIX 2u /* csv: PREFIX,MAXLEN,ASN */

/* returns: EXIT_DONE, EXIT_ERROR: said why */
int vrps_write(const struct vrpset *set, enum format format, uint32_t flags, const char *output);

/* Counts of it, a line each: FORMAT_SUMMARY. */
void vrps_summary(struct out *out, const struct vrpset *set);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_IRR_FILE_H
#define CLI_IRR_FILE_H

/* Route objects of a file: lines of PREFIX ASN. */

#include "cli.h"

struct irr_file {
	manrs_route *at;
	size_t n, cap;
};
/* All of it. returns: false: said why. irr_file_free in any case. */
bool irr_file_read(struct irr_file *file, const char *path);
void irr_file_free(struct irr_file *file);

#endif

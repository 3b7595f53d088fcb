/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_BIG_PAGES_H
#define CLI_BIG_PAGES_H

/* Memory for an object of the library that takes tens of MiB in pieces: in large pages where the system has them. */

#include "cli.h"

struct big_region;
struct big_pages {
	struct big_region *region;
	size_t n, cap;
};
/*
 * pages: zeros; lives as long as the object. Beside what is asked for it takes a large page or two, and less than one for
 * each piece that is larger than that.
 */
manrs_alloc big_pages_alloc(struct big_pages *pages);
void big_pages_free(struct big_pages *pages); /* after the object */

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/* Progress on a terminal's stderr, when something takes over a second. */

#include <stdint.h>

void progress_start(const char *what, uint64_t total); /* total bytes, 0: unknown */
void progress_at(uint64_t bytes);
void progress_items(uint64_t items);
void progress_off(void);   /* for good: the data goes to the same terminal */
void progress_clear(void); /* before a line on stderr */
void progress_end(void);

#endif

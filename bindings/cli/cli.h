/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_H
#define CLI_H

/* What all files of the command share. Errors go to stderr as "manrs: FILE:LINE: what"; a call that failed has said why. */

#include <manrs/manrs.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_DONE = 0, EXIT_FINDINGS = 1, EXIT_ERROR = 2, EXIT_STALE = 3 };

/* ---- what is said: complain.c ---- */

/* "manrs: " and the message; one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "manrs: FILE:LINE: what"; line 0 leaves it out. */
void complain_at(const char *file, uint64_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "manrs: FILE:LINE: byte N: what: value", as a parser of the library has it on text[n]. */
void complain_text(const char *file, uint64_t line, const manrs_fault *fault, const char *text,
		   size_t n);
/* "manrs: FILE:LINE: what: value", as a reader of a whole file has it on bytes[n]. */
void complain_file(const char *file, const manrs_fault *fault, const char *bytes, size_t n);
/* What this thread said last, without the file; "": nothing yet. */
#define COMPLAINED 200
const char *complained(void);
/* What a call of the library failed with. Returns EXIT_ERROR. */
int complain_error(int rc);

/* ---- writers: seed.c ---- */

/* Random bytes; zeros where the system has none. */
void random_seed(uint64_t seed[2]);
/* manrs_db_owner_new with such a seed. */
int db_owner_new(manrs_db_owner **owner);

/* ---- memory: memory.c; the process ends when there is none ---- */

void *must_resize(void *ptr, size_t n, size_t size);
/* Room for one more item behind n: doubled where it is full. */
void *must_room(void *ptr, size_t n, size_t *cap, size_t size);

/* A growing list of strings that options collect. */
struct words {
	const char **at;
	size_t n;
};
void words_add(struct words *words, const char *word);

#endif

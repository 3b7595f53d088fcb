/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_VALUE_ITEMS_H
#define LIB_TEXT_VALUE_ITEMS_H

/* The value of a `key = value` line as items, parted by blanks or commas. */

#include <manrs/prefix.h>
#include <stdbool.h>

/* A value's text and how far it has been read. */
struct items {
	const char *text; /* the whole file */
	size_t at, end;
	manrs_fault *fault;
};

/* Sets the fault at an offset of the text; returns code. */
int items_refuse(struct items *v, int code, size_t at, const char *what);
bool items_blank(char c);
/* The next item. false: no more; *start is then where it would be. */
bool items_next(struct items *v, size_t *start, size_t *n);
bool items_is(const struct items *v, size_t start, size_t n, const char *word);
/* A fault inside an item that begins at start. */
int items_fault(struct items *v, const manrs_fault *inner, size_t start);
int items_asn(struct items *v, size_t start, size_t n, uint32_t *asn);
int items_prefix(struct items *v, size_t start, size_t n, manrs_prefix *prefix);
/* The only item, as a number up to max. */
int items_number(struct items *v, uint64_t max, uint64_t *number);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_SPACE_H
#define MANRS_SPACE_H

/*
 * Address space in exact numbers: how many addresses a set of prefixes covers, each once, and what share that is.
 *
 *     manrs_space_new     manrs_space_add, manrs_space_add_routes     in any order, with repeats and overlaps
 *     manrs_space_count   manrs_space_common                          "4294967296", as decimal text
 *     manrs_number_sum   manrs_number_cmp   manrs_number_ratio     on such texts
 *     manrs_space_free
 *
 * Numbers are text since IPv6 sums pass 2^128: the whole family is 340282366920938463463374607431768211456.
 *
 * Big numbers are computed with libtommath, whose memory is the C library's; all else is the caller's allocator's.
 */

#include <manrs/prefix.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_space manrs_space;

/* Room for a count and its NUL; a number that a caller passes may have up to MANRS_NUMBER_DIGITS digits. */
#define MANRS_NUMBER_TEXT   48  /* bytes of a count and its NUL */
#define MANRS_NUMBER_DIGITS 100 /* the most of a number passed */

/* An empty set. returns: MANRS_OK, MANRS_ENOMEM. owns: the caller frees it with manrs_space_free. */
MANRS_API int manrs_space_new(manrs_space **space, const manrs_alloc *alloc);
MANRS_API void manrs_space_free(manrs_space *space); /* NULL is allowed */

/*
 * Put prefixes into the set; of routes (VRPs, announcements) the prefixes, whatever their AS and maxLength.
 * returns: MANRS_OK; MANRS_ENOMEM, or MANRS_EINVAL with fault->at = index of a malformed one: none of this call is in
 * threads: one at a time on a set; this holds for count and common, too
 */
MANRS_API int manrs_space_add(manrs_space *space, const manrs_prefix *prefixes, size_t n,
			      manrs_fault *fault);
MANRS_API int manrs_space_add_routes(manrs_space *space, const manrs_route *routes, size_t n,
				     manrs_fault *fault);

/*
 * How many addresses of a family (4 or 6) are in the set, as decimal text.
 * out:     text[cap] with NUL; MANRS_NUMBER_TEXT is enough
 * returns: the text's length; MANRS_ELIMIT if it does not fit, MANRS_EINVAL for the family, MANRS_ENOMEM
 * cost:    O(n log n) after an add, then O(1)
 */
MANRS_API int manrs_space_count(manrs_space *space, int family, char *text, size_t cap);

/* How many addresses of a family are in both sets: of announced space, what ROAs cover. returns: as manrs_space_count. */
MANRS_API int manrs_space_common(manrs_space *a, manrs_space *b, int family, char *text,
				 size_t cap);

/*
 * The sum of two numbers.
 * in:      a, b: decimal digits, NUL-terminated
 * returns: the text's length; MANRS_ESYNTAX (not a number), MANRS_ELIMIT (does not fit), MANRS_ENOMEM
 */
MANRS_API int manrs_number_sum(const char *a, const char *b, char *text, size_t cap);

/* Compare two numbers. out: *order is -1, 0 or 1. returns: MANRS_OK, MANRS_ESYNTAX, MANRS_ENOMEM. */
MANRS_API int manrs_number_cmp(const char *a, const char *b, int *order);

/*
 * part / whole with so many digits behind the point, cut and not rounded: "1.000" means all of it, never nearly all.
 * in:      digits 0..60
 * returns: the text's length; MANRS_ESYNTAX, MANRS_ELIMIT, MANRS_ENOMEM; MANRS_ERANGE if whole is 0 or digits too many
 */
MANRS_API int manrs_number_ratio(const char *part, const char *whole, unsigned digits, char *text,
				 size_t cap);

#ifdef __cplusplus
}
#endif

#endif

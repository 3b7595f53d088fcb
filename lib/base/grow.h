/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_GROW_H
#define LIB_BASE_GROW_H

/*
 * How public structs grow: at their end, from version to version. `size_t size` is their first member and the caller's own
 * sizeof, so that a program and a library of different versions agree on what is there:
 *
 *     older program   [ size | first release | ]             what it lacks is not touched, and counts as 0
 *     this library    [ size | first release | later ]
 *     newer program   [ size | first release | later | ? ]   what we do not know must be 0, and becomes 0
 *
 * So a member that came later means by 0 what the library did before there was one, and no struct ends in padding. None is
 * shorter than its first release: `least`, GROW_LEAST of its last member then.
 */

#include <stdbool.h>
#include <stddef.h>

#define GROW_MOST              65536 /* bytes: a larger size was never set */
#define GROW_LEAST(type, last) (offsetof(type, last) + sizeof(((type *)0)->last))

/* Every byte of the caller's struct: the defaults that it has room for, then zeros. false: no such size, nothing is set. */
bool grow_init(void *to, size_t size, size_t least, const void *defaults, size_t known);

/* Take a caller's struct over, to `known` bytes with their size. false: no such size, or what we do not know is not 0. */
bool grow_take(void *to, size_t known, size_t least, const void *from);

/* Answer in the caller's struct, whose size stays as it is. false: no such size, nothing is written. */
bool grow_give(void *to, size_t least, const void *from, size_t known);

#endif

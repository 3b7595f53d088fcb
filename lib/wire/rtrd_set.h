/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTRD_SET_H
#define LIB_WIRE_RTRD_SET_H

/*
 * A set of records as it is sent, in blocks that sets share:
 *
 *     set ---- block ---- block ---- block ...        by kind, then in the order of rtrd_record.h
 *                |
 *                +-- form[version]: the PDUs, back to back; made when a router of that version first asks
 *
 * A block has one kind, and at least one record. What changes a set makes those blocks again that the change lies in, and
 * takes over the others. Sets and blocks are counted; nothing of them changes but that forms come to be.
 */

#include "base/mem.h"
#include "wire/rtrd_record.h"

struct rtrd_block {
	uint32_t refs;
	uint32_t n;     /* bytes of a form */
	uint32_t count; /* records */
	uint8_t kind;
	uint8_t *form[RTR_VERSION_MAX + 1]; /* one at least is there */
};

struct rtrd_set {
	uint32_t refs;
	uint32_t n;                    /* blocks */
	uint32_t from[RTRD_KINDS + 1]; /* where those of a kind begin */
	uint64_t count[RTRD_KINDS];    /* records */
	struct rtrd_block *block[];
};

/* A change of a set: a record that comes or goes. */
struct rtrd_change {
	const uint8_t *pdu;
	bool add;
};

/* A walk through the records of a kind. */
struct rtrd_walk {
	const struct rtrd_set *set;
	uint32_t block, end; /* the next one to go into */
	const uint8_t *at, *to;
};

struct rtrd_walk rtrd_walk_of(const struct rtrd_set *set, unsigned kind);
const uint8_t *rtrd_walk_next(struct rtrd_walk *walk); /* NULL: that was all */

/*
 * The form of a version; NULL: refused. *made counts the bytes that this took. spare: bits of versions of which nobody is
 * sent anything: their form is made this one.
 */
const uint8_t *rtrd_block_form(const manrs_alloc *mem, struct rtrd_block *block, unsigned version,
			       unsigned spare, uint64_t *made);

/* The record of the same key in the set, NULL: there is none. */
const uint8_t *rtrd_set_find(const struct rtrd_set *set, unsigned kind, const uint8_t *pdu);

/*
 * A set that differs from `old` (NULL: empty) by changes[n], which are in order, by kind from[kind] to from[kind + 1], and
 * true: what is added is not there, what goes is. Forms are made in `version`, *made counts their bytes. NULL: refused.
 */
struct rtrd_set *rtrd_set_change(const manrs_alloc *mem, const struct rtrd_set *old,
				 const struct rtrd_change *changes, const size_t *from,
				 unsigned version, uint64_t *made);
/* One reference less; *made counts down by the bytes of forms that go. NULL is allowed. */
void rtrd_set_drop(const manrs_alloc *mem, struct rtrd_set *set, uint64_t *made);
/* Bytes of the forms of its blocks, and of itself. */
uint64_t rtrd_set_bytes(const struct rtrd_set *set);

#endif

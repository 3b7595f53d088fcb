/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CHECK_ASPA_TABLE_H
#define TESTS_CHECK_ASPA_TABLE_H

/* The one table of a test of ASPA verification, and its snapshot. */

#include "test.h"

#include "check/aspa_sample.h"

static struct aspa_sample table;
static manrs_db_owner *owner;
static manrs_db *db;

/* The table as the next snapshot: what was there before is dropped in the same edit. */
static inline void open_table(void)
{
	manrs_counts counts;
	manrs_edit *edit;
	manrs_db *next;

	if (!owner)
		ck_assert_int_eq(manrs_db_owner_new(&owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, owner, db), MANRS_OK);
	ck_assert_int_eq(manrs_edit_drop(edit, 1, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 1, MANRS_ADD, table.row, table.n, &counts, NULL),
			 MANRS_OK);
	ck_assert_uint_eq(counts.refused, 0);
	ck_assert_int_eq(manrs_edit_commit(edit, &next), MANRS_OK);
	manrs_db_unref(db);
	manrs_db_reclaim(owner, 0);
	db = next;
}

static inline void close_table(void)
{
	manrs_db_unref(db);
	db = NULL;
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
	owner = NULL;
}

static inline manrs_path parsed(const char *text)
{
	static uint32_t asn[4096];
	static uint8_t kind[4096];
	manrs_path path;

	ck_assert_int_eq(manrs_path_parse(&path, asn, kind, 4096, text, strlen(text), NULL),
			 MANRS_OK);
	return path;
}

#endif

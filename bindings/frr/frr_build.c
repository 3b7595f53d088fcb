/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next snapshot, in parts: a commit over hundreds of thousands of records would take a tenth of a second, and bgpd would
 * stand still. So each part is a snapshot that nobody sees, on the one before, and the last is what is judged by:
 *
 *     on top     of what is judged by: a delta, the first set of a source
 *     again      from nothing: what the sources have is copied, but for one that is replaced or goes; so are all changes
 *                for which a database is gone over in one (another SLURM file, other sources to judge by)
 *
 * Snapshots in a row share memory while each is made from the newest. What was begun on top and thrown away leaves parts behind
 * that are newer than what is judged by, and then the next is built again.
 */

#include "frr_manrs.h"

#define PART 4096 /* records in a commit */
#define PAGE 1024 /* that are copied in a step */

enum { VRPS, ASPAS, KEYS, DONE };

static struct {
	manrs_edit *edit;
	manrs_db *head; /* of the parts before; NULL: none */
	size_t in_part;
	bool again, branched; /* branched: parts were thrown away */
	int kind;
	manrs_cursor cursor;
	uint32_t customer; /* the last: its pairs go in one part */
	uint64_t sources;  /* that are copied */
} build;

int build_begin(bool again, const struct choice *choice)
{
	int rc;

	build.again = again || build.branched;
	build.kind = build.again ? VRPS : DONE;
	build.cursor = (manrs_cursor){{0}};
	build.customer = 0;
	build.in_part = 0;
	build.sources = ~choice->without;
	rc = manrs_edit_begin(&build.edit, frr.owner, build.again ? NULL : frr.db);
	if (rc >= 0 && build.again)
		rc = manrs_edit_slurm(build.edit, choice->slurm, NULL);
	if (rc >= 0 && build.again)
		rc = manrs_edit_use(build.edit, choice->use);
	if (rc < 0)
		build_end();
	return rc;
}

void build_end(void)
{
	build.branched |= build.head && !build.again;
	manrs_edit_abort(build.edit);
	manrs_db_unref(build.head);
	build.edit = NULL;
	build.head = NULL;
	build.kind = DONE;
}

/* There is room for n more in the part: the one before is committed if it is full. */
static int room_for(size_t n)
{
	manrs_db *next;
	int rc;

	if (build.edit && build.in_part >= PART) {
		rc = manrs_edit_commit(build.edit, &next);
		if (rc < 0)
			return rc;
		manrs_db_unref(build.head);
		build.head = next;
		build.edit = NULL;
		build.in_part = 0;
	}
	build.in_part += n;
	return build.edit ? 0 : manrs_edit_begin(&build.edit, frr.owner, build.head);
}

int build_feed_on(uint32_t source, const manrs_rtr_run *run, manrs_counts *counts)
{
	int op = (int)run->op;

	if (run->vrps)
		return manrs_edit_vrps(build.edit, source, op, run->vrps, run->n, counts, NULL);
	if (run->aspas)
		return manrs_edit_aspas(build.edit, source, op, run->aspas, run->n, counts, NULL);
	return manrs_edit_keys(build.edit, source, op, run->keys, run->n, counts, NULL);
}

int build_feed(uint32_t source, const manrs_rtr_run *run, manrs_counts *counts)
{
	int rc = room_for(run->n);

	return rc < 0 ? rc : build_feed_on(source, run, counts);
}

size_t build_first(void)
{
	size_t first = 0;

	manrs_edit_first(build.edit, &first);
	return first;
}

/* returns: the snapshot that is to be judged by, NULL with *rc < 0: memory lacks, and it can be tried again */
manrs_db *build_commit(int *rc)
{
	manrs_db *next = NULL;

	*rc = room_for(0);
	if (*rc >= 0)
		*rc = manrs_edit_commit(build.edit, &next);
	if (*rc < 0)
		return NULL;
	build.edit = NULL; /* it has gone into the snapshot */
	build.again = true;
	build.branched = false;
	build_end();
	return next;
}

/* ---- a copy ---- */

static union {
	manrs_route vrps[PAGE];
	manrs_aspa_pair pairs[PAGE];
	manrs_router_key keys[PAGE];
} page, picked;

static size_t list(uint64_t *sources)
{
	switch (build.kind) {
	case VRPS:
		return manrs_db_source_vrps(frr.db, &build.cursor, page.vrps, sources, PAGE);
	case ASPAS:
		return manrs_db_source_aspas(frr.db, &build.cursor, page.pairs, sources, PAGE);
	default:
		return manrs_db_source_keys(frr.db, &build.cursor, page.keys, sources, PAGE);
	}
}

static void pick(size_t to, size_t from)
{
	if (build.kind == VRPS)
		picked.vrps[to] = page.vrps[from];
	else if (build.kind == ASPAS)
		picked.pairs[to] = page.pairs[from];
	else
		picked.keys[to] = page.keys[from];
}

/* What one edit is fed of a customer is one list: a provider a time will do. */
static int feed_picked(uint32_t source, size_t n)
{
	static manrs_aspa aspas[PAGE];

	if (build.kind == VRPS)
		return manrs_edit_vrps(build.edit, source, MANRS_ADD, picked.vrps, n, NULL, NULL);
	if (build.kind == KEYS)
		return manrs_edit_keys(build.edit, source, MANRS_ADD, picked.keys, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		aspas[i] = (manrs_aspa){&picked.pairs[i].provider, picked.pairs[i].customer, 1};
	return manrs_edit_aspas(build.edit, source, MANRS_ADD, aspas, n, NULL, NULL);
}

static int copy_page(const uint64_t *sources, size_t n)
{
	uint64_t all = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		all |= sources[i] & build.sources;
	for (uint32_t source = 0; source < MANRS_SOURCES && rc >= 0; source++) {
		size_t found = 0;

		for (size_t i = 0; all >> source & 1 && i < n; i++)
			if (sources[i] >> source & 1)
				pick(found++, i);
		if (found)
			rc = feed_picked(source, found);
	}
	return rc;
}

bool build_copying(void)
{
	return build.kind != DONE;
}

int build_copy(void)
{
	static uint64_t sources[PAGE];
	size_t n = list(sources);
	int rc = 0;

	if (build.kind == ASPAS && n && page.pairs[0].customer == build.customer)
		build.in_part += n;
	else
		rc = room_for(n);
	if (rc >= 0)
		rc = copy_page(sources, n);
	if (build.kind == ASPAS && n)
		build.customer = page.pairs[n - 1].customer;
	if (n < PAGE) {
		build.kind++;
		build.cursor = (manrs_cursor){{0}};
	}
	return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP files into one snapshot: every file whole, each as the source of its number, all in one edit that is committed
 * only when the last one was good. What is wrong with single entries is said when their file has turned out to be one.
 */

#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PULL 4096

struct reading {
	struct vrpset *set;
	const struct vrpset_options *options;
	manrs_edit *edit;
	manrs_load *load;
	const char *file;
	uint32_t source;
	bool aspas_only;
	uint64_t now, refused;
	manrs_fault issue[ISSUES_SHOWN];
	size_t n_issues;
	uint32_t ta[65536]; /* this file's trust anchors -> the set's */
	manrs_route route[PULL];
	manrs_load_note note[PULL];
};

/* ---- what the file says beside its VRPs ---- */

static uint32_t ta_index(struct reading *r, uint32_t ta)
{
	const char *name = manrs_load_ta(r->load, ta);
	struct words *words = &r->set->ta;

	if (!ta || r->ta[ta])
		return r->ta[ta];
	for (size_t i = 0; i < words->n && !r->ta[ta]; i++)
		if (!strcmp(words->at[i], name))
			r->ta[ta] = (uint32_t)i + 1;
	if (!r->ta[ta]) {
		size_t n = strlen(name) + 1;

		words_add(words, memcpy(must_resize(NULL, n, 1), name, n));
		r->ta[ta] = (uint32_t)words->n;
	}
	return r->ta[ta];
}

static void keep_notes(struct reading *r, size_t n)
{
	struct vrpset *set = r->set;
	size_t have = set->n_noted;

	if (set->cap_noted - have < n) {
		set->cap_noted = 2 * (have + n);
		set->noted = must_resize(set->noted, set->cap_noted, sizeof *set->noted);
	}
	for (size_t i = 0; i < n; i++)
		set->noted[set->n_noted++] = (struct noted){
			.route = r->route[i],
			.expires = r->note[i].expires,
			.ta = ta_index(r, r->note[i].ta),
			.file = r->source,
			.line = r->note[i].line,
		};
}

int vrp_order(const manrs_route *a, const manrs_route *b)
{
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return a->prefix.maxlen < b->prefix.maxlen ? -1 : a->prefix.maxlen > b->prefix.maxlen;
}

static int noted_order(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int d = vrp_order(&x->route, &y->route);

	if (d)
		return d;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* ---- one file ---- */

static size_t drop_expired(struct reading *r, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (r->note[i].expires && r->note[i].expires < r->now)
			continue;
		r->route[kept] = r->route[i];
		r->note[kept++] = r->note[i];
	}
	r->set->expired += n - kept;
	return kept;
}

static bool refused(const struct reading *r, int rc)
{
	if (rc < 0)
		complain_at(r->file, 0, "%s", manrs_strerror(rc));
	return rc < 0;
}

static bool pull_vrps(struct reading *r)
{
	size_t n;

	while ((n = manrs_load_vrps(r->load, r->route, r->note, PULL)) > 0) {
		if (r->aspas_only)
			continue;
		if (r->options->drop_expired)
			n = drop_expired(r, n);
		/* What the loader lets through no edit refuses; without counts a load is faster. */
		if (refused(r, manrs_edit_vrps(r->edit, r->source, MANRS_ADD, r->route, n, NULL,
					       NULL)))
			return false;
		if (r->options->keep_notes && n)
			keep_notes(r, n);
	}
	return true;
}

/* A customer may have several ASPAs in one file: the edit unites them. */
static bool feed_aspa(struct reading *r, const manrs_aspa *aspa)
{
	manrs_counts counts;
	manrs_fault fault = {0};

	if (refused(r, manrs_edit_aspas(r->edit, r->source, MANRS_ADD, aspa, 1, &counts, &fault)))
		return false;
	if (counts.refused && r->refused++ < ISSUES_SHOWN)
		complain_at(r->file, 0, "ASPA of AS%u: %s", aspa->customer, fault.what);
	return true;
}

static bool pull_others(struct reading *r)
{
	manrs_aspa aspa[64];
	manrs_router_key key[16];
	manrs_counts counts;
	size_t n;

	while ((n = manrs_load_aspas(r->load, aspa, NULL, 64)) > 0)
		for (size_t i = 0; i < n; i++)
			if ((r->options->all_records || r->aspas_only) && !feed_aspa(r, &aspa[i]))
				return false;
	while ((n = manrs_load_keys(r->load, key, NULL, 16)) > 0) {
		if (!r->options->all_records || r->aspas_only)
			continue;
		if (refused(r,
			    manrs_edit_keys(r->edit, r->source, MANRS_ADD, key, n, &counts, NULL)))
			return false;
		r->refused += counts.refused;
	}
	return true;
}

static bool pull(struct reading *r)
{
	manrs_fault more[16];

	r->n_issues +=
		manrs_load_issues(r->load, r->issue + r->n_issues, ISSUES_SHOWN - r->n_issues);
	while (r->n_issues == ISSUES_SHOWN && manrs_load_issues(r->load, more, 16) > 0)
		continue;
	return pull_vrps(r) && pull_others(r);
}

static bool push_all(struct reading *r, struct input *in)
{
	manrs_fault fault = {0};
	const char *bytes;
	ptrdiff_t n;
	int rc;

	while ((n = input_read(in, &bytes)) > 0) {
		rc = manrs_load_push(r->load, bytes, (size_t)n, &fault);
		if (rc < 0) {
			complain_at(r->file, fault.line, "%s",
				    fault.what ? fault.what : manrs_strerror(rc));
			return false;
		}
		if (!pull(r))
			return false;
	}
	if (n < 0)
		return false;
	rc = manrs_load_finish(r->load, &fault);
	if (rc < 0) {
		complain_at(r->file, fault.line, "%s",
			    fault.what ? fault.what : manrs_strerror(rc));
		return false;
	}
	return pull(r);
}

static void report(struct reading *r)
{
	manrs_load_stats stats = {.size = sizeof stats};

	manrs_load_counts(r->load, &stats);
	for (size_t i = 0; i < r->n_issues; i++)
		complain_at(r->file, r->issue[i].line, "%s", r->issue[i].what);
	if (stats.bad)
		complain_at(r->file, 0, "%llu bad %s skipped%s", (unsigned long long)stats.bad,
			    stats.bad == 1 ? "entry" : "entries",
			    stats.bad + stats.refused > r->n_issues ? ", the first are shown" : "");
	r->refused += stats.refused;
	if (r->refused)
		complain_at(r->file, 0, "%llu %s refused", (unsigned long long)r->refused,
			    r->refused == 1 ? "entry" : "entries");
	if (r->aspas_only && !stats.aspas)
		complain_at(r->file, 0, "warning: no ASPAs in it");
	if (!r->aspas_only && !stats.vrps)
		complain_at(r->file, 0, "warning: no VRPs in it");
	r->set->bad += stats.bad + r->refused;
}

static bool read_file(struct reading *r)
{
	struct input *in = input_open(r->file);
	bool good = false;

	if (!in)
		return false;
	r->file = input_name(in);
	r->n_issues = 0;
	r->refused = 0;
	memset(r->ta, 0, sizeof r->ta);
	r->load = NULL;
	if (!refused(r, manrs_load_new(&r->load, NULL)))
		good = push_all(r, in);
	if (good)
		report(r);
	manrs_load_free(r->load);
	input_close(in);
	return good;
}

/* ---- all files ---- */

static size_t words_count(const struct words *words)
{
	return words ? words->n : 0;
}

static bool read_files(struct vrpset *set, manrs_edit *edit, const struct vrpset_options *options)
{
	struct reading *r = must_resize(NULL, 1, sizeof *r);
	size_t files = words_count(options->files), aspas = words_count(options->aspas);
	bool good = true;

	r->set = set;
	r->options = options;
	r->edit = edit;
	r->now = (uint64_t)time(NULL);
	for (size_t i = 0; i < files + aspas && good; i++) {
		r->aspas_only = i >= files;
		r->file = r->aspas_only ? options->aspas->at[i - files] : options->files->at[i];
		r->source = (uint32_t)i;
		good = read_file(r);
	}
	free(r);
	return good;
}

static bool commit_files(struct vrpset *set, const struct vrpset_options *options)
{
	manrs_edit *edit = NULL;
	int rc = manrs_edit_begin(&edit, set->owner, NULL);

	if (rc == MANRS_OK) {
		if (!read_files(set, edit, options) ||
		    (options->slurm && !slurm_load(edit, options->slurm))) {
			manrs_edit_abort(edit);
			return false;
		}
		rc = manrs_edit_commit(edit, &set->db);
		if (rc < 0)
			manrs_edit_abort(edit);
	}
	if (rc < 0)
		complain("%s", manrs_strerror(rc));
	return rc == MANRS_OK;
}

bool vrpset_load(struct vrpset *set, manrs_owner *owner, const struct vrpset_options *options)
{
	int rc = MANRS_OK;

	*set = (struct vrpset){.owner = owner};
	if (words_count(options->files) + words_count(options->aspas) > MANRS_SOURCES) {
		complain("at most %d %s files", MANRS_SOURCES,
			 words_count(options->aspas) ? "VRP and ASPA" : "VRP");
		return false;
	}
	if (!owner) {
		rc = manrs_owner_new(&set->owner, NULL);
		set->owned = rc == MANRS_OK;
	}
	if (rc < 0)
		complain("%s", manrs_strerror(rc));
	if (rc < 0 || !commit_files(set, options)) {
		vrpset_free(set);
		return false;
	}
	if (set->n_noted)
		qsort(set->noted, set->n_noted, sizeof *set->noted, noted_order);
	return true;
}

void vrpset_free(struct vrpset *set)
{
	manrs_db_unref(set->db);
	if (set->owned)
		manrs_owner_free(set->owner);
	for (size_t i = 0; i < set->ta.n; i++)
		free((void *)(uintptr_t)set->ta.at[i]);
	free(set->ta.at);
	free(set->noted);
	*set = (struct vrpset){0};
}

/* ---- what is in it ---- */

void listing_start(struct listing *list, const struct vrpset *set)
{
	memset(&list->cursor, 0, sizeof list->cursor);
	list->set = set;
	list->at = list->n = list->noted = 0;
	list->ta = NULL;
}

const manrs_route *listing_next(struct listing *list)
{
	const struct vrpset *set = list->set;
	const manrs_route *vrp;

	if (list->at == list->n) {
		list->at = 0;
		list->n = manrs_db_vrps(set->db, &list->cursor, list->route, 1024);
		if (!list->n)
			return NULL;
	}
	vrp = &list->route[list->at++];
	while (list->noted < set->n_noted && vrp_order(&set->noted[list->noted].route, vrp) < 0)
		list->noted++;
	list->ta = NULL;
	if (list->noted < set->n_noted && vrp_order(&set->noted[list->noted].route, vrp) == 0 &&
	    set->noted[list->noted].ta)
		list->ta = set->ta.at[set->noted[list->noted].ta - 1];
	return vrp;
}

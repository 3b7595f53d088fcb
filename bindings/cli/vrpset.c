/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP files, and what caches have, into one snapshot: every file whole, each as the source of its number, all in one edit that is committed
 * only when the last one was good. What is wrong with single entries is said when their file has turned out to be one.
 */

#include "vrpset.h"

#include "input.h"

#include <stdlib.h>
#include <string.h>

#define PULL          4096
#define ALLOW_ENTRIES 10

uint64_t load_allow_bad = 1;

struct reading {
	struct vrpset *set;
	const struct vrpset_options *options;
	manrs_edit *edit;
	manrs_load *load;
	const char *file;
	uint32_t source;
	bool aspas_only;
	struct aging aging;
	uint64_t refused;
	manrs_load_stats stats;
	manrs_load_issue issue[ISSUES_SHOWN];
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

/* ---- one file ---- */

static size_t drop_expired(struct reading *r, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (aging_drops(&r->aging, AGING_VRPS, r->note[i].expires))
			continue;
		r->route[kept] = r->route[i];
		r->note[kept++] = r->note[i];
	}
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
		n = drop_expired(r, n);
		/* What the loader lets through no edit refuses; without counts a load is faster. */
		if (refused(r, manrs_edit_vrps(r->edit, r->source, MANRS_ADD, r->route, n, NULL,
					       NULL)))
			return false;
		for (size_t i = 0; r->options->keep_notes && i < n; i++)
			note_vrp(r->set, &r->route[i], r->note[i].expires,
				 ta_index(r, r->note[i].ta));
	}
	return true;
}

/* A customer may have several ASPAs in one file: the edit unites them. */
static bool feed_aspa(struct reading *r, const manrs_aspa *aspa, const manrs_load_note *note)
{
	manrs_counts counts;
	manrs_fault fault = {0};

	if (!r->options->all_records && !r->aspas_only)
		return true;
	if (aging_drops(&r->aging, AGING_ASPAS, note->expires))
		return true;
	if (refused(r, manrs_edit_aspas(r->edit, r->source, MANRS_ADD, aspa, 1, &counts, &fault)))
		return false;
	/* Too many providers of one ASPA are an issue of the loader's. */
	if (counts.refused && aspa->n <= MANRS_PROVIDERS_MAX && r->refused++ < ISSUES_SHOWN)
		complain_at(r->file, 0, "ASPA of AS%u: %s", aspa->customer, fault.what);
	if (r->options->keep_notes)
		note_aspa(r->set, aspa->customer, note->expires, ta_index(r, note->ta));
	return true;
}

static bool feed_key(struct reading *r, const manrs_router_key *key, const manrs_load_note *note)
{
	manrs_counts counts;

	if (!r->options->all_records || r->aspas_only)
		return true;
	if (aging_drops(&r->aging, AGING_KEYS, note->expires))
		return true;
	if (refused(r, manrs_edit_keys(r->edit, r->source, MANRS_ADD, key, 1, &counts, NULL)))
		return false;
	r->refused += counts.refused;
	if (r->options->keep_notes)
		note_key(r->set, key, note->expires, ta_index(r, note->ta));
	return true;
}

static bool pull_others(struct reading *r)
{
	manrs_load_note note[64];
	manrs_aspa aspa[64];
	manrs_router_key key[16];
	size_t n;

	while ((n = manrs_load_aspas(r->load, aspa, note, 64)) > 0)
		for (size_t i = 0; i < n; i++)
			if (!feed_aspa(r, &aspa[i], &note[i]))
				return false;
	while ((n = manrs_load_keys(r->load, key, note, 16)) > 0)
		for (size_t i = 0; i < n; i++)
			if (!feed_key(r, &key[i], &note[i]))
				return false;
	return true;
}

static bool pull(struct reading *r)
{
	manrs_load_issue more[16];

	r->n_issues +=
		manrs_load_issues(r->load, r->issue + r->n_issues, ISSUES_SHOWN - r->n_issues);
	while (r->n_issues == ISSUES_SHOWN && manrs_load_issues(r->load, more, 16) > 0)
		continue;
	return pull_vrps(r) && pull_others(r);
}

/* "what: member "value"", as much of it as there is. */
static void complain_issue(const struct reading *r, const manrs_load_issue *issue)
{
	const char *remark = issue->kind == MANRS_LOAD_REMARK ? "warning: " : "",
		   *colon = *issue->member || *issue->value ? ": " : "",
		   *blank = *issue->member && *issue->value ? " " : "",
		   *quote = *issue->value ? "\"" : "";

	complain_at(r->file, issue->fault.line, "%s%s%s%s%s%s%s%s", remark, issue->fault.what,
		    colon, issue->member, blank, quote, issue->value, quote);
}

static void complain_issues(const struct reading *r)
{
	for (size_t i = 0; i < r->n_issues; i++)
		complain_issue(r, &r->issue[i]);
}

/* The file is bad: the first reasons are in its entries. */
static bool told_why(struct reading *r)
{
	manrs_load_issue why;

	pull(r);
	complain_issues(r);
	manrs_load_failure(r->load, &why);
	complain_issue(r, &why);
	return false;
}

static bool push_all(struct reading *r, struct input *in)
{
	const char *bytes;
	ptrdiff_t n;

	while ((n = input_read(in, &bytes)) > 0) {
		if (manrs_load_push(r->load, bytes, (size_t)n, NULL) < 0)
			return told_why(r);
		if (!pull(r))
			return false;
	}
	if (n < 0)
		return false;
	return manrs_load_finish(r->load, NULL) < 0 ? told_why(r) : pull(r);
}

/* A file without the list that was asked for is not one with an empty list: every route would be not-found. */
static bool has_list(const struct reading *r, const manrs_load_stats *stats)
{
	const char *members = manrs_load_members(r->load);
	const char *what = r->aspas_only ? "ASPAs (\"aspas\")" : "VRPs (\"roas\")";

	if (stats->lists & (r->aspas_only ? MANRS_LOAD_ASPAS : MANRS_LOAD_VRPS))
		return true;
	if (stats->lists)
		complain_at(r->file, 0, "no list of %s in it, but one of %s", what,
			    stats->lists & MANRS_LOAD_VRPS    ? "VRPs"
			    : stats->lists & MANRS_LOAD_ASPAS ? "ASPAs"
							      : "router keys");
	else
		complain_at(r->file, 0, "no list of %s in it; its members: %s", what,
			    *members ? members : "none");
	return false;
}

static const char *entries(uint64_t n)
{
	return n == 1 ? "entry" : "entries";
}

/* What was wrong with entries of a file that was read. */
static void report(const struct reading *r, const manrs_load_stats *stats)
{
	uint64_t remarks = 0;

	complain_issues(r);
	for (size_t i = 0; i < r->n_issues; i++)
		remarks += r->issue[i].kind == MANRS_LOAD_REMARK;
	if (stats->bad)
		complain_at(r->file, 0, "%llu bad %s skipped%s", (unsigned long long)stats->bad,
			    entries(stats->bad),
			    stats->bad + stats->refused + remarks > r->n_issues
				    ? ", the first are shown"
				    : "");
	if (r->refused + stats->refused)
		complain_at(r->file, 0, "%llu %s refused",
			    (unsigned long long)(r->refused + stats->refused),
			    entries(r->refused + stats->refused));
	if (stats->remarks > remarks)
		complain_at(r->file, 0, "%llu warnings, the first of each kind is shown",
			    (unsigned long long)stats->remarks);
}

static void warn_empty(const struct reading *r, uint64_t records)
{
	if (!records)
		complain_at(r->file, 0, "warning: no %s in it", r->aspas_only ? "ASPAs" : "VRPs");
}

static void set_built(struct vrpset *set, uint64_t built)
{
	if (built && (!set->built || built < set->built))
		set->built = built;
}

/* What there is to say of a file that was read. returns: an exit status. */
static int judge_file(struct reading *r)
{
	manrs_load_stats *stats = &r->stats;

	*stats = (manrs_load_stats){.size = sizeof *stats};
	manrs_load_stats_get(r->load, stats);
	report(r, stats);
	if (!has_list(r, stats))
		return EXIT_ERROR;
	warn_empty(r, r->aspas_only ? stats->aspas : stats->vrps);
	r->set->bad += stats->bad + stats->refused + r->refused;
	r->set->lists |= stats->lists;
	set_built(r->set, stats->built);
	return aging_judge(&r->aging, r->file, stats->built,
			   r->aspas_only ? AGING_ASPAS : AGING_VRPS);
}

static int read_file(struct reading *r)
{
	struct input *in = input_open(r->file);
	int status = EXIT_ERROR;

	if (!in)
		return EXIT_ERROR;
	r->file = input_name(in);
	r->n_issues = 0;
	r->refused = 0;
	memset(r->ta, 0, sizeof r->ta);
	r->load = NULL;
	aging_start(&r->aging, &r->options->expiry);
	if (!refused(r, manrs_load_new(&r->load, NULL))) {
		manrs_load_allow(r->load, ALLOW_ENTRIES, (uint32_t)(10 * load_allow_bad));
		if (push_all(r, in))
			status = judge_file(r);
	}
	manrs_load_free(r->load);
	input_close(in);
	return status;
}

int vrpset_read(manrs_edit *edit, uint32_t source, const char *file, bool aspas_only,
		const struct vrpset_options *options, manrs_load_stats *stats)
{
	struct reading *r = must_resize(NULL, 1, sizeof *r);
	struct vrpset set = {0};
	int status;

	r->set = &set;
	r->options = options;
	r->edit = edit;
	r->aspas_only = aspas_only;
	r->file = file;
	r->source = source;
	status = read_file(r);
	*stats = r->stats;
	stats->bad = set.bad;
	free(r);
	return status;
}

/* ---- one cache: it says no time and no trust anchor beside a record, and nothing of what was wrong ---- */

static void note_run(struct reading *r, const manrs_rtr_run *run, uint32_t kinds)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->vrps && kinds & MANRS_LOAD_VRPS)
			note_vrp(r->set, &run->vrps[i], 0, 0);
		else if (run->aspas && kinds & MANRS_LOAD_ASPAS)
			note_aspa(r->set, run->aspas[i].customer, 0, 0);
		else if (run->keys && kinds & MANRS_LOAD_KEYS)
			note_key(r->set, &run->keys[i], 0, 0);
}

/* The records of a version (RFC 8210, 8210bis): none of its kind is not the same as no such kind. */
static uint32_t lists_of_version(unsigned version)
{
	return MANRS_LOAD_VRPS | (version >= 1 ? MANRS_LOAD_KEYS : 0u) |
	       (version >= 2 ? MANRS_LOAD_ASPAS : 0u);
}

static int judge_cache(struct reading *r, const manrs_rtr_delta *delta, uint64_t records,
		       uint64_t built)
{
	uint32_t lists = lists_of_version(delta->version);

	if (r->aspas_only && !(lists & MANRS_LOAD_ASPAS)) {
		complain_at(r->file, 0, "no ASPAs in version %u, which the cache speaks",
			    delta->version);
		return EXIT_ERROR;
	}
	if (r->refused)
		complain_at(r->file, 0, "%llu %s refused", (unsigned long long)r->refused,
			    entries(r->refused));
	warn_empty(r, records);
	r->set->bad += r->refused;
	r->set->lists |= lists;
	set_built(r->set, built);
	return aging_judge(&r->aging, r->file, built, r->aspas_only ? AGING_ASPAS : AGING_VRPS);
}

/* The response that waits in the engine. */
static int read_cache(struct reading *r, struct rtr_session *session, uint64_t built)
{
	uint32_t kinds = r->aspas_only             ? MANRS_LOAD_ASPAS
			 : r->options->all_records ? 7u
						   : MANRS_LOAD_VRPS;
	manrs_rtr *engine = rtr_session_engine(session);
	struct rtr_applied applied;
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	uint64_t records = 0;

	manrs_rtr_delta_get(engine, &delta);
	aging_start(&r->aging, &r->options->expiry);
	if (refused(r, rtr_apply(r->edit, engine, &delta, kinds, true, &applied)))
		return EXIT_ERROR;
	if (applied.code) {
		rtr_fetch_wrong(session, &applied);
		return EXIT_ERROR;
	}
	r->refused = applied.refused;
	for (size_t at = 0; manrs_rtr_delta_run(engine, at, &run); at++) {
		if (r->options->keep_notes)
			note_run(r, &run, kinds);
		if (r->aspas_only ? run.aspas != NULL : run.vrps != NULL)
			records += run.n;
	}
	return judge_cache(r, &delta, records, built);
}

/* ---- all files ---- */

static int read_each(struct vrpset *set, manrs_edit *edit, const struct vrpset_options *options,
		     const struct rtr_fetch *caches)
{
	struct reading *r = must_resize(NULL, 1, sizeof *r);
	size_t files = options->files.n, aspas = options->aspas.n;
	int status = EXIT_DONE;

	r->set = set;
	r->options = options;
	r->edit = edit;
	for (size_t i = 0; i < files + aspas && status == EXIT_DONE; i++) {
		r->aspas_only = i >= files;
		r->file = r->aspas_only ? options->aspas.at[i - files] : options->files.at[i];
		r->source = (uint32_t)i;
		status = caches->session[i] ? read_cache(r, caches->session[i], caches->built[i])
					    : read_file(r);
	}
	free(r);
	return status;
}

/* Caches first, side by side: while one is waited for no file is half read. */
static int read_files(struct vrpset *set, manrs_edit *edit, const struct vrpset_options *options)
{
	const char *names[MANRS_SOURCES];
	struct rtr_fetch caches;
	size_t n = 0;
	int status;

	for (size_t i = 0; i < options->files.n; i++)
		names[n++] = options->files.at[i];
	for (size_t i = 0; i < options->aspas.n; i++)
		names[n++] = options->aspas.at[i];
	status = rtr_fetch(&caches, &options->rtr, names, n);
	if (status != EXIT_DONE)
		return status;
	status = read_each(set, edit, options, &caches);
	rtr_fetch_end(&caches);
	if (status == EXIT_DONE && options->slurm &&
	    !slurm_load(edit, options->keep_notes ? set : NULL, options->slurm))
		status = EXIT_ERROR;
	return status;
}

static int commit_files(struct vrpset *set, const struct vrpset_options *options)
{
	manrs_edit *edit = NULL;
	int rc = manrs_edit_begin(&edit, set->owner, NULL), status;

	if (rc < 0)
		return complain_error(rc);
	status = read_files(set, edit, options);
	if (status == EXIT_DONE && (rc = manrs_edit_commit(edit, &set->db)) < 0)
		status = complain_error(rc);
	if (status != EXIT_DONE)
		manrs_edit_abort(edit);
	return status;
}

int vrpset_open(struct vrpset *set, manrs_db_owner *owner, const struct vrpset_options *options)
{
	int rc = MANRS_OK, status;

	*set = (struct vrpset){.owner = owner};
	if (options->files.n + options->aspas.n > MANRS_SOURCES) {
		complain("at most %d %s files", MANRS_SOURCES,
			 options->aspas.n ? "VRP and ASPA" : "VRP");
		return EXIT_ERROR;
	}
	if (!owner) {
		rc = db_owner_new(&set->owner);
		set->owned = rc == MANRS_OK;
	}
	status = rc < 0 ? complain_error(rc) : commit_files(set, options);
	if (status == EXIT_DONE)
		notes_sort(set);
	else
		vrpset_free(set);
	return status;
}

void vrpset_free(struct vrpset *set)
{
	manrs_db_unref(set->db);
	if (set->owned)
		manrs_db_owner_free(set->owner);
	for (size_t i = 0; i < set->ta.n; i++)
		free((void *)(uintptr_t)set->ta.at[i]);
	free(set->ta.at);
	free(set->noted);
	free(set->noted_aspa);
	free(set->noted_key);
	*set = (struct vrpset){0};
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of a cache. One is read when another inode, size or time of change says so: what was written and what was renamed
 * into its place, without a notice from the kernel, which network file systems do not give.
 */

#include "feed_source.h"

#include "irr_file.h"

#include <manrs/db_source.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY UINT64_C(86400)

void source_init(struct source *s, enum source_kind kind, const char *name, uint32_t number)
{
	static const char *const kinds[] = {"vrps", "aspas", "irr", "slurm", "vrps"};

	*s = (struct source){.kind = kind, .number = number};
	s->said.name = name;
	s->said.kind = kinds[kind];
}

void source_free(struct source *s)
{
	manrs_slurm_file_free(s->slurm);
	manrs_slurm_file_free(s->slurm_read);
	s->slurm = s->slurm_read = NULL;
}

void source_problem(struct source *s, const char *problem)
{
	snprintf(s->said.problem, sizeof s->said.problem, "%s", problem);
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static void look(struct source *s)
{
	if (stat(s->said.name, &s->looked) < 0)
		memset(&s->looked, 0, sizeof s->looked);
}

bool source_due(struct source *s, bool at_once)
{
	struct stat before = s->looked;

	look(s);
	return at_once || (!same_file(&s->looked, &s->seen) && same_file(&s->looked, &before));
}

bool source_stale(const struct feed_options *options, uint64_t built, uint64_t now)
{
	const struct expiry *rule = &options->load->expiry;

	return rule->limited && built && (built + rule->max_age < now || built > now + DAY);
}

/* ---- records ---- */

static bool fail(struct source *s, const char *why)
{
	complain_at(s->said.name, 0, "%s", why);
	return false;
}

bool source_stands(struct source *s)
{
	look(s);
	return same_file(&s->looked, &s->seen) ||
	       fail(s, "it changed while it was read: not taken");
}

static bool read_irr(struct source *s, manrs_edit *edit)
{
	struct irr_file file;
	int rc = MANRS_OK;
	bool good = irr_file_read(&file, s->said.name);

	if (good)
		rc = manrs_edit_irr(edit, s->number, MANRS_ADD, file.at, file.n, NULL, NULL);
	s->said.irr = file.n;
	irr_file_free(&file);
	return rc < 0 ? fail(s, manrs_strerror(rc)) : good;
}

static bool read_good(struct source *s, manrs_edit *edit, const struct feed_options *options,
		      manrs_load_stats *stats, uint64_t now)
{
	struct vrpset_options load = *options->load;
	bool aspas = s->kind == SOURCE_ASPAS;
	char when[TIME_TEXT];
	int rc;

	load.expiry.limited = false; /* a file that does not say when it was built is taken here */
	load.all_records = true;
	if (s->fed && (rc = manrs_edit_replace(edit, s->number)) < 0)
		return fail(s, manrs_strerror(rc));
	s->seen = s->looked;
	if (s->kind == SOURCE_IRR)
		return read_irr(s, edit) && source_stands(s);
	if (vrpset_read(edit, s->number, s->said.name, aspas, &load, stats) != EXIT_DONE)
		return false;
	if (!source_stands(s))
		return false;
	if (!(aspas ? stats->aspas : stats->vrps))
		return fail(s, aspas ? "no ASPAs in it: not taken" : "no VRPs in it: not taken");
	if (source_stale(options, stats->built, now)) {
		complain_at(s->said.name, 0, "built %s: not taken by --max-age",
			    time_text(when, stats->built));
		return false;
	}
	return true;
}

bool source_read(struct source *s, manrs_edit *edit, const struct feed_options *options,
		 uint64_t now)
{
	manrs_load_stats stats = {.size = sizeof stats};

	s->said.reads++;
	if (!read_good(s, edit, options, &stats, now)) {
		s->said.failures++;
		source_problem(s, complained());
		return false;
	}
	source_problem(s, "");
	s->said.good = true;
	s->said.built = stats.built;
	s->said.read_at = now;
	s->said.vrps = s->kind == SOURCE_ASPAS ? 0 : stats.vrps;
	s->said.aspas = stats.aspas;
	s->said.keys = s->kind == SOURCE_ASPAS ? 0 : stats.keys;
	s->said.bad = stats.bad;
	return true;
}

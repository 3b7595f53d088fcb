/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs diff: what changed between two sets of VRPs; with routes given, which of them change their state. The sets are
 * two snapshots of one owner. Only routes under a prefix that manrs_db_diff names are judged.
 */

#include "change_rows.h"
#include "routes.h"

#include <stdlib.h>
#include <string.h>

struct diff {
	struct settings s;
	uint32_t local_as;
	manrs_db_owner *owner;
	struct vrpset old, new;
	struct rows rows;
	manrs_trie *changed; /* the prefixes under which routes may change */
	uint8_t before[BATCH], after[BATCH];
};

static const char json_head[] = "{\"changes\":[\n";

/* ---- VRPs ---- */

static void vrp_row(struct rows *rows, bool added, const manrs_route *vrp)
{
	row_start(rows);
	if (rows->format == FORMAT_PLAIN)
		change_vrp_plain(&rows->out, added, vrp);
	else
		change_vrp_members(rows, added, vrp);
	row_end(rows);
}

/* Both listings are in one order: step through them side by side. */
static void diff_vrps(struct diff *d)
{
	struct listing *list = must_resize(NULL, 2, sizeof *list);
	const manrs_route *old, *new;

	rows_head(&d->rows, "change,prefix,maxlen,asn\n", json_head);
	listing_start(&list[0], &d->old);
	listing_start(&list[1], &d->new);
	old = listing_next(&list[0]);
	new = listing_next(&list[1]);
	while (old || new) {
		int order = !old ? 1 : !new ? -1 : vrp_order(old, new);

		if (order)
			vrp_row(&d->rows, order > 0, order > 0 ? new : old);
		if (order <= 0)
			old = listing_next(&list[0]);
		if (order >= 0)
			new = listing_next(&list[1]);
	}
	free(list);
}

/* ---- routes ---- */

static bool collect_changes(struct diff *d)
{
	manrs_cursor cursor = {0};
	manrs_change change[256];
	size_t n;

	if (manrs_trie_new(&d->changed, NULL) < 0)
		return false;
	do {
		n = manrs_db_diff(d->old.db, d->new.db, &cursor, change, 256);
		for (size_t i = 0; i < n; i++) {
			if (change[i].kind != MANRS_CHANGE_VRP4 &&
			    change[i].kind != MANRS_CHANGE_VRP6)
				continue;
			if (manrs_trie_set(d->changed, &change[i].prefix, 0) < 0)
				return false;
		}
	} while (n == 256);
	return true;
}

static void route_row(struct rows *rows, const manrs_route *route, int before, int after)
{
	row_start(rows);
	member_prefix(rows, "prefix", "", &route->prefix);
	member_as_number(rows, "asn", " => AS", route->asn);
	member_word(rows, "before", ": ", manrs_rov_text(before));
	member_word(rows, "after", " -> ", manrs_rov_text(after));
	row_end(rows);
}

/* Keep the routes of a batch that lie under a changed prefix. */
static size_t touched(const struct diff *d, manrs_route *routes, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (manrs_trie_match(d->changed, &routes[i].prefix, NULL, NULL) == MANRS_OK)
			routes[kept++] = routes[i];
	return kept;
}

static void judge(void *arg, manrs_route *routes, size_t n)
{
	struct diff *d = arg;

	n = touched(d, routes, n);
	manrs_rov_check_many(d->old.db, routes, n, d->before);
	manrs_rov_check_many(d->new.db, routes, n, d->after);
	for (size_t i = 0; i < n; i++)
		if (d->before[i] != d->after[i])
			route_row(&d->rows, &routes[i], d->before[i], d->after[i]);
}

static bool diff_routes(struct diff *d, struct input *in)
{
	struct routes *routes = must_resize(NULL, 1, sizeof *routes);
	bool good;

	*routes = (struct routes){
		.take = judge, .arg = d, .out = &d->rows.out, .local_as = d->local_as};
	rows_head(&d->rows, "prefix,asn,before,after\n", json_head);
	good = routes_each(routes, in);
	if (!good)
		out_spoil(&d->rows.out);
	good &= !routes->bad;
	free(routes);
	return good;
}

/* ---- the run ---- */

static bool answer(void *arg, struct input *in)
{
	struct diff *d = arg;
	bool good = true;

	if (!in) {
		diff_vrps(d);
	} else if (collect_changes(d)) {
		good = diff_routes(d, in);
	} else {
		input_close(in);
		complain_error(MANRS_ENOMEM);
		good = false;
	}
	rows_foot(&d->rows, "]}\n");
	return good;
}

static int run(struct diff *d)
{
	const char **files = d->s.load.files.at;
	struct vrpset_options old = d->s.load, new = d->s.load;
	int rc = db_owner_new(&d->owner), status;

	if (rc < 0)
		return complain_error(rc);
	old.files = (struct words){files, 1};
	new.files = (struct words){files + 1, 1};
	status = vrpset_open(&d->old, d->owner, &old);
	if (status == EXIT_DONE)
		status = vrpset_open(&d->new, d->owner, &new);
	if (status == EXIT_DONE)
		status = rows_run(&d->rows, d->s.input, d->s.output, answer, d);
	manrs_trie_free(d->changed);
	vrpset_free(&d->old);
	vrpset_free(&d->new);
	manrs_db_owner_free(d->owner);
	return status;
}

static int diff(void *self)
{
	struct diff *d = self;
	int status = vrps_given(&d->s);

	if (status != EXIT_DONE)
		return status;
	if (d->s.argc)
		return usage_error(&verb_diff, "%s: unexpected", d->s.argv[0]);
	if (d->s.load.files.n != 2)
		return usage_error(&verb_diff, "--vrps OLD --vrps NEW: two files are compared");
	d->rows.format = d->s.format;
	return run(d);
}

/* clang-format off */
static const struct option_row options[] = {
	VRPS_ROW(NULL),
	SLURM_ROW("local exceptions, to both"),
	{"fail-on", .kind = OPTION_REFUSED, .value = "LIST"},
	{"local-as", .kind = OPTION_ASN, .at = offsetof(struct diff, local_as), .value = "ASN", LOCAL_AS_TEXTS},
	{"asn", .kind = OPTION_REFUSED, .value = "ASN"},
	{"prefix", .kind = OPTION_REFUSED, .value = "PREFIX"},
	{"json", .kind = OPTION_REFUSED},
	FORMAT_ROW("plain (default), csv, json, jsonl"),
	INPUT_ROW("routes, as for `manrs rov`; - is stdin"),
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_diff = {
	.name = "diff",
	.summary = "what changed between two files of VRPs, and for which routes",
	.usage = "diff --vrps OLD --vrps NEW [options] [-i ROUTES]\n\n"
		 "Without -i the VRPs that were added and removed; with it the routes whose state\n"
		 "is not the same any more.\n",
	.options = options,
	.size = sizeof(struct diff),
	.formats = ROW_FORMATS,
	.asdot = ASDOT_FORMATS,
	.format = FORMAT_PLAIN,
	.run = diff,
};

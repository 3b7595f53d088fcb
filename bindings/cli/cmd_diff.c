/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs diff: what changed between two sets of VRPs; with routes given, which of them change their state. The sets are
 * two snapshots of one owner. Only routes under a prefix that manrs_db_diff names are judged.
 */

#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct diff {
	manrs_db_owner *owner;
	struct vrpset old, new;
	struct out out;
	enum format format;
	bool rows;
	manrs_trie *changed; /* the prefixes under which routes may change */
	uint8_t before[BATCH], after[BATCH];
};

/* JSON is one document around the objects of jsonl. */
static void row_start(struct diff *d)
{
	if (d->format == FORMAT_JSON && d->rows)
		out_text(&d->out, ",\n");
	d->rows = true;
}

static void row_end(struct diff *d)
{
	if (d->format != FORMAT_JSON)
		out_text(&d->out, "\n");
}

static void head(struct diff *d, const char *csv)
{
	if (d->format == FORMAT_CSV)
		out_text(&d->out, csv);
	if (d->format == FORMAT_JSON)
		out_text(&d->out, "{\"changes\":[\n");
}

static void foot(struct diff *d)
{
	if (d->format == FORMAT_JSON)
		out_text(&d->out, d->rows ? "\n]}\n" : "]}\n");
}

/* ---- VRPs ---- */

static void vrp_row(struct diff *d, bool added, const manrs_route *vrp)
{
	row_start(d);
	switch (d->format) {
	case FORMAT_CSV:
		out_text(&d->out, added ? "added," : "removed,");
		out_prefix(&d->out, &vrp->prefix);
		out_text(&d->out, ",");
		out_number(&d->out, vrp->prefix.maxlen);
		out_text(&d->out, ",");
		out_as_number(&d->out, vrp->asn);
		break;
	case FORMAT_JSON:
	case FORMAT_JSONL:
		out_text(&d->out, added ? "{\"change\":\"added\",\"prefix\":\""
					: "{\"change\":\"removed\",\"prefix\":\"");
		out_prefix(&d->out, &vrp->prefix);
		out_text(&d->out, "\",\"maxlen\":");
		out_number(&d->out, vrp->prefix.maxlen);
		out_text(&d->out, ",\"asn\":");
		out_as_number(&d->out, vrp->asn);
		out_text(&d->out, "}");
		break;
	default:
		out_text(&d->out, added ? "+ " : "- ");
		out_prefix(&d->out, &vrp->prefix);
		out_text(&d->out, " max ");
		out_number(&d->out, vrp->prefix.maxlen);
		out_text(&d->out, " ");
		out_asn(&d->out, vrp->asn);
	}
	row_end(d);
}

/* Both listings are in one order: step through them side by side. */
static void diff_vrps(struct diff *d)
{
	struct listing *list = must_resize(NULL, 2, sizeof *list);
	const manrs_route *old, *new;

	head(d, "change,prefix,maxlen,asn\n");
	listing_start(&list[0], &d->old);
	listing_start(&list[1], &d->new);
	old = listing_next(&list[0]);
	new = listing_next(&list[1]);
	while (old || new) {
		int order = !old ? 1 : !new ? -1 : vrp_order(old, new);

		if (order)
			vrp_row(d, order > 0, order > 0 ? new : old);
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

static void route_row(struct diff *d, const manrs_route *route, int before, int after)
{
	bool csv = d->format == FORMAT_CSV;
	bool jsonl = d->format == FORMAT_JSONL || d->format == FORMAT_JSON;

	row_start(d);
	out_text(&d->out, jsonl ? "{\"prefix\":\"" : "");
	out_prefix(&d->out, &route->prefix);
	out_text(&d->out, csv ? "," : jsonl ? "\",\"asn\":" : " => AS");
	out_as_number(&d->out, route->asn);
	out_text(&d->out, csv ? "," : jsonl ? ",\"before\":\"" : ": ");
	out_text(&d->out, manrs_rov_text(before));
	out_text(&d->out, csv ? "," : jsonl ? "\",\"after\":\"" : " -> ");
	out_text(&d->out, manrs_rov_text(after));
	out_text(&d->out, jsonl ? "\"}" : "");
	row_end(d);
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

static bool diff_routes(struct diff *d, struct route_reader *reader)
{
	head(d, "prefix,asn,before,after\n");
	while (!d->out.failed && route_reader_next(reader)) {
		size_t n = touched(d, reader->route, reader->n);

		manrs_rov_check_many(d->old.db, reader->route, n, d->before);
		manrs_rov_check_many(d->new.db, reader->route, n, d->after);
		for (size_t i = 0; i < n; i++)
			if (d->before[i] != d->after[i])
				route_row(d, &reader->route[i], d->before[i], d->after[i]);
	}
	return !reader->failed && !reader->bad;
}

/* ---- the run ---- */

static int write_all(struct diff *d, const struct settings *s)
{
	struct route_reader *reader = s->input ? must_resize(NULL, 1, sizeof *reader) : NULL;
	bool good = true;

	if (reader && !route_reader_open(reader, s->input, s->local_as)) {
		free(reader);
		return EXIT_ERROR;
	}
	good = out_open(&d->out, s->output);
	if (good) {
		if (!reader) {
			diff_vrps(d);
		} else if (collect_changes(d)) {
			good = diff_routes(d, reader);
		} else {
			complain("%s", manrs_strerror(MANRS_ENOMEM));
			good = false;
		}
		foot(d);
		if (reader && reader->failed)
			out_spoil(&d->out);
		good &= out_close(&d->out);
	}
	if (reader)
		route_reader_close(reader);
	free(reader);
	return good ? EXIT_DONE : EXIT_ERROR;
}

static int run(struct diff *d, const struct settings *s)
{
	struct words old = {s->files.at, 1}, new = {s->files.at + 1, 1};
	struct vrpset_options load_old = s->load, load_new = s->load;
	int rc = manrs_db_owner_new(&d->owner, NULL), status;

	if (rc < 0) {
		complain("%s", manrs_strerror(rc));
		return EXIT_ERROR;
	}
	load_old.files = &old;
	load_new.files = &new;
	status = vrpset_open(&d->old, d->owner, &load_old);
	if (status == EXIT_DONE)
		status = vrpset_open(&d->new, d->owner, &load_new);
	if (status == EXIT_DONE)
		status = write_all(d, s);
	manrs_trie_free(d->changed);
	vrpset_free(&d->old);
	vrpset_free(&d->new);
	manrs_db_owner_free(d->owner);
	return status;
}

static int cmd_diff(int argc, char **argv)
{
	struct settings s = {
		.verb = &verb_diff,
		.accepts = "vfiosl",
		.formats = ROW_FORMATS,
		.asdot = 1u << FORMAT_PLAIN | 1u << FORMAT_CSV,
		.format = FORMAT_PLAIN,
	};
	struct diff *d = must_resize(NULL, 1, sizeof *d);
	int status;

	memset(d, 0, sizeof *d);
	if (!settings_read(&s, argc, argv, &status)) {
		/* said why */
	} else if (s.argc) {
		status = usage_error(&verb_diff, "%s: unexpected", s.argv[0]);
	} else if (s.files.n != 2) {
		status = usage_error(&verb_diff, "--vrps OLD --vrps NEW: two files are compared");
	} else {
		d->format = s.format;
		status = run(d, &s);
	}
	settings_free(&s);
	free(d);
	return status;
}

const struct verb verb_diff = {
	"diff",
	cmd_diff,
	"what changed between two files of VRPs, and for which routes",
	"diff --vrps OLD --vrps NEW [options] [-i ROUTES]\n\n"
	"Without -i the VRPs that were added and removed; with it the routes whose state\n"
	"is not the same any more.\n\n"
	"      --slurm FILE       local exceptions, to both\n"
	"      --local-as ASN     ours, the origin of an empty path, which else has none\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl\n"
	"  -i, --input FILE       routes, as for `manrs rov`; - is stdin\n" ASDOT_HELP SHARED_HELP,
};

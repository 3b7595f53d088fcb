/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs mrt: what an MRT archive holds, a row each, in the order of the file: the lines of `bgpdump -m`, with IPv6 as RFC 5952
 * has it, or objects with all attributes. A record that cannot be read costs itself.
 */

#include "mrt_read.h"
#include "mrt_rows.h"

#include <string.h>

#define PART 256 /* routes that are pulled at once */

struct mrt {
	struct settings s;
	struct mrt_rows rows;
	bool nothing; /* was in it */
	manrs_announcement a[PART];
	manrs_mrt_note note[PART];
	manrs_prefix prefix[PART];
	uint32_t path_id[PART];
};

static void withdrawn(struct mrt *m, manrs_mrt *mrt, const manrs_mrt_record *record)
{
	size_t n;

	do {
		n = manrs_mrt_withdrawn(mrt, m->prefix, m->path_id, PART);
		for (size_t i = 0; i < n; i++)
			mrt_row_withdrawn(&m->rows, record, &m->prefix[i], m->path_id[i]);
	} while (n == PART);
}

static void announced(struct mrt *m, manrs_mrt *mrt, const manrs_mrt_record *record)
{
	size_t n;

	do {
		n = manrs_mrt_announced(mrt, m->a, m->note, PART);
		for (size_t i = 0; i < n; i++)
			mrt_row_announced(
				&m->rows, record, &m->a[i], &m->note[i],
				manrs_bgp_store_at(manrs_mrt_store(mrt), m->note[i].attrs));
	} while (n == PART);
}

/* Withdrawals stand first, as in a message. */
static void take(void *arg, manrs_mrt *mrt, const manrs_mrt_record *record)
{
	struct mrt *m = arg;

	if (record->kind == MANRS_MRT_STATE)
		mrt_row_state(&m->rows, record);
	if (record->kind == MANRS_MRT_UPDATE)
		withdrawn(m, mrt, record);
	if (record->kind == MANRS_MRT_UPDATE || record->kind == MANRS_MRT_RIB)
		announced(m, mrt, record);
}

static void end(void *arg, manrs_mrt *mrt)
{
	struct mrt *m = arg;
	manrs_mrt_stats s = {.size = sizeof s};

	manrs_mrt_stats_get(mrt, &s);
	m->nothing = !(s.bytes + s.skipped);
	if (m->rows.rows.format == FORMAT_SUMMARY)
		mrt_summary(&m->rows, mrt);
}

static bool answer(void *arg, struct input *in)
{
	struct mrt *m = arg;
	struct rows *rows = &m->rows.rows;
	struct mrt_read read = {.record = take, .end = end, .arg = m, .out = &rows->out};
	bool whole;

	rows_head(rows, "", "{\"routes\":[\n");
	input_is_mrt(in); /* what it is not will be told with its place */
	whole = mrt_each(&read, in);
	rows_foot(rows, "]}\n");
	if (whole && m->nothing && !read.lost)
		complain_at(read.name, 0, INPUT_NOTHING);
	if (!whole)
		out_spoil(&rows->out);
	return whole && !read.bad && !read.lost;
}

/* Of the summary, too: an object in the place of lines. */
static bool take_json(void *self, const char *value)
{
	struct mrt *m = self;

	(void)value;
	m->rows.json = true;
	if (m->s.format == FORMAT_PLAIN)
		m->s.format = FORMAT_JSON;
	return true;
}

static int mrt(void *self)
{
	struct mrt *m = self;

	if (m->s.argc > 1)
		return usage_error(&verb_mrt, "%s: one file at a time", m->s.argv[1]);
	if (m->s.argc && m->s.input)
		return usage_error(&verb_mrt, "FILE or -i FILE, not both");
	if (m->s.argc)
		m->s.input = m->s.argv[0];
	else if (!m->s.input)
		m->s.input = "-";
	m->rows.rows.format = m->s.format;
	return rows_run(&m->rows.rows, m->s.input, m->s.output, answer, m);
}

/* clang-format off */
static const struct option_row options[] = {
	FORMAT_ROW("plain (default), json, jsonl, summary"),
	{"json", .letter = 'j', .kind = OPTION_CALL, .call = take_json,
	 .help = "json; with -f summary the summary as an object"},
	INPUT_ROW("the archive; - or none: stdin"),
	{"asdot", .rank = 2, .kind = OPTION_FLAG, .to = &out_asdot,
	 .help = "AS numbers above 65535 as 1.0, in plain"},
	OUTPUT_ROW,
	MEMORY_ROW,
	HELP_ROW,
	{0},
};
/* clang-format on */

const struct verb verb_mrt = {
	.name = "mrt",
	.summary = "what an MRT archive holds, as bgpdump -m has it or as JSON",
	.usage = "mrt [options] [FILE|-]\n\n"
		 "RIBs and updates, RFC 6396 and 8050 and the older types, plain or compressed. A\n"
		 "line each as `bgpdump -m` writes it, B for a RIB's entry, A, W and STATE for\n"
		 "updates; json and jsonl have all attributes; summary counts. A bad record is\n"
		 "told and passed over; after a torn one the next is looked for: exit 2.\n",
	.options = options,
	.size = sizeof(struct mrt),
	.formats =
		1u << FORMAT_PLAIN | 1u << FORMAT_JSON | 1u << FORMAT_JSONL | 1u << FORMAT_SUMMARY,
	.asdot = 1u << FORMAT_PLAIN,
	.format = FORMAT_PLAIN,
	.run = mrt,
};

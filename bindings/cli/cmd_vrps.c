/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs vrps: VRP files, united and with local exceptions applied, in another format, or counted. */

#include "vrps_formats.h"

struct vrps {
	struct settings s;
	struct vrpset set;
};

static int vrps(void *self)
{
	struct vrps *v = self;
	int status = vrps_given(&v->s);

	if (status != EXIT_DONE)
		return status;
	if (v->s.argc)
		return usage_error(&verb_vrps, "%s: unexpected", v->s.argv[0]);
	v->s.load.all_records = v->s.load.keep_notes = true;
	status = vrpset_open(&v->set, NULL, &v->s.load);
	if (status != EXIT_DONE)
		return status;
	status = vrps_write(&v->set, v->s.format, 0, v->s.output);
	vrpset_free(&v->set);
	return status;
}

/* clang-format off */
static const struct option_row options[] = {
	VRPS_ROW("VRPs of any format; may be repeated; - is stdin"),
	SLURM_ROW("local exceptions"),
	{"fail-on", .kind = OPTION_REFUSED, .value = "LIST"},
	{"local-as", .kind = OPTION_REFUSED, .value = "ASN"},
	{"asn", .kind = OPTION_REFUSED, .value = "ASN"},
	{"prefix", .kind = OPTION_REFUSED, .value = "PREFIX"},
	{"json", .kind = OPTION_REFUSED},
	FORMAT_ROW(VRPS_FORMATS_TEXT),
	{"input", .letter = 'i', .rank = 1, .kind = OPTION_REFUSED, .value = "FILE"},
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_vrps = {
	.name = "vrps",
	.summary = "convert and count files of VRPs",
	.usage = "vrps --vrps FILE... [options]\n",
	.options = options,
	.size = sizeof(struct vrps),
	.formats = VRPS_FORMATS,
	.asdot = 1u << FORMAT_CSV,
	.format = FORMAT_CSV,
	.run = vrps,
};

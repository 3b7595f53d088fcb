/* SPDX-License-Identifier: BSD-2-Clause */
/* A SLURM file into an edit: read whole, its bad entries reported and left out. */

#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define SLURM_LIMIT (1u << 30) /* bytes, far above any real one */

static bool read_whole(struct input *in, char **bytes, size_t *n)
{
	const char *part;
	ptrdiff_t got;
	size_t cap = 0;

	while ((got = input_read(in, &part)) > 0) {
		if ((size_t)got > SLURM_LIMIT - *n) {
			complain_at(input_name(in), 0, "the file is too large");
			return false;
		}
		if (cap - *n < (size_t)got) {
			cap = 2 * (*n + (size_t)got);
			*bytes = must_resize(*bytes, cap, 1);
		}
		memcpy(*bytes + *n, part, (size_t)got);
		*n += (size_t)got;
	}
	return got == 0;
}

static bool apply(manrs_edit *edit, const char *name, const char *bytes, size_t n)
{
	manrs_slurm_doc *doc = NULL;
	manrs_fault fault = {0};
	const manrs_fault *issues;
	uint64_t all;
	int rc = manrs_slurm_read(&doc, bytes, n, NULL, &fault);

	if (rc == MANRS_OK) {
		size_t shown = manrs_slurm_issues(doc, &issues, &all);

		for (size_t i = 0; i < shown && i < ISSUES_SHOWN; i++)
			complain_at(name, issues[i].line, "%s", issues[i].what);
		if (all > ISSUES_SHOWN)
			complain_at(name, 0, "%llu entries in all are left out",
				    (unsigned long long)all);
		fault = (manrs_fault){0};
		rc = manrs_edit_slurm(edit, manrs_slurm_of(doc), &fault);
	}
	if (rc < 0)
		complain_at(name, fault.line, "%s", fault.what ? fault.what : manrs_strerror(rc));
	manrs_slurm_free(doc);
	return rc == MANRS_OK;
}

bool slurm_load(manrs_edit *edit, const char *path)
{
	struct input *in = input_open(path);
	char *bytes = NULL;
	size_t n = 0;
	bool good = in && read_whole(in, &bytes, &n) &&
		    apply(edit, input_name(in), bytes ? bytes : "", n);

	input_close(in);
	free(bytes);
	return good;
}

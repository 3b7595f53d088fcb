/* SPDX-License-Identifier: BSD-2-Clause */
/* A SLURM file into an edit: read whole, or refused; what was passed over in it is told. */

#include "input.h"
#include "vrpset.h"

#include <stdlib.h>
#include <string.h>

#define SLURM_LIMIT (1u << 30) /* bytes, far above any real one */

/* What is asserted here stands without an end, whatever files say of the same records. */
static void note_assertions(struct vrpset *set, const manrs_slurm *slurm)
{
	for (size_t i = 0; i < slurm->n_vrps; i++)
		note_vrp(set, &slurm->vrps[i], 0, 0);
	for (size_t i = 0; i < slurm->n_keys; i++)
		note_key(set, &slurm->keys[i], 0, 0);
	for (size_t i = 0; i < slurm->n_aspa_filters; i++)
		note_no_aspa(set, slurm->aspa_filters[i].asn);
}

static manrs_slurm_file *parse(const char *name, const char *bytes, size_t n)
{
	manrs_slurm_file *doc = NULL;
	manrs_fault fault = {0};
	const manrs_fault *issues;
	uint64_t all;

	if (manrs_slurm_file_read(&doc, bytes, n, NULL, &fault) < 0) {
		complain_file(name, &fault, bytes, n);
		return NULL;
	}
	for (size_t i = 0, shown = manrs_slurm_file_issues(doc, &issues, &all); i < shown; i++)
		complain_file(name, &issues[i], bytes, n);
	return doc;
}

manrs_slurm_file *slurm_read(const char *path)
{
	struct input *in = input_open(path);
	manrs_slurm_file *doc = NULL;
	char *bytes = NULL;
	size_t n = 0;

	if (in && input_whole(in, SLURM_LIMIT, "the file is too large", &bytes, &n))
		doc = parse(input_name(in), bytes ? bytes : "", n);
	input_close(in);
	free(bytes);
	return doc;
}

bool slurm_load(manrs_edit *edit, struct vrpset *noted, const char *path)
{
	manrs_slurm_file *doc = slurm_read(path);
	manrs_fault fault = {0};
	int rc;

	if (!doc)
		return false;
	rc = manrs_edit_slurm(edit, manrs_slurm_file_slurm(doc), &fault);
	if (rc < 0)
		complain_at(strcmp(path, "-") ? path : "stdin", 0, "%s",
			    fault.what ? fault.what : manrs_strerror(rc));
	else if (noted)
		note_assertions(noted, manrs_slurm_file_slurm(doc));
	manrs_slurm_file_free(doc);
	return rc == MANRS_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that tell of updates: what is counted is pulled, the same at once and one by one, and is records in order. */

#include <manrs/update_line.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static void pull_announced(const manrs_update_line *line, size_t step)
{
	manrs_cursor cursor = {{0}};
	manrs_announcement out[8];
	uint32_t ids[8];
	uint64_t all = 0;
	size_t got;

	do {
		got = manrs_update_line_announced(line, &cursor, out, ids, step);
		for (size_t i = 0; i < got; i++)
			must(manrs_prefix_check(&out[i].prefix) == MANRS_OK &&
			     out[i].path.asn == line->announcement.path.asn);
		all += got;
		must(all <= line->n_announced);
	} while (got == step);
	must(all == line->n_announced);
}

static void pull_withdrawn(const manrs_update_line *line, size_t step)
{
	manrs_cursor cursor = {{0}};
	manrs_prefix out[8];
	uint64_t all = 0;
	size_t got;

	do {
		got = manrs_update_line_withdrawn(line, &cursor, out, NULL, step);
		for (size_t i = 0; i < got; i++)
			must(manrs_prefix_check(&out[i]) == MANRS_OK);
		all += got;
		must(all <= line->n_withdrawn);
	} while (got == step);
	must(all == line->n_withdrawn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cap = (size + 1) / 2 + 1;
	uint32_t *asn = malloc(cap * sizeof *asn), origin;
	uint8_t *kind = malloc(cap);
	manrs_fault fault = {0};
	manrs_update_line line;
	char *copy = malloc(size + 1);
	int rc;

	memcpy(copy, data, size);
	rc = manrs_update_line_parse(&line, asn, kind, cap, copy, size, &fault);
	must(rc == 0 || rc == 1 || (rc < 0 && fault.code == rc && fault.what && fault.at <= size));
	must(rc != MANRS_ELIMIT);
	must((rc == 1) == (line.what != MANRS_UPDATE_NOTHING));
	if (rc >= 0)
		must(manrs_path_origin(&line.announcement.path, 1, &origin) == MANRS_OK);
	for (size_t step = 1; step <= 8; step += 7) {
		pull_announced(&line, step);
		pull_withdrawn(&line, step);
	}
	free(copy);
	free(asn);
	free(kind);
	return 0;
}

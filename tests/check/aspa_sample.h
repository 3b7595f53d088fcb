/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CHECK_ASPA_SAMPLE_H
#define TESTS_CHECK_ASPA_SAMPLE_H

/* Tables of ASPAs and paths for the tests, the bench and the fuzz target of ASPA verification. */

#include "oracle/aspa.h"

#include <lzma.h>
#include <manrs/manrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_ROWS  120000
#define SAMPLE_PAIRS 1000000

/* Rows of customer and providers, and the same as pairs for the oracle. */
struct aspa_sample {
	manrs_aspa row[SAMPLE_ROWS];
	uint32_t pool[SAMPLE_PAIRS];
	struct draft_pair pair[SAMPLE_PAIRS];
	size_t n, pairs;
};

static inline int sample_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Add a row: providers in any order, duplicates and the customer itself are left out; none means AS0. */
static inline void sample_row(struct aspa_sample *s, uint32_t customer, const uint32_t *providers,
			      size_t n)
{
	uint32_t *at = s->pool + s->pairs;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		at[i] = providers[i];
	qsort(at, n, sizeof *at, sample_order);
	for (size_t i = 0; i < n; i++)
		if (at[i] != customer && (!kept || at[i] != at[kept - 1]))
			at[kept++] = at[i];
	if (kept > 1 && at[0] == 0)
		memmove(at, at + 1, --kept * sizeof *at);
	if (kept == 0)
		at[kept++] = 0;
	s->row[s->n++] = (manrs_aspa){.provider = at, .customer = customer, .n = (uint32_t)kept};
	for (size_t i = 0; i < kept; i++)
		s->pair[s->pairs + i] = (struct draft_pair){customer, at[i]};
	s->pairs += kept;
}

/* A snapshot of it; NULL if a row was refused. */
static inline manrs_db *sample_db(const struct aspa_sample *s, manrs_db_owner *owner)
{
	manrs_counts counts;
	manrs_edit *edit;
	manrs_db *db;

	if (manrs_edit_begin(&edit, owner, NULL) != MANRS_OK)
		return NULL;
	if (manrs_edit_aspas(edit, 1, MANRS_ADD, s->row, s->n, &counts, NULL) != MANRS_OK ||
	    counts.refused) {
		manrs_edit_abort(edit);
		return NULL;
	}
	return manrs_edit_commit(edit, &db) == MANRS_OK ? db : NULL;
}

/* Read "[set TAB] customer TAB providers" lines; with a set only its lines. 0: no file. */
static inline int sample_read(struct aspa_sample *s, const char *path, const char *set)
{
	static char line[1 << 16];
	static uint32_t providers[1 << 13];
	FILE *f = path ? fopen(path, "r") : NULL;

	if (!f)
		return 0;
	s->n = s->pairs = 0;
	while (fgets(line, sizeof line, f)) {
		char *at = line;
		uint32_t customer;
		size_t n = 0;

		if (set) {
			size_t length = strcspn(line, "\t");

			if (strlen(set) != length || memcmp(line, set, length))
				continue;
			at += length;
		}
		if (*line == '#')
			continue;
		customer = (uint32_t)strtoul(at, &at, 10);
		while (at += strspn(at, "\t "), *at >= '0' && *at <= '9')
			providers[n++] = (uint32_t)strtoul(at, &at, 10);
		sample_row(s, customer, providers, n);
	}
	fclose(f);
	return 1;
}

/* A whole file in xz form, closed with a NUL; NULL if it is not there. To be freed. */
static inline char *sample_unpack(const char *path)
{
	size_t cap = 1 << 24, in_pos = 0, out_pos = 0, n;
	uint8_t *in = malloc(cap);
	char *out = malloc(cap);
	uint64_t limit = UINT64_MAX;
	FILE *f = path ? fopen(path, "rb") : NULL;
	lzma_ret rc = LZMA_PROG_ERROR;

	if (f) {
		n = fread(in, 1, cap, f);
		fclose(f);
		rc = lzma_stream_buffer_decode(&limit, 0, NULL, in, &in_pos, n, (uint8_t *)out,
					       &out_pos, cap - 1);
		out[out_pos] = '\0';
	}
	free(in);
	if (rc == LZMA_OK)
		return out;
	free(out);
	return NULL;
}

#define SAMPLE_PATHS 40000
#define SAMPLE_HOPS  400000

/* Paths one behind the other, all of one AS_SEQUENCE. */
struct path_sample {
	uint32_t asn[SAMPLE_HOPS], start[SAMPLE_PATHS + 1];
	size_t n;
};

static inline int sample_paths(struct path_sample *p, const char *path)
{
	char *all = sample_unpack(path), *line = all, *end;

	if (!all)
		return 0;
	p->n = 0;
	p->start[0] = 0;
	for (; p->n < SAMPLE_PATHS && (end = strchr(line, '\n')); line = end + 1) {
		uint32_t at = p->start[p->n];

		for (char *number = line; number < end; at++) {
			p->asn[at] = (uint32_t)strtoul(number, &number, 10);
			number += strspn(number, " ");
		}
		p->start[++p->n] = at;
	}
	free(all);
	return 1;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CHECK_REAL_H
#define TESTS_CHECK_REAL_H

/*
 * The real VRPs and the routes whose states three independent implementations agree on: read once, before the tests that
 * need them are forked off.
 */

#include "test.h"

#include <bzlib.h>
#include <lzma.h>

struct real_routes {
	manrs_route *at;
	uint8_t *state; /* enum manrs_rov; of VRPs NULL */
	size_t n, cap;
};

static inline void real_push(struct real_routes *r, const manrs_route *route, int state)
{
	if (r->n == r->cap) {
		r->cap = 2 * r->cap + 1024;
		r->at = realloc(r->at, r->cap * sizeof *r->at);
		r->state = realloc(r->state, r->cap);
	}
	r->at[r->n] = *route;
	r->state[r->n++] = (uint8_t)state;
}

/* A whole file, unpacked by its name's end, with a 0 behind it. NULL: not there. */
static inline char *real_slurp(const char *name, size_t *n)
{
	const char *path = test_data(name);
	FILE *f = path ? fopen(path, "rb") : NULL;
	char *packed, *bytes;
	size_t got, cap = 100 << 20;

	if (!f)
		return NULL;
	packed = malloc(cap);
	bytes = malloc(cap);
	got = fread(packed, 1, cap, f);
	fclose(f);
	if (strstr(path, ".bz2")) {
		unsigned out = (unsigned)cap - 1;

		if (BZ2_bzBuffToBuffDecompress(bytes, &out, packed, (unsigned)got, 0, 0) != BZ_OK)
			exit(2);
		*n = out;
	} else {
		uint64_t limit = UINT64_MAX;
		size_t in = 0;

		*n = 0;
		if (lzma_stream_buffer_decode(&limit, 0, NULL, (uint8_t *)packed, &in, got,
					      (uint8_t *)bytes, n, cap - 1))
			exit(2);
	}
	bytes[*n] = 0;
	free(packed);
	return bytes;
}

/* All VRPs of a file, each once, in manrs_db_vrps' order. */
static inline int real_cmp(const void *va, const void *vb)
{
	const manrs_route *a = va, *b = vb;
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

static inline bool real_vrps(struct real_routes *r, const char *name)
{
	manrs_route out[256];
	manrs_load *load;
	size_t n, got, left = 0;
	char *bytes = real_slurp(name, &n);

	if (!bytes || manrs_load_new(&load, NULL))
		return false;
	for (size_t at = 0; at < n; at += 65536) {
		if (manrs_load_push(load, bytes + at, n - at < 65536 ? n - at : 65536, NULL))
			exit(2);
		while ((got = manrs_load_vrps(load, out, NULL, 256)) > 0)
			for (size_t i = 0; i < got; i++)
				real_push(r, &out[i], 0);
	}
	if (manrs_load_finish(load, NULL))
		exit(2);
	while ((got = manrs_load_vrps(load, out, NULL, 256)) > 0)
		for (size_t i = 0; i < got; i++)
			real_push(r, &out[i], 0);
	manrs_load_free(load);
	free(bytes);
	qsort(r->at, r->n, sizeof *r->at, real_cmp);
	for (size_t i = 0; i < r->n; i++)
		if (!left || real_cmp(&r->at[left - 1], &r->at[i]))
			r->at[left++] = r->at[i];
	r->n = left;
	return true;
}

static inline int real_state(char letter)
{
	return letter == 'v'   ? MANRS_ROV_VALID
	       : letter == 'i' ? MANRS_ROV_INVALID
			       : MANRS_ROV_NOT_FOUND;
}

/* One route a line, "PREFIX ASN"; its state is a letter of the other file. */
static inline bool real_table(struct real_routes *r, const char *routes, const char *states)
{
	size_t n, m, i = 0;
	char *text = real_slurp(routes, &n), *letter = real_slurp(states, &m);

	for (char *line = text; line && letter && *line; i++) {
		char *end = strchr(line, '\n'), *space = strchr(line, ' ');
		manrs_route route = {0};

		if (manrs_prefix_parse(&route.prefix, line, (size_t)(space - line), NULL))
			exit(2);
		route.asn = (uint32_t)strtoul(space + 1, NULL, 10);
		real_push(r, &route, real_state(letter[i]));
		line = end + 1;
	}
	free(text);
	free(letter);
	return i > 0;
}

/* Lines "PREFIX|ASN|STATE". */
static inline bool real_lines(struct real_routes *r, const char *name)
{
	size_t n;
	char *text = real_slurp(name, &n);

	for (char *line = text; line && *line; line = strchr(line, '\n') + 1) {
		char *bar = strchr(line, '|'), *next = strchr(bar + 1, '|');
		manrs_route route = {0};

		if (manrs_prefix_parse(&route.prefix, line, (size_t)(bar - line), NULL))
			exit(2);
		route.asn = (uint32_t)strtoul(bar + 1, NULL, 10);
		real_push(r, &route, real_state(next[1]));
	}
	free(text);
	return text != NULL;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

/*
 * What the benches share: a clock, data, rows. A row compares both sides of one run; it is void unless both gave the same
 * answers. Data is the shared data where it is, else seeded tables with its shape; bench_real() tells which.
 */

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline uint64_t bench_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline int bench_double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static inline double bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, bench_double_cmp);
	return v[n / 2];
}

/* One line of the table at the end; higher: whether more is better. peer 0: no peer in this run. */
static inline void bench_row(const char *goal, double ours, double peer, double ratio,
			     double target, const char *status)
{
	const char *path = getenv("BENCH_JSON");
	FILE *f = path ? fopen(path, "a") : NULL;

	printf("%-40s ours %.6g peer %.6g ratio %.4g target %.4g %s\n", goal, ours, peer, ratio,
	       target, status);
	if (!f)
		return;
	fprintf(f,
		"{\"goal\":\"%s\",\"ours\":%.6g,\"peer\":%.6g,\"ratio\":%.4g,\"target\":%.4g,"
		"\"status\":\"%s\"}\n",
		goal, ours, peer, ratio, target, status);
	fclose(f);
}

/* The whole of a file of the shared data, unpacked by its ending; NULL when it is not there. */
static inline char *bench_file(const char *name, size_t *size)
{
	const char *root = getenv("MANRS_DATA");
	const char *end = strrchr(name, '.');
	char command[1024];
	size_t n = 0, cap = 1 << 20, got;
	char *bytes;
	FILE *f;

	snprintf(command, sizeof command, "%s/%s", root ? root : "../shared/data", name);
	f = fopen(command, "rb");
	if (!f)
		return NULL;
	fclose(f);
	snprintf(command, sizeof command, "%s -dc '%s/%s'",
		 !strcmp(end, ".xz")	? "xz"
		 : !strcmp(end, ".bz2") ? "bzip2"
					: "gzip",
		 root ? root : "../shared/data", name);
	f = popen(command, "r");
	if (!f)
		return NULL;
	bytes = malloc(cap);
	while ((got = fread(bytes + n, 1, cap - n, f)) > 0) {
		n += got;
		if (n == cap)
			bytes = realloc(bytes, cap *= 2);
	}
	pclose(f);
	*size = n;
	return bytes;
}

struct bench_routes {
	manrs_route *at;
	size_t n, cap;
};

static inline void bench_add(struct bench_routes *r, const manrs_route *route)
{
	if (r->n == r->cap)
		r->at = realloc(r->at, (r->cap = r->cap ? r->cap * 2 : 1 << 16) * sizeof *r->at);
	r->at[r->n++] = *route;
}

static inline void bench_shuffle(manrs_route *r, size_t n, uint64_t seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = bench_random(&seed) % i;
		manrs_route t = r[i - 1];

		r[i - 1] = r[j];
		r[j] = t;
	}
}

static inline int bench_route_cmp(const void *va, const void *vb)
{
	const manrs_route *a = va, *b = vb;
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	return a->asn != b->asn ? (a->asn < b->asn ? -1 : 1)
				: (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

/* "PREFIX ASN" lines. */
static inline bool bench_route_file(const char *name, struct bench_routes *out)
{
	size_t size;
	char *bytes = bench_file(name, &size);

	if (!bytes)
		return false;
	for (char *p = bytes, *end = bytes + size, *nl; p < end; p = nl + 1) {
		manrs_route r;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		if (manrs_route_parse(&r, p, (size_t)(nl - p), NULL) == MANRS_OK)
			bench_add(out, &r);
	}
	free(bytes);
	return true;
}

static inline bool bench_vrp_file(const char *name, struct bench_routes *out)
{
	size_t size, n;
	char *bytes = bench_file(name, &size);
	manrs_load *load;
	manrs_route r[512];

	if (!bytes || manrs_load_new(&load, NULL))
		return false;
	for (size_t at = 0; at < size; at += 1 << 16) {
		manrs_load_push(load, bytes + at, size - at < 1 << 16 ? size - at : 1 << 16, NULL);
		while ((n = manrs_load_vrps(load, r, NULL, 512)) > 0)
			for (size_t i = 0; i < n; i++)
				bench_add(out, &r[i]);
	}
	manrs_load_finish(load, NULL);
	while ((n = manrs_load_vrps(load, r, NULL, 512)) > 0)
		for (size_t i = 0; i < n; i++)
			bench_add(out, &r[i]);
	manrs_load_free(load);
	free(bytes);
	return true;
}

/*
 * Tables with the shape of the real ones: lengths as in the table of 2024-01 and the VRPs of 2025-07 (in tenths of a
 * percent), neighbours close together, one route in six invalid or unknown.
 */
static inline unsigned bench_length(uint64_t *seed, bool v6)
{
	static const uint16_t four[][2] = {{24, 600}, {23, 100}, {22, 115}, {21, 50},
					   {20, 45},  {19, 30},	 {18, 20},  {17, 12},
					   {16, 18},  {14, 6},	 {12, 4}};
	static const uint16_t six[][2] = {{48, 480}, {32, 150}, {44, 90}, {40, 90}, {36, 60},
					  {29, 40},  {46, 40},	{42, 30}, {47, 20}};
	unsigned pick = (unsigned)(bench_random(seed) % 1000), i = 0;

	for (i = 0; i < (v6 ? 8u : 10u); i++) {
		unsigned w = v6 ? six[i][1] : four[i][1];

		if (pick < w)
			break;
		pick -= w;
	}
	return v6 ? six[i][0] : four[i][0];
}

static inline void bench_generate(size_t n4, size_t n6, struct bench_routes *routes,
				  struct bench_routes *vrps)
{
	uint64_t seed = 20240101;
	uint64_t at4 = 0x01000000, at6 = UINT64_C(0x2001020000000000);

	for (size_t i = 0; i < n4 + n6; i++) {
		bool v6 = i >= n4;
		unsigned len = bench_length(&seed, v6);
		manrs_route r = {.asn = 1 + (uint32_t)(bench_random(&seed) % 75000)};
		uint64_t step = bench_random(&seed) % (v6 ? UINT64_C(1) << 48 : 7), a;

		at4 += v6 ? 0 : (1 + step) << 8;
		at6 += v6 ? step >> (len < 40 ? 0 : 8) : 0;
		a = v6 ? at6 : (at4 % 0xdf000000) << 32;
		a &= ~UINT64_C(0) << (64 - len);
		for (int b = 0; b < 8; b++)
			r.prefix.addr[b] = (uint8_t)(a >> (56 - 8 * b));
		r.prefix.family = v6 ? 6 : 4;
		r.prefix.len = r.prefix.maxlen = (uint8_t)len;
		bench_add(routes, &r);
		if (bench_random(&seed) % 100 < 58) {
			if (bench_random(&seed) % 8 == 0)
				r.prefix.maxlen = v6 ? 48 : 24;
			if (bench_random(&seed) % 50 == 0)
				r.asn ^= 1;
			bench_add(vrps, &r);
		}
	}
	qsort(routes->at, routes->n, sizeof *routes->at, bench_route_cmp);
	qsort(vrps->at, vrps->n, sizeof *vrps->at, bench_route_cmp);
}

/* Routes in table order and VRPs. returns: whether they are the real ones. */
static inline bool bench_tables(struct bench_routes *routes, struct bench_routes *vrps)
{
	if (bench_route_file("routes/routes-2024prefix-2026origin.txt.xz", routes) &&
	    bench_vrp_file("vrp/rpki-client-20250720T093135Z.json.bz2", vrps))
		return true;
	bench_generate(870000, 150000, routes, vrps);
	return false;
}

#endif

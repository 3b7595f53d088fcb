/* SPDX-License-Identifier: BSD-2-Clause */
/* The race, the rows and the data of the benches. */

#include "bench/bench.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#define ROUNDS_MOST 401
#define RUN_LEAST   0.004 /* seconds that a round is made to last */

static bool generated;

/* ---- the race ---- */

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static cpu_set_t all_processors;

void bench_pin(void)
{
	cpu_set_t one;
	size_t last = 0;

	if (sched_getaffinity(0, sizeof all_processors, &all_processors))
		return;
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all_processors))
			last = i;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	sched_setaffinity(0, sizeof one, &one);
}

void bench_unpin(void)
{
	if (CPU_COUNT(&all_processors))
		sched_setaffinity(0, sizeof all_processors, &all_processors);
}

static int double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, double_cmp);
	return v[n / 2];
}

static double timed(const struct bench_side *s, size_t times)
{
	double start = bench_now();

	for (size_t i = 0; i < times; i++)
		s->run(s->arg);
	return (bench_now() - start) / (double)times;
}

void bench_race(struct bench_side *side, size_t sides, size_t rounds)
{
	static double took[8][ROUNDS_MOST];
	size_t times[8];

	for (size_t s = 0; s < sides; s++)
		times[s] = (size_t)(RUN_LEAST / timed(&side[s], 1)) + 1;
	for (size_t r = 0; r < rounds; r++)
		for (size_t s = 0; s < sides; s++) {
			side[s].run(side[s].arg);
			took[s][r] = timed(&side[s], times[s]);
		}
	for (size_t s = 0; s < sides; s++) {
		side[s].median = bench_median(took[s], rounds);
		side[s].spread =
			50 * (took[s][rounds * 3 / 4] - took[s][rounds / 4]) / side[s].median;
	}
}

/* ---- rows ---- */

static void row(const char *goal, const char *what, double ours, double peer, double ratio,
		double target, double spread, const char *status)
{
	const char *path = getenv("BENCH_JSON");
	FILE *f = path ? fopen(path, "a") : NULL;

	printf("%-4s %-48s ours %.6g peer %.6g ratio %.4g target %.4g spread %.1f %% %s\n", goal,
	       what, ours, peer, ratio, target, spread, status);
	fflush(stdout);
	if (!f)
		return;
	fprintf(f,
		"{\"goal\":\"%s\",\"what\":\"%s\",\"ours\":%.6g,\"peer\":%.6g,\"ratio\":%.4g,"
		"\"target\":%.4g,\"status\":\"%s\",\"spread\":%.2g,\"data\":\"%s\"}\n",
		goal, what, ours, peer, ratio, target, status, spread,
		generated ? "generated" : "real");
	fclose(f);
}

void bench_rate(const struct bench_rate *r)
{
	double scale = r->items / 1e6, ours = scale / r->ours->median;
	double peer = r->peer ? scale / r->peer->median : 0, ratio = peer > 0 ? ours / peer : 0;
	double spread = r->ours->spread;
	const char *status = "-";
	double most = 0; /* what the bound allows, were all noise in its disfavour */

	if (r->peer && r->peer->spread > spread)
		spread = r->peer->spread;
	if (r->bound)
		most = scale / r->bound->median * (1 + (r->bound->spread + spread) / 50);
	if (r->differ)
		status = "void";
	else if (r->target > 0 && !r->peer)
		status = "skipped";
	else if (r->target > 0 && ratio >= r->target)
		status = "met";
	else if (r->target > 0)
		status = r->bound && most < r->target * peer ? "bound" : "missed";
	if (r->bound && r->peer)
		printf("     the least that can be done: %.1f M/s, ratio %.2f\n",
		       scale / r->bound->median, scale / r->bound->median / peer);
	row(r->goal, r->what, ours, peer, ratio, r->target, spread, status);
}

void bench_most(const char *goal, const char *what, double ours, double peer, double limit)
{
	row(goal, what, ours, peer, peer > 0 ? peer / ours : 0, limit, 0,
	    limit <= 0      ? "-"
	    : ours <= limit ? "met"
			    : "missed");
}

void bench_figure(const char *what, double ours, double peer)
{
	row("", what, ours, peer, peer > 0 ? ours / peer : 0, 0, 0, "-");
}

void bench_void(const char *goal, const char *what)
{
	row(goal, what, 0, 0, 0, 0, 0, "void");
}

void bench_skip(const char *goal, const char *what, const char *why)
{
	printf("%s\n", why);
	row(goal, what, 0, 0, 0, 0, 0, "skipped");
}

/* ---- an allocator ---- */

static void *arena_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct bench_arena *a = arg;
	void *at = a->at + a->used;

	if (new_size == 0 || a->size - a->used < new_size + 64)
		return NULL;
	a->used += (new_size + 63) & ~(size_t)63;
	if (ptr)
		memcpy(at, ptr, old_size < new_size ? old_size : new_size);
	return at;
}

manrs_alloc bench_arena_open(struct bench_arena *arena, size_t size, bool huge)
{
	*arena = (struct bench_arena){.size = size};
	arena->at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena->at == MAP_FAILED)
		exit(1);
	madvise(arena->at, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return (manrs_alloc){arena_resize, arena};
}

void bench_arena_close(struct bench_arena *arena)
{
	munmap(arena->at, arena->size);
}

/* ---- data ---- */

uint64_t bench_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t bench_below(uint64_t *seed, size_t n)
{
	return (size_t)(bench_random(seed) % n);
}

void bench_generated(void)
{
	if (!generated)
		printf("no shared data here: generated tables\n");
	generated = true;
}

char *bench_file(const char *name, size_t *size)
{
	const char *root = getenv("MANRS_DATA"), *end = strrchr(name, '.');
	const char *tool = !strcmp(end, ".xz") ? "xz" : !strcmp(end, ".bz2") ? "bzip2" : "gzip";
	char command[4096];
	size_t n = 0, cap = 1 << 20, got;
	char *bytes;
	FILE *f;

	root = root ? root : "../shared/data";
	snprintf(command, sizeof command, "%s/%s", root, name);
	f = fopen(command, "rb");
	if (!f)
		return NULL;
	fclose(f);
	snprintf(command, sizeof command, "%s -dc '%s/%s'", tool, root, name);
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

void bench_add(struct bench_routes *r, const manrs_route *route)
{
	if (r->n == r->cap)
		r->at = realloc(r->at, (r->cap = r->cap ? r->cap * 2 : 1 << 16) * sizeof *r->at);
	r->at[r->n++] = *route;
}

void bench_shuffle(manrs_route *r, size_t n, uint64_t seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = bench_below(&seed, i);
		manrs_route t = r[i - 1];

		r[i - 1] = r[j];
		r[j] = t;
	}
}

int bench_route_cmp(const void *va, const void *vb)
{
	const manrs_route *a = va, *b = vb;
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

/* "PREFIX" or "PREFIX ASN" lines. */
static bool route_file(const char *name, struct bench_routes *out)
{
	size_t size;
	char *bytes = bench_file(name, &size);

	if (!bytes)
		return false;
	for (char *p = bytes, *end = bytes + size, *nl; p < end; p = nl + 1) {
		manrs_route r = {.asn = 0};
		size_t n;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		n = (size_t)(nl - p);
		n -= n > 0 && p[n - 1] == '\r';
		if (memchr(p, ' ', n) ? manrs_route_parse(&r, p, n, NULL) == MANRS_OK
				      : manrs_prefix_parse(&r.prefix, p, n, NULL) == MANRS_OK)
			bench_add(out, &r);
	}
	free(bytes);
	return true;
}

static bool vrp_file(const char *name, struct bench_routes *out)
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

/* Lengths as in the full table of 2024-01, in ten-thousandths. */
static unsigned a_length(uint64_t *seed, bool v6)
{
	static const uint16_t four[][2] = {{24, 5972}, {22, 1204}, {23, 1070}, {21, 563}, {20, 472},
					   {19, 276},  {18, 153},  {16, 150},  {17, 91},  {15, 23},
					   {14, 13},   {13, 6},    {12, 3},    {11, 1},   {8, 3}};
	static const uint16_t six[][2] = {{48, 4714}, {32, 1407}, {44, 897}, {40, 838}, {36, 374},
					  {29, 273},  {47, 197},  {46, 190}, {33, 183}, {34, 163},
					  {42, 144},  {38, 101},  {45, 97},  {39, 86},  {35, 65},
					  {43, 63},   {41, 56},   {37, 55},  {30, 41},  {64, 56}};
	const uint16_t(*at)[2] = v6 ? six : four;
	unsigned pick = (unsigned)(bench_random(seed) % 10000), last = v6 ? 19 : 14, i;

	for (i = 0; i < last && pick >= at[i][1]; i++)
		pick -= at[i][1];
	return at[i][0];
}

/* Who announces some routes one behind the other, and whether he has ROAs. */
struct holder {
	uint32_t asn;
	unsigned routes;
	bool roas, longer;
};

/* The real runs are 3.3 routes on average, most of them 1; 14 % of VRPs have a maxLength beyond their length. */
static struct holder a_holder(uint64_t *seed)
{
	struct holder h = {.asn = 1 + (uint32_t)(bench_random(seed) % 75000)};
	unsigned many = bench_random(seed) % 5 < 2;

	h.routes = 1 + (unsigned)(bench_random(seed) % 12) * many;
	h.roas = bench_random(seed) % 100 < 56;
	h.longer = bench_random(seed) % 7 == 0;
	return h;
}

/* One VRP in fifty is another's, and where it is so the route is often invalid. */
static void a_vrp(struct bench_routes *vrps, manrs_route r, bool longer, uint64_t *seed)
{
	if (longer)
		r.prefix.maxlen = r.prefix.len < 24 ? 24 : r.prefix.family == 6 ? 64 : r.prefix.len;
	if (bench_random(seed) % 50 == 0)
		r.asn ^= 1;
	bench_add(vrps, &r);
}

/* The next prefix of a family's space, in units of a /64 or an IPv4 address: inside the last one, or past it. */
static uint64_t a_place(uint64_t *next, unsigned width, unsigned len, uint64_t *seed)
{
	uint64_t size = UINT64_C(1) << (width - len), at = (*next + size - 1) & ~(size - 1);
	bool nest = bench_random(seed) % 100 < 45;

	*next = nest ? at : at + size;
	if (width == 64 && !nest)
		*next += bench_random(seed) % (UINT64_C(1) << 38);
	return at;
}

void bench_generate(size_t n4, size_t n6, struct bench_routes *routes, struct bench_routes *vrps)
{
	uint64_t seed = 20240101, at4 = 0x01000000, at6 = UINT64_C(0x2001020000000000);
	struct holder h = {0};

	for (size_t i = 0; i < n4 + n6; i++) {
		bool v6 = i >= n4;
		unsigned len = a_length(&seed, v6);
		manrs_route r = {.prefix = {.family = v6 ? 6 : 4,
					    .len = (uint8_t)len,
					    .maxlen = (uint8_t)len}};
		uint64_t a = v6 ? a_place(&at6, 64, len, &seed) : a_place(&at4, 32, len, &seed);

		if (at4 >=
		    0xdf000000) /* more than there is room for: once more from the beginning */
			at4 = 0x01000000;
		h = h.routes ? h : a_holder(&seed);
		h.routes--;
		r.asn = h.asn;
		a = v6 ? a : a << 32;
		for (int b = 0; b < 8; b++)
			r.prefix.addr[b] = (uint8_t)(a >> (56 - 8 * b));
		bench_add(routes, &r);
		if (h.roas)
			a_vrp(vrps, r, h.longer, &seed);
	}
	qsort(routes->at, routes->n, sizeof *routes->at, bench_route_cmp);
	qsort(vrps->at, vrps->n, sizeof *vrps->at, bench_route_cmp);
}

void bench_write_vrps(FILE *f, const struct bench_routes *vrps)
{
	char prefix[MANRS_PREFIX_TEXT];

	fprintf(f, "{\n\t\"metadata\": {\n\t\t\"vrps\": %zu\n\t},\n\n\t\"roas\": [\n", vrps->n);
	for (size_t i = 0; i < vrps->n; i++) {
		const manrs_route *v = &vrps->at[i];

		manrs_prefix_format(&v->prefix, prefix, sizeof prefix);
		fprintf(f,
			"\t\t{ \"asn\": %u, \"prefix\": \"%s\", \"maxLength\": %u, \"ta\": "
			"\"apnic\", \"expires\": 1753453058 }%s\n",
			v->asn, prefix, v->prefix.maxlen, i + 1 < vrps->n ? "," : "");
	}
	fprintf(f, "\t]\n}\n");
}

#define VRP_FILE "vrp/rpki-client-20250720T093135Z.json.bz2"

void bench_tables(struct bench_routes *routes, struct bench_routes *vrps)
{
	if (!route_file("routes/routes-2024prefix-2026origin.txt.xz", routes) ||
	    !vrp_file(VRP_FILE, vrps)) {
		bench_generated();
		routes->n = vrps->n = 0;
		bench_generate(870000, 150000, routes, vrps);
	}
	printf("%zu routes, %zu VRPs\n", routes->n, vrps->n);
}

void bench_vrps(struct bench_routes *vrps)
{
	struct bench_routes routes = {0};

	if (!vrp_file(VRP_FILE, vrps)) {
		bench_generated();
		bench_generate(1040000, 190000, &routes, vrps);
		free(routes.at);
	}
	printf("%zu VRPs\n", vrps->n);
}

void bench_prefixes(struct bench_routes *routes)
{
	struct bench_routes vrps = {0};
	size_t kept = 0;

	if (!route_file("bench/prefixes-2024-01.txt.gz", routes)) {
		bench_generated();
		bench_generate(900000, 160000, routes, &vrps);
		for (size_t i = 0; i < routes->n; i++) /* a prefix once */
			if (!kept ||
			    manrs_prefix_cmp(&routes->at[kept - 1].prefix, &routes->at[i].prefix))
				routes->at[kept++] = routes->at[i];
		routes->n = kept;
		free(vrps.at);
	}
	printf("%zu prefixes\n", routes->n);
}

void bench_address(const manrs_prefix *p, uint64_t *seed, uint8_t addr[16])
{
	for (unsigned i = 0; i < (p->family == 4 ? 4 : 16); i++) {
		unsigned keep = p->len >= 8 * i + 8 ? 0
				: p->len <= 8 * i   ? 255
						    : 255u >> p->len % 8;

		addr[i] = (uint8_t)(p->addr[i] | (bench_random(seed) & keep));
	}
}

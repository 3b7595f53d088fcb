/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MRT archives: a full table of five peers (641,957 entries) and five minutes of a collector's updates. Decoding with attributes,
 * the command's lines, and the command's check of the table with the load of the VRPs apart (P12), each beside `bgpdump -m` as
 * a whole process; BMP messages made of the same updates. Times are processor time, but for those by the clock, of a child with
 * its whole life; the files are unpacked, in the page cache.
 */

#include "bench/bench.h"
#include "wire/bmp_made.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RIB     "mrt/rrc06-20100701-reencoded.mrt.gz"
#define UPDATES "mrt/ris-updates.20190101.0000.gz"
#define VRPS    "vrp/rpki-client-20250720T093135Z.json.bz2"
#define MOST    64 /* rounds */

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "mrt bench: %s\n", what);
	exit(1);
}

/* ---- files and processes ---- */

struct archive {
	char *bytes;
	size_t n;
	char path[64];
	size_t lines; /* of bgpdump; 0: it is not here */
};

static char manrs[512], vrps[64], empty[64];

static void save(char *path, const char *bytes, size_t n)
{
	FILE *f;

	strcpy(path, P_tmpdir "/manrs-bench-XXXXXX");
	f = fdopen(mkstemp(path), "wb");
	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
		fail(path);
}

/* Lines that a command prints, and a hash of them. */
static size_t lines_of(const char *const *argv, uint64_t *hash)
{
	static char text[1 << 16];
	size_t lines = 0;
	ssize_t got;
	int fd[2], status;
	pid_t child;

	*hash = UINT64_C(0xcbf29ce484222325);
	if (pipe(fd) || (child = fork()) < 0)
		fail("pipe");
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(fd[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(fd[0]);
		close(fd[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fd[1]);
	while ((got = read(fd[0], text, sizeof text)) > 0)
		for (ssize_t i = 0; i < got; i++) {
			lines += text[i] == '\n';
			*hash = (*hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
		}
	close(fd[0]);
	waitpid(child, &status, 0);
	return status ? 0 : lines;
}

/* Processor time of a command from fork to its end, its output thrown away; clock: by the clock, on all processors. */
static double child_time(const char *const *argv, bool clock)
{
	struct timespec start, end;
	struct rusage used;
	pid_t child;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &start);
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (clock)
			bench_unpin();
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0 || status)
		fail(argv[0]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (clock)
		return (double)(end.tv_sec - start.tv_sec) +
		       1e-9 * (double)(end.tv_nsec - start.tv_nsec);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Median and spread of what was taken, as bench_race gives them. */
static struct bench_side side_of(double *took, size_t n)
{
	struct bench_side s = {.median = bench_median(took, n)};

	s.spread = 50 * (took[n * 3 / 4] - took[n / 4]) / s.median;
	return s;
}

/* ---- decoding ---- */

struct totals {
	uint64_t records, announced, withdrawn, states, bad, hops;
};

static manrs_announcement out[4096];
static manrs_prefix gone[4096];

/* A host that gives large pieces in pages of 2 MiB, one behind the other, all given back at the end; as the command does. */
#define PAGE    ((size_t)2 << 20)
#define PAGES   (64 * PAGE)
#define IN_PAGE ((size_t)64 << 10)

static struct {
	char *at;
	size_t used;
} pages;

static void pages_begin(void)
{
	pages.used = 0;
	pages.at = aligned_alloc(PAGE, PAGES);
	if (!pages.at)
		fail("large pages");
#ifdef MADV_HUGEPAGE
	madvise(pages.at, PAGES, MADV_HUGEPAGE);
#endif
}

static void *in_pages(void *arg, void *ptr, size_t old, size_t n)
{
	char *at;

	(void)arg;
	if (old < IN_PAGE && n < IN_PAGE && n)
		return realloc(ptr, n);
	if (!n) {
		if (old < IN_PAGE)
			free(ptr);
		return NULL;
	}
	if (n < IN_PAGE || n > PAGES - pages.used - 64)
		fail("large pages");
	at = pages.at + pages.used;
	pages.used += (n + 63) & ~(size_t)63;
	if (ptr)
		memcpy(at, ptr, old < n ? old : n);
	if (old < IN_PAGE)
		free(ptr);
	return at;
}

/* All of an archive by the library; the store's figures after it. */
static struct totals decode(const struct archive *a, const manrs_alloc *alloc,
			    manrs_bgp_store_stats *stats)
{
	manrs_mrt_config config;
	const manrs_mrt_record *record;
	struct totals t = {0};
	manrs_mrt *mrt;
	size_t n;

	manrs_mrt_config_init(&config, sizeof config);
	config.alloc = alloc;
	if (manrs_mrt_new(&mrt, &config))
		fail("manrs_mrt_new");
	for (size_t at = 0; at < a->n;) {
		int used = manrs_mrt_decode(mrt, &record, a->bytes + at, a->n - at, NULL, NULL);

		if (used <= 0)
			fail("a record");
		at += (size_t)used;
		t.records++;
		t.states += record->kind == MANRS_MRT_STATE;
		t.bad += record->kind == MANRS_MRT_BAD;
		do {
			n = manrs_mrt_announced(mrt, out, NULL, 4096);
			t.announced += n;
			for (size_t i = 0; i < n; i++)
				t.hops += out[i].path.n;
		} while (n == 4096);
		do {
			n = manrs_mrt_withdrawn(mrt, gone, NULL, 4096);
			t.withdrawn += n;
		} while (n == 4096);
	}
	if (stats) {
		stats->size = sizeof *stats;
		manrs_bgp_store_stats_get(manrs_mrt_store(mrt), stats);
	}
	manrs_mrt_free(mrt);
	return t;
}

/*
 * Processor time of a decoding whose memory was just given back by one like it. Without that, what is measured on a virtual
 * machine is its host, too, which takes free pages away within seconds: some 30 ms for a full table.
 */
static double decode_time(const struct archive *a, bool large)
{
	const manrs_alloc alloc = {in_pages, NULL};
	double start = 0;

	for (int i = 0; i < 2; i++) {
		start = cpu_now();
		if (large)
			pages_begin();
		decode(a, large ? &alloc : NULL, NULL);
		if (large)
			free(pages.at);
	}
	return cpu_now() - start;
}

/* The library and the command's lines, both beside bgpdump; in turns. */
static void beside_bgpdump(const struct archive *a, const char *name, double target, size_t rounds)
{
	const char *dump[] = {"bgpdump", "-m", a->path, NULL};
	const char *ours[] = {manrs, "mrt", a->path, NULL};
	double took[4][MOST];
	struct bench_side side[4];
	manrs_bgp_store_stats stats;
	struct totals t = decode(a, NULL, &stats);
	uint64_t items = t.announced + t.withdrawn + t.states, hash[2];
	size_t lines = lines_of(ours, &hash[0]);
	bool same = true;
	char what[128];

	printf("%s: %zu bytes, %llu records, %llu lines; %llu sets, %llu paths, %.1f MB of store\n",
	       name, a->n, (unsigned long long)t.records, (unsigned long long)items,
	       (unsigned long long)stats.sets, (unsigned long long)stats.paths,
	       (double)stats.bytes / 1e6);
	if (a->lines) /* IPv6 addresses are written otherwise: there only the number is told */
		same = lines_of(dump, &hash[1]) == lines &&
		       (strcmp(name, "RIB") || hash[0] == hash[1]);
	for (size_t r = 0; r < rounds; r++) {
		took[0][r] = decode_time(a, false);
		took[3][r] = decode_time(a, true);
		took[1][r] = child_time(ours, false);
		took[2][r] = a->lines ? child_time(dump, false) : 0;
	}
	for (int i = 0; i < 4; i++)
		side[i] = side_of(took[i], rounds);
	snprintf(what, sizeof what, "%s decoded with attributes, M entries/s (bgpdump -m)", name);
	bench_rate(&(struct bench_rate){.goal = target > 0 ? "P12" : "",
					.what = what,
					.items = (double)items,
					.target = target,
					.ours = &side[0],
					.peer = a->lines ? &side[2] : NULL,
					.differ = t.bad > 0 || (a->lines && items != a->lines)});
	snprintf(what, sizeof what, "%s decoded in large pages, M entries/s (bgpdump -m)", name);
	bench_rate(&(struct bench_rate){.goal = "",
					.what = what,
					.items = (double)items,
					.ours = &side[3],
					.peer = a->lines ? &side[2] : NULL,
					.differ = t.bad > 0});
	snprintf(what, sizeof what, "manrs mrt of the %s, M lines/s (bgpdump -m)", name);
	bench_rate(&(struct bench_rate){.goal = "",
					.what = what,
					.items = (double)items,
					.ours = &side[1],
					.peer = a->lines ? &side[2] : NULL,
					.differ = items != lines || !same});
	snprintf(what, sizeof what, "store of the %s: bytes an attribute set", name);
	bench_most("", what, (double)stats.bytes / (double)stats.sets, 0, 0);
}

/* ---- P12 ---- */

/* The command's check of a table, the load of the VRPs apart. */
static void check(const struct archive *a, const char *tests, const char *format, const char *goal,
		  bool clock)
{
	const char *ours[] = {manrs, "check", "--vrps", vrps, "--role", "peer", "--tests",
			      tests, "-f",    format,   "-i", a->path,  NULL};
	const char *load[] = {manrs, "check", "--vrps", vrps, "--role", "peer", "--tests",
			      tests, "-f",    format,   "-i", empty,    NULL};
	const char *dump[] = {"bgpdump", "-m", a->path, NULL};
	const size_t rounds = 7;
	double took[3][MOST];
	struct bench_side side[2];
	uint64_t hash;
	char what[128];

	for (size_t r = 0; r < rounds; r++) {
		took[0][r] = child_time(ours, clock);
		took[1][r] = child_time(load, clock);
		took[2][r] = child_time(dump, clock);
	}
	side[0] = side_of(took[0], rounds);
	side[0].median -= bench_median(took[1], rounds);
	side[1] = side_of(took[2], rounds);
	snprintf(what, sizeof what,
		 "check of the RIB, tests %s, %s%s, load apart, M/s (bgpdump -m)", tests, format,
		 clock ? ", by the clock" : "");
	bench_rate(&(struct bench_rate){.goal = goal,
					.what = what,
					.items = (double)a->lines,
					.target = *goal ? 20 : 0,
					.ours = &side[0],
					.peer = &side[1],
					.differ = !strcmp(format, "csv") &&
						  lines_of(ours, &hash) != a->lines + 1});
}

/* ---- BMP ---- */

struct stream {
	char *bytes;
	size_t n, messages;
};

static void stream_add(struct stream *s, const struct made *m)
{
	s->bytes = realloc(s->bytes, s->n + m->n);
	memcpy(s->bytes + s->n, m->at, m->n);
	s->n += m->n;
	s->messages++;
}

/* The per-peer header of who sent an UPDATE of the archive. */
static struct made_peer peer_of(const manrs_bgp_session *session)
{
	struct made_peer p = {.asn = session->neighbour_asn, .bgp_id = 1};
	bool v6 = session->neighbour_address.family == 6;

	p.flags = (v6 ? 0x80u : 0) | (session->flags & MANRS_BGP_AS4 ? 0 : 0x20u);
	memcpy(p.address + (v6 ? 0 : 12), session->neighbour_address.addr, v6 ? 16 : 4);
	return p;
}

static void peer_up(struct stream *s, struct made *m, const manrs_bgp_session *session)
{
	struct made_open open = {.asn = session->neighbour_asn,
				 .as4 = (session->flags & MANRS_BGP_AS4) != 0,
				 .families = 1};
	struct made_peer p = peer_of(session);

	m->n = 0;
	made_up(m, &p, &open, &open, NULL);
	stream_add(s, m);
}

/* A router's stream: each peer of the archive up, then its UPDATEs as Route Monitoring. */
static struct stream bmp_stream(const struct archive *a)
{
	static struct made m;
	static manrs_bgp_session known[1024];
	struct stream s = {0};
	size_t n_known = 0;
	const manrs_mrt_record *r;
	manrs_mrt *mrt;

	if (manrs_mrt_new(&mrt, NULL))
		fail("manrs_mrt_new");
	for (size_t at = 0; at < a->n;) {
		int used = manrs_mrt_decode(mrt, &r, a->bytes + at, a->n - at, NULL, NULL);
		struct made_peer p;
		size_t i = 0;

		if (used <= 0)
			fail("a record");
		at += (size_t)used;
		if (r->kind != MANRS_MRT_UPDATE)
			continue;
		while (i < n_known && (known[i].flags != r->session.flags ||
				       manrs_prefix_cmp(&known[i].neighbour_address,
							&r->session.neighbour_address)))
			i++;
		if (i == n_known && n_known < 1024) {
			known[n_known++] = r->session;
			peer_up(&s, &m, &r->session);
		}
		p = peer_of(&r->session);
		m.n = 0;
		made_begin(&m, 0);
		made_head(&m, &p);
		made_bgp(&m, 2);
		made_bytes(&m, r->message.body, r->message.n_body);
		made_length(&m, m.from + 48 + 16, m.from + 48);
		made_end(&m);
		stream_add(&s, &m);
	}
	manrs_mrt_free(mrt);
	return s;
}

static struct totals bmp_decode(const struct stream *s)
{
	const manrs_bmp_event *event;
	struct totals t = {0};
	manrs_bmp *bmp;
	size_t n, need;

	if (manrs_bmp_new(&bmp, NULL))
		fail("manrs_bmp_new");
	for (size_t at = 0; at < s->n;) {
		int used = manrs_bmp_decode(bmp, &event, s->bytes + at, s->n - at, &need, NULL);

		if (used <= 0)
			fail("a BMP message");
		at += (size_t)used;
		t.records++;
		t.bad += event->kind == MANRS_BMP_BAD;
		do {
			n = manrs_bmp_announced(bmp, out, NULL, 4096);
			t.announced += n;
		} while (n == 4096);
		do {
			n = manrs_bmp_withdrawn(bmp, gone, NULL, 4096);
			t.withdrawn += n;
		} while (n == 4096);
	}
	manrs_bmp_free(bmp);
	return t;
}

static void bmp(const struct archive *a, size_t rounds)
{
	struct stream s = bmp_stream(a);
	struct totals want = decode(a, NULL, NULL), got = bmp_decode(&s);
	double took[MOST];
	struct bench_side side;

	for (size_t r = 0; r < rounds; r++) {
		double start = cpu_now();

		bmp_decode(&s);
		took[r] = cpu_now() - start;
	}
	side = side_of(took, rounds);
	bench_rate(&(struct bench_rate){.goal = "",
					.what = "BMP of the updates decoded, M messages/s",
					.items = (double)s.messages,
					.ours = &side,
					.differ = got.bad || got.announced != want.announced ||
						  got.withdrawn != want.withdrawn ||
						  got.records != s.messages});
	printf("BMP: %zu messages, %zu bytes, %llu announced, %llu withdrawn\n", s.messages, s.n,
	       (unsigned long long)got.announced, (unsigned long long)got.withdrawn);
	free(s.bytes);
}

static bool archive_open(struct archive *a, const char *name, bool peer)
{
	const char *dump[] = {"bgpdump", "-m", a->path, NULL};
	uint64_t hash;

	a->bytes = bench_file(name, &a->n);
	if (!a->bytes)
		return false;
	save(a->path, a->bytes, a->n);
	a->lines = peer ? lines_of(dump, &hash) : 0;
	return true;
}

/* The first record of the table, its peers: an archive without a route. */
static size_t first_record(const struct archive *a)
{
	const uint8_t *b = (const uint8_t *)a->bytes + 8;

	return 12 + ((size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3]);
}

int main(void)
{
	static struct archive rib, updates;
	bool peer = system("command -v bgpdump >/dev/null") == 0;
	const char *b = getenv("B") ? getenv("B") : "build";
	char *json;
	size_t n;

	snprintf(manrs, sizeof manrs, "%s/manrs", b);
	bench_pin();
	bench_skip("", "libparsebgp", "no package of libparsebgp: bgpdump alone");
	if (!archive_open(&rib, RIB, peer) || !archive_open(&updates, UPDATES, peer) ||
	    !(json = bench_file(VRPS, &n))) {
		bench_skip("P12", "archives of MRT", "no shared data here");
		return 0;
	}
	save(vrps, json, n);
	free(json);
	save(empty, rib.bytes, first_record(&rib));
	beside_bgpdump(&rib, "RIB", 40, 7);
	beside_bgpdump(&updates, "updates", 0, 7);
	bmp(&updates, 11);
	if (peer) {
		check(&rib, "all", "csv", "P12", false);
		check(&rib, "all", "csv", "P12", true);
		check(&rib, "all", "summary", "", true);
		check(&rib, "default", "csv", "", false);
	} else {
		bench_skip("P12", "a RIB with every test, a process", "no bgpdump here");
	}
	unlink(rib.path);
	unlink(updates.path);
	unlink(vrps);
	unlink(empty);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command as a whole process, on the whole real RPKI as JSON (75 MB): from exec to exit, with the file in the page
 * cache. Goal P11 is one route judged, that is the load; its peer is jansson parsing the same file, and nothing more, in
 * a process of its own. Then a million routes judged to CSV, and the lines of a RIB of 35 peers with all checks beside
 * bgpdump, which only makes such lines of the RIB; the RIB itself is mrt_bench.c's.
 */

#include "bench/bench.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#define ROUNDS    7
#define RIB       "mrt/rv-20140523-35peers-partial.mrt.gz"
#define RIB_LINES "mrt/expected/rv-20140523-35peers-partial.mrt.gz.bgpdump-m.xz"

static const char *vrps, *routes, *rib, *lines;

static void save(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(name, "wb");

	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
		exit(1);
}

static void run_load(const char *manrs)
{
	execl(manrs, manrs, "rov", "--vrps", vrps, "1.1.1.0/24", "13335", (char *)NULL);
}

static void run_table(const char *manrs)
{
	execl(manrs, manrs, "rov", "--vrps", vrps, "--format", "csv", "-i", routes, (char *)NULL);
}

static void run_check(const char *manrs)
{
	execl(manrs, manrs, "check", "--vrps", vrps, "--role", "peer", "--format", "csv", "-i",
	      lines, (char *)NULL);
}

static void run_bgpdump(const char *unused)
{
	(void)unused;
	execlp("bgpdump", "bgpdump", "-m", rib, (char *)NULL);
}

static void run_jansson(const char *unused)
{
	(void)unused;
#ifdef HAVE_JANSSON
	_exit(json_load_file(vrps, 0, NULL) ? 0 : 1);
#endif
}

static const char *manrs;
static bool failed;

/* A child process from fork to its end. */
static void spawn(void *arg)
{
	void (*run)(const char *) = *(void (**)(const char *))arg;
	pid_t child = fork();
	int status;

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		run(manrs);
		_exit(127);
	}
	failed |= child < 0 || waitpid(child, &status, 0) < 0 || status != 0;
}

/* The VRPs as rpki-client writes them, and the routes as lines. */
static void save_generated(void)
{
	struct bench_routes r = {0}, v = {0};
	char text[MANRS_PREFIX_TEXT];
	FILE *f = fopen(vrps, "wb"), *g = fopen(routes, "wb");

	bench_generated();
	bench_generate(900000, 160000, &r, &v);
	bench_write_vrps(f, &v);
	for (size_t i = 0; i < r.n; i++) {
		manrs_prefix_format(&r.at[i].prefix, text, sizeof text);
		fprintf(g, "%s %u\n", text, r.at[i].asn);
	}
	fclose(f);
	fclose(g);
	free(r.at);
	free(v.at);
}

/* All checks of the RIB's lines, from exec to exit with the load of the VRPs, beside bgpdump on the RIB. */
static void beside_bgpdump(const char *b)
{
	static const char what[] =
		"all checks of 269,914 lines of a RIB, a process, s (bgpdump -m)";
	void (*run[])(const char *) = {run_check, run_bgpdump};
	struct bench_side side[2] = {{.run = spawn, .arg = &run[0]},
				     {.run = spawn, .arg = &run[1]}};
	char rib_name[512], lines_name[512];
	size_t n, m = 0;
	char *bytes = bench_file(RIB, &n), *text = bench_file(RIB_LINES, &m);

	snprintf(rib_name, sizeof rib_name, "%s/tests/bench/rib.mrt", b);
	snprintf(lines_name, sizeof lines_name, "%s/tests/bench/rib.txt", b);
	rib = rib_name;
	lines = lines_name;
	if (bytes && text && !system("command -v bgpdump >/dev/null")) {
		save(rib, bytes, n);
		save(lines, text, m);
		failed = false;
		bench_race(side, 2, 3);
		if (failed)
			bench_void("", what);
		else
			bench_most("", what, side[0].median, side[1].median, 0);
		unlink(rib);
		unlink(lines);
	} else {
		bench_skip("", what, "no bgpdump, or no RIB, here");
	}
	free(bytes);
	free(text);
}

int main(void)
{
	void (*run[])(const char *) = {run_load, run_jansson, run_table};
	struct bench_side side[3];
	const char *b = getenv("B") ? getenv("B") : "build";
	char manrs_name[512], vrps_name[512], routes_name[512];
	size_t n;
	char *bytes = bench_file("vrp/rpki-client-20250720T093135Z.json.bz2", &n);
	bool peer = false;

	snprintf(manrs_name, sizeof manrs_name, "%s/manrs", b);
	snprintf(vrps_name, sizeof vrps_name, "%s/tests/bench/vrps.json", b);
	snprintf(routes_name, sizeof routes_name, "%s/tests/bench/routes.txt", b);
	manrs = manrs_name;
	vrps = vrps_name;
	routes = routes_name;
	if (bytes) {
		save(vrps, bytes, n);
		free(bytes);
		bytes = bench_file("routes/routes-2024prefix-2026origin.txt.xz", &n);
		save(routes, bytes, bytes ? n : 0);
		free(bytes);
	} else {
		save_generated();
	}
#ifdef HAVE_JANSSON
	peer = true;
#endif
	for (int i = 0; i < 3; i++)
		side[i] = (struct bench_side){.run = spawn, .arg = &run[i]};
	if (!peer)
		side[1] = side[0];
	bench_race(side, 3, ROUNDS); /* not pinned: the command may use what the machine has */
	if (failed)
		return 1;
	bench_most("P11", "75 MB of VRP JSON to a judged route, s (jansson)", side[0].median,
		   peer ? side[1].median : 0,
		   peer ? side[1].median * 0.30 / 1.4 : 0.30); /* as 0.30 s to jansson's 1.4 */
	bench_figure("a million routes judged to CSV beside that, s",
		     side[2].median - side[0].median, 0);
	beside_bgpdump(b);
	unlink(vrps);
	unlink(routes);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command as a whole process, on the whole real RPKI as JSON (75 MB): from exec to exit, with the file in the page
 * cache. Goal P11 is one route judged, that is the load; its peer is jansson parsing the same file, and nothing more, in
 * a process of its own. Then a million routes judged to CSV.
 */

#include "bench.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#define RUNS 5

static const char *vrps, *routes;

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

static void run_jansson(const char *unused)
{
	(void)unused;
#ifdef HAVE_JANSSON
	_exit(json_load_file(vrps, 0, NULL) ? 0 : 1);
#endif
}

/* The median wall time of a child process; 0 if it failed. */
static double timed(void (*run)(const char *manrs), const char *manrs)
{
	double spent[RUNS];

	for (int i = 0; i < RUNS; i++) {
		double start = bench_now();
		pid_t child = fork();
		int status;

		if (child == 0) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, STDOUT_FILENO);
			run(manrs);
			_exit(127);
		}
		if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
			return 0;
		spent[i] = bench_now() - start;
	}
	return bench_median(spent, RUNS);
}

int main(void)
{
	const char *b = getenv("B") ? getenv("B") : "build";
	char manrs[512], vrps_name[512], routes_name[512];
	size_t n;
	char *bytes = bench_file("vrp/rpki-client-20250720T093135Z.json.bz2", &n);
	double load, table, peer = 0;

	if (!bytes) {
		printf("no shared data: the command is not measured\n");
		return 0;
	}
	snprintf(manrs, sizeof manrs, "%s/manrs", b);
	snprintf(vrps_name, sizeof vrps_name, "%s/tests/bench/vrps.json", b);
	snprintf(routes_name, sizeof routes_name, "%s/tests/bench/routes.txt", b);
	vrps = vrps_name;
	routes = routes_name;
	save(vrps, bytes, n);
	free(bytes);
	bytes = bench_file("routes/routes-2024prefix-2026origin.txt.xz", &n);
	save(routes, bytes, bytes ? n : 0);
	free(bytes);

	load = timed(run_load, manrs);
	table = timed(run_table, manrs);
#ifdef HAVE_JANSSON
	peer = timed(run_jansson, manrs);
#endif
	bench_row("P11 75 MB of VRP JSON, process, s (jansson)", load, peer, load ? peer / load : 0,
		  1.4 / 0.30,
		  load > 0 && (peer > 0 ? peer / load >= 1.4 / 0.30 : load <= 0.30) ? "met"
										    : "missed");
	bench_row("   1,017,745 routes to CSV beside that, s", table - load, 0, 0, 0, "-");
	unlink(vrps);
	unlink(routes);
	return 0;
}

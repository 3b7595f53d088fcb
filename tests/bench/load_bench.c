/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VRP file of 75 MB in JSON, from the disk's cache to a snapshot, by the library alone: each side is a process of its own, timed from its
 * start to its end, by turns. The peer only reads the same file with jansson and walks over the entries. Both tell how many
 * VRPs they saw and the sum of what is in them; they must agree. Argument: ours|read|jansson FILE runs one side.
 */

#include "bench/bench.h"

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 7
#define CHUNK  (256 << 10)

/* What a side tells its parent. */
struct told {
	uint64_t n, sum;
};

static void tell(uint64_t n, uint64_t sum)
{
	struct told t = {n, sum};

	if (write(STDOUT_FILENO, &t, sizeof t) != sizeof t)
		_exit(1);
	_exit(0);
}

static void commit(const struct bench_routes *r)
{
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;
	manrs_db_stats stats = {.size = sizeof stats};

	if (manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&edit, owner, NULL) ||
	    manrs_edit_vrps(edit, 0, MANRS_ADD, r->at, r->n, NULL, NULL) ||
	    manrs_edit_commit(edit, &db))
		_exit(1);
	manrs_db_stats_get(db, &stats);
	if (stats.vrps4 + stats.vrps6 == 0)
		_exit(1);
}

/* Read the file with manrs_load; with `whole` on to a snapshot. */
static void read_ours(const char *path, bool whole)
{
	struct bench_routes r = {0};
	int fd = open(path, O_RDONLY);
	char *bytes = malloc(CHUNK);
	uint64_t sum = 0;
	manrs_load *load;
	ssize_t got;

	if (fd < 0 || manrs_load_new(&load, NULL))
		_exit(1);
	while ((got = read(fd, bytes, CHUNK)) > 0) {
		size_t n;

		if (manrs_load_push(load, bytes, (size_t)got, NULL))
			_exit(1);
		do {
			if (r.cap - r.n < 4096)
				r.at = realloc(r.at, (r.cap = r.cap ? r.cap * 2 : 1 << 16) *
							     sizeof *r.at);
			n = manrs_load_vrps(load, r.at + r.n, NULL, r.cap - r.n);
			r.n += n;
		} while (n);
	}
	if (manrs_load_finish(load, NULL))
		_exit(1);
	for (size_t i = 0; i < r.n; i++)
		sum += (uint64_t)r.at[i].asn + r.at[i].prefix.maxlen;
	if (whole)
		commit(&r);
	tell(r.n, sum);
}

#ifdef HAVE_JANSSON
static void peer(const char *path)
{
	json_t *root = json_load_file(path, 0, NULL), *roas = json_object_get(root, "roas"), *roa;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(roas, i, roa) sum +=
		(uint64_t)(json_integer_value(json_object_get(roa, "asn")) +
			   json_integer_value(json_object_get(roa, "maxLength")));
	tell(json_array_size(roas), sum);
}
#endif

/* Run one side as a process: its seconds by the clock; those of the processor; its memory in MB. */
static double run(const char *self, const char *side, const char *path, struct told *told,
		  double *cpu, double *mb)
{
	double start = bench_now(), took;
	struct rusage usage;
	int out[2], status;
	pid_t pid;

	if (pipe(out))
		exit(1);
	pid = vfork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(self, self, side, path, (char *)NULL);
		_exit(1);
	}
	close(out[1]);
	if (read(out[0], told, sizeof *told) != sizeof *told ||
	    wait4(pid, &status, 0, &usage) != pid || status)
		exit(1);
	took = bench_now() - start;
	close(out[0]);
	*cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	*mb = (double)usage.ru_maxrss / 1024;
	return took;
}

/* The file to read: the real one unpacked, or a generated one. */
static double prepare(const char *path)
{
	size_t size = 0;
	char *bytes = bench_file("vrp/rpki-client-20250720T093135Z.json.bz2", &size);
	FILE *f = fopen(path, "wb");
	double mb;

	if (!f)
		exit(1);
	if (bytes)
		fwrite(bytes, 1, size, f);
	else {
		struct bench_routes routes = {0}, vrps = {0};

		bench_generated();
		bench_generate(900000, 160000, &routes, &vrps);
		bench_write_vrps(f, &vrps);
		free(routes.at);
		free(vrps.at);
	}
	mb = (double)ftell(f) / 1e6;
	printf("%.1f MB of JSON\n", mb);
	free(bytes);
	fclose(f);
	return mb;
}

int main(int argc, char **argv)
{
	double whole[ROUNDS], reading[ROUNDS], theirs[ROUNDS] = {0}, cpu[3][ROUNDS] = {{0}}, mb,
					       whole_mb, their_mb = 0, p;
	struct told a, b = {0};
	char path[64];
	bool same = true;

	if (argc == 3 && !strcmp(argv[1], "jansson")) {
#ifdef HAVE_JANSSON
		peer(argv[2]);
#endif
		return 1;
	}
	if (argc == 3)
		read_ours(argv[2], !strcmp(argv[1], "ours"));
	snprintf(path, sizeof path, "%s/load_bench.%d.json", P_tmpdir, (int)getpid());
	prepare(path);
	for (int i = 0; i < ROUNDS; i++) {
		whole[i] = run("/proc/self/exe", "ours", path, &a, &cpu[0][i], &whole_mb);
		reading[i] = run("/proc/self/exe", "read", path, &b, &cpu[1][i], &mb);
		same = same && a.n == b.n && a.sum == b.sum;
#ifdef HAVE_JANSSON
		theirs[i] = run("/proc/self/exe", "jansson", path, &b, &cpu[2][i], &their_mb);
		same = same && a.n == b.n && a.sum == b.sum;
#endif
	}
	unlink(path);
	printf("processor time, s: to the snapshot %.3f, reading %.3f, jansson %.3f\n",
	       bench_median(cpu[0], ROUNDS), bench_median(cpu[1], ROUNDS),
	       bench_median(cpu[2], ROUNDS));
	p = bench_median(theirs, ROUNDS);
	/* The goal itself, P11, is the command's: command_bench.c. */
	bench_most("", "library alone: JSON to a snapshot, s (jansson)",
		   bench_median(whole, ROUNDS), p, 0);
	bench_most("", "library alone: reading the records, s (jansson)",
		   bench_median(reading, ROUNDS), p, 0);
	bench_most("", "library alone: memory of the process, MB (jansson)", whole_mb, their_mb, 0);
	if (!same)
		fprintf(stderr, "load_bench: the sides saw other records\n");
	return same ? 0 : 1;
}

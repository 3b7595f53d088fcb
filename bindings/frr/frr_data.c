/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database: responses of caches, files and exceptions become snapshots, one at a time and in slices (frr_build.c), by which
 * bgpd judges from then on, and a walk over what changed. Memory of old snapshots goes back in slices too.
 */

#include "frr_manrs.h"

#include <fcntl.h>

#define RECORDS 1024 /* of a response, in a step */
#define BLOCKS  2000 /* of memory */

/* CHOICE: the sources that are gone from the configuration, the exceptions, the sources to judge by. */
enum work { REST, RESPONSE, LOAD, CHOICE };

/* What the next snapshot is made for. */
static struct {
	enum work work;
	struct choice choice;
	struct cache *cache;
	size_t run, record;
	bool drop;
	struct file *file;
	manrs_load *load;
	int fd;
	struct stat stat;
	manrs_slurm_file *slurm; /* new ones, to be judged by then */
	bool other_slurm;
} job;

static manrs_slurm_file *slurm; /* those that are judged by; NULL: none */
static uint64_t to_drop;        /* sources that are gone from the configuration */
static frr_task *t_turn, *t_retry;
static bool stopped;

bool data_busy(void)
{
	return job.work != REST || t_turn;
}

static void job_end(void)
{
	build_end();
	manrs_load_free(job.load);
	if (job.work == LOAD && job.fd >= 0)
		close(job.fd);
	manrs_slurm_file_free(job.slurm);
	memset(&job, 0, sizeof job);
	job.fd = -1;
}

/* One that says all that its source has is made on top if the source has nothing, else again. */
static int job_begin(enum work work, uint64_t whole)
{
	int rc;

	memset(&job, 0, sizeof job);
	job.fd = -1;
	job.work = work;
	job.choice =
		(struct choice){whole, frr.in_use, slurm ? manrs_slurm_file_slurm(slurm) : NULL};
	rc = build_begin(frr.filled & whole, &job.choice);
	if (rc < 0)
		job_end();
	return rc;
}

static int job_commit(void)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_db *next, *before = frr.db;
	bool had = frr.loaded;
	int rc;

	next = build_commit(&rc);
	if (!next)
		return rc;
	frr.db = next;
	frr.count.commits++;
	manrs_db_stats_get(next, &stats);
	if (stats.vrps4 || stats.vrps6 || stats.aspas)
		frr.loaded = true;
	else if (!frr.caches && !frr.files)
		frr.loaded = false;
	/* what came before the first data has no state, also where no VRP covers it; nor has what stays after the last */
	walk_start(before, next, frr.loaded != had);
	manrs_db_unref(before);
	return 0;
}

/* ---- a response ---- */

static void response_done(int code, size_t first, uint64_t records)
{
	struct cache *cache = job.cache;

	manrs_rtr_delta_done(cache->rtr, code, job.run, job.record + first, records, now_ms());
	job_end();
	cache_serve(cache);
}

/* What RFC 8210 section 12 has for it: 6, 7, or 0. */
static int wrong(const manrs_rtr_run *run, const manrs_counts *counts)
{
	if (run->op == MANRS_ADD && counts->present && !run->aspas)
		return MANRS_RTR_DUPLICATE;
	return run->op == MANRS_REMOVE && counts->unknown ? MANRS_RTR_WITHDRAWAL_OF_UNKNOWN : 0;
}

/* returns: 0; < 0: memory lacks, it is tried again */
static int response_begin(struct cache *cache, const manrs_rtr_delta *delta)
{
	bool drop = delta->flags & MANRS_RTR_DROP, whole = drop || delta->flags & MANRS_RTR_WHOLE;
	int rc;

	if (drop)
		zlog_warn("manrs: cache %s port %u has gone or expired; what it said is %s",
			  cache->host, cache->port, frr.keep ? "kept" : "dropped");
	if (drop && frr.keep) {
		job.cache = cache;
		cache->stale = true;
		response_done(MANRS_OK, 0, 0);
		return 0;
	}
	rc = job_begin(RESPONSE, whole ? UINT64_C(1) << cache->number : 0);
	if (rc < 0)
		return rc;
	job.cache = cache;
	job.drop = drop;
	return 0;
}

static int response_commit(void)
{
	struct cache *cache = job.cache;
	uint64_t bit = UINT64_C(1) << cache->number;
	int rc = job_commit();

	if (rc < 0)
		return rc;
	frr.filled = job.drop ? frr.filled & ~bit : frr.filled | bit;
	cache->stale = false;
	cache->applied_ms = now_ms();
	response_done(MANRS_OK, 0, UINT64_MAX);
	return 0;
}

/* The next records of a run. */
static void cut(manrs_rtr_run *run)
{
	if (run->vrps)
		run->vrps += job.record;
	if (run->aspas)
		run->aspas += job.record;
	if (run->keys)
		run->keys += job.record;
	run->n -= job.record;
	if (run->n > RECORDS)
		run->n = RECORDS;
}

static int response_step(void)
{
	struct cache *cache = job.cache;
	manrs_counts counts = {0};
	manrs_rtr_run all, run;
	int rc;

	if (!manrs_rtr_delta_run(cache->rtr, job.run, &all))
		return response_commit();
	run = all;
	cut(&run);
	rc = build_feed(cache->number, &run, &counts);
	if (rc < 0)
		return rc;
	rc = wrong(&run, &counts);
	if (rc) {
		zlog_warn("manrs: cache %s port %u: error %d by RFC 8210, its response is refused",
			  cache->host, cache->port, rc);
		response_done(rc, build_first(), 0);
		return 0;
	}
	job.record += run.n;
	if (job.record == all.n) {
		job.run++;
		job.record = 0;
	}
	return 0;
}

void data_forget_cache(struct cache *cache)
{
	if (job.work == RESPONSE && job.cache == cache)
		job_end();
}

void data_drop_source(uint32_t number)
{
	to_drop |= UINT64_C(1) << number;
	if (job.work == LOAD && job.file->number == number)
		job_end();
	data_kick();
}

/* ---- a file ---- */

static void load_failed(const char *why)
{
	struct file *file = job.file;

	snprintf(file->why, sizeof file->why, "%s", why);
	file->failed = true;
	zlog_warn("manrs: %s: %s; what it said before stays", file->path, why);
	job_end();
}

static int load_begin(struct file *file)
{
	uint64_t bit = UINT64_C(1) << file->number;

	file->due = false;
	if (job_begin(LOAD, bit) < 0) {
		file->due = true;
		return -1;
	}
	job.file = file;
	job.fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (job.fd < 0 || fstat(job.fd, &job.stat) < 0 || !S_ISREG(job.stat.st_mode)) {
		load_failed(job.fd < 0 ? strerror(errno) : "not a file");
		return 0;
	}
	file->as_read = (struct as_read){job.stat.st_mtim, job.stat.st_size};
	if (manrs_load_new(&job.load, NULL) < 0)
		load_failed("out of memory");
	return 0;
}

/* returns: < 0 enum manrs_error */
static int load_vrps(void)
{
	static manrs_route vrps[RECORDS];
	manrs_rtr_run run = {.op = MANRS_ADD, .vrps = vrps};
	int rc = 0;

	while (rc == 0 && (run.n = manrs_load_vrps(job.load, vrps, NULL, RECORDS)) > 0)
		rc = build_feed(job.file->number, &run, NULL);
	return rc;
}

/* At the end, all in one part: a customer may stand in several places of a file. */
static int load_aspas(void)
{
	static manrs_aspa aspas[256];
	manrs_rtr_run run = {.op = MANRS_ADD, .aspas = aspas};
	int rc = 0;

	while (rc == 0 && (run.n = manrs_load_aspas(job.load, aspas, NULL, 256)) > 0)
		rc = build_feed_on(job.file->number, &run, NULL);
	return rc;
}

static void load_finish(manrs_fault *fault)
{
	manrs_load_stats stats = {.size = sizeof stats};
	struct file *file = job.file;

	if (manrs_load_finish(job.load, fault) < 0 || load_vrps() < 0 || load_aspas() < 0) {
		load_failed(fault->what ? fault->what : "out of memory");
		return;
	}
	manrs_load_stats_get(job.load, &stats);
	if (!stats.lists) {
		load_failed("no list of VRPs or ASPAs is in it");
		return;
	}
	if (!stats.vrps && !stats.aspas && (file->vrps || file->aspas) && !file->asked) {
		load_failed("it is empty now, which `manrs reload` takes");
		return;
	}
	if (job_commit() < 0) {
		load_failed("out of memory");
		return;
	}
	frr.filled |= UINT64_C(1) << file->number;
	file->vrps = stats.vrps;
	file->aspas = stats.aspas;
	file->bad = stats.bad + stats.refused;
	file->failed = file->asked = false;
	file->read_at = time(NULL);
	job_end();
}

static void load_step(void)
{
	static char bytes[65536];
	manrs_fault fault = {0};
	ssize_t n = read(job.fd, bytes, sizeof bytes);

	if (n < 0)
		load_failed(strerror(errno));
	else if (n == 0)
		load_finish(&fault);
	else if (manrs_load_push(job.load, bytes, (size_t)n, &fault) < 0)
		load_failed(fault.what);
	else if (load_vrps() < 0)
		load_failed("out of memory");
}

/* ---- exceptions, sources that go, the choice of caches ---- */

/* returns: whether what was read is to be judged by */
static bool slurm_read(manrs_slurm_file **doc)
{
	const char *why = NULL;
	manrs_fault fault = {0};
	size_t n = 0;
	char *text = frr.slurm ? file_whole(frr.slurm, &n, &frr.slurm_as_read, &why) : NULL;

	*doc = NULL;
	*frr.slurm_why = 0;
	if (text && manrs_slurm_file_read(doc, text, n, NULL, &fault) < 0)
		why = fault.what;
	if (why) {
		snprintf(frr.slurm_why, sizeof frr.slurm_why,
			 "line %u: %s; the exceptions stay as they were", fault.line, why);
		zlog_warn("manrs: slurm %s: %s", frr.slurm, frr.slurm_why);
	}
	free(text);
	return !why;
}

static int choice_begin(void)
{
	manrs_slurm_file *doc = NULL;
	bool other = frr.slurm_due && slurm_read(&doc);
	uint64_t use = caches_in_use();
	int rc;

	if (!other && !to_drop && use == frr.in_use) {
		frr.slurm_due = false;
		return 0;
	}
	memset(&job, 0, sizeof job);
	job.fd = -1;
	job.work = CHOICE;
	job.slurm = doc;
	job.other_slurm = other;
	if (!other)
		doc = slurm;
	job.choice = (struct choice){to_drop, use, doc ? manrs_slurm_file_slurm(doc) : NULL};
	rc = build_begin(true, &job.choice);
	if (rc < 0)
		job_end();
	else
		frr.slurm_due = false;
	return rc;
}

static int choice_commit(void)
{
	int rc = job_commit();

	if (rc < 0)
		return rc;
	frr.filled &= ~job.choice.without;
	to_drop &= ~job.choice.without;
	frr.in_use = job.choice.use;
	if (job.other_slurm) {
		manrs_slurm_file_free(slurm);
		slurm = job.slurm;
		job.slurm = NULL;
	}
	job_end();
	return 0;
}

/* ---- turns ---- */

static bool step_cache(int *rc)
{
	manrs_rtr_delta delta;

	for (struct cache *c = frr.caches; c; c = c->next)
		if (c->rtr && manrs_rtr_delta_get(c->rtr, &delta)) {
			*rc = response_begin(c, &delta);
			return true;
		}
	return false;
}

static bool step_file(int *rc)
{
	for (struct file *f = frr.files; f; f = f->next)
		if (f->due) {
			*rc = load_begin(f);
			return true;
		}
	return false;
}

static int step_job(void)
{
	if (build_copying())
		return build_copy();
	if (job.work == RESPONSE)
		return response_step();
	if (job.work == CHOICE)
		return choice_commit();
	load_step();
	return 0;
}

/* returns: whether there is more to do; *rc < 0: memory lacks */
static bool step(int *rc)
{
	if (job.work != REST)
		*rc = step_job();
	else if (to_drop || frr.slurm_due)
		*rc = choice_begin();
	else if (step_cache(rc) || step_file(rc))
		return true;
	else if (caches_in_use() != frr.in_use)
		*rc = choice_begin();
	else
		return manrs_db_reclaim(frr.owner, BLOCKS) != 0;
	return true;
}

static void manrs_data(frr_task *task);

/* Memory lacked: what was begun goes on where it was if it can, else from its beginning. */
static void put_off(int rc)
{
	zlog_warn("manrs: %s; tried again in a second", manrs_strerror(rc));
	if (job.work == LOAD && job.file)
		job.file->due = true;
	frr.slurm_due |= job.other_slurm;
	if (job.work != RESPONSE || build_copying())
		job_end();
	TASK_LATER(frr.loop, manrs_data, NULL, 1000, &t_retry);
}

static void manrs_data(frr_task *task)
{
	uint64_t began = now_us();
	bool more;
	int rc = 0;

	(void)task;
	do
		more = step(&rc);
	while (more && rc >= 0 && now_us() - began < SLICE_US);
	task_took("data", began);
	if (rc < 0)
		put_off(rc);
	else if (more)
		TASK_LATER(frr.loop, manrs_data, NULL, 0, &t_turn);
}

void data_kick(void)
{
	if (!t_turn && frr.loop && !stopped)
		TASK_LATER(frr.loop, manrs_data, NULL, 0, &t_turn);
}

static void must(int rc)
{
	if (rc < 0) {
		zlog_err("manrs: %s", manrs_strerror(rc));
		exit(1);
	}
}

void data_start(void)
{
	manrs_db_config config;
	int rc;

	manrs_db_config_init(&config, sizeof config);
	config.hash_seed[0] = ((uint64_t)(uint32_t)random() << 32) ^ (uint64_t)getpid();
	config.hash_seed[1] = now_us();
	must(manrs_db_owner_new(&frr.owner, &config));
	must(build_begin(true, &(struct choice){0, UINT64_MAX, NULL}));
	frr.db = build_commit(&rc);
	must(rc);
}

void data_halt(void)
{
	stopped = true;
	job_end();
	TASK_OFF(t_turn);
	TASK_OFF(t_retry);
}

void data_stop(void)
{
	frr.loaded = false;
	manrs_slurm_file_free(slurm);
	slurm = NULL;
	manrs_db_unref(frr.db);
	frr.db = NULL;
	manrs_db_owner_free(frr.owner);
	frr.owner = NULL;
}

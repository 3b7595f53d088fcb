/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database: responses of caches, files and exceptions become edits, one at a time and in slices; each commit is a
 * snapshot by which bgpd judges from then on, and a walk over what changed. Memory of old snapshots goes back in slices too.
 */

#include "frr_manrs.h"

#include <fcntl.h>

#define RECORDS 4096 /* of a response, in a step */
#define BLOCKS  2000 /* of memory */
#define PART    8192 /* records of a first set, in a commit of its own */

enum work { REST, RESPONSE, LOAD };

/* What the open edit is for. */
static struct {
	enum work work;
	manrs_edit *edit;
	manrs_db *head; /* what the parts before have made of it, not judged by; NULL: none */
	size_t in_part;
	bool first; /* of its source */
	struct cache *cache;
	size_t run, record;
	struct file *file;
	manrs_load *load;
	int fd;
	struct stat stat;
} job;

static uint64_t to_drop; /* sources that are gone from the configuration */
static frr_task *t_turn, *t_retry;
static bool stopped;

bool data_busy(void)
{
	return job.work != REST || t_turn;
}

static void job_end(void)
{
	manrs_edit_abort(job.edit);
	manrs_db_unref(job.head);
	manrs_load_free(job.load);
	if (job.work == LOAD && job.fd >= 0)
		close(job.fd);
	memset(&job, 0, sizeof job);
	job.fd = -1;
}

static bool job_begin(enum work work)
{
	memset(&job, 0, sizeof job);
	job.fd = -1;
	if (manrs_edit_begin(&job.edit, frr.owner, frr.db) < 0)
		return false;
	job.work = work;
	return true;
}

/*
 * A first set of hundreds of thousands would take a tenth of a second to commit, and bgpd would stand still: its parts become
 * snapshots that nobody sees, each on the one before, and the last one is what is judged by. A set that replaces another is
 * one edit: its commit costs the difference.
 */
static int job_part(size_t n)
{
	manrs_db *next;
	int rc;

	job.in_part += n;
	if (job.in_part < PART)
		return 0;
	rc = manrs_edit_commit(job.edit, &next);
	if (rc < 0)
		return rc;
	manrs_db_unref(job.head);
	job.head = next;
	job.edit = NULL;
	job.in_part = 0;
	return manrs_edit_begin(&job.edit, frr.owner, next);
}

static int job_commit(void)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_db *next, *before = frr.db;
	bool had = frr.loaded;
	int rc = manrs_edit_commit(job.edit, &next);

	if (rc < 0)
		return rc;
	job.edit = NULL;
	manrs_db_unref(job.head);
	job.head = NULL;
	frr.db = next;
	frr.count.commits++;
	manrs_db_stats_get(next, &stats);
	if (stats.vrps4 || stats.vrps6 || stats.aspas)
		frr.loaded = true;
	/* what came before the first data has no state, also where no VRP covers it */
	walk_start(before, next, frr.loaded && !had);
	manrs_db_unref(before);
	return 0;
}

static bool has_records(uint32_t source)
{
	return frr.filled >> source & 1;
}

/* ---- a response ---- */

static int feed(const manrs_rtr_run *run, size_t at, size_t n, uint32_t source,
		manrs_counts *counts)
{
	int op = (int)run->op;

	if (run->vrps)
		return manrs_edit_vrps(job.edit, source, op, run->vrps + at, n, counts, NULL);
	if (run->aspas)
		return manrs_edit_aspas(job.edit, source, op, run->aspas + at, n, counts, NULL);
	return manrs_edit_keys(job.edit, source, op, run->keys + at, n, counts, NULL);
}

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
	if (delta->flags & MANRS_RTR_DROP && frr.keep) {
		job.cache = cache;
		cache->stale = true;
		zlog_warn("manrs: cache %s port %u has gone or expired; what it said is kept",
			  cache->host, cache->port);
		response_done(MANRS_OK, 0, 0);
		return 0;
	}
	if (!job_begin(RESPONSE))
		return -1;
	job.cache = cache;
	if (delta->flags & MANRS_RTR_DROP) {
		zlog_warn("manrs: cache %s port %u has gone or expired; what it said is dropped",
			  cache->host, cache->port);
		return manrs_edit_drop(job.edit, cache->number, NULL);
	}
	job.first = !has_records(cache->number);
	return delta->flags & MANRS_RTR_WHOLE && !job.first
		       ? manrs_edit_replace(job.edit, cache->number)
		       : 0;
}

static int response_step(void)
{
	struct cache *cache = job.cache;
	manrs_counts counts;
	manrs_rtr_run run;
	size_t n, first = 0;
	int rc;

	if (!manrs_rtr_delta_run(cache->rtr, job.run, &run)) {
		rc = job_commit();
		if (rc < 0)
			return rc;
		frr.filled |= UINT64_C(1) << cache->number;
		cache->stale = false;
		cache->applied_ms = now_ms();
		response_done(MANRS_OK, 0, UINT64_MAX);
		return 0;
	}
	n = run.n - job.record < RECORDS ? run.n - job.record : RECORDS;
	rc = feed(&run, job.record, n, cache->number, &counts);
	if (rc < 0)
		return rc;
	rc = wrong(&run, &counts);
	if (rc) {
		manrs_edit_first(job.edit, &first);
		zlog_warn("manrs: cache %s port %u: error %d by RFC 8210, its response is refused",
			  cache->host, cache->port, rc);
		response_done(rc, first, 0);
		return 0;
	}
	if (job.first && (rc = job_part(n)) < 0)
		return rc;
	job.record += n;
	if (job.record == run.n) {
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

static void load_begin(struct file *file)
{
	file->due = false;
	if (!job_begin(LOAD)) {
		file->due = true;
		return;
	}
	job.file = file;
	job.fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (job.fd < 0 || fstat(job.fd, &job.stat) < 0) {
		load_failed(strerror(errno));
		return;
	}
	file->changed = job.stat.st_mtim;
	file->length = job.stat.st_size;
	if (manrs_load_new(&job.load, NULL) < 0 || manrs_edit_replace(job.edit, file->number) < 0)
		load_failed("out of memory");
}

/* returns: < 0 enum manrs_error */
static int load_pull(void)
{
	static manrs_route vrps[1024];
	static manrs_aspa aspas[256];
	size_t n;
	int rc = 0;

	while (rc == 0 && (n = manrs_load_vrps(job.load, vrps, NULL, 1024)) > 0)
		rc = manrs_edit_vrps(job.edit, job.file->number, MANRS_ADD, vrps, n, NULL, NULL);
	while (rc == 0 && (n = manrs_load_aspas(job.load, aspas, NULL, 256)) > 0)
		rc = manrs_edit_aspas(job.edit, job.file->number, MANRS_ADD, aspas, n, NULL, NULL);
	return rc;
}

static void load_finish(manrs_fault *fault)
{
	manrs_load_stats stats = {.size = sizeof stats};
	struct file *file = job.file;

	if (manrs_load_finish(job.load, fault) < 0 || load_pull() < 0) {
		load_failed(fault->what ? fault->what : "out of memory");
		return;
	}
	manrs_load_stats_get(job.load, &stats);
	if (!stats.lists) {
		load_failed("no list of VRPs or ASPAs is in it");
		return;
	}
	if (job_commit() < 0) {
		load_failed("out of memory");
		return;
	}
	file->vrps = stats.vrps;
	file->aspas = stats.aspas;
	file->bad = stats.bad + stats.refused;
	file->failed = false;
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
	else if (load_pull() < 0)
		load_failed("out of memory");
}

/* ---- in one step: exceptions, sources that go, the choice of caches ---- */

static void slurm_step(void)
{
	const char *why = NULL;
	manrs_slurm_file *doc = NULL;
	manrs_fault fault = {0};
	size_t n = 0;
	char *text = frr.slurm ? file_whole(frr.slurm, &n, &why) : NULL;

	frr.slurm_due = false;
	if (frr.slurm && !why && manrs_slurm_file_read(&doc, text, n, NULL, &fault) < 0)
		why = fault.what;
	if (!why && job_begin(REST)) {
		if (manrs_edit_slurm(job.edit, doc ? manrs_slurm_file_slurm(doc) : NULL, &fault) <
			    0 ||
		    job_commit() < 0)
			why = fault.what ? fault.what : "out of memory";
		job_end();
	}
	if (why)
		zlog_warn("manrs: slurm %s: line %u: %s; the exceptions stay as they were",
			  frr.slurm ? frr.slurm : "", fault.line, why);
	manrs_slurm_file_free(doc);
	free(text);
}

static int drop_step(void)
{
	int rc = 0;

	if (!job_begin(REST))
		return -1;
	for (uint32_t source = 0; source < MANRS_SOURCES && rc >= 0; source++)
		if (to_drop >> source & 1)
			rc = manrs_edit_drop(job.edit, source, NULL);
	if (rc >= 0)
		rc = job_commit();
	if (rc >= 0) {
		frr.filled &= ~to_drop;
		to_drop = 0;
	}
	job_end();
	return rc;
}

static int use_step(uint64_t sources)
{
	int rc;

	if (!job_begin(REST))
		return -1;
	rc = manrs_edit_use(job.edit, sources);
	if (rc >= 0)
		rc = job_commit();
	if (rc >= 0)
		frr.in_use = sources;
	job_end();
	return rc;
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

static bool step_file(void)
{
	for (struct file *f = frr.files; f; f = f->next)
		if (f->due) {
			load_begin(f);
			return true;
		}
	return false;
}

/* returns: whether there is more to do; *rc < 0: memory lacks */
static bool step(int *rc)
{
	uint64_t use;

	if (job.work == RESPONSE) {
		*rc = response_step();
	} else if (job.work == LOAD) {
		load_step();
	} else if (to_drop) {
		*rc = drop_step();
	} else if (frr.slurm_due) {
		slurm_step();
	} else if (step_cache(rc) || step_file()) {
		return true;
	} else if ((use = caches_in_use()) != frr.in_use) {
		*rc = use_step(use);
	} else {
		return manrs_db_reclaim(frr.owner, BLOCKS) != 0;
	}
	return true;
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
	if (rc < 0) {
		zlog_warn("manrs: %s; tried again in a second", manrs_strerror(rc));
		if (job.work != RESPONSE)
			job_end();
		TASK_LATER(frr.loop, manrs_data, NULL, 1000, &t_retry);
	} else if (more) {
		TASK_LATER(frr.loop, manrs_data, NULL, 0, &t_turn);
	}
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

	manrs_db_config_init(&config, sizeof config);
	config.hash_seed[0] = ((uint64_t)(uint32_t)random() << 32) ^ (uint64_t)getpid();
	config.hash_seed[1] = now_us();
	must(manrs_db_owner_new(&frr.owner, &config));
	must(manrs_edit_begin(&job.edit, frr.owner, NULL));
	must(manrs_edit_commit(job.edit, &frr.db));
	memset(&job, 0, sizeof job);
	job.fd = -1;
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
	manrs_db_unref(frr.db);
	frr.db = NULL;
	manrs_db_owner_free(frr.owner);
	frr.owner = NULL;
}

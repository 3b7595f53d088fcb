/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of bgpd_manrs.so share. All of it runs on bgpd's own event loop, a slice at a time: no thread, no lock.
 *
 *     frr_cache.c     RTR: sockets and engines            frr_file.c   files of VRPs and ASPAs, SLURM, policies
 *        |    frr_lookup.c: its address, where it has a name
 *            \                                              /
 *             frr_data.c   one change at a time, in slices     frr_build.c   its snapshot, in parts
 *                  |
 *             frr_walk.c   what the difference names is processed again    frr_refresh.c   or asked for again
 *                  |                                                     frr_own.c       what bgpd originates
 *                  |
 *             frr_judge.c  an announcement of bgpd's route, its verdict
 *            /            \
 *     frr_match.c          frr_show.c, the hook for `show bgp`
 *     frr_config.c, frr_neighbor.c: the terminal
 */
#ifndef MANRS_FRR_H
#define MANRS_FRR_H

#include "frr_compat.h"

#include <manrs/manrs.h>
#include <manrs/rtr_plan.h>

#define SLICE_US 2000 /* what a task works before it yields; bgpd's other tasks wait so long */
/* between refreshes of one neighbour, unless configured: caches notify once a minute at most (RFC 8210 section 5.2) */
#define REFRESH_S       5
#define FIRST_FILE      40 /* sources below are caches, from here on files */
#define CACHE_ADDRESSES 8  /* of a name that are tried */

struct lookup;

struct cache {
	struct cache *next;
	char *host, *source, *password;
	uint16_t port;
	uint8_t preference;
	uint32_t number; /* the source in the database */
	bool by_name;
	union sockunion address; /* the last one that was tried */
	union sockunion found[CACHE_ADDRESSES];
	size_t n_found, tried;
	struct lookup *lookup; /* at work */
	char trouble[96];      /* why there is no connection; "": nothing is in its way */
	manrs_rtr *rtr;
	int fd;
	bool connecting, allowed, stale;
	uint64_t applied_ms; /* of the last response */
	uint64_t dialled_ms;
	/* until when that stands which it had before its preference changed; 0: nothing does */
	uint64_t left_ms;
	uint64_t lost_ms;  /* since when there is no session; 0: there is one */
	uint64_t quiet_ms; /* since when an answer is waited for and nothing came; 0: none is */
	uint64_t answers;  /* that there were when it was asked */
	frr_task *t_read, *t_write, *t_timer;
};

/* A file as it was when it was read last: another one is read again. */
struct as_read {
	struct timespec changed;
	off_t length;
};

struct file {
	struct file *next;
	char *path;
	uint32_t number;
	struct as_read as_read;
	time_t read_at;
	uint64_t vrps, aspas, bad;
	bool due, failed;
	bool asked; /* by the operator, who takes an empty one too */
	char why[160];
};

/* A policy as a file, with its text when it was good last. */
struct policy {
	struct policy *next;
	char *path, *text;
	size_t n;
	bool for_all;  /* names no role */
	char why[300]; /* it could not be read; "": it was */
};

struct counters {
	uint64_t commits, changes, reprocessed, advertised, originated, refreshes, refreshes_held,
		walks;
	uint64_t judged, longest_us;
	const char *longest;
};

struct manrs_frr {
	frr_loop *loop;
	manrs_db_owner *owner;
	manrs_db *db; /* what is judged by */
	bool loaded;  /* something was there once */
	struct cache *caches;
	struct file *files;
	struct policy *policy_list;
	char *slurm;
	bool slurm_due;
	struct as_read slurm_as_read;
	char slurm_why[200];                 /* it could not be read; "": it was */
	uint32_t local_as, refresh_s, guard; /* percent; 0: none */
	int mode;                            /* enum manrs_rtr_mode */
	bool keep, debug;
	uint64_t filled; /* sources that have records, or may have */
	uint64_t in_use; /* sources that are judged by */
	struct counters count;
};

extern struct manrs_frr frr;

#define DEBUG(...)                                         \
	do {                                               \
		if (frr.debug)                             \
			zlog_debug("manrs: " __VA_ARGS__); \
	} while (0)

/* frr_module.c */
uint64_t now_ms(void);
uint64_t now_us(void);
/* A task ends that began then: the longest one is kept. */
void task_took(const char *name, uint64_t began_us);
char *text_copy(const char *text);
bool texts_equal(const char *a, const char *b); /* NULL equals NULL */

/* frr_data.c */
void data_start(void);
void data_halt(void); /* no more edits; what was committed answers until data_stop */
void data_stop(void);
void data_kick(void);                        /* there may be something to do */
void data_forget_cache(struct cache *cache); /* its open job is thrown away */
void data_drop_source(uint32_t number);      /* what it had is taken out */
bool data_busy(void);

/* frr_build.c */
struct choice {
	uint64_t without; /* sources that are not taken over */
	uint64_t use;     /* sources to judge by */
	const manrs_slurm *slurm;
};
/* again: from nothing, under this choice, else on top of what is judged by. returns: < 0: memory lacks, nothing is begun */
int build_begin(bool again, const struct choice *choice);
bool build_copying(void); /* first there is something to copy: */
int build_copy(void);     /* some of it */
int build_feed(uint32_t source, const manrs_rtr_run *run, manrs_counts *counts);
/* The same in the part that is at work: what one edit is fed of a customer's ASPA is one list. */
int build_feed_on(uint32_t source, const manrs_rtr_run *run, manrs_counts *counts);
size_t build_first(void); /* manrs_edit_first */
manrs_db *build_commit(int *rc);
void build_end(void);

/* frr_cache.c */
struct cache *cache_find(const char *host, uint16_t port);
struct cache *cache_add(const char *host, uint16_t port);
/* Start it, or start it again with another preference or guard. returns: what is wrong, NULL if nothing */
const char *cache_restart(struct cache *cache);
void cache_redial(
	struct cache *cache); /* at once, with another source or password; its session goes on */
void cache_remove(struct cache *cache);
void cache_serve(struct cache *cache); /* what the engine wants now */
void caches_plan(void);
uint64_t caches_in_use(void);
void caches_stop(void);
/* What was looked up: n addresses, or why there is none. */
void cache_found(struct cache *cache, const union sockunion *list, size_t n, const char *why);

/* frr_lookup.c */
bool name_is_good(const char *name);
/* cache_found() is called once, later, unless it is forgotten. returns: what is wrong, NULL if nothing */
const char *lookup_start(struct cache *cache);
void lookup_forget(struct cache *cache);
void lookups_stop(void);

/* frr_file.c */
struct file *file_add(const char *path);
void file_remove(struct file *file);
void files_look(void); /* those that have changed are due */
void files_start(void);
void files_stop(void);
/* as_read may be NULL. returns: the bytes of a small file, to be freed; NULL with *why */
char *file_whole(const char *path, size_t *n, struct as_read *as_read, const char **why);

/* frr_policy.c */
void policies_read(struct vty *vty);
const manrs_policy *policy_of(int role);
uint64_t policy_named(int role);
void policy_free(struct policy *policy);
void policies_stop(void);

/* frr_neighbor.c */
void neighbors_start(void);
void neighbors_stop(void);
/* What the peer is to us: as configured, by its group, by its RFC 9234 role. */
int neighbor_role(const struct peer *peer);
/* All that bgpd has from neighbours is judged again: another policy, another local AS. */
void neighbors_again(void);
/* What goes out to it is judged: not together with others. */
void neighbor_alone(const struct peer *peer);

/* frr_judge.c */
/* What we are to that neighbour: its paths on their way out begin with it. */
uint32_t local_as_of(const struct peer *peer);
bool prefix_of(manrs_prefix *to, const struct prefix *from);
/* FRR's hook: enum rpki_states. */
int judge_hook(struct peer *peer, struct attr *attr, const struct prefix *prefix);
int judge_rov(const manrs_db *db, const struct peer *peer, const struct attr *attr,
	      const struct prefix *prefix);
/* Everything about a route of bgpd's, for the library. Borrowed until the next one. */
struct question {
	manrs_announcement announcement;
	manrs_policy policy;
	uint64_t tests; /* that can be told at all: by role and data */
};
void judge_ask(struct question *question, const struct bgp_path_info *path,
	       const struct prefix *prefix);
/* returns: of one test: 1 pass, 2 fail, 3 unknown */
int judge_test(const struct bgp_path_info *path, const struct prefix *prefix, int test);
uint64_t judge_failed(const struct bgp_path_info *path, const struct prefix *prefix);

/* frr_match.c */
void match_start(void);
bool match_is_in(const struct route_map *map, int depth);
bool match_manrs_is_in(
	const struct route_map *map); /* one whose answer is the neighbour's: no `match rpki` */

/* frr_walk.c */
void walk_init(void);
/* What the difference names is processed again, or all routes; takes a reference of each. */
void walk_start(manrs_db *from, manrs_db *to, bool all);
bool walk_busy(void);
void walk_stop(void);
/* What the table has at a prefix, also a route of which there is nothing but what was received: to be unlocked. */
struct bgp_dest *dest_at(struct bgp_table *table, const struct prefix *prefix);
struct recent {
	manrs_change change;
	time_t at;
};
size_t walk_recent(const struct recent **list, size_t *first);

/* frr_refresh.c */
void refresh_all(bool v4, bool v6);
void refresh_show(struct vty *vty, json_object *json);
void refresh_stop(void);

/* frr_own.c */
void own_network(struct bgp *bgp, struct bgp_dest *dest, afi_t afi, safi_t safi);
void own_aggregate(struct bgp *bgp, struct bgp_dest *dest, afi_t afi, safi_t safi);
void own_again(bool v4, bool v6);
void own_stop(void);

/* frr_config.c, frr_show.c */
void config_start(void);
void show_start(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event loop of the kind that routing daemons have: one thread, and no task may block or take long. Truth comes from an
 * RTR cache over a descriptor; each task does a bounded piece of work and yields.
 *
 *     readable    read what is there, and give it to the engine
 *     response    a slice of the response that waits goes into an edit; the last one publishes it
 *     changes     pull some of the difference, judge the routes of the RIB that lie under it once more
 *     reclaim     a slice of the memory of old snapshots
 *
 * The cache is at the other end of a socket pair, and its clock stands still: a daemon's engine has a clock and a deadline,
 * as rtr_client.c shows.
 */

#include <fcntl.h>
#include <manrs/db_source.h>
#include <manrs/rov.h>
#include <manrs/rtr.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLICE 2 /* records and changes a turn; a daemon takes some hundreds */

struct daemon {
	int fd, cache;
	manrs_rtr *rtr;
	manrs_db_owner *owner;
	manrs_edit *edit;
	size_t run, record;    /* of the response: the next one to feed */
	manrs_db *db, *judged; /* the newest; what the RIB's states are from */
	manrs_db *target;      /* what the walk over changes goes to; NULL: none at work */
	manrs_cursor cursor;
};

static struct {
	const char *text;
	int state;
} rib[] = {{"192.0.2.0/24 AS64496", 0},
	   {"192.0.2.0/25 AS64496", 0},
	   {"198.51.100.0/24 AS64497", 0},
	   {"203.0.113.0/24 AS64498", 0},
	   {"2001:db8:1::/48 AS64499", 0}};

/* What the cache says to a Reset Query, and that there is more; and to the Serial Query that follows. */
static const uint8_t all[] = {
	1, 3, 0,  7,  0, 0, 0,   8,                                                    /* */
	1, 4, 0,  0,  0, 0, 0,   20,  1, 24, 24, 0, 192, 0,  2,   0,   0, 0, 251, 240, /* */
	1, 4, 0,  0,  0, 0, 0,   20,  1, 22, 24, 0, 198, 51, 100, 0,   0, 0, 251, 244, /* */
	1, 6, 0,  0,  0, 0, 0,   32,  1, 32, 48, 0, 32,  1,  13,  184, 0, 0, 0,   0,
	0, 0, 0,  0,                  /* */
	0, 0, 0,  0,  0, 0, 251, 243, /* */
	1, 7, 0,  7,  0, 0, 0,   24,  0, 0,  0,  1, 0,   0,  14,  16,  0, 0, 2,   88,
	0, 0, 28, 32, /* */
	1, 0, 0,  7,  0, 0, 0,   12,  0, 0,  0,  2};
static const uint8_t difference[] = {
	1, 3, 0, 7, 0, 0, 0, 8,                                                  /* */
	1, 4, 0, 0, 0, 0, 0, 20, 0, 22, 24, 0, 198, 51, 100, 0,  0, 0, 251, 244, /* */
	1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 24, 0, 203, 0,  113, 0,  0, 0, 0,   0,   /* */
	1, 7, 0, 7, 0, 0, 0, 24, 0, 0,  0,  2, 0,   0,  14,  16, 0, 0, 2,   88,  0, 0, 28, 32};

/* The cache, which hangs up after its second answer. */
static int answer(int fd)
{
	uint8_t query[12];

	if (read(fd, query, sizeof query) < 8)
		return -1;
	if (query[1] == 2)
		return write(fd, all, sizeof all) < 0 ? -1 : 0;
	return write(fd, difference, sizeof difference) < 0 ? -1 : shutdown(fd, SHUT_WR);
}

/* ---- task: bytes ---- */

/* Read a little, whatever there is, and write what is to be written. returns: -1 at the end. */
static int on_socket(struct daemon *d, int readable)
{
	const uint8_t *out;
	uint8_t in[48];
	ssize_t n = readable ? read(d->fd, in, sizeof in) : 0;

	if (readable && n <= 0) {
		manrs_rtr_closed(d->rtr, 0);
		return -1;
	}
	if (n > 0)
		manrs_rtr_input(d->rtr, in, (size_t)n, 0, NULL);
	n = (ssize_t)manrs_rtr_output(d->rtr, &out);
	if (n > 0 && (n = write(d->fd, out, (size_t)n)) > 0)
		manrs_rtr_sent(d->rtr, (size_t)n);
	return 0;
}

/* ---- task: some records ---- */

static int commit(struct daemon *d)
{
	manrs_db *db;

	if (manrs_edit_commit(d->edit, &db) < 0)
		return -1; /* out of memory: the edit is still there, so this can be tried again later */
	d->edit = NULL;
	manrs_db_unref(d->db);
	d->db = db;
	puts("committed");
	return manrs_rtr_delta_done(d->rtr, MANRS_OK, 0, 0, UINT64_MAX, 0);
}

static int begin(struct daemon *d, const manrs_rtr_delta *delta)
{
	d->run = d->record = 0;
	if (manrs_edit_begin(&d->edit, d->owner, d->db) < 0)
		return -1;
	return delta->flags & MANRS_RTR_DROP    ? manrs_edit_drop(d->edit, delta->source, NULL)
	       : delta->flags & MANRS_RTR_WHOLE ? manrs_edit_replace(d->edit, delta->source)
						: 0;
}

/* The cache was wrong: the response is thrown away, and the engine says so. ASPAs and router keys are left out here. */
static void refuse(struct daemon *d, int code)
{
	size_t first = 0;

	manrs_edit_first(d->edit, &first);
	manrs_edit_abort(d->edit);
	d->edit = NULL;
	manrs_rtr_delta_done(d->rtr, code, d->run, d->record + first, 0, 0);
}

/* returns: whether there is more to do, < 0: not now */
static int on_response(struct daemon *d)
{
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	manrs_counts counts;
	size_t n;

	if (!manrs_rtr_delta_get(d->rtr, &delta))
		return 0;
	if (!d->edit && begin(d, &delta) < 0)
		return -1;
	if (!manrs_rtr_delta_run(d->rtr, d->run, &run))
		return commit(d) < 0 ? -1 : 1;
	n = run.n - d->record < SLICE ? run.n - d->record : SLICE;
	if (manrs_edit_vrps(d->edit, delta.source, (int)run.op, run.vrps + d->record, n, &counts,
			    NULL) < 0)
		return -1;
	if (counts.present || counts.unknown) {
		refuse(d, counts.present ? MANRS_RTR_DUPLICATE : MANRS_RTR_WITHDRAWAL_OF_UNKNOWN);
		return 1;
	}
	d->record += n;
	if (d->record == run.n) {
		d->run++;
		d->record = 0;
	}
	return 1;
}

/* ---- task: some changes ---- */

static void judge_under(const manrs_prefix *changed, const manrs_db *db)
{
	for (size_t i = 0; i < sizeof rib / sizeof *rib; i++) {
		manrs_route r;
		int state;

		manrs_route_parse(&r, rib[i].text, strlen(rib[i].text), NULL);
		if (!manrs_prefix_covers(changed, &r.prefix))
			continue;
		state = manrs_rov_check(db, &r);
		if (state != rib[i].state)
			printf("%s: %s, was %s\n", rib[i].text, manrs_rov_text(state),
			       manrs_rov_text(rib[i].state));
		rib[i].state = state;
	}
}

/* returns: whether there is more to do */
static int on_changes(struct daemon *d)
{
	manrs_change change[SLICE];
	size_t n;

	if (!d->target && d->db == d->judged)
		return 0;
	if (!d->target) {
		manrs_db_ref(d->db); /* commits may go on while we walk */
		d->target = d->db;
		d->cursor = (manrs_cursor){{0}};
	}
	n = manrs_db_diff(d->judged, d->target, &d->cursor, change, SLICE);
	for (size_t i = 0; i < n; i++)
		judge_under(&change[i].prefix, d->target);
	if (n < SLICE) {
		manrs_db_unref(d->judged);
		d->judged = d->target;
		d->target = NULL;
	}
	return d->db != d->judged;
}

static int run(struct daemon *d)
{
	int open = 1, more = 1;

	while (open || more) {
		struct pollfd p[2] = {{.fd = open ? d->fd : -1, .events = POLLIN},
				      {.fd = d->cache, .events = POLLIN}};

		if (poll(p, 2, more ? 0 : -1) < 0)
			return 1;
		if (p[1].revents && answer(d->cache) < 0)
			return 1;
		if (open)
			open = on_socket(d, p[0].revents) == 0;
		more = (on_response(d) > 0) | on_changes(d) | manrs_db_reclaim(d->owner, 64);
		if (open)
			open = on_socket(d, 0) == 0;
	}
	manrs_rtr_free(d->rtr);
	manrs_edit_abort(d->edit);
	manrs_db_unref(d->db);
	manrs_db_unref(d->judged);
	return manrs_db_owner_free(d->owner) < 0;
}

int main(void)
{
	struct daemon d = {0};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0 || manrs_rtr_new(&d.rtr, NULL) < 0 ||
	    manrs_db_owner_new(&d.owner, NULL) < 0 ||
	    manrs_edit_begin(&d.edit, d.owner, NULL) < 0 || manrs_edit_commit(d.edit, &d.db) < 0)
		return 1;
	d.fd = pair[0];
	d.cache = pair[1];
	d.edit = NULL;
	manrs_db_ref(d.db);
	d.judged = d.db;
	manrs_rtr_tick(d.rtr, 0);
	manrs_rtr_opened(d.rtr, 0);
	return run(&d);
}

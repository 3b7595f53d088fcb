/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event loop of the kind that routing daemons have: one thread, and no task may block or take long. Truth comes in
 * over a descriptor, line by line; each task does a bounded piece of work and yields.
 *
 *     readable    read what is there, gather whole lines in an edit; "commit" publishes it
 *     changes     pull some of the difference, judge the routes of the RIB that lie under it once more
 *     reclaim     a slice of the memory of old snapshots
 *
 * Lines: "+ PREFIX MAXLEN ASN", "- PREFIX MAXLEN ASN", "commit".
 */

#include <fcntl.h>
#include <manrs/rov.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SLICE 2 /* changes a turn; a daemon takes some hundreds */

struct daemon {
	int fd;
	char line[128];
	size_t n;
	manrs_db_owner *owner;
	manrs_edit *edit;
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

static const char feed[] =
	"+ 192.0.2.0/24 24 64496\n+ 198.51.100.0/22 24 64500\n+ 2001:db8::/32 48 64499\ncommit\n"
	"- 198.51.100.0/22 24 64500\n+ 203.0.113.0/24 24 0\ncommit\n";

/* ---- task: a line ---- */

static int commit(struct daemon *d)
{
	manrs_db *db;

	if (manrs_edit_commit(d->edit, &db) < 0)
		return -1; /* out of memory: the edit is still there, so this can be tried again later */
	d->edit = NULL;
	manrs_db_unref(d->db);
	d->db = db;
	puts("committed");
	return 0;
}

static int take_line(struct daemon *d, const char *line)
{
	unsigned maxlen, asn;
	char op, prefix[64];
	manrs_route vrp;

	if (!d->edit && manrs_edit_begin(&d->edit, d->owner, d->db) < 0)
		return -1;
	if (!strcmp(line, "commit"))
		return commit(d);
	if (sscanf(line, "%c %63s %u %u", &op, prefix, &maxlen, &asn) != 4 ||
	    manrs_prefix_parse(&vrp.prefix, prefix, strlen(prefix), NULL) < 0)
		return -1;
	vrp.prefix.maxlen = (uint8_t)maxlen;
	vrp.asn = asn;
	return manrs_edit_vrps(d->edit, 0, op == '+' ? MANRS_ADD : MANRS_REMOVE, &vrp, 1, NULL,
			       NULL);
}

/* Read a little, whatever there is. returns: -1 at the end. */
static int on_readable(struct daemon *d)
{
	char bytes[48];
	ssize_t got = read(d->fd, bytes, sizeof bytes);

	for (ssize_t i = 0; i < got; i++) {
		d->line[d->n] = bytes[i] == '\n' ? 0 : bytes[i];
		if (d->line[d->n])
			d->n += d->n < sizeof d->line - 1;
		else if (d->n = 0, take_line(d, d->line) < 0)
			return -1;
	}
	return got > 0 ? 0 : -1;
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
		struct pollfd p = {.fd = open ? d->fd : -1, .events = POLLIN};

		if (poll(&p, 1, more ? 0 : -1) < 0)
			return 1;
		if (p.revents)
			open = on_readable(d) == 0;
		more = on_changes(d) | manrs_db_reclaim(d->owner, 64);
	}
	manrs_edit_abort(d->edit);
	manrs_db_unref(d->db);
	manrs_db_unref(d->judged);
	return manrs_db_owner_free(d->owner) < 0;
}

int main(void)
{
	struct daemon d = {0};
	int pipe_fd[2];

	if (pipe(pipe_fd) < 0 || write(pipe_fd[1], feed, sizeof feed - 1) < 0 ||
	    close(pipe_fd[1]) < 0)
		return 1;
	d.fd = pipe_fd[0];
	if (fcntl(d.fd, F_SETFL, O_NONBLOCK) < 0 || manrs_db_owner_new(&d.owner, NULL) < 0 ||
	    manrs_edit_begin(&d.edit, d.owner, NULL) < 0 || manrs_edit_commit(d.edit, &d.db) < 0)
		return 1;
	d.edit = NULL;
	manrs_db_ref(d.db);
	d.judged = d.db;
	return run(&d);
}

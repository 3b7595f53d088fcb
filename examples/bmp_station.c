/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A BMP station: PORT, where one router connects (`bmp targets` of FRR, `bmp-servers` of GoBGP). The reader makes events of
 * its bytes; every route that a neighbour announces is judged, and what a policy refuses is printed with its reasons. The VRP is
 * in this file; a station takes them from a file (manrs/load.h) or from RTR (rtr_client.c).
 */

#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <manrs/bmp.h>
#include <manrs/explain.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int load(manrs_db_owner *owner, manrs_db **db)
{
	manrs_route vrp = {.asn = 65000001};
	manrs_edit *edit;

	manrs_prefix_parse(&vrp.prefix, "193.0.0.0/21", 12, NULL);
	return manrs_edit_begin(&edit, owner, NULL) ||
	       manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL) ||
	       manrs_edit_commit(edit, db);
}

/* Port 0: a free one, told on the first line. returns: the router's socket */
static int wait_for_router(const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	socklen_t n = sizeof at;
	int listening = socket(AF_INET, SOCK_STREAM, 0), fd;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listening < 0 || bind(listening, (struct sockaddr *)&at, n) < 0 ||
	    listen(listening, 1) < 0 || getsockname(listening, (struct sockaddr *)&at, &n) < 0)
		return -1;
	printf("port %u\n", ntohs(at.sin_port));
	fflush(stdout);
	fd = accept(listening, NULL, NULL);
	close(listening);
	return fd;
}

static void print_refused(const manrs_db *db, const manrs_policy *policy,
			  const manrs_announcement *a, const manrs_verdict *verdict)
{
	char prefix[MANRS_PREFIX_TEXT], why[MANRS_EXPLAIN_MAX];

	manrs_prefix_format(&a->prefix, prefix, sizeof prefix);
	printf("AS%u announces %s: refused\n", (unsigned)a->neighbour_asn, prefix);
	for (int test = 0; test < MANRS_TESTS; test++)
		if (verdict->fail & MANRS_TEST_BIT(test) &&
		    manrs_explain(db, policy, a, test, why, sizeof why) > 0)
			printf("    %s\n", why);
}

/* What the neighbours announce, before the router's own policy; not what it sends, nor what it chose. */
static void judge(manrs_bmp *bmp, const manrs_bmp_event *e, const manrs_db *db,
		  manrs_policy *policy)
{
	manrs_bmp_peer peer = {.size = sizeof peer};
	manrs_announcement a[64];
	manrs_verdict verdict[64];
	size_t n;

	if (e->view & (MANRS_BMP_POST_POLICY | MANRS_BMP_OUT | MANRS_BMP_LOC_RIB))
		return;
	manrs_bmp_peer_get(bmp, e->peer, &peer);
	policy->local_as = peer.local_asn;
	while ((n = manrs_bmp_announced(bmp, a, NULL, 64)) > 0) {
		manrs_check(db, policy, a, n, verdict);
		for (size_t i = 0; i < n; i++)
			if (verdict[i].fail)
				print_refused(db, policy, &a[i], &verdict[i]);
	}
}

static void show(manrs_bmp *bmp, const manrs_bmp_event *e, const manrs_db *db, manrs_policy *policy)
{
	manrs_bmp_peer peer = {.size = sizeof peer};

	if (e->peer != UINT32_MAX)
		manrs_bmp_peer_get(bmp, e->peer, &peer);
	if (e->kind == MANRS_BMP_INITIATION)
		printf("router %s\n", manrs_bmp_system(bmp, 2));
	else if (e->kind == MANRS_BMP_PEER_UP)
		printf("AS%u is up\n", (unsigned)peer.asn);
	else if (e->kind == MANRS_BMP_PEER_DOWN)
		printf("AS%u is down, reason %u\n", (unsigned)peer.asn, (unsigned)e->reason);
	else if (e->kind == MANRS_BMP_ROUTES)
		judge(bmp, e, db, policy);
	else if (e->kind == MANRS_BMP_BAD)
		printf("a message that cannot be read: %s\n", e->fault.what);
}

/* Until the router hangs up. returns: MANRS_OK, or why the stream cannot be read on */
static int listen_to(int fd, manrs_bmp *bmp, const manrs_db *db, manrs_policy *policy)
{
	static uint8_t in[1 << 20]; /* the longest message that the reader takes */
	const manrs_bmp_event *e;
	size_t have = 0, need;
	ssize_t n;
	int used;

	while ((n = read(fd, in + have, sizeof in - have)) > 0) {
		size_t at = 0;

		have += (size_t)n;
		while ((used = manrs_bmp_decode(bmp, &e, in + at, have - at, &need, NULL)) > 0) {
			show(bmp, e, db, policy);
			at += (size_t)used;
		}
		if (used < 0)
			return used;
		memmove(in, in + at, have -= at);
	}
	return MANRS_OK;
}

int main(int argc, char **argv)
{
	manrs_policy policy;
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_bmp *bmp;
	int fd, rc;

	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PEER);
	if (argc < 2 || manrs_db_owner_new(&owner, NULL) || load(owner, &db) ||
	    manrs_bmp_new(&bmp, NULL) || (fd = wait_for_router(argv[1])) < 0)
		return 2;
	rc = listen_to(fd, bmp, db, &policy);
	if (rc < 0)
		printf("%s\n", manrs_strerror(rc));
	close(fd);
	manrs_bmp_free(bmp);
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) || rc < 0;
}

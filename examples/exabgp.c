/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process for ExaBGP: what a neighbour announces is judged by origin and path, and passed on to the others or not.
 *
 *     process judge { run exabgp VRPS ROLE LOCAL-AS [TO]; encoder json; }
 *
 *     a JSON line on stdin -> manrs_check -> "announce route ..." or "withdraw route ..." on stdout, why on stderr
 *
 * VRPS: a file of VRPs and ASPAs; ROLE: what the neighbour is to us; TO: the neighbour that gets the routes (else all).
 * ExaBGP's own encoder wrote the lines, so they are read by their keys, in order, without a JSON library.
 */

#include <manrs/manrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static manrs_owner *owner;
static manrs_db *db;
static manrs_policy policy;
static manrs_announcement route;
static char line[1 << 20];
static uint32_t asn[sizeof line / 2]; /* a hop takes two bytes of a line or more */
static uint8_t kind[sizeof line / 2];
static char next_hop[64]; /* as ExaBGP wrote it */
static char to[80];	  /* "neighbor ADDRESS " or nothing */

/* A file of VRPs and ASPAs as the first snapshot. */
static int load(const char *name)
{
	static char bytes[65536];
	FILE *file = fopen(name, "rb");
	manrs_fault fault = {0};
	manrs_edit *edit;
	manrs_load *in;

	if (!file || manrs_owner_new(&owner, NULL) || manrs_edit_begin(&edit, owner, NULL) ||
	    manrs_load_new(&in, NULL))
		return -1;
	for (size_t n = sizeof bytes; n > 0;) {
		manrs_route vrps[256];
		manrs_aspa aspas[256];

		n = fread(bytes, 1, sizeof bytes, file);
		if (n ? manrs_load_push(in, bytes, n, &fault) : manrs_load_finish(in, &fault)) {
			fprintf(stderr, "%s:%u: %s\n", name, (unsigned)fault.line, fault.what);
			return -1;
		}
		for (size_t got; (got = manrs_load_vrps(in, vrps, NULL, 256)) > 0;)
			manrs_edit_vrps(edit, 0, MANRS_ADD, vrps, got, NULL, NULL);
		for (size_t got; (got = manrs_load_aspas(in, aspas, NULL, 256)) > 0;)
			manrs_edit_aspas(edit, 0, MANRS_ADD, aspas, got, NULL, NULL);
	}
	manrs_load_free(in);
	fclose(file);
	return manrs_edit_commit(edit, &db);
}

/* The numbers of the JSON array behind a key, if the line has it: a segment of the path. */
static void segment(const char *key, uint8_t type)
{
	const char *at = strstr(line, key);
	char *end;

	for (at = at ? at + strlen(key) : "";; at = end + (*end == ',')) {
		asn[route.path.n] = (uint32_t)strtoul(at, &end, 10);
		if (end == at)
			return;
		kind[route.path.n++] = at[-1] == '[' ? type | MANRS_SEGMENT_START : type;
	}
}

static void read_path(void)
{
	const char *us = strstr(line, "\"asn\":"), *peer = us ? strstr(us, "\"peer\": ") : NULL;

	route = (manrs_announcement){.path = {asn, kind, 0, 0}};
	route.neighbour_asn = peer ? (uint32_t)strtoul(peer + 8, NULL, 10) : 0;
	segment("\"confederation-path\": [", MANRS_SEGMENT_CONFED_SEQUENCE);
	segment("\"as-path\": [", MANRS_SEGMENT_SEQUENCE);
	segment("\"as-set\": [", MANRS_SEGMENT_SET);
}

static void judge(const char *prefix, int withdrawn)
{
	manrs_verdict v = {0};
	char why[MANRS_EXPLAIN_MAX];
	const char *state;

	if (manrs_prefix_parse(&route.prefix, prefix, strlen(prefix), NULL))
		return;
	if (!withdrawn)
		manrs_check(db, &policy, &route, 1, &v);
	state = withdrawn ? "withdrawn" : v.fail ? "refused" : "accepted";
	if (withdrawn || v.fail)
		printf("%swithdraw route %s\n", to, prefix);
	else
		printf("%sannounce route %s next-hop %s\n", to, prefix, next_hop);
	fprintf(stderr, "%s %s\n", prefix, state);
	for (int test = 0; test < MANRS_TESTS; test++)
		if (v.fail & MANRS_TEST_BIT(test) &&
		    manrs_explain(db, &policy, &route, test, why, sizeof why) > 0)
			fprintf(stderr, "    %s: %s\n", manrs_test_text(test), why);
	fflush(stdout);
}

/* Every string of the line in order: keys tell where we are, and "nlri" is followed by a prefix. */
static void update(void)
{
	char *at = strstr(line, "\"update\": {"), *end;
	int withdrawn = 0, unicast = 0, nlri = 0;

	read_path();
	for (; at && (at = strchr(at, '"')) && (end = strchr(++at, '"')); at = end + 1) {
		*end = '\0';
		if (end[1] != ':') {
			if (nlri && unicast)
				judge(at, withdrawn);
			continue;
		}
		nlri = !strcmp(at, "nlri");
		if (!strcmp(at, "announce") || !strcmp(at, "withdraw"))
			withdrawn = *at == 'w';
		else if (strchr(at, ' ')) /* a family */
			unicast = strstr(at, " unicast") != NULL;
		else if (!strncmp(end + 1, ": [", 3) && strlen(at) < sizeof next_hop)
			strcpy(next_hop, at);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4 || manrs_policy_init(&policy, manrs_role_parse(argv[2], strlen(argv[2]))) ||
	    load(argv[1])) {
		fprintf(stderr, "exabgp VRPS customer|peer|provider|rs|rs-client LOCAL-AS [TO]\n");
		return 2;
	}
	policy.local_as = (uint32_t)strtoul(argv[3], NULL, 10);
	policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
		       MANRS_TEST_BIT(MANRS_TEST_PATH_LOOP) | MANRS_TEST_BIT(MANRS_TEST_PATH_SET) |
		       MANRS_TEST_BIT(MANRS_TEST_FIRST_AS);
	if (argc > 4)
		snprintf(to, sizeof to, "neighbor %s ", argv[4]);
	while (fgets(line, sizeof line, stdin))
		if (strstr(line, "\"direction\": \"receive\""))
			update();
	manrs_db_unref(db);
	return manrs_owner_free(owner) < 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process for ExaBGP that stands between a neighbour and everybody else: what the neighbour announces is judged by its
 * origin and its path, and passed on or withdrawn.
 *
 *     process judge { run exabgp VRPS ROLE LOCAL-AS [TO]; encoder json; }
 *
 *     a JSON line a message on stdin -> manrs_check -> "announce route ..." or "withdraw route ..." on stdout,
 *                                                       a verdict a route on stderr
 *
 * VRPS: a file of VRPs and ASPAs; ROLE: what the neighbour is to us; TO: the neighbour that gets the routes (else all).
 * ExaBGP's own encoder wrote the lines, so they are read by their keys, in order, without a JSON library.
 */

#include <manrs/manrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct judge {
	manrs_owner *owner;
	manrs_db *db;
	manrs_policy policy;
	manrs_announcement route; /* of the line: neighbour and path */
	uint32_t asn[4096];
	uint8_t kind[4096];
	char hop[64]; /* next hop, as ExaBGP wrote it */
	char to[80];  /* "neighbor ADDRESS " or nothing */
};

/* A file of VRPs and ASPAs as the first snapshot. */
static int load(struct judge *j, const char *name)
{
	static char bytes[65536];
	FILE *file = fopen(name, "rb");
	manrs_fault fault = {0};
	manrs_edit *edit;
	manrs_load *in;
	size_t n;

	if (!file || manrs_owner_new(&j->owner, NULL) || manrs_edit_begin(&edit, j->owner, NULL) ||
	    manrs_load_new(&in, NULL))
		return -1;
	do {
		manrs_route vrps[256];
		manrs_aspa aspas[256];

		n = fread(bytes, 1, sizeof bytes, file);
		if (n ? manrs_load_push(in, bytes, n, &fault) : manrs_load_finish(in, &fault)) {
			fprintf(stderr, "%s: line %u: %s\n", name, (unsigned)fault.line,
				fault.what);
			return -1;
		}
		for (size_t got; (got = manrs_load_vrps(in, vrps, NULL, 256)) > 0;)
			manrs_edit_vrps(edit, 0, MANRS_ADD, vrps, got, NULL, NULL);
		for (size_t got; (got = manrs_load_aspas(in, aspas, NULL, 256)) > 0;)
			manrs_edit_aspas(edit, 0, MANRS_ADD, aspas, got, NULL, NULL);
	} while (n);
	manrs_load_free(in);
	fclose(file);
	return manrs_edit_commit(edit, &j->db);
}

/* The numbers of a JSON array behind a key, as a piece of a path's text between two brackets. */
static void append(char *path, size_t cap, const char *line, const char *key, const char *brackets)
{
	const char *at = strstr(line, key);
	size_t n = strlen(path), digits = at ? strspn(at += strlen(key), "0123456789, ") : 0;

	if (!digits || strspn(at, " ") == digits)
		return;
	snprintf(path + n, cap - n, " %c%.*s%c", brackets[0], (int)digits, at, brackets[1]);
	for (char *comma = path + n; (comma = strchr(comma, ',')) != NULL;)
		*comma = ' ';
}

static void read_path(struct judge *j, const char *line)
{
	static char path[sizeof j->asn * 4];
	const char *asn = strstr(line, "\"asn\":"), *peer = asn ? strstr(asn, "\"peer\": ") : NULL;

	*path = '\0';
	append(path, sizeof path, line, "\"confederation-path\": [", "()");
	append(path, sizeof path, line, "\"as-path\": [", "  ");
	append(path, sizeof path, line, "\"as-set\": [", "{}");
	memset(&j->route, 0, sizeof j->route);
	j->route.neighbour_asn = peer ? (uint32_t)strtoul(peer + 8, NULL, 10) : 0;
	if (manrs_path_parse(&j->route.path, j->asn, j->kind, 4096, path, strlen(path), NULL))
		j->route.flags |= MANRS_ANNOUNCE_MALFORMED;
}

static void judge(struct judge *j, const char *prefix, int withdrawn)
{
	manrs_verdict v = {0};
	char why[MANRS_EXPLAIN_MAX];

	if (manrs_prefix_parse(&j->route.prefix, prefix, strlen(prefix), NULL))
		return;
	if (!withdrawn)
		manrs_check(j->db, &j->policy, &j->route, 1, &v);
	if (withdrawn || v.fail)
		printf("%swithdraw route %s\n", j->to, prefix);
	else
		printf("%sannounce route %s next-hop %s\n", j->to, prefix, j->hop);
	fprintf(stderr, "%s %s\n", prefix,
		withdrawn ? "withdrawn"
		: v.fail  ? "refused"
			  : "accepted");
	for (int test = 0; test < MANRS_TESTS; test++)
		if (v.fail & MANRS_TEST_BIT(test) &&
		    manrs_explain(j->db, &j->policy, &j->route, test, why, sizeof why) > 0)
			fprintf(stderr, "    %s: %s\n", manrs_test_text(test), why);
	fflush(stdout);
}

/* Every string of the line in order: keys tell where we are, and "nlri" is followed by a prefix. */
static void update(struct judge *j, char *line)
{
	int withdrawn = 0, unicast = 0, nlri = 0;

	read_path(j, line);
	for (char *at = strstr(line, "\"update\": {"), *text;
	     at && (text = strchr(at, '"')) != NULL;) {
		char *end = strchr(++text, '"');

		if (!end)
			return;
		*end = '\0';
		at = end + 1;
		if (*at != ':' && nlri && unicast)
			judge(j, text, withdrawn);
		nlri = *at == ':' && !strcmp(text, "nlri");
		if (!strcmp(text, "announce") || !strcmp(text, "withdraw"))
			withdrawn = *text == 'w', unicast = 0;
		else if (strstr(text, "cast") || strstr(text, "ipv"))
			unicast = !strcmp(text, "ipv4 unicast") || !strcmp(text, "ipv6 unicast");
		else if (!strncmp(at, ": [", 3) && strlen(text) < sizeof j->hop)
			strcpy(j->hop, text);
	}
}

int main(int argc, char **argv)
{
	static struct judge j;
	static char line[1 << 20];
	int role = argc > 2 ? manrs_role_parse(argv[2], strlen(argv[2])) : -1;

	if (argc < 4 || role < 0 || manrs_policy_init(&j.policy, role) || load(&j, argv[1])) {
		fprintf(stderr, "exabgp VRPS customer|peer|provider|rs|rs-client LOCAL-AS [TO]\n");
		return 2;
	}
	j.policy.local_as = (uint32_t)strtoul(argv[3], NULL, 10);
	j.policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
			 MANRS_TEST_BIT(MANRS_TEST_PATH_LOOP) |
			 MANRS_TEST_BIT(MANRS_TEST_PATH_SET) | MANRS_TEST_BIT(MANRS_TEST_FIRST_AS);
	if (argc > 4)
		snprintf(j.to, sizeof j.to, "neighbor %s ", argv[4]);
	while (fgets(line, sizeof line, stdin))
		if (strstr(line, "\"type\": \"update\"") &&
		    strstr(line, "\"direction\": \"receive\""))
			update(&j, line);
	manrs_db_unref(j.db);
	return manrs_owner_free(j.owner) < 0;
}

/*
 * A process for ExaBGP: what a neighbour announces is judged by origin and path, and passed on to the others or not.
 *
 *     process judge { run exabgp VRPS ROLE LOCAL-AS [TO]; encoder json; }
 *
 *     a JSON line on stdin -> manrs_check -> "announce route ..." or "withdraw route ..." on stdout, why on stderr
 *
 * A route is passed on as any speaker does: with its path behind our AS (RFC 4271 5.1.2), origin and the attributes that are
 * transitive; MED and LOCAL_PREF stay here (5.1.4, 5.1.5). VRPS: a file of VRPs and ASPAs; ROLE: what the neighbour is to
 * us; TO: the neighbour that gets the routes (else all). ExaBGP's own encoder wrote the lines: no string has an escape.
 */

#include <manrs/explain.h>
#include <manrs/load.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1u << 20)
static manrs_db_owner *owner;
static manrs_db *db;
static manrs_policy policy;
static char line[ROOM];
static char path[ROOM];       /* as manrs_path_parse reads it */
static char attributes[ROOM]; /* as ExaBGP reads them */
static char to[80];           /* "neighbor ADDRESS " or nothing */
static uint32_t neighbour;

/* A file of VRPs and ASPAs as the first snapshot. One without a list of VRPs is another file: nothing would be invalid. */
static int load(const char *name)
{
	FILE *file = fopen(name, "rb");
	manrs_load_stats stats = {.size = sizeof stats};
	manrs_fault fault = {.what = "no list of VRPs in it"};
	manrs_edit *edit;
	manrs_load *in;
	int rc = 0;

	if (!file || manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&edit, owner, NULL) ||
	    manrs_load_new(&in, NULL))
		return -1;
	for (size_t n = 1; n > 0 && rc == 0;) {
		manrs_route vrps[256];
		manrs_aspa aspas[256];

		n = fread(line, 1, sizeof line, file);
		rc = n ? manrs_load_push(in, line, n, &fault) : manrs_load_finish(in, &fault);
		for (size_t got; (got = manrs_load_vrps(in, vrps, NULL, 256)) > 0;)
			manrs_edit_vrps(edit, 0, MANRS_ADD, vrps, got, NULL, NULL);
		for (size_t got; (got = manrs_load_aspas(in, aspas, NULL, 256)) > 0;)
			manrs_edit_aspas(edit, 0, MANRS_ADD, aspas, got, NULL, NULL);
	}
	manrs_load_stats_get(in, &stats);
	manrs_load_free(in);
	fclose(file);
	if (rc == 0 && stats.lists & MANRS_LOAD_VRPS)
		return manrs_edit_commit(edit, &db);
	fprintf(stderr, "%s:%u: %s\n", name, (unsigned)fault.line, fault.what);
	return -1;
}

/* Text behind text; what does not fit leaves a path or a command that is refused. */
static void add(char *text, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, ROOM - n, format, args);
	va_end(args);
}

/* A segment of the path, by ExaBGP 4's name of it or the "element" of ExaBGP 5: "[ 1, 2 ]". */
static void segment(const char *name, const char *at)
{
	int kind = (strstr(name, "confed") ? 2 : 0) + (strstr(name, "set") ? 1 : 0);
	size_t n = strcspn(at, "]"), blank = strspn(at, "[ ");

	if (blank < n)
		add(path, " %.1s%.*s%.1s", &" {(["[kind], (int)(n - blank), at + blank,
		    &" })]"[kind]);
	for (char *comma = path; (comma = strchr(comma, ',')) != NULL;)
		*comma = ' ';
}

/* An attribute that is a list: of lists of numbers, or of {"value": N, ...}. */
static void list(const char *key, const char *at)
{
	unsigned long long v[3] = {0};
	int n;

	add(attributes, " %s [", key);
	for (at++; at && *(at += strspn(at, " ,")) && strchr("[{", *at);
	     at = strpbrk(at, "]}"), at += at != NULL) {
		if (sscanf(at, "{ \"value\": %llu", v) == 1)
			add(attributes, " 0x%016llx", v[0]);
		else if ((n = sscanf(at, "[ %llu , %llu , %llu", v, v + 1, v + 2)) >= 2)
			add(attributes, n == 2 ? " %llu:%llu" : " %llu:%llu:%llu", v[0], v[1],
			    v[2]);
	}
	add(attributes, " ]");
}

/* One prefix; next_hop NULL: it is withdrawn. */
static void judge(const char *prefix, const char *next_hop)
{
	static uint32_t asn[ROOM / 2];
	static uint8_t kind[ROOM / 2];
	static char text[ROOM * 7]; /* 13 bytes a hop */
	manrs_announcement route = {.neighbour_asn = neighbour};
	manrs_verdict v = {.fail = 1};
	char why[MANRS_EXPLAIN_MAX];

	if (manrs_prefix_parse(&route.prefix, prefix, strlen(prefix), NULL))
		return;
	if (next_hop && *next_hop &&
	    !manrs_path_parse(&route.path, asn, kind, ROOM / 2, path, strlen(path), NULL))
		manrs_check(db, &policy, &route, 1, &v);
	manrs_path_format(&route.path, text, sizeof text);
	if (!next_hop || v.fail)
		printf("%swithdraw route %s\n", to, prefix);
	else
		printf("%sannounce route %s next-hop %s as-path [ %u %s ]%s\n", to, prefix,
		       next_hop, (unsigned)policy.local_as, text, attributes);
	fprintf(stderr, "%s %s\n", prefix,
		!next_hop ? "withdrawn"
		: v.fail  ? "refused"
			  : "accepted");
	for (int test = 0; next_hop && test < MANRS_TESTS; test++)
		if (v.fail & MANRS_TEST_BIT(test) &&
		    manrs_explain(db, &policy, &route, test, why, sizeof why) > 0)
			fprintf(stderr, "    %s: %s\n", manrs_test_text(test), why);
	fflush(stdout);
}

/* A string that is a value: of an attribute, or a prefix. */
static void value(const char *key, char *text, const char *next_hop, int unicast)
{
	char code[3], flags[3];

	if (!strcmp(key, "nlri") && unicast)
		judge(text, next_hop);
	else if (!strcmp(key, "origin"))
		add(attributes, " origin %s", text);
	else if (!strcmp(key, "aggregator"))
		add(attributes, " aggregator ( %s )", text);
	else if (sscanf(key, "attribute-0x%2s-0x%2s", code, flags) == 2 &&
		 strtoul(flags, NULL, 16) & 0x40)
		add(attributes, " attribute [ 0x%s 0x%s %s ]", code, flags, text);
}

/* Every string of the line in order: a key, which tells where we are, or its value. */
static void update(void)
{
	static const char *const parts[] = {"\"confederation-path\": [", "\"as-path\": [",
					    "\"as-set\": ["};
	const char *us = strstr(line, "\"asn\":"), *peer = us ? strstr(us, "\"peer\": ") : NULL,
		   *found;
	char *at = strstr(line, "\"update\": {"), *end, *key = "", *hop = "", *element = "set";
	int announced = 0, unicast = 0;

	neighbour = peer ? (uint32_t)strtoul(peer + 8, NULL, 10) : 0;
	path[0] = attributes[0] = '\0';
	for (int i = 0; i < 3; i++)
		if ((found = strstr(line, parts[i])))
			segment(parts[i], strchr(found, '['));
	for (; at && (at = strchr(at, '"')) && (end = strchr(++at, '"')); at = end + 1) {
		*end = '\0';
		if (end[1] != ':') {
			if (!strcmp(key, "element"))
				element = at;
			value(key, at, announced ? hop : NULL, unicast);
			continue;
		}
		key = at;
		if (!strcmp(at, "announce") || !strcmp(at, "withdraw"))
			announced = *at == 'a';
		else if (strchr(at, ' ')) /* a family */
			unicast = strstr(at, " unicast") != NULL;
		else if (announced && !strncmp(end + 1, ": [", 3))
			hop = at;
		else if (strstr(at, "community") && !strncmp(end + 1, ": [", 3))
			list(at, end + 3);
		else if (!strcmp(at, "value") && !strncmp(end + 1, ": [", 3))
			segment(element, end + 3);
		else if (!strcmp(at, "atomic-aggregate") && strstr(end + 1, ": true") == end + 1)
			add(attributes, " %s", at);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4 ||
	    manrs_policy_init(&policy, sizeof policy, manrs_role_parse(argv[2], strlen(argv[2]))) ||
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
	return manrs_db_owner_free(owner) < 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation in one file: a database of two VRPs, three announcements, and the reasons.
 *
 *     owner -> edit -> commit -> snapshot -> check
 */

#include <manrs/rov.h>
#include <stdio.h>
#include <string.h>

/* A VRP is a route with a maxLength. */
static int add_vrp(manrs_edit *edit, const char *text, uint8_t maxlen)
{
	manrs_route vrp;
	manrs_fault fault;

	if (manrs_route_parse(&vrp, text, strlen(text), &fault) < 0) {
		fprintf(stderr, "%s: byte %d: %s\n", text, (int)fault.at, fault.what);
		return -1;
	}
	vrp.prefix.maxlen = maxlen;
	return manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL);
}

/* Every VRP that covers the route, and what each says to it. */
static void explain(const manrs_db *db, const manrs_route *route)
{
	static const char *const say[] = {"", "matches", "has another AS",
					  "allows no prefix this long"};
	manrs_route vrp[8];
	size_t n = manrs_rov_covering(db, &route->prefix, vrp, 8);

	for (size_t i = 0; i < n && i < 8; i++) {
		char text[MANRS_ROUTE_TEXT];

		manrs_route_format(&vrp[i], text, sizeof text);
		printf("    %s max %d %s\n", text, vrp[i].prefix.maxlen,
		       say[manrs_rov_match(route, &vrp[i])]);
	}
}

int main(void)
{
	static const char *const announced[] = {"192.0.2.0/24 AS64496", "192.0.2.128/25 AS64496",
						"2001:db8::/48 AS64511", "198.51.100.0/24 AS64496"};
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;

	if (manrs_db_owner_new(&owner, NULL) < 0 || manrs_edit_begin(&edit, owner, NULL) < 0)
		return 1;
	if (add_vrp(edit, "192.0.2.0/24 AS64496", 24) < 0 ||
	    add_vrp(edit, "2001:db8::/32 AS64500", 48) < 0)
		return 1;
	if (manrs_edit_commit(edit, &db) < 0)
		return 1;

	/* From here on db never changes: any thread may use it, without a lock. */
	for (size_t i = 0; i < sizeof announced / sizeof *announced; i++) {
		manrs_route route;

		manrs_route_parse(&route, announced[i], strlen(announced[i]), NULL);
		printf("%s: %s\n", announced[i], manrs_rov_text(manrs_rov_check(db, &route)));
		explain(db, &route);
	}
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) < 0;
}

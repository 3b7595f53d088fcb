/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an RTR client does with the database: two caches, a source number each. The PDUs of one response are gathered in
 * one edit, and End of Data is its commit, so that nobody ever judges with half a delta (RFC 8210 section 8). The counts
 * of an edit call are what errors 6 and 7 are made of: a withdrawal of what this cache never announced, or an
 * announcement of what it already had. Then the response is thrown away whole and the cache is asked for everything.
 */

#include <manrs/db.h>
#include <stdio.h>
#include <string.h>

/* An IPv4 or IPv6 Prefix PDU, as text: flags 1 announces, 0 withdraws. */
struct pdu {
	int announce;
	const char *vrp;
	uint8_t maxlen;
};

struct response {
	uint32_t cache;
	int reset; /* an answer to a Reset Query: everything again */
	size_t n;
	struct pdu pdu[4];
};

static const struct response script[] = {
	{0,
	 1,
	 3,
	 {{1, "192.0.2.0/24 AS64496", 24},
	  {1, "2001:db8::/32 AS64496", 48},
	  {1, "198.51.100.0/24 AS64497", 24}}},
	{1, 1, 2, {{1, "192.0.2.0/24 AS64496", 24}, {1, "203.0.113.0/24 AS64498", 24}}},
	{0,
	 0,
	 2,
	 {{0, "192.0.2.0/24 AS64496", 24},
	  {1, "198.51.100.0/24 AS64499", 24}}}, /* cache 1 still has it */
	{1, 0, 2, {{0, "203.0.113.0/24 AS64498", 24}, {0, "10.0.0.0/8 AS1", 8}}}, /* error 6 */
	{1, 1, 1, {{1, "203.0.113.0/24 AS64500", 24}}},                           /* so all again */
};

/* returns: 1 committed, 0 the cache is wrong, < 0 enum manrs_error */
static int apply(manrs_db_owner *owner, const manrs_db *base, const struct response *r,
		 manrs_db **db)
{
	uint64_t wrong = 0;
	manrs_edit *edit;
	int rc = manrs_edit_begin(&edit, owner, base);

	if (rc < 0)
		return rc;
	if (r->reset)
		rc = manrs_edit_drop(edit, r->cache, NULL);
	for (size_t i = 0; i < r->n && rc >= 0; i++) {
		const struct pdu *p = &r->pdu[i];
		manrs_counts counts;
		manrs_route vrp;

		rc = manrs_route_parse(&vrp, p->vrp, strlen(p->vrp), NULL);
		if (rc < 0)
			break;
		vrp.prefix.maxlen = p->maxlen;
		rc = manrs_edit_vrps(edit, r->cache, p->announce ? MANRS_ADD : MANRS_REMOVE, &vrp,
				     1, &counts, NULL);
		wrong += counts.unknown + counts.present + counts.refused;
	}
	if (rc >= 0 && !wrong)
		rc = manrs_edit_commit(edit, db); /* End of Data */
	if (rc < 0 || wrong) {
		manrs_edit_abort(edit);
		return rc < 0 ? rc : 0;
	}
	return 1;
}

/* What the router has to look at again. */
static void tell(const manrs_db *from, const manrs_db *to)
{
	manrs_cursor cursor = {{0}};
	manrs_change change;
	char text[MANRS_PREFIX_TEXT];

	while (manrs_db_diff(from, to, &cursor, &change, 1)) {
		manrs_prefix_format(&change.prefix, text, sizeof text);
		printf("    look again at %s\n", text);
	}
}

int main(void)
{
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db, *next;

	/* An empty snapshot to start from, so that there is always something to judge with. */
	if (manrs_db_owner_new(&owner, NULL) < 0 || manrs_edit_begin(&edit, owner, NULL) < 0 ||
	    manrs_edit_commit(edit, &db) < 0)
		return 1;
	for (size_t i = 0; i < sizeof script / sizeof *script; i++) {
		int rc = apply(owner, db, &script[i], &next);

		if (rc < 0)
			return 1;
		printf("cache %u, %s: %s\n", script[i].cache, script[i].reset ? "reset" : "delta",
		       rc ? "committed" : "refused, ask it for everything");
		if (!rc)
			continue;
		tell(db, next);
		manrs_db_unref(db);
		db = next;
		manrs_db_reclaim(owner, 1000);
	}
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) < 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_DATA_CONTENT_H
#define TESTS_DATA_CONTENT_H

/* All that a snapshot says, as text to compare: listings in order (ASPAs sorted), counts, answers. */

#include "../test.h"

static inline int content_pair_cmp(const void *va, const void *vb)
{
	const manrs_aspa_pair *a = va, *b = vb;

	if (a->customer != b->customer)
		return a->customer < b->customer ? -1 : 1;
	return a->provider < b->provider ? -1 : a->provider > b->provider;
}

static inline void content_routes(FILE *f, const char *what, const manrs_route *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[MANRS_ROUTE_TEXT];

		manrs_route_format(&r[i], text, sizeof text);
		fprintf(f, "%s %s-%u\n", what, text, r[i].prefix.maxlen);
	}
}

/* The caller frees it. */
static inline char *content_of(const manrs_db *db)
{
	static const char *const asked[] = {"10.0.0.0/8 AS1", "10.1.0.0/16 AS2", "10.1.2.0/24 AS3",
					    "2001:db8::/32 AS7"};
	manrs_db_stats s = {.size = sizeof s};
	manrs_cursor c[4] = {{{0}}};
	manrs_route r[7];
	manrs_aspa_pair *pair = NULL;
	manrs_router_key key[2];
	size_t n, pairs = 0, size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	while ((n = manrs_db_vrps(db, &c[0], r, 7)) > 0)
		content_routes(f, "vrp", r, n);
	while ((n = manrs_db_irr(db, &c[1], r, 7)) > 0)
		content_routes(f, "irr", r, n);
	do {
		pair = realloc(pair, (pairs + 5) * sizeof *pair);
		n = manrs_db_aspas(db, &c[2], pair + pairs, 5);
		pairs += n;
	} while (n == 5);
	qsort(pair, pairs, sizeof *pair, content_pair_cmp);
	for (size_t i = 0; i < pairs; i++)
		fprintf(f, "aspa %u %u\n", pair[i].customer, pair[i].provider);
	free(pair);
	while ((n = manrs_db_keys(db, &c[3], key, 2)) > 0)
		for (size_t i = 0; i < n; i++)
			fprintf(f, "key %u %u %u %u\n", key[i].asn, key[i].ski[0], key[i].spki_len,
				key[i].spki[0]);
	ck_assert_int_eq(manrs_db_stats_get(db, &s), MANRS_OK);
	fprintf(f, "%d %d %d %d %d %d %d\n", (int)s.vrps4, (int)s.vrps6, (int)s.irr4, (int)s.irr6,
		(int)s.aspas, (int)s.aspa_providers, (int)s.keys);
	for (size_t i = 0; i < 4; i++) {
		manrs_route_parse(&r[0], asked[i], strlen(asked[i]), NULL);
		fprintf(f, "%s %d %d\n", asked[i], manrs_rov_check(db, &r[0]),
			(int)manrs_rov_covering(db, &r[0].prefix, NULL, 0));
	}
	fclose(f);
	return text;
}

static inline bool content_same(const manrs_db *db, const char *text)
{
	char *now = content_of(db);
	bool same = !strcmp(now, text);

	free(now);
	return same;
}

#endif

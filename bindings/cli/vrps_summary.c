/* SPDX-License-Identifier: BSD-2-Clause */
/* A set counted: records, addresses, trust anchors, lengths. */

#include "vrps_formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_line(struct out *out, const char *what, const char *value)
{
	char line[128];

	snprintf(line, sizeof line, "%-20s %12s\n", what, value);
	out_text(out, line);
}

static void count_line(struct out *out, const char *what, uint64_t n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	text_line(out, what, digits);
}

static void must(int rc)
{
	if (rc < 0)
		exit(complain_error(rc));
}

/* The addresses that the VRPs of a family cover, each once, and what share of all that is. */
static void summary_space(struct out *out, manrs_space *space, int family)
{
	static const char *const all[] = {"4294967296", "340282366920938463463374607431768211456"};
	char count[MANRS_NUMBER_TEXT], share[32];

	must(manrs_space_count(space, family, count, sizeof count));
	must(manrs_number_ratio(count, all[family == 6], 12, share, sizeof share));
	text_line(out, family == 4 ? "IPv4 addresses" : "IPv6 addresses", count);
	text_line(out, family == 4 ? "IPv4 share" : "IPv6 share", share);
}

static void summary_lengths(struct out *out, const char *family, const uint64_t *count)
{
	char what[32];

	for (unsigned len = 0; len <= 128; len++) {
		snprintf(what, sizeof what, "%s /%u", family, len);
		if (count[len])
			count_line(out, what, count[len]);
	}
}

struct counts {
	uint64_t lengths[2][129], as0, longer;
	uint64_t *by_ta; /* [0]: none, then as in the set */
	manrs_space *space;
};

static void summary_count(struct counts *c, const struct vrpset *set)
{
	struct listing list;
	const manrs_route *vrp;

	listing_start(&list, set);
	while ((vrp = listing_next(&list))) {
		const char *said = list.said.ta;
		size_t ta = 0;

		while (said && set->ta.at[ta] != said)
			ta++;
		c->by_ta[said ? ta + 1 : 0]++;
		c->lengths[vrp->prefix.family == 6][vrp->prefix.len]++;
		c->as0 += vrp->asn == 0;
		c->longer += vrp->prefix.maxlen > vrp->prefix.len;
		must(manrs_space_add_routes(c->space, vrp, 1, NULL));
	}
}

static void summary_tas(struct out *out, const struct vrpset *set, const uint64_t *by_ta)
{
	for (size_t i = 0; i < set->ta.n; i++) {
		char what[64];

		snprintf(what, sizeof what, "TA %s", set->ta.at[i]);
		count_line(out, what, by_ta[i + 1]);
	}
	if (by_ta[0])
		count_line(out, "no TA", by_ta[0]);
}

void vrps_summary(struct out *out, const struct vrpset *set)
{
	struct counts c = {.by_ta = must_resize(NULL, set->ta.n + 1, sizeof *c.by_ta)};
	manrs_db_stats stats = {.size = sizeof stats};

	memset(c.by_ta, 0, (set->ta.n + 1) * sizeof *c.by_ta);
	must(manrs_space_new(&c.space, NULL));
	manrs_db_stats_get(set->db, &stats);
	summary_count(&c, set);
	count_line(out, "VRPs", stats.vrps4 + stats.vrps6);
	count_line(out, "IPv4 VRPs", stats.vrps4);
	count_line(out, "IPv6 VRPs", stats.vrps6);
	count_line(out, "AS0 VRPs", c.as0);
	count_line(out, "maxLength > length", c.longer);
	count_line(out, "ASPAs", stats.aspas);
	count_line(out, "router keys", stats.keys);
	summary_space(out, c.space, 4);
	summary_space(out, c.space, 6);
	count_line(out, "bad entries", set->bad);
	summary_tas(out, set, c.by_ta);
	summary_lengths(out, "IPv4", c.lengths[0]);
	summary_lengths(out, "IPv6", c.lengths[1]);
	manrs_space_free(c.space);
	free(c.by_ta);
}

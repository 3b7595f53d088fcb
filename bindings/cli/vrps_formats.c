/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set in a format, or counted. A format is a head, a row a VRP, and a foot; all but the summary, rpki-client's and the CSV
 * that begins with the prefix have the shape of Routinator's own outputs.
 */

#include "vrps_formats.h"

#include <stdlib.h>
#include <string.h>

struct vrps {
	const struct vrpset *set;
	struct out out;
	struct listing list;
	bool rows, aspas;
};

static const char *ta_of(const struct vrps *v)
{
	return v->list.said.ta ? v->list.said.ta : "N/A";
}

/* ---- csv, openbgpd, bird2 ---- */

static void csv_head(struct vrps *v)
{
	out_text(&v->out, "ASN,IP Prefix,Max Length,Trust Anchor\n");
}

static void csv_row(struct vrps *v, const manrs_route *vrp)
{
	out_asn(&v->out, vrp->asn);
	out_text(&v->out, ",");
	out_prefix(&v->out, &vrp->prefix);
	out_text(&v->out, ",");
	out_number(&v->out, vrp->prefix.maxlen);
	out_text(&v->out, ",");
	out_csv(&v->out, ta_of(v), strlen(ta_of(v)));
	out_text(&v->out, "\n");
}

static void openbgpd_head(struct vrps *v)
{
	out_text(&v->out, "roa-set {\n");
}

static void openbgpd_row(struct vrps *v, const manrs_route *vrp)
{
	out_text(&v->out, "    ");
	out_prefix(&v->out, &vrp->prefix);
	if (vrp->prefix.maxlen > vrp->prefix.len) {
		out_text(&v->out, " maxlen ");
		out_number(&v->out, vrp->prefix.maxlen);
	}
	out_text(&v->out, " source-as ");
	out_number(&v->out, vrp->asn);
	if (v->list.said.expires) {
		out_text(&v->out, " expires ");
		out_number(&v->out, v->list.said.expires);
	}
	out_text(&v->out, "\n");
}

static void bird2_row(struct vrps *v, const manrs_route *vrp)
{
	out_text(&v->out, "route ");
	out_prefix(&v->out, &vrp->prefix);
	out_text(&v->out, " max ");
	out_number(&v->out, vrp->prefix.maxlen);
	out_text(&v->out, " as ");
	out_number(&v->out, vrp->asn);
	out_text(&v->out, ";\n");
}

/* ---- csv by prefix ---- */

static void prefix_csv_head(struct vrps *v)
{
	out_text(&v->out, "prefix,maxlen,asn\n");
}

static void prefix_csv_row(struct vrps *v, const manrs_route *vrp)
{
	out_prefix(&v->out, &vrp->prefix);
	out_text(&v->out, ",");
	out_number(&v->out, vrp->prefix.maxlen);
	out_text(&v->out, ",");
	out_as_number(&v->out, vrp->asn);
	out_text(&v->out, "\n");
}

/* ---- json ---- */

/* The time is that of the sources: a consumer tells by it whether the data is fresh. null: none of them says. */
static void json_head(struct vrps *v)
{
	char text[TIME_TEXT];

	out_text(&v->out, "{\n  \"metadata\": {\n    \"generated\": ");
	if (v->set->built) {
		out_number(&v->out, v->set->built);
		out_text(&v->out, ",\n    \"generatedTime\": \"");
		out_text(&v->out, time_text(text, v->set->built));
		out_text(&v->out, "\"\n  },\n  \"roas\": [");
	} else {
		out_text(&v->out, "null,\n    \"generatedTime\": null\n  },\n  \"roas\": [");
	}
}

/* The members that close an entry. */
static void json_said(struct vrps *v, struct said said)
{
	const char *ta = said.ta ? said.ta : "N/A";

	out_text(&v->out, ", \"ta\": ");
	out_json(&v->out, ta, strlen(ta));
	if (said.expires) {
		out_text(&v->out, ", \"expires\": ");
		out_number(&v->out, said.expires);
	}
	out_text(&v->out, " }");
}

static void json_row(struct vrps *v, const manrs_route *vrp)
{
	out_text(&v->out, v->rows ? ",\n    { \"asn\": \"" : "\n    { \"asn\": \"");
	out_asn(&v->out, vrp->asn);
	out_text(&v->out, "\", \"prefix\": \"");
	out_prefix(&v->out, &vrp->prefix);
	out_text(&v->out, "\", \"maxLength\": ");
	out_number(&v->out, vrp->prefix.maxlen);
	json_said(v, v->list.said);
}

static void json_keys(struct vrps *v)
{
	manrs_cursor cursor = {0};
	manrs_router_key key;
	bool first = true;

	while (manrs_db_keys(v->set->db, &cursor, &key, 1) == 1) {
		out_text(&v->out, first ? ",\n  \"routerKeys\": [\n    { \"asn\": \""
					: ",\n    { \"asn\": \"");
		first = false;
		out_asn(&v->out, key.asn);
		out_text(&v->out, "\", \"SKI\": \"");
		out_hex(&v->out, key.ski, sizeof key.ski);
		out_text(&v->out, "\", \"routerPublicKey\": \"");
		out_base64(&v->out, key.spki, key.spki_len, false);
		out_text(&v->out, "\"");
		json_said(v, noted_of_key(v->set, &key));
	}
	if (!first)
		out_text(&v->out, "\n  ]");
}

/* ---- ASPAs, by customer: the database has an order of its own ---- */

static int pair_order(const void *a, const void *b)
{
	const manrs_aspa_pair *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	return x->provider < y->provider ? -1 : x->provider > y->provider;
}

/* returns: pairs[*n], to be freed. */
static manrs_aspa_pair *aspa_pairs(const struct vrps *v, size_t *n)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {0};
	manrs_aspa_pair *pairs;

	manrs_db_stats_get(v->set->db, &stats);
	pairs = must_resize(NULL, (size_t)stats.aspa_providers + 1, sizeof *pairs);
	*n = manrs_db_aspas(v->set->db, &cursor, pairs, (size_t)stats.aspa_providers + 1);
	qsort(pairs, *n, sizeof *pairs, pair_order);
	return pairs;
}

/* The place behind the last provider of pair[at]'s customer. */
static size_t aspa_end(const manrs_aspa_pair *pair, size_t at, size_t n)
{
	size_t end = at;

	while (end < n && pair[end].customer == pair[at].customer)
		end++;
	return end;
}

static void numbers(struct vrps *v, const manrs_aspa_pair *pair, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out_text(&v->out, i ? ", " : "");
		out_number(&v->out, pair[i].provider);
	}
}

static void openbgpd_foot(struct vrps *v)
{
	size_t n, end;
	manrs_aspa_pair *pair = aspa_pairs(v, &n);

	out_text(&v->out, v->aspas && n ? "}\n\naspa-set {\n" : "}\n");
	for (size_t i = 0; v->aspas && i < n; i = end) {
		struct said said = noted_of_aspa(v->set, pair[i].customer);

		end = aspa_end(pair, i, n);
		out_text(&v->out, "    customer-as ");
		out_number(&v->out, pair[i].customer);
		if (said.expires) {
			out_text(&v->out, " expires ");
			out_number(&v->out, said.expires);
		}
		out_text(&v->out, " provider-as { ");
		numbers(v, pair + i, end - i);
		out_text(&v->out, " }\n");
	}
	out_text(&v->out, v->aspas && n ? "}\n" : "");
	free(pair);
}

/* BIRD 2.16 and above; "transit" is AS0, no provider at all. */
static void bird2_foot(struct vrps *v)
{
	size_t n, end;
	manrs_aspa_pair *pair = aspa_pairs(v, &n);

	for (size_t i = 0; v->aspas && i < n; i = end) {
		end = aspa_end(pair, i, n);
		out_text(&v->out, "route aspa ");
		out_number(&v->out, pair[i].customer);
		out_text(&v->out, pair[i].provider ? " providers " : " transit");
		if (pair[i].provider)
			numbers(v, pair + i, end - i);
		out_text(&v->out, ";\n");
	}
	free(pair);
}

static void json_aspa_end(struct vrps *v, uint32_t customer)
{
	if (!customer)
		return;
	out_text(&v->out, "]");
	json_said(v, noted_of_aspa(v->set, customer));
}

/* The providers of one customer come as pairs, one after the other. */
static void json_aspas(struct vrps *v)
{
	uint32_t customer = 0;
	size_t n;
	manrs_aspa_pair *pair = aspa_pairs(v, &n);

	for (size_t i = 0; i < n; i++) {
		if (pair[i].customer != customer) {
			json_aspa_end(v, customer);
			out_text(&v->out, customer ? ",\n" : ",\n  \"aspas\": [\n");
			out_text(&v->out, "    { \"customer\": \"");
			out_asn(&v->out, pair[i].customer);
			out_text(&v->out, "\", \"providers\": [");
		}
		out_text(&v->out, pair[i].customer == customer ? ", \"" : "\"");
		out_asn(&v->out, pair[i].provider);
		out_text(&v->out, "\"");
		customer = pair[i].customer;
	}
	free(pair);
	json_aspa_end(v, customer);
	out_text(&v->out, customer ? "\n  ]" : "");
}

static void json_foot(struct vrps *v)
{
	out_text(&v->out, "\n  ]");
	json_keys(v);
	json_aspas(v);
	out_text(&v->out, "\n}\n");
}

/* ---- slurm: version 1, and 2 where there are ASPAs ---- */

static uint64_t count_aspas(const struct vrps *v)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(v->set->db, &stats);
	return stats.aspas;
}

static void slurm_head(struct vrps *v)
{
	bool v2 = count_aspas(v);

	out_text(&v->out, v2 ? "{\n  \"slurmVersion\": 2,\n" : "{\n  \"slurmVersion\": 1,\n");
	out_text(&v->out, "  \"validationOutputFilters\": {\n    \"prefixFilters\": [ ],\n    "
			  "\"bgpsecFilters\": [ ]");
	out_text(&v->out, v2 ? ",\n    \"aspaFilters\": [ ]" : "");
	out_text(&v->out, "\n  },\n  \"locallyAddedAssertions\": {\n    \"prefixAssertions\": [");
}

static void slurm_row(struct vrps *v, const manrs_route *vrp)
{
	out_text(&v->out,
		 v->rows ? ",\n      {\n        \"asn\": " : "\n      {\n        \"asn\": ");
	out_number(&v->out, vrp->asn);
	out_text(&v->out, ",\n        \"prefix\": \"");
	out_prefix(&v->out, &vrp->prefix);
	if (vrp->prefix.maxlen > vrp->prefix.len) {
		out_text(&v->out, "\",\n        \"maxPrefixLength\": ");
		out_number(&v->out, vrp->prefix.maxlen);
		out_text(&v->out, ",\n        \"comment\": ");
	} else {
		out_text(&v->out, "\",\n        \"comment\": ");
	}
	out_json(&v->out, ta_of(v), strlen(ta_of(v)));
	out_text(&v->out, "\n      }");
}

static void slurm_keys(struct vrps *v)
{
	manrs_cursor cursor = {0};
	manrs_router_key key;
	bool first = true;

	out_text(&v->out, ",\n    \"bgpsecAssertions\": [");
	while (manrs_db_keys(v->set->db, &cursor, &key, 1) == 1) {
		out_text(&v->out,
			 first ? "\n      {\n        \"asn\": " : ",\n      {\n        \"asn\": ");
		first = false;
		out_number(&v->out, key.asn);
		out_text(&v->out, ",\n        \"SKI\": \"");
		out_base64(&v->out, key.ski, sizeof key.ski, true);
		out_text(&v->out, "\",\n        \"routerPublicKey\": \"");
		out_base64(&v->out, key.spki, key.spki_len, true);
		out_text(&v->out, "\"\n      }");
	}
	out_text(&v->out, "\n    ]");
}

static void slurm_aspas(struct vrps *v)
{
	uint32_t customer = 0;
	size_t n;
	manrs_aspa_pair *pair = aspa_pairs(v, &n);

	out_text(&v->out, ",\n    \"aspaAssertions\": [");
	for (size_t i = 0; i < n; i++) {
		if (pair[i].customer != customer) {
			out_text(&v->out, customer ? " ]\n      }," : "");
			out_text(&v->out, "\n      {\n        \"customerAsn\": ");
			out_number(&v->out, pair[i].customer);
			out_text(&v->out, ",\n        \"providerAsns\": [ ");
		} else {
			out_text(&v->out, ", ");
		}
		out_number(&v->out, pair[i].provider);
		customer = pair[i].customer;
	}
	free(pair);
	out_text(&v->out, customer ? " ]\n      }\n    ]" : "\n    ]");
}

static void slurm_foot(struct vrps *v)
{
	out_text(&v->out, "\n    ]");
	slurm_keys(v);
	if (count_aspas(v))
		slurm_aspas(v);
	out_text(&v->out, "\n  }\n}\n");
}

/* ---- rpki-client ---- */

/* A member that is not known is left out. */
static void rpki_said(struct vrps *v, struct said said, bool ta)
{
	if (ta && said.ta) {
		out_text(&v->out, ", \"ta\": ");
		out_json(&v->out, said.ta, strlen(said.ta));
	}
	if (said.expires) {
		out_text(&v->out, ", \"expires\": ");
		out_number(&v->out, said.expires);
	}
}

static void rpki_count(struct vrps *v, const char *name, uint64_t n)
{
	out_text(&v->out, ",\n\t\t\"");
	out_text(&v->out, name);
	out_text(&v->out, "\": ");
	out_number(&v->out, n);
}

static void rpki_head(struct vrps *v)
{
	manrs_db_stats stats = {.size = sizeof stats};
	char text[TIME_TEXT];

	manrs_db_stats_get(v->set->db, &stats);
	out_text(&v->out, "{\n\t\"metadata\": {\n\t\t\"buildtime\": ");
	if (v->set->built) {
		out_text(&v->out, "\"");
		out_text(&v->out, time_text(text, v->set->built));
		out_text(&v->out, "\"");
	} else {
		out_text(&v->out, "null");
	}
	rpki_count(v, "uniquevrps", stats.vrps4 + stats.vrps6);
	rpki_count(v, "bgpsec_pubkeys", stats.keys);
	rpki_count(v, "uniquevaps", stats.aspas);
	out_text(&v->out, "\n\t},\n\n\t\"roas\": [");
}

static void rpki_row(struct vrps *v, const manrs_route *vrp)
{
	out_text(&v->out, v->rows ? ",\n\t\t{ \"asn\": " : "\n\t\t{ \"asn\": ");
	out_number(&v->out, vrp->asn);
	out_text(&v->out, ", \"prefix\": \"");
	out_prefix(&v->out, &vrp->prefix);
	out_text(&v->out, "\", \"maxLength\": ");
	out_number(&v->out, vrp->prefix.maxlen);
	rpki_said(v, v->list.said, true);
	out_text(&v->out, " }");
}

static void rpki_keys(struct vrps *v)
{
	static const char *const padding[] = {"", "==", "="};
	manrs_cursor cursor = {0};
	manrs_router_key key;
	bool first = true;

	while (manrs_db_keys(v->set->db, &cursor, &key, 1) == 1) {
		out_text(&v->out, first ? "\n\t\t{ \"asn\": " : ",\n\t\t{ \"asn\": ");
		first = false;
		out_number(&v->out, key.asn);
		out_text(&v->out, ", \"ski\": \"");
		out_hex(&v->out, key.ski, sizeof key.ski);
		out_text(&v->out, "\", \"pubkey\": \"");
		out_base64(&v->out, key.spki, key.spki_len, false);
		out_text(&v->out, padding[key.spki_len % 3]);
		out_text(&v->out, "\"");
		rpki_said(v, noted_of_key(v->set, &key), true);
		out_text(&v->out, " }");
	}
}

static void rpki_foot(struct vrps *v)
{
	size_t n, end;
	manrs_aspa_pair *pair = aspa_pairs(v, &n);

	out_text(&v->out, "\n\t],\n\n\t\"bgpsec_keys\": [");
	rpki_keys(v);
	out_text(&v->out, "\n\t],\n\n\t\"aspas\": [");
	for (size_t i = 0; i < n; i = end) {
		end = aspa_end(pair, i, n);
		out_text(&v->out,
			 i ? ",\n\t\t{ \"customer_asid\": " : "\n\t\t{ \"customer_asid\": ");
		out_number(&v->out, pair[i].customer);
		rpki_said(v, noted_of_aspa(v->set, pair[i].customer), false);
		out_text(&v->out, ", \"providers\": [ ");
		numbers(v, pair + i, end - i);
		out_text(&v->out, " ] }");
	}
	free(pair);
	out_text(&v->out, "\n\t]\n}\n");
}

/* ---- the run ---- */

static void summary(struct vrps *v)
{
	vrps_summary(&v->out, v->set);
}

static const struct writer {
	void (*head)(struct vrps *v);
	void (*row)(struct vrps *v, const manrs_route *vrp);
	void (*foot)(struct vrps *v);
} writers[] =
	{
		[FORMAT_CSV] = {csv_head, csv_row, NULL},
		[FORMAT_JSON] = {json_head, json_row, json_foot},
		[FORMAT_RPKI_CLIENT] = {rpki_head, rpki_row, rpki_foot},
		[FORMAT_OPENBGPD] = {openbgpd_head, openbgpd_row, openbgpd_foot},
		[FORMAT_BIRD2] = {NULL, bird2_row, bird2_foot},
		[FORMAT_SLURM] = {slurm_head, slurm_row, slurm_foot},
		[FORMAT_SUMMARY] = {summary, NULL, NULL},
},
  by_prefix = {prefix_csv_head, prefix_csv_row, NULL};

int vrps_write(const struct vrpset *set, enum format format, uint32_t flags, const char *output)
{
	struct vrps *v = must_resize(NULL, 1, sizeof *v);
	const struct writer *w =
		format == FORMAT_CSV && flags & VRPS_BY_PREFIX ? &by_prefix : &writers[format];
	const manrs_route *vrp;
	bool good;

	*v = (struct vrps){.set = set, .aspas = flags & VRPS_ASPAS};
	good = out_open(&v->out, output);
	if (good && w->head)
		w->head(v);
	if (good && w->row) {
		listing_start(&v->list, set);
		for (; (vrp = listing_next(&v->list)); v->rows = true)
			w->row(v, vrp);
	}
	if (good && w->foot)
		w->foot(v);
	good = good && out_close(&v->out);
	free(v);
	return good ? EXIT_DONE : EXIT_ERROR;
}

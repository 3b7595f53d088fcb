/* SPDX-License-Identifier: BSD-2-Clause */
/* Real VRP and ASPA files: the counts that the data's README states, jansson as the oracle, formats against each other. */

#include "test.h"

#include <bzlib.h>
#include <jansson.h>

/* A VRP in 28 bytes that sort and compare as bytes. */
struct vrp {
	manrs_route route;
	uint32_t expires;
};

/* What a file held. */
struct set {
	manrs_load_stats stats;
	struct vrp *vrps;
	size_t n, cap;
	uint64_t providers, customers; /* sums: of numbers of providers, of customers */
	uint32_t tas[256];
	char ta_names[256][16];
	int rc;
};

static void pull(struct set *s, manrs_load *l)
{
	static manrs_route routes[1024];
	static manrs_load_note notes[1024];
	manrs_aspa aspas[64];
	size_t n;

	while ((n = manrs_load_vrps(l, routes, notes, 1024)) > 0) {
		if (s->cap - s->n < n)
			s->vrps = realloc(s->vrps, (s->cap = 2 * (s->n + n)) * sizeof *s->vrps);
		for (size_t i = 0; i < n; i++) {
			s->vrps[s->n++] = (struct vrp){routes[i], (uint32_t)notes[i].expires};
			s->tas[notes[i].ta]++;
		}
	}
	while ((n = manrs_load_aspas(l, aspas, NULL, 64)) > 0)
		for (size_t i = 0; i < n; i++) {
			s->customers += aspas[i].customer;
			s->providers += aspas[i].n;
			for (uint32_t p = 1; p < aspas[i].n; p++)
				ck_assert_uint_lt(aspas[i].provider[p - 1], aspas[i].provider[p]);
		}
}

static int vrp_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct vrp));
}

static void load_bytes(struct set *s, const char *bytes, size_t n, size_t step)
{
	manrs_load *l;

	memset(s, 0, sizeof *s);
	s->stats.size = sizeof s->stats;
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	for (size_t at = 0; at < n && !s->rc; at += step) {
		s->rc = manrs_load_push(l, bytes + at, n - at < step ? n - at : step, NULL);
		pull(s, l);
	}
	if (!s->rc)
		s->rc = manrs_load_finish(l, NULL);
	pull(s, l);
	manrs_load_stats_get(l, &s->stats);
	for (uint32_t ta = 1; ta <= s->stats.tas; ta++)
		snprintf(s->ta_names[ta], sizeof *s->ta_names, "%.15s", manrs_load_ta(l, ta));
	manrs_load_free(l);
	if (s->n)
		qsort(s->vrps, s->n, sizeof *s->vrps, vrp_cmp);
}

/* A whole file, through bz2 when its name ends so. */
static char *slurp(const char *path, size_t *n)
{
	size_t cap = 100 << 20, got;
	char *bytes = malloc(cap);
	FILE *f = fopen(path, "rb");
	size_t len = strlen(path);

	if (len > 4 && !strcmp(path + len - 4, ".bz2")) {
		int rc = BZ_OK;
		BZFILE *z = BZ2_bzReadOpen(&rc, f, 0, 0, NULL, 0);

		*n = (size_t)BZ2_bzRead(&rc, z, bytes, (int)cap);
		ck_assert_int_eq(rc, BZ_STREAM_END);
		BZ2_bzReadClose(&rc, z);
	} else {
		got = fread(bytes, 1, cap, f);
		*n = got;
	}
	fclose(f);
	return bytes;
}

/* False: the data is not here. */
static bool load_file(struct set *s, const char *name, size_t step)
{
	const char *path = test_data(name);
	char *bytes;
	size_t n;

	if (!path)
		return false;
	bytes = slurp(path, &n);
	load_bytes(s, bytes, n, step);
	free(bytes);
	return true;
}

static void same_vrps(const struct set *a, const struct set *b)
{
	ck_assert_uint_eq(a->n, b->n);
	ck_assert(a->n == 0 || !memcmp(a->vrps, b->vrps, a->n * sizeof *a->vrps));
}

/* The VRPs of an rpki-client file, as jansson reads it. */
static void jansson_vrps(struct set *s, const char *bytes, size_t n)
{
	json_t *root = json_loadb(bytes, n, 0, NULL), *roas = json_object_get(root, "roas"), *roa;
	size_t i;

	memset(s, 0, sizeof *s);
	s->vrps = calloc(json_array_size(roas), sizeof *s->vrps);
	json_array_foreach(roas, i, roa)
	{
		const char *prefix = json_string_value(json_object_get(roa, "prefix"));
		struct vrp *v = &s->vrps[s->n++];

		ck_assert_int_eq(manrs_prefix_parse(&v->route.prefix, prefix, strlen(prefix), NULL),
				 MANRS_OK);
		v->route.prefix.maxlen =
			(uint8_t)json_integer_value(json_object_get(roa, "maxLength"));
		v->route.asn = (uint32_t)json_integer_value(json_object_get(roa, "asn"));
		v->expires = (uint32_t)json_integer_value(json_object_get(roa, "expires"));
	}
	json_decref(root);
	qsort(s->vrps, s->n, sizeof *s->vrps, vrp_cmp);
}

START_TEST(rpki_client_20250720_complete)
{
	const char *path = test_data("vrp/rpki-client-20250720T093135Z.json.bz2");
	uint64_t v4 = 0, v6 = 0, as0 = 0, with_ta = 0;
	static struct set ours, theirs;
	size_t n;
	char *bytes;

	if (!path) {
		test_skip("no rpki-client export");
		return;
	}
	bytes = slurp(path, &n);
	load_bytes(&ours, bytes, n, 65536);
	jansson_vrps(&theirs, bytes, n);
	free(bytes);
	ck_assert_int_eq(ours.rc, MANRS_OK);
	for (size_t i = 0; i < ours.n; i++) {
		v4 += ours.vrps[i].route.prefix.family == 4;
		v6 += ours.vrps[i].route.prefix.family == 6;
		as0 += ours.vrps[i].route.asn == 0;
	}
	ck_assert_uint_eq(v4, 580366);
	ck_assert_uint_eq(v6, 143155);
	ck_assert_uint_eq(as0, 2419);
	ck_assert_uint_eq(ours.stats.aspas, 100);
	ck_assert_uint_eq(ours.stats.keys, 2);
	ck_assert_uint_eq(ours.stats.bad, 0);
	ck_assert_uint_eq(ours.stats.tas, 5); /* "tals": 5 */
	for (int ta = 1; ta <= 5; ta++)
		with_ta += ours.tas[ta];
	ck_assert_uint_eq(with_ta, ours.n);
	same_vrps(&ours, &theirs);
	free(ours.vrps);
	free(theirs.vrps);
}
END_TEST

START_TEST(dn42_formats_agree)
{
	static struct set json, bird1, bird2;

	if (!load_file(&json, "vrp/dn42-20220129.gortr.json", 1000) ||
	    !load_file(&bird1, "vrp/dn42-20220129.bird1-roa.conf", 1000) ||
	    !load_file(&bird2, "vrp/dn42-20220129.bird2-roa.conf", 77)) {
		test_skip("no DN42 files");
		return;
	}
	/* 3,312 entries: one without a prefix, two without an AS number */
	ck_assert_uint_eq(json.n, 3309);
	ck_assert_uint_eq(json.stats.bad, 3);
	ck_assert_uint_eq(bird1.stats.bad, 3);
	ck_assert_uint_eq(bird2.stats.bad, 3);
	same_vrps(&json, &bird1);
	same_vrps(&json, &bird2);
	free(json.vrps);
	free(bird1.vrps);
	free(bird2.vrps);
}
END_TEST

/*
 * Routinator's test/output: NNN.format, the digits 1 where the set has VRPs, router keys, ASPAs: two of each, which are
 * 12.34.56.0/24 from AS1234, AS1234's empty key, and its providers 1 to 4.
 */
START_TEST(routinator_formats_agree)
{
	static const char *const formats[] = {"json",   "jsonext", "csv",   "csvcompat",
					      "csvext", "bird1",   "bird2", "openbgpd"};
	static const uint8_t addr[16] = {12, 34, 56};
	static struct set s;
	char name[64];

	for (unsigned set = 0; set < 8; set++)
		for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
			bool json = f < 2, vrps = set & 4;

			snprintf(name, sizeof name, "vrp/routinator-output-formats/%u%u%u.%s",
				 set >> 2, set >> 1 & 1, set & 1, formats[f]);
			if (!load_file(&s, name, 1)) {
				test_skip("no Routinator output");
				return;
			}
			ck_assert_msg(s.rc == (json || vrps ? MANRS_OK : MANRS_ESYNTAX), "%s: %d",
				      name, s.rc);
			ck_assert_msg(s.n == (vrps ? 2 : 0) && s.stats.bad == 0, "%s", name);
			ck_assert_uint_eq(s.stats.keys, json && set & 2 ? 2 : 0);
			ck_assert_uint_eq(s.stats.aspas, json && set & 1 ? 2 : 0);
			ck_assert_uint_eq(s.providers, 4 * s.stats.aspas);
			ck_assert_uint_eq(s.customers, 1234 * s.stats.aspas);
			for (size_t i = 0; i < s.n; i++) {
				const manrs_prefix *p = &s.vrps[i].route.prefix;

				ck_assert(p->family == 4 && p->len == 24 && p->maxlen == 24 &&
					  !memcmp(p->addr, addr, 16) &&
					  s.vrps[i].route.asn == 1234);
			}
			free(s.vrps);
		}
}
END_TEST

START_TEST(aspa_lines_of_the_data_kit)
{
	static struct set real, scale;

	if (!load_file(&real, "aspa/aspa-20250720-real100.tsv", 10) ||
	    !load_file(&scale, "aspa/aspa-prepdev2023-6647.tsv", 4096)) {
		test_skip("no ASPA lines");
		return;
	}
	ck_assert_uint_eq(real.stats.aspas, 100);
	ck_assert_uint_eq(real.stats.bad, 0);
	ck_assert_uint_eq(scale.stats.aspas, 6647);
	ck_assert_uint_eq(scale.stats.bad, 0);
}
END_TEST

Suite *load_data_suite(void)
{
	Suite *s = suite_create("load_data");

	ADD_LONG_TEST(s, rpki_client_20250720_complete, 20);
	ADD_TEST(s, dn42_formats_agree, 10);
	ADD_TEST(s, routinator_formats_agree, 10);
	ADD_TEST(s, aspa_lines_of_the_data_kit, 10);
	return s;
}

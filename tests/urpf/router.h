/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_URPF_ROUTER_H
#define TESTS_URPF_ROUTER_H

/* A router in few words, one at a time: open_with, its interfaces and routes, a database, commit, questions, close_all. */

#include "test.h"

static manrs_urpf_owner *owner;
static manrs_urpf_edit *edit;
static manrs_db_owner *db_owner;
static manrs_db *db;
static uint32_t path_ids;

static inline void open_with(uint64_t hold_ms, uint32_t local_as)
{
	manrs_urpf_config c;

	manrs_urpf_config_init(&c, sizeof c);
	c.hold_ms = hold_ms;
	c.local_as = local_as;
	c.isa = test_isa();
	ck_assert_int_eq(manrs_urpf_owner_new(&owner, &c), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, NULL), MANRS_OK);
	db = NULL;
	db_owner = NULL;
	path_ids = 0;
}

static inline uint16_t iface(int mode, int role, uint32_t asn, uint32_t options)
{
	manrs_urpf_iface f;
	uint16_t handle = MANRS_URPF_NO_IFACE;

	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = (uint32_t)mode;
	f.role = (uint32_t)role;
	f.asn = asn;
	f.options = options;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(edit, &handle, &f), MANRS_OK);
	return handle;
}

/* path "": no path. */
static inline int route_op(int op, uint16_t on, const char *prefix, const char *path, uint8_t flags,
			   uint32_t path_id)
{
	manrs_urpf_entry e = {
		.route = {test_prefix(prefix), 0}, .iface = on, .flags = flags, .path_id = path_id};
	uint32_t asn[64], start[2] = {0};
	uint8_t kind[64];
	manrs_path p;
	manrs_counts c;
	manrs_paths paths;

	ck_assert_int_eq(manrs_path_parse(&p, asn, kind, 64, path, strlen(path), NULL), MANRS_OK);
	start[1] = p.n;
	paths = (manrs_paths){p.asn, p.kind, start, 1};
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, op, &e, 1, *path ? &paths : NULL, &c, NULL),
			 MANRS_OK);
	ck_assert_uint_eq(c.refused, 0);
	return op == MANRS_ADD ? (int)c.added : (int)c.removed;
}

static inline void route(uint16_t on, const char *prefix, const char *path, uint8_t flags)
{
	ck_assert_int_eq(route_op(MANRS_ADD, on, prefix, path, flags, 0), 1);
}

static inline void by_hand(uint32_t kind, uint16_t on, const char *prefix)
{
	manrs_prefix p = test_prefix(prefix);

	ck_assert_int_eq(manrs_urpf_edit_prefixes(edit, MANRS_ADD, kind, on, &p, 1, NULL, NULL),
			 MANRS_OK);
}

static inline manrs_urpf *commit(uint64_t now_ms)
{
	manrs_urpf *u;

	ck_assert_int_eq(manrs_urpf_edit_commit(edit, &u, db, now_ms), MANRS_OK);
	edit = NULL;
	return u;
}

static inline void begin(const manrs_urpf *base)
{
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, base), MANRS_OK);
}

static inline void close_all(manrs_urpf *u)
{
	manrs_urpf_unref(u);
	ck_assert_int_eq(manrs_urpf_owner_free(owner), MANRS_OK);
	manrs_db_unref(db);
	if (db_owner)
		ck_assert_int_eq(manrs_db_owner_free(db_owner), MANRS_OK);
}

/* VRPs "PREFIX ASN" and ASPAs customer, providers..., 0-ended rows, NULL-ended lists. */
static inline void make_db(const char *const *vrps, const uint32_t (*aspas)[4], size_t n_aspas)
{
	manrs_edit *e;

	ck_assert_int_eq(manrs_db_owner_new(&db_owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&e, db_owner, NULL), MANRS_OK);
	for (; *vrps; vrps++) {
		manrs_route r = test_route(*vrps);

		ck_assert_int_eq(manrs_edit_vrps(e, 0, MANRS_ADD, &r, 1, NULL, NULL), MANRS_OK);
	}
	for (size_t i = 0; i < n_aspas; i++) {
		manrs_aspa a = {aspas[i] + 1, aspas[i][0], 0};
		manrs_counts c;

		while (a.n < 3 && aspas[i][a.n + 1])
			a.n++;
		ck_assert_int_eq(manrs_edit_aspas(e, 0, MANRS_ADD, &a, 1, &c, NULL), MANRS_OK);
		ck_assert_uint_eq(c.added, 1);
	}
	ck_assert_int_eq(manrs_edit_commit(e, &db), MANRS_OK);
}

static inline int check(const manrs_urpf *u, uint16_t on, const char *source)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix p = test_address(source);
	uint8_t allow = 9;

	if (p.family == 4) {
		uint32_t a;

		memcpy(&a, p.addr, 4);
		manrs_urpf_check4(u, &a, &on, 1, &allow);
	} else {
		manrs_urpf_check6(u, p.addr, &on, 1, &allow);
	}
	ck_assert_int_eq(manrs_urpf_explain(u, &p, on, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.allow, allow);
	return allow;
}

static inline int step(const manrs_urpf *u, uint16_t on, const char *source)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix p = test_address(source);

	ck_assert_int_eq(manrs_urpf_explain(u, &p, on, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.allow, (unsigned)check(u, on, source));
	return why.step;
}

/* The list as one line. */
static inline const char *list(const manrs_urpf *u, uint16_t on)
{
	static char text[4096];
	manrs_cursor start = {{0}};
	manrs_prefix p[128];
	size_t n = manrs_urpf_list(u, on, &start, p, 128), at = 0;

	text[0] = 0;
	for (size_t i = 0; i < n; i++) {
		at += (size_t)manrs_prefix_format(&p[i], text + at, sizeof text - at);
		if (i + 1 < n)
			text[at++] = ' ';
		text[at] = 0;
	}
	return text;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A router that does anything, against a list of its peers that is searched from one end to the other: sessions of every kind
 * that come and go, routes in every view, garbage, and connections that end. What the reader says of each message must be what
 * the router meant by it, and what it keeps of each peer what the list has.
 */

#include "../test.h"
#include "bmp_made.h"

/* ---- the list ---- */

struct known {
	struct made_peer peer;
	struct made_open sent, received;
	bool up;
	uint32_t asn, up_s;
	char table[8];
};

struct walk {
	uint64_t seed;
	manrs_bmp *bmp;
	struct known list[64];
	size_t n, most;
	struct made made;
	struct made_peer peer; /* of the message that is made */
	size_t counts[10];     /* by kind */
};

static size_t below(struct walk *w, size_t n)
{
	return test_below(&w->seed, n);
}

static bool same_key(const struct made_peer *a, const struct made_peer *b)
{
	unsigned v = a->type == 3 ? 0 : 0x80;

	return a->type == b->type && a->distinguisher == b->distinguisher &&
	       (a->flags & v) == (b->flags & v) && !memcmp(a->address, b->address, 16);
}

static struct known *find(struct walk *w, const struct made_peer *p)
{
	for (size_t i = 0; i < w->n; i++)
		if (same_key(&w->list[i].peer, p))
			return &w->list[i];
	return NULL;
}

static struct known *find_or_add(struct walk *w, const struct made_peer *p)
{
	struct known *k = find(w, p);

	if (!k) {
		k = &w->list[w->n++];
		*k = (struct known){.peer = *p, .asn = p->asn};
	}
	return k;
}

/* One of about fifty peers, in any of its views. */
static struct made_peer any_peer(struct walk *w)
{
	struct made_peer p = {.type = (unsigned)below(w, 4)};

	p.distinguisher = p.type == 0 ? 0 : (uint64_t)below(w, 3) << 40;
	p.asn = 65000 + (uint32_t)below(w, 5);
	p.bgp_id = (uint32_t)below(w, 3);
	p.time_s = (uint32_t)below(w, 1000000);
	p.time_us = (uint32_t)below(w, 1000000);
	if (p.type == 3) {
		p.flags = below(w, 2) ? 0x80 : 0;
		return w->peer = p;
	}
	if (below(w, 2)) {
		p.flags = 0x80;
		p.address[0] = 0x20;
	}
	p.address[12] = 10;
	p.address[15] = (uint8_t)below(w, 4);
	p.flags |= (unsigned)below(w, 8) << 4 & 0x70;
	return w->peer = p;
}

static struct made_open any_open(struct walk *w)
{
	return (struct made_open){.asn = below(w, 2) ? 65000 + (uint32_t)below(w, 5) : 4200000000u,
				  .as4 = (int)below(w, 2),
				  .paths4 = (int)below(w, 4),
				  .paths6 = (int)below(w, 4),
				  .role = (int)below(w, 6),
				  .families = 1};
}

/* Whether prefixes of IPv4 have path identifiers in this peer's view, as RFC 7911 section 4 has it. */
static bool has_path_ids(const struct known *k, const struct made_peer *p)
{
	if (!k || !k->up)
		return false;
	if (p->type == 3)
		return k->sent.paths4 || k->received.paths4;
	if (p->flags & 0x10)
		return (k->sent.paths4 & 2) && (k->received.paths4 & 1);
	return (k->sent.paths4 & 1) && (k->received.paths4 & 2);
}

static uint32_t view_of(const struct known *k, const struct made_peer *p)
{
	uint32_t view = k && k->up ? 0 : MANRS_BMP_UNKNOWN_PEER;

	if (p->type == 3)
		return view | MANRS_BMP_LOC_RIB | (p->flags & 0x80 ? MANRS_BMP_FILTERED : 0);
	return view | (p->flags & 0x40 ? MANRS_BMP_POST_POLICY : 0) |
	       (p->flags & 0x10 ? MANRS_BMP_OUT : 0);
}

static void same_peer(const struct walk *w, size_t i)
{
	manrs_bmp_peer p = {.size = sizeof p};
	const struct known *k = &w->list[i];

	pass(manrs_bmp_peer_get(w->bmp, (uint32_t)i, &p));
	ck_assert_uint_eq(p.type, k->peer.type);
	ck_assert(p.distinguisher == k->peer.distinguisher);
	ck_assert_uint_eq(p.up, k->up);
	ck_assert_uint_eq(p.asn, k->asn);
	if (k->peer.type == 3)
		ck_assert_uint_eq(p.address.family, 0);
	else if (k->peer.flags & 0x80)
		ck_assert_mem_eq(p.address.addr, k->peer.address, 16);
	else
		ck_assert_mem_eq(p.address.addr, k->peer.address + 12, 4);
	if (!k->up) {
		ck_assert_int_eq(p.local_role, -1);
		return;
	}
	ck_assert_uint_eq(p.up_s, k->up_s);
	ck_assert_uint_eq(p.local_asn, k->sent.as4           ? k->sent.asn
				       : k->sent.asn > 65535 ? 23456
							     : k->sent.asn);
	ck_assert_int_eq(p.local_role, k->sent.role - 1);
	ck_assert_int_eq(p.remote_role, k->received.role - 1);
	ck_assert_str_eq(p.name, k->table);
}

/* ---- the reader ---- */

/* The message that is made, in pieces. NULL: a peer too many, and the connection ends. */
static const manrs_bmp_event *read_it(struct walk *w)
{
	const manrs_bmp_event *e = NULL;
	manrs_fault fault;
	size_t need, at = below(w, w->made.n);
	uint8_t *block = malloc(w->made.n);
	static uint8_t *last;
	int used;

	memcpy(block, w->made.at, w->made.n);
	ck_assert_int_eq(manrs_bmp_decode(w->bmp, &e, block, at, &need, &fault), 0);
	ck_assert(need > at && need <= w->made.n);
	used = manrs_bmp_decode(w->bmp, &e, block, w->made.n, &need, &fault);
	free(last); /* what was lent lives until now */
	last = block;
	if (used == MANRS_ELIMIT) {
		ck_assert_uint_eq(w->n, w->most);
		ck_assert_ptr_null(find(w, &w->peer));
		ck_assert_uint_eq(manrs_bmp_peers(w->bmp), w->most);
		manrs_bmp_clear(w->bmp);
		w->n = 0;
		return NULL;
	}
	ck_assert_int_eq(used, (int)w->made.n);
	ck_assert_uint_le(w->n, w->most);
	w->counts[e->kind]++;
	return e;
}

/* What every event of a peer has; `was` is the list's before the message. */
static void same_event(struct walk *w, const manrs_bmp_event *e, uint32_t kind, uint32_t view,
		       const struct made_peer *p)
{
	ck_assert_uint_eq(e->kind, kind);
	ck_assert_uint_eq(e->view, view);
	ck_assert_uint_eq(e->time_s, p->time_s);
	ck_assert_uint_eq(e->time_us, p->time_us);
	if (kind == MANRS_BMP_BAD)
		ck_assert_uint_eq(e->peer,
				  find(w, p) ? (size_t)(find(w, p) - w->list) : UINT32_MAX);
	else
		ck_assert_uint_eq(e->peer, (size_t)(find_or_add(w, p) - w->list));
}

/* ---- what a router does ---- */

static void goes_up(struct walk *w)
{
	struct made_peer p = any_peer(w);
	struct made_open sent = any_open(w), received = any_open(w);
	const char *table = below(w, 2) ? "red" : NULL;
	const manrs_bmp_event *e;
	struct known *k;

	made_up(&w->made, &p, &sent, &received, table);
	e = read_it(w);
	if (!e)
		return;
	k = find_or_add(w, &p);
	k->up = true;
	k->sent = sent;
	k->received = received;
	k->asn = p.asn;
	k->up_s = p.time_s;
	strcpy(k->table, table ? table : "");
	same_event(w, e, MANRS_BMP_PEER_UP, view_of(k, &p), &p);
	ck_assert_int_eq(e->fault.code, 0);
}

static void goes_down(struct walk *w)
{
	struct made_peer p = any_peer(w);
	unsigned reason = (unsigned)below(w, 9);
	uint32_t view = view_of(find(w, &p), &p);
	const manrs_bmp_event *e;

	made_down(&w->made, &p, reason, "\0\7", reason == 2 ? 2 : 0);
	e = read_it(w);
	if (!e)
		return;
	same_event(w, e, MANRS_BMP_PEER_DOWN, view, &p);
	ck_assert_uint_eq(e->reason, reason);
	find(w, &p)->up = false;
}

/* An update of one route; with_ids: its prefix has a path identifier. */
static struct made_update any_update(struct walk *w, char nlri[12], bool with_ids)
{
	struct made_update u = {.announce = nlri, .n_path = 1 + below(w, 4)};
	size_t n = 0;

	for (size_t i = 0; i < u.n_path; i++)
		u.path[i] = 64500 + (uint32_t)below(w, 100);
	if (with_ids) {
		memcpy(nlri, "\0\0\1", 3);
		nlri[3] = (char)below(w, 120);
		n = 4;
	}
	nlri[n++] = 24;
	nlri[n++] = 100;
	nlri[n++] = (char)below(w, 120);
	nlri[n++] = (char)below(w, 120);
	u.n_announce = n;
	return u;
}

static void same_route(struct walk *w, const struct made_update *u, const struct made_peer *p,
		       bool with_ids)
{
	const char *prefix = u->announce + u->n_announce - 3;
	manrs_announcement a[2];
	uint32_t ids[2];

	ck_assert_uint_eq(manrs_bmp_announced(w->bmp, a, ids, 2), 1);
	ck_assert_uint_eq(a[0].prefix.len, 24);
	ck_assert_mem_eq(a[0].prefix.addr, prefix, 3);
	ck_assert_uint_eq(ids[0], with_ids ? 256 + (uint32_t)u->announce[3] : 0);
	ck_assert_uint_eq(a[0].path.n, u->n_path);
	ck_assert_mem_eq(a[0].path.asn, u->path, u->n_path * sizeof *u->path);
	ck_assert_uint_eq(!!(a[0].flags & MANRS_ANNOUNCE_EGRESS), p->type != 3 && p->flags & 0x10);
}

static void has_routes(struct walk *w)
{
	struct made_peer p = any_peer(w);
	const struct known *k = find(w, &p);
	bool with_ids = has_path_ids(k, &p);
	uint32_t view = view_of(k, &p);
	const manrs_bmp_event *e;
	char nlri[12];
	struct made_update u = any_update(w, nlri, with_ids);

	u.as2 = p.type != 3 && p.flags & 0x20;
	made_routes(&w->made, &p, &u);
	e = read_it(w);
	if (!e)
		return;
	same_event(w, e, MANRS_BMP_ROUTES, view, &p);
	ck_assert_uint_eq(e->update.notes, 0);
	same_route(w, &u, &p, with_ids);
}

/* As on the wire: the width is that of the OPENs, and nothing is known of it before them. */
static void mirrors(struct walk *w)
{
	struct made_peer p = any_peer(w);
	const struct known *k = find(w, &p);
	bool with_ids = has_path_ids(k, &p);
	uint32_t view = view_of(k, &p);
	const manrs_bmp_event *e;
	char nlri[12];
	struct made_update u = any_update(w, nlri, with_ids);
	size_t at;

	u.as2 = p.type != 3 && (k && k->up ? !(k->sent.as4 && k->received.as4) : p.flags & 0x20);
	made_begin(&w->made, 6);
	made_head(&w->made, &p);
	made_tlv(&w->made, 0, NULL, 0);
	at = w->made.n;
	made_update(&w->made, &u);
	made_length(&w->made, at - 2, at);
	made_end(&w->made);
	e = read_it(w);
	if (!e)
		return;
	same_event(w, e, MANRS_BMP_MIRROR, view, &p);
	same_route(w, &u, &p, with_ids);
}

static void counts(struct walk *w)
{
	struct made_peer p = any_peer(w);
	uint32_t view = view_of(find(w, &p), &p);
	const manrs_bmp_event *e;

	made_begin(&w->made, 1);
	made_head(&w->made, &p);
	made32(&w->made, 0);
	made_end(&w->made);
	e = read_it(w);
	if (e)
		same_event(w, e, MANRS_BMP_STATS, view, &p);
}

/* Anything behind the header of Route Monitoring or Peer Up; a type that is none; a header that is cut. */
static void garbage(struct walk *w)
{
	struct made_peer p = any_peer(w);
	uint32_t view = view_of(find(w, &p), &p);
	size_t n = below(w, 200), what = below(w, 4);
	const manrs_bmp_event *e;

	made_begin(&w->made, what == 0 ? 0 : what == 1 ? 3 : what == 2 ? 7 : 2);
	made_head(&w->made, &p);
	if (what == 3)
		w->made.n -= 1 + below(w, 42);
	for (size_t i = 0; what < 3 && i < n; i++)
		made8(&w->made, (unsigned)below(w, 256));
	made_end(&w->made);
	e = read_it(w);
	if (!e)
		return;
	if (what == 1) /* a Peer Up stands for itself */
		view &= ~MANRS_BMP_UNKNOWN_PEER;
	if (what < 2)
		same_event(w, e, MANRS_BMP_BAD, view, &p);
	else
		ck_assert_uint_eq(e->kind, what == 2 ? MANRS_BMP_OTHER : MANRS_BMP_BAD);
}

static void random_walk(uint64_t seed, uint32_t most, size_t steps)
{
	static struct walk walk;
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_bmp_config config;

	walk = (struct walk){.seed = seed, .most = most};
	pass(manrs_bmp_config_init(&config, sizeof config));
	config.alloc = &alloc;
	config.max_peers = most;
	config.hash_seed[0] = seed;
	pass(manrs_bmp_new(&walk.bmp, &config));
	for (size_t i = 0; i < steps; i++) {
		static void (*const does[])(struct walk *) = {goes_up,    goes_up,    goes_down,
							      has_routes, has_routes, has_routes,
							      mirrors,    counts,     garbage};

		walk.made.n = 0;
		if (!below(&walk, 500)) { /* the router connects again */
			manrs_bmp_clear(walk.bmp);
			walk.n = 0;
		}
		does[below(&walk, sizeof does / sizeof *does)](&walk);
		ck_assert_uint_eq(manrs_bmp_peers(walk.bmp), walk.n);
		if (walk.n)
			same_peer(&walk, below(&walk, walk.n));
	}
	for (uint32_t kind = 0; kind < 10; kind++)
		if (kind != MANRS_BMP_INITIATION && kind != MANRS_BMP_TERMINATION &&
		    kind != MANRS_BMP_END_OF_RIB)
			ck_assert_uint_gt(walk.counts[kind], steps / 100);
	manrs_bmp_free(walk.bmp);
	ck_assert_uint_eq(counting.live, 0);
}

START_TEST(many_peers)
{
	for (uint64_t seed = 1; seed < 6; seed++)
		random_walk(seed, 64, 20000);
}
END_TEST

/* A table that is too small: the connection ends at the peer too many, and only there. */
START_TEST(few_places)
{
	random_walk(7, 20, 20000);
}
END_TEST

Suite *bmp_random_suite(void)
{
	Suite *s = suite_create("bmp_random");

	ADD_TEST(s, many_peers, 10);
	ADD_TEST(s, few_places, 10);
	return s;
}

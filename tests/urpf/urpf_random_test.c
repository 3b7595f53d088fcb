/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF on random worlds: random walks of edits, each commit held against the algorithms' literal transcription over the
 * same world from scratch: lists, checks in batch and single, explanations, aggregated lists; with hold times, against
 * a record of what was on which list when. Seeds are fixed.
 */

#include "test.h"

#include "urpf/urpf_match.h"
#include "urpf/urpf_state.h"
#include "oracle/map.h"
#include "oracle/urpf.h"

struct twin {
	struct sav world;
	manrs_urpf_owner *owner;
	manrs_urpf *u;
	manrs_db_owner *db_owner;
	manrs_db *db;
	uint64_t seed;
	bool freed[SAV_IFACES]; /* by the open edit, which does not give them out again */
};

static uint64_t pick(struct twin *t, uint64_t n)
{
	return test_random(&t->seed) % n;
}

static manrs_prefix random_prefix(struct twin *t)
{
	static const char *const bases[] = {"11.0.0.0/8",   "11.1.0.0/16",   "11.1.2.0/24",
					    "200.7.0.0/16", "192.0.0.0/16",  "2a00::/16",
					    "2a00:1::/32",  "2a00:1:2::/48", "2001::/20",
					    "fe80::/10",    "11.1.2.128/25"};
	static const uint8_t len4[] = {0,  1,  7,  8,  9,  12, 15, 16, 16, 17,
				       20, 22, 23, 24, 24, 25, 28, 31, 32};
	static const uint8_t len6[] = {0,  3,  8,  16, 19, 20, 23, 28,  32,  32, 33,
				       40, 47, 48, 48, 56, 64, 65, 120, 127, 128};
	manrs_prefix p = test_prefix(bases[pick(t, sizeof bases / sizeof *bases)]);

	for (unsigned flips = (unsigned)pick(t, 3); flips; flips--) {
		unsigned bit = (unsigned)pick(t, p.family == 4 ? 32 : 128);

		p.addr[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
	}
	p.len = p.family == 4 ? len4[pick(t, sizeof len4)] : len6[pick(t, sizeof len6)];
	p.maxlen = p.len;
	addr_mask(p.addr, p.len);
	if (p.family == 4)
		memset(p.addr + 4, 0, 12);
	return p;
}

static uint32_t random_asn(struct twin *t)
{
	return pick(t, 40) ? 1 + (uint32_t)pick(t, 14) : 64500;
}

/* ---- edits, on both sides ---- */

/* What a removal takes along. */
static void forget_iface(struct twin *t, uint16_t handle)
{
	struct sav *w = &t->world;
	size_t n = 0;

	w->iface[handle].live = false;
	t->freed[handle] = true;
	for (size_t i = 0; i < w->n_routes; i++)
		if (w->route[i].iface != handle)
			w->route[n++] = w->route[i];
	w->n_routes = n;
	n = 0;
	for (size_t i = 0; i < w->n_hands; i++)
		if (w->hand[i].iface != handle)
			w->hand[n++] = w->hand[i];
	w->n_hands = n;
}

static struct sav_iface random_iface(struct twin *t)
{
	static const uint8_t roles[] = {1, 1, 1, 2, 3, 3, 0};
	struct sav_iface f = {.live = true};

	f.mode = 1 + (int)pick(t, 10);
	f.role = roles[pick(t, sizeof roles)];
	f.options = (uint32_t)pick(t, 128);
	f.options &= (uint32_t)pick(t, 128);
	f.n_acl = pick(t, 4) == 0;
	f.asn = f.role && pick(t, 8) ? 1 + (uint32_t)pick(t, 14) : 0;
	/* EFP is for customers: a list for another role means nothing */
	if (f.role != MANRS_ROLE_CUSTOMER &&
	    (f.mode == MANRS_URPF_EFP_A || f.mode == MANRS_URPF_EFP_B))
		f.mode = MANRS_URPF_BAR_SAV_PI;
	f.acl[0] = random_asn(t);
	return f;
}

/* An interface at handle `at`; a new one gets the lowest that is free. */
static void set_iface(struct twin *t, manrs_urpf_edit *e, uint16_t at, bool new,
		      const struct sav_iface *f)
{
	uint16_t handle = new ? MANRS_URPF_NO_IFACE : at;
	manrs_urpf_iface set;

	manrs_urpf_iface_init(&set, sizeof set);
	set.mode = (uint32_t)f->mode;
	set.role = (uint32_t)f->role;
	set.asn = f->asn;
	set.options = f->options;
	set.asn_acl = f->acl;
	set.n_asn_acl = f->n_acl;
	ck_assert_int_eq(new ? manrs_urpf_edit_iface_add(e, &handle, &set)
			     : manrs_urpf_edit_iface_set(e, handle, &set),
			 MANRS_OK);
	ck_assert_uint_eq(handle, at);
	t->world.iface[at] = *f;
	if (at >= t->world.n_ifaces)
		t->world.n_ifaces = at + 1u;
}

static void edit_iface(struct twin *t, manrs_urpf_edit *e)
{
	struct sav *w = &t->world;
	uint16_t at = (uint16_t)pick(t, SAV_IFACES);
	bool new = at >= w->n_ifaces || !w->iface[at].live;
	struct sav_iface f;

	if (!new &&pick(t, 4) == 0) {
		ck_assert_int_eq(manrs_urpf_edit_iface_remove(e, at), MANRS_OK);
		forget_iface(t, at);
		return;
	}
	for (at = new ? 0 : at; new &&at < w->n_ifaces && (w->iface[at].live || t->freed[at]);)
		at++;
	if (at == SAV_IFACES)
		return;
	f = random_iface(t);
	set_iface(t, e, at, new, &f);
}

static bool same_key(const struct sav_route *a, const struct sav_route *b)
{
	return a->iface == b->iface && a->neighbour == b->neighbour && a->path_id == b->path_id &&
	       !map_order(&a->prefix, &b->prefix);
}

static struct sav_route random_route(struct twin *t)
{
	struct sav_route r = {.prefix = random_prefix(t)};
	uint32_t first;

	r.iface = (uint16_t)pick(t, t->world.n_ifaces);
	first = t->world.iface[r.iface].asn;
	if (pick(t, 12) == 0)
		r.iface = MANRS_URPF_NO_IFACE;
	r.flags = (uint8_t)pick(t, 2);
	if (pick(t, 8) == 0)
		r.flags |= 2;
	if (pick(t, 8) == 0)
		r.flags |= 4;
	r.path_id = (uint32_t)pick(t, 2);
	if (pick(t, 8) == 0) {
		r.origin = random_asn(t);
		return r;
	}
	r.path[r.n++] = first && pick(t, 10) ? first : random_asn(t);
	for (uint64_t more = pick(t, 4); more; more--) {
		r.path[r.n] = pick(t, 6) ? random_asn(t) : r.path[r.n - 1];
		r.n++;
	}
	r.origin = r.path[r.n - 1];
	return r;
}

static void apply(struct twin *t, manrs_urpf_edit *e, int op, const struct sav_route *r)
{
	manrs_urpf_entry x = {.route = {r->prefix, r->origin},
			      .neighbour = r->neighbour,
			      .path_id = r->path_id,
			      .iface = r->iface,
			      .flags = r->flags};
	uint32_t start[2] = {0, r->n};
	manrs_paths paths = {r->path, NULL, start, 1};

	ck_assert_int_eq(manrs_urpf_edit_rib(e, op, &x, 1, r->n ? &paths : NULL, NULL, NULL),
			 MANRS_OK);
	(void)t;
}

static void edit_route(struct twin *t, manrs_urpf_edit *e)
{
	struct sav *w = &t->world;
	struct sav_route r;
	size_t at = 0;

	if (w->n_routes && pick(t, 3) == 0) {
		at = (size_t)pick(t, w->n_routes);
		apply(t, e, MANRS_REMOVE, &w->route[at]);
		w->route[at] = w->route[--w->n_routes];
		return;
	}
	if (!w->n_ifaces || w->n_routes == SAV_ROUTES)
		return;
	r = random_route(t);
	if (r.iface != MANRS_URPF_NO_IFACE && !w->iface[r.iface].live)
		return;
	while (at < w->n_routes && !same_key(&w->route[at], &r))
		at++;
	w->n_routes += at == w->n_routes;
	w->route[at] = r;
	apply(t, e, MANRS_ADD, &r);
}

static void edit_hand(struct twin *t, manrs_urpf_edit *e)
{
	struct sav *w = &t->world;
	struct sav_hand h = {.prefix = random_prefix(t), .iface = MANRS_URPF_NO_IFACE};
	size_t at = 0;

	h.kind = 1 + (int)pick(t, 5);
	if (pick(t, 3) || h.kind == MANRS_URPF_PREFIX_LINK)
		h.iface = (uint16_t)pick(t, w->n_ifaces ? w->n_ifaces : 1);
	if (w->n_hands && pick(t, 2)) {
		h = w->hand[at = (size_t)pick(t, w->n_hands)];
		w->hand[at] = w->hand[--w->n_hands];
		ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_REMOVE, (uint32_t)h.kind,
							  h.iface, &h.prefix, 1, NULL, NULL),
				 MANRS_OK);
		return;
	}
	if (h.prefix.len < 8 ||
	    (h.iface != MANRS_URPF_NO_IFACE && (h.iface >= w->n_ifaces || !w->iface[h.iface].live)))
		return;
	while (at < w->n_hands && (w->hand[at].iface != h.iface || w->hand[at].kind != h.kind ||
				   map_order(&w->hand[at].prefix, &h.prefix)))
		at++;
	w->n_hands += at == w->n_hands;
	w->hand[at] = h;
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, (uint32_t)h.kind, h.iface,
						  &h.prefix, 1, NULL, NULL),
			 MANRS_OK);
}

/* A new db of random VRPs near the routes, IRR objects and ASPAs. */
static void new_db(struct twin *t)
{
	struct sav *w = &t->world;
	manrs_edit *e;

	manrs_db_unref(t->db);
	t->db = NULL;
	w->has_db = pick(t, 8) != 0;
	w->n_vrps = w->n_irr = w->n_aspas = 0;
	if (!w->has_db)
		return;
	ck_assert_int_eq(manrs_edit_begin(&e, t->db_owner, NULL), MANRS_OK);
	for (uint64_t n = pick(t, 40); n; n--) {
		manrs_route r = {.prefix = random_prefix(t)};

		r.asn = random_asn(t);
		if (w->n_routes && pick(t, 4)) {
			const struct sav_route *near = &w->route[pick(t, w->n_routes)];

			r = (manrs_route){near->prefix, pick(t, 4) ? near->origin : random_asn(t)};
		}
		r.prefix.maxlen = (uint8_t)(r.prefix.len + pick(t, family_bits(r.prefix.family) -
									   r.prefix.len + 1u));
		w->vrp[w->n_vrps++] = r;
		ck_assert_int_eq(manrs_edit_vrps(e, 0, MANRS_ADD, &r, 1, NULL, NULL), MANRS_OK);
		r.prefix = random_prefix(t);
		w->irr[w->n_irr++] = r;
		ck_assert_int_eq(manrs_edit_irr(e, 0, MANRS_ADD, &r, 1, NULL, NULL), MANRS_OK);
	}
	for (uint32_t c = 1; c <= 14; c++) {
		uint32_t provider[3];
		manrs_aspa a = {provider, c, 0};

		for (uint32_t p = 1; p <= 15 && a.n < 3 && pick(t, 2);
		     p += 1 + (uint32_t)pick(t, 6))
			if (p != c)
				provider[a.n++] = p;
		if (!a.n)
			continue;
		for (uint32_t i = 0; i < a.n; i++)
			w->aspa[w->n_aspas++] = (struct draft_pair){c, provider[i]};
		ck_assert_int_eq(manrs_edit_aspas(e, 0, MANRS_ADD, &a, 1, NULL, NULL), MANRS_OK);
	}
	ck_assert_int_eq(manrs_edit_commit(e, &t->db), MANRS_OK);
}

/* ---- comparing ---- */

static const char *text_of(const manrs_prefix *p)
{
	static char text[4][MANRS_PREFIX_TEXT];
	static unsigned at;

	at = (at + 1) % 4;
	manrs_prefix_format(p, text[at], sizeof text[at]);
	return text[at];
}

static bool listed(const manrs_prefix *p, const manrs_prefix *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!map_order(p, &set[i]))
			return true;
	return false;
}

static void same_list(const struct twin *t, unsigned iface)
{
	struct sav_set want;
	manrs_cursor start = {{0}}, behind = {{0}};
	manrs_prefix got[600], rest[600];
	size_t n = manrs_urpf_list(t->u, (uint16_t)iface, &start, got, 600), half = n / 2;

	if (n) {
		memcpy(&behind, &got[half], sizeof *got);
		ck_assert_uint_eq(manrs_urpf_list(t->u, (uint16_t)iface, &behind, rest, 600),
				  n - half - 1);
		for (size_t i = half + 1; i < n; i++)
			ck_assert_int_eq(map_order(&rest[i - half - 1], &got[i]), 0);
	}
	sav_list(&t->world, iface, &want);
	for (size_t i = 0; i + 1 < n; i++)
		ck_assert_int_lt(map_order(&got[i], &got[i + 1]), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(listed(&got[i], want.at, want.n), "iface %u mode %d: %s too much",
			      iface, t->world.iface[iface].mode, text_of(&got[i]));
	for (size_t i = 0; i < want.n; i++)
		ck_assert_msg(listed(&want.at[i], got, n), "iface %u mode %d: %s missing", iface,
			      t->world.iface[iface].mode, text_of(&want.at[i]));
	sav_set_free(&want);
}

/* An address at an edge of some prefix, or anywhere. */
static manrs_prefix random_source(struct twin *t)
{
	const struct sav *w = &t->world;
	manrs_prefix p = random_prefix(t);
	unsigned bits;
	uint64_t how = pick(t, 4);

	if (w->n_routes && pick(t, 3))
		p = w->route[pick(t, w->n_routes)].prefix;
	else if (w->n_hands && pick(t, 2))
		p = w->hand[pick(t, w->n_hands)].prefix;
	else if (w->n_vrps && pick(t, 2))
		p = w->vrp[pick(t, w->n_vrps)].prefix;
	bits = family_bits(p.family);
	for (unsigned i = p.len; i < bits && how; i++)
		if (how == 1 || pick(t, 2))
			p.addr[i / 8] |= (uint8_t)(0x80u >> i % 8);
	if (how == 3 && bits) { /* the next one */
		unsigned i = bits / 8;

		while (i-- && ++p.addr[i] == 0)
			;
	}
	p.len = p.maxlen = (uint8_t)bits;
	return p;
}

static void same_checks(struct twin *t, unsigned n)
{
	static uint32_t src4[512];
	static uint8_t src6[512 * 16], allow[1024];
	static uint16_t iface4[512], iface6[512];
	static manrs_prefix from4[512], from6[512];
	size_t n4 = 0, n6 = 0;

	ck_assert_uint_le(n, 512);
	while (n--) {
		manrs_prefix p = random_source(t);
		uint16_t iface = (uint16_t)pick(t, t->world.n_ifaces + 1);

		if (pick(t, 100) == 0) /* far from those that there are */
			iface = MANRS_URPF_NO_IFACE;
		if (p.family == 4) {
			memcpy(&src4[n4], p.addr, 4);
			from4[n4] = p;
			iface4[n4++] = iface;
		} else {
			memcpy(src6 + 16 * n6, p.addr, 16);
			from6[n6] = p;
			iface6[n6++] = iface;
		}
	}
	manrs_urpf_check4(t->u, src4, iface4, n4, allow);
	manrs_urpf_check6(t->u, src6, iface6, n6, allow + n4);
	for (size_t i = 0; i < n4 + n6; i++) {
		const manrs_prefix *p = i < n4 ? &from4[i] : &from6[i - n4];
		uint16_t iface = i < n4 ? iface4[i] : iface6[i - n4];
		manrs_urpf_explanation why = {.size = sizeof why};
		int want = iface < t->world.n_ifaces ? sav_check(&t->world, iface, p)
						     : MANRS_URPF_DENIED;

		ck_assert_int_eq(manrs_urpf_explain(t->u, p, iface, &why, NULL, 0), MANRS_OK);
		ck_assert_msg(allow[i] == want, "%s on %u (mode %d): %d, not %d; %s", text_of(p),
			      iface, t->world.iface[iface].mode, allow[i], want,
			      manrs_urpf_step_text(why.step));
		ck_assert_msg(why.allow == want, "%s on %u explained: %d, not %d", text_of(p),
			      iface, why.allow, want);
	}
}

/* The aggregated list covers what is allowed, and has no two halves of one prefix and no prefix in another. */
static void same_allowed(struct twin *t, unsigned iface)
{
	manrs_prefix p[2000];
	manrs_cursor c = {{0}};
	size_t n = 0, some;

	while ((some = manrs_urpf_allowed(t->u, (uint16_t)iface, 1, &c, p + n, 7)) > 0) {
		n += some;
		ck_assert_uint_lt(n, 1990);
	}
	for (size_t i = 0; i + 1 < n; i++) {
		ck_assert(!map_covers(&p[i], &p[i + 1]));
		if (p[i].family == p[i + 1].family && p[i].len == p[i + 1].len && p[i].len)
			ck_assert(addr_common(p[i].addr, p[i + 1].addr, 128) != p[i].len - 1u);
	}
	for (int k = 0; k < 40; k++) {
		manrs_prefix s = random_source(t);
		bool in = false;

		for (size_t i = 0; i < n; i++)
			in |= map_covers(&p[i], &s);
		ck_assert_msg(in == (sav_check(&t->world, iface, &s) == MANRS_URPF_ALLOWED),
			      "%s on %u", text_of(&s), iface);
	}
}

static void twin_open(struct twin *t, uint64_t seed, uint64_t hold_ms)
{
	manrs_urpf_config c;

	memset(t, 0, sizeof *t);
	t->seed = seed;
	t->world.local_as = 10;
	manrs_urpf_config_init(&c, sizeof c);
	c.local_as = 10;
	c.hold_ms = hold_ms;
	c.isa = test_isa();
	ck_assert_int_eq(manrs_urpf_owner_new(&t->owner, &c), MANRS_OK);
	if (seed % 4 == 0) { /* small tables have a flat copy too, of any kind */
		t->owner->flat_min = 0;
		t->owner->flat_width = (const uint32_t[]){1, 2, 3, FLAT_BITS}[seed / 4 % 4];
	}
	ck_assert_int_eq(manrs_db_owner_new(&t->db_owner, NULL), MANRS_OK);
}

static void twin_close(struct twin *t)
{
	manrs_urpf_unref(t->u);
	ck_assert_int_eq(manrs_urpf_owner_free(t->owner), MANRS_OK);
	manrs_db_unref(t->db);
	ck_assert_int_eq(manrs_db_owner_free(t->db_owner), MANRS_OK);
}

static void twin_commit(struct twin *t, manrs_urpf_edit *e, uint64_t now)
{
	manrs_urpf *old = t->u;

	ck_assert_int_eq(manrs_urpf_edit_commit(e, &t->u, t->db, now), MANRS_OK);
	memset(t->freed, 0, sizeof t->freed);
	manrs_urpf_unref(old);
	manrs_urpf_reclaim(t->owner, pick(t, 2) ? 0 : 100);
}

/* A few edits of the kinds that the step asks for. */
static void edit_some(struct twin *t, manrs_urpf_edit *e, unsigned ifaces, unsigned routes,
		      unsigned hands)
{
	while (ifaces--)
		edit_iface(t, e);
	while (routes--)
		edit_route(t, e);
	while (hands--)
		edit_hand(t, e);
}

static void walk(uint64_t seed, unsigned steps)
{
	static struct twin t;

	twin_open(&t, seed, 0);
	for (unsigned i = 0; i < steps; i++) {
		manrs_urpf_edit *e;

		ck_assert_int_eq(manrs_urpf_edit_begin(&e, t.owner, t.u), MANRS_OK);
		if (i == 0) {
			edit_some(&t, e, 9, 60, 8);
		} else {
			unsigned ifaces = pick(&t, 12) == 0;
			unsigned routes = (unsigned)pick(&t, 4);

			edit_some(&t, e, ifaces, routes, pick(&t, 4) == 0);
		}
		if (i == 0 || pick(&t, 10) == 0)
			new_db(&t);
		twin_commit(&t, e, i);
		for (unsigned f = 0; f < t.world.n_ifaces; f++)
			same_list(&t, f);
		same_checks(&t, 100);
		if (t.world.n_ifaces)
			same_allowed(&t, (unsigned)pick(&t, t.world.n_ifaces));
	}
	twin_close(&t);
}

START_TEST(random_edits_equal_the_transcriptions_from_scratch)
{
	for (uint64_t seed = 1; seed <= test_rounds(40); seed++)
		walk(seed, 25);
}
END_TEST

/* One snapshot after thousands of routes in one edit equals the same routes in many. */
START_TEST(one_big_edit_equals_many_small_ones)
{
	static struct twin a, b;
	manrs_urpf_edit *ea, *eb;

	twin_open(&a, 77, 0);
	twin_open(&b, 77, 0);
	ck_assert_int_eq(manrs_urpf_edit_begin(&ea, a.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&eb, b.owner, NULL), MANRS_OK);
	edit_some(&a, ea, 8, 0, 0);
	edit_some(&b, eb, 8, 0, 0);
	for (int i = 0; i < 400; i++) {
		edit_route(&a, ea);
		edit_route(&b, eb);
		twin_commit(&b, eb, 0);
		b.seed = a.seed;
		ck_assert_int_eq(manrs_urpf_edit_begin(&eb, b.owner, b.u), MANRS_OK);
	}
	twin_commit(&a, ea, 0);
	twin_commit(&b, eb, 0);
	b.seed = a.seed;
	same_checks(&a, 500);
	same_checks(&b, 500);
	twin_close(&a);
	twin_close(&b);
}
END_TEST

/* ---- hold times ---- */

struct seen {
	manrs_prefix prefix;
	unsigned iface;
	bool on;
	uint64_t until;
};

/* What the lists must be: on now, or on before and not yet over. */
static size_t hold_step(struct seen *seen, size_t n, const struct twin *t, unsigned iface,
			uint64_t now, uint64_t hold)
{
	struct sav_set want;

	sav_list(&t->world, iface, &want);
	for (size_t i = 0; i < n; i++) {
		bool on = listed(&seen[i].prefix, want.at, want.n);

		if (seen[i].iface != iface)
			continue;
		if (seen[i].on && !on)
			seen[i].until = now + hold;
		seen[i].on = on;
	}
	for (size_t k = 0; k < want.n; k++) {
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= seen[i].iface == iface && !map_order(&seen[i].prefix, &want.at[k]);
		if (!known)
			seen[n++] = (struct seen){want.at[k], iface, true, 0};
	}
	sav_set_free(&want);
	return n;
}

static void hold_same(const struct seen *seen, size_t n, const struct twin *t, unsigned iface,
		      uint64_t now)
{
	manrs_cursor start = {{0}};
	manrs_prefix got[600];
	size_t some = manrs_urpf_list(t->u, (uint16_t)iface, &start, got, 600), want = 0;

	for (size_t i = 0; i < n; i++) {
		bool on = seen[i].on || seen[i].until > now;

		if (seen[i].iface != iface)
			continue;
		want += on;
		ck_assert_msg(listed(&seen[i].prefix, got, some) == on,
			      "iface %u mode %d at %u: %s %s", iface, t->world.iface[iface].mode,
			      (unsigned)now, text_of(&seen[i].prefix), on ? "missing" : "too much");
	}
	ck_assert_uint_eq(some, want);
}

/* Interfaces of every mode with a list, routes, and a database with VRPs. */
static void hold_world(struct twin *t, manrs_urpf_edit *e)
{
	static const int modes[] = {MANRS_URPF_EFP_A,       MANRS_URPF_EFP_B, MANRS_URPF_BAR_SAV,
				    MANRS_URPF_PROCEDURE_X, MANRS_URPF_EFP_A, MANRS_URPF_LOOSE};

	for (uint16_t i = 0; i < 6; i++) {
		struct sav_iface f = {.live = true,
				      .mode = modes[i],
				      .role = i == 5 ? MANRS_ROLE_PROVIDER : MANRS_ROLE_CUSTOMER,
				      .options = MANRS_URPF_LINK_LOCAL | MANRS_URPF_UNSPECIFIED,
				      .asn = i + 1u};

		set_iface(t, e, i, true, &f);
	}
	edit_some(t, e, 0, 40, 0);
	do
		new_db(t);
	while (!t->world.has_db || !t->world.n_vrps);
}

START_TEST(random_edits_with_hold_times)
{
	static struct twin t;
	static struct seen seen[4000];

	for (uint64_t seed = 100; seed < 100 + test_rounds(15); seed++) {
		uint64_t now = 0;
		size_t n = 0;

		twin_open(&t, seed, 50);
		for (unsigned i = 0; i < 60; i++) {
			manrs_urpf_edit *e;

			ck_assert_int_eq(manrs_urpf_edit_begin(&e, t.owner, t.u), MANRS_OK);
			if (i == 0)
				hold_world(&t, e);
			else
				edit_some(&t, e, 0, (unsigned)pick(&t, 6), 0);
			now += pick(&t, 30);
			twin_commit(&t, e, now);
			for (unsigned f = 0; f < 5; f++) {
				n = hold_step(seen, n, &t, f, now, 50);
				hold_same(seen, n, &t, f, now);
			}
			ck_assert_uint_lt(n, 3500);
		}
		twin_close(&t);
	}
}
END_TEST

Suite *urpf_random_suite(void)
{
	Suite *s = suite_create("urpf_random");

	ADD_TEST(s, random_edits_equal_the_transcriptions_from_scratch, 10);
	ADD_TEST(s, one_big_edit_equals_many_small_ones, 5);
	ADD_TEST(s, random_edits_with_hold_times, 5);
	return s;
}

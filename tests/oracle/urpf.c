/* SPDX-License-Identifier: BSD-2-Clause */
/* The algorithms of source address validation, transcribed: sets as arrays, searched from end to end. */

#include "oracle/urpf.h"

#include "oracle/map.h"
#include <stdlib.h>
#include <string.h>

/* ---- sets ---- */

static bool same(const manrs_prefix *a, const manrs_prefix *b)
{
	return a->family == b->family && a->len == b->len && !memcmp(a->addr, b->addr, 16);
}

static bool in_set(const struct sav_set *s, const manrs_prefix *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (same(&s->at[i], p))
			return true;
	return false;
}

static void add(struct sav_set *s, const manrs_prefix *p)
{
	if (in_set(s, p))
		return;
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->at = realloc(s->at, s->cap * sizeof *s->at);
		if (!s->at)
			abort();
	}
	s->at[s->n++] = *p;
}

void sav_set_free(struct sav_set *s)
{
	free(s->at);
	*s = (struct sav_set){0};
}

struct asns {
	uint32_t at[SAV_ROUTES];
	size_t n;
};

static bool has(const struct asns *a, uint32_t asn)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->at[i] == asn)
			return true;
	return false;
}

static void put(struct asns *a, uint32_t asn)
{
	if (asn && !has(a, asn) && a->n < SAV_ROUTES)
		a->at[a->n++] = asn;
}

/* ---- modes ---- */

static bool is(const struct sav *w, unsigned iface, int role)
{
	return iface < w->n_ifaces && w->iface[iface].live && w->iface[iface].role == role;
}

static int mode_of(const struct sav *w, unsigned iface)
{
	int m = w->iface[iface].mode;

	if ((m == MANRS_URPF_BAR_SAV || m == MANRS_URPF_BAR_SAV_PI ||
	     m == MANRS_URPF_PROCEDURE_X) &&
	    (!w->has_db || w->n_vrps + w->n_aspas == 0))
		return MANRS_URPF_LOOSE;
	return m;
}

/* ---- RFC 8704 ---- */

/* "Adj-RIBs-In of customer, lateral peer and transit provider interfaces", sections 3.1 and 3.4: a neighbour sent it. */
static bool sent(const struct sav *w, const struct sav_route *r)
{
	return r->iface < w->n_ifaces && w->iface[r->iface].live &&
	       w->iface[r->iface].role != MANRS_ROLE_NONE;
}

/* Section 3.1 step 1 and 3.4: the unique origins in customers' Adj-RIB-Ins. */
static void set_a(const struct sav *w, struct asns *a)
{
	for (size_t i = 0; i < w->n_routes; i++)
		if (is(w, w->route[i].iface, MANRS_ROLE_CUSTOMER))
			put(a, w->route[i].origin);
}

static void set_x(const struct sav *w, uint32_t asn, struct sav_set *x)
{
	for (size_t i = 0; i < w->n_routes; i++)
		if (sent(w, &w->route[i]) && w->route[i].origin == asn)
			add(x, &w->route[i].prefix);
}

static bool received(const struct sav *w, unsigned iface, const struct sav_set *x)
{
	for (size_t i = 0; i < w->n_routes; i++)
		if (w->route[i].iface == iface && in_set(x, &w->route[i].prefix))
			return true;
	return false;
}

static void augment(const struct sav *w, unsigned iface, uint32_t asn, struct sav_set *out)
{
	if (w->has_db && w->iface[iface].options & MANRS_URPF_AUGMENT_ROA)
		for (size_t i = 0; i < w->n_vrps; i++)
			if (w->vrp[i].asn == asn)
				add(out, &w->vrp[i].prefix);
	if (w->has_db && w->iface[iface].options & MANRS_URPF_AUGMENT_IRR)
		for (size_t i = 0; i < w->n_irr; i++)
			if (w->irr[i].asn == asn)
				add(out, &w->irr[i].prefix);
}

static void efp_a(const struct sav *w, unsigned iface, struct sav_set *out)
{
	struct asns a = {0};

	if (!is(w, iface, MANRS_ROLE_CUSTOMER))
		return;
	set_a(w, &a);
	for (size_t i = 0; i < a.n; i++) {
		struct sav_set x = {0};

		set_x(w, a.at[i], &x);
		if (received(w, iface, &x)) {
			for (size_t k = 0; k < x.n; k++)
				add(out, &x.at[k]);
			augment(w, iface, a.at[i], out);
		}
		sav_set_free(&x);
	}
}

static void efp_b(const struct sav *w, unsigned iface, struct sav_set *out)
{
	struct asns a = {0};

	set_a(w, &a);
	for (size_t i = 0; i < w->n_routes; i++)
		if (is(w, w->route[i].iface, MANRS_ROLE_CUSTOMER) ||
		    (sent(w, &w->route[i]) && has(&a, w->route[i].origin)))
			add(out, &w->route[i].prefix);
	for (size_t i = 0; i < a.n; i++)
		augment(w, iface, a.at[i], out);
}

/* ---- the db ---- */

enum { ROV_NONE, ROV_VALID, ROV_INVALID };

static int rov(const struct sav *w, const manrs_prefix *p, uint32_t origin)
{
	int state = ROV_NONE;

	for (size_t i = 0; i < w->n_vrps; i++) {
		if (!map_covers(&w->vrp[i].prefix, p))
			continue;
		if (origin && w->vrp[i].asn == origin && p->len <= w->vrp[i].prefix.maxlen)
			return ROV_VALID;
		state = ROV_INVALID;
	}
	return state;
}

/* -1: cannot be said. */
static int aspa(const struct sav *w, const struct sav_route *r)
{
	const struct sav_iface *f;

	if (!r->n || r->iface >= w->n_ifaces)
		return -1;
	f = &w->iface[r->iface];
	if (f->role == MANRS_ROLE_NONE)
		return -1;
	return (int)draft_verify(w->aspa, w->n_aspas, r->path, r->n, false,
				 f->role == MANRS_ROLE_PROVIDER, false, f->asn == 0, f->asn);
}

static bool usable(const struct sav *w, const struct sav_route *r)
{
	if (!sent(w, r) || r->flags & MANRS_URPF_LEAKED ||
	    rov(w, &r->prefix, r->origin) == ROV_INVALID)
		return false;
	return aspa(w, r) != DRAFT_INVALID;
}

/* ---- BAR-SAV section 4 ---- */

static bool special(uint32_t asn)
{
	return asn == 0 || asn == 23456 || (asn >= 64496 && asn <= 131071) || asn >= 4200000000u;
}

/* One round: A and B of the last Z. */
static void round_of(const struct sav *w, const struct asns *z, bool paths, struct asns *c)
{
	for (size_t i = 0; i < w->n_aspas; i++)
		if (has(z, w->aspa[i].provider) && w->aspa[i].provider &&
		    !special(w->aspa[i].customer))
			put(c, w->aspa[i].customer);
	for (size_t i = 0; paths && i < w->n_routes; i++) {
		const struct sav_route *r = &w->route[i];

		for (uint32_t k = 0; k + 1 < r->n; k++)
			if (has(z, r->path[k]) && usable(w, r))
				put(c, r->path[k + 1]);
	}
}

static void grow(const struct sav *w, bool paths, struct asns *d)
{
	struct asns z = *d;

	while (z.n) {
		struct asns c = {0}, next = {0};

		round_of(w, &z, paths, &c);
		for (size_t i = 0; i < c.n; i++)
			if (!has(d, c.at[i]))
				put(&next, c.at[i]);
		for (size_t i = 0; i < next.n; i++)
			put(d, next.at[i]);
		z = next;
	}
}

static void seeds(const struct sav *w, unsigned iface, struct asns *d)
{
	put(d, w->iface[iface].asn);
	for (unsigned i = 0; i < w->iface[iface].n_acl; i++)
		put(d, w->iface[iface].acl[i]);
}

static void hand(const struct sav *w, unsigned iface, int kind, struct sav_set *out)
{
	for (size_t i = 0; i < w->n_hands; i++)
		if (w->hand[i].kind == kind &&
		    (w->hand[i].iface == iface || w->hand[i].iface == MANRS_URPF_NO_IFACE))
			add(out, &w->hand[i].prefix);
}

static void of_cone(const struct sav *w, const struct asns *d, bool routes, struct sav_set *out)
{
	for (size_t i = 0; i < w->n_vrps; i++)
		if (has(d, w->vrp[i].asn))
			add(out, &w->vrp[i].prefix);
	for (size_t i = 0; routes && i < w->n_routes; i++)
		if (has(d, w->route[i].origin) && usable(w, &w->route[i]))
			add(out, &w->route[i].prefix);
}

static void bar_sav(const struct sav *w, unsigned iface, bool paths, struct sav_set *out)
{
	struct asns d = {0};

	seeds(w, iface, &d);
	grow(w, paths, &d);
	of_cone(w, &d, paths, out);
}

/* ---- BAR-SAV-PI ---- */

static bool has_aspa(const struct sav *w, uint32_t asn)
{
	for (size_t i = 0; i < w->n_aspas; i++)
		if (w->aspa[i].customer == asn)
			return true;
	return false;
}

/* Step 5 for one route. */
static bool enclosed(const struct sav *w, const struct sav_route *r, const struct asns *du)
{
	for (uint32_t k = 0; k < r->n; k++) {
		if (!has(du, r->path[k]) || !has_aspa(w, r->path[k]))
			return false;
		for (size_t i = 0; i < w->n_aspas; i++)
			if (w->aspa[i].customer == r->path[k] && w->aspa[i].provider &&
			    w->aspa[i].provider != w->local_as && !has(du, w->aspa[i].provider))
				return false;
	}
	return r->n > 0;
}

static bool keeps(const struct sav *w, const manrs_prefix *p, const struct asns *du)
{
	bool any = false;

	for (size_t i = 0; i < w->n_routes; i++) {
		const struct sav_route *r = &w->route[i];

		/* "feasible routes" are those of Adj-RIB-Ins */
		if (!sent(w, r) || !same(&r->prefix, p))
			continue;
		any = true;
		/* step 3 */
		if (is(w, r->iface, MANRS_ROLE_CUSTOMER) &&
		    (r->flags & MANRS_URPF_LEAKED || rov(w, p, r->origin) != ROV_VALID ||
		     aspa(w, r) != DRAFT_VALID))
			return false;
		if (!enclosed(w, r, du))
			return false;
	}
	/* step 4 */
	for (size_t i = 0; i < w->n_vrps; i++)
		if (map_covers(&w->vrp[i].prefix, p) && w->vrp[i].prefix.maxlen >= p->len &&
		    w->vrp[i].asn && !has(du, w->vrp[i].asn))
			return false;
	return any;
}

/* The set S, and the prefixes of step 7. */
static void refused(const struct sav *w, unsigned iface, struct sav_set *s)
{
	struct asns du = {0};
	struct sav_set qu = {0};

	for (unsigned i = 0; i < w->n_ifaces; i++)
		if (is(w, i, MANRS_ROLE_CUSTOMER))
			seeds(w, i, &du);
	grow(w, true, &du);
	of_cone(w, &du, true, &qu);
	for (size_t i = 0; i < w->n_hands; i++)
		if (w->hand[i].kind == MANRS_URPF_PREFIX_LIST &&
		    is(w, w->hand[i].iface, MANRS_ROLE_CUSTOMER))
			add(&qu, &w->hand[i].prefix);
	for (size_t i = 0; w->local_as && i < qu.n; i++)
		if (keeps(w, &qu.at[i], &du))
			add(s, &qu.at[i]);
	hand(w, iface, MANRS_URPF_PREFIX_LOCAL, s);
	sav_set_free(&qu);
}

/* ---- routes ---- */

/* Whether a prefix has a route that this set of flags and this interface ask for. iface NO_IFACE: any. */
static bool routed(const struct sav *w, const manrs_prefix *p, unsigned iface, bool best)
{
	for (size_t i = 0; i < w->n_routes; i++)
		if (same(&w->route[i].prefix, p) &&
		    (iface == MANRS_URPF_NO_IFACE || w->route[i].iface == iface) &&
		    (!best || w->route[i].flags & MANRS_URPF_BEST))
			return true;
	return false;
}

static bool discards(const struct sav *w, const manrs_prefix *p)
{
	bool best = routed(w, p, MANRS_URPF_NO_IFACE, true);

	for (size_t i = 0; i < w->n_routes; i++)
		if (same(&w->route[i].prefix, p) && w->route[i].flags & MANRS_URPF_DISCARD &&
		    (!best || w->route[i].flags & MANRS_URPF_BEST))
			return true;
	return false;
}

/* The longest prefix with a (best) route that covers the source; NULL: none. */
static const manrs_prefix *longest(const struct sav *w, const manrs_prefix *source, bool best)
{
	const manrs_prefix *found = NULL;

	for (size_t i = 0; i < w->n_routes; i++)
		if (map_covers(&w->route[i].prefix, source) &&
		    routed(w, &w->route[i].prefix, MANRS_URPF_NO_IFACE, best) &&
		    (!found || w->route[i].prefix.len > found->len))
			found = &w->route[i].prefix;
	return found;
}

static bool counts(const struct sav *w, unsigned iface, const manrs_prefix *p)
{
	return p->len > 0 || w->iface[iface].options & MANRS_URPF_DEFAULT_ROUTE;
}

static bool fails(const struct sav *w, unsigned iface, const manrs_prefix *p)
{
	return !(w->iface[iface].options & MANRS_URPF_DISCARD_PASS) && discards(w, p);
}

/* ---- the answers ---- */

static void by_algorithm(const struct sav *w, unsigned iface, struct sav_set *out)
{
	switch (mode_of(w, iface)) {
	case MANRS_URPF_EFP_A:
		efp_a(w, iface, out);
		break;
	case MANRS_URPF_EFP_B:
		efp_b(w, iface, out);
		break;
	case MANRS_URPF_BAR_SAV:
		bar_sav(w, iface, true, out);
		break;
	case MANRS_URPF_PROCEDURE_X:
		bar_sav(w, iface, false, out);
		break;
	}
	if (mode_of(w, iface) >= MANRS_URPF_EFP_A)
		hand(w, iface, MANRS_URPF_PREFIX_LIST, out);
}

void sav_list(const struct sav *w, unsigned iface, struct sav_set *out)
{
	int mode = mode_of(w, iface);
	struct sav_set s = {0};

	*out = (struct sav_set){0};
	if (!w->iface[iface].live)
		return;
	by_algorithm(w, iface, out);
	if (mode == MANRS_URPF_BAR_SAV_PI)
		refused(w, iface, &s);
	for (size_t i = 0; i < w->n_routes; i++) {
		const manrs_prefix *p = &w->route[i].prefix;

		if (!counts(w, iface, p) || fails(w, iface, p))
			continue;
		if ((mode == MANRS_URPF_STRICT && routed(w, p, iface, true)) ||
		    (mode == MANRS_URPF_FEASIBLE && routed(w, p, iface, false)) ||
		    (mode == MANRS_URPF_BAR_SAV_PI && !in_set(&s, p)))
			add(out, p);
	}
	sav_set_free(&s);
}

static bool covered(const struct sav_set *s, const manrs_prefix *source)
{
	for (size_t i = 0; i < s->n; i++)
		if (map_covers(&s->at[i], source))
			return true;
	return false;
}

static bool pi(const struct sav *w, unsigned iface, const manrs_prefix *source)
{
	const manrs_prefix *at = longest(w, source, false);
	struct sav_set s = {0};
	bool ok = at && counts(w, iface, at);

	refused(w, iface, &s);
	/* the longest of both decides */
	for (size_t i = 0; i < s.n; i++)
		if (map_covers(&s.at[i], source) && (!at || s.at[i].len >= at->len))
			ok = false;
	sav_set_free(&s);
	return ok;
}

static bool by_mode(const struct sav *w, unsigned iface, const manrs_prefix *source)
{
	const manrs_prefix *any = longest(w, source, false), *best = longest(w, source, true);
	struct sav_set list = {0};
	bool ok;

	if (any && fails(w, iface, any))
		return false;
	switch (mode_of(w, iface)) {
	case MANRS_URPF_STRICT:
		return best && counts(w, iface, best) && routed(w, best, iface, true);
	case MANRS_URPF_FEASIBLE:
		return any && counts(w, iface, any) && routed(w, any, iface, false);
	case MANRS_URPF_LOOSE:
		return any && counts(w, iface, any);
	}
	by_algorithm(w, iface, &list);
	ok = covered(&list, source) ||
	     (mode_of(w, iface) == MANRS_URPF_BAR_SAV_PI && pi(w, iface, source));
	sav_set_free(&list);
	return ok;
}

static bool by_hand(const struct sav *w, unsigned iface, const manrs_prefix *source, int kind)
{
	struct sav_set s = {0};
	bool hit;

	hand(w, iface, kind, &s);
	hit = covered(&s, source);
	sav_set_free(&s);
	return hit;
}

/* STANDARDS: Source = False of the IANA registries, and multicast; -1: denied, 1: free, 2: unspecified, 3: link-local. */
static int martian(const manrs_prefix *source)
{
	static const struct {
		const char *text;
		int what;
	} table[] = {
		{"127.0.0.0/8", -1},     {"192.0.0.0/24", -1},   {"192.0.2.0/24", -1},
		{"198.51.100.0/24", -1}, {"203.0.113.0/24", -1}, {"240.0.0.0/4", -1},
		{"224.0.0.0/4", -1},     {"::1/128", -1},        {"::ffff:0:0/96", -1},
		{"2001::/23", -1},       {"2001:db8::/32", -1},  {"3fff::/20", -1},
		{"ff00::/8", -1},        {"192.0.0.0/29", 1},    {"192.0.0.8/32", 2},
		{"192.0.0.9/32", 1},     {"192.0.0.10/32", 1},   {"0.0.0.0/32", 2},
		{"::/128", 2},           {"100:0:0:1::/64", 2},  {"169.254.0.0/16", 3},
		{"fe80::/10", 3},        {"2001::/32", 1},       {"2001:1::1/128", 1},
		{"2001:1::2/128", 1},    {"2001:1::3/128", 1},   {"2001:2::/48", 1},
		{"2001:3::/32", 1},      {"2001:4:112::/48", 1}, {"2001:20::/28", 1},
		{"2001:30::/28", 1},
	};
	int what = 1, len = -1;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		manrs_prefix p;

		if (manrs_prefix_parse(&p, table[i].text, strlen(table[i].text), NULL) != MANRS_OK)
			abort();
		if (map_covers(&p, source) && p.len > len) {
			len = p.len;
			what = table[i].what;
		}
	}
	return what;
}

int sav_check(const struct sav *w, unsigned iface, const manrs_prefix *source)
{
	const struct sav_iface *f;
	int m = martian(source);
	bool ok;

	if (iface >= w->n_ifaces || !w->iface[iface].live)
		return MANRS_URPF_DENIED;
	f = &w->iface[iface];
	if (f->mode == MANRS_URPF_OFF)
		return MANRS_URPF_ALLOWED;
	if (by_hand(w, iface, source, MANRS_URPF_PREFIX_DENY))
		ok = false;
	else if (by_hand(w, iface, source, MANRS_URPF_PREFIX_ALLOW) ||
		 by_hand(w, iface, source, MANRS_URPF_PREFIX_LINK))
		ok = true;
	else if (m != 1)
		ok = (m == 2 && f->options & MANRS_URPF_UNSPECIFIED) ||
		     (m == 3 && f->options & MANRS_URPF_LINK_LOCAL);
	else
		ok = by_mode(w, iface, source);
	return ok                                   ? MANRS_URPF_ALLOWED
	       : f->options & MANRS_URPF_COUNT_ONLY ? MANRS_URPF_COUNTED
						    : MANRS_URPF_DENIED;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The uRPF rule. Going from the shortest prefix that covers a source to the longest, rule_say gathers what they say;
 * decide_word makes an answer of it, and is the only place that knows the order:
 *
 *     interfaces of a word:  left  --off?--deny?--allow?--martian?--discard?--mode-->  none left
 *                                    |     |      |        |         |        |
 *                                    v     v      v        v         v        v
 *     of those, who let it pass:    all   none   all    by option   none    by mode
 *
 * Sources: RFC 3704 2.2-2.4; RFC 8704; draft-ietf-sidrops-bar-sav-09; RFC 5635.
 */

#include "urpf/urpf_rule.h"

#include <assert.h>

/* ---- interfaces by what they are ---- */

/* Of these modes, with those options set or not. */
static const struct {
	unsigned modes;
	uint32_t options, set;
} kinds[MASKS] = {
	[MASK_LIVE] = {~0u, 0, 0},
	[MASK_OFF] = {MODE(OFF), 0, 0},
	[MASK_STRICT] = {MODE(STRICT), 0, 0},
	[MASK_FEASIBLE] = {MODE(FEASIBLE), 0, 0},
	[MASK_LOOSE] = {MODE(LOOSE), 0, 0},
	[MASK_PI] = {MODE(BAR_SAV_PI), 0, 0},
	[MASK_LISTS] = {MODES_LIST, 0, 0},
	[MASK_EFP_B] = {MODE(EFP_B), 0, 0},
	[MASK_EFP_B_ROA] = {MODE(EFP_B), MANRS_URPF_AUGMENT_ROA, MANRS_URPF_AUGMENT_ROA},
	[MASK_EFP_B_IRR] = {MODE(EFP_B), MANRS_URPF_AUGMENT_IRR, MANRS_URPF_AUGMENT_IRR},
	[MASK_COUNT] = {~0u, MANRS_URPF_COUNT_ONLY, MANRS_URPF_COUNT_ONLY},
	[MASK_DEFAULT] = {~0u, MANRS_URPF_DEFAULT_ROUTE, MANRS_URPF_DEFAULT_ROUTE},
	[MASK_DISCARD_FAIL] = {~0u, MANRS_URPF_DISCARD_PASS, 0},
	[MASK_UNSPECIFIED] = {~0u, MANRS_URPF_UNSPECIFIED, MANRS_URPF_UNSPECIFIED},
	[MASK_LINK_LOCAL] = {~0u, MANRS_URPF_LINK_LOCAL, MANRS_URPF_LINK_LOCAL},
};

/* Every live interface has one mode, and only lists have the sets of lists. */
static cc_proof bool masks_ok(const struct urpf_masks *m)
{
	static const uint8_t modes[] = {MASK_OFF, MASK_STRICT, MASK_FEASIBLE, MASK_LOOSE,
					MASK_LISTS};
	static const uint8_t lists[] = {MASK_PI, MASK_EFP_B, MASK_EFP_B_ROA, MASK_EFP_B_IRR};

	for (uint32_t w = 0; w < m->words; w++) {
		const uint64_t *at = m->bits + (size_t)w * MASKS;
		uint64_t all = 0;

		for (size_t i = 0; i < sizeof modes; all |= at[modes[i++]])
			if (all & at[modes[i]])
				return false;
		for (size_t i = 0; i < sizeof lists; i++)
			if (at[lists[i]] & ~at[MASK_LISTS])
				return false;
		if (all != at[MASK_LIVE] ||
		    (at[MASK_EFP_B_ROA] | at[MASK_EFP_B_IRR]) & ~at[MASK_EFP_B])
			return false;
	}
	return true;
}

struct urpf_masks *masks_new(struct heap *h, const struct urpf_ifaces *ifaces)
{
	uint32_t words = ifaces->n ? (ifaces->n + 63) / 64 : 1;
	struct urpf_masks *m = heap_new(h, sizeof *m + (size_t)MASKS * words * 8, URPF_PLAIN);

	if (!m)
		return NULL;
	m->words = words;
	for (uint32_t i = 0; i < ifaces->n; i++) {
		const struct urpf_iface *f = &ifaces->at[i];

		for (size_t k = 0; k < MASKS && f->live; k++)
			if (mode_in(f->effective, kinds[k].modes) &&
			    (f->options & kinds[k].options) == kinds[k].set)
				m->bits[i / 64 * MASKS + k] |= UINT64_C(1) << i % 64;
	}
	assert(masks_ok(m));
	return m;
}

/* The set that an item puts interfaces into; SETS: none. A route counts for what is longest alone, see routes. */
static cc_inline enum urpf_set item_set(const struct urpf_item *it)
{
	static const uint8_t sets[] = {
		[SAYS_ROUTE] = SETS,    [SAYS_MEMBER] = SET_LIST, [SAYS_EFP_B] = SET_LIST,
		[SAYS_DENY] = SET_DENY, [SAYS_ALLOW] = SET_ALLOW, [SAYS_PI_NO] = SET_REFUSED,
	};

	assert(it->kind >= SAYS_ROUTE && it->kind <= SAYS_PI_NO);
	if (it->kind == SAYS_PI_NO && it->until_ms)
		return SETS; /* not in force yet */
	return (enum urpf_set)sets[it->kind];
}

/* ---- the rule over words ---- */

struct urpf_rule rule_of(const struct urpf_masks *m, uint32_t first, uint32_t words)
{
	assert(first < m->words && words <= m->words - first);
	return (struct urpf_rule){m->bits + (size_t)first * MASKS, first, words};
}

static cc_inline uint64_t mask(const struct urpf_rule *r, enum urpf_mask m, uint32_t w)
{
	assert(w < r->words);
	return r->mask[(size_t)w * MASKS + m];
}

/* For whom a route of a prefix of len bits is one: the default route by option. */
static cc_inline uint64_t counts(const struct urpf_rule *r, unsigned len, uint32_t w)
{
	return len ? ~UINT64_C(0) : mask(r, MASK_DEFAULT, w);
}

static cc_inline void item_put(const struct urpf_rule *r, uint64_t *set, enum urpf_set which,
			       const struct urpf_item *it)
{
	enum urpf_mask m = item_mask(it);
	uint32_t at = it->iface / 64u - r->first;

	if (m != MASKS)
		for (uint32_t w = 0; w < r->words; w++)
			set[w * SETS + which] |= mask(r, m, w);
	else if (at < r->words)
		set[at * SETS + which] |= UINT64_C(1) << it->iface % 64;
}

void rule_say(const struct urpf_rule *r, struct urpf_said *said, uint64_t *set,
	      const struct urpf_candidate *c, unsigned len)
{
	assert(len <= 128);
	assert(!said->route || len > said->route_len);
	assert(!said->best || len > said->best_len);
	assert(!(c->flags & CAND_BEST) || c->flags & CAND_ROUTE);
	if (c->flags & CAND_ROUTE) {
		said->route = c;
		said->route_len = (uint8_t)len;
		said->any |= len > 0;
		/* BAR-SAV-PI looks at the longest that has a route or a refusal; a refusal of both wins */
		for (uint32_t w = 0; w < r->words; w++)
			set[w * SETS + SET_REFUSED] = 0;
	}
	if (c->flags & CAND_BEST) {
		said->best = c;
		said->best_len = (uint8_t)len;
	}
	if (c->martian != MARTIAN_INHERIT)
		said->martian = c;
	for (uint32_t i = 0; i < c->n; i++) {
		enum urpf_set which = item_set(&c->item[i]);

		if (which != SETS)
			item_put(r, set, which, &c->item[i]);
	}
}

/* Add the interfaces of a mask by which a route of the longest prefix leaves, or a best route. */
static cc_inline void routes(const struct urpf_rule *r, const struct urpf_candidate *c,
			     unsigned len, bool best, enum urpf_mask m, uint64_t *row)
{
	for (uint32_t i = 0; c && i < c->n; i++) {
		const struct urpf_item *it = &c->item[i];
		uint32_t w = it->iface / 64u - r->first;

		if (it->kind == SAYS_ROUTE && w < r->words && (it->step || !best))
			row[w] |= UINT64_C(1) << it->iface % 64 & mask(r, m, w) & counts(r, len, w);
	}
}

/* A word of interfaces on its way through the order. */
struct deciding {
	uint64_t left;  /* not decided yet */
	uint64_t pass;  /* decided: passes */
	uint64_t watch; /* an interface whose step is asked for, or 0 */
	enum manrs_urpf_step step;
};

static cc_inline void decide(struct deciding *d, enum manrs_urpf_step step, uint64_t whom,
			     uint64_t pass)
{
	uint64_t now = d->left & whom;

	if (now & d->watch)
		d->step = step;
	d->pass |= now & pass;
	d->left ^= now;
}

/* The order of decision. routes: those of the strict and feasible ones. whole false: the mode alone. */
static cc_inline void decide_word(const struct urpf_rule *r, const struct urpf_said *said,
				  const uint64_t *set, uint32_t w, uint64_t by_routes, bool whole,
				  struct deciding *d)
{
	const uint64_t all = ~UINT64_C(0), none = 0;
	/* derivation puts on lists whom it may (urpf_derive.c) */
	assert(!(set[w * SETS + SET_LIST] & ~mask(r, MASK_LISTS, w)));
	assert(!(by_routes & ~mask(r, MASK_STRICT, w) & ~mask(r, MASK_FEASIBLE, w)));
	const uint64_t loose = said->any ? all : said->route ? counts(r, said->route_len, w) : none;

	d->left = mask(r, MASK_LIVE, w);
	decide(d, MANRS_URPF_STEP_OFF, mask(r, MASK_OFF, w), all);
	if (whole) {
		decide(d, MANRS_URPF_STEP_ALWAYS_DENY, set[w * SETS + SET_DENY], none);
		decide(d, MANRS_URPF_STEP_ALWAYS_ALLOW, set[w * SETS + SET_ALLOW], all);
	}
	if (whole && said->martian) {
		if (said->martian->martian == MARTIAN_DENY)
			decide(d, MANRS_URPF_STEP_MARTIAN, all, none);
		else if (said->martian->martian == MARTIAN_UNSPECIFIED)
			decide(d, MANRS_URPF_STEP_SPECIAL, all, mask(r, MASK_UNSPECIFIED, w));
		else if (said->martian->martian == MARTIAN_LINK_LOCAL)
			decide(d, MANRS_URPF_STEP_SPECIAL, all, mask(r, MASK_LINK_LOCAL, w));
	}
	if (said->route && said->route->flags & CAND_DISCARD)
		decide(d, MANRS_URPF_STEP_DISCARD, mask(r, MASK_DISCARD_FAIL, w), none);
	decide(d, MANRS_URPF_STEP_BEST_ROUTE, mask(r, MASK_STRICT, w), by_routes);
	decide(d, MANRS_URPF_STEP_FEASIBLE, mask(r, MASK_FEASIBLE, w), by_routes);
	decide(d, MANRS_URPF_STEP_LISTED, set[w * SETS + SET_LIST], all);
	decide(d, MANRS_URPF_STEP_PI_CONE, mask(r, MASK_PI, w) & set[w * SETS + SET_REFUSED], none);
	decide(d, MANRS_URPF_STEP_LOOSE, mask(r, MASK_LOOSE, w) | mask(r, MASK_PI, w), loose);
	decide(d, MANRS_URPF_STEP_NOT_LISTED, all, none);
	assert(!d->left);
	assert(!(d->pass & ~mask(r, MASK_LIVE, w)));
}

/* The routes by which strict and feasible interfaces decide. */
static cc_inline void routes_row(const struct urpf_rule *r, const struct urpf_said *said,
				 uint64_t *row)
{
	for (uint32_t w = 0; w < r->words; w++)
		row[w] = 0;
	routes(r, said->best, said->best_len, true, MASK_STRICT, row);
	routes(r, said->route, said->route_len, false, MASK_FEASIBLE, row);
}

void rule_row(const struct urpf_rule *r, const struct urpf_said *said, const uint64_t *set,
	      uint64_t *row)
{
	routes_row(r, said, row);
	for (uint32_t w = 0; w < r->words; w++) {
		struct deciding d = {0};

		decide_word(r, said, set, w, row[w], true, &d);
		row[w] = d.pass;
	}
}

/* ---- the rule for one interface ---- */

/* The word of the interface, and what the prefixes of a chain say to it. */
struct asked {
	struct urpf_rule rule;
	struct urpf_said said;
	uint64_t set[SETS];
	uint64_t bit;
	uint16_t iface;
	const struct ptrie_node *const *chain; /* from the shortest */
	unsigned n;
};

/* returns false: no such interface in the masks. */
static bool ask(struct asked *a, const manrs_urpf *s, uint16_t iface,
		const struct ptrie_node *const *chain, unsigned n)
{
	if (iface / 64u >= s->masks->words)
		return false;
	*a = (struct asked){.rule = rule_of(s->masks, iface / 64u, 1),
			    .bit = UINT64_C(1) << iface % 64,
			    .iface = iface,
			    .chain = chain,
			    .n = n};
	assert(n <= 129);
	for (unsigned i = 0; i < n; i++)
		rule_say(&a->rule, &a->said, a->set, chain[i]->val, chain[i]->bits);
	return true;
}

static struct deciding decide_one(const struct asked *a, bool whole)
{
	struct deciding d = {.watch = a->bit};
	uint64_t by_routes = 0;

	if ((mask(&a->rule, MASK_STRICT, 0) | mask(&a->rule, MASK_FEASIBLE, 0)) & a->bit)
		routes_row(&a->rule, &a->said, &by_routes);
	decide_word(&a->rule, &a->said, a->set, 0, by_routes, whole, &d);
	return d;
}

static bool means(const struct asked *a, const struct urpf_item *it)
{
	enum urpf_mask m = item_mask(it);

	return m == MASKS ? it->iface == a->iface : (mask(&a->rule, m, 0) & a->bit) != 0;
}

/* The prefix that put the interface into a set: the longest, and its first item that does. */
static void by_item(const struct asked *a, enum urpf_set set, struct urpf_answer *w)
{
	for (unsigned i = a->n; i--;) {
		const struct urpf_candidate *c = a->chain[i]->val;

		for (uint32_t k = 0; k < c->n; k++) {
			const struct urpf_item *it = &c->item[k];

			if (item_set(it) != set || !means(a, it))
				continue;
			assert(it->step != MANRS_URPF_STEP_UNKNOWN_IFACE);
			*w = (struct urpf_answer){w->allow, it->step, it->asn, it->until_ms,
						  a->chain[i]};
			return;
		}
	}
	assert(false); /* somebody put it into the set */
}

static const struct ptrie_node *node_of(const struct asked *a, const struct urpf_candidate *c)
{
	for (unsigned i = a->n; c && i--;)
		if (a->chain[i]->val == c)
			return a->chain[i];
	assert(!c); /* it is of the chain */
	return NULL;
}

/* A mode that looks at routes: why it fails. */
static void by_route(const struct asked *a, const struct urpf_candidate *c, unsigned len,
		     struct urpf_answer *w)
{
	w->node = node_of(a, c);
	assert(!w->allow || (c && counts(&a->rule, len, 0) & a->bit));
	if (!w->allow)
		w->step = c && counts(&a->rule, len, 0) & a->bit ? MANRS_URPF_STEP_OTHER_IFACE
								 : MANRS_URPF_STEP_NO_ROUTE;
}

struct urpf_answer rule_ask(const manrs_urpf *s, const manrs_prefix *source, uint16_t iface,
			    bool whole)
{
	const struct ptrie_node *chain[130];
	struct ptrie_key k = ptrie_key_of(source);
	unsigned n = ptrie_covering(s->cand[family_index(source)], &k, chain);
	struct urpf_answer w = {.step = MANRS_URPF_STEP_UNKNOWN_IFACE};
	struct deciding d;
	struct asked a;

	if (!ask(&a, s, iface, chain, n))
		return w;
	d = decide_one(&a, whole);
	w.allow = (d.pass & a.bit) != 0;
	w.step = (uint8_t)d.step;
	switch (d.step) {
	case MANRS_URPF_STEP_ALWAYS_DENY:
		by_item(&a, SET_DENY, &w);
		break;
	case MANRS_URPF_STEP_ALWAYS_ALLOW:
		by_item(&a, SET_ALLOW, &w);
		break;
	case MANRS_URPF_STEP_LISTED:
		by_item(&a, SET_LIST, &w);
		break;
	case MANRS_URPF_STEP_PI_CONE:
		by_item(&a, SET_REFUSED, &w);
		break;
	case MANRS_URPF_STEP_MARTIAN:
	case MANRS_URPF_STEP_SPECIAL:
		w.node = node_of(&a, a.said.martian);
		break;
	case MANRS_URPF_STEP_BEST_ROUTE:
		by_route(&a, a.said.best, a.said.best_len, &w);
		break;
	case MANRS_URPF_STEP_FEASIBLE:
	case MANRS_URPF_STEP_LOOSE:
		by_route(&a, a.said.route, a.said.route_len, &w);
		break;
	case MANRS_URPF_STEP_DISCARD:
	case MANRS_URPF_STEP_NOT_LISTED:
		w.node = node_of(&a, a.said.route);
		break;
	default: /* off, or no such interface */
		break;
	}
	return w;
}

bool rule_lists(const manrs_urpf *s, const struct ptrie_node *prefix, uint16_t iface)
{
	struct asked a;

	if (!ask(&a, s, iface, &prefix, 1) ||
	    (mask(&a.rule, MASK_OFF, 0) | mask(&a.rule, MASK_LOOSE, 0)) & a.bit)
		return false;
	/* a discard route takes nothing off a list: it stands before the mode */
	return ((a.set[SET_LIST] | decide_one(&a, false).pass) & a.bit) != 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF snapshots, asked: the checks, why they answer as they do, and an interface's list.
 *
 * The checks walk the compiled blocks. Explanations and lists walk the candidates that those were compiled from, in the
 * same order of decision, written once more and apart: the tests hold one against the other.
 */

#include "base/grow.h"
#include "net/place.h"
#include "urpf/urpf_ask.h"
#include <manrs/rpf_list.h>

/* Turn what is denied on interfaces that only count. */
static void count_only(const manrs_urpf *s, const uint16_t *iface, size_t n, uint8_t *allow)
{
	const uint64_t *count = s->masks->bits + (size_t)MASK_COUNT * s->masks->words;

	for (size_t i = 0; i < n; i++)
		if (!allow[i] && iface[i] / 64u < s->masks->words &&
		    count[iface[i] / 64] >> iface[i] % 64 & 1)
			allow[i] = MANRS_URPF_COUNTED;
}

int manrs_urpf_check4(const manrs_urpf *s, const uint32_t *src, const uint16_t *iface, size_t n,
		       uint8_t *allow)
{
	s->check(s, 0, (const uint8_t *)src, iface, n, allow);
	if (s->counts_only)
		count_only(s, iface, n, allow);
	return MANRS_OK;
}

int manrs_urpf_check6(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface, size_t n,
		       uint8_t *allow)
{
	s->check(s, 1, src, iface, n, allow);
	if (s->counts_only)
		count_only(s, iface, n, allow);
	return MANRS_OK;
}

/* ---- explanations ---- */

static bool means(const struct urpf_iface *f, uint16_t iface, const struct urpf_item *it)
{
	if (it->kind == SAYS_EFP_B)
		return f->effective == MANRS_URPF_EFP_B &&
		       (it->step == MANRS_URPF_STEP_ROA ? (f->options & MANRS_URPF_AUGMENT_ROA) != 0
			: it->step == MANRS_URPF_STEP_IRR
				? (f->options & MANRS_URPF_AUGMENT_IRR) != 0
				: true);
	if (it->kind == SAYS_MEMBER && it->iface == MANRS_URPF_NO_IFACE)
		return f->effective >= MANRS_URPF_EFP_A;
	return it->iface == iface || it->iface == MANRS_URPF_NO_IFACE;
}

/* The first item of a kind that means the interface. */
static const struct urpf_item *item_of(const struct urpf_candidate *c, const struct urpf_iface *f, uint16_t iface,
				   unsigned kind)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->item[i].kind == kind && means(f, iface, &c->item[i]))
			return &c->item[i];
	return NULL;
}

static const struct urpf_item *list_item(const struct urpf_candidate *c, const struct urpf_iface *f, uint16_t iface)
{
	const struct urpf_item *it = item_of(c, f, iface, SAYS_MEMBER);

	return it ? it : item_of(c, f, iface, SAYS_EFP_B);
}

/* The refusal of BAR-SAV-PI that is in force; NULL: none. */
static const struct urpf_item *pi_refusal(const struct urpf_candidate *c, const struct urpf_iface *f, uint16_t iface)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->item[i].kind == SAYS_PI_NO && !c->item[i].until_ms &&
		    means(f, iface, &c->item[i]))
			return &c->item[i];
	return NULL;
}

static struct urpf_answer answer(bool allow, int step, const struct ptrie_node *node, const struct urpf_item *it)
{
	return (struct urpf_answer){allow, (uint8_t)step, it ? it->asn : 0, it ? it->until_ms : 0,
				node};
}

static const struct urpf_candidate *cand(const struct ptrie_node *n)
{
	return n->val;
}

/* The longest of the chain with one of these flags. */
static const struct ptrie_node *longest(const struct ptrie_node *const *chain, unsigned n, uint8_t flag)
{
	while (n--)
		if (cand(chain[n])->flags & flag)
			return chain[n];
	return NULL;
}

/* RFC 3704 2.2 and 2.3. */
static struct urpf_answer by_iface(const struct urpf_iface *f, uint16_t iface,
			       const struct ptrie_node *const *chain, unsigned n)
{
	bool strict = f->effective == MANRS_URPF_STRICT;
	const struct ptrie_node *at = longest(chain, n, strict ? CAND_BEST : CAND_ROUTE);
	const struct urpf_item *it;

	if (!at || (!at->bits && !(f->options & MANRS_URPF_DEFAULT_ROUTE)))
		return answer(false, MANRS_URPF_STEP_NO_ROUTE, at, NULL);
	it = item_of(cand(at), f, iface, SAYS_ROUTE);
	if (!it || (strict && !it->step))
		return answer(false, MANRS_URPF_STEP_OTHER_IFACE, at, NULL);
	return answer(true, strict ? MANRS_URPF_STEP_BEST_ROUTE : MANRS_URPF_STEP_FEASIBLE, at,
		      NULL);
}

/* RFC 3704 2.4. */
static struct urpf_answer loose(const struct urpf_iface *f, const struct ptrie_node *const *chain, unsigned n)
{
	const struct ptrie_node *at = longest(chain, n, CAND_ROUTE);
	bool ok = at && (at->bits || f->options & MANRS_URPF_DEFAULT_ROUTE);

	return answer(ok, ok ? MANRS_URPF_STEP_LOOSE : MANRS_URPF_STEP_NO_ROUTE, at, NULL);
}

/* BAR-SAV-PI steps 6 to 8: loose, less what is refused at the longest of both. */
static struct urpf_answer pi(const struct urpf_iface *f, uint16_t iface, const struct ptrie_node *const *chain,
			 unsigned n)
{
	const struct urpf_item *it;

	for (unsigned i = n; i--;) {
		it = pi_refusal(cand(chain[i]), f, iface);
		if (it)
			return answer(false, it->step, chain[i], it);
		if (cand(chain[i])->flags & CAND_ROUTE)
			break;
	}
	return loose(f, chain, n);
}

static struct urpf_answer by_list(const struct urpf_iface *f, uint16_t iface,
			      const struct ptrie_node *const *chain, unsigned n)
{
	const struct urpf_item *it;

	for (unsigned i = n; i--;) {
		it = list_item(cand(chain[i]), f, iface);
		if (it)
			return answer(true, it->step, chain[i], it);
	}
	return answer(false, MANRS_URPF_STEP_NOT_LISTED, longest(chain, n, CAND_ROUTE), NULL);
}

static struct urpf_answer by_mode(const struct urpf_iface *f, uint16_t iface,
			      const struct ptrie_node *const *chain, unsigned n)
{
	const struct ptrie_node *at = longest(chain, n, CAND_ROUTE);
	struct urpf_answer a;

	if (at && cand(at)->flags & CAND_DISCARD && !(f->options & MANRS_URPF_DISCARD_PASS))
		return answer(false, MANRS_URPF_STEP_DISCARD, at, NULL);
	switch (f->effective) {
	case MANRS_URPF_STRICT:
	case MANRS_URPF_FEASIBLE:
		return by_iface(f, iface, chain, n);
	case MANRS_URPF_LOOSE:
		return loose(f, chain, n);
	case MANRS_URPF_BAR_SAV_PI:
		a = by_list(f, iface, chain, n);
		return a.allow ? a : pi(f, iface, chain, n);
	default:
		return by_list(f, iface, chain, n);
	}
}

/* What stands before the mode. returns false: nothing. */
static bool before_mode(const struct urpf_iface *f, uint16_t iface, const struct ptrie_node *const *chain,
			unsigned n, struct urpf_answer *a)
{
	const struct ptrie_node *hit[2] = {NULL, NULL}, *martian = NULL;
	const struct urpf_item *allow = NULL, *it;
	uint32_t option;

	for (unsigned i = 0; i < n; i++) {
		if (item_of(cand(chain[i]), f, iface, SAYS_DENY))
			hit[0] = chain[i];
		it = item_of(cand(chain[i]), f, iface, SAYS_ALLOW);
		if (it) {
			hit[1] = chain[i];
			allow = it;
		}
		if (cand(chain[i])->martian)
			martian = chain[i];
	}
	if (hit[0] || hit[1]) {
		*a = answer(!hit[0], hit[0] ? MANRS_URPF_STEP_ALWAYS_DENY : allow->step,
			    hit[0] ? hit[0] : hit[1], NULL);
		return true;
	}
	if (!martian || cand(martian)->martian == MARTIAN_CLEAR)
		return false;
	if (cand(martian)->martian == MARTIAN_DENY) {
		*a = answer(false, MANRS_URPF_STEP_MARTIAN, martian, NULL);
		return true;
	}
	option = cand(martian)->martian == MARTIAN_LINK_LOCAL ? MANRS_URPF_LINK_LOCAL
							       : MANRS_URPF_UNSPECIFIED;
	*a = answer((f->options & option) != 0, MANRS_URPF_STEP_SPECIAL, martian, NULL);
	return true;
}

const struct urpf_iface *urpf_iface(const manrs_urpf *s, uint16_t iface)
{
	return iface < s->ifaces->n && s->ifaces->at[iface].live ? &s->ifaces->at[iface] : NULL;
}

struct urpf_answer urpf_ask(const manrs_urpf *s, const manrs_prefix *source, uint16_t iface, bool whole)
{
	const struct ptrie_node *chain[130];
	const struct urpf_iface *f = urpf_iface(s, iface);
	struct ptrie_key k = ptrie_key_of(source);
	struct urpf_answer a;
	unsigned n;

	if (!f)
		return answer(false, MANRS_URPF_STEP_UNKNOWN_IFACE, NULL, NULL);
	if (f->effective == MANRS_URPF_OFF)
		return answer(true, MANRS_URPF_STEP_OFF, NULL, NULL);
	n = ptrie_covering(s->cand[family_index(source)], &k, chain);
	if (whole && before_mode(f, iface, chain, n, &a))
		return a;
	return by_mode(f, iface, chain, n);
}

/* The interfaces with a route for a prefix. */
static uint32_t ifaces_of(const manrs_urpf *s, const manrs_prefix *p, uint16_t *out, size_t cap)
{
	const struct urpf_record *r = urpf_record_get(s->rib, p);
	uint32_t n = 0;

	for (uint32_t i = 0; r && i < r->n; i++) {
		uint16_t iface = r->entry[i].iface;

		if (iface == MANRS_URPF_NO_IFACE || (i && r->entry[i - 1].iface == iface))
			continue;
		if (n++ < cap)
			out[n - 1] = iface;
	}
	return n;
}

int manrs_urpf_explain(const manrs_urpf *s, const manrs_prefix *source, uint16_t iface,
		       manrs_urpf_explanation *why, uint16_t *ifaces, size_t cap)
{
	const struct urpf_iface *f = urpf_iface(s, iface);
	manrs_urpf_explanation w = {0};
	struct urpf_answer a;

	if (!prefix_ok(source) || source->len != family_bits(source->family))
		return MANRS_EINVAL;
	a = urpf_ask(s, source, iface, true);
	w.allow = a.allow;
	w.step = a.step;
	w.asn = a.asn;
	w.until_ms = a.until_ms;
	if (f) {
		w.mode = f->mode;
		w.effective = f->effective;
		if (!a.allow && f->options & MANRS_URPF_COUNT_ONLY)
			w.allow = MANRS_URPF_COUNTED;
	}
	if (a.node) {
		w.prefix = ptrie_key_prefix(a.node->key, a.node->bits, source->family);
		w.n_ifaces = ifaces_of(s, &w.prefix, ifaces, cap);
	}
	return grow_give(why, GROW_LEAST(manrs_urpf_explanation, n_ifaces), &w, sizeof w) ? MANRS_OK : MANRS_EINVAL;
}

/* ---- lists ---- */

static bool on_list(const struct ptrie_node *n, const struct urpf_iface *f, uint16_t iface)
{
	const struct urpf_candidate *c = n->val;
	bool fails = c->flags & CAND_DISCARD && !(f->options & MANRS_URPF_DISCARD_PASS);
	bool counts = (n->bits || f->options & MANRS_URPF_DEFAULT_ROUTE) && !fails;
	const struct urpf_item *it;

	switch (f->effective) {
	case MANRS_URPF_OFF:
	case MANRS_URPF_LOOSE:
		return false;
	case MANRS_URPF_STRICT:
	case MANRS_URPF_FEASIBLE:
		it = item_of(c, f, iface, SAYS_ROUTE);
		return it && counts && (it->step || f->effective == MANRS_URPF_FEASIBLE);
	case MANRS_URPF_BAR_SAV_PI:
		if (c->flags & CAND_ROUTE && counts && !pi_refusal(c, f, iface))
			return true;
		break;
	}
	return list_item(c, f, iface) != NULL;
}

size_t manrs_urpf_list(const manrs_urpf *s, uint16_t iface, manrs_cursor *cursor, manrs_prefix *out,
		       size_t cap)
{
	const struct urpf_iface *f = urpf_iface(s, iface);
	manrs_prefix last;
	size_t found = 0;

	if (!place_get(cursor, &last))
		return 0;
	for (unsigned v = last.family ? family_index(&last) : 0; f && v < 2 && found < cap; v++) {
		bool inside = last.family && v == family_index(&last);
		struct ptrie_key k = inside ? ptrie_key_of(&last) : (struct ptrie_key){0};
		const struct ptrie_node *n = ptrie_next(s->cand[v], inside ? &k : NULL);

		while (n && found < cap) {
			if (on_list(n, f, iface))
				out[found++] = ptrie_key_prefix(n->key, n->bits, v ? 6 : 4);
			n = ptrie_after(s->cand[v], n);
		}
	}
	if (found)
		place_set(cursor, &out[found - 1]);
	return found;
}

/* ---- what it holds ---- */

int manrs_urpf_stats_get(const manrs_urpf *s, manrs_urpf_stats *stats)
{
	const struct ptrie_node *n = ptrie_next(s->holds, NULL);
	manrs_urpf_stats st = {.serial = s->serial,
			       .ifaces = s->n_ifaces,
			       .fallbacks = s->fallbacks,
			       .prefixes = s->n_rib,
			       .compiled = s->n_cand,
			       .held = s->n_held,
			       .deadline_ms = n ? get64(n->key) >> 16 : UINT64_MAX,
			       .rows = s->n_rows,
			       .bytes_all = s->bytes_all};

	return grow_give(stats, GROW_LEAST(manrs_urpf_stats, bytes_all), &st, sizeof st) ? MANRS_OK : MANRS_EINVAL;
}

int manrs_urpf_iface_get(const manrs_urpf *s, uint16_t handle, manrs_urpf_iface *iface)
{
	const struct urpf_iface *f = urpf_iface(s, handle);
	manrs_urpf_iface out = {0};

	if (!f)
		return MANRS_ENOENT;
	out.mode = f->mode;
	out.role = f->role;
	out.asn = f->asn;
	out.options = f->options;
	out.n_asn_acl = f->n_acl;
	return grow_give(iface, GROW_LEAST(manrs_urpf_iface, n_asn_acl), &out, sizeof out) ? MANRS_OK : MANRS_EINVAL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF snapshots, asked: the checks, why they answer as they do, and an interface's list.
 *
 * The checks walk the compiled blocks. Explanations and lists ask the rule for one interface, over the candidates that the
 * blocks were compiled from.
 */

#include "base/grow.h"
#include "net/place.h"
#include "urpf/urpf_rule.h"
#include <manrs/rpf_list.h>

/* Turn what is denied on interfaces that only count. */
static void count_only(const manrs_urpf *s, const uint16_t *iface, size_t n, uint8_t *allow)
{
	const uint64_t *count = s->masks->bits + MASK_COUNT;

	for (size_t i = 0; i < n; i++)
		if (!allow[i] && iface[i] / 64u < s->masks->words &&
		    count[iface[i] / 64u * MASKS] >> iface[i] % 64 & 1)
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
	const struct urpf_iface *f = urpf_iface_of(s, iface);
	manrs_urpf_explanation w = {0};
	struct urpf_answer a;

	if (!prefix_ok(source) || source->len != family_bits(source->family) ||
	    !grow_give(why, GROW_LEAST(manrs_urpf_explanation, n_ifaces), &w, sizeof w))
		return MANRS_EINVAL; /* before ifaces is written */
	a = rule_ask(s, source, iface, true);
	w.allow = a.allow;
	w.step = a.step;
	w.asn = a.asn;
	w.until_ms = a.until_ms;
	if (f) {
		w.mode = f->mode;
		w.effective = f->effective;
		count_only(s, &iface, 1, &w.allow);
	}
	if (a.node) {
		w.prefix = ptrie_key_prefix(a.node->key, a.node->bits, source->family);
		w.n_ifaces = ifaces_of(s, &w.prefix, ifaces, cap);
	}
	grow_give(why, GROW_LEAST(manrs_urpf_explanation, n_ifaces), &w, sizeof w);
	return MANRS_OK;
}

const char *manrs_urpf_step_text(int step)
{
	static const char *const steps[] = {
		"unknown-interface", "off",        "always-deny",   "always-allow",
		"martian",           "special",    "discard-route", "no-route",
		"not-listed",        "best-route", "other-iface",   "feasible-route",
		"loose-route",       "listed",     "efp-a-x",       "efp-b-p",
		"efp-b-q",           "roa",        "irr",           "bar-roa",
		"bar-route",         "pi-cone",    "pi-local",      "link",
	};

	return step >= 0 && step <= MANRS_URPF_STEP_LINK ? steps[step] : "";
}

/* ---- lists ---- */

size_t manrs_urpf_list(const manrs_urpf *s, uint16_t iface, manrs_cursor *cursor, manrs_prefix *out,
		       size_t cap)
{
	const struct urpf_iface *f = urpf_iface_of(s, iface);
	manrs_prefix last;
	size_t found = 0;

	if (!place_get(cursor, &last))
		return 0;
	for (unsigned v = last.family ? family_index(&last) : 0; f && v < 2 && found < cap; v++) {
		bool inside = last.family && v == family_index(&last);
		struct ptrie_key k = inside ? ptrie_key_of(&last) : (struct ptrie_key){0};
		const struct ptrie_node *n = ptrie_next(s->cand[v], inside ? &k : NULL);

		while (n && found < cap) {
			if (rule_lists(s, n, iface))
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

	return grow_give(stats, GROW_LEAST(manrs_urpf_stats, bytes_all), &st, sizeof st)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

int manrs_urpf_iface_get(const manrs_urpf *s, uint16_t handle, manrs_urpf_iface *iface)
{
	const struct urpf_iface *f = urpf_iface_of(s, handle);
	manrs_urpf_iface out = {0};

	if (!f)
		return MANRS_ENOENT;
	out.mode = f->mode;
	out.role = f->role;
	out.asn = f->asn;
	out.options = f->options;
	out.n_asn_acl = f->n_acl;
	return grow_give(iface, GROW_LEAST(manrs_urpf_iface, n_asn_acl), &out, sizeof out)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

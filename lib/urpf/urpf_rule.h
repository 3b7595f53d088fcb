/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_RULE_H
#define LIB_URPF_URPF_RULE_H

/*
 * The uRPF rule: what the prefixes that cover a source say to an interface, in the order of decision. It stands once, over
 * words of one bit an interface: the compiler of the lookup asks it for all of them, an explanation for one.
 */

#include "urpf/urpf_state.h"
#include <manrs/packet_explain.h>

/* ---- sets of modes ---- */

#define MODE(name) (1u << MANRS_URPF_##name)

enum {
	MODES_BY_IFACE = MODE(STRICT) |
			 MODE(FEASIBLE), /* a route by the interface itself, RFC 3704 2.2, 2.3 */
	MODES_EFP = MODE(EFP_A) | MODE(EFP_B),
	/* lists made of the cone of the neighbour */
	MODES_CONE = MODE(BAR_SAV) | MODE(PROCEDURE_X),
	MODES_CONE_ROUTES = MODE(BAR_SAV), /* which also grows by routes and their AS paths */
	MODES_DB = MODES_CONE | MODE(BAR_SAV_PI), /* nothing to go by without a db: loose then */
	MODES_LIST = MODES_EFP | MODES_DB | MODE(LIST), /* what is on the interface's list passes */
};

static inline bool mode_in(unsigned mode, unsigned modes)
{
	return modes >> mode & 1;
}

/* ---- interfaces by what they are ---- */

/* A bit an interface; all but MASK_LIVE are of live ones. */
enum urpf_mask {
	MASK_LIVE,
	MASK_OFF,
	MASK_STRICT,
	MASK_FEASIBLE,
	MASK_LOOSE,
	MASK_PI,
	MASK_LISTS,
	MASK_EFP_B,
	MASK_EFP_B_ROA,
	MASK_EFP_B_IRR,
	MASK_COUNT,
	MASK_DEFAULT,
	MASK_DISCARD_FAIL,
	MASK_UNSPECIFIED,
	MASK_LINK_LOCAL,
	MASKS
};

struct urpf_masks {
	struct heap_obj obj;
	uint32_t words;
	uint32_t zero;
	uint64_t bits[]; /* the first word of every mask, the second of every mask... */
};

struct urpf_masks *masks_new(struct heap *h,
			     const struct urpf_ifaces *ifaces); /* NULL: no memory */

/* Which interfaces an item means: those of a mask; MASKS: its own alone. */
static inline enum urpf_mask item_mask(const struct urpf_item *it)
{
	if (it->kind == SAYS_EFP_B)
		return it->step == MANRS_URPF_STEP_ROA   ? MASK_EFP_B_ROA
		       : it->step == MANRS_URPF_STEP_IRR ? MASK_EFP_B_IRR
							 : MASK_EFP_B;
	if (it->iface != MANRS_URPF_NO_IFACE)
		return MASKS;
	return it->kind == SAYS_MEMBER ? MASK_LISTS : MASK_LIVE;
}

/* ---- the rule over words ---- */

/* The interfaces of so many words from one on. */
struct urpf_rule {
	const uint64_t *mask; /* the first word of mask 0 */
	uint32_t first, words;
};

struct urpf_rule rule_of(const struct urpf_masks *masks, uint32_t first, uint32_t words);

/* Whom the prefixes that cover a source name: on the list, always let in, always kept out, refused by BAR-SAV-PI. */
enum urpf_set { SET_LIST, SET_ALLOW, SET_DENY, SET_REFUSED, SETS };

/* And what else they say. Begins as zeros, and so do the sets: for each word of the rule, one of each set. */
struct urpf_said {
	const struct urpf_candidate *best, *route, *martian; /* the longest with such; NULL: none */
	uint8_t best_len, route_len;
	bool any; /* a route that is not the default one */
};

/* Add what a prefix of len bits says, longer than those before. */
void rule_say(const struct urpf_rule *r, struct urpf_said *said, uint64_t *set,
	      const struct urpf_candidate *c, unsigned len);
/* The answer: row[words], a bit set for who lets it pass. */
void rule_row(const struct urpf_rule *r, const struct urpf_said *said, const uint64_t *set,
	      uint64_t *row);

/* ---- the rule for one interface ---- */

/* A decision, and the prefix that made it. */
struct urpf_answer {
	bool allow;
	uint8_t step; /* enum manrs_urpf_step */
	uint32_t asn;
	uint64_t until_ms;
	const struct ptrie_node *node; /* of the candidates; NULL: none */
};

/* whole false: the mode alone. source: a /32 or /128. */
struct urpf_answer rule_ask(const manrs_urpf *s, const manrs_prefix *source, uint16_t iface,
			    bool whole);
/* Whether a prefix is on the interface's list: by what it says alone, whatever covers it. */
bool rule_lists(const manrs_urpf *s, const struct ptrie_node *prefix, uint16_t iface);

#endif
